//! The Referral Factory stand-in: version 2 of its API as far as it is known, with the traps that it is known to have.
//!
//! Where nobody knows what the real one does, this one does what its notes here say.

pub(crate) mod door;
pub(crate) mod factory;
mod rewards;
mod users;
