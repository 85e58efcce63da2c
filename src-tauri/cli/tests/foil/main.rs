//! `foil` as people and scripts run it: the built program, a temporary folder, and what comes out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed, and says where")]

mod cards;
mod clouds;
mod exits;
mod files;
mod hostile;
mod interrupted;
mod mail;
mod slips;
mod stock;
mod support;
mod walk;
