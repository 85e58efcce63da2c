//! The way out for letters: [`crate::ports::Post`] by SMTP. It knows no shop and no database; only `smtp.rs` knows a network.

mod compose;
pub mod smtp;

pub use smtp::Smtp;
