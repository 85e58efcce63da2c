//! Counterfoil without its window.
pub mod domain;
pub mod ports;
pub mod print;
pub mod sentences;
pub mod storage;
