//! A slip as a document on 80 mm paper, as long as what stands on it.

use std::rc::Rc;

use super::escpos::DrawError;
use super::fonts::{Fonts, Style};
use super::layout::{self, Align, INK, Item, Page, SOFT};
use super::pdf::Pdf;
use super::qr::{self, MODULE_MM_MIN, QUIET_MODULES};
use super::raster::drawable;
use super::slip::{Line, Slip};
use super::text::{self, Room};

/// Width of the paper, and what stays white on each side of it.
const PAPER_MM: f64 = 80.0;
const EDGE_MM: f64 = 5.0;
const WIDTH_MM: f64 = PAPER_MM - 2.0 * EDGE_MM;
/// Height of an em of what is read.
const EM_MM: f64 = 3.6;
/// From one line to the next, in ems.
const LEADING: f64 = 1.3;
/// Room between two things.
const GAP_MM: f64 = 1.9;
/// A module is this wide where the paper has room: three centimetres for the usual code.
const MODULE_MM: f64 = 1.0;

/// The document.
pub fn document(slip: &Slip, fonts: &mut Fonts) -> Result<Vec<u8>, DrawError> {
    let mut paper = Paper { fonts, items: Vec::new(), y: EDGE_MM };
    for line in &slip.lines {
        paper.line(line)?;
    }
    let page = Page { width: PAPER_MM, height: paper.y + EDGE_MM, cards: Vec::new(), marks: paper.items };
    let mut pdf = Pdf::new(&slip.title, slip.language.tag(), None);
    pdf.page(fonts, &page);
    let mut document = Vec::new();
    pdf.write(fonts, &mut document)?;
    Ok(document)
}

struct Paper<'a> {
    fonts: &'a mut Fonts,
    items: Vec<Item>,
    y: f64,
}

impl Paper<'_> {
    fn line(&mut self, line: &Line) -> Result<(), DrawError> {
        match line {
            Line::Title(text) => self.middle(text, Style::Bold, 5.4),
            Line::Strong(text) => self.middle(text, Style::Bold, EM_MM),
            Line::Text(text) => self.middle(text, Style::Regular, EM_MM),
            Line::Code(code) => self.middle(code, Style::Code, 9.0),
            Line::Pair(name, value) => self.pair(name, value, Style::Regular),
            Line::Total(name, value) => self.pair(name, value, Style::Bold),
            Line::Qr(text) => self.qr(text),
            Line::Rule => {
                self.items.push(Item::Rule { from: (EDGE_MM, self.y), to: (PAPER_MM - EDGE_MM, self.y), width: 0.2, colour: SOFT });
                self.y += GAP_MM;
                Ok(())
            }
            Line::Gap => {
                self.y += GAP_MM;
                Ok(())
            }
        }
    }

    fn fitted(&mut self, text: &str, style: Style, em: f64) -> Result<text::Fitted, DrawError> {
        let text = drawable(self.fonts, text, style)?;
        let room = Room { width: WIDTH_MM, high: f64::INFINITY, leading: LEADING, size: em, wrapped: em, size_min: em * 0.7, lines: 4 };
        Ok(text::fit(self.fonts, &text, style, room))
    }

    fn put(&mut self, fitted: &text::Fitted, align: Align) {
        self.y = layout::put(&mut self.items, fitted, (EDGE_MM, self.y), WIDTH_MM, align, INK) + GAP_MM;
    }

    fn middle(&mut self, text: &str, style: Style, em: f64) -> Result<(), DrawError> {
        let fitted = self.fitted(text, style, em)?;
        self.put(&fitted, Align::Middle);
        Ok(())
    }

    fn pair(&mut self, name: &str, value: &str, style: Style) -> Result<(), DrawError> {
        let [name, value] = [drawable(self.fonts, name, style)?, drawable(self.fonts, value, style)?];
        let [left, right] = [&name, &value].map(|text| text::shape(self.fonts, text, style));
        let rest = WIDTH_MM - f64::from(left.width + right.width) * EM_MM;
        if rest < EM_MM {
            for text in [&name, &value] {
                let fitted = self.fitted(text, style, EM_MM)?;
                self.put(&fitted, Align::Left);
            }
            return Ok(());
        }
        let x = PAPER_MM - EDGE_MM - f64::from(right.width) * EM_MM;
        let base = self.y + EM_MM * layout::CAPITAL;
        for (x, line) in [(EDGE_MM, left), (x, right)] {
            self.items.push(Item::Text { x, y: base, size: EM_MM, line, colour: INK });
        }
        self.y = self.y + EM_MM * layout::LINE_HIGH + GAP_MM;
        Ok(())
    }

    fn qr(&mut self, text: &str) -> Result<(), DrawError> {
        let modules = qr::modules(text).ok_or(DrawError::QrTooLarge)?;
        let module = modules.module_in(WIDTH_MM).min(MODULE_MM);
        if module < MODULE_MM_MIN {
            return Err(DrawError::QrTooLarge);
        }
        let quiet = QUIET_MODULES as f64 * module;
        let side = f64::from(modules.width) * module;
        self.items.push(Item::Qr { x: (PAPER_MM - side) / 2.0, y: self.y + quiet, module, modules: Rc::new(modules) });
        self.y += side + 2.0 * quiet + GAP_MM;
        Ok(())
    }
}
