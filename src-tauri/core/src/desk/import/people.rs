//! Writing: who a row is about, and what it changes of them.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::json;
use uuid::Uuid;

use super::rejects::Rejects;
use super::rows::{Batch, Incoming, Understood, understand};
use super::{ImportAsk, ImportKind, ImportReport, Rejected, unreadable};
use crate::desk::{Result, shop_of};
use crate::domain::people::{Contact, Phone};
use crate::domain::upload::Destination;
use crate::sheets::{Mapping, Sheet};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Details, Referrer};
use crate::storage::search::{self, Words};
use crate::storage::{StorageError, audit, destinations, leads, outbox};

/// A list that still moves phones after so many times is left as it is then.
const PASSES_MAX: usize = 8;
/// So many rejected rows are named; all of them are in the file beside the list.
const REJECTED_NAMED_MAX: usize = 10_000;
/// From so many changed people on, the search index is put in order after a list.
const MANY_ROWS: u32 = 10_000;

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

/// One import on its way.
pub(super) struct Import<'a> {
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
    pub(super) report: ImportReport,
}

impl<'a> Import<'a> {
    pub(super) fn begin(tx: &'a Connection, now: DateTime<Utc>) -> Result<Import<'a>> {
        Ok(Import {
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
        })
    }

    /// Takes every row of the list.
    pub(super) fn all(
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
                        name(&mut self.report.rejected, rejected);
                        (Outcome::Rejected, Vec::new())
                    }
                    Ok(person) if ask.kind == ImportKind::Customers => (self.customer(&person)?, person.not_usable),
                    Ok(person) => (self.referrer(&person)?, person.not_usable),
                };
                for reason in not_usable.into_iter().chain(self.not_taken.take()) {
                    self.report.noted_total += 1;
                    let noted = rejects.put(&row, reason)?;
                    name(&mut self.report.noted, noted);
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
    pub(super) fn until_nothing_moves(&mut self, ask: &ImportAsk, mapping: &Mapping, country: Option<&str>) -> Result<()> {
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
    pub(super) fn finish(&mut self, kind: ImportKind) -> Result<()> {
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
            outbox::put_new_codes(self.tx, self.shop.campaign.n, self.now)?;
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
        let holder = catalogue::said(self.tx, campaign, code.key(), None)?;
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
        let anothers = catalogue::is_anothers(self.tx, campaign, code.key(), known.map_or(0, |known| known.n))?;
        Ok(anothers.then_some("code_taken"))
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
            if known.email.is_none() && details.email.is_some() {
                outbox::unpark_referrer(self.tx, known.id)?;
            }
            // A list may be of everybody, so whom Referral Factory does not know goes there when somebody asks for it.
            if destinations::remote(self.tx, Destination::ReferralFactory, known.id)?.is_known() {
                outbox::look_again(self.tx, known.id)?;
                outbox::put_referrer(self.tx, known.id, self.now)?;
            }
        }
        Ok((known, if same { Outcome::Unchanged } else { Outcome::Updated }))
    }
}

/// Keeps the first of them.
fn name(named: &mut Vec<Rejected>, row: Rejected) {
    if named.len() < REJECTED_NAMED_MAX {
        named.push(row);
    }
}
