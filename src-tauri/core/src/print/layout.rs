//! What stands where, in millimetres from the upper left corner: a pure value that the PDF and the preview are both drawn from.

use std::rc::Rc;

use super::qr::Modules;
use super::text::{Fitted, Line};

/// Red, green and blue.
pub type Colour = [u8; 3];

/// White paper.
pub const PAPER: Colour = [255, 255, 255];
/// Ink for what must be read.
pub const INK: Colour = [0x1d, 0x22, 0x26];
/// Ink for what stands beside it.
pub const SOFT: Colour = [0x56, 0x5c, 0x64];
/// Fine lines.
pub const LINE: Colour = [0xb9, 0xb2, 0xa5];

/// How bright a colour is (WCAG 2's relative luminance).
fn luminance(colour: Colour) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

/// Ink that can be read on this colour: paper or black, whichever stands out more.
#[must_use]
pub fn readable_on(colour: Colour) -> Colour {
    if luminance(colour) < 0.4 { PAPER } else { INK }
}

/// The accent where it can be read on paper as large text must (WCAG 2: three to one), else black.
#[must_use]
pub fn on_paper(accent: Colour) -> Colour {
    if luminance(accent) <= 1.05 / 3.0 - 0.05 { accent } else { INK }
}

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// From the left.
    pub x: f64,
    /// From above.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// One thing on paper.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// A filled rectangle with round corners.
    Fill {
        /// Where.
        area: Area,
        /// Radius of its corners.
        radius: f64,
        /// Which ink.
        colour: Colour,
    },
    /// A row of small discs: where a ticket is torn.
    Perforation {
        /// The middle of the first disc.
        from: (f64, f64),
        /// The middle of the last disc.
        to: (f64, f64),
        /// How many discs.
        discs: u32,
        /// Radius of a disc.
        radius: f64,
        /// Which ink, or the paper's colour.
        colour: Colour,
    },
    /// A straight line.
    Rule {
        /// One end.
        from: (f64, f64),
        /// The other end.
        to: (f64, f64),
        /// How wide.
        width: f64,
        /// Which ink.
        colour: Colour,
    },
    /// A line of text.
    Text {
        /// Where it starts.
        x: f64,
        /// Its base line.
        y: f64,
        /// Height of an em.
        size: f64,
        /// Its glyphs.
        line: Line,
        /// Which ink.
        colour: Colour,
    },
    /// A QR code, its quiet zone left free around it.
    Qr {
        /// Of its first module.
        x: f64,
        /// Of its first module.
        y: f64,
        /// Width of a module.
        module: f64,
        /// Which modules are dark.
        modules: Rc<Modules>,
    },
    /// The shop's logo.
    Logo {
        /// Where, in its own proportions.
        area: Area,
    },
}

/// The line whose dashes of no length are a row of discs: how far they are apart, and its end, half a step past the last one. A line
/// that ended in the last disc would lose it wherever a number is rounded.
#[must_use]
pub fn dashed(from: (f64, f64), to: (f64, f64), discs: u32) -> (f64, (f64, f64)) {
    let steps = f64::from(discs.saturating_sub(1).max(1));
    let (dx, dy) = ((to.0 - from.0) / steps, (to.1 - from.1) / steps);
    (dx.hypot(dy), (to.0 + dx / 2.0, to.1 + dy / 2.0))
}

/// A card as it stands on a page.
#[derive(Clone, PartialEq, Debug)]
pub struct Placed {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Upside down, as the back of a tent is.
    pub turned: bool,
    /// What all cards alike show.
    pub common: Rc<[Item]>,
    /// What this card alone shows.
    pub own: Rc<[Item]>,
    /// Width of the card.
    pub width: f64,
    /// Height of the card.
    pub height: f64,
}

/// One side of paper.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The cards on it.
    pub cards: Vec<Placed>,
    /// Crop marks and folds, and what a test sheet says of itself.
    pub marks: Vec<Item>,
}

/// Which way text stands in its room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Middle,
}

/// Height of a capital, in ems, of the fonts on board; others stand close to it.
pub const CAPITAL: f64 = 0.67;
/// How high a line stands, in ems: from its capitals to below its base line.
pub const LINE_HIGH: f64 = CAPITAL + 0.22;

/// Puts fitted lines below each other. Gives where the next thing may stand.
pub fn put(items: &mut Vec<Item>, fitted: &Fitted, at: (f64, f64), width: f64, align: Align, colour: Colour) -> f64 {
    let (left, top) = at;
    let mut base = top + fitted.size * CAPITAL;
    for line in &fitted.lines {
        let free = width - f64::from(line.width) * fitted.size;
        let x = match align {
            Align::Left => left,
            Align::Middle => left + free / 2.0,
        };
        items.push(Item::Text { x, y: base, size: fitted.size, line: line.clone(), colour });
        base += fitted.size * fitted.leading;
    }
    top + height(fitted)
}

/// How high fitted lines stand, from the first line's capitals to below the last line.
#[must_use]
pub fn height(fitted: &Fitted) -> f64 {
    match fitted.lines.len() {
        0 => 0.0,
        lines => fitted.size * (LINE_HIGH + fitted.leading * (lines - 1) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_on_the_accent_can_be_read() {
        assert_eq!(readable_on([0x0e, 0x5a, 0x4b]), PAPER);
        assert_eq!(readable_on([0xff, 0xe0, 0x66]), INK);
        assert_eq!(readable_on([0, 0, 0]), PAPER);
        assert_eq!(readable_on([255, 255, 255]), INK);
        // On paper a shop's yellow could not; its red (5.9 to one) and the grey of three to one can.
        assert_eq!(on_paper([0xff, 0xc8, 0x2e]), INK);
        assert_eq!(on_paper([0xb3, 0x26, 0x1e]), [0xb3, 0x26, 0x1e]);
        assert_eq!((on_paper([0x94; 3]), on_paper([0x96; 3])), ([0x94; 3], INK));
    }
}
