//! Finding a person while somebody types: by code or half a code, name, e-mail or phone, also misspelt or misheard.
//!
//! Codes, e-mails and phones are found through their own indexes by their start or end; names through an index of folded
//! words by prefix. Only when nobody fits are words that sound or look alike asked for, and numbers that differ by a digit.

use std::collections::HashSet;

use rphonetic::{DoubleMetaphone, Encoder as _};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;

use super::Result;
use super::campaigns::Campaign;
use crate::domain::{code, people};

/// Why somebody is among the hits, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The whole code.
    Code,
    /// Start or end of the code.
    CodePart,
    /// Words of the name.
    Name,
    /// Start of the e-mail address.
    Email,
    /// Start or end of the phone number.
    Phone,
    /// A name, an address, a number or a code that looks or sounds like what was typed.
    SoundsLike,
}

/// Codes that start with what is typed are shown before names, so they must not fill the list.
const CODE_PARTS_MAX: usize = 5;
/// More words than this in a search say nothing more.
const WORDS_MAX: usize = 6;
/// Beginnings of this length and shorter are in the index of names (`prefix` in the schema).
const PREFIX_CHARS_INDEXED: usize = 3;
/// So many words with the same beginning are asked for one by one.
const BEGUN_MAX: usize = 64;
/// A number with fewer digits is only a part of one.
const WRONG_PHONE_DIGITS_MIN: usize = 7;
/// So many words that look or sound like a typed one are tried.
const ALIKE_MAX: usize = 8;

/// Row numbers of the Referrers that fit, best first, at most `most`.
pub fn find(connection: &Connection, campaign: &Campaign, country: Option<&str>, text: &str, most: usize) -> Result<Vec<(i64, Match)>> {
    let mut hits = Hits { found: Vec::new(), most };
    let text = people::clean(text);
    let key = code::key(&text);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let has_letters = text.chars().any(char::is_alphabetic);
    if key.chars().count() >= 3 && !text.contains('@') {
        find_by_code(connection, campaign, &key, &mut hits)?;
    }
    if !has_letters && digits.len() >= 3 {
        find_by_phone(connection, country, &text, &digits, &mut hits)?;
    }
    let words: Vec<String> = if text.contains('@') { Vec::new() } else { people::words(&text).into_iter().take(WORDS_MAX).collect() };
    if has_letters && !words.is_empty() {
        find_by_words(connection, &words, &mut hits)?;
    }
    if has_letters && !text.contains(' ') {
        find_by_email(connection, &text, Match::Email, &mut hits)?;
    }
    if hits.found.is_empty() {
        match text.rsplit_once('@') {
            Some((local, _)) => find_by_wrong_email(connection, local, &mut hits)?,
            None if has_letters => find_alike(connection, &words, &mut hits)?,
            None if digits.len() >= WRONG_PHONE_DIGITS_MIN => find_by_wrong_phone(connection, country, &text, &mut hits)?,
            None => {}
        }
    }
    Ok(hits.found)
}

struct Hits {
    found: Vec<(i64, Match)>,
    most: usize,
}

impl Hits {
    /// Runs a query whose last parameter is the limit, and adds the rows that are new.
    fn take(&mut self, connection: &Connection, sql: &str, mut values: Vec<Value>, why: Match) -> Result<()> {
        self.take_most(connection, sql, &mut values, why, self.most)
    }

    fn take_most(&mut self, connection: &Connection, sql: &str, values: &mut Vec<Value>, why: Match, most: usize) -> Result<()> {
        if self.found.len() >= self.most {
            return Ok(());
        }
        values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values.iter()))?;
        while let Some(row) = rows.next()? {
            let n = row.get(0)?;
            if self.found.len() < self.most && self.found.iter().all(|&(other, _)| other != n) {
                self.found.push((n, why));
            }
        }
        Ok(())
    }
}

/// The text that follows everything that starts with `start`.
fn after(start: &str) -> String {
    format!("{start}\u{10ffff}")
}

