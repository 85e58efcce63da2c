//! What is drawn of a code: a pure layout in millimetres, and two drawings of it, as PDF for paper and as SVG for the screen; and
//! slips, as bytes for a printer or as a document.

pub mod bitmap;
pub mod escpos;
pub mod face;
pub mod fonts;
pub mod layout;
pub mod logo;
pub mod pdf;
pub mod printers;
pub mod qr;
pub mod raster;
pub mod sheet;
pub mod slip;
pub mod slip_pdf;
pub mod svg;
pub mod template;
pub mod text;
mod ticket;
