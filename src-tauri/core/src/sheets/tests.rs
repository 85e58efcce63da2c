//! Whole files: one per vendor and per kind of trouble, hostile bytes, and lists that come back as they went out.

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use proptest::prelude::*;

use super::Column::{Code, Email, FirstName, LastName, Link, Name, Phone};
use super::*;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/lists").join(name)
}

/// Everything the import sees of a file: row number, name, e-mail, phone, code, link; "" where there is nothing.
fn people(sheet: Sheet) -> Vec<(u64, [String; 5])> {
    let mapping = sheet.suggest();
    let mut rows = sheet.rows();
    let people = rows.by_ref().map(|row| {
        let row = row.unwrap();
        let Record { name, email, phone, code, link } = mapping.record(&row);
        (row.number, [name, email, phone, code, link].map(Option::unwrap_or_default))
    });
    let people = people.collect();
    assert_eq!(rows.done(), 1.0);
    people
}

#[track_caller]
fn check(file: &str, vendor: Option<Vendor>, fields: &[(&str, Column)], expected: &[(u64, [&str; 5])]) {
    let sheet = Sheet::open(&fixture(file)).unwrap();
    assert_eq!(sheet.vendor(), vendor);
    let suggested = sheet.suggest();
    let headed = sheet.headers().iter().zip(&suggested.columns);
    let headed: Vec<(&str, Column)> = headed.filter_map(|(header, field)| field.map(|f| (header.as_str(), f))).collect();
    assert_eq!(headed, fields);
    let preview = sheet.preview(2).unwrap();
    assert_eq!(preview.iter().map(|row| row.number).collect::<Vec<_>>(), [expected[0].0, expected[1].0]);
    let people = people(sheet);
    for (got, want) in people.iter().zip(expected) {
        assert_eq!(got, &(want.0, want.1.map(str::to_owned)));
    }
    assert_eq!(people.len(), expected.len());
}

#[track_caller]
fn check_fault(name: &str, bytes: &[u8], code: &str) {
    match Sheet::from_bytes(name, bytes.to_vec()) {
        Ok(_) => panic!("{name} was taken for a table"),
        Err(fault) => assert_eq!(fault.code(), code, "{fault}"),
    }
}

#[test]
fn square() {
    check(
        "square.csv",
        Some(Vendor::Square),
        &[("First Name", FirstName), ("Last Name", LastName), ("Email Address", Email), ("Phone Number", Phone)],
        &[
            (2, ["Jane Whitfield", "jane.whitfield@salon.example", "+442079460101", "", ""]),
            (3, ["Omar Haddad", "OMAR@haddad.example", "+442079460102", "", ""]),
            (4, ["", "", "+442079460103", "", ""]),
            (5, ["Siobhán O'Neill", "siobhan@oneill.example", "", "", ""]),
            (6, ["=Evil @SUM(1+1)", "evil@formula.example", "", "", ""]),
            (7, ["Wen Li", "wen.li@tea.example", "+442079460106", "", ""]),
        ],
    );
}

#[test]
fn shopify() {
    check(
        "shopify.csv",
        Some(Vendor::Shopify),
        &[("First Name", FirstName), ("Last Name", LastName), ("Email", Email), ("Phone", Phone)],
        &[
            (2, ["Lena Brandt", "lena@brandt.example", "+4915155500201", "", ""]),
            (3, ["Tom Becker", "tom.becker@werkstatt.example", "", "", ""]),
            (4, ["Aïcha Diallo", "aicha@diallo.example", "+33655500203", "", ""]),
            (5, ["", "guest@checkout.example", "", "", ""]),
            (6, ["Núria Puig", "", "+34655500205", "", ""]),
            (7, ["Åsa Lindström", "asa@lindstrom.example", "+46705550206", "", ""]),
        ],
    );
}

#[test]
fn stripe() {
    check(
        "stripe.csv",
        Some(Vendor::Stripe),
        &[("Email", Email), ("Name", Name), ("referral_code (metadata)", Code)],
        &[
            (2, ["Maria Ribeiro", "maria@ribeiro.example", "", "K7MQ-4RTX", ""]),
            (3, ["Piotr Zieliński", "piotr@zielinski.example", "", "", ""]),
            (4, ["Hannah Cole", "", "", "", ""]),
            (5, ["", "noname@guest.example", "", "", ""]),
            (6, ["Mensah, Kofi", "kofi@mensah.example", "", "", ""]),
            (7, ["Inès Moreau", "ines@moreau.example", "", "", ""]),
        ],
    );
}

