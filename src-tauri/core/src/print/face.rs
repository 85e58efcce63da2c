//! How a card looks: two designs, a ticket lying and a ticket standing, in the measures of each template.
//!
//! One accent ink, much paper, and a perforated edge between what is promised and what is shown at the till.

use std::rc::Rc;

use super::fonts::{Fonts, Style};
use super::layout::{self, Align, Area, Colour, INK, Item, LINE, LINE_HIGH, PAPER, SOFT, on_paper, put, readable_on};
use super::qr::{self, MODULE_MM_MIN, Modules, QUIET_MODULES};
use super::template::{Show, Template};
use super::text::{Fitted, Room, fit, fit_code};
use super::ticket::Ticket;

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
    /// Whether cards say who recommends.
    pub named: bool,
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

/// What cards share.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Common {
    /// What is drawn.
    pub items: Vec<Item>,
    /// The words whose end had to be left out.
    pub cut: Vec<String>,
}

/// The QR code would be too fine for its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooDense;

/// What all cards with these words show.
pub fn common(fonts: &mut Fonts, look: &Look, words: &Words) -> Common {
    let ticket = Ticket::of(look.template);
    let mut common = Common::default();
    match ticket.standing {
        true => standing(&mut common, fonts, look, &ticket, words),
        false => lying(&mut common, fonts, look, &ticket, words),
    }
    common
}

/// What this person's card alone shows.
pub fn own(fonts: &mut Fonts, look: &Look, words: &Words, person: &Person) -> Result<Vec<Item>, TooDense> {
    let ticket = Ticket::of(look.template);
    let mut items = Vec::new();
    let modules = match look.show {
        Show::Code => None,
        Show::Link | Show::Both => Some(Rc::new(qr::modules(&person.qr).ok_or(TooDense)?)),
    };
    if modules.as_ref().is_some_and(|modules| ticket.module(modules) < MODULE_MM_MIN) {
        return Err(TooDense);
    }
    match ticket.standing {
        true => standing_stub(&mut items, fonts, look, &ticket, words, person, modules),
        false => {
            if let Some(name) = person.name.as_deref() {
                let area = ticket.message();
                let foot = foot(fonts, look, &ticket, words, area);
                let bottom = area.y + area.height - layout::height(&foot) - 1.8 * ticket.step;
                recommender(&mut items, fonts, &ticket, words, name, area, Some(bottom));
            }
            lying_stub(&mut items, fonts, look, &ticket, words, person, modules);
        }
    }
    Ok(items)
}

/// Whether a name's end has to be left out.
pub fn cuts_name(fonts: &mut Fonts, look: &Look, name: &str) -> bool {
    let ticket = Ticket::of(look.template);
    let width = own_width(&ticket, look, ticket.message().width);
    fit(fonts, name, Style::Bold, ticket.name_room(width)).cut
}

/// Whether the end of a link that people read has to be left out.
pub fn cuts_link(fonts: &mut Fonts, look: &Look, link: &str) -> bool {
    let ticket = Ticket::of(look.template);
    let width = own_width(&ticket, look, ticket.stub().width);
    fit(fonts, link, Style::Bold, ticket.link_room(width)).cut
}

/// How wide what is a person's own may be: on a standing ticket it stands beside the QR code.
fn own_width(ticket: &Ticket, look: &Look, lying: f64) -> f64 {
    match ticket.standing {
        true if look.show == Show::Code => ticket.stub().width,
        true => ticket.stub().width - ticket.qr_side() - ticket.pad * 0.6,
        false => lying,
    }
}

/// Whether this text's QR code would be too fine for its place.
#[must_use]
pub fn too_dense(look: &Look, text: &str) -> bool {
    qr::modules(text).is_none_or(|modules| Ticket::of(look.template).module(&modules) < MODULE_MM_MIN)
}

