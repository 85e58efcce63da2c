//! From the Outbox to the clouds, and back.
//!
//! One direction: `engine` says what to do (a value), `round` does it, `exchange` settles it in one transaction, `plan` decides
//! what is next for a thing. `stripe` and `referral_factory` are what differs between destinations.

pub mod call;
pub mod checks;
pub mod connect;
pub mod engine;
pub mod exchange;
pub mod fields;
pub mod http;
pub mod keys;
pub mod plan;
pub mod referral_factory;
pub mod retry;
pub mod round;
pub mod stripe;

mod pace;
mod pull;
mod things;
