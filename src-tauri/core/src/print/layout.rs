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

/// Puts fitted lines below each other. Gives where the next thing may stand.
pub fn put(items: &mut Vec<Item>, fitted: &Fitted, at: (f64, f64), width: f64, align: Align, leading: f64, colour: Colour) -> f64 {
    let (left, top) = at;
    let mut base = top + fitted.size * CAPITAL;
    for line in &fitted.lines {
        let free = width - f64::from(line.width) * fitted.size;
        let x = match align {
            Align::Left => left,
            Align::Middle => left + free / 2.0,
        };
        items.push(Item::Text { x, y: base, size: fitted.size, line: line.clone(), colour });
        base += fitted.size * leading;
    }
    base - fitted.size * leading + fitted.size * 0.22
}

/// How high fitted lines stand, from the first line's capitals to below the last line.
#[must_use]
pub fn height(fitted: &Fitted, leading: f64) -> f64 {
    match fitted.lines.len() {
        0 => 0.0,
        lines => fitted.size * (CAPITAL + leading * (lines - 1) as f64 + 0.22),
    }
}
