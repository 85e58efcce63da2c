//! What is drawn of a code: a pure layout in millimetres, and two drawings of it, as PDF for paper and as SVG for the screen.

pub mod face;
pub mod fonts;
pub mod layout;
pub mod logo;
pub mod pdf;
pub mod qr;
pub mod sheet;
pub mod svg;
pub mod template;
pub mod text;