fn lying(common: &mut Common, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words) {
    let Area { x, y, width, height } = ticket.area;
    let (side, over) = look.bleed;
    if ticket.filled {
        let area = Area { x: ticket.tear, y: y - over, width: x + width - ticket.tear + side, height: height + 2.0 * over };
        common.items.push(Item::Fill { area, radius: 0.0, colour: look.accent });
    }
    let ends = ((ticket.tear, y - over), (ticket.tear, y + height + over));
    perforation(&mut common.items, ends.0, ends.1, ticket, if ticket.filled { PAPER } else { LINE });
    let area = ticket.message();
    let accent = if ticket.filled { on_paper(look.accent) } else { INK };
    emblem(common, fonts, look, ticket, words, accent);
    let foot = foot(fonts, look, ticket, words, area);
    let bottom = area.y + area.height - layout::height(&foot);
    common.cut.extend(foot.cut.then(|| words.small_print.clone()));
    put(&mut common.items, &foot, (area.x, bottom), area.width, Align::Left, SOFT);
    // The offer stands in the middle of what is left, a little above it as the eye wants it; the name stands on the foot.
    let top = area.y + emblem_high(look, ticket) + 1.6 * ticket.step;
    promise(common, fonts, ticket, words, Area { y: top, height: bottom - above_foot(look, ticket) - top, ..area }, [SOFT, accent]);
}

fn standing(common: &mut Common, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words) {
    let Area { x, y, width, height } = ticket.area;
    let radius = 3.0 * ticket.step;
    let on_accent = readable_on(look.accent);
    let items = &mut common.items;
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
    emblem(common, fonts, look, ticket, words, on_accent);
    let off = emblem_high(look, ticket) + 4.0 * ticket.step;
    promise(common, fonts, ticket, words, Area { y: area.y + off, height: area.height - off, ..area }, [on_accent, on_accent]);
    let area = ticket.foot();
    let foot = foot(fonts, look, ticket, words, area);
    common.cut.extend(foot.cut.then(|| words.small_print.clone()));
    put(&mut common.items, &foot, (area.x, area.y + area.height - layout::height(&foot)), area.width, Align::Left, SOFT);
}

fn perforation(items: &mut Vec<Item>, from: (f64, f64), to: (f64, f64), ticket: &Ticket, colour: Colour) {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let (radius, pitch) = if ticket.filled { (0.5 * ticket.step, 1.9 * ticket.step) } else { (0.16, 1.1) };
    let discs = ((length / pitch).round() as u32).max(2);
    // Half a pitch free at both ends.
    let (dx, dy) = ((to.0 - from.0) / f64::from(discs), (to.1 - from.1) / f64::from(discs));
    items.push(Item::Perforation { from: (from.0 + dx / 2.0, from.1 + dy / 2.0), to: (to.0 - dx / 2.0, to.1 - dy / 2.0), discs, radius, colour });
}

/// Room that a logo has, its paper included where it gets some.
fn logo_size(look: &Look, ticket: &Ticket, aspect: f64) -> (f64, f64) {
    let most = ticket.message().width * 0.8;
    let high = match (ticket.standing, look.template) {
        (true, _) => 9.0,
        (false, Template::Label62 | Template::LabelL7160) => 6.2,
        (false, _) => 7.2,
    } * ticket.step;
    if aspect * high > most { (most, most / aspect) } else { (aspect * high, high) }
}

/// Logos are made for paper: on the accent they get so much of it around them.
fn logo_pad(ticket: &Ticket) -> f64 {
    if ticket.standing { 2.0 * ticket.step } else { 0.0 }
}

/// How high the logo stands, or the shop's name where there is none.
fn emblem_high(look: &Look, ticket: &Ticket) -> f64 {
    match look.logo {
        Some(aspect) => logo_size(look, ticket, aspect).1 + 2.0 * logo_pad(ticket),
        None => 3.5 * ticket.step * LINE_HIGH,
    }
}

/// The logo, or the shop's name where there is none.
fn emblem(common: &mut Common, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words, colour: Colour) {
    let area = ticket.message();
    let Some(aspect) = look.logo else {
        let fitted = fit(fonts, &words.shop, Style::Bold, ticket.room(area.width, 3.5, 2.6, 1));
        common.cut.extend(fitted.cut.then(|| words.shop.clone()));
        put(&mut common.items, &fitted, (area.x, area.y), area.width, Align::Left, colour);
        return;
    };
    let (width, height) = logo_size(look, ticket, aspect);
    let pad = logo_pad(ticket);
    if pad > 0.0 {
        let paper = Area { x: area.x, y: area.y, width: width + 2.0 * pad, height: height + 2.0 * pad };
        common.items.push(Item::Fill { area: paper, radius: 1.6 * ticket.step, colour: PAPER });
    }
    common.items.push(Item::Logo { area: Area { x: area.x + pad, y: area.y + pad, width, height } });
}

/// Between headline and offer.
fn promise_gap(ticket: &Ticket, words: &Words) -> f64 {
    match (&words.offer, ticket.standing) {
        (None, _) => 0.0,
        (Some(_), true) => 3.0 * ticket.step,
        (Some(_), false) => 2.2 * ticket.step,
    }
}

