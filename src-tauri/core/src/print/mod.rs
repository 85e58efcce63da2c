//! What is drawn of a code.

pub mod bitmap;
pub mod escpos;
pub mod fonts;
pub mod logo;
pub mod printers;
pub mod qr;
pub mod raster;
pub mod slip;
pub mod slip_pdf;
pub mod template;
pub mod text;
