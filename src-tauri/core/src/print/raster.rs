//! Text that a printer's own letters lack, as dots.

use super::bitmap::Bitmap;
use super::escpos::DrawError;

/// How letters look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Face {
    /// Their height in dots, from the top of the highest to the bottom of the lowest.
    pub dots: u32,
    /// Strong.
    pub bold: bool,
}

/// Draws text with the fonts of this computer.
pub struct Raster;

impl Raster {
    /// Lines in the middle of paper so wide.
    pub fn middle(&self, text: &str, _: Face, _: usize) -> Result<Vec<Bitmap>, DrawError> {
        Err(DrawError::NoFont(text.to_owned()))
    }

    /// A name at the left, its value at the right.
    pub fn pair(&self, name: &str, _: &str, _: Face, _: usize) -> Result<Vec<Bitmap>, DrawError> {
        Err(DrawError::NoFont(name.to_owned()))
    }
}
