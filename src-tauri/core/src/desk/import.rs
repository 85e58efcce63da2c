//! Importing the list that a shop already has: of people who recommend, or of customers who bought before.
//!
//! One thread reads and understands rows, this one writes them, all in one transaction. As much as fits is read before the
//! database is held, so that a sale waits for the writing alone. Importing the same list twice changes nothing: within a list
//! the first row about a person decides, what is known is only replaced by what differs, and a list whose rows move phones from
//! one person to another is gone through until it changes nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::generate::Watch;
use super::views::Progress;
use super::{Desk, DeskError, Result, shop_of};
use crate::domain::code::ReferralCode;
use crate::domain::people::{self, Contact, Email, Phone};
use crate::sentences::Language;
use crate::sheets::{Field, Mapping, Row, Rows, Sheet, SheetError, SheetWriter};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Details, Referrer};
use crate::storage::search::{self, Words};
use crate::storage::{StorageError, audit, leads};

/// Rows that walk from the reader to the writer together.
const BATCH_ROWS: usize = 512;
/// Batches that may wait for the writer: bounds memory, whatever the list's size.
const BATCHES_WAITING_MAX: usize = 8;
/// Batches that are read before the database is held: fifty thousand rows, in some 30 MiB.
const BATCHES_AHEAD_MAX: usize = 100;
/// A list that still moves phones after so many times is left as it is then.
const PASSES_MAX: usize = 8;
/// So many rejected rows are shown; all of them are in the file beside the list.
const REJECTED_SHOWN_MAX: usize = 100;
/// From so many changed people on, the search index is put in order after a list.
const MANY_ROWS: u32 = 10_000;
/// Rows of the preview.
const PREVIEW_ROWS: usize = 5;
/// Longest referral link that is kept.
const LINK_CHARS_MAX: usize = 500;

/// Which list it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// People who recommend.
    Referrers,
    /// Customers who bought before: kept as keyed hashes, for the first-time rule.
    Customers,
}

/// What a column means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The whole name.
    Name,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// A code that the person has already.
    Code,
    /// A referral link that the person has already.
    Link,
}

impl From<Field> for Column {
    fn from(field: Field) -> Column {
        match field {
            Field::Name => Column::Name,
            Field::FirstName => Column::FirstName,
            Field::LastName => Column::LastName,
            Field::Email => Column::Email,
            Field::Phone => Column::Phone,
            Field::Code => Column::Code,
            Field::Link => Column::Link,
        }
    }
}

impl From<Column> for Field {
    fn from(column: Column) -> Field {
        match column {
            Column::Name => Field::Name,
            Column::FirstName => Field::FirstName,
            Column::LastName => Field::LastName,
            Column::Email => Field::Email,
            Column::Phone => Field::Phone,
            Column::Code => Field::Code,
            Column::Link => Field::Link,
        }
    }
}

/// A first look at a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportLook {
    /// Where it lies.
    pub path: String,
    /// Its name.
    pub file: String,
    /// Its size.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub bytes: u64,
    /// Whose export it looks like.
    pub vendor: Option<String>,
    /// Its columns.
    pub headers: Vec<String>,
    /// What each column probably means.
    pub mapping: Vec<Option<Column>>,
    /// Its first rows.
    pub preview: Vec<Vec<String>>,
}

/// Import this list.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportAsk {
    /// Where it lies.
    pub path: String,
    /// Which list it is.
    pub kind: ImportKind,
    /// What each column means; none means as it looks.
    pub mapping: Option<Vec<Option<Column>>>,
    /// Only tell what would happen.
    pub dry_run: bool,
}

/// What an import did. `added + updated + unchanged + rejected` is `rows`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportReport {
    /// Rows with anything in them.
    pub rows: u32,
    /// People who are new.
    pub added: u32,
    /// People of whom something changed.
    pub updated: u32,
    /// Rows that said nothing new.
    pub unchanged: u32,
    /// The first rows that can't be used.
    pub rejected: Vec<Rejected>,
    /// How many rows can't be used.
    pub rejected_total: u32,
    /// The first rows of people who are in, but for something that could not be taken.
    pub noted: Vec<Rejected>,
    /// How many such things there are; their rows are among the added, updated and unchanged.
    pub noted_total: u32,
    /// Where all rejected and noted rows stand, with their reasons.
    pub rejected_file: Option<String>,
    /// Said where that file could not be written after all. What was imported is in.
    pub rejected_unsaved: Option<String>,
}