#[test]
fn mailchimp() {
    check(
        "mailchimp.csv",
        Some(Vendor::Mailchimp),
        &[("Email Address", Email), ("First Name", FirstName), ("Last Name", LastName), ("Phone Number", Phone)],
        &[
            (2, ["Ruth Abara", "ruth@garden.example", "020 7946 0301", "", ""]),
            (3, ["Devi Patel", "devi@patel.example", "", "", ""]),
            (4, ["Lou", "UPPER@CASE.EXAMPLE", "(555) 010-0303", "", ""]),
            (5, ["", "noname@list.example", "", "", ""]),
            (6, ["Jürgen Weiß", "jurgen@weiss.example", "+49 731 9400305", "", ""]),
            (7, ["Ann van 't Hooft", "ann@anna.example", "", "", ""]),
        ],
    );
}

#[test]
fn referral_factory() {
    let link = |code: &str| format!("https://shop.referral-factory.example/{code}");
    let [amara, ben, chloe, eve, farid] = ["ueONFmUp", "Qm2xLd7A", "pR0oIl1Z", "00123456", "-xYz_9aB"].map(link);
    check(
        "referral_factory.csv",
        Some(Vendor::ReferralFactory),
        &[("first_name", FirstName), ("email", Email), ("code", Code), ("url", Link)],
        &[
            (2, ["Amara", "amara@okafor.example", "", "ueONFmUp", &amara]),
            (3, ["Ben", "ben@novak.example", "", "Qm2xLd7A", &ben]),
            (4, ["Chloé", "chloe@petit.example", "", "pR0oIl1Z", &chloe]),
            (5, ["Dilan", "dilan@kaya.example", "", "", ""]),
            (6, ["", "eve@nobody.example", "", "00123456", &eve]),
            (7, ["Farid", "farid@aziz.example", "", "-xYz_9aB", &farid]),
        ],
    );
}

#[test]
fn german_semicolons_in_windows_1252() {
    check(
        "german_semicolon_1252.csv",
        None,
        &[("Vorname", FirstName), ("Name", LastName), ("E-Mail-Adresse", Email), ("Mobil", Phone)],
        &[
            (3, ["Jörgine Müller", "joergine@mueller.example", "0151 5550401", "", ""]),
            (4, ["Björn Groß", "bjoern@gross.example", "", "", ""]),
            (6, ["Zoé Lefèvre", "", "0171-5550403", "", ""]),
            (7, ["Firma Bäckerei Süß – Söhne", "info@suess.example", "+49 151 5550404", "", ""]),
            (8, ["Çem Yildiz", "cem@yildiz.example", "", "", ""]),
            (9, ["Änne Öztürk", "aenne@oeztuerk.example", "0160 5550406", "", ""]),
        ],
    );
}

#[test]
fn spanish_tabs_in_utf16() {
    check(
        "utf16.tsv",
        None,
        &[("Nombre", FirstName), ("Apellidos", LastName), ("Correo electrónico", Email), ("Teléfono móvil", Phone), ("Código de referido", Code)],
        &[
            (2, ["Lucía García Núñez", "lucia@garcia.example", "+34 655 550 501", "LUCIA10", ""]),
            (3, ["Iván Peña", "ivan@pena.example", "", "IVAN10", ""]),
            (4, ["Zoë Łukasik", "zoe@lukasik.example", "+48 655 550 503", "ZOE10", ""]),
            (5, ["李 小龍", "li@kungfu.example", "+34 655 550 504", "", ""]),
            (6, ["Ана Петрова", "ana@petrova.example", "", "ANA10", ""]),
            (7, ["Begoña", "begona@sola.example", "+34 655 550 506", "", ""]),
        ],
    );
}

#[test]
fn line_breaks_in_quotes() {
    check(
        "quoted_breaks.csv",
        None,
        &[("Name", Name), ("E-mail", Email), ("Phone", Phone)],
        &[
            (2, ["Ann \"Annie\" Lee", "ann@lee.example", "020 7946 0601", "", ""]),
            (3, ["Bo Roe", "bo@roe.example", "020 7946 0602", "", ""]),
            (5, ["Roe, Cara", "cara@roe.example", "020 7946 0603", "", ""]),
            (6, ["Dee Fox", "dee@fox.example", "", "", ""]),
            (7, ["Eli Hart", "eli@hart.example", "", "", ""]),
            (8, ["Fay 6\" Moss", "fay@moss.example", "020 7946 0606", "", ""]),
        ],
    );
}

