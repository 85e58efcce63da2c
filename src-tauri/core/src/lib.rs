//! Counterfoil without its window.
pub mod domain;
