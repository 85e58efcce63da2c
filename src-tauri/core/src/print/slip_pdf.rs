//! A slip as a document on 80 mm paper.

use super::escpos::DrawError;
use super::slip::Slip;

/// The document.
pub fn document(_: &Slip) -> Result<Vec<u8>, DrawError> {
    Ok(Vec::new())
}
