//! How a card looks: two designs, a ticket lying and a ticket standing, in the measures of each template.
//!
//! One accent ink, much paper, and a perforated edge between what is promised and what is shown at the till.

use std::rc::Rc;

use super::fonts::{Fonts, Style};
use super::layout::{self, Align, Area, Colour, INK, Item, LINE, PAPER, SOFT, put};
use super::qr::{self, MODULE_MM_MIN, Modules, QUIET_MODULES};
use super::template::{Show, Template};
use super::text::{Fitted, Room, fit, fit_code};

/// What every card of a run says, until a person's own terms say otherwise.
#[derive(Clone, PartialEq, Debug)]
pub struct Words {
    /// What customers call the shop.
    pub shop: String,
    /// The line above the offer.
    pub headline: String,
    /// What the code promises, if anything.
    pub offer: Option<String>,
    /// Until when, what it depends on, and the brand's own, one after the other.
    pub small_print: String,
    /// Said above a name.
    pub recommended_by: String,
    /// What to do with the code.
    pub your_code: String,
}

/// Which look the cards have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Look {
    /// What is drawn.
    pub template: Template,
    /// What of a code is shown.
    pub show: Show,
    /// The ink beside black.
    pub accent: Colour,
    /// Width by height of the logo, where there is one.
    pub logo: Option<f64>,
    /// How far ink goes over the edge, sideways and up and down.
    pub bleed: (f64, f64),
}

/// What one person's card says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Who recommends; none where the card does not say.
    pub name: Option<String>,
    /// Their code, as it is shown.
    pub code: String,
    /// Their link, as it is read.
    pub link: Option<String>,
    /// What the QR code says.
    pub qr: String,
}

/// The QR code would be too fine for its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooDense;

/// Measures of a ticket. Everything else is made from them.
struct Ticket {
    /// The ticket itself, inside its paper.
    area: Area,
    /// Where it is torn: the stub's left or upper edge.
    tear: f64,
    /// Free space inside every edge.
    pad: f64,
    /// One step of type: all sizes are so many of it.
    step: f64,
    /// Whether the stub is filled with the accent.
    filled: bool,
    standing: bool,
}

impl Ticket {
    fn of(template: Template) -> Ticket {
        let (width, height) = template.size();
        let whole = Area { x: 0.0, y: 0.0, width, height };
        let inset = |by: f64| Area { x: by, y: by, width: width - 2.0 * by, height: height - 2.0 * by };
        let lying = |stub: f64, pad: f64, step: f64, filled: bool| Ticket { area: whole, tear: width - stub, pad, step, filled, standing: false };
        match template {
            Template::BusinessCard | Template::PerforatedC32011 => lying(31.0, 5.0, 1.0, true),
            Template::Perforated5371 => lying(31.0, 4.6, 0.96, true),
            Template::TableTent => lying(56.0, 9.0, 1.84, true),
            Template::Label62 => lying(25.0, 2.6, 0.78, false),
            Template::LabelL7160 => lying(25.0, 3.0, 0.78, false),
            // Ink stops before the edge, for few printers reach it.
            Template::FlyerA6 => Ticket { area: inset(5.0), tear: 88.0, pad: 8.0, step: 1.62, filled: true, standing: true },
            Template::PosterA4 => Ticket { area: inset(10.0), tear: 176.0, pad: 16.0, step: 3.24, filled: true, standing: true },
        }
    }

    /// Where the message stands.
    fn message(&self) -> Area {
        let Area { x, y, width, height } = self.area;
        match self.standing {
            true => Area { x: x + self.pad, y: y + self.pad, width: width - 2.0 * self.pad, height: self.tear - y - 2.0 * self.pad },
            false => Area { x: x + self.pad, y: y + self.pad, width: self.tear - x - 1.7 * self.pad, height: height - 2.0 * self.pad },
        }
    }

    /// Where the code stands.
    fn stub(&self) -> Area {
        let Area { x, y, width, height } = self.area;
        let pad = self.pad * 0.72;
        match self.standing {
            true => Area { x: x + self.pad, y: self.tear + self.pad, width: width - 2.0 * self.pad, height: y + height - self.tear - 1.7 * self.pad },
            false => Area { x: self.tear + pad, y: y + pad, width: x + width - self.tear - 2.0 * pad, height: height - 2.0 * pad },
        }
    }

