//! Random and damaged lists and codes: nothing panics, no row goes missing.
//!
//! Each test tries the same few hundred seeds as ever, and then, for a few seconds, new ones. A failure names its seed and where the
//! new ones began: COUNTERFOIL_FUZZ_FROM tries the same ones again. COUNTERFOIL_FUZZ_SECONDS asks for longer.

use std::time::{Duration, Instant, SystemTime};

use counterfoil_core::desk::import::ImportKind;
use counterfoil_core::domain::code::{self, CodeFormat, ReferralCode};
use counterfoil_core::domain::money::Currency;
use counterfoil_core::domain::people;
use counterfoil_core::sheets::Sheet;

use crate::support::*;

/// How long each test tries new seeds: four of them take about ten seconds.
const NEW_SECONDS: u64 = 3;

/// Says which seed it was when what is tried with it fails.
struct Tried {
    seed: u64,
    from: u64,
}

impl Drop for Tried {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {}; new seeds began at COUNTERFOIL_FUZZ_FROM={}", self.seed, self.from);
        }
    }
}

/// The seeds that are the same in every run, then new ones until the time is over.
fn seeds(fixed: u64) -> impl Iterator<Item = Tried> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let time = Duration::from_secs(number("COUNTERFOIL_FUZZ_SECONDS").unwrap_or(NEW_SECONDS));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64;
    let from = number("COUNTERFOIL_FUZZ_FROM").unwrap_or(now);
    let mut end = None;
    let new = (from..).take_while(move |_| Instant::now() < *end.get_or_insert_with(|| Instant::now() + time));
    (0..fixed).chain(new).map(move |seed| Tried { seed, from })
}

