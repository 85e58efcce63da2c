//! The same layout as SVG, for the screen. Text is drawn as outlines, so it looks as it will on paper whatever fonts the screen has,
//! and nothing that people typed is in it as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;

use rustybuzz::ttf_parser::OutlineBuilder;

use super::fonts::{FontId, Fonts};
use super::layout::{Area, Colour, Item, Page, Placed, dashed};
use super::text::Glyph;

/// A page on white paper. `names` keeps its inner names apart from those of another picture on the same screen; `logo` is the
/// logo's `data:` address.
#[must_use]
pub fn page(fonts: &Fonts, page: &Page, logo: Option<&str>, names: &str) -> String {
    let mut svg = Svg { text: String::with_capacity(64 * 1024), names, logo, glyphs: BTreeSet::new(), shared: Vec::new() };
    let _ = write!(
        svg.text,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}mm" height="{h}mm"><path fill="#fff" d="M0 0h{w}v{h}H0z"/>"##,
        w = number(page.width),
        h = number(page.height)
    );
    for card in &page.cards {
        svg.card(fonts, card);
    }
    page.marks.iter().for_each(|item| svg.item(fonts, item));
    svg.text.push_str("</svg>");
    svg.text
}

struct Svg<'a> {
    text: String,
    names: &'a str,
    logo: Option<&'a str>,
    glyphs: BTreeSet<(FontId, u16)>,
    shared: Vec<Rc<[Item]>>,
}

impl Svg<'_> {
    fn card(&mut self, fonts: &Fonts, card: &Placed) {
        let turn = if card.turned { format!(" rotate(180 {} {})", number(card.width / 2.0), number(card.height / 2.0)) } else { String::new() };
        let _ = write!(self.text, r#"<g transform="translate({} {}){turn}">"#, number(card.x), number(card.y));
        let names = self.names;
        match self.shared.iter().position(|shared| Rc::ptr_eq(shared, &card.common)) {
            Some(n) => drop(write!(self.text, r##"<use href="#{names}s{n}"/>"##)),
            None => {
                let _ = write!(self.text, r#"<g id="{names}s{}">"#, self.shared.len());
                self.shared.push(Rc::clone(&card.common));
                card.common.iter().for_each(|item| self.item(fonts, item));
                self.text.push_str("</g>");
            }
        }
        card.own.iter().for_each(|item| self.item(fonts, item));
        self.text.push_str("</g>");
    }

    fn item(&mut self, fonts: &Fonts, item: &Item) {
        let text = &mut self.text;
        // Writing into a string does not fail.
        let _ = match item {
            Item::Fill { area: Area { x, y, width, height }, radius, colour } => write!(
                text,
                r#"<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"/>"#,
                number(*x),
                number(*y),
                number(*width),
                number(*height),
                number(*radius),
                ink(*colour)
            ),
            Item::Rule { from, to, width, colour } => {
                let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
                write!(text, r#"<path d="M{x1} {y1}L{x2} {y2}" stroke="{}" stroke-width="{}"/>"#, ink(*colour), number(*width))
            }
            Item::Perforation { from, to, discs, radius, colour } => {
                let (pitch, end) = dashed(*from, *to, *discs);
                let pitch = number(pitch);
                let [x1, y1, x2, y2] = [from.0, from.1, end.0, end.1].map(number);
                write!(
                    text,
                    r#"<path d="M{x1} {y1}L{x2} {y2}" stroke="{}" stroke-width="{}" stroke-linecap="round" stroke-dasharray="0 {pitch}"/>"#,
                    ink(*colour),
                    number(radius * 2.0)
                )
            }
            Item::Qr { x, y, module, modules } => {
                let _ = write!(text, r#"<path transform="translate({} {}) scale({module:.5})" d=""#, number(*x), number(*y));
                for run in &modules.runs {
                    let _ = write!(text, "M{} {}h{}v1h-{}z", run.x, run.y, run.length, run.length);
                }
                write!(text, r#""/>"#)
            }
            Item::Logo { area: Area { x, y, width, height } } => match self.logo {
                Some(logo) => write!(
                    text,
                    r#"<image x="{}" y="{}" width="{}" height="{}" href="{logo}"/>"#,
                    number(*x),
                    number(*y),
                    number(*width),
                    number(*height)
                ),
                None => Ok(()),
            },
            Item::Text { x, y, size, line, colour } => {
                let _ = write!(text, r#"<g fill="{}">"#, ink(*colour));
                line.glyphs.iter().for_each(|glyph| self.glyph(fonts, glyph, (*x, *y), *size));
                self.text.push_str("</g>");
                Ok(())
            }
        };
    }

    fn glyph(&mut self, fonts: &Fonts, glyph: &Glyph, (x, y): (f64, f64), size: f64) {
        let (names, FontId(font), id) = (self.names, glyph.font, glyph.id);
        let (x, y) = (x + f64::from(glyph.x) * size, y - f64::from(glyph.y) * size);
        let scale = size / fonts.units(glyph.font);
        let transform = format!(r#"transform="translate({} {}) scale({scale:.6} -{scale:.6})""#, number(x), number(y));
        // What was drawn once is used again by its name.
        let _ = if self.glyphs.insert((glyph.font, id)) {
            let mut outline = Outline(String::new());
            fonts.outline(glyph.font, id, &mut outline);
            write!(self.text, r#"<g {transform}><path id="{names}g{font}-{id}" d="{}"/></g>"#, outline.0)
        } else {
            write!(self.text, r##"<use href="#{names}g{font}-{id}" {transform}/>"##)
        };
    }
}

struct Outline(String);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "M{x} {y}");
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let _ = write!(self.0, "L{x} {y}");
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let _ = write!(self.0, "Q{x1} {y1} {x} {y}");
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let _ = write!(self.0, "C{x1} {y1} {x2} {y2} {x} {y}");
    }

    fn close(&mut self) {
        self.0.push('Z');
    }
}

fn ink([r, g, b]: Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