/// Rooms of headline and offer, as large as is wished for or as small as they may be.
fn promise_rooms(ticket: &Ticket, width: f64, small: bool) -> [Room; 2] {
    let (size, size_min) = if ticket.standing { (9.6, 3.8) } else { (6.4, 3.4) };
    let shrunk = |size: f64, size_min: f64| if small { size_min } else { size };
    [
        Room { leading: 1.25, ..ticket.room(width, shrunk(size * 0.48, size * 0.336), size * 0.336, 2) },
        Room { leading: 1.12, ..ticket.room(width, shrunk(size, size_min), size_min, 3) },
    ]
}

/// Headline and offer at their smallest.
fn promise_high_min(fonts: &mut Fonts, ticket: &Ticket, words: &Words, width: f64) -> [f64; 2] {
    let [headline, offer] = promise_rooms(ticket, width, true);
    let offered = words.offer.as_deref().unwrap_or_default();
    [fit(fonts, &words.headline, Style::Regular, headline), fit(fonts, offered, Style::Bold, offer)].map(|fitted| layout::height(&fitted))
}

/// Headline and offer, together in the middle of their room.
fn promise(common: &mut Common, fonts: &mut Fonts, ticket: &Ticket, words: &Words, area: Area, [soft, strong]: [Colour; 2]) {
    let gap = promise_gap(ticket, words);
    let [headline, offer] = promise_rooms(ticket, area.width, false);
    // The offer is what a card is for: the headline takes what its smallest leaves, and the offer all the rest.
    let [_, offer_min] = promise_high_min(fonts, ticket, words, area.width);
    let headline = fit(fonts, &words.headline, Style::Regular, Room { high: area.height - gap - offer_min, ..headline });
    let offered = words.offer.as_deref().unwrap_or_default();
    let offer = fit(fonts, offered, Style::Bold, Room { high: area.height - gap - layout::height(&headline), ..offer });
    common.cut.extend(headline.cut.then(|| words.headline.clone()).into_iter().chain(offer.cut.then(|| offered.to_owned())));
    let high = layout::height(&headline) + gap + layout::height(&offer);
    let top = area.y + ((area.height - high) * 0.45).max(0.0);
    let below = put(&mut common.items, &headline, (area.x, top), area.width, Align::Left, soft);
    put(&mut common.items, &offer, (area.x, below + gap), area.width, Align::Left, strong);
}

/// Between a lying ticket's offer and its small print: the name with some air.
fn above_foot(look: &Look, ticket: &Ticket) -> f64 {
    if look.named { ticket.name_high() + 3.0 * ticket.step } else { 2.0 * ticket.step }
}

/// The small print: as many lines as leave headline and offer their smallest, but two there always are.
fn foot(fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words, area: Area) -> Fitted {
    let high = if ticket.standing {
        area.height
    } else {
        let room = ticket.foot_room(area.width, 0.0);
        let others = emblem_high(look, ticket) + 1.6 * ticket.step + promise_gap(ticket, words) + above_foot(look, ticket);
        let promise: f64 = promise_high_min(fonts, ticket, words, area.width).iter().sum();
        (area.height - others - promise).max(room.size_min * (LINE_HIGH + room.leading))
    };
    fit(fonts, &words.small_print, Style::Regular, ticket.foot_room(area.width, high))
}

/// Who recommends, standing on `bottom` or at the area's upper edge. Gives where it ends.
fn recommender(items: &mut Vec<Item>, fonts: &mut Fonts, ticket: &Ticket, words: &Words, name: &str, area: Area, bottom: Option<f64>) -> f64 {
    let label = fit(fonts, &words.recommended_by, Style::Regular, ticket.recommended_room(area.width));
    let name = fit(fonts, name, Style::Bold, ticket.name_room(area.width));
    let gap = ticket.name_gap();
    let top = bottom.map_or(area.y, |bottom| bottom - layout::height(&name) - gap - layout::height(&label));
    let below = put(items, &label, (area.x, top), area.width, Align::Left, SOFT);
    put(items, &name, (area.x, below + gap), area.width, Align::Left, INK)
}