fn lists() -> Vec<(String, Vec<u8>)> {
    let mut lists: Vec<_> = std::fs::read_dir(fixture("lists"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    lists.sort();
    assert!(lists.len() >= 10);
    lists
}

/// Bytes that mean something to a reader of tables.
const TELLING: [&[u8]; 22] = [
    b"\"",
    b"\"\"",
    b",",
    b";",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"sep=;\n",
    b"'",
    b"=",
    b"@",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\x80",
    b"PK\x03\x04",
    b"1E+400",
    b"+99999999999999999999",
];

/// A list that is nearly one: cut, doubled, mixed with another, with bytes changed, put in or taken out.
fn damaged(dice: &mut Seeded, lists: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let (name, mut bytes) = dice.pick(lists).clone();
    if dice.below(20) == 0 {
        bytes = (0..dice.below(3_000)).map(|_| dice.next() as u8).collect();
    }
    for _ in 0..=dice.below(12) {
        let at = dice.below(bytes.len() as u64 + 1) as usize;
        let end = (at + dice.below(60) as usize).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                for _ in 0..dice.below(40) {
                    bytes.splice(at..at, again.iter().copied());
                }
            }
            3 => {
                let other = &dice.pick(lists).1;
                let from = dice.below(other.len() as u64) as usize;
                let piece = other[from..(from + dice.below(300) as usize).min(other.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            4 => drop(bytes.splice(at..at, dice.pick(&TELLING).iter().copied())),
            5 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            6 if at < bytes.len() => bytes[at] = dice.next() as u8,
            _ => drop(bytes.splice(at..end, dice.pick(&TELLING).iter().copied())),
        }
    }
    (name, bytes)
}

#[test]
fn damaged_lists_are_read_to_their_end_or_refused() {
    let lists = lists();
    let (mut read, mut refused, mut rows_read) = (0, 0, 0_u64);
    for tried in seeds(400) {
        let seed = tried.seed;
        let (name, bytes) = damaged(&mut Seeded(seed), &lists);
        let Ok(sheet) = Sheet::from_bytes(&name, bytes) else {
            refused += 1;
            continue;
        };
        read += 1;
        let mapping = sheet.suggest();
        let (width, mut before) = (sheet.headers().len(), 0);
        assert_eq!(mapping.columns.len(), width, "seed {seed}");
        for row in sheet.rows() {
            let Ok(row) = row else { break };
            assert!(row.number > before && row.cells.len() == width, "seed {seed}: row {} after {before}", row.number);
            before = row.number;
            rows_read += 1;
            let record = mapping.record(&row);
            for text in [&record.name, &record.email, &record.phone, &record.code, &record.link].into_iter().flatten() {
                assert!(!text.trim().is_empty() && !text.contains(['\r', '\n', '\0', '\u{202e}']), "seed {seed}: {text:?}");
            }
        }
    }
    assert!(read > refused && rows_read > read, "{read} read with {rows_read} rows, {refused} refused");
}

#[test]
fn damaged_lists_lose_no_row_in_an_import() {
    let lists = lists();
    let mut shop = Shop::open();
    let (mut imported, mut rows) = (0, 0);
    for tried in seeds(40) {
        let seed = tried.seed;
        let (name, bytes) = damaged(&mut Seeded(seed), &lists);
        let path = shop.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (kind, before) = (if seed % 4 == 0 { ImportKind::Customers } else { ImportKind::Referrers }, shop.count("SELECT count(*) FROM referrer"));
        let Ok(report) = shop.desk.import(&import_ask(&path, kind), &mut |_| true) else {
            assert_eq!(shop.count("SELECT count(*) FROM referrer"), before, "seed {seed}: a list that failed left people");
            continue;
        };
        assert_eq!(report.added + report.updated + report.unchanged + report.rejected_total, report.rows, "seed {seed}");
        if kind == ImportKind::Referrers {
            assert_eq!(shop.count("SELECT count(*) FROM referrer"), before + i64::from(report.added), "seed {seed}");
        }
        let again = shop.import_file(&path, kind);
        assert_eq!((again.added, again.updated, again.rejected_total), (0, 0, report.rejected_total), "seed {seed}");
        (imported, rows) = (imported + 1, rows + report.rows);
    }
    assert!(imported > 10 && rows > imported, "{imported} imported with {rows} rows");
    shop.assert_sound();
}

/// Text as it may come from a keyboard, a scanner or a paste.
fn typed(dice: &mut Seeded) -> String {
    let symbols: Vec<char> = "0123456789ABCXYZabcxyz OIl10-–_ .,@+'\"\\%*àéßıİǆﬀ１ＡΩя李\u{200b}\u{202e}\u{301}\u{1f600}\0\n".chars().collect();
    (0..dice.below(50)).map(|_| *dice.pick(&symbols)).collect()
}

#[test]
fn whatever_is_typed_as_a_code_is_a_code_or_none() {
    let format = CodeFormat::default();
    let mut codes = 0;
    for tried in seeds(4_000) {
        let seed = tried.seed;
        let mut dice = Seeded(seed);
        let mut text = typed(&mut dice);
        if seed % 3 == 0 {
            let drawn: Vec<u8> = (0..format.random_symbols()).map(|_| dice.below(31) as u8).collect();
            let Some(made) = format.compose(&drawn) else { continue };
            assert!(format.holds(made.key()), "seed {seed}");
            text = made.text().to_owned();
            let at = dice.below(text.len() as u64) as usize;
            text.replace_range(at..=at, &typed(&mut dice).chars().take(2).collect::<String>());
        }
        let key = code::key(&text);
        assert_eq!(code::key(&key), key, "seed {seed}: a key of a key is itself: {text:?}");
        let _ = (code::spelling(&text), code::grouped(&key), code::sound_key(&key), code::look_alike_key(&key));
        if let Some(unfolded) = format.unfold(&key) {
            assert!(format.holds(&unfolded), "seed {seed}");
        }
        if seed % 50 == 0 {
            for near in code::one_edit_away(&key) {
                let _ = code::difference(&key, &near);
            }
        }
        if let Ok(own) = ReferralCode::own(&text) {
            assert_eq!(own.key(), key, "seed {seed}");
            codes += 1;
        }
        for country in [None, Some("GB"), Some("DE"), Some("XX")] {
            let _ = people::Phone::parse(&text, country);
        }
        let _ = people::Email::parse(&text);
        let clean = people::clean(&text);
        assert_eq!(people::clean(&clean), clean, "seed {seed}");
        let _ = people::words(&text);
        for currency in ["EUR", "JPY", "KWD"] {
            let _ = Currency::parse(currency).unwrap().parse_amount(&text);
        }
    }
    assert!(codes > 100, "{codes} codes");
}

#[test]
fn whatever_is_typed_finds_people_or_nobody() {
    let mut shop = Shop::open();
    for list in ["square.csv", "utf16.tsv", "quoted_breaks.csv"] {
        shop.import_file(&fixture("lists").join(list), ImportKind::Referrers);
    }
    shop.desk.generate_all(&mut |_| true).unwrap();
    for tried in seeds(300) {
        let seed = tried.seed;
        let text = typed(&mut Seeded(seed));
        assert!(shop.desk.find(&text).unwrap().len() <= counterfoil_core::desk::look_up::HITS_MAX);
        shop.check(&text, 100, walk_in());
    }
}
