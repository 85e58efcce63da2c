//! What stands on a slip: read back from the bytes that a printer gets, and from the document.

use std::path::Path;
use std::process::Command;

use counterfoil_core::desk::printer::PrinterAsk;
use counterfoil_core::desk::shop::{LookAsk, LookChoice};
use counterfoil_core::desk::slips::{SlipAsk, SlipKind, SlipOf, SlipState, SlipView};
use counterfoil_core::desk::views::{Counterfoil, RulesView};

use super::paper::{Paper, Picture, zbarimg};
use super::stand_in::{Manner, StandIn};
use crate::support::*;

pub fn receipt(sale: &Counterfoil) -> SlipAsk {
    SlipAsk { op: op(), of: SlipOf::Receipt { redemption_id: sale.id.clone() }, by: None }
}

pub fn your_code(referrer_id: &str) -> SlipAsk {
    SlipAsk { op: op(), of: SlipOf::YourCode { referrer_id: referrer_id.into() }, by: Some("Mina".into()) }
}

pub fn set_printer(shop: &mut Shop, address: &str, columns: u32, after_sale: bool) {
    shop.desk.set_printer(&PrinterAsk { address: address.into(), columns, after_sale }).unwrap();
}

/// Prints on a good printer; gives what came out.
#[track_caller]
pub fn paper(shop: &mut Shop, ask: &SlipAsk, columns: u32) -> (SlipView, Paper) {
    let printer = StandIn::open(Manner::Good);
    set_printer(shop, &printer.address, columns, false);
    let slip = shop.desk.print_now(ask, None).unwrap();
    assert_eq!(slip.state, SlipState::Printed, "{slip:?}");
    let paper = Paper::read(&printer.visits(1)[0]);
    assert_eq!((paper.cuts, paper.code_page, paper.single_bytes), (1, Some(19), true));
    assert!(paper.columns <= columns as usize, "{} columns", paper.columns);
    assert!(paper.pictures.iter().all(|picture| picture.width <= columns as usize * 12));
    (slip, paper)
}

#[test]
fn a_receipt_says_what_was_recorded() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, customer("Zoë Müller", "zoe@mueller.example"));
    for columns in [32, 42, 48] {
        let (slip, paper) = paper(&mut shop, &receipt(&sale), columns);
        assert_eq!((slip.kind, slip.name.as_deref(), slip.code.as_str()), (SlipKind::Receipt, Some("Zoë Müller"), code.as_str()));
        let row = |name: &str, value: &str| format!("{name}{value:>rest$}", rest = columns as usize - name.len());
        // 15 % off 100.00; noon in UTC is one o'clock in London in summer.
        for line in [
            row("Referral code", &code),
            row("Recommended by", "Jane"),
            row("Customer", "Zoë Müller"),
            row("Order", "100.00"),
            row("Discount", "-15.00"),
            row("Paid", "85.00 EUR"),
        ] {
            assert!(paper.lines.contains(&line), "{line:?} in {:#?}", paper.lines);
        }
        assert!(paper.says("Harbour Street Salon") && paper.says("31 May 2026, 13:00"));
        assert!(paper.pictures.is_empty(), "all of it is in the printer's own letters");
        assert!(!paper.says("jane@salon.example") && !paper.says("Whitfield") && !paper.says("zoe@"), "no contacts of anybody");
        assert_eq!(paper.says("COPY"), columns != 32);
    }
}

#[test]
fn a_slip_speaks_the_language_of_the_shop_and_knows_what_became_of_the_sale() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let (sale, undone) = (shop.sell(&code, 10_000, walk_in()), shop.sell(&code, 5_000, walk_in()));
    shop.desk.refund(&refund(&sale, Some(2_000), "scratched")).unwrap();
    shop.desk.void(&void(&undone, "wrong total")).unwrap();
    let look = LookAsk { language: "de".into(), look: LookChoice::System, till: "Kasse 1".into() };
    shop.desk.set_look(&look).unwrap();
    let (_, first) = paper(&mut shop, &receipt(&sale), 48);
    assert!(first.says("31. Mai 2026, 13:00") && first.says("85,00 EUR") && first.says("20,00 EUR") && first.says("Kasse 1"), "{first:#?}");
    assert!(!first.says("STORNIERT"));
    let (_, second) = paper(&mut shop, &receipt(&undone), 48);
    assert!(second.says("STORNIERT"));
}

