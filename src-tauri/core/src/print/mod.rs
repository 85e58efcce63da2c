//! What is drawn of a code.

pub mod logo;
pub mod qr;
pub mod template;
