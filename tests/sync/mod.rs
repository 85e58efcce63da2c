//! Uploading through real HTTP where the network, the clouds or the power do their worst; what each call promises; where keys may not be.

mod codes;
mod contract;
mod days;
mod faults;
mod held_up;
pub mod kills;
mod proxy;
mod secrets;
mod truth;
mod users;
mod why;