    fn room(&self, width: f64, size: f64, size_min: f64, lines: usize) -> Room {
        Room { width, size: size * self.step, wrapped: size * self.step, size_min: size_min * self.step, lines }
    }

    /// Room for a name: where it needs two lines, both are smaller than one would be.
    fn name_room(&self, width: f64) -> Room {
        let size = if self.standing { 4.0 } else { 3.7 };
        Room { wrapped: 2.85 * self.step, ..self.room(width, size, 2.2, 2) }
    }

    /// Width and height of the QR code with its quiet zone.
    fn qr_side(&self) -> f64 {
        let stub = self.stub();
        if self.standing { stub.height - 5.8 * self.step } else { stub.width.min(stub.height - 7.5 * self.step) }
    }
}

/// Ink that can be read on this colour: paper or black, whichever stands out more (WCAG 2's relative luminance).
#[must_use]
pub fn readable_on(colour: Colour) -> Colour {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
    if luminance < 0.4 { PAPER } else { INK }
}

/// What all cards with these words show.
pub fn common(fonts: &mut Fonts, look: &Look, words: &Words) -> Vec<Item> {
    let ticket = Ticket::of(look.template);
    let mut items = Vec::new();
    match ticket.standing {
        true => standing(&mut items, fonts, look, &ticket, words),
        false => lying(&mut items, fonts, look, &ticket, words),
    }
    items
}

/// What this person's card alone shows.
pub fn own(fonts: &mut Fonts, look: &Look, words: &Words, person: &Person) -> Result<Vec<Item>, TooDense> {
    let ticket = Ticket::of(look.template);
    let mut items = Vec::new();
    if let Some(name) = person.name.as_deref() {
        recommender(&mut items, fonts, look, &ticket, words, name);
    }
    let modules = match look.show {
        Show::Code => None,
        Show::Link | Show::Both => Some(Rc::new(qr::modules(&person.qr).ok_or(TooDense)?)),
    };
    match ticket.standing {
        true => standing_stub(&mut items, fonts, look, &ticket, words, person, modules)?,
        false => lying_stub(&mut items, fonts, look, &ticket, words, person, modules)?,
    }
    Ok(items)
}

/// Whether a name's end has to be left out.
pub fn cuts_name(fonts: &mut Fonts, look: &Look, name: &str) -> bool {
    let ticket = Ticket::of(look.template);
    let width = if ticket.standing { beside_qr(&ticket, look).width } else { ticket.message().width };
    fit(fonts, name, Style::Bold, ticket.name_room(width)).cut
}

/// Whether this text's QR code would be too fine for its place.
#[must_use]
pub fn too_dense(look: &Look, text: &str) -> bool {
    let side = Ticket::of(look.template).qr_side();
    qr::modules(text).is_none_or(|modules| modules.module_in(side) < MODULE_MM_MIN)
}

/// Of a standing ticket's stub, what is beside the QR code.
fn beside_qr(ticket: &Ticket, look: &Look) -> Area {
    let stub = ticket.stub();
    let qr = if look.show == Show::Code { 0.0 } else { ticket.qr_side() + ticket.pad * 0.6 };
    Area { x: stub.x + qr, width: stub.width - qr, height: ticket.qr_side(), ..stub }
}

fn lying(items: &mut Vec<Item>, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words) {
    let Area { x, y, width, height } = ticket.area;
    let (side, over) = look.bleed;
    if ticket.filled {
        let area = Area { x: ticket.tear, y: y - over, width: x + width - ticket.tear + side, height: height + 2.0 * over };
        items.push(Item::Fill { area, radius: 0.0, colour: look.accent });
    }
    perforation(items, (ticket.tear, y - over), (ticket.tear, y + height + over), ticket, if ticket.filled { PAPER } else { LINE });
    let area = ticket.message();
    let top = emblem(items, fonts, look, ticket, words, area, if ticket.filled { look.accent } else { INK }, 7.2);
    let foot = foot(items, fonts, ticket, words, area, SOFT);
    // The offer stands in the middle of what is left, a little above it as the eye wants it; the name stands on the foot.
    let name = if look.template == Template::TableTent { 9.5 } else { 9.0 } * ticket.step;
    let (upper, lower) = (top + 1.6 * ticket.step, foot - name - 1.2 * ticket.step);
    let accent = if ticket.filled { look.accent } else { INK };
    promise(items, fonts, ticket, words, Area { y: upper, height: lower - upper, ..area }, [SOFT, accent], (6.4, 3.4));
}

