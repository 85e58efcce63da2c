//! Text that a printer's own letters lack, as dots.

use std::cell::RefCell;

use rustybuzz::ttf_parser::OutlineBuilder;
use tiny_skia::{FillRule, Mask, PathBuilder, Transform};

use super::bitmap::Bitmap;
use super::escpos::DrawError;
use super::fonts::{Fonts, Style};
use super::text::{self, Fitted, Line, Room};

/// From how much of a dot's area on it is printed: fine strokes of small letters stay whole on thermal paper.
const INK_MIN: u8 = 96;
/// Room above and below the base line, in ems; marks that reach further get more.
const ABOVE: f64 = 0.95;
const BELOW: f64 = 0.35;
/// Text becomes at most so much smaller before it wraps or is cut.
const SMALLER_MAX: f64 = 0.75;
/// Lines of one text.
const LINES_MAX: usize = 4;

/// How letters look.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Face {
    /// Height of an em in dots. A printer's own letters are as high as those of 26.
    pub em: f64,
    /// Strong.
    pub bold: bool,
}

impl Face {
    fn style(self) -> Style {
        if self.bold { Style::Bold } else { Style::Regular }
    }
}

/// Where a line stands.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Middle,
    Right,
}

/// Draws text with the fonts on board and those of this computer.
pub struct Raster<'a>(RefCell<&'a mut Fonts>);

impl<'a> Raster<'a> {
    /// With these fonts.
    #[must_use]
    pub fn with(fonts: &'a mut Fonts) -> Raster<'a> {
        Raster(RefCell::new(fonts))
    }

    /// Lines in the middle of paper so wide.
    pub fn middle(&self, text: &str, face: Face, width: usize) -> Result<Vec<Bitmap>, DrawError> {
        let fonts = &mut **self.0.borrow_mut();
        let text = drawable(fonts, text, face.style())?;
        let fitted = fitted(fonts, &text, face, width);
        Ok(drawn(fonts, &fitted, width, Align::Middle))
    }

    /// A name at the left and its value at the right, on one line where they go on one.
    pub fn pair(&self, name: &str, value: &str, face: Face, width: usize) -> Result<Vec<Bitmap>, DrawError> {
        let fonts = &mut **self.0.borrow_mut();
        let [name, value] = [drawable(fonts, name, face.style())?, drawable(fonts, value, face.style())?];
        let [left, right] = [&name, &value].map(|text| text::shape(fonts, text, face.style()));
        if f64::from(left.width + right.width) * face.em + face.em > width as f64 {
            let mut lines = Vec::new();
            for (text, align) in [(&name, Align::Left), (&value, Align::Right)] {
                let fitted = fitted(fonts, text, face, width);
                lines.extend(drawn(fonts, &fitted, width, align));
            }
            return Ok(lines);
        }
        let at = [(&left, Align::Left), (&right, Align::Right)];
        Ok(vec![ink(fonts, &at, face.em, width)])
    }
}

/// The text without what no font draws. A picture in a name is no reason to print no slip; a name of which nothing is left is.
pub(super) fn drawable(fonts: &mut Fonts, text: &str, style: Style) -> Result<String, DrawError> {
    let (kept, missing) = text::drawable(fonts, text, style);
    if kept.is_empty() && !missing.is_empty() { Err(DrawError::NoFont(text.to_owned())) } else { Ok(kept) }
}

fn fitted(fonts: &mut Fonts, text: &str, face: Face, width: usize) -> Fitted {
    let high = f64::INFINITY;
    let room = Room { width: width as f64, high, leading: 1.0, size: face.em, size_min: face.em * SMALLER_MAX, lines: LINES_MAX, wrapped: face.em };
    text::fit(fonts, text, face.style(), room)
}

fn drawn(fonts: &Fonts, fitted: &Fitted, width: usize, align: Align) -> Vec<Bitmap> {
    fitted.lines.iter().map(|line| ink(fonts, &[(line, align)], fitted.size, width)).collect()
}

/// Lines beside each other on one strip of paper.
fn ink(fonts: &Fonts, lines: &[(&Line, Align)], em: f64, width: usize) -> Bitmap {
    let mut pen = Pen { path: PathBuilder::new(), left: 0.0, base: 0.0, scale: 1.0 };
    for (line, align) in lines {
        let room = width as f64 - f64::from(line.width) * em;
        let left = match align {
            Align::Left => 0.0,
            Align::Middle => (room / 2.0).max(0.0),
            Align::Right => room.max(0.0),
        };
        for glyph in line.glyphs.iter() {
            pen.left = (left + f64::from(glyph.x) * em) as f32;
            pen.base = (-f64::from(glyph.y) * em) as f32;
            pen.scale = (em / fonts.units(glyph.font)) as f32;
            fonts.outline(glyph.font, glyph.id, &mut pen);
        }
    }
    let (usual_top, usual_bottom) = (-em * ABOVE, em * BELOW);
    let Some(path) = pen.path.finish() else {
        return Bitmap::white(width, (usual_bottom - usual_top).ceil() as usize);
    };
    let bounds = path.bounds();
    let top = usual_top.min(f64::from(bounds.top())).floor();
    let height = (usual_bottom.max(f64::from(bounds.bottom())) - top).ceil() as usize;
    let mut paper = Bitmap::white(width, height);
    // Neither is zero, and both fit: a line is a few hundred dots.
    let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
    if let Some(mut mask) = size.and_then(|(width, height)| Mask::new(width, height)) {
        mask.fill_path(&path, FillRule::Winding, true, Transform::from_translate(0.0, -top as f32));
        for (at, _) in mask.data().iter().enumerate().filter(|(_, ink)| **ink >= INK_MIN) {
            paper.blacken(at % width, at / width);
        }
    }
    paper
}

/// Takes a glyph's outline, in the font's own units with up being up, to where it stands.
struct Pen {
    path: PathBuilder,
    left: f32,
    base: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left + x * self.scale, self.base - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
