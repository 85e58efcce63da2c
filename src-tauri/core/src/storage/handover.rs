//! What goes to Referral Factory in files: who waits for it, what the last file of each kind held, and what a person says was
//! uploaded.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::destinations;
use super::outbox::Entry;
use super::{Result, Store, leads, outbox, rows};
use crate::domain::lead::LeadState;
use crate::domain::upload::{Destination, What};

const HERE: Destination = Destination::ReferralFactory;

/// A Lead about whom something waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingLead {
    /// Id.
    pub id: Uuid,
    /// May be empty.
    pub name: String,
    /// As it is written.
    pub email: String,
    /// Whether they count.
    pub qualified: bool,
    /// Who keeps the Lead.
    pub referrer: WaitingReferrer,
}

/// A Referrer whom Referral Factory is to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingReferrer {
    /// Id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
}

/// What a file held, so that exactly this can be handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The newest entry of the Outbox at the time: what was recorded after it is not in the file.
    pub newest: i64,
    /// Who is in the file.
    pub held: Vec<Uuid>,
}

/// What waits for somebody to carry it over: also what an ended connection left half sent (`?1`). What a person set aside or must
/// decide first does not.
const WAITS: &str = "destination = 'referral_factory' AND state <> 'uploaded' AND (state IN ('waiting', 'needs_a_person') OR (state = 'parked' AND why <> 'set_aside') OR (?1 AND state = 'sending'))";

/// The newest entry of the Outbox.
pub fn newest(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT coalesce(max(n), 0) FROM outbox", [], |row| row.get(0))?)
}

/// Leads with an e-mail address about whom something waits, oldest first.
pub fn leads(connection: &Connection, connected: bool) -> Result<Vec<WaitingLead>> {
    let sql = format!(
        "SELECT lead.id, lead.name, lead.email, lead.state, referrer.id AS referrer_id, referrer.name AS referrer_name, referrer.email AS referrer_email
         FROM lead JOIN referrer ON referrer.n = lead.referrer_n
         WHERE lead.email IS NOT NULL AND lead.id IN (SELECT about FROM outbox WHERE {WAITS})
           AND lead.id NOT IN (SELECT about FROM outbox WHERE destination = 'referral_factory' AND state = 'conflict' AND state <> 'uploaded')
         ORDER BY lead.n"
    );
    all(connection, &sql, [!connected], |row| {
        let state: String = row.get("state")?;
        Ok(WaitingLead {
            id: rows::id_at(row, "id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            qualified: state == LeadState::Qualified.name(),
            referrer: WaitingReferrer { id: rows::id_at(row, "referrer_id")?, name: row.get("referrer_name")?, email: row.get("referrer_email")? },
        })
    })
}

/// Referrers about whom something waits themselves, oldest first; where the API does not bring them, all with an e-mail address.
pub fn referrers(connection: &Connection, connected: bool) -> Result<Vec<WaitingReferrer>> {
    let sql = format!(
        "SELECT id, name, email FROM referrer
         WHERE (?1 AND email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE about = referrer.id
             AND destination = 'referral_factory' AND state = 'parked' AND why = 'set_aside' AND state <> 'uploaded')) OR id IN (SELECT about FROM outbox WHERE what = 'referrer' AND {WAITS}) ORDER BY n"
    );
    all(connection, &sql, [!connected], |row| Ok(WaitingReferrer { id: rows::id_at(row, "id")?, name: row.get("name")?, email: row.get("email")? }))
}

fn all<T>(connection: &Connection, sql: &str, values: impl Params, read: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(values)?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

/// Keeps what a file of this kind held; forgets the file before it.
pub fn keep(tx: &Connection, kind: u8, written: &Written) -> Result<()> {
    destinations::use_files(tx, HERE)?;
    let held: Vec<u8> = written.held.iter().flat_map(|id| *id.as_bytes()).collect();
    tx.execute("INSERT OR REPLACE INTO handover (kind, newest, held) VALUES (?1, ?2, ?3)", params![kind, written.newest, held])?;
    Ok(())
}

/// What the last file of this kind held, if it was not handed over yet.
pub fn kept(connection: &Connection, kind: u8) -> Result<Option<Written>> {
    let mut found = all(connection, "SELECT newest, held FROM handover WHERE kind = ?1", [kind], |row| {
        let held: Vec<u8> = row.get("held")?;
        let held = held.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok()).collect();
        Ok(Written { newest: row.get("newest")?, held })
    })?;
    Ok(found.pop())
}

/// The last file of this kind was handed over.
pub fn forget(tx: &Connection, kind: u8) -> Result<()> {
    tx.execute("DELETE FROM handover WHERE kind = ?1", [kind])?;
    Ok(())
}

/// Whether something waits about a thing that a file or a person's word may settle.
pub fn waits(connection: &Connection, about: Uuid, connected: bool) -> Result<bool> {
    Ok(connection.prepare_cached(&format!("SELECT 1 FROM outbox WHERE about = ?2 AND {WAITS}"))?.exists(params![!connected, about.as_bytes()])?)
}