#[test]
fn a_code_to_pass_on_is_generated_shown_scanned_and_on_record() {
    let mut shop = Shop::with_rules(RulesView { first_time_only: true, expires: Some("2026-12-31".into()), ..RulesView::default() });
    let jane = shop.desk.add_referrer(&referrer("Jane Whitfield", Some("jane@salon.example"), None, counterfoil_core::desk::people::NewCode::None));
    let jane = jane.unwrap();
    assert!(jane.code.is_none());
    let ask = your_code(&jane.referrer.id);
    let (slip, first) = paper(&mut shop, &ask, 48);
    let code = code_of(&shop.desk.person(&jane.referrer.id).unwrap());
    assert_eq!((slip.code.as_str(), slip.copies), (code.as_str(), 1));
    assert!(
        first.says(&code) && first.says("Jane Whitfield") && first.says("15% off your first order") && first.says("Valid until 31 December 2026.")
    );
    assert_eq!(first.pictures.len(), 1);
    assert_eq!(first.pictures[0].decoded(shop.path()), format!("counterfoil:{code}"));
    let handouts = shop.desk.person(&jane.referrer.id).unwrap().handouts;
    assert_eq!(handouts.len(), 1, "{handouts:?}");
    assert_eq!(serde_json::to_value(handouts[0].how).unwrap(), "slip");
    assert_eq!((handouts[0].by.as_deref(), handouts[0].place.clone()), (Some("Mina"), Some(shop.desk.shop_view().unwrap().till)));

    // The same press again does nothing; another slip is no copy of this one, for it is another friend's.
    let again = shop.desk.print_now(&ask, None).unwrap();
    assert_eq!((again.id.as_str(), again.copies), (slip.id.as_str(), 1));
    let (_, second) = paper(&mut shop, &your_code(&jane.referrer.id), 32);
    assert!(!second.says("COPY"));
    assert_eq!(second.pictures[0].decoded(shop.path()), format!("counterfoil:{code}"));
    assert_eq!(shop.desk.person(&jane.referrer.id).unwrap().handouts.len(), 2);
    // A scan at the counter finds it.
    assert!(shop.check(&format!("counterfoil:{code}"), 1_000, customer("Leo", "leo@mail.example")).allowed);
}

/// odoo/odoo#25007, FreeOpenSourcePOS/FloCafe PR#355: Arabic, Armenian and Persian names were blank or reversed on slips.
#[test]
fn names_that_the_printer_lacks_letters_for_are_pictures() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let names = [
        ("محمد علي الهاشمي", 260),
        ("Անահիտ Սարգսյան", 330),
        ("زهرا حسینی‌نژاد", 260),
        ("王小明", 110),
        ("Łukasz Żółć", 200),
        ("Ελένη Παπαδοπούλου", 330),
    ];
    for (n, (name, widest)) in names.into_iter().enumerate() {
        let sale = shop.sell(&code, 10_000, customer(name, &format!("c{n}@mail.example")));
        let (_, paper) = paper(&mut shop, &receipt(&sale), 48);
        assert!(!paper.says("Customer") && paper.says("Recommended by"), "the line with the name is a picture, the others are not");
        let [picture] = paper.pictures.as_slice() else { panic!("one line is a picture: {:?}", paper.pictures.len()) };
        // "Customer" stands at the left, the name ends at the right edge, and between them is nothing.
        let inked: Vec<usize> = (0..picture.width).filter(|x| (0..picture.height).any(|y| picture.dots[y * picture.width + x])).collect();
        let gap = inked.windows(2).max_by_key(|pair| pair[1] - pair[0]).unwrap();
        let (left, right) = (gap[0] - inked[0], inked[inked.len() - 1] - gap[1]);
        assert!(inked[0] < 6 && inked[inked.len() - 1] > 568, "{name}");
        assert!((80..=130).contains(&left) && right <= widest && right > widest / 3, "{name}: {left} and {right} dots");
        assert_inked(picture, &format!("{n}.pbm"));
    }
}