fn find_by_code(connection: &Connection, campaign: &Campaign, key: &str, hits: &mut Hits) -> Result<()> {
    let this = vec![campaign.n.into(), key.to_owned().into()];
    hits.take(connection, "SELECT referrer_n FROM referral_code WHERE campaign_n = ?1 AND key = ?2 LIMIT ?3", this, Match::Code)?;
    // Three letters are far more often the start of a name than of a code.
    let length = key.chars().count();
    if length < 4 && !key.chars().any(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    let range = || vec![campaign.n.into(), key.to_owned().into(), after(key).into()];
    let starts = "SELECT referrer_n FROM referral_code WHERE campaign_n = ?1 AND key >= ?2 AND key < ?3 AND revoked_at IS NULL LIMIT ?4";
    hits.take_most(connection, starts, &mut range(), Match::CodePart, CODE_PARTS_MAX)?;
    let said = "SELECT referrer_n FROM referral_code WHERE campaign_n = ?1 AND alias_key >= ?2 AND alias_key < ?3 AND revoked_at IS NULL LIMIT ?4";
    hits.take_most(connection, said, &mut range(), Match::CodePart, CODE_PARTS_MAX)?;
    let elsewhere = "SELECT referrer_n FROM code_elsewhere WHERE campaign_n = ?1 AND key >= ?2 AND key < ?3 LIMIT ?4";
    hits.take_most(connection, elsewhere, &mut range(), Match::CodePart, CODE_PARTS_MAX)?;
    if length >= 4 {
        let end: String = key.chars().skip(length - 4).collect();
        let mut ending = vec![end.into(), key.to_owned().into()];
        let ends =
            "SELECT referrer_n FROM referral_code WHERE substr(key, -4) = ?1 AND substr(key, -length(?2)) = ?2 AND revoked_at IS NULL LIMIT ?3";
        hits.take_most(connection, ends, &mut ending, Match::CodePart, CODE_PARTS_MAX)?;
    }
    Ok(())
}

fn find_by_phone(connection: &Connection, country: Option<&str>, text: &str, digits: &str, hits: &mut Hits) -> Result<()> {
    let mut starts = Vec::new();
    match digits.strip_prefix("00") {
        _ if text.starts_with('+') => starts.push(format!("+{digits}")),
        Some(international) => starts.push(format!("+{international}")),
        None => {
            let national = digits.strip_prefix('0').unwrap_or(digits);
            starts.extend(country.and_then(people::calling_code).map(|calling| format!("{calling}{national}")));
            starts.push(format!("+{digits}"));
        }
    }
    for start in starts {
        let range = vec![start.clone().into(), after(&start).into()];
        hits.take(connection, "SELECT n FROM referrer WHERE phone_key >= ?1 AND phone_key < ?2 LIMIT ?3", range, Match::Phone)?;
    }
    if digits.len() >= 4 {
        let ending = vec![digits[digits.len() - 4..].to_owned().into(), digits.to_owned().into()];
        let ends =
            "SELECT n FROM referrer WHERE substr(phone_key, -4) = ?1 AND phone_key IS NOT NULL AND substr(phone_key, -length(?2)) = ?2 LIMIT ?3";
        hits.take(connection, ends, ending, Match::Phone)?;
    }
    Ok(())
}

/// Whoever's address begins as this one does: as it is kept, without labels and Gmail's points.
fn find_by_email(connection: &Connection, typed: &str, why: Match, hits: &mut Hits) -> Result<()> {
    for start in people::Email::key_starts(typed) {
        let range = vec![start.clone().into(), after(&start).into()];
        hits.take(connection, "SELECT n FROM referrer WHERE email_key >= ?1 AND email_key < ?2 LIMIT ?3", range, why)?;
    }
    Ok(())
}

/// Whoever has the same mailbox elsewhere, else whose name is like the words of the mailbox.
fn find_by_wrong_email(connection: &Connection, local: &str, hits: &mut Hits) -> Result<()> {
    find_by_email(connection, &format!("{local}@"), Match::SoundsLike, hits)?;
    if hits.found.is_empty() {
        let words = people::words(people::mailbox(local)).into_iter().take(WORDS_MAX);
        // Numbers make an address unlike others, and stand in no name.
        let words: Vec<String> = words.map(|word| word.trim_matches(char::is_numeric).to_owned()).filter(|word| !word.is_empty()).collect();
        find_alike(connection, &words, hits)?;
    }
    Ok(())
}

/// Whoever's number this is, written in a way that its beginning does not tell, or with a digit wrong or two neighbours swapped: some
/// hundred and twenty numbers, each of which the index answers at once.
fn find_by_wrong_phone(connection: &Connection, country: Option<&str>, text: &str, hits: &mut Hits) -> Result<()> {
    const BY_KEY: &str = "SELECT n FROM referrer WHERE phone_key = ?1 LIMIT ?2";
    let Some(key) = people::Phone::parse(text, country).ok().and_then(|phone| phone.key().map(str::to_owned)) else {
        return Ok(());
    };
    hits.take(connection, BY_KEY, vec![key.clone().into()], Match::Phone)?;
    // The first sign is the plus.
    let symbols: Vec<char> = key.chars().collect();
    for at in 1..symbols.len() {
        let mut others: Vec<Vec<char>> = ('0'..='9').filter(|&digit| digit != symbols[at]).map(|digit| with(&symbols, at, digit)).collect();
        if at + 1 < symbols.len() && symbols[at] != symbols[at + 1] {
            let mut swapped = symbols.clone();
            swapped.swap(at, at + 1);
            others.push(swapped);
        }
        for other in others {
            hits.take(connection, BY_KEY, vec![other.into_iter().collect::<String>().into()], Match::SoundsLike)?;
        }
    }
    Ok(())
}

fn with(symbols: &[char], at: usize, digit: char) -> Vec<char> {
    let mut other = symbols.to_vec();
    other[at] = digit;
    other
}

const BY_WORDS: &str = "SELECT rowid FROM referrer_search WHERE referrer_search MATCH ?1 LIMIT ?2";

fn find_by_words(connection: &Connection, words: &[String], hits: &mut Hits) -> Result<()> {
    let last = words.len() - 1;
    let whole: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    if words.iter().all(|word| word.chars().count() > 1) {
        hits.take(connection, BY_WORDS, vec![whole.join(" AND ").into()], Match::Name)?;
    }
    let Some(ending) = begun(connection, &words[last], last == 0)? else {
        return Ok(());
    };
    // Whoever types the second word has mostly written the first one out. Only where that finds nobody do all words count as begun.
    let typing: Vec<String> = whole[..last].iter().cloned().chain([ending.clone()]).collect();
    hits.take(connection, BY_WORDS, vec![typing.join(" AND ").into()], Match::Name)?;
    if last > 0 && hits.found.is_empty() {
        let mut all = vec![ending];
        for word in &words[..last] {
            match begun(connection, word, false)? {
                Some(term) => all.push(term),
                None => return Ok(()),
            }
        }
        hits.take(connection, BY_WORDS, vec![all.join(" AND ").into()], Match::Name)?;
    }
    Ok(())
}

/// A word as a plain term of a query. Words are letters and digits alone (`people::words`), so quotes hold them.
fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// The term for everybody with a word that begins so; none where nobody has one.
///
/// Up to three letters the index answers by itself. For longer beginnings it would first put together everybody whose name
/// begins so, a hundred thousand people for `mari`; the few words that begin so are found at once, and their people one by one.
/// Where the word stands alone, the first words that begin so have enough people to fill the list.
fn begun(connection: &Connection, word: &str, alone: bool) -> Result<Option<String>> {
    if word.chars().count() <= PREFIX_CHARS_INDEXED {
        return Ok(Some(format!("{}*", quoted(word))));
    }
    let mut statement = connection.prepare_cached("SELECT word FROM search_word WHERE word >= ?1 AND word < ?2 LIMIT ?3")?;
    let most = i64::try_from(BEGUN_MAX + 1).unwrap_or(i64::MAX);
    let found = statement.query_map((word, after(word), most), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(match found.len() {
        0 => None,
        many if many > BEGUN_MAX && !alone => Some(format!("{}*", quoted(word))),
        _ => Some(format!("({})", found.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" OR "))),
    })
}

fn find_alike(connection: &Connection, words: &[String], hits: &mut Hits) -> Result<()> {
    if words.iter().all(|word| word.chars().count() < 3) {
        return Ok(());
    }
    let mut terms = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let mut alike: Vec<String> = alike(connection, word)?.iter().map(|other| quoted(other)).collect();
        let is_last = at + 1 == words.len();
        if is_last || alike.is_empty() {
            alike.extend(begun(connection, word, false)?);
        }
        if alike.is_empty() {
            return Ok(());
        }
        terms.push(format!("({})", alike.join(" OR ")));
    }
    hits.take(connection, BY_WORDS, vec![terms.join(" AND ").into()], Match::SoundsLike)
}

