//! The queue of what must still be uploaded: the corridor between the desk and the sync.

use std::ops::Range;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, Store, destinations, rows, uploads};
use crate::domain::upload::{Destination, EntryState, What};

/// One change that one destination must learn of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Row number, and the entry's name for people.
    pub n: i64,
    /// Where to.
    pub destination: Destination,
    /// What was recorded.
    pub what: What,
    /// The record.
    pub subject: Uuid,
    /// The thing that it changes at the destination.
    pub about: Uuid,
    /// How far it is.
    pub state: EntryState,
    /// What is missing, or what a person must decide.
    pub why: Option<String>,
    /// A person handed it over in a file then.
    pub by_file: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The code or person that it is about, for the list: their name, or else how they can be reached.
    pub name: String,
}

/// How many entries of a destination are in which state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// To be sent, or being sent.
    pub waiting: u32,
    /// Confirmed by the destination.
    pub uploaded: u32,
    /// Something is missing that the destination needs.
    pub parked: u32,
    /// The destination knows something else; a person decides.
    pub conflict: u32,
    /// The destination refuses it for good.
    pub needs_a_person: u32,
    /// Set aside by a person; among the parked ones.
    pub set_aside: u32,
}

impl Counts {
    /// What is not uploaded, and nobody decided that it need not be.
    #[must_use]
    pub fn open(self) -> u32 {
        self.waiting + self.parked + self.conflict + self.needs_a_person - self.set_aside
    }
}

/// So many things are noted in one transaction, where there may be very many.
pub const AT_ONCE: usize = 500;

/// Why an entry is parked that a person set aside.
pub const SET_ASIDE: &str = "set_aside";

/// Why a Coupon needs a person that somebody deleted at Stripe: to have it made anew with all its codes is a decision of its own.
pub const COUPON_DELETED: &str = "coupon_deleted";

/// Puts a change of a Lead into the queue of every destination. One that needs an e-mail address, where the Lead has none, is
/// parked from the start.
pub fn put_lead(tx: &Connection, what: What, subject: Uuid, about: Uuid, email: bool, at: DateTime<Utc>) -> Result<()> {
    for destination in Destination::ALL {
        let parked = destination.needs_email() && !email;
        put(tx, destination, what, subject, about, parked.then_some("email"), at)?;
    }
    Ok(())
}

/// Puts one change into the queue of one destination.
pub fn put(tx: &Connection, destination: Destination, what: What, subject: Uuid, about: Uuid, parked: Option<&str>, at: DateTime<Utc>) -> Result<()> {
    let state = if parked.is_some() { EntryState::Parked } else { EntryState::Waiting };
    tx.prepare_cached("INSERT INTO outbox (destination, what, subject, about, state, why, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![destination.name(), what.name(), subject.as_bytes(), about.as_bytes(), state.name(), parked, rows::millis(at)])?;
    Ok(())
}

/// Tells the destinations that keep Referrers that this one is new or changed. One that is disconnected is told once it is connected
/// again; where there are only files, they can only say who is new. One without an e-mail address is parked from the start.
pub fn put_referrer(tx: &Connection, referrer: Uuid, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO outbox (destination, what, subject, about, state, why, created_at)
         SELECT destination.name, 'referrer', id, id, iif(email IS NULL, 'parked', 'waiting'), iif(email IS NULL, 'email', NULL), ?2
         FROM destination, referrer WHERE id = ?1 AND destination.name = 'referral_factory'
           AND (account IS NOT NULL OR (settings ->> 'files' AND email IS NOT NULL AND NOT EXISTS
                 (SELECT 1 FROM remote WHERE remote.destination = destination.name AND about = ?1 AND facts -> 'by_file' ->> 'added')))
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE about = ?1 AND outbox.destination = destination.name AND (state = 'waiting' OR why = 'email') AND state <> 'uploaded')",
    )?
    .execute(params![referrer.as_bytes(), rows::millis(at)])?;
    // A file says who is new and no more: of whom it told, the rest is told the day that there is another way.
    tx.prepare_cached(
        "UPDATE remote SET facts = json_set(facts, '$.untold', json('true')) WHERE destination = 'referral_factory' AND about = ?1
           AND facts -> 'by_file' ->> 'added' AND NOT EXISTS (SELECT 1 FROM destination WHERE name = 'referral_factory' AND account IS NOT NULL)",
    )?
    .execute([referrer.as_bytes()])?;
    Ok(())
}

