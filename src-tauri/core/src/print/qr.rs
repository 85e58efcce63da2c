//! A QR code as one vector path, so that it is sharp at any size and needs no picture.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that a reader needs (ISO/IEC 18004).
const QUIET_MODULES: usize = 4;

/// The path's drawing area in modules, quiet zone included, and the path itself in SVG's syntax.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Qr {
    /// Width and height in modules.
    pub size: usize,
    /// One rectangle a run of dark modules: `M4 4h7v1h-7z…`.
    pub path: String,
}

/// Encodes a text with error correction M; `None` where it is longer than a QR code holds.
#[must_use]
pub fn encode(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                path.push_str(&format!("M{} {}h{}v1h-{}z", x + QUIET_MODULES, y + QUIET_MODULES, run.len(), run.len()));
            }
            x += run.len();
        }
    }
    Some(Qr { size: width + 2 * QUIET_MODULES, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_patterns_stand_inside_the_quiet_zone() {
        let qr = encode("K7MQ-4RTX").unwrap();
        // Version 1 is 21 modules wide (ISO/IEC 18004).
        assert_eq!(qr.size, 21 + 8);
        assert!(qr.path.starts_with("M4 4h7v1h-7z"));
        assert_eq!(encode(&"x".repeat(5000)), None);
    }
}