/// Everything about a thing up to this entry was handed over by file. What an ended connection left half sent is not sent again.
pub fn settle(tx: &Connection, about: Uuid, newest: i64, connected: bool, at: DateTime<Utc>) -> Result<()> {
    if !connected {
        stop(tx, about, at)?;
    }
    outbox::handed_over(tx, HERE, about, newest, at)?;
    outbox::release(tx, HERE, about)
}

/// No file can say what waits about a thing, or needs to: it waits no more, and is said the day that there is another way.
pub fn leave_untold(tx: &Connection, about: Uuid, newest: i64, at: DateTime<Utc>) -> Result<()> {
    remember(tx, about, "untold", true.into())?;
    remember(tx, about, "refused", Value::Null)?;
    settle(tx, about, newest, false, at)
}

/// No file takes back that somebody counts: a person must. Who counts again meanwhile need not be.
pub fn leave_to_a_person(tx: &Connection, about: Uuid, at: DateTime<Utc>) -> Result<()> {
    if leads::lead(tx, about)?.is_none_or(|lead| lead.state == LeadState::Qualified) {
        return Ok(());
    }
    stop(tx, about, at)?;
    remember(tx, about, TAKE_BACK, ASKED.into())?;
    let sql = "UPDATE outbox SET state = 'needs_a_person', why = ?3, after = NULL WHERE about = ?1 AND destination = ?2
                 AND (state IN ('waiting', 'needs_a_person') OR (state = 'parked' AND why <> ?4)) AND state <> 'uploaded'";
    tx.prepare_cached(sql)?.execute(params![about.as_bytes(), HERE.name(), TAKE_BACK, outbox::SET_ASIDE])?;
    Ok(())
}

/// A person took back there by hand that somebody counts: it waits no more.
pub fn taken_back(tx: &Connection, about: Uuid, at: DateTime<Utc>) -> Result<()> {
    remember(tx, about, TAKE_BACK, DONE.into())?;
    let sql = "UPDATE outbox SET state = 'uploaded', why = NULL, by_file_at = ?4 WHERE about = ?1 AND destination = ?2 AND state = 'needs_a_person'
                 AND why = ?3 AND state <> 'uploaded'";
    tx.prepare_cached(sql)?.execute(params![about.as_bytes(), HERE.name(), TAKE_BACK, rows::millis(at)])?;
    Ok(())
}

/// They did not, after all. Says whether that is news.
pub fn not_taken_back(tx: &Connection, entry: &Entry) -> Result<bool> {
    if entry.by_file.is_none() || destinations::remote(tx, HERE, entry.about)?.facts[TAKE_BACK] != DONE {
        return Ok(false);
    }
    remember(tx, entry.about, TAKE_BACK, ASKED.into())?;
    let sql = "UPDATE outbox SET state = 'needs_a_person', why = ?2, by_file_at = NULL WHERE n = ?1 AND state = 'uploaded'";
    Ok(tx.prepare_cached(sql)?.execute(params![entry.n, TAKE_BACK])? == 1)
}

/// Why somebody needs a person who counts there by file, and here no more; and the fact of how far that is.
pub const TAKE_BACK: &str = "take_back";
const ASKED: &str = "asked";
/// It was done.
pub const DONE: &str = "done";

fn remember(tx: &Connection, about: Uuid, fact: &str, value: Value) -> Result<()> {
    let mut remote = destinations::remote(tx, HERE, about)?;
    remote.facts[fact] = value;
    destinations::set_remote(tx, HERE, about, &remote).map(drop)
}

fn stop(tx: &Connection, about: Uuid, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE upload SET settled_at = ?3, call = '' WHERE destination = ?1 AND about = ?2 AND settled_at IS NULL")?
        .execute(params![HERE.name(), about.as_bytes(), rows::millis(at)])?;
    tx.prepare_cached("UPDATE outbox SET state = 'waiting' WHERE about = ?1 AND destination = ?2 AND state = 'sending' AND state <> 'uploaded'")?
        .execute(params![about.as_bytes(), HERE.name()])?;
    Ok(())
}

/// The API is there: what files did not say waits for it.
pub fn say_untold(store: &mut Store, at: DateTime<Utc>) -> Result<()> {
    let sql = "SELECT about FROM remote WHERE destination = 'referral_factory' AND facts ->> 'untold'";
    let untold = all(store.reader(), sql, [], |row| rows::id_at(row, "about"))?;
    store.write_in_turns(untold.chunks(outbox::AT_ONCE), |tx, some| {
        some.iter().try_for_each(|about| {
            remember(tx, *about, "untold", Value::Null)?;
            let what = if leads::lead(tx, *about)?.is_some() { What::Lead } else { What::Referrer };
            outbox::put(tx, HERE, what, *about, *about, None, at)
        })
    })
}