/// Puts every Referrer of these rows into the queue whom Referral Factory does not know. Says how many.
pub fn put_all_referrers(tx: &Connection, rows: Range<i64>, at: DateTime<Utc>) -> Result<usize> {
    let sql = "INSERT INTO outbox (destination, what, subject, about, state, why, created_at)
         SELECT 'referral_factory', 'referrer', id, id, iif(email IS NULL, 'parked', 'waiting'), iif(email IS NULL, 'email', NULL), ?1 FROM referrer
         WHERE n >= ?2 AND n < ?3
           AND NOT EXISTS (SELECT 1 FROM remote WHERE destination = 'referral_factory' AND about = referrer.id AND remote.id IS NOT NULL)
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE about = referrer.id AND outbox.destination = 'referral_factory' AND state <> 'uploaded')
         ORDER BY n";
    Ok(tx.prepare_cached(sql)?.execute(params![rows::millis(at), rows.start, rows.end])?)
}

/// The name of a code in the queue: codes have no id of their own, only their row.
#[must_use]
pub fn code_id(code_n: i64) -> Uuid {
    Uuid::from_u128(u128::from(code_n.unsigned_abs()))
}

/// The row of a code by its name in the queue.
#[must_use]
pub fn code_n(id: Uuid) -> i64 {
    i64::try_from(id.as_u128()).unwrap_or(0)
}

/// Tells Stripe about a code that was generated, revoked or used, if it has that code or is to have every code. Where it is not
/// connected just now, it is told once it is again.
pub fn put_code(tx: &Connection, code_n: i64, new: bool, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO outbox (destination, what, subject, about, created_at)
         SELECT name, 'code', ?1, ?1, ?2 FROM destination WHERE name = 'stripe' AND account IS NOT NULL
           AND (EXISTS (SELECT 1 FROM remote WHERE remote.destination = 'stripe' AND about = ?1) OR (?3 AND settings ->> 'codes'))
           AND NOT EXISTS (SELECT 1 FROM outbox WHERE about = ?1 AND outbox.destination = 'stripe' AND state = 'waiting' AND state <> 'uploaded')",
    )?
    .execute(params![code_id(code_n).as_bytes(), rows::millis(at), new])?;
    Ok(())
}

/// Puts every active code of these rows into Stripe's queue that has no promotion code there. Says how many.
pub fn put_all_codes(tx: &Connection, campaign_n: i64, rows: Range<i64>, at: DateTime<Utc>) -> Result<usize> {
    let mut active =
        tx.prepare("SELECT n FROM referral_code NOT INDEXED WHERE campaign_n = ?1 AND revoked_at IS NULL AND n >= ?2 AND n < ?3 ORDER BY n")?;
    let mut known = tx.prepare("SELECT 1 FROM remote WHERE destination = 'stripe' AND about = ?1 AND id IS NOT NULL")?;
    let mut open = tx.prepare("SELECT 1 FROM outbox WHERE about = ?1 AND destination = 'stripe' AND state <> 'uploaded'")?;
    let mut found = active.query(params![campaign_n, rows.start, rows.end])?;
    let mut put_in = 0;
    while let Some(row) = found.next()? {
        let id = code_id(row.get(0)?);
        if !known.exists([id.as_bytes()])? && !open.exists([id.as_bytes()])? {
            put(tx, Destination::Stripe, What::Code, id, id, None, at)?;
            put_in += 1;
        }
    }
    Ok(put_in)
}

/// Of so many codes as are put into the queue at most, so many times more are read at most: few of them may have that coupon.
const READ_FOR_ONE: i64 = 100;

