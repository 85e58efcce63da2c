//! Where cards stand on their sheet, and where it is cut.

use std::rc::Rc;

use super::layout::{Area, INK, Item, LINE, Page, Placed};
use super::template::{Sheet, Template};

/// Ink goes this far over the edge of what is cut, so that a cut that is a little off shows no paper.
const BLEED_MM: f64 = 3.0;
/// Crop marks start this far from the bleed, and are so long and wide.
const MARK_GAP_MM: f64 = 1.0;
const MARK_MM: f64 = 5.0;
const MARK_WIDTH_MM: f64 = 0.1;
/// Width and height of the sheets.
const A4_MM: (f64, f64) = (210.0, 297.0);
const LETTER_MM: (f64, f64) = (215.9, 279.4);
/// Between the two columns of business cards, so that the bleed of one is not the edge of the other.
const GUTTER_MM: f64 = 10.0;

/// A sheet with its places.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Grid {
    /// Width and height of the paper.
    pub paper: (f64, f64),
    /// Upper left corner of the first card.
    pub first: (f64, f64),
    /// From one card to the next.
    pub step: (f64, f64),
    /// Columns and rows.
    pub places: (u32, u32),
    /// How far ink goes over the edges, sideways and up and down.
    pub bleed: (f64, f64),
    /// Whether somebody cuts it.
    pub cut: bool,
}

impl Grid {
    /// Where the cards of a template stand on this sheet; none where it does not come on it.
    ///
    /// Avery 5371: ten cards of 3.5 × 2 inches, 0.75 inches from the left and 0.5 from above, without space between them
    /// (`avery-us-templates.xml` of gLabels 3). Avery C32011: ten cards of 85 × 54 mm, 15 mm from the left and 13.5 from above, 95 mm from
    /// column to column (`avery-iso-templates.xml` there). Avery L7160: 63.5 × 38.1 mm, 66.04 mm (2.6 inches) from column to column, no
    /// space between rows (there too); the block of three by seven stands in the middle of the sheet, which is 7.21 mm from the left
    /// and 15.15 from above, as Avery's own templates for word processors have it.
    #[must_use]
    pub fn of(template: Template, sheet: Sheet) -> Option<Grid> {
        if !template.sheets().contains(&sheet) {
            return None;
        }
        let (width, height) = template.size();
        let paper = match sheet {
            Sheet::A4 => A4_MM,
            Sheet::Letter => LETTER_MM,
            Sheet::Own => template.size(),
        };
        let grid = Grid { paper, first: (0.0, 0.0), step: (width, height), places: (1, 1), bleed: (0.0, 0.0), cut: false };
        let grid = match template {
            Template::BusinessCard => {
                let first = ((paper.0 - 2.0 * width - GUTTER_MM) / 2.0, (paper.1 - 5.0 * height) / 2.0);
                // Five cards leave 2.2 mm above and below on US Letter: there bleed and marks share them.
                let bleed = (BLEED_MM, BLEED_MM.min(first.1 * 0.4));
                Grid { first, step: (width + GUTTER_MM, height), places: (2, 5), bleed, cut: true, ..grid }
            }
            Template::PerforatedC32011 => Grid { first: (15.0, 13.5), step: (95.0, 54.0), places: (2, 5), bleed: (2.0, 2.0), ..grid },
            Template::Perforated5371 => Grid { first: (0.75 * 25.4, 0.5 * 25.4), step: (width, height), places: (2, 5), ..grid },
            Template::LabelL7160 => {
                let step = (2.6 * 25.4, height);
                let first = ((paper.0 - 2.0 * step.0 - width) / 2.0, (paper.1 - 7.0 * height) / 2.0);
                Grid { first, step, places: (3, 7), ..grid }
            }
            Template::TableTent => {
                // None up and down: at the fold it would lie on the other side.
                let first = ((paper.0 - width) / 2.0, (paper.1 - 2.0 * height) / 2.0);
                Grid { first, step: (0.0, height), places: (1, 2), bleed: (BLEED_MM, 0.0), cut: true, ..grid }
            }
            Template::FlyerA6 | Template::Label62 | Template::PosterA4 => grid,
        };
        Some(grid)
    }

