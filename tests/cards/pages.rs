//! The PDF as other programs see it, and what is told before it is made.

use std::path::Path;

use counterfoil_core::desk::shop::{CampaignChange, NewShop};
use counterfoil_core::print::template::{Show, Template};

use super::{CardsAsk, ask, print, proof, said, shop};
use crate::support::{Shop, code_of, new_shop, op, percent};

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

/// Jane's code keeps the coupon that it was made with; the campaign's is another by now.
#[test]
fn each_card_of_a_run_promises_what_its_own_code_is_good_for() {
    let mut shop = shop();
    let (_, jane) = shop.jane();
    shop.desk.set_campaign(&CampaignChange { coupon: Some(Some(percent(2000))), ..CampaignChange::new(op()) }).unwrap();
    let omar = code_of(&shop.referrer("Omar Haddad", Some("o@x.example"), None));
    let (printed, pdf) = print(&mut shop, &ask(Template::FlyerA6));
    assert_eq!((printed.cards, printed.pages, printed.troubles.len()), (2, 2, 0));
    let mut seen = Vec::new();
    for page in ["1", "2"] {
        let text = said("pdftotext", &["-f", page, "-l", page, "-enc", "UTF-8"], &[&pdf, Path::new("-")]);
        let has = |text: &str, part: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").contains(part);
        for (name, code, own, other) in [("Jane Whitfield", &jane, "15% off", "20% off"), ("Omar Haddad", &omar, "20% off", "15% off")] {
            if has(&text, name) {
                assert!(has(&text, code) && has(&text, &format!("{own} your first order")) && !has(&text, other), "{text}");
                seen.push(name);
            }
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, ["Jane Whitfield", "Omar Haddad"]);
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
    assert!(!plain.contains("CreationDate") && !plain.contains("ModDate") && !plain.contains("/ID"));
}

#[test]
fn the_pdf_says_which_language_it_is_in() {
    for (language, title) in [("en", "Referral cards: Harbour Street Salon"), ("de", "Empfehlungskarten: Harbour Street Salon")] {
        let mut shop = Shop::with(&NewShop { language: language.into(), ..new_shop() });
        shop.jane();
        let pdf = proof(&shop, &ask(Template::BusinessCard));
        let plain = String::from_utf8_lossy(&std::fs::read(&pdf).unwrap()).replace("/Lang (", "/Lang(");
        let said_to_be: Vec<&str> = plain.split("/Lang(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert_eq!(said_to_be, [language]);
        let info = said("pdfinfo", &[], &[&pdf]);
        assert!(info.contains(title), "{info}");
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

#[test]
fn words_that_do_not_go_and_letters_that_no_font_has_are_told_before_anything_is_printed() {
    let mut shop = shop();
    shop.jane();
    let troubles = |shop: &Shop, ask: &CardsAsk| shop.desk.card_troubles(ask, &mut |_| true).unwrap();
    let usual = ask(Template::BusinessCard);
    assert_eq!(troubles(&shop, &usual), [""; 0]);
    let long = CardsAsk { small_print: Some("Only at the shop in Harbour Street. ".repeat(8).trim().to_owned()), ..usual.clone() };
    assert_eq!(troubles(&shop, &long), ["“Valid until 31 December 2027. Only at th …” is too long for this template: the cards leave its end out."]);
    for template in [Template::FlyerA6, Template::TableTent, Template::PosterA4] {
        assert_eq!(troubles(&shop, &CardsAsk { template, sheet: template.sheets()[0], ..long.clone() }), [""; 0], "{template:?} has room for it");
    }
    let headline = CardsAsk { headline: Some("W".repeat(80)), ..usual.clone() };
    assert!(troubles(&shop, &headline)[0].starts_with("“WWWWWWWW"), "{:?}", troubles(&shop, &headline));
    let emoji = CardsAsk { headline: Some("A gift 🌸".to_owned()), ..usual.clone() };
    assert!(troubles(&shop, &emoji)[0].contains("“🌸”"));

    // A link's letters, and one too long to be read; the QR code has all of it.
    let link = |link: &str| shop.behind().execute("UPDATE referrer SET link = ?1", [link]).unwrap();
    let shown = CardsAsk { show: Show::Link, ..usual.clone() };
    link("https://x.example/🌸");
    assert!(troubles(&shop, &shown)[0].contains("“🌸” of the link"), "{:?}", troubles(&shop, &shown));
    link(&format!("https://x.example/{}", "WMW-".repeat(18)));
    assert!(troubles(&shop, &shown)[0].contains("too long to be read"), "{:?}", troubles(&shop, &shown));
    assert_eq!(troubles(&shop, &usual), [""; 0], "where the link is not read, it may be long");
}
