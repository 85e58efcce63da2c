//! Cards beside pictures that somebody looked at, square millimetre by square millimetre.

use std::path::Path;

use counterfoil_core::desk::brand::BrandAsk;
use counterfoil_core::desk::cards::People;
use counterfoil_core::print::face::{self, Look, Person, Words};
use counterfoil_core::print::fonts::Fonts;
use counterfoil_core::print::layout::{Item, Page, Placed};
use counterfoil_core::print::sheet::Grid;
use counterfoil_core::print::svg;
use counterfoil_core::print::template::{Show, Template};
use tiny_skia::{Pixmap, PixmapPaint, Transform};

use super::{CardsAsk, all, ask, print, proof, said, shop};
use crate::support::{Shop, root};

/// A kept picture and what is drawn today differ less than this: over the whole card, and in the worst of its squares.
const MEAN_MAX: f64 = 0.4;
const WORST_MAX: f64 = 12.0;
/// Two programs that draw the same differ by a dot at its edges, so their pictures are finer and their squares smaller.
const PREVIEW_MEAN_MAX: f64 = 1.6;
const PREVIEW_WORST_MAX: f64 = 52.0;
const PREVIEW_SQUARE: u32 = 8;
/// Dots of a square each way: a millimetre at 150 dots to the inch.
const SQUARE: u32 = 6;

/// Dots to the inch; what is large is looked at from further away.
fn dpi(template: Template) -> u32 {
    if matches!(template, Template::PosterA4 | Template::TableTent) { 75 } else { 150 }
}

/// The same for the preview.
fn fine_dpi(template: Template) -> u32 {
    4 * dpi(template)
}

/// Where on its page the first card is, or both sides of a tent: left, top, width and height in dots.
fn place(ask: &CardsAsk, dpi: u32) -> [u32; 4] {
    let (width, height) = ask.template.size();
    let (x, y) = Grid::of(ask.template, ask.sheet).unwrap().place(0);
    let height = if ask.template == Template::TableTent { 2.0 * height } else { height };
    [x, y, width, height].map(|mm| (mm * f64::from(dpi) / 25.4).round() as u32)
}

/// That of the PDF, in colour.
fn drawn(pdf: &Path, ask: &CardsAsk, dpi: u32) -> Pixmap {
    let out = pdf.with_extension("look");
    let [left, top, width, height] = place(ask, dpi).map(|dots| dots.to_string());
    said("pdftoppm", &["-png", "-singlefile", "-r", &dpi.to_string(), "-x", &left, "-y", &top, "-W", &width, "-H", &height], &[pdf, &out]);
    Pixmap::load_png(format!("{}.png", out.display())).unwrap()
}

/// How much two pictures differ, of 255: in the mean of all squares, and in the worst.
fn difference(one: &Pixmap, other: &Pixmap) -> (f64, f64) {
    difference_by(SQUARE, one, other)
}

fn difference_by(square: u32, one: &Pixmap, other: &Pixmap) -> (f64, f64) {
    assert!(one.width().abs_diff(other.width()) <= 1 && one.height().abs_diff(other.height()) <= 1, "different paper");
    let (across, down) = (one.width().min(other.width()) / square, one.height().min(other.height()) / square);
    let colour = |picture: &Pixmap, left: u32, top: u32| {
        let dots = (0..square * square).map(|n| picture.pixel(left + n % square, top + n / square).unwrap());
        let sum = dots.fold([0_u32; 3], |sum, dot| [sum[0] + u32::from(dot.red()), sum[1] + u32::from(dot.green()), sum[2] + u32::from(dot.blue())]);
        sum.map(|part| f64::from(part) / f64::from(square * square))
    };
    let (mut sum, mut worst) = (0.0, 0.0_f64);
    for n in 0..across * down {
        let (left, top) = (n % across * square, n / across * square);
        let (a, b) = (colour(one, left, top), colour(other, left, top));
        let off = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 3.0;
        sum += off;
        worst = worst.max(off);
    }
    (sum / f64::from(across * down), worst)
}

/// The pictures were looked at. `COUNTERFOIL_KEEP_PICTURES=1` draws them anew; look at them again then.
#[track_caller]
fn looks_as_kept(pdf: &Path, ask: &CardsAsk, what: &str) {
    let picture = drawn(pdf, ask, dpi(ask.template));
    let name = format!("{}-{}-{what}.png", ask.template.name(), ask.sheet.name());
    let kept = root().join("tests/fixtures/cards").join(&name);
    if std::env::var_os("COUNTERFOIL_KEEP_PICTURES").is_some() {
        picture.save_png(&kept).unwrap();
    }
    let (mean, worst) = difference(&picture, &Pixmap::load_png(&kept).unwrap_or_else(|error| panic!("{name}: {error}")));
    assert!(mean < MEAN_MAX && worst < WORST_MAX, "{name} differs by {mean:.2}, at worst {worst:.2}");
    // An empty card would differ far more than is allowed.
    let mut blank = Pixmap::new(picture.width(), picture.height()).unwrap();
    blank.fill(tiny_skia::Color::WHITE);
    let (mean, worst) = difference(&picture, &blank);
    assert!(mean > 10.0 * MEAN_MAX && worst > 5.0 * WORST_MAX, "{name} is as good as empty: {mean:.2}, {worst:.2}");
}

