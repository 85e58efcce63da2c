//! Counterfoil without its window: what a code is, whether it may be used, and the record that it was.
//!
//! `domain` knows the rules, `storage` keeps the truth, `sheets` reads and writes the shop's lists, `print` draws codes,
//! and `desk` does what staff ask for. `src-tauri/ARCHITECTURE.md` draws how they stand to each other.

pub mod desk;
pub mod domain;
pub mod mail;
pub mod ports;
pub mod print;
pub mod sentences;
pub mod settings;
pub mod sheets;
pub mod storage;
pub mod sync;