/// A row that can't be used, or not all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Rejected {
    /// As a spreadsheet numbers it: the heading is row 1.
    pub row: u32,
    /// A stable name.
    pub reason: String,
    /// Why, in a sentence.
    pub sentence: String,
}

impl Desk {
    /// A first look at a list, before it is imported.
    pub fn import_look(&self, path: &Path) -> Result<ImportLook> {
        let sheet = Sheet::open(path).map_err(|source| unreadable(path, source))?;
        let preview = sheet.preview(PREVIEW_ROWS).map_err(|source| unreadable(path, source))?;
        Ok(ImportLook {
            path: path.display().to_string(),
            file: file_name(path),
            bytes: std::fs::metadata(path).map_or(0, |file| file.len()),
            vendor: sheet.vendor().map(|vendor| vendor.name().to_owned()),
            mapping: sheet.suggest().columns.into_iter().map(|field| field.map(Column::from)).collect(),
            headers: sheet.headers().to_vec(),
            preview: preview.into_iter().map(|row| row.cells).collect(),
        })
    }

    /// Imports a list, all usable rows or none. Rows that can't be used are saved beside it.
    pub fn import(&mut self, ask: &ImportAsk, watch: Watch<'_>) -> Result<ImportReport> {
        let path = Path::new(&ask.path);
        let sheet = Sheet::open(path).map_err(|source| unreadable(path, source))?;
        let mapping = match &ask.mapping {
            Some(columns) => Mapping { columns: columns.iter().map(|column| column.map(Field::from)).collect() },
            None => sheet.suggest(),
        };
        if mapping.column(Field::Email).is_none() && mapping.column(Field::Phone).is_none() {
            return Err(DeskError::NoContactColumn { file: file_name(path) });
        }
        let headers = sheet.headers().to_vec();
        let mut rejects = Rejects::new(if ask.dry_run { None } else { Some(self.rejects_path(path)) }, headers, self.language());
        let report = self.import_sheet(sheet, &mapping, ask, &mut rejects, watch)?;
        let report = rejects.finish(report);
        self.tidy();
        Ok(report)
    }

    fn import_sheet(&mut self, sheet: Sheet, mapping: &Mapping, ask: &ImportAsk, rejects: &mut Rejects, watch: Watch<'_>) -> Result<ImportReport> {
        let now = self.now();
        let country = self.shop()?.country;
        let rows = sheet.rows();
        let progress = rows.progress();
        let store = &mut self.store;
        thread::scope(|scope| {
            let (send, receive) = sync_channel(BATCHES_WAITING_MAX);
            let dialled_in = country.as_deref();
            scope.spawn(move || understand_all(rows, mapping, ask.kind, dialled_in, &send));
            let rows_in_all = |read: u32| Some(progress.done()).filter(|&share| share > 0.0).map(|share| (f64::from(read) / share) as u32);
            let (mut ahead, mut rows_ahead) = (Vec::new(), 0_u32);
            for batch in receive.iter().take(BATCHES_AHEAD_MAX) {
                rows_ahead += batch.as_ref().map_or(0, |batch| u32::try_from(batch.len()).unwrap_or(u32::MAX));
                ahead.push(batch);
                if !watch(Progress { done: 0, total: rows_in_all(rows_ahead) }) {
                    return Err(StorageError::Cancelled.into());
                }
            }
            let batches = ahead.into_iter().chain(receive.iter());
            let change = |tx: &rusqlite::Transaction<'_>| {
                let mut import = Import {
                    tx,
                    shop: shop_of(tx)?,
                    now,
                    words: Words::default(),
                    spoken_of: HashMap::new(),
                    second: HashMap::new(),
                    moved: HashMap::new(),
                    claims: Vec::new(),
                    not_taken: None,
                    at: 0,
                    outcomes: Vec::new(),
                    report: ImportReport::default(),
                };
                import.all(batches, ask, rejects, &mut |done| watch(Progress { done, total: rows_in_all(done.max(rows_ahead)) }))?;
                import.until_nothing_moves(ask, mapping, country.as_deref())?;
                import.finish(ask.kind)?;
                Ok(import.report)
            };
            if ask.dry_run { store.rehearse(change) } else { store.write_much(change) }
        })
    }

    /// Beside the list, or in the data folder where that can't be written.
    fn rejects_path(&self, list: &Path) -> PathBuf {
        let stem = list.file_stem().unwrap_or_default().to_string_lossy();
        let probe = list.with_file_name(format!("{stem}.rejected.csv.part"));
        let writable = std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).is_ok();
        let folder = if writable { list.parent().unwrap_or(Path::new("")) } else { &self.folder };
        // A file of that name may be half mended by now: it is left alone.
        let mut path = folder.join(format!("{stem}.rejected.csv"));
        let mut number = 2;
        while path.exists() {
            path = folder.join(format!("{stem}.rejected-{number}.csv"));
            number += 1;
        }
        path
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, source: SheetError) -> DeskError {
    DeskError::Sheet { file: file_name(path), source }
}