/// It is letters and not boxes or a black bar. Fonts of the system differ, so pictures are kept to be looked at and not compared:
/// `COUNTERFOIL_KEEP_PICTURES=FOLDER` keeps those of this run.
#[track_caller]
fn assert_inked(picture: &Picture, name: &str) {
    let share = picture.ink() as f64 / picture.dots.len() as f64;
    assert!((0.005..0.25).contains(&share), "{share} of the paper is ink");
    if let Some(folder) = std::env::var_os("COUNTERFOIL_KEEP_PICTURES") {
        std::fs::write(Path::new(&folder).join(name), picture.pbm()).unwrap();
    }
}

#[test]
fn no_name_is_an_order_to_the_printer() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, customer("Ann", "ann@lee.example"));
    // Past the desk, as a damaged or tampered file would have it: reset, cut, open the drawer, status, and a code page of its own.
    let hostile = "Ann\u{1b}@\u{1d}VA\u{0}\u{1b}p\u{0}\u{10}\u{14}\u{1}\u{0}\u{5}\u{10}\u{4}\u{1}\u{1c}&\u{9b}Lee\r\n\u{1f}\u{7f}";
    shop.behind().execute("UPDATE lead SET name = ?1", [hostile]).unwrap();
    shop.behind().execute("UPDATE referrer SET name = ?1", [hostile]).unwrap();
    shop.behind().execute("UPDATE shop SET name = ?1, till = ?1", [hostile]).unwrap();
    for ask in [receipt(&sale), your_code(&jane.referrer.id)] {
        // Reading refuses every order that no slip needs; what is left of the name is harmless text.
        let (_, paper) = paper(&mut shop, &ask, 48);
        assert_eq!((paper.cuts, paper.questions), (1, 4));
        assert!(paper.says("Ann @ VA p"), "{:#?}", paper.lines);
    }
    // Two hundred letters without a space, in letters that the printer has and in letters that it lacks.
    for name in ["W".repeat(200), "Ж".repeat(200)] {
        shop.behind().execute("UPDATE referrer SET name = ?1", [&name]).unwrap();
        let (_, paper) = paper(&mut shop, &your_code(&jane.referrer.id), 32);
        assert!(paper.lines.len() < 60 && paper.pictures.len() <= 6);
    }
}

#[test]
fn a_link_too_long_for_a_code_on_paper_is_refused_with_its_reason() {
    let mut shop = Shop::open();
    let (jane, _) = shop.jane();
    shop.behind().execute("UPDATE referrer SET link = ?1", [format!("https://shop.example/{}", "x".repeat(1_900))]).unwrap();
    set_printer(&mut shop, "tcp://127.0.0.1:9", 32, false);
    assert_eq!(fault(shop.desk.print_now(&your_code(&jane.referrer.id), None)), "qr_too_large");
    assert_eq!(shop.count("SELECT copies FROM slip"), 0);
    assert_eq!(shop.count("SELECT count(*) FROM handout"), 0);
}

#[test]
fn a_slip_as_a_document_is_text_and_a_code_that_is_read() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    shop.behind().execute("UPDATE referrer SET name = 'Łukasz 王小明'", []).unwrap();
    let file = shop.path().join("slip.pdf");
    let slip = shop.desk.save_slip(&your_code(&jane.referrer.id), &file).unwrap();
    assert_eq!((slip.state, slip.copies), (SlipState::Printed, 1));
    assert_eq!(shop.desk.person(&jane.referrer.id).unwrap().handouts.len(), 1);

    let text = tool("pdftotext", &["-layout", file.to_str().unwrap(), "-"]);
    for said in [&code, "Łukasz 王小明", "Harbour Street Salon", "15% off"] {
        assert!(text.contains(said), "{said} in {text}");
    }
    let fonts = tool("pdffonts", &[file.to_str().unwrap()]);
    assert!(fonts.lines().skip(2).count() >= 2 && fonts.lines().skip(2).all(|font| font.contains(" yes yes ")), "{fonts}");
    tool("qpdf", &["--check", file.to_str().unwrap()]);
    let info = tool("pdfinfo", &[file.to_str().unwrap()]);
    // 80 mm are 226.8 points.
    let size = info.lines().find(|line| line.starts_with("Page size")).unwrap();
    assert!(size.contains("226.7"), "{size}");
    assert!(info.contains("Your referral code") && info.lines().any(|line| line.starts_with("Pages") && line.ends_with(" 1")), "{info}");
    let picture = shop.path().join("slip");
    tool("pdftoppm", &["-r", "300", "-png", "-singlefile", file.to_str().unwrap(), picture.to_str().unwrap()]);
    assert_eq!(zbarimg(&picture.with_extension("png")), format!("counterfoil:{code}"));
}

