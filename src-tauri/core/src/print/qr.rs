//! A QR code as vectors, so that it is sharp at any size and needs no picture.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code that a reader needs (ISO/IEC 18004).
pub const QUIET_MODULES: usize = 4;
/// Narrower modules run into each other on a shop's printer.
pub const MODULE_MM_MIN: f64 = 0.4;

/// The path's drawing area in modules, quiet zone included, and the path itself in SVG's syntax.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Qr {
    /// Width and height in modules.
    pub size: usize,
    /// One rectangle a run of dark modules: `M4 4h7v1h-7z…`.
    pub path: String,
}

/// A row of dark modules beside each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Column of the first.
    pub x: u8,
    /// Row.
    pub y: u8,
    /// How many.
    pub length: u8,
}

/// The dark modules of a code, without its quiet zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Modules {
    /// Width and height in modules; 177 at most.
    pub width: u8,
    /// The dark ones, from above.
    pub runs: Vec<Run>,
}

impl Modules {
    /// How wide a module is where the code has this much room, its quiet zone included.
    #[must_use]
    pub fn module_in(&self, room: f64) -> f64 {
        room / (f64::from(self.width) + 2.0 * QUIET_MODULES as f64)
    }
}

/// Encodes a text with error correction M; `None` where it is longer than a QR code holds.
#[must_use]
pub fn modules(text: &str) -> Option<Modules> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut runs = Vec::with_capacity(width * width / 4);
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                runs.push(Run { x: x as u8, y: y as u8, length: run.len() as u8 });
            }
            x += run.len();
        }
    }
    Some(Modules { width: width as u8, runs })
}

/// Encodes a text as a path; `None` where it is longer than a QR code holds.
#[must_use]
pub fn encode(text: &str) -> Option<Qr> {
    let modules = modules(text)?;
    let mut path = String::with_capacity(modules.runs.len() * 16);
    for Run { x, y, length } in &modules.runs {
        let (x, y) = (usize::from(*x) + QUIET_MODULES, usize::from(*y) + QUIET_MODULES);
        let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
    }
    Some(Qr { size: usize::from(modules.width) + 2 * QUIET_MODULES, path })
}

/// Encodes a text as an SVG file, a millimetre to a module.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    let Qr { size, path } = encode(text)?;
    Some(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}mm" height="{size}mm" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>"##
    ))
}

/// Encodes a text as a PNG file, so many dots to a module.
#[must_use]
pub fn png(text: &str, dots: u32) -> Option<Vec<u8>> {
    let modules = modules(text)?;
    let side = (u32::from(modules.width) + 2 * QUIET_MODULES as u32) * dots;
    let mut picture = tiny_skia::Pixmap::new(side, side)?;
    picture.fill(tiny_skia::Color::WHITE);
    let black = tiny_skia::Paint { anti_alias: false, ..tiny_skia::Paint::default() };
    for run in &modules.runs {
        let at = |module: u8| (f32::from(module) + QUIET_MODULES as f32) * dots as f32;
        let area = tiny_skia::Rect::from_xywh(at(run.x), at(run.y), f32::from(run.length) * dots as f32, dots as f32)?;
        picture.fill_rect(area, &black, tiny_skia::Transform::identity(), None);
    }
    picture.encode_png().ok()
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