/// A row as the writer needs it.
struct Understood {
    row: Row,
    person: std::result::Result<Incoming, &'static str>,
}

/// What a row says about a person, in the form that is kept.
struct Incoming {
    name: Option<String>,
    email: Option<Email>,
    phone: Option<Phone>,
    code: Option<ReferralCode>,
    link: Option<String>,
    /// Why something else of the row could not be taken.
    not_usable: Vec<&'static str>,
}

type Batch = std::result::Result<Vec<Understood>, SheetError>;

fn understand_all(mut rows: Rows, mapping: &Mapping, kind: ImportKind, country: Option<&str>, send: &SyncSender<Batch>) {
    loop {
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        let mut fault = None;
        for row in rows.by_ref().take(BATCH_ROWS) {
            match row {
                Ok(row) => batch.push(Understood { person: understand(mapping, &row, kind, country), row }),
                Err(error) => fault = Some(error),
            }
        }
        let last = batch.len() < BATCH_ROWS;
        if send.send(Ok(batch)).is_err() {
            return;
        }
        if let Some(error) = fault {
            let _ = send.send(Err(error));
            return;
        }
        if last {
            return;
        }
    }
}

fn understand(mapping: &Mapping, row: &Row, kind: ImportKind, country: Option<&str>) -> std::result::Result<Incoming, &'static str> {
    let record = mapping.record(row);
    let given = record.email.is_some() || record.phone.is_some();
    let email = record.email.as_deref().map(Email::parse);
    let phone = record.phone.as_deref().map(|phone| Phone::parse(phone, country));
    let too_long = matches!(email, Some(Err(people::ContactError::TooLong))) || matches!(phone, Some(Err(people::ContactError::TooLong)));
    let (email, phone) = (email.and_then(std::result::Result::ok), phone.and_then(std::result::Result::ok));
    // A number of no plan matches nobody, so it can't be what a person is found by.
    if email.is_none() && phone.as_ref().and_then(Phone::key).is_none() {
        return Err(match given {
            _ if too_long => "too_long",
            true => "not_usable",
            false => "no_contact",
        });
    }
    // Whoever can be reached by the one is in, whatever stands as the other.
    let mut not_usable = Vec::new();
    let mut lost = |given: bool, taken: bool, why| not_usable.extend((given && !taken).then_some(why));
    lost(record.email.is_some(), email.is_some(), "email_not_usable");
    lost(record.phone.is_some(), phone.is_some(), "phone_not_usable");
    if kind == ImportKind::Customers {
        // Of a customer nothing but the contact is kept, so nothing else can be wrong with the row.
        return Ok(Incoming { name: None, email, phone, code: None, link: None, not_usable });
    }
    let name = record.name.as_deref().map(people::name).transpose().map_err(|_| "too_long")?.filter(|name| !name.is_empty());
    let code = record.code.as_deref().and_then(|code| ReferralCode::own(code).ok());
    let is_link = |link: &&str| link.chars().count() <= LINK_CHARS_MAX && (link.starts_with("https://") || link.starts_with("http://"));
    let link = record.link.as_deref().filter(is_link).map(str::to_owned);
    lost(record.code.is_some(), code.is_some(), "code_not_usable");
    lost(record.link.is_some(), link.is_some(), "link_not_usable");
    Ok(Incoming { name, email, phone, code, link, not_usable })
}

impl Incoming {
    fn email_key(&self) -> Option<&str> {
        self.email.as_ref().map(Email::key)
    }

    fn phone_key(&self) -> Option<&str> {
        self.phone.as_ref().and_then(Phone::key)
    }
}

/// What became of a row, what counts for more later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Rejected,
    Unchanged,
    Updated,
    Added,
}

