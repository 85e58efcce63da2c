//! Print runs: what becomes stock and what does not, and for whom cards are printed.

use counterfoil_core::desk::brand::BrandAsk;
use counterfoil_core::desk::cards::{People, PrintTo};
use counterfoil_core::print::template::{Sheet, Show, Template};

use super::{CardsAsk, ask, print, shop};
use crate::support::{Shop, fault, revoke};

#[test]
fn a_run_makes_the_codes_that_it_shows_and_counts_as_stock() {
    let mut shop = shop();
    shop.import("people.csv", "Name,Email\nJane,j@x.example\nOmar,o@x.example\n");
    assert_eq!(shop.count("SELECT count(*) FROM referral_code"), 0);
    let no_card = CardsAsk { people: People::NoCardYet, place: Some("Harbour Street".into()), ..ask(Template::LabelL7160) };
    assert_eq!(shop.desk.preview_cards(&no_card).unwrap().cards, 2);
    assert_eq!(shop.count("SELECT count(*) FROM referral_code"), 0, "a preview changes nothing");
    let (printed, _) = print(&mut shop, &no_card);
    assert_eq!((printed.batch, printed.cards, printed.pages), (Some(1), 2, 1));
    assert_eq!(shop.count("SELECT count(*) FROM referral_code"), 2);
    assert_eq!(shop.count("SELECT count(*) FROM card WHERE run_n = 1 AND state = 'printed'"), 2);
    // Everybody has one now; somebody whose card is lost has none.
    assert_eq!(shop.desk.preview_cards(&no_card).unwrap().cards, 0);
    assert_eq!(fault(shop.desk.print_cards(&no_card, &save(&shop, "again.pdf"), &mut |_| true)), "nothing_to_print");
    shop.behind().execute("UPDATE card SET state = 'lost' WHERE n = 1", []).unwrap();
    assert_eq!(shop.desk.preview_cards(&no_card).unwrap().cards, 1);
    shop.assert_sound();
}

fn save(shop: &Shop, name: &str) -> PrintTo {
    PrintTo::Save { path: shop.path().join(name).display().to_string() }
}