/// Tells Stripe about its codes that give this coupon and were not taken back, at most so many and after this row. Gives the row to
/// go on after, if there are more.
pub fn put_codes_of(tx: &Connection, campaign_n: i64, coupon: Uuid, after: i64, most: usize, at: DateTime<Utc>) -> Result<Option<i64>> {
    let until = after.saturating_add(most as i64 * READ_FOR_ONE);
    let mut codes = tx.prepare(
        "SELECT referral_code.n FROM referral_code NOT INDEXED JOIN campaign ON campaign.n = campaign_n
         WHERE campaign_n = ?1 AND revoked_at IS NULL AND coalesce(referral_code.coupon_n, campaign.coupon_n) = (SELECT n FROM coupon WHERE id = ?2)
           AND referral_code.n > ?3 AND referral_code.n <= ?5
         ORDER BY referral_code.n LIMIT ?4",
    )?;
    let found: Vec<i64> =
        codes.query_map(params![campaign_n, coupon.as_bytes(), after, most as i64, until], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    found.iter().try_for_each(|n| put_code(tx, *n, false, at))?;
    let read = found.last().copied().filter(|_| found.len() == most).unwrap_or(until);
    Ok(tx.prepare("SELECT 1 FROM referral_code WHERE n > ?1")?.exists([read])?.then_some(read))
}

/// [`put_all_codes`], if the manager wishes that codes go up by themselves.
pub fn put_new_codes(tx: &Connection, campaign_n: i64, at: DateTime<Utc>) -> Result<()> {
    let wished = "SELECT 1 FROM destination WHERE name = 'stripe' AND account IS NOT NULL AND settings ->> 'codes'";
    if tx.prepare_cached(wished)?.exists([])? {
        put_all_codes(tx, campaign_n, 0..i64::MAX, at)?;
    }
    Ok(())
}

/// An e-mail address became known: what was parked for it waits to be sent.
pub fn unpark(tx: &Connection, about: Uuid) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET state = 'waiting', why = NULL, after = NULL WHERE about = ?1 AND state = 'parked' AND state <> 'uploaded' AND why = 'email'")?
        .execute([about.as_bytes()])?;
    Ok(())
}

/// [`unpark`] for a Referrer: their Leads, which waited for it too, may be looked at again.
pub fn unpark_referrer(tx: &Connection, referrer: Uuid) -> Result<()> {
    unpark(tx, referrer)?;
    tx.prepare_cached("UPDATE outbox SET state = 'waiting', why = NULL, after = NULL WHERE after = ?1 AND state = 'parked'")?
        .execute([referrer.as_bytes()])?;
    Ok(())
}

/// The counts of one destination.
pub fn counts(connection: &Connection, destination: Destination) -> Result<Counts> {
    let sql = "SELECT entries FROM uploaded WHERE destination = ?1";
    let uploaded = connection.prepare_cached(sql)?.query_row([destination.name()], |row| row.get(0))?;
    Ok(Counts { uploaded, ..open_counts(connection, destination)? })
}

/// The counts of one destination, but for what is uploaded: all that a badge needs.
pub fn open_counts(connection: &Connection, destination: Destination) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut statement = connection
        .prepare_cached("SELECT state, count(*), total(CASE WHEN state = 'parked' THEN why = ?2 END) FROM outbox WHERE destination = ?1 AND state <> 'uploaded' GROUP BY state")?;
    let mut found = statement.query(params![destination.name(), SET_ASIDE])?;
    while let Some(row) = found.next()? {
        let (state, number): (String, u32) = (row.get(0)?, row.get(1)?);
        match EntryState::from_name(&state).ok_or(StorageError::Stored { what: "state of an upload" })? {
            EntryState::Waiting | EntryState::Sending => counts.waiting += number,
            EntryState::Uploaded => counts.uploaded += number,
            EntryState::Parked => {
                counts.parked += number;
                // A count of rows, never negative.
                counts.set_aside += row.get::<_, f64>(2)? as u32;
            }
            EntryState::Conflict => counts.conflict += number,
            EntryState::NeedsAPerson => counts.needs_a_person += number,
        }
    }
    Ok(counts)
}