/// What a list said about a person before.
#[derive(Clone, Copy)]
struct SpokenOf {
    /// By which of its rows first.
    first: u32,
    /// And that row added them.
    added: bool,
    /// That row named them by phone alone.
    by_phone_alone: bool,
    /// Some row named them by e-mail alone, so they must stay known by it.
    by_email_alone: bool,
}

struct Import<'a> {
    tx: &'a Connection,
    shop: Shop,
    now: DateTime<Utc>,
    words: Words,
    /// Rows of people whom this list has spoken of before.
    spoken_of: HashMap<i64, SpokenOf>,
    /// E-mail addresses that this list showed to be second ones of somebody, who is kept under their first.
    second: HashMap<String, i64>,
    /// People who turned out to be others: from their row to the others'.
    moved: HashMap<i64, i64>,
    /// Phones that were somebody else's when a row asked for them, for whom, and which row. A later row may give the old owner
    /// another one.
    claims: Vec<(i64, Phone, u32)>,
    /// Why something of the row at hand could not be taken, though the rest was.
    not_taken: Option<&'static str>,
    /// The row at hand.
    at: u32,
    /// What became of each row.
    outcomes: Vec<Outcome>,
    report: ImportReport,
}

impl Import<'_> {
    fn all(
        &mut self,
        batches: impl Iterator<Item = Batch>,
        ask: &ImportAsk,
        rejects: &mut Rejects,
        watch: &mut dyn FnMut(u32) -> bool,
    ) -> Result<()> {
        search::expect_many(self.tx)?;
        for batch in batches {
            for Understood { row, person } in batch.map_err(|source| unreadable(Path::new(&ask.path), source))? {
                let (outcome, not_usable) = match person {
                    Err(reason) => {
                        let rejected = rejects.put(&row, reason)?;
                        show(&mut self.report.rejected, rejected);
                        (Outcome::Rejected, Vec::new())
                    }
                    Ok(person) if ask.kind == ImportKind::Customers => (self.customer(&person)?, person.not_usable),
                    Ok(person) => (self.referrer(&person)?, person.not_usable),
                };
                for reason in not_usable.into_iter().chain(self.not_taken.take()) {
                    self.report.noted_total += 1;
                    let noted = rejects.put(&row, reason)?;
                    show(&mut self.report.noted, noted);
                }
                self.outcomes.push(outcome);
                self.at += 1;
            }
            if !watch(self.at) {
                return Err(StorageError::Cancelled.into());
            }
        }
        Ok(())
    }

    /// Gives phones that became free to those who asked for them. Where any moved, later rows may mean others than they did,
    /// as they would if the list were imported again: so it is gone through again, until it changes nothing.
    fn until_nothing_moves(&mut self, ask: &ImportAsk, mapping: &Mapping, country: Option<&str>) -> Result<()> {
        let path = Path::new(&ask.path);
        let mut moved = self.settle_claims()?;
        for _ in 1..PASSES_MAX {
            if !moved {
                return Ok(());
            }
            (self.at, self.spoken_of, self.second, self.moved) = (0, HashMap::new(), HashMap::new(), HashMap::new());
            moved = false;
            for row in Sheet::open(path).map_err(|source| unreadable(path, source))?.rows() {
                let row = row.map_err(|source| unreadable(path, source))?;
                if let Ok(person) = understand(mapping, &row, ask.kind, country) {
                    let outcome = self.referrer(&person)?;
                    moved |= outcome > Outcome::Unchanged;
                    self.at_least(self.at, outcome);
                }
                self.at += 1;
            }
            moved |= self.settle_claims()?;
        }
        Ok(())
    }

    fn at_least(&mut self, row: u32, outcome: Outcome) {
        if let Some(before) = self.outcomes.get_mut(row as usize) {
            *before = outcome.max(*before);
        }
    }

    /// Counts what became of the rows, and writes what follows from all of them.
    fn finish(&mut self, kind: ImportKind) -> Result<()> {
        let report = &mut self.report;
        report.rows = u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX);
        for outcome in &self.outcomes {
            match outcome {
                Outcome::Added => report.added += 1,
                Outcome::Updated => report.updated += 1,
                Outcome::Unchanged => report.unchanged += 1,
                Outcome::Rejected => report.rejected_total += 1,
            }
        }
        let ImportReport { rows, added, updated, rejected_total, .. } = self.report;
        search::settle(self.tx, added + updated >= MANY_ROWS)?;
        if added + updated > 0 {
            let detail = json!({ "kind": kind, "rows": rows, "added": added, "updated": updated, "rejected": rejected_total });
            audit::append(self.tx, self.shop.till_id, self.now, "imported", Uuid::now_v7(), &detail)?;
        }
        Ok(())
    }

    fn customer(&self, person: &Incoming) -> Result<Outcome> {
        let mut outcome = Outcome::Unchanged;
        for key in [person.email_key(), person.phone_key()].into_iter().flatten() {
            if leads::know_customer(self.tx, &self.shop, key)? {
                outcome = Outcome::Added;
            }
        }
        Ok(outcome)
    }

    fn referrer(&mut self, person: &Incoming) -> Result<Outcome> {
        let by_email = person.email_key().map(|key| self.by_email(key)).transpose()?.flatten();
        let by_phone = person.phone_key().map(|key| catalogue::referrer_by_phone(self.tx, key)).transpose()?.flatten();
        let known = by_email.as_ref().or(by_phone.as_ref());
        // The rest of the row goes in whatever becomes of its code, so that the same list says the same again once codes are given.
        self.not_taken = self.code_clash(person, known)?;
        let (referrer, outcome) = match (by_email, by_phone) {
            (None, None) => (self.add(person)?, Outcome::Added),
            (Some(one), Some(other)) if one.n != other.n => self.same_person(person, one, &other)?,
            (Some(one), _) | (None, Some(one)) => self.update(person, one, true)?,
        };
        let first = self.at;
        let spoken = SpokenOf { first, added: outcome == Outcome::Added, by_phone_alone: person.email.is_none(), by_email_alone: false };
        let spoken = self.spoken_of.entry(referrer.n).or_insert(spoken);
        spoken.by_email_alone |= person.phone_key().is_none();
        if let Some(key) = person.email_key()
            && referrer.contact.email.as_deref().is_some_and(|first| first != key)
        {
            self.second.insert(key.to_owned(), referrer.n);
        }
        if let Some(code) = &person.code
            && self.not_taken.is_none()
            && catalogue::active_code(self.tx, &self.shop.campaign, referrer.n)?.is_none()
        {
            let ours = self.shop.campaign.format.holds(code.key());
            catalogue::insert_code(self.tx, &self.shop.campaign, referrer.n, code, ours, self.now)?;
            return Ok(if outcome == Outcome::Added { outcome } else { Outcome::Updated });
        }
        Ok(outcome)
    }

    /// The person with this e-mail, or whose second one it is.
    fn by_email(&self, key: &str) -> Result<Option<Referrer>> {
        if let Some(known) = catalogue::referrer_by_email(self.tx, key)? {
            return Ok(Some(known));
        }
        let Some(&(mut n)) = self.second.get(key) else {
            return Ok(None);
        };
        while let Some(&other) = self.moved.get(&n) {
            n = other;
        }
        Ok(catalogue::referrer_n(self.tx, n)?)
    }

    /// Why the code of a row can't be kept, if so: it is somebody else's, or this person has another.
    fn code_clash(&self, person: &Incoming, known: Option<&Referrer>) -> Result<Option<&'static str>> {
        let Some(code) = &person.code else {
            return Ok(None);
        };
        let campaign = &self.shop.campaign;
        let holder = catalogue::code(self.tx, campaign, code.key())?;
        // Their own code, also one that was taken back since, is no reason to leave the rest of the row out.
        if holder.as_ref().is_some_and(|holder| known.is_some_and(|known| known.n == holder.referrer.n)) {
            return Ok(None);
        }
        // Whoever has a code keeps it, whether the other one is free or, by the time the list comes again, somebody else's.
        if let Some(known) = known
            && catalogue::active_code(self.tx, campaign, known.n)?.is_some()
        {
            return Ok(Some("other_code"));
        }
        Ok(holder.map(|_| "code_taken"))
    }

    fn add(&mut self, person: &Incoming) -> Result<Referrer> {
        let name = person.name.clone().or_else(|| person.email.as_ref().map(|email| email.name().to_owned()));
        let details = Details {
            // Without name and e-mail the number is all there is to call them by.
            name: name.or_else(|| person.phone.as_ref().map(|phone| phone.text().to_owned())).unwrap_or_default(),
            email: person.email.as_ref().map(|email| email.text().to_owned()),
            phone: person.phone.as_ref().map(|phone| phone.text().to_owned()),
            contact: Contact { email: person.email_key().map(str::to_owned), phone: person.phone_key().map(str::to_owned) },
            link: person.link.clone(),
        };
        Ok(catalogue::insert_referrer(self.tx, &mut self.words, &details, self.now)?)
    }

    /// A row whose e-mail is one person's and whose phone is another's: one person, where this list made the other one up
    /// a few rows ago and the phone can move; else the phone stays where it is.
    ///
    /// Only what the same list would lead to again is joined, or importing it twice would change something: nobody is given
    /// up whom the list names by an e-mail alone, and of the two names the one that the list said first stays.
    fn same_person(&mut self, person: &Incoming, one: Referrer, other: &Referrer) -> Result<(Referrer, Outcome)> {
        let spoken = self.spoken_of.get(&one.n).copied();
        let room = one.phone.is_none() || spoken.is_none();
        let Some(made_up) = self.spoken_of.get(&other.n).copied().filter(|other| room && other.added && !other.by_email_alone) else {
            return self.claim(person, one, room);
        };
        if catalogue::has_history(self.tx, other.n)? {
            return self.claim(person, one, room);
        }
        catalogue::remove_referrer(self.tx, &mut self.words, other.n)?;
        self.spoken_of.remove(&other.n);
        self.moved.insert(other.n, one.n);
        self.second.extend(other.contact.email.clone().map(|key| (key, one.n)));
        let mut details = Details {
            name: one.name.clone(),
            email: one.email.clone(),
            phone: other.phone.clone(),
            contact: Contact { phone: other.contact.phone.clone(), ..one.contact.clone() },
            link: one.link.clone(),
        };
        let name_said = |other: &Referrer| Some(&other.name) != other.phone.as_ref();
        // One of two rows added nobody after all: the later one, where both did.
        let mut added_nobody = made_up.first;
        if made_up.by_phone_alone && spoken.is_none_or(|spoken| made_up.first < spoken.first) {
            if name_said(other) {
                details.name.clone_from(&other.name);
            }
            details.link = other.link.clone().or(details.link);
            let (added, by_email_alone) = spoken.map_or((false, false), |spoken| (spoken.added, spoken.by_email_alone));
            self.spoken_of.insert(one.n, SpokenOf { added, by_email_alone, ..made_up });
            added_nobody = spoken.filter(|spoken| spoken.added).map_or(made_up.first, |spoken| spoken.first);
        }
        if let Some(outcome) = self.outcomes.get_mut(added_nobody as usize) {
            *outcome = Outcome::Updated;
        }
        details.link = details.link.or_else(|| other.link.clone());
        catalogue::update_referrer(self.tx, &mut self.words, &one, &details)?;
        let joined = catalogue::referrer_n(self.tx, one.n)?.ok_or(StorageError::Stored { what: "referrer" })?;
        Ok((self.update(person, joined, false)?.0, Outcome::Updated))
    }

    /// Updates a person but for the phone, which is another's; remembers that they would have it.
    fn claim(&mut self, person: &Incoming, one: Referrer, room: bool) -> Result<(Referrer, Outcome)> {
        let (referrer, outcome) = self.update(person, one, false)?;
        if let Some(phone) = person.phone.as_ref().filter(|_| room) {
            self.claims.push((referrer.n, phone.clone(), self.at));
        }
        Ok((referrer, outcome))
    }

    /// Gives phones that became free within the list to those who asked for them, as long as any does. Says whether any did.
    fn settle_claims(&mut self) -> Result<bool> {
        let mut claims = std::mem::take(&mut self.claims);
        let mut moved = false;
        loop {
            let open = claims.len();
            let mut still = Vec::new();
            for (n, phone, row) in claims {
                let (Some(key), Some(person)) = (phone.key(), catalogue::referrer_n(self.tx, n)?) else { continue };
                if catalogue::referrer_by_phone(self.tx, key)?.is_some() {
                    still.push((n, phone, row));
                    continue;
                }
                let details = Details {
                    name: person.name.clone(),
                    email: person.email.clone(),
                    phone: Some(phone.text().to_owned()),
                    contact: Contact { phone: Some(key.to_owned()), ..person.contact.clone() },
                    link: person.link.clone(),
                };
                catalogue::update_referrer(self.tx, &mut self.words, &person, &details)?;
                moved = true;
                self.at_least(row, Outcome::Updated);
            }
            if still.len() == open {
                return Ok(moved);
            }
            claims = still;
        }
    }

    /// Completes a known person, and replaces what differs where this is the list's first word about them.
    fn update(&mut self, person: &Incoming, known: Referrer, take_phone: bool) -> Result<(Referrer, Outcome)> {
        let by_email = person.email_key().is_some() && person.email_key() == known.contact.email.as_deref();
        // Somebody with another address behind the same number may be another member of the family: they complete, no more.
        let may_replace = !self.spoken_of.contains_key(&known.n) && (by_email || person.email.is_none() || known.email.is_none());
        let mut details = Details {
            name: known.name.clone(),
            email: known.email.clone(),
            phone: known.phone.clone(),
            contact: known.contact.clone(),
            link: known.link.clone(),
        };
        if let Some(name) = person.name.as_ref().filter(|_| may_replace) {
            details.name = name.clone();
        }
        if let Some(email) = person.email.as_ref().filter(|_| known.email.is_none()) {
            (details.email, details.contact.email) = (Some(email.text().to_owned()), Some(email.key().to_owned()));
        }
        if let Some(phone) = person.phone.as_ref().filter(|_| take_phone && (known.phone.is_none() || may_replace)) {
            (details.phone, details.contact.phone) = (Some(phone.text().to_owned()), phone.key().map(str::to_owned));
        }
        if let Some(link) = person.link.as_ref().filter(|_| known.link.is_none() || may_replace) {
            details.link = Some(link.clone());
        }
        let same = (&details.name, &details.email, &details.phone, &details.link) == (&known.name, &known.email, &known.phone, &known.link);
        if !same {
            catalogue::update_referrer(self.tx, &mut self.words, &known, &details)?;
        }
        Ok((known, if same { Outcome::Unchanged } else { Outcome::Updated }))
    }
}