fn lying_stub(items: &mut Vec<Item>, fonts: &mut Fonts, look: &Look, ticket: &Ticket, words: &Words, person: &Person, modules: Option<Rc<Modules>>) {
    let area = ticket.stub();
    let ink = if ticket.filled { readable_on(look.accent) } else { INK };
    let label = fit(fonts, &words.your_code, Style::Regular, ticket.room(area.width, 2.3, 1.7, 2));
    let gap = 1.5 * ticket.step;
    let Some(modules) = modules else {
        // The code alone stands large on a piece of paper of its own.
        let pad = 1.8 * ticket.step;
        let room = Room { wrapped: 8.0 * ticket.step, ..ticket.room(area.width - 2.0 * pad, 6.0, 2.2, 4) };
        let code = fit_code(fonts, &person.code, room);
        let (high, above) = (layout::height(&code) + 2.0 * pad, layout::height(&label));
        let top = area.y + (area.height - high - gap - above) / 2.0;
        let below = put(items, &label, (area.x, top), area.width, Align::Middle, ink) + gap;
        if ticket.filled {
            items.push(Item::Fill { area: Area { y: below, height: high, ..area }, radius: 1.2 * ticket.step, colour: PAPER });
        }
        put(items, &code, (area.x + pad, below + pad + 0.1 * code.size), area.width - 2.0 * pad, Align::Middle, INK);
        return;
    };
    let side = ticket.qr_side();
    let high = area.height - side - 2.6 * gap - layout::height(&label);
    let shown = match look.show {
        Show::Link => person.link.as_deref().map(|link| fit(fonts, link, Style::Regular, Room { high, ..ticket.link_room(area.width) })),
        _ => Some(fit_code(fonts, &person.code, Room { high, wrapped: 3.6 * ticket.step, ..ticket.room(area.width, 4.6, 2.2, 3) })),
    };
    let all = side + 1.6 * gap + layout::height(&label) + shown.as_ref().map_or(0.0, |shown| gap + layout::height(shown));
    let top = area.y + (area.height - all) / 2.0;
    let square = Area { x: area.x + (area.width - side) / 2.0, y: top, width: side, height: side };
    if ticket.filled {
        items.push(Item::Fill { area: square, radius: 1.2 * ticket.step, colour: PAPER });
    }
    let module = ticket.module(&modules);
    let quiet = QUIET_MODULES as f64 * module;
    items.push(Item::Qr { x: square.x + quiet, y: square.y + quiet, module, modules });
    let below = put(items, &label, (area.x, top + side + 1.6 * gap), area.width, Align::Middle, ink);
    if let Some(shown) = shown {
        put(items, &shown, (area.x, below + gap), area.width, Align::Middle, ink);
    }
}

fn standing_stub(
    items: &mut Vec<Item>,
    fonts: &mut Fonts,
    look: &Look,
    ticket: &Ticket,
    words: &Words,
    person: &Person,
    modules: Option<Rc<Modules>>,
) {
    let area = ticket.beside(modules.as_deref());
    if let Some(modules) = modules {
        // The paper around it is its quiet zone: its dark part stands flush with the text above, below and at the left.
        let (Area { x, y, .. }, module) = (ticket.stub(), ticket.module(&modules));
        items.push(Item::Qr { x, y, module, modules });
    }
    let above = match person.name.as_deref() {
        Some(name) => recommender(items, fonts, ticket, words, name, area, None) + 1.5 * ticket.step,
        None => area.y,
    };
    let gap = 1.1 * ticket.step;
    let label = fit(fonts, &words.your_code, Style::Regular, ticket.room(area.width, 2.3, 1.5, 1));
    let high = area.y + area.height - above - layout::height(&label) - gap;
    let shown = match look.show {
        Show::Link => person.link.as_deref().map(|link| fit(fonts, link, Style::Bold, Room { high, ..ticket.link_room(area.width) })),
        _ => {
            let room = ticket.room(area.width, 7.5, 2.4, 3);
            Some(fit_code(fonts, &person.code, Room { high, leading: 1.15, wrapped: 6.0 * ticket.step, ..room }))
        }
    };
    // Capitals have nothing below their base line, which is what stands level with the QR code.
    let below_base = shown.as_ref().map_or(0.0, |shown| shown.size * (LINE_HIGH - layout::CAPITAL));
    let high = shown.as_ref().map_or(0.0, |shown| gap + layout::height(shown));
    let top = area.y + area.height - layout::height(&label) - high + below_base;
    let below = put(items, &label, (area.x, top), area.width, Align::Left, SOFT);
    if let Some(shown) = shown {
        put(items, &shown, (area.x, below + gap), area.width, Align::Left, on_paper(look.accent));
    }
}
