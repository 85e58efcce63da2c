//! What is drawn of a code.

pub mod qr;
