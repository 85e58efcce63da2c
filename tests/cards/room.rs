//! Whatever a card says, everything on it stays inside its edges and apart from everything else.

use counterfoil_core::print::face::{self, Look, Person, Words};
use counterfoil_core::print::fonts::Fonts;
use counterfoil_core::print::layout::{Area, Item, PAPER, Page, Placed};
use counterfoil_core::print::qr::Modules;
use counterfoil_core::print::template::{Show, Template};
use counterfoil_core::print::text::Line;
use counterfoil_core::print::{sheet, svg};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rustybuzz::ttf_parser::OutlineBuilder;

/// What is cut or torn a little off must not lose a letter; nor may what a printer's rollers shift.
fn safe(template: Template) -> f64 {
    match template {
        Template::Label62 | Template::LabelL7160 => 2.0,
        // The ticket itself stands 5 and 10 mm inside its paper.
        Template::FlyerA6 => 5.0 + 3.0,
        Template::PosterA4 => 10.0 + 3.0,
        _ => 3.0,
    }
}

/// Five points: below, nobody reads it.
const EM_MM_MIN: f64 = 5.0 * 25.4 / 72.0 - 0.005;

#[derive(Clone, Copy, Debug)]
struct Bounds(f64, f64, f64, f64);

impl Bounds {
    const NONE: Bounds = Bounds(f64::MAX, f64::MAX, f64::MIN, f64::MIN);

    fn of(area: Area) -> Bounds {
        Bounds(area.x, area.y, area.x + area.width, area.y + area.height)
    }

    fn with(&mut self, x: f32, y: f32) {
        let (x, y) = (f64::from(x), f64::from(y));
        *self = Bounds(self.0.min(x), self.1.min(y), self.2.max(x), self.3.max(y));
    }

    /// A hundredth of a millimetre is nobody's collision.
    fn within(&self, outer: &Bounds) -> bool {
        self.0 >= outer.0 - 0.01 && self.1 >= outer.1 - 0.01 && self.2 <= outer.2 + 0.01 && self.3 <= outer.3 + 0.01
    }

    fn apart(&self, other: &Bounds) -> bool {
        self.2 <= other.0 + 0.01 || other.2 <= self.0 + 0.01 || self.3 <= other.1 + 0.01 || other.3 <= self.1 + 0.01
    }
}