fn standing(items: &mut Vec<Item>, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words) {
    let Area { x, y, width, height } = ticket.area;
    let radius = 3.0 * ticket.step;
    let on_accent = readable_on(look.accent);
    items.push(Item::Fill { area: Area { x, y, width, height: ticket.tear - y }, radius, colour: look.accent });
    // Only the upper corners are round: the lower edge is where the ticket is torn.
    items.push(Item::Fill { area: Area { x, y: ticket.tear - radius, width, height: radius }, radius: 0.0, colour: look.accent });
    perforation(items, (x, ticket.tear), (x + width, ticket.tear), ticket, PAPER);
    let thin = 0.16 * ticket.step;
    let (left, right, bottom) = (x + thin / 2.0, x + width - thin / 2.0, y + height - thin / 2.0);
    for (from, to) in [((left, ticket.tear), (left, bottom)), ((right, ticket.tear), (right, bottom)), ((left, bottom), (right, bottom))] {
        items.push(Item::Rule { from, to, width: thin, colour: LINE });
    }
    let area = ticket.message();
    let top = match look.logo {
        Some(_) => emblem(items, fonts, look, ticket, words, area, on_accent, 11.0),
        None => emblem(items, fonts, look, ticket, words, area, on_accent, 8.0),
    };
    let rest = Area { y: top + 4.0 * ticket.step, height: area.y + area.height - top - 4.0 * ticket.step, ..area };
    promise(items, fonts, ticket, words, rest, [on_accent, on_accent], (9.6, 4.4));
    let stub = ticket.stub();
    let area = Area { height: y + height - stub.y - 0.5 * ticket.pad, ..stub };
    foot(items, fonts, ticket, words, area, SOFT);
}

fn perforation(items: &mut Vec<Item>, from: (f64, f64), to: (f64, f64), ticket: &Ticket, colour: Colour) {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let (radius, pitch) = if ticket.filled { (0.5 * ticket.step, 1.9 * ticket.step) } else { (0.16, 1.1) };
    let discs = ((length / pitch).round() as u32).max(2);
    // Half a pitch free at both ends.
    let (dx, dy) = ((to.0 - from.0) / f64::from(discs), (to.1 - from.1) / f64::from(discs));
    items.push(Item::Perforation { from: (from.0 + dx / 2.0, from.1 + dy / 2.0), to: (to.0 - dx / 2.0, to.1 - dy / 2.0), discs, radius, colour });
}

/// The logo, or the shop's name where there is none. Gives where it ends.
#[expect(clippy::too_many_arguments, reason = "a place, a look and two measures")]
fn emblem(items: &mut Vec<Item>, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words, area: Area, colour: Colour, high: f64) -> f64 {
    let Some(aspect) = look.logo else {
        let fitted = fit(fonts, &words.shop, Style::Bold, ticket.room(area.width, 3.5, 2.6, 1));
        return put(items, &fitted, (area.x, area.y), area.width, Align::Left, 1.2, colour);
    };
    let (most, high) = (area.width * 0.8, high * ticket.step);
    let (width, height) = if aspect * high > most { (most, most / aspect) } else { (aspect * high, high) };
    let mut at = Area { x: area.x, y: area.y, width, height };
    if ticket.standing {
        // Logos are made for paper: on the accent they get some of it.
        let pad = 2.0 * ticket.step;
        items.push(Item::Fill {
            area: Area { width: width + 2.0 * pad, height: height + 2.0 * pad, ..at },
            radius: 1.6 * ticket.step,
            colour: PAPER,
        });
        at = Area { x: at.x + pad, y: at.y + pad, ..at };
    }
    items.push(Item::Logo { area: at });
    at.y + at.height + if ticket.standing { 2.0 * ticket.step } else { 0.0 }
}