#[test]
fn what_is_cancelled_or_can_not_be_written_is_no_stock() {
    let mut shop = shop();
    for n in 0..25 {
        shop.referrer(&format!("Person {n}"), Some(&format!("p{n}@x.example")), None);
    }
    let ask = ask(Template::BusinessCard);
    let mut pages = 0;
    let cancelled = shop.desk.print_cards(&ask, &save(&shop, "cancelled.pdf"), &mut |_| {
        pages += 1;
        pages < 3
    });
    assert_eq!(fault(cancelled), "cancelled");
    assert_eq!(fault(shop.desk.print_cards(&ask, &save(&shop, "no/such/folder.pdf"), &mut |_| true)), "file");
    assert_eq!(fault(shop.desk.print_cards(&ask, &save(&shop, "counterfoil.db"), &mut |_| true)), "among_the_records");
    let nowhere = PrintTo::Spool { printer: "no such printer".into() };
    assert_eq!(fault(shop.desk.print_cards(&ask, &nowhere, &mut |_| true)), "not_found");
    let wrong = CardsAsk { sheet: Sheet::Letter, ..super::ask(Template::PosterA4) };
    assert_eq!(fault(shop.desk.print_cards(&wrong, &save(&shop, "wrong.pdf"), &mut |_| true)), "no_such_sheet");
    assert_eq!(shop.count("SELECT count(*) FROM print_run") + shop.count("SELECT count(*) FROM card"), 0);
    let left: Vec<_> = std::fs::read_dir(shop.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("pdf"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    // A number that was given once is not given again.
    let (printed, _) = print(&mut shop, &ask);
    assert!(printed.batch > Some(1), "{printed:?}");
}

#[test]
fn a_link_that_no_scanner_could_read_is_told_before_and_refused() {
    let mut shop = shop();
    shop.import("people.csv", &format!("Name,Email,Link\nJane,j@x.example,https://x.example/{}\n", "a".repeat(400)));
    let label = ask(Template::Label62);
    let troubles = shop.desk.card_troubles(&label, &mut |_| true).unwrap();
    assert!(shop.desk.preview_cards(&label).unwrap().svg.is_empty() && troubles[0].contains("Jane"), "{troubles:?}");
    assert_eq!(fault(shop.desk.print_cards(&label, &save(&shop, "dense.pdf"), &mut |_| true)), "qr_too_dense");
    assert_eq!(shop.count("SELECT count(*) FROM print_run"), 0);
    print(&mut shop, &CardsAsk { show: Show::Code, ..label });
    print(&mut shop, &ask(Template::PosterA4));
}

#[test]
fn who_lost_their_code_is_left_out_and_named() {
    let mut shop = shop();
    let (jane, _) = shop.jane();
    shop.referrer("Omar", Some("o@x.example"), None);
    shop.desk.revoke_code(&revoke(&jane.referrer.id, "moved away")).unwrap();
    let (printed, _) = print(&mut shop, &ask(Template::BusinessCard));
    assert_eq!(printed.cards, 1);
    assert!(printed.troubles[0].contains("Jane Whitfield"), "{:?}", printed.troubles);
}

/// So many people, named by number from 0 on; from the first `lost` of them their codes are taken back. Gives the ids of all.
fn people_of_whom_some_lost_their_codes(shop: &mut Shop, people: usize, lost: usize) -> Vec<String> {
    let person = |n| shop.referrer(&format!("Person {n}"), Some(&format!("p{n}@x.example")), None).referrer.id;
    let ids: Vec<String> = (0..people).map(person).collect();
    shop.desk.generate_all(&mut |_| true).unwrap();
    for id in &ids[..lost] {
        shop.desk.revoke_code(&revoke(id, "moved away")).unwrap();
    }
    ids
}

#[test]
fn a_first_sheet_is_full_though_the_first_people_lost_their_codes() {
    let mut shop = shop();
    let ids = people_of_whom_some_lost_their_codes(&mut shop, 25, 12);
    for people in [People::All, People::NoCardYet, People::These { ids }] {
        let usual = CardsAsk::usual(Template::BusinessCard, people);
        let preview = shop.desk.preview_cards(&usual).unwrap();
        assert_eq!((preview.cards, preview.sheets), (13, 2));
        let test = shop.desk.test_sheet(&usual, &save(&shop, "test.pdf")).unwrap();
        assert_eq!((test.cards, test.pages), (10, 1));
        let troubles = shop.desk.card_troubles(&usual, &mut |_| true).unwrap();
        assert_eq!(troubles.len(), 12);
        assert!(troubles[11].contains("Person 11"), "{troubles:?}");
    }
}

#[test]
fn what_concerns_every_card_is_told_first_and_a_long_list_says_how_much_longer_it_is() {
    let mut shop = shop();
    people_of_whom_some_lost_their_codes(&mut shop, 60, 55);
    let flowers = CardsAsk { headline: Some("A gift 🌸".to_owned()), ..ask(Template::BusinessCard) };
    let (printed, _) = print(&mut shop, &flowers);
    for troubles in [shop.desk.card_troubles(&flowers, &mut |_| true).unwrap(), printed.troubles] {
        assert!(troubles[0].contains("“🌸”"), "{troubles:?}");
        // One of the words, 49 people of 55, and the rest as a number.
        assert!(troubles[49].contains("Person 48"), "{troubles:?}");
        assert_eq!(troubles[50..], ["… and 6 more."]);
    }
}

#[test]
fn a_look_at_everybody_can_be_overtaken() {
    let mut shop = shop();
    shop.jane();
    assert_eq!(fault(shop.desk.card_troubles(&ask(Template::BusinessCard), &mut |_| false)), "cancelled");
}

#[test]
fn a_started_sheet_is_used_up_and_a_test_is_no_run() {
    let mut shop = shop();
    for n in 0..12 {
        shop.referrer(&format!("Person {n}"), Some(&format!("p{n}@x.example")), None);
    }
    let started = CardsAsk { skip: 17, ..ask(Template::LabelL7160) };
    assert_eq!(shop.desk.preview_cards(&started).unwrap().sheets, 2);
    let test = shop.desk.test_sheet(&started, &save(&shop, "test.pdf")).unwrap();
    assert_eq!((test.batch, test.cards, test.pages), (None, 4, 1));
    assert_eq!(shop.count("SELECT count(*) FROM print_run"), 0);
    let (printed, _) = print(&mut shop, &started);
    assert_eq!((printed.cards, printed.pages), (12, 2));
}

#[test]
fn the_brand_is_kept_and_bad_colours_are_refused() {
    let mut shop = shop();
    let brand = BrandAsk { accent: "#8C2F39".into(), headline: "Für Sie".into(), small_print: "Nicht mit anderen.".into(), show_name: false };
    shop.desk.set_brand(&brand).unwrap();
    let mut shop = shop.reopened();
    let kept = shop.desk.brand().unwrap();
    assert_eq!((kept.accent.as_str(), kept.headline.as_str(), kept.show_name), ("#8c2f39", "Für Sie", false));
    for accent in ["red", "#12345", "#12345g", "url(x)", ""] {
        assert_eq!(fault(shop.desk.set_brand(&BrandAsk { accent: accent.into(), ..brand.clone() })), "not_a_colour");
    }
    assert_eq!(fault(shop.desk.set_brand(&BrandAsk { headline: "x".repeat(81), ..brand.clone() })), "too_long");
    let usual = shop.desk.set_brand(&BrandAsk { headline: " ".into(), ..brand }).unwrap();
    assert_eq!(usual.headline, "A gift from a friend");
}