/// Since when the oldest entry of a destination waits.
pub fn waiting_since(connection: &Connection, destination: Destination) -> Result<Option<DateTime<Utc>>> {
    let since: Option<i64> = connection
        .prepare_cached("SELECT min(created_at) FROM outbox WHERE destination = ?1 AND state <> 'uploaded' AND why IS NOT ?2")?
        .query_row(params![destination.name(), SET_ASIDE], |row| row.get(0))?;
    since.map(rows::moment).transpose()
}

const ENTRY: &str = "SELECT outbox.n, destination, what, subject, about, outbox.state, outbox.why, by_file_at, outbox.created_at,
    CASE what WHEN 'referrer' THEN (SELECT name FROM referrer WHERE id = about) WHEN 'code' THEN NULL WHEN 'coupon' THEN NULL
      ELSE (SELECT coalesce(nullif(name, ''), email, phone) FROM lead WHERE id = about) END AS name FROM outbox";

fn read(row: &Row<'_>) -> Result<Entry> {
    let stored = |what| StorageError::Stored { what };
    let (destination, what, state): (String, String, String) = (row.get("destination")?, row.get("what")?, row.get("state")?);
    let by_file: Option<i64> = row.get("by_file_at")?;
    Ok(Entry {
        n: row.get("n")?,
        destination: Destination::from_name(&destination).ok_or(stored("destination"))?,
        what: What::from_name(&what).ok_or(stored("kind of upload"))?,
        subject: rows::id_at(row, "subject")?,
        about: rows::id_at(row, "about")?,
        state: EntryState::from_name(&state).ok_or(stored("state of an upload"))?,
        why: row.get("why")?,
        by_file: by_file.map(rows::moment).transpose()?,
        at: rows::moment_at(row, "created_at")?,
        name: row.get::<_, Option<String>>("name")?.unwrap_or_default(),
    })
}

fn all(connection: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(&format!("{ENTRY} {rest}"))?;
    let mut found = statement.query(values)?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        let mut entry = read(row)?;
        if entry.what == What::Code {
            entry.name =
                connection.prepare_cached("SELECT text FROM referral_code WHERE n = ?1")?.query_row([code_n(entry.about)], |row| row.get(0))?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The entry with this number.
pub fn entry(connection: &Connection, n: i64) -> Result<Option<Entry>> {
    Ok(all(connection, "WHERE outbox.n = ?1", [n])?.pop())
}

/// A page of entries, latest first, from before row `before` on; of one destination or state, or of all.
pub fn page(
    connection: &Connection,
    destination: Option<Destination>,
    state: Option<EntryState>,
    before: Option<i64>,
    most: u32,
) -> Result<Vec<Entry>> {
    all(
        connection,
        "WHERE outbox.n < ?1 AND (?2 IS NULL OR destination = ?2) AND (?3 IS NULL OR outbox.state = ?3) ORDER BY outbox.n DESC LIMIT ?4",
        params![before.unwrap_or(i64::MAX), destination.map(Destination::name), state.map(EntryState::name), most],
    )
}

/// The things with entries that may be sent now, oldest first: what kind and which. Those that an upload carries already are put
/// behind it.
pub fn due(tx: &Connection, destination: Destination, most: usize) -> Result<Vec<(What, Uuid)>> {
    let mut statement =
        tx.prepare_cached("SELECT what, about FROM outbox WHERE destination = ?1 AND state = 'waiting' AND after IS NULL ORDER BY n LIMIT ?2")?;
    // A thing may have several entries; more rows than that are looked at in the next turn.
    let mut found = statement.query(params![destination.name(), (most * 4) as i64])?;
    let mut due: Vec<(What, Uuid)> = Vec::new();
    while let Some(row) = found.next()? {
        let what: String = row.get(0)?;
        let about = rows::id_at(row, "about")?;
        if due.len() < most && due.iter().all(|(_, other)| *other != about) {
            due.push((What::from_name(&what).ok_or(StorageError::Stored { what: "kind of upload" })?, about));
        }
    }
    Ok(due)
}

/// What is not uploaded of one thing comes into this state.
pub fn mark(tx: &Connection, destination: Destination, about: Uuid, state: EntryState, why: Option<&str>) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "UPDATE outbox SET state = ?3, why = ?4, after = NULL WHERE about = ?1 AND destination = ?2 AND state IN ('waiting', 'sending') AND state <> 'uploaded'",
        )?
        .execute(params![about.as_bytes(), destination.name(), state.name(), why])?)
}