#[test]
fn broken_rows() {
    check(
        "broken_rows.csv",
        None,
        &[("Full name", Name), ("Email", Email), ("Mobile", Phone)],
        &[
            (5, ["Ann Lee", "ann@lee.example", "020 7946 0701", "", ""]),
            (6, ["Bo Roe", "bo@roe.example", "", "", ""]),
            (7, ["Cara Fox", "cara@fox.example", "020 7946 0703", "", ""]),
            (8, ["Dee Hart", "dee@hart.example", "020 7946 0704", "", ""]),
            (9, ["Eli Moss", "not an address", "", "", ""]),
            (11, ["Fay Nunn", "fay@nunn.example", "020 7946 0706", "", ""]),
            (12, ["Gus, the Baker", "gus@baker.example", "020 7946 0707", "", ""]),
            (13, ["Hal Orr", "<b>hal@orr.example</b>", "=CMD()", "", ""]),
            (14, ["Ida Poe", "ida@poe.example", "+44-20-7946-0709", "", ""]),
        ],
    );
}

#[test]
fn a_workbook_with_numbers() {
    check(
        "numbers.xlsx",
        None,
        &[("Full Name", Name), ("Phone", Phone), ("Email", Email), ("Referral Code", Code)],
        &[
            (4, ["Ann Lee", "ann@lee.example", "447911123456", "20240001", ""]),
            (5, ["Bo Roe", "bo@roe.example", "442079460802", "00123456", ""]),
            (7, ["Cara Fox & Co", "cara@fox.example", "+44 20 7946 0803", "", ""]),
            (8, ["Dee Hart", "dee@hart.example", "", "DEE-10", ""]),
            (9, ["", "", "", "", ""]),
            (10, ["Eli Moss", "", "5550100000", "", ""]),
            (12, ["Fay Nunn", "fay@nunn.example", "", "", ""]),
        ],
    );
    let bytes = std::fs::read(fixture("numbers.xlsx")).unwrap();
    // The content decides, not the name.
    assert_eq!(people(Sheet::from_bytes("list.csv", bytes.clone()).unwrap()).len(), 7);
    check_fault("cut.xlsx", &bytes[..bytes.len() / 2], "broken_workbook");
}

#[test]
fn a_list_can_be_read_in_a_thread_of_its_own() {
    for (file, people) in [("square.csv", 6), ("numbers.xlsx", 7)] {
        let rows = Sheet::open(&fixture(file)).unwrap().rows();
        let progress = rows.progress();
        assert!((0.0..=1.0).contains(&progress.done()));
        assert_eq!(std::thread::spawn(move || rows.count()).join().unwrap(), people);
        assert_eq!(progress.done(), 1.0);
    }
    // Nobody has to read to the end.
    assert_eq!(Sheet::open(&fixture("numbers.xlsx")).unwrap().rows().take(1).count(), 1);
}

#[test]
fn lists_without_a_heading() {
    let sheet = Sheet::from_bytes("x.csv", b"Ann Lee,ann@lee.example\nBo,bo@roe.example\n".to_vec()).unwrap();
    assert_eq!(sheet.headers(), ["Column 1", "Column 2"]);
    assert_eq!(people(sheet)[0], (1, ["Ann Lee", "ann@lee.example", "", "", ""].map(str::to_owned)));
    let sheet = Sheet::from_bytes("x.csv", b"ann@lee.example\nbo@roe.example\n".to_vec()).unwrap();
    assert_eq!(sheet.suggest().columns, [Some(Email)]);
    assert_eq!(sheet.rows().count(), 2);
    let sheet = Sheet::from_bytes("x.txt", b"Ann\t+44 20 7946 0901\n\nBo\t+44 20 7946 0902".to_vec()).unwrap();
    assert_eq!(sheet.suggest().columns, [Some(Name), Some(Phone)]);
    assert_eq!(sheet.preview(9).unwrap()[1].number, 3);
}

#[test]
fn a_heading_alone_is_a_list_of_nobody() {
    let sheet = Sheet::from_bytes("x.csv", b"Name,Email,,".to_vec()).unwrap();
    assert_eq!(sheet.headers(), ["Name", "Email"]);
    let mut rows = sheet.rows();
    assert!(rows.next().is_none());
    assert_eq!(rows.done(), 1.0);
}