    /// The upper left corner of this place, counted row by row.
    #[must_use]
    pub fn place(&self, n: u32) -> (f64, f64) {
        let (column, row) = (n % self.places.0, n / self.places.0);
        (self.first.0 + f64::from(column) * self.step.0, self.first.1 + f64::from(row) * self.step.1)
    }
}

/// The cards of one sheet, from place `skip` on; no more of them than there are places.
#[must_use]
pub fn page(template: Template, grid: &Grid, common: &[Rc<[Item]>], own: &[Rc<[Item]>], skip: u32) -> Page {
    let (width, height) = template.size();
    let mut page = Page { width: grid.paper.0, height: grid.paper.1, cards: Vec::new(), marks: Vec::new() };
    for (n, (common, own)) in (skip..).zip(common.iter().zip(own)) {
        let (x, y) = grid.place(n);
        let card = Placed { x, y, turned: false, common: Rc::clone(common), own: Rc::clone(own), width, height };
        if template == Template::TableTent {
            // The same twice, head to head: folded, it stands and is read from both sides.
            page.cards.push(Placed { turned: true, ..card.clone() });
            page.cards.push(Placed { y: y + grid.step.1, ..card });
        } else {
            page.cards.push(card);
        }
    }
    if grid.cut {
        page.marks = crop_marks(template, grid);
    }
    page
}

/// Short lines outside the cards, to lay the knife on.
fn crop_marks(template: Template, grid: &Grid) -> Vec<Item> {
    let (width, height) = template.size();
    let last = grid.place(grid.places.0 * grid.places.1 - 1);
    let block = Area { x: grid.first.0, y: grid.first.1, width: last.0 + width - grid.first.0, height: last.1 + height - grid.first.1 };
    let mut marks = Vec::new();
    let mut mark = |from, to, colour| marks.push(Item::Rule { from, to, width: MARK_WIDTH_MM, colour });
    let length = |margin: f64, bleed: f64| {
        let gap = MARK_GAP_MM.min(margin * 0.1);
        (bleed + gap, (margin - bleed - gap).min(MARK_MM))
    };
    let fold = template == Template::TableTent;
    let (off, long) = length(block.x, grid.bleed.0);
    let mut rows: Vec<f64> = (0..grid.places.1).map(|row| grid.first.1 + f64::from(row) * grid.step.1).collect();
    rows.push(block.y + block.height);
    for (n, &y) in rows.iter().enumerate() {
        // Where a tent is folded, the mark is lighter than where it is cut.
        let colour = if fold && n == 1 { LINE } else { INK };
        mark((block.x - off - long, y), (block.x - off, y), colour);
        mark((block.x + block.width + off, y), (block.x + block.width + off + long, y), colour);
    }
    let (off, long) = length(block.y, grid.bleed.1);
    for column in 0..grid.places.0 {
        let left = grid.first.0 + f64::from(column) * grid.step.0;
        for x in [left, left + width] {
            mark((x, block.y - off - long), (x, block.y - off), INK);
            mark((x, block.y + block.height + off), (x, block.y + block.height + off + long), INK);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_fits_its_sheets() {
        for template in Template::ALL {
            for &sheet in template.sheets() {
                let grid = Grid::of(template, sheet).unwrap();
                let (columns, rows) = grid.places;
                let (x, y) = grid.place(columns * rows - 1);
                let (width, height) = template.size();
                assert!(grid.first.0 >= 0.0 && grid.first.1 >= 0.0, "{template:?}");
                assert!(x + width <= grid.paper.0 + 1e-9 && y + height <= grid.paper.1 + 1e-9, "{template:?} {sheet:?}");
            }
        }
        assert_eq!(Grid::of(Template::PosterA4, Sheet::Letter), None);
    }
}