/// Headline and offer, together in the middle of their room.
fn promise(
    items: &mut Vec<Item>,
    fonts: &mut Fonts,
    ticket: &Ticket,
    words: &Words,
    area: Area,
    [soft, strong]: [Colour; 2],
    (size, size_min): (f64, f64),
) {
    let small = size * 0.48;
    let headline = fit(fonts, &words.headline, Style::Regular, ticket.room(area.width, small, small * 0.7, 2));
    let gap = if ticket.standing { 3.0 } else { 2.2 } * ticket.step;
    let left = area.height - layout::height(&headline, 1.25) - gap;
    let mut offer = Fitted::default();
    if let Some(text) = &words.offer {
        // The largest type whose lines still go.
        let mut step = size;
        loop {
            offer = fit(fonts, text, Style::Bold, ticket.room(area.width, step, size_min.min(step), 3));
            if layout::height(&offer, 1.12) <= left || step <= size_min {
                break;
            }
            step *= 0.93;
        }
    }
    let high = layout::height(&headline, 1.25) + if offer.lines.is_empty() { 0.0 } else { gap + layout::height(&offer, 1.12) };
    let top = area.y + ((area.height - high) * 0.45).max(0.0);
    let below = put(items, &headline, (area.x, top), area.width, Align::Left, 1.25, soft);
    put(items, &offer, (area.x, below + gap), area.width, Align::Left, 1.12, strong);
}

/// The small print, standing on the lower edge. Gives where it begins.
fn foot(items: &mut Vec<Item>, fonts: &mut Fonts, ticket: &Ticket, words: &Words, area: Area, colour: Colour) -> f64 {
    // Six points on a card: smaller type is not read by those who most need it.
    let fitted = fit(fonts, &words.small_print, Style::Regular, ticket.room(area.width, 2.1, 1.9, 2));
    let top = area.y + area.height - layout::height(&fitted, 1.25);
    put(items, &fitted, (area.x, top), area.width, Align::Left, 1.25, colour);
    top
}

fn recommender(items: &mut Vec<Item>, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words, name: &str) {
    let (area, label, bottom) = match ticket.standing {
        true => (beside_qr(ticket, look), 2.3, None),
        false => {
            let area = ticket.message();
            let print = fit(fonts, &words.small_print, Style::Regular, ticket.room(area.width, 2.1, 1.9, 2));
            (area, 2.2, Some(area.y + area.height - layout::height(&print, 1.25) - 1.8 * ticket.step))
        }
    };
    let label = fit(fonts, &words.recommended_by, Style::Regular, ticket.room(area.width, label, 1.8, 1));
    let name = fit(fonts, name, Style::Bold, ticket.name_room(area.width));
    let gap = 0.9 * ticket.step;
    let top = match bottom {
        Some(bottom) => bottom - layout::height(&name, 1.15) - gap - layout::height(&label, 1.2),
        None => area.y,
    };
    let below = put(items, &label, (area.x, top), area.width, Align::Left, 1.2, SOFT);
    put(items, &name, (area.x, below + gap), area.width, Align::Left, 1.15, INK);
}

