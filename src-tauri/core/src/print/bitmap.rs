//! Dots on paper, black or not, and the command that prints them.

use std::ops::RangeInclusive;

use super::qr::{self, QUIET_MODULES};

/// What follows a byte 16 and makes a printer obey at once, even in the middle of a picture: tell your state, open the drawer.
const OBEYED_AFTER_16: [u8; 3] = [0x04, 0x05, 0x14];

/// Rows of dots, eight to a byte, the leftmost in the highest bit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bitmap {
    width: usize,
    height: usize,
    rows: Vec<u8>,
}

impl Bitmap {
    /// White paper.
    #[must_use]
    pub fn white(width: usize, height: usize) -> Bitmap {
        Bitmap { width, height, rows: vec![0; width.div_ceil(8) * height] }
    }

    /// Dots from left to right.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Dots from top to bottom.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether a dot is black.
    #[must_use]
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        self.rows[y * self.width.div_ceil(8) + x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// Makes a dot black; outside there is no paper.
    pub fn blacken(&mut self, x: usize, y: usize) {
        if x < self.width && y < self.height {
            self.rows[y * self.width.div_ceil(8) + x / 8] |= 0x80 >> (x % 8);
        }
    }

    /// The same in the middle of wider paper.
    #[must_use]
    pub fn centred(&self, width: usize) -> Bitmap {
        let mut wider = Bitmap::white(width.max(self.width), self.height);
        let left = (wider.width - self.width) / 2;
        for y in 0..self.height {
            for x in (0..self.width).filter(|&x| self.is_black(x, y)) {
                wider.blacken(left + x, y);
            }
        }
        wider
    }

    /// The command that prints it (`GS v 0`), where the line before has ended.
    #[must_use]
    pub fn command(&self) -> Vec<u8> {
        let [wide_low, wide_high] = u16::try_from(self.width.div_ceil(8)).unwrap_or(u16::MAX).to_le_bytes();
        let [high_low, high_high] = u16::try_from(self.height).unwrap_or(u16::MAX).to_le_bytes();
        let mut command = vec![0x1d, b'v', b'0', 0, wide_low, wide_high, high_low, high_high];
        let dots = command.len();
        command.extend_from_slice(&self.rows);
        // Printers look for such orders in whatever arrives. Nobody misses the one dot, and no name opens the drawer.
        for at in dots..command.len() - 1 {
            if command[at] == 0x10 && OBEYED_AFTER_16.contains(&command[at + 1]) {
                command[at] = 0;
            }
        }
        command
    }
}

/// A QR code with error correction M and its quiet zone, as large as it may be; none where a module would be smaller than it must.
#[must_use]
pub fn qr(text: &str, module_dots: RangeInclusive<usize>, dots_max: usize, paper_dots: usize) -> Option<Bitmap> {
    let code = qr::modules(text)?;
    let modules = usize::from(code.width) + 2 * QUIET_MODULES;
    let comfortable = (dots_max / modules).max(*module_dots.start());
    let dots = comfortable.min(paper_dots / modules).min(*module_dots.end());
    if !module_dots.contains(&dots) {
        return None;
    }
    let mut drawn = Bitmap::white(modules * dots, modules * dots);
    for run in &code.runs {
        let [left, top, wide] = [usize::from(run.x) + QUIET_MODULES, usize::from(run.y) + QUIET_MODULES, usize::from(run.length)].map(|at| at * dots);
        for y in top..top + dots {
            for x in left..left + wide {
                drawn.blacken(x, y);
            }
        }
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_never_too_small_to_be_read() {
        // Version 2 has 25 modules, with the quiet zone 33; nine dots a module would be four centimetres, eight are the most.
        assert_eq!(qr("counterfoil:K7MQ-4RTX", 4..=8, 320, 576).unwrap().width(), 33 * 8);
        assert_eq!(qr("counterfoil:K7MQ-4RTX", 4..=8, 180, 576).unwrap().width(), 33 * 5);
        assert_eq!(qr("counterfoil:K7MQ-4RTX", 4..=8, 320, 130), None);
        assert_eq!(qr(&"x".repeat(4_000), 4..=8, 320, 576), None);
        // A long link on narrow paper: version 14 has 73 modules, which at four dots are wider than the comfortable four centimetres.
        assert_eq!(qr(&"x".repeat(350), 4..=8, 320, 384).unwrap().width(), (73 + 8) * 4);
    }

    #[test]
    fn no_picture_holds_an_order_that_is_obeyed_at_once() {
        let mut drawn = Bitmap::white(16, 3);
        for (y, after) in [0x04_u8, 0x05, 0x14].into_iter().enumerate() {
            drawn.blacken(3, y);
            for x in (0..8).filter(|x| after & (0x80 >> x) != 0) {
                drawn.blacken(8 + x, y);
            }
        }
        assert_eq!(drawn.command()[8..], [0, 0x04, 0, 0x05, 0, 0x14]);
        assert_eq!(drawn.command()[..8], [0x1d, b'v', b'0', 0, 2, 0, 3, 0]);
    }
}