#[test]
fn a_receipt_as_a_document_has_its_rows_its_total_and_says_when_it_is_a_copy() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, customer("Zoë Müller", "zoe@mueller.example"));
    let file = shop.path().join("receipt.pdf");
    let ask = receipt(&sale);
    let words = |file: &Path| {
        let text = tool("pdftotext", &["-layout", file.to_str().unwrap(), "-"]);
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    shop.desk.save_slip(&ask, &file).unwrap();
    let lines = words(&file);
    // 15 % off 100.00; each row's name stands at the left of its value, on one line.
    let rows = [
        format!("Referral code {code}"),
        "Recommended by Jane".into(),
        "Customer Zoë Müller".into(),
        "Order 100.00".into(),
        "Discount -15.00".into(),
        "Paid 85.00 EUR".into(),
    ];
    let at = rows.map(|row| lines.iter().position(|line| *line == row).unwrap_or_else(|| panic!("{row:?} in {lines:#?}")));
    assert!(at.is_sorted(), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("COPY")), "{lines:#?}");
    let info = tool("pdfinfo", &[file.to_str().unwrap()]);
    assert!(info.lines().any(|line| line.starts_with("Page size") && line.contains("226.7")), "{info}");
    tool("qpdf", &["--check", file.to_str().unwrap()]);

    // Names begin at the left edge, values end at the right one, 5 mm in; the total is the only bold row; three rules go across.
    let page = crate::cards::paper(&file, 1, 300);
    let inked: Vec<(f64, f64)> = (0..2_000)
        .map(|tenth| f64::from(tenth) / 10.0)
        .take_while(|y| page.has(*y))
        .filter_map(|y| {
            let across = page.across(y);
            Some((across.first()?.0, across.last()?.1))
        })
        .collect();
    let left = inked.iter().map(|(from, _)| *from).fold(f64::MAX, f64::min);
    let right = inked.iter().map(|(_, to)| *to).fold(0.0, f64::max);
    assert!((left - 5.0).abs() < 0.2 && (right - 75.0).abs() < 0.2, "{left:.2} to {right:.2}");
    let rules: Vec<f64> = page
        .down(40.0)
        .iter()
        .filter(|(from, to)| to - from < 0.4)
        .map(|(from, _)| *from)
        .filter(|y| {
            let across = page.across(y + 0.1);
            across.len() == 1 && across[0].1 - across[0].0 > 69.0
        })
        .collect();
    assert_eq!(rules.len(), 3, "{rules:?}");

    // The second one says what it is.
    let again = shop.desk.save_slip(&receipt(&sale), &file).unwrap();
    assert_eq!(again.copies, 2);
    assert!(words(&file).iter().any(|line| line.contains("COPY")), "{:#?}", words(&file));
}

#[track_caller]
fn tool(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name).args(arguments).output().unwrap_or_else(|error| panic!("{name} is needed ({error}): run `make test` once"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_document_is_never_written_over_the_records() {
    let mut shop = Shop::open();
    let (jane, _) = shop.jane();
    let database = shop.database();
    assert_eq!(fault(shop.desk.save_slip(&your_code(&jane.referrer.id), &database)), "among_the_records");
    assert_eq!(shop.count("SELECT count(*) FROM slip"), 0);
    assert_eq!(fault(shop.desk.save_slip(&your_code(&jane.referrer.id), Path::new("/no/such/folder/slip.pdf"))), "file");
    assert_eq!(shop.count("SELECT copies FROM slip"), 0);
    assert_eq!(shop.count("SELECT count(*) FROM handout"), 0);
    shop.assert_sound();
}