#[test]
fn what_is_no_table_is_called_by_its_name() {
    check_fault("x.csv", b"", "empty");
    check_fault("x.csv", b"\xEF\xBB\xBF", "empty");
    check_fault("x.csv", b"\n\n ,,\n", "empty");
    check_fault("x.csv", b"sep=;\n", "empty");
    check_fault("x.csv", b"%PDF-1.4 and so on", "not_a_table");
    check_fault("x.numbers", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "not_a_table");
    check_fault("x.xlsx", b"PK\x03\x04 and then nothing of the kind", "broken_workbook");
    check_fault("x.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on", "old_excel");
    let mut protected = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    protected.resize(64 * 1024 - 5, 0);
    protected.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    check_fault("x.xlsx", &protected, "protected");
    let missing = Sheet::open(&fixture("nobody.csv")).err().unwrap();
    assert_eq!(missing.code(), "not_found");
    assert!(std::error::Error::source(&missing).is_some());
    assert_eq!(Sheet::open(&fixture("")).err().unwrap().code(), "unreadable");
}

#[test]
fn a_preview_may_be_longer_than_the_first_look() {
    let mut list = b"Name,Email\n".to_vec();
    for n in 0..500 {
        list.extend(format!("Ann {n},ann{n}@shop.example\n").bytes());
    }
    let sheet = Sheet::from_bytes("x.csv", list).unwrap();
    assert_eq!(sheet.preview(300).unwrap().last().unwrap().number, 301);
    assert_eq!(sheet.preview(9_000).unwrap().len(), 500);
}

/// What a damaged or a hostile workbook may say anywhere.
const LIES: [&str; 12] = ["", "\"", "<", "-1", "1e999", "NaN", "A0", "XFE1", "ZZZZZZZ1", "A1048577", "&#0;", "99999999999999999999"];

/// The workbook with numbers, each of its parts changed by `change`.
fn workbook(mut change: impl FnMut(usize, &mut Vec<u8>)) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(std::fs::File::open(fixture("numbers.xlsx")).unwrap()).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..from.len() {
        let mut part = from.by_index(number).unwrap();
        let name = String::from_utf8(part.name_raw().to_vec()).unwrap();
        let mut xml = Vec::new();
        part.read_to_end(&mut xml).unwrap();
        change(number, &mut xml);
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&xml).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_promises_too_much_is_refused() {
    for promise in ["4294967295", "99999999999999999999999"] {
        let bytes = workbook(|_, xml| {
            let text = String::from_utf8(xml.clone()).unwrap();
            *xml = text.replace("uniqueCount=\"12\"", &format!("uniqueCount = '{promise}'")).into_bytes();
        });
        check_fault("x.xlsx", &bytes, "broken_workbook");
    }
    assert!(Sheet::from_bytes("x.xlsx", workbook(|_, _| {})).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(bytes);
    }

    #[test]
    fn no_text_makes_it_panic(text in "([a-z@é,;|\t\"'=\r\n ]|\u{feff}|\u{200d}|sep=;\n|\"\"){0,200}") {
        read_all(text.into_bytes());
    }

    #[test]
    fn no_damage_to_a_workbook_makes_it_panic(part in 0usize..9, at in any::<prop::sample::Index>(), cut in 0usize..30, lie in 0usize..LIES.len()) {
        let bytes = workbook(|number, xml| {
            if number == part {
                let at = at.index(xml.len());
                let end = (at + cut).min(xml.len());
                xml.splice(at..end, LIES[lie].bytes());
            }
        });
        read_all(bytes);
    }

    /// What we write comes back: line breaks as one character, and without the marks that `guard` put there.
    #[test]
    fn lists_come_back_as_they_went_out(rows in proptest::collection::vec(("[^'\r]{0,12}", "\\PC{0,12}"), 1..20)) {
        let mut list = SheetWriter::new(Vec::new(), &["Name", "Email"]).unwrap();
        for (name, email) in &rows {
            list.row(&[name, email]).unwrap();
        }
        let back = Sheet::from_bytes("x.csv", list.finish().unwrap()).unwrap();
        let back: Vec<_> = back.rows().map(|row| row.unwrap().cells).collect();
        // A row of nothing but blanks is passed over, as it would be in any list.
        let there = rows.iter().map(|(a, b)| [a, b].map(|cell| guard(cell).into_owned()).to_vec());
        let there: Vec<_> = there.filter(|cells| cells.iter().any(|cell| !cell.trim().is_empty())).collect();
        prop_assert_eq!(back, there);
    }
}

fn read_all(bytes: Vec<u8>) {
    let Ok(sheet) = Sheet::from_bytes("x", bytes) else {
        return;
    };
    let mapping = sheet.suggest();
    let width = sheet.headers().len();
    for row in sheet.rows() {
        let Ok(row) = row else { return };
        assert_eq!(row.cells.len(), width);
        mapping.record(&row);
    }
}