/// Known words that sound like this one, or differ by a letter or two, nearest first.
fn alike(connection: &Connection, word: &str) -> Result<Vec<String>> {
    let length = word.chars().count();
    let Some(first) = word.chars().next() else {
        return Ok(Vec::new());
    };
    let edits_max = if length <= 5 { 1 } else { 2 };
    let mut alike: Vec<(usize, String)> = Vec::new();
    let mut keep = |other: &str, edits_max: usize| {
        // Cheap before dear: each edit puts in or takes out one letter at most.
        if (letters(word) ^ letters(other)).count_ones() as usize <= 2 * edits_max {
            let edits = strsim::osa_distance(word, other);
            if edits <= edits_max && alike.iter().all(|(_, known)| known != other) {
                alike.push((edits, other.to_owned()));
            }
        }
    };
    let first = first.to_string();
    let least = i64::try_from(length.saturating_sub(edits_max)).unwrap_or(0);
    let most = i64::try_from(length + edits_max).unwrap_or(i64::MAX);
    let mut looks = connection.prepare_cached("SELECT word FROM search_word WHERE word >= ?1 AND word < ?2 AND length(word) BETWEEN ?3 AND ?4")?;
    let mut rows = looks.query((&first, after(&first), least, most))?;
    while let Some(row) = rows.next()? {
        keep(row.get_ref(0)?.as_str().unwrap_or(""), edits_max);
    }
    let heard = sound(word);
    if !heard.is_empty() {
        let mut sounds = connection.prepare_cached("SELECT word FROM search_word WHERE sound = ?1")?;
        let mut rows = sounds.query([&heard])?;
        while let Some(row) = rows.next()? {
            keep(row.get_ref(0)?.as_str().unwrap_or(""), edits_max.max(length / 2));
        }
    }
    alike.sort();
    alike.truncate(ALIKE_MAX);
    Ok(alike.into_iter().map(|(_, word)| word).collect())
}

