//! The stand-ins over real HTTP, trap by trap.

// In a test, unwrapping is how a failure shows itself; the exception in clippy.toml does not reach the functions that tests share.
#![allow(clippy::unwrap_used)]

mod faults;
mod panel;
mod referral_factory;
mod stripe;
mod stripe_checkout;
mod support;