/// Keeps the first of them to be shown.
fn show(shown: &mut Vec<Rejected>, row: Rejected) {
    if shown.len() < REJECTED_SHOWN_MAX {
        shown.push(row);
    }
}

/// The rows that can't be used: the first to be shown, all of them in a file, which gets its name once the rest is safe.
struct Rejects {
    path: Option<PathBuf>,
    headers: Vec<String>,
    language: Language,
    sheet: Option<SheetWriter<std::io::BufWriter<std::fs::File>>>,
}

impl Rejects {
    fn new(path: Option<PathBuf>, headers: Vec<String>, language: Language) -> Rejects {
        Rejects { path, headers, language, sheet: None }
    }

    fn put(&mut self, row: &Row, reason: &'static str) -> Result<Rejected> {
        let sentence = self.language.say(&format!("rejected.{reason}"), &[]);
        if let Some(path) = &self.path {
            let file = |source| StorageError::File { path: path.clone(), source };
            let number = row.number.to_string();
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).chain([number.as_str(), sentence.as_str()]).collect();
            let sheet = match &mut self.sheet {
                Some(sheet) => sheet,
                none => {
                    let headers: Vec<&str> = self.headers.iter().map(String::as_str).chain(["Row", "Reason"]).collect();
                    let out = std::fs::File::create(path.with_extension("csv.part")).map_err(file)?;
                    none.insert(SheetWriter::new(std::io::BufWriter::new(out), &headers).map_err(file)?)
                }
            };
            sheet.row(&cells).map_err(file)?;
        }
        Ok(Rejected { row: u32::try_from(row.number).unwrap_or(u32::MAX), reason: reason.to_owned(), sentence })
    }

    /// Gives the file its name. The people are in by now, so where that fails it is said and no fault.
    fn finish(mut self, mut report: ImportReport) -> ImportReport {
        if let (Some(sheet), Some(path)) = (self.sheet.take(), &self.path) {
            let part = path.with_extension("csv.part");
            let named = sheet.finish().and_then(|out| Ok(out.into_inner()?)).and_then(|_| std::fs::rename(&part, path));
            match named {
                Ok(()) => report.rejected_file = Some(path.display().to_string()),
                Err(_) => {
                    let _ = std::fs::remove_file(part);
                    report.rejected_unsaved = Some(self.language.say("rejected_unsaved", &[("path", &path.display().to_string())]));
                }
            }
        }
        report
    }
}

impl Drop for Rejects {
    fn drop(&mut self) {
        // An import that did not go through leaves no file of rejected rows.
        if let (Some(_), Some(path)) = (self.sheet.take(), &self.path) {
            let _ = std::fs::remove_file(path.with_extension("csv.part"));
        }
    }
}
