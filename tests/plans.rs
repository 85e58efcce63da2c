//! No statement of the till reads a table that grows from end to end: at a million people that is the wait that nobody sees in a
//! small shop.

use std::path::Path;

use rusqlite::Connection;

use crate::support::Shop;

/// Tables with a row for each person, sale or thing that was ever done.
const GROWS: &[&str] = &[
    "audit",
    "card",
    "code_elsewhere",
    "handout",
    "known_customer",
    "lead",
    "mail",
    "operation",
    "outbox",
    "redemption",
    "referral_code",
    "referrer",
    "refund",
    "remote",
    "remote_before",
    "slip",
    "upload",
];

/// Statements that may: how they begin, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("SELECT count(*) FROM", "a count of everybody, for the list of Referrers and `status`"),
    ("SELECT count(*), count(*) FILTER (WHERE referral_code.n IS NULL", "how many cards everybody's would be"),
    ("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", "ends after one row"),
    ("SELECT n, till_id, at, what, subject, detail, hash FROM audit ORDER BY n", "the whole trail, for `verify`"),
    ("SELECT DISTINCT lead_n FROM redemption", "a change of when people count looks at all of them"),
    ("SELECT n FROM referrer WHERE email IS NOT NULL", "an e-mail to everybody"),
    ("SELECT referrer.n, referrer.name, referrer.link, referral_code.n IS NULL", "cards for everybody"),
    ("INSERT INTO outbox (destination, what, subject, about, state, why, created_at) SELECT 'referral_factory'", "everybody is sent"),
    ("SELECT id, name, email FROM referrer WHERE (?1 AND email IS NOT NULL", "a file of everybody"),
    ("DELETE FROM code_elsewhere", "another account has other codes"),
    ("UPDATE outbox SET state = 'waiting', why = NULL, after = NULL, upload_n = NULL", "another account knows nothing of what was sent"),
    ("DELETE FROM referrer", "somebody who was just added is taken back"),
    ("DELETE FROM handout", "a batch that was just marked is taken back"),
];

/// The texts between quotes in a file of Rust that are one whole statement, with the constants that they name put in. Those put
/// together in other ways are not among them.
fn statements(source: &str, shared: &[(String, String)]) -> Vec<String> {
    let (mut named, mut found) = pieces(source);
    named.extend_from_slice(shared);
    // A constant may name another one.
    for _ in 0..2 {
        for text in &mut found {
            named.iter().for_each(|(name, value)| *text = text.replace(name, value));
        }
    }
    let begins = |text: &String| ["SELECT ", "UPDATE ", "DELETE ", "INSERT ", "WITH "].iter().any(|verb| text.starts_with(verb));
    found.into_iter().filter(|text| begins(text) && !text.contains('{')).collect()
}

/// The constants of a file by the braces that they stand for, and its other texts.
fn pieces(source: &str) -> (Vec<(String, String)>, Vec<String>) {
    let bare: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let pieces: Vec<&str> = bare.split('"').collect();
    let one_line = |text: &str| text.replace('\\', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut named, mut found) = (Vec::new(), Vec::new());
    for pair in pieces.chunks_exact(2) {
        let text = one_line(pair[1]);
        match pair[0].rsplit_once("const ").and_then(|(_, name)| name.trim_end().strip_suffix(": &str =")) {
            Some(name) => named.push((format!("{{{name}}}"), text)),
            None => found.push(text),
        }
    }
    (named, found)
}

/// Which growing table a statement reads from end to end. An index of a few rows, such as those that still wait, is no such reading.
fn scanned(shop: &Connection, statement: &str) -> Option<String> {
    let mut plan = shop.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap_or_else(|error| panic!("{statement}: {error}"));
    let steps: Vec<String> = plan.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
    let partial = |index: &str| {
        let sql = "SELECT coalesce(instr(sql, ' WHERE ') > 0, 0) FROM sqlite_schema WHERE name = ?1";
        shop.query_row(sql, [index], |row| row.get(0)).unwrap_or(false)
    };
    steps.into_iter().find(|step| {
        let words: Vec<&str> = step.split(' ').collect();
        let few = words.iter().position(|word| *word == "INDEX").is_some_and(|at| partial(words[at + 1]));
        words[0] == "SCAN" && GROWS.contains(&words[1]) && !few
    })
}

#[test]
fn no_statement_reads_a_growing_table_from_end_to_end() {
    let shop = Shop::open();
    let behind = shop.behind();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
    let (shared, _) = pieces(&std::fs::read_to_string(folder.join("rows.rs")).unwrap());
    let mut seen = 0;
    let mut slow = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        // What `verify` and an upgrade read is everything, on purpose.
        if file.extension().is_none_or(|ending| ending != "rs") || file.ends_with("verify.rs") {
            continue;
        }
        for statement in statements(&std::fs::read_to_string(&file).unwrap(), &shared) {
            seen += 1;
            let allowed = ALLOWED.iter().any(|(begins, _)| statement.starts_with(begins));
            if let (false, Some(step)) = (allowed, scanned(&behind, &statement)) {
                slow.push(format!("  {step}: {statement}"));
            }
        }
    }
    assert!(seen > 150, "{seen} statements seen");
    assert!(
        slow.is_empty(),
        "Each of these takes longer with every sale; give it an index, or a line in ALLOWED with the reason:\n{}",
        slow.join("\n")
    );
}

#[test]
fn a_scan_would_be_seen() {
    let shop = Shop::open();
    let behind = shop.behind();
    assert!(scanned(&behind, "SELECT 1 FROM outbox WHERE about = ?1 AND state = 'waiting'").is_some());
    assert!(scanned(&behind, "SELECT 1 FROM outbox WHERE about = ?1 AND state = 'waiting' AND state <> 'uploaded'").is_none());
}