fn lying_stub(
    items: &mut Vec<Item>,
    fonts: &mut Fonts,
    look: &Look,
    ticket: &Ticket,
    words: &Words,
    person: &Person,
    modules: Option<Rc<Modules>>,
) -> Result<(), TooDense> {
    let area = ticket.stub();
    let ink = if ticket.filled { readable_on(look.accent) } else { INK };
    let label = fit(fonts, &words.your_code, Style::Regular, ticket.room(area.width, 2.3, 1.7, 2));
    let gap = 1.5 * ticket.step;
    let Some(modules) = modules else {
        // The code alone stands large on a piece of paper of its own.
        let pad = 1.8 * ticket.step;
        let room = Room { wrapped: 8.0 * ticket.step, ..ticket.room(area.width - 2.0 * pad, 6.0, 2.2, 4) };
        let code = fit_code(fonts, &person.code, room);
        let (high, above) = (layout::height(&code, 1.2) + 2.0 * pad, layout::height(&label, 1.2));
        let top = area.y + (area.height - high - gap - above) / 2.0;
        let below = put(items, &label, (area.x, top), area.width, Align::Middle, 1.2, ink) + gap;
        if ticket.filled {
            items.push(Item::Fill { area: Area { y: below, height: high, ..area }, radius: 1.2 * ticket.step, colour: PAPER });
        }
        put(items, &code, (area.x + pad, below + pad + 0.1 * code.size), area.width - 2.0 * pad, Align::Middle, 1.2, INK);
        return Ok(());
    };
    let side = ticket.qr_side();
    let shown = match look.show {
        Show::Link => person.link.as_deref().map(|link| fit(fonts, link, Style::Regular, ticket.room(area.width, 2.3, 1.7, 3))),
        _ => Some(fit_code(fonts, &person.code, Room { wrapped: 3.6 * ticket.step, ..ticket.room(area.width, 4.6, 2.2, 3) })),
    };
    let high = shown.as_ref().map_or(0.0, |shown| gap + layout::height(shown, 1.2));
    let all = side + 1.6 * gap + layout::height(&label, 1.2) + high;
    let top = area.y + ((area.height - all) / 2.0).max(0.0);
    square(items, ticket, Area { x: area.x + (area.width - side) / 2.0, y: top, width: side, height: side }, modules)?;
    let below = put(items, &label, (area.x, top + side + 1.6 * gap), area.width, Align::Middle, 1.2, ink);
    if let Some(shown) = shown {
        put(items, &shown, (area.x, below + gap), area.width, Align::Middle, 1.2, ink);
    }
    Ok(())
}

fn standing_stub(
    items: &mut Vec<Item>,
    fonts: &mut Fonts,
    look: &Look,
    ticket: &Ticket,
    words: &Words,
    person: &Person,
    modules: Option<Rc<Modules>>,
) -> Result<(), TooDense> {
    let stub = ticket.stub();
    let side = ticket.qr_side();
    let area = beside_qr(ticket, look);
    if let Some(modules) = modules {
        // Its quiet zone is the paper around it: the dark part stands flush with the text.
        let quiet = modules.module_in(side) * QUIET_MODULES as f64;
        square(items, ticket, Area { x: stub.x - quiet, y: stub.y - quiet, width: side, height: side }, modules)?;
    }
    let label = fit(fonts, &words.your_code, Style::Regular, ticket.room(area.width, 2.3, 1.8, 2));
    let shown = match look.show {
        Show::Link => person.link.as_deref().map(|link| fit(fonts, link, Style::Bold, ticket.room(area.width, 2.9, 1.9, 3))),
        _ => Some(fit_code(fonts, &person.code, Room { wrapped: 6.0 * ticket.step, ..ticket.room(area.width, 7.5, 2.4, 3) })),
    };
    let (above, high) = (layout::height(&label, 1.2), shown.as_ref().map_or(0.0, |shown| layout::height(shown, 1.15)));
    let gap = 1.1 * ticket.step;
    let below = put(items, &label, (area.x, area.y + side - above - gap - high), area.width, Align::Left, 1.2, SOFT);
    if let Some(shown) = shown {
        put(items, &shown, (area.x, below + gap), area.width, Align::Left, 1.15, look.accent);
    }
    Ok(())
}

/// A QR code on paper of its own, its quiet zone inside.
fn square(items: &mut Vec<Item>, ticket: &Ticket, area: Area, modules: Rc<Modules>) -> Result<(), TooDense> {
    let module = modules.module_in(area.width);
    if module < MODULE_MM_MIN {
        return Err(TooDense);
    }
    if ticket.filled && !ticket.standing {
        items.push(Item::Fill { area, radius: 1.2 * ticket.step, colour: PAPER });
    }
    let quiet = QUIET_MODULES as f64 * module;
    items.push(Item::Qr { x: area.x + quiet, y: area.y + quiet, module, modules });
    Ok(())
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
    }
}
