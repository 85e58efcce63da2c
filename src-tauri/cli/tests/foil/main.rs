//! `foil` as people and scripts run it: the built program, a temporary folder, and what comes out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed, and says where")]

mod cards;
mod clouds;
mod exits;
mod files;
mod hostile;
mod interrupted;
mod mail;
// What a printer takes and how it reads it: the same as for the core's tests.
#[path = "../../../../tests/slips/paper.rs"]
#[allow(dead_code, reason = "the core's tests use the rest")]
mod paper;
mod slips;
#[path = "../../../../tests/slips/stand_in.rs"]
#[allow(dead_code, reason = "the core's tests use the rest")]
mod stand_in;
mod stock;
mod support;
mod walk;