#[test]
fn every_template_looks_as_it_did_when_somebody_looked() {
    for ask in all() {
        let mut shop = shop();
        let jane = shop.jane().0.referrer.id;
        shop.import("omar.csv", "Name,Email,Link\nOmar Haddad,o@x.example,https://harbour.example/r/omar\n");
        let people = |id: &str| People::These { ids: vec![id.to_owned()] };
        for show in [Show::Both, Show::Code] {
            let ask = CardsAsk { show, people: people(&jane), ..ask.clone() };
            looks_as_kept(&print(&mut shop, &ask).1, &ask, show.name());
        }
        // Another colour, a logo, a link, small print behind the expiry.
        let small_print = "Not with other offers. One card to a visit.";
        let brand = BrandAsk { accent: "#8c2f39".into(), headline: "Welcome to the salon".into(), small_print: small_print.into(), show_name: true };
        shop.desk.set_brand(&brand).unwrap();
        shop.desk.set_logo(Some(&root().join("tests/fixtures/logo.svg"))).unwrap();
        let omar = shop.desk.find("Omar").unwrap()[0].referrer.id.clone();
        let linked = CardsAsk { show: Show::Link, people: people(&omar), ..ask.clone() };
        looks_as_kept(&print(&mut shop, &linked).1, &linked, "link");
    }
}

#[test]
fn names_in_other_scripts_look_as_they_did() {
    let mut shop = shop();
    shop.desk.set_brand(&BrandAsk { accent: "#ffc82e".into(), headline: String::new(), small_print: String::new(), show_name: true }).unwrap();
    for (n, (template, name, what)) in [
        (Template::BusinessCard, "محمد عبد الرحمن", "arabic"),
        (Template::BusinessCard, "王小明", "chinese"),
        (Template::FlyerA6, "محمد عبد الرحمن", "arabic"),
        (Template::LabelL7160, "王小明", "chinese"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = shop.referrer(name, Some(&format!("p{n}@x.example")), None).referrer.id;
        let ask = CardsAsk { people: People::These { ids: vec![id] }, ..ask(template) };
        looks_as_kept(&print(&mut shop, &ask).1, &ask, what);
    }
}

/// Draws a part of an SVG at so many dots to the inch.
fn seen(svg: &str, [left, top, width, height]: [u32; 4], dpi: u32) -> Pixmap {
    let tree = resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default()).unwrap();
    let mut seen = Pixmap::new(width, height).unwrap();
    // SVG counts 96 to the inch.
    let scale = dpi as f32 / 96.0;
    resvg::render(&tree, Transform::from_scale(scale, scale).post_translate(-(left as f32), -(top as f32)), &mut seen.as_mut());
    seen
}

/// Somebody's card.
struct Sample {
    template: Template,
    fonts: Fonts,
    items: Vec<Item>,
}

impl Sample {
    fn of(template: Template) -> Sample {
        let mut fonts = Fonts::on_board();
        let words = Words {
            shop: "Harbour Street Salon".into(),
            headline: "A gift from a friend".into(),
            offer: Some("15% off your first order".into()),
            small_print: "Valid until 31 December 2027.".into(),
            recommended_by: "Recommended by".into(),
            your_code: "Scan, or say this code".into(),
        };
        let person = Person { name: Some("Jane Whitfield".into()), code: "K7MQ-4RTX".into(), link: None, qr: "counterfoil:K7MQ-4RTX?batch=1".into() };
        let look = Look { template, show: Show::Both, accent: [14, 90, 75], logo: None, named: true, bleed: (0.0, 0.0) };
        let mut items = face::common(&mut fonts, &look, &words).items;
        items.extend(face::own(&mut fonts, &look, &words, &person).unwrap());
        Sample { template, fonts, items }
    }

    fn without(&self, n: usize) -> Vec<Item> {
        self.items.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, item)| item.clone()).collect()
    }

    /// How it looks with these items, from one height to another.
    fn picture(&self, items: &[Item], dpi: u32, (top, bottom): (f64, f64)) -> Pixmap {
        let (width, height) = self.template.size();
        let card = Placed { x: 0.0, y: 0.0, turned: false, common: items.into(), own: Vec::new().into(), width, height };
        let page = Page { width, height, cards: vec![card], marks: Vec::new() };
        let (top, bottom) = (top.max(0.0), bottom.min(height));
        let part = [0.0, top, width, bottom - top].map(|mm| (mm * f64::from(dpi) / 25.4) as u32);
        seen(&svg::page(&self.fonts, &page, None, "p"), part, dpi)
    }
}