/// What is to be sent of one thing waits until another is settled.
pub fn wait_after(tx: &Connection, destination: Destination, about: Uuid, other: Uuid) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET state = 'waiting', after = ?3 WHERE about = ?1 AND destination = ?2 AND state IN ('waiting', 'sending') AND state <> 'uploaded'")?
        .execute(params![about.as_bytes(), destination.name(), other.as_bytes()])?;
    Ok(())
}

/// Where what waits for this other thing is what that one waits for in turn, by however many steps, nobody would ever go: all of them
/// are looked at again.
pub fn break_circle(tx: &Connection, destination: Destination, about: Uuid, other: Uuid) -> Result<()> {
    tx.prepare_cached(
        "WITH RECURSIVE passed (about) AS (
           SELECT ?3
           UNION
           SELECT after FROM passed CROSS JOIN outbox USING (about)
           WHERE destination = ?2 AND state = 'waiting' AND state <> 'uploaded' AND after IS NOT NULL)
         UPDATE outbox SET after = NULL
         WHERE about IN passed AND destination = ?2 AND state = 'waiting' AND state <> 'uploaded' AND ?1 IN passed",
    )?
    .execute(params![about.as_bytes(), destination.name(), other.as_bytes()])?;
    Ok(())
}

/// A thing changed: what it waits for may be another now.
pub fn look_again(tx: &Connection, about: Uuid) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET after = NULL WHERE about = ?1 AND state = 'waiting' AND state <> 'uploaded'")?
        .execute([about.as_bytes()])?;
    Ok(())
}

/// What is parked about one thing is looked at again once another is settled.
pub fn parked_after(tx: &Connection, destination: Destination, about: Uuid, other: Uuid) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET after = ?3 WHERE about = ?1 AND destination = ?2 AND state = 'parked' AND state <> 'uploaded' AND why IS NOT ?4",
    )?
    .execute(params![about.as_bytes(), destination.name(), other.as_bytes(), SET_ASIDE])?;
    Ok(())
}

/// What is parked for this reason is looked at again.
pub fn reconsider(tx: &Connection, destination: Destination, why: &str) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET state = 'waiting', why = NULL WHERE destination = ?1 AND state = 'parked' AND state <> 'uploaded' AND why = ?2",
        params![destination.name(), why],
    )?;
    Ok(())
}

/// What waited for this thing may be looked at again, also what was parked for it.
pub fn release(tx: &Connection, destination: Destination, other: Uuid) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET after = NULL WHERE after = ?1 AND destination = ?2 AND state = 'waiting'")?
        .execute(params![other.as_bytes(), destination.name()])?;
    tx.prepare_cached("UPDATE outbox SET after = NULL, state = 'waiting', why = NULL WHERE after = ?1 AND destination = ?2 AND state = 'parked'")?
        .execute(params![other.as_bytes(), destination.name()])?;
    Ok(())
}

/// Whether something about this thing is still to be sent.
pub fn is_open(connection: &Connection, destination: Destination, about: Uuid) -> Result<bool> {
    let sql = "SELECT 1 FROM outbox WHERE about = ?1 AND destination = ?2 AND state IN ('waiting', 'sending') AND state <> 'uploaded'";
    Ok(connection.prepare_cached(sql)?.exists(params![about.as_bytes(), destination.name()])?)
}

