//! `foil` as people and scripts run it: the built program, a temporary folder, and what comes out.

mod exits;
mod hostile;
mod interrupted;
mod support;
mod walk;