#[test]
fn no_line_of_text_can_be_missing_from_a_card_unseen() {
    for template in Template::ALL {
        let sample = Sample::of(template);
        let picture = |items: &[Item]| sample.picture(items, dpi(template), (0.0, f64::MAX));
        let whole = picture(&sample.items);
        assert_eq!(difference(&whole, &picture(&sample.items)), (0.0, 0.0));
        for n in (0..sample.items.len()).filter(|&n| matches!(sample.items[n], Item::Text { .. } | Item::Qr { .. })) {
            let (_, worst) = difference(&whole, &picture(&sample.without(n)));
            assert!(worst > 3.0 * WORST_MAX, "{template:?}: item {n} missing only makes {worst:.1}");
        }
    }
}

#[test]
fn the_preview_is_the_same_layout() {
    // A test sheet has no batch either, so its QR code is that of the preview; only its small print says that it is one.
    let mut shop = Shop::open();
    shop.jane();
    for ask in all() {
        let as_test = CardsAsk { small_print: Some("Test print – not for handing out".into()), ..ask.clone() };
        let svg = shop.desk.preview_cards(&as_test).unwrap().svg;
        let dpi = fine_dpi(ask.template);
        let page = drawn(&proof(&shop, &ask), &ask, dpi);
        let [left, top, ..] = place(&ask, dpi);
        let seen = seen(&svg, [left, top, page.width(), page.height()], dpi);
        let (mean, worst) = difference_by(PREVIEW_SQUARE, &page, &seen);
        assert!(
            mean < PREVIEW_MEAN_MAX && worst < PREVIEW_WORST_MAX,
            "{:?} on {:?} differs by {mean:.2}, at worst {worst:.1}",
            ask.template,
            ask.sheet
        );
    }
}

/// What the comparison above is worth.
#[test]
fn what_stands_half_a_millimetre_elsewhere_in_the_preview_is_seen() {
    for template in Template::ALL {
        let sample = Sample::of(template);
        for (n, item) in sample.items.iter().enumerate() {
            let part = match item {
                Item::Text { y, size, .. } => (y - 1.5 * size, y + size),
                Item::Qr { y, module, modules, .. } => (y - 1.0, y + module * f64::from(modules.width) + 1.0),
                _ => continue,
            };
            let picture = |items: &[Item]| sample.picture(items, fine_dpi(template), part);
            let whole = picture(&sample.items);
            let moved = |across: f64, down: f64| {
                let mut items = sample.items.clone();
                if let Item::Text { x, y, .. } | Item::Qr { x, y, .. } = &mut items[n] {
                    (*x, *y) = (*x + across, *y + down);
                }
                items
            };
            for items in [moved(0.5, 0.0), moved(0.0, 0.5), sample.without(n)] {
                let (_, worst) = difference_by(PREVIEW_SQUARE, &whole, &picture(&items));
                assert!(worst > 1.4 * PREVIEW_WORST_MAX, "{template:?}: item {n} elsewhere or missing only makes {worst:.1}");
            }
        }
    }
}

/// The README's pictures are what is printed: a card, and all templates at one scale. They are drawn anew like the others.
#[test]
fn the_readme_shows_every_template_as_it_is_printed() {
    const DPI: u32 = 102;
    const CARD_DPI: u32 = 225;
    let mut shop = shop();
    shop.jane();
    let small_print = "Not with other offers.".to_owned();
    let brand = BrandAsk { accent: "#0e5a4b".into(), headline: String::new(), small_print, show_name: true };
    shop.desk.set_brand(&brand).unwrap();
    let mut picture = Pixmap::new(2_140, 1_270).unwrap();
    picture.fill(tiny_skia::Color::from_rgba8(0xee, 0xe8, 0xdd, 0xff));
    let places = [
        (Template::PosterA4, 40, 40),
        (Template::TableTent, 983, 40),
        (Template::FlyerA6, 1_680, 40),
        (Template::BusinessCard, 920, 960),
        (Template::PerforatedC32011, 1_300, 960),
        (Template::Perforated5371, 1_680, 660),
        (Template::Label62, 1_680, 885),
        (Template::LabelL7160, 1_680, 1_067),
    ];
    assert!(Template::ALL.iter().all(|template| places.iter().any(|(placed, _, _)| placed == template)));
    for (template, x, y) in places {
        let ask = ask(template);
        let card = drawn(&print(&mut shop, &ask).1, &ask, DPI);
        picture.draw_pixmap(x, y, card.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    }
    let ask = ask(Template::BusinessCard);
    let card = drawn(&print(&mut shop, &ask).1, &ask, CARD_DPI);
    for (name, picture) in [("templates.png", picture), ("business_card.png", card)] {
        let kept = root().join("assets/pictures").join(name);
        if std::env::var_os("COUNTERFOIL_KEEP_PICTURES").is_some() {
            picture.save_png(&kept).unwrap();
        }
        let (mean, worst) = difference(&picture, &Pixmap::load_png(&kept).unwrap());
        assert!(mean < MEAN_MAX && worst < WORST_MAX, "the README's {name} differs by {mean:.2}, at worst {worst:.2}");
    }
}