/// Whether every destination that is connected or gets files has everything about a thing; none while there is none.
pub fn everywhere(connection: &Connection, about: Uuid) -> Result<Option<bool>> {
    let sql = "SELECT count(*), total(EXISTS (SELECT 1 FROM outbox WHERE about = ?1 AND outbox.destination = name AND state <> 'uploaded'))
               FROM destination WHERE connected_at IS NOT NULL OR settings ->> 'files'";
    let (used, open): (u32, f64) = connection.prepare_cached(sql)?.query_row([about.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((used > 0).then_some(open == 0.0))
}

/// What a destination's answer or a person's decision holds a thing by.
const HELD_BY: [&str; 2] = ["refused", "kept_out"];

/// A person wants this entry's thing tried again now: whatever holds it is taken away. Says whether it was held.
pub fn retry(tx: &Connection, entry: &Entry, now: DateTime<Utc>) -> Result<bool> {
    let mut remote = destinations::remote(tx, entry.destination, entry.about)?;
    if let Some(facts) = remote.facts.as_object_mut()
        && HELD_BY.map(|fact| facts.remove(fact)).iter().any(Option::is_some)
    {
        destinations::set_remote(tx, entry.destination, entry.about, &remote)?;
    }
    uploads::hurry_about(tx, entry.destination, entry.about, now)?;
    let marked = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'waiting', why = NULL, after = NULL WHERE about = ?1 AND destination = ?2 AND state IN ('parked', 'conflict', 'needs_a_person') AND state <> 'uploaded'",
        )?
        .execute(params![entry.about.as_bytes(), entry.destination.name()])?;
    Ok(marked > 0)
}

/// [`retry`] for everything of a destination that needs a person, but for coupons that somebody deleted there. Says how many entries
/// that were.
pub fn retry_all(store: &mut Store, destination: Destination, now: DateTime<Utc>) -> Result<u32> {
    let held: Vec<i64> = store
        .reader()
        .prepare_cached(
            "SELECT n FROM outbox INDEXED BY outbox_open WHERE destination = ?1 AND state = 'needs_a_person' AND state <> 'uploaded' AND why IS NOT ?2",
        )?
        .query_map(params![destination.name(), COUPON_DELETED], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    store.write_in_turns::<_, StorageError>(held.chunks(AT_ONCE), |tx, some| {
        some.iter().filter_map(|n| entry(tx, *n).transpose()).try_for_each(|entry| retry(tx, &entry?, now).map(drop))
    })?;
    Ok(u32::try_from(held.len()).unwrap_or(u32::MAX))
}

/// What stopped about one thing goes on: a person decided.
pub fn again(tx: &Connection, destination: Destination, about: Uuid) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'waiting', why = NULL, after = NULL WHERE about = ?1 AND destination = ?2 AND state IN ('conflict', 'needs_a_person') AND state <> 'uploaded'",
    )?
    .execute(params![about.as_bytes(), destination.name()])?;
    Ok(())
}

/// A person decides that nothing about this thing need be uploaded.
pub fn set_aside_about(tx: &Connection, destination: Destination, about: Uuid) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'parked', why = ?3, after = NULL WHERE about = ?1 AND destination = ?2 AND state IN ('waiting', 'parked', 'conflict', 'needs_a_person') AND state <> 'uploaded'",
    )?
    .execute(params![about.as_bytes(), destination.name(), SET_ASIDE])?;
    Ok(())
}

/// A person decides that this entry need not be uploaded. One that is being sent can't be held back any more.
pub fn set_aside(tx: &Connection, n: i64) -> Result<bool> {
    let sql =
        "UPDATE outbox SET state = 'parked', why = ?2, after = NULL WHERE n = ?1 AND state IN ('waiting', 'parked', 'conflict', 'needs_a_person')";
    Ok(tx.prepare_cached(sql)?.execute(params![n, SET_ASIDE])? == 1)
}

/// A person says that what was recorded about this thing up to this entry was uploaded by file. What was set aside stays so.
pub fn handed_over(tx: &Connection, destination: Destination, about: Uuid, newest: i64, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'uploaded', why = NULL, after = NULL, by_file_at = ?4 WHERE about = ?1 AND destination = ?2 AND n <= ?3
           AND state IN ('waiting', 'parked', 'needs_a_person') AND state <> 'uploaded' AND why IS NOT ?5",
    )?
    .execute(params![about.as_bytes(), destination.name(), newest, rows::millis(at), SET_ASIDE])?;
    Ok(())
}

/// Everything of a destination is to be uploaded anew: it is another account now.
pub fn start_over(tx: &Connection, destination: Destination) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET state = 'waiting', why = NULL, after = NULL, upload_n = NULL, by_file_at = NULL WHERE destination = ?1",
        [destination.name()],
    )?;
    Ok(())
}
