//! Counterfoil without its window: what a code is, whether it may be used, and the record that it was.
//!
//! `domain` knows the rules, `storage` keeps the truth, `sheets` reads and writes the shop's lists,
//! `desk` does what staff ask for. `src-tauri/ARCHITECTURE.md` draws how they stand to each other.

pub mod sheets;