/// Which letters a word has, one bit each; letters beyond the alphabet share bits, which only costs a comparison.
fn letters(word: &str) -> u32 {
    word.chars().fold(0, |letters, letter| letters | 1 << (u32::from(letter) & 31))
}

/// How a word sounds, or nothing for scripts that the rules don't know.
fn sound(word: &str) -> String {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return String::new();
    }
    DoubleMetaphone::default().encode(word)
}

/// Memory for words that wait to be written to the index, in bytes: what SQLite takes by itself, and what a long list needs so that
/// the index is written in a few large pieces instead of hundreds that must be merged again and again.
const WAITING_BYTES: i64 = 1 << 20;
const WAITING_MUCH_BYTES: i64 = 48 << 20;

/// Gets the index ready for a long list. [`settle`] must follow in the same transaction.
pub fn expect_many(tx: &Connection) -> Result<()> {
    set(tx, "hashsize", WAITING_MUCH_BYTES)
}

/// After a long list: words are written as they come again, and the pieces of the index become one, which is searched fastest.
pub fn settle(tx: &Connection, many: bool) -> Result<()> {
    set(tx, "hashsize", WAITING_BYTES)?;
    if many {
        tx.execute("INSERT INTO referrer_search (referrer_search) VALUES ('optimize')", [])?;
    }
    Ok(())
}

fn set(tx: &Connection, what: &str, value: i64) -> Result<()> {
    tx.execute("INSERT INTO referrer_search (referrer_search, rank) VALUES (?1, ?2)", (what, value))?;
    Ok(())
}

/// Writes the words of names. Remembers which words it has seen, so that a million people named Maria cost one.
#[derive(Default)]
pub struct Words {
    seen: HashSet<String>,
}

impl Words {
    /// Puts a name into the index.
    pub fn put(&mut self, tx: &Connection, n: i64, name: &str) -> Result<()> {
        let words = people::words(name);
        tx.prepare_cached("INSERT INTO referrer_search (rowid, words) VALUES (?1, ?2)")?.execute((n, words.join(" ")))?;
        for word in words {
            if !self.seen.contains(&word) {
                tx.prepare_cached("INSERT OR IGNORE INTO search_word (word, sound) VALUES (?1, ?2)")?.execute((&word, sound(&word)))?;
                self.seen.insert(word);
            }
        }
        Ok(())
    }

    /// Takes a name out of the index.
    pub fn take(&mut self, tx: &Connection, n: i64) -> Result<()> {
        tx.prepare_cached("DELETE FROM referrer_search WHERE rowid = ?1")?.execute([n])?;
        Ok(())
    }
}
