//! The rules of a referral programme, as pure values: no clock, no randomness, no SQL, no I/O.

pub mod brand;
pub mod campaign;
pub mod card;
pub mod code;
pub mod handout;
pub mod lead;
pub mod mail;
pub mod message;
pub mod money;
pub mod people;
pub mod redemption;
pub mod upload;
pub mod verdict;
