//! The PDF as other programs see it, and its pages beside pictures that somebody looked at.

use std::path::Path;

use counterfoil_core::print::template::{Show, Template};
use tiny_skia::{Pixmap, Transform};

use super::{CardsAsk, all, ask, print, proof, said, shop};
use crate::support::root;

const NAMES: &str = "Name,Email\nJane Whitfield,a@x.example\nΑθηνά Παπαδοπούλου,b@x.example\nЕкатерина Щербакова,c@x.example\n\
    محمد عبد الرحمن,d@x.example\nשירה כהן,e@x.example\n王小明,f@x.example\nMia 🌸 Brandt,g@x.example\n<b>Bob'); --</b>,h@x.example\n";

/// odoo/odoo#25007, FreeOpenSourcePOS/FloCafe PR#355: names in some scripts were blank or reversed on paper.
#[test]
fn names_in_any_script_are_drawn_or_named_and_every_font_is_embedded_in_part() {
    let mut shop = shop();
    let long = format!("{NAMES}{},i@x.example\n", "Long ".repeat(39));
    assert_eq!(shop.import("people.csv", &long).added, 9);
    let (printed, pdf) = print(&mut shop, &ask(Template::BusinessCard));
    assert_eq!(printed.troubles.len(), 2, "{:#?}", printed.troubles);
    assert!(printed.troubles[0].contains("Mia 🌸 Brandt") && printed.troubles[0].contains("“🌸”"));
    assert!(printed.troubles[1].contains("too long"));
    said("qpdf", &["--check"], &[&pdf]);
    let fonts = said("pdffonts", &[], &[&pdf]);
    assert!(fonts.lines().count() >= 2 + 6, "{fonts}");
    for font in fonts.lines().skip(2) {
        // Embedded, subset, and with what its glyphs mean.
        assert!(font.contains("yes yes yes"), "{fonts}");
    }
    let text = said("pdftotext", &["-enc", "UTF-8"], &[&pdf, Path::new("-")]);
    for name in [
        "Jane Whitfield",
        "Αθηνά Παπαδοπούλου",
        "Екатерина Щербакова",
        "王小明",
        "Mia Brandt",
        "<b>Bob'); --</b>",
        "15% off your",
        "Valid until 31 December 2027.",
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
    // Written from right to left, poppler marks both ends.
    assert!(text.contains("محمد") && text.contains("שירה"), "{text}");
    // The code is text, as it is typed.
    let code = shop.desk.find("Jane").unwrap()[0].code.clone().unwrap();
    assert!(text.contains(&code), "{text}");
}

#[test]
fn equal_input_gives_equal_bytes() {
    let mut shop = shop();
    shop.import("people.csv", NAMES);
    shop.desk.generate_all(&mut |_| true).unwrap();
    let ask = ask(Template::BusinessCard);
    let first = std::fs::read(proof(&shop, &ask)).unwrap();
    assert_eq!(std::fs::read(proof(&shop, &ask)).unwrap(), first);
    let plain = String::from_utf8_lossy(&first);
    assert!(plain.contains("/Lang(en)") || plain.contains("/Lang (en)"), "no language");
    assert!(!plain.contains("CreationDate") && !plain.contains("ModDate") && !plain.contains("/ID"));
    let info = said("pdfinfo", &[], &[&shop.path().join("proof.pdf")]);
    assert!(info.contains("Referral cards: Harbour Street Salon"), "{info}");
}

/// A page of the PDF in colour, at so many dots to the inch.
fn drawn(pdf: &Path, dpi: u32) -> Pixmap {
    let out = pdf.with_extension("look");
    said("pdftoppm", &["-png", "-singlefile", "-r", &dpi.to_string()], &[pdf, &out]);
    Pixmap::load_png(format!("{}.png", out.display())).unwrap()
}

/// How much two pictures differ: the mean over all dots, of 255.
fn difference(one: &Pixmap, other: &Pixmap) -> f64 {
    assert!(one.width().abs_diff(other.width()) <= 1 && one.height().abs_diff(other.height()) <= 1, "different paper");
    let (width, height) = (one.width().min(other.width()), one.height().min(other.height()));
    let mut sum = 0.0;
    for y in 0..height {
        for x in 0..width {
            let (a, b) = (one.pixel(x, y).unwrap(), other.pixel(x, y).unwrap());
            let parts = [(a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue())];
            sum += parts.iter().map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / 3.0;
        }
    }
    sum / f64::from(width * height)
}

/// The picture by squares of six dots, each of the mean colour.
fn squares(picture: &Pixmap) -> Pixmap {
    let mut small = Pixmap::new(picture.width() / 6, picture.height() / 6).unwrap();
    let width = small.width();
    for (n, square) in small.pixels_mut().iter_mut().enumerate() {
        let (left, top) = (n as u32 % width * 6, n as u32 / width * 6);
        let dots = (0..36).map(|dot| picture.pixel(left + dot % 6, top + dot / 6).unwrap());
        let sum = dots.fold([0_u32; 3], |sum, dot| [sum[0] + u32::from(dot.red()), sum[1] + u32::from(dot.green()), sum[2] + u32::from(dot.blue())]);
        let [red, green, blue] = sum.map(|part| (part / 36) as u8);
        *square = tiny_skia::PremultipliedColorU8::from_rgba(red, green, blue, 255).unwrap();
    }
    small
}

/// The pictures were looked at. `COUNTERFOIL_KEEP_PICTURES=1` draws them anew; look at them again then.
#[test]
fn every_template_looks_as_it_did_when_somebody_looked() {
    let mut shop = shop();
    shop.jane();
    for ask in all() {
        for show in [Show::Code, Show::Both] {
            let page = drawn(&proof(&shop, &CardsAsk { show, ..ask.clone() }), 50);
            let name = format!("{}-{}-{}.png", ask.template.name(), ask.sheet.name(), show.name());
            let kept = root().join("tests/fixtures/cards").join(&name);
            if std::env::var_os("COUNTERFOIL_KEEP_PICTURES").is_some() {
                page.save_png(&kept).unwrap();
            }
            let off = difference(&page, &Pixmap::load_png(&kept).unwrap_or_else(|error| panic!("{name}: {error}")));
            assert!(off < 2.5, "{name} differs by {off:.2}");
        }
    }
}

#[test]
fn the_preview_is_the_same_layout() {
    let mut shop = shop();
    shop.jane();
    for ask in all() {
        // Without QR codes: those differ by the batch that only printed ones have.
        let ask = CardsAsk { show: Show::Code, ..ask };
        let pdf = shop.path().join("same.pdf");
        let svg = shop.desk.preview_cards(&ask).unwrap().svg;
        let to = counterfoil_core::desk::cards::PrintTo::Save { path: pdf.display().to_string() };
        shop.desk.print_cards(&ask, &to, &mut |_| true).unwrap();
        let page = drawn(&pdf, 150);
        let tree = resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        let mut seen = Pixmap::new(page.width(), page.height()).unwrap();
        // SVG counts 96 to the inch.
        let scale = 150.0 / 96.0;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut seen.as_mut());
        // A dot more or less at the paper's edge shifts everything by a part of it: squares of a millimetre don't feel that.
        let off = difference(&squares(&page), &squares(&seen));
        assert!(off < 2.5, "{:?} differs by {off:.2}", ask.template);
    }
}

#[test]
fn what_people_typed_is_never_markup_in_the_preview() {
    let mut shop = shop();
    shop.referrer("</svg><script>alert(1)</script>", Some("x@x.example"), None);
    let preview = shop.desk.preview_cards(&ask(Template::FlyerA6)).unwrap();
    for svg in [&preview.svg, &preview.card_svg] {
        assert!(svg.starts_with("<svg") && !svg.contains("script") && !svg.contains("alert"));
        roxmltree::Document::parse(svg).unwrap();
    }
}
