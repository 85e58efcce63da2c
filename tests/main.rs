//! Everything that needs more than one room of the house: the whole walk, lists as shops have them, faults, kills, house rules.
//!
//! One binary, owned by `counterfoil-core`. Tests that need a second process start this binary again (see `child`).

// Helpers outside of test functions unwrap as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod clouds;
mod support;

mod batches;
mod by_file;
mod cards;
mod child;
mod crash;
mod fuzz;
mod handouts;
mod idempotent;
mod import;
mod invariants;
mod mail;
mod messages;
mod one_fsync;
mod plans;
mod referral_factory;
mod simulation;
mod slips;
mod storage;
mod stripe;
mod sync;
mod tidy;
mod walk;