impl OutlineBuilder for Bounds {
    fn move_to(&mut self, x: f32, y: f32) {
        self.with(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.with(x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.with(x1, y1);
        self.with(x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.with(x1, y1);
        self.with(x2, y2);
        self.with(x, y);
    }
    fn close(&mut self) {}
}

/// Where a line's ink is: from its glyphs' outlines, not from what the layout reckoned with.
fn ink(fonts: &Fonts, line: &Line, (x, y): (f64, f64), size: f64) -> Option<Bounds> {
    let mut all = Bounds::NONE;
    for glyph in line.glyphs.iter() {
        let mut of_glyph = Bounds::NONE;
        fonts.outline(glyph.font, glyph.id, &mut of_glyph);
        if of_glyph.0 <= of_glyph.2 {
            let em = size / fonts.units(glyph.font);
            let (x, y) = (x + f64::from(glyph.x) * size, y - f64::from(glyph.y) * size);
            all.with((x + of_glyph.0 * em) as f32, (y - of_glyph.3 * em) as f32);
            all.with((x + of_glyph.2 * em) as f32, (y - of_glyph.1 * em) as f32);
        }
    }
    (all.0 <= all.2).then_some(all)
}

fn said(line: &Line) -> String {
    line.glyphs.iter().map(|glyph| &*glyph.text).collect()
}

/// What is wrong on a card with these items.
fn wrong(fonts: &Fonts, template: Template, items: &[Item]) -> Vec<String> {
    let (width, height) = template.size();
    let off = safe(template);
    let inside = Bounds(off, off, width - off, height - off);
    let mut things = Vec::new();
    let mut fills = Vec::new();
    let mut wrong = Vec::new();
    for item in items {
        match item {
            Item::Fill { area, colour, .. } => fills.push((Bounds::of(*area), *colour)),
            Item::Logo { area } => things.push(("logo".to_owned(), Bounds::of(*area))),
            Item::Qr { x, y, module, modules } => {
                // With the four light modules around it that a reader needs.
                let (quiet, side) = (4.0 * module, f64::from(modules.width) * module);
                things.push(("QR code".to_owned(), Bounds(x - quiet, y - quiet, x + side + quiet, y + side + quiet)));
                if *module < 0.4 {
                    wrong.push(format!("a module of {module:.2} mm"));
                }
            }
            Item::Text { x, y, size, line, .. } => {
                if *size < EM_MM_MIN {
                    wrong.push(format!("“{}” is {size:.2} mm high", said(line)));
                }
                things.extend(ink(fonts, line, (*x, *y), *size).map(|bounds| (format!("“{}”", said(line)), bounds)));
            }
            Item::Perforation { from, to, radius, .. } => {
                things.push(("perforation".to_owned(), Bounds(from.0 - radius, from.1 - radius, to.0 + radius, to.1 + radius)));
            }
            Item::Rule { .. } => {}
        }
    }
    for (n, (name, bounds)) in things.iter().enumerate() {
        if name != "perforation" && !bounds.within(&inside) {
            wrong.push(format!("{name} {bounds:.2?} leaves {inside:.2?}"));
        }
        wrong.extend(things[..n].iter().filter(|(_, other)| !bounds.apart(other)).map(|(other, _)| format!("{name} meets {other}")));
        if name != "perforation" && fills.iter().any(|(fill, _)| !bounds.within(fill) && !bounds.apart(fill)) {
            wrong.push(format!("{name} crosses the edge of a colour"));
        }
        // What is drawn last lies on top.
        let under = fills.iter().rev().find(|(fill, _)| bounds.within(fill));
        if matches!(name.as_str(), "QR code" | "logo") && under.is_some_and(|(_, colour)| *colour != PAPER) {
            wrong.push(format!("{name} does not stand on paper"));
        }
    }
    wrong
}

/// Draws what failed, where `COUNTERFOIL_KEEP_PICTURES` names a folder.
fn keep(fonts: &Fonts, look: &Look, common: Vec<Item>, own: Vec<Item>, name: &str) {
    if let Some(folder) = std::env::var_os("COUNTERFOIL_KEEP_PICTURES") {
        let (width, height) = look.template.size();
        let card = Placed { x: 0.0, y: 0.0, turned: false, common: common.into(), own: own.into(), width, height };
        let page = Page { width, height, cards: vec![card], marks: Vec::new() };
        let logo =
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'%3E%3Cpath fill='%238c2f39' d='M0 0h1v1H0z'/%3E%3C/svg%3E";
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.svg")), svg::page(fonts, &page, Some(logo), "k")).unwrap();
    }
}

fn check(fonts: &mut Fonts, (template, show): (Template, Show), words: &Words, person: &Person, logo: Option<f64>) -> Result<(), TestCaseError> {
    let bleed = sheet::Grid::of(template, template.sheets()[0]).unwrap().bleed;
    let look = Look { template, show, accent: [14, 90, 75], logo, bleed, named: person.name.is_some() };
    let common = face::common(fonts, &look, words).items;
    // A link that is too long for a QR code here is refused.
    let Ok(own) = face::own(fonts, &look, words, person) else { return Ok(()) };
    let all: Vec<Item> = common.iter().chain(&own).cloned().collect();
    let wrong = wrong(fonts, template, &all);
    if !wrong.is_empty() {
        keep(fonts, &look, common, own, &format!("{}-{}", template.name(), show.name()));
        return Err(TestCaseError::fail(format!("{template:?} {show:?}: {wrong:#?}")));
    }
    Ok(())
}

/// Words of so many letters, as people write them, without a place to break them, in capitals with marks, and without spaces.
fn text(chars: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    let like = prop_oneof![
        4 => Just("Not together with other offers, only at the shop in Harbour Street and as long as there is some left. "),
        1 => Just("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenträgerversammlung"),
        1 => Just("ÄÖÜ ÉÅŞ ĞÝŽ "),
        1 => Just("WMW"),
        1 => Just("Αθηνά Щербакова ỳậĝ "),
    ];
    (like, chars, 0..40_usize).prop_map(|(like, chars, from)| like.chars().cycle().skip(from).take(chars).collect())
}

fn words() -> impl Strategy<Value = Words> {
    let own = prop_oneof![Just(("Recommended by", "Scan, or say this code")), Just(("Empfohlen von", "Scannen oder Code nennen"))];
    let offer = proptest::option::weighted(0.9, prop_oneof![2 => text(8..=30), 1 => text(31..=90)]);
    (text(1..=60), text(1..=80), offer, text(0..=420), own).prop_map(|(shop, headline, offer, small_print, (by, code))| Words {
        shop,
        headline,
        offer,
        small_print,
        recommended_by: by.to_owned(),
        your_code: code.to_owned(),
    })
}

fn person() -> impl Strategy<Value = Person> {
    let code = prop_oneof![3 => "[2-9A-HJ-Z]{4}-[2-9A-HJ-Z]{4}", 1 => "[A-Z]{1,40}", 1 => "[A-Z]{3}-[A-Z]{12}-[A-Z]{18}", 1 => "[A-Z]{38}-9"];
    let name = proptest::option::weighted(0.8, prop_oneof![text(3..=40), text(41..=200)]);
    let link = proptest::option::of(prop_oneof!["harbour\\.example/r/[a-z]{3,9}", "[a-z]{5,40}\\.example/[a-z0-9-]{10,160}"]);
    (name, code, link).prop_map(|(name, code, link)| {
        let qr = link.as_ref().map_or_else(|| format!("counterfoil:{code}?batch=12"), |link| format!("https://{link}?code={code}&batch=12"));
        Person { name, code, link, qr }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 144, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn nothing_leaves_the_card_or_meets_anything_else(
        template in proptest::sample::select(&Template::ALL[..]),
        show in proptest::sample::select(vec![Show::Code, Show::Link, Show::Both]),
        words in words(),
        person in person(),
        logo in proptest::option::of(0.3..6.0_f64),
    ) {
        check(&mut Fonts::on_board(), (template, show), &words, &person, logo)?;
    }
}

/// Whether a module is dark.
fn dark(modules: &Modules, column: u8, row: u8) -> bool {
    modules.runs.iter().any(|run| run.y == row && (run.x..run.x + run.length).contains(&column))
}

#[test]
fn a_qr_code_is_drawn_exactly_where_its_modules_are_0_4_mm_wide_and_then_with_level_m_or_better() {
    let mut fonts = Fonts::on_board();
    let words = Words {
        shop: "Salon".to_owned(),
        headline: "A gift".to_owned(),
        offer: None,
        small_print: String::new(),
        recommended_by: String::new(),
        your_code: "Scan".to_owned(),
    };
    for template in Template::ALL {
        let look = Look { template, show: Show::Link, accent: [0; 3], logo: None, named: false, bleed: (0.0, 0.0) };
        // Room for the code, measured where it is drawn, with the light modules that are the code's own.
        let mut room: f64 = 0.0;
        let (mut drawn, mut refused) = (0, 0);
        for chars in [20, 40, 60, 80, 100, 130, 150, 180, 210, 240, 300, 400, 600, 900, 1_300, 1_800] {
            let qr = format!("https://x.example/{}", "a".repeat(chars - 18));
            let person = Person { name: None, code: "K7MQ-4RTX".to_owned(), link: None, qr: qr.clone() };
            // How many modules it has is what the encoder says, at level M.
            let across = qrcode::QrCode::with_error_correction_level(&qr, qrcode::EcLevel::M).unwrap().width() as f64;
            let standing = matches!(template, Template::FlyerA6 | Template::PosterA4);
            let with_quiet = across + if standing { 4.0 } else { 8.0 };
            match face::own(&mut fonts, &look, &words, &person) {
                Ok(items) => {
                    let found = items.iter().find_map(|item| match item {
                        Item::Qr { module, modules, .. } => Some((*module, modules)),
                        _ => None,
                    });
                    let (module, modules) = found.unwrap();
                    assert!(module >= 0.4, "{template:?} {chars}: {module}");
                    room = module * with_quiet;
                    // ISO/IEC 18004, 7.9: the level's two bits begin at the left of row 8 and below column 8, masked with 10; L is 01.
                    let last = modules.width - 1;
                    let level = [(dark(modules, 0, 8), dark(modules, 1, 8)), (dark(modules, 8, last), dark(modules, 8, last - 1))];
                    assert_eq!(level[0], level[1], "the two copies of the level differ");
                    let (high, low) = (!level[0].0, level[0].1);
                    assert_ne!((high, low), (false, true), "{template:?} {chars}: level L");
                    drawn += 1;
                }
                Err(face::TooDense) => {
                    assert!(room / with_quiet < 0.4, "{template:?} {chars}: refused, though a module would be {:.3} mm", room / with_quiet);
                    refused += 1;
                }
            }
        }
        assert!(drawn > 3 && (refused > 0 || template == Template::PosterA4), "{template:?}: {drawn} drawn, {refused} refused");
    }
}
