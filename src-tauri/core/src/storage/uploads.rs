//! Uploads: what carries Outbox entries about one thing to one destination, with the exact call that is or will be sent.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};
use crate::domain::upload::{Destination, Kind};

/// What carries the entries about one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upload {
    /// Row number.
    pub n: i64,
    /// Where to.
    pub destination: Destination,
    /// What kind of thing.
    pub kind: Kind,
    /// Which.
    pub about: Uuid,
    /// The call as JSON, exactly as it is sent.
    pub call: String,
    /// How often this call was tried.
    pub tries: u32,
    /// When this call was first sent, by this till's clock.
    pub first_sent_at: Option<DateTime<Utc>>,
}

/// One try of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When.
    pub at: DateTime<Utc>,
    /// What was asked: a verb of HTTP and a path.
    pub call: String,
    /// HTTP status; none when nothing answered.
    pub status: Option<u16>,
    /// The destination's own number of it, for its support.
    pub request_id: Option<String>,
    /// What it said, redacted; or what went wrong on the way.
    pub said: Option<String>,
}

const UPLOAD: &str = "SELECT n, destination, kind, about, call, tries, first_sent_at FROM upload";

fn read(row: &Row<'_>) -> Result<Upload> {
    let (destination, kind): (String, String) = (row.get("destination")?, row.get("kind")?);
    let first: Option<i64> = row.get("first_sent_at")?;
    Ok(Upload {
        n: row.get("n")?,
        destination: Destination::from_name(&destination).ok_or(StorageError::Stored { what: "destination" })?,
        kind: Kind::from_name(&kind).ok_or(StorageError::Stored { what: "kind of upload" })?,
        about: rows::id_at(row, "about")?,
        call: row.get("call")?,
        tries: row.get("tries")?,
        first_sent_at: first.map(rows::moment).transpose()?,
    })
}

/// Begins an upload with its first call; its entries are on their way from now on.
pub fn begin(tx: &Connection, destination: Destination, kind: Kind, about: Uuid, call: &str, now: DateTime<Utc>) -> Result<i64> {
    tx.prepare_cached("INSERT INTO upload (destination, kind, about, call, due_at, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)")?.execute(params![
        destination.name(),
        kind.name(),
        about.as_bytes(),
        call,
        rows::millis(now)
    ])?;
    let n = tx.last_insert_rowid();
    tx.prepare_cached(
        "UPDATE outbox SET state = 'sending', upload_n = ?3 WHERE about = ?1 AND destination = ?2 AND state = 'waiting' AND state <> 'uploaded'",
    )?
    .execute(params![about.as_bytes(), destination.name(), n])?;
    Ok(n)
}

/// The next call of an upload takes the place of the one that was answered.
pub fn next_call(tx: &Connection, n: i64, call: &str, due: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE upload SET call = ?2, tries = 0, first_sent_at = NULL, due_at = ?3 WHERE n = ?1 AND settled_at IS NULL")?
        .execute(params![n, call, rows::millis(due)])?;
    Ok(())
}

/// The open uploads of a destination that may be sent, oldest first. A moment further away than `wait_max_ms` comes from a clock
/// that was wrong, and counts as now.
pub fn due(connection: &Connection, destination: Destination, now: DateTime<Utc>, wait_max_ms: i64, most: usize) -> Result<Vec<Upload>> {
    let mut statement = connection.prepare_cached(&format!(
        "{UPLOAD} WHERE destination = ?1 AND settled_at IS NULL AND NOT (due_at > ?2 AND due_at <= ?2 + ?3) ORDER BY due_at, n LIMIT ?4"
    ))?;
    let mut found = statement.query(params![destination.name(), rows::millis(now), wait_max_ms, most as i64])?;
    let mut due = Vec::new();
    while let Some(row) = found.next()? {
        due.push(read(row)?);
    }
    Ok(due)
}

/// When the next open upload of a destination may be sent that may not yet.
pub fn next_due(connection: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(due_at) FROM upload WHERE destination = ?1 AND settled_at IS NULL AND due_at > ?2")?
        .query_row(params![destination.name(), rows::millis(now)], |row| row.get(0))?;
    next.map(rows::moment).transpose()
}

/// The open upload about a thing.
pub fn open_about(connection: &Connection, destination: Destination, about: Uuid) -> Result<Option<Upload>> {
    let mut statement = connection.prepare_cached(&format!("{UPLOAD} WHERE destination = ?1 AND about = ?2 AND settled_at IS NULL"))?;
    let mut found = statement.query(params![destination.name(), about.as_bytes()])?;
    found.next()?.map(read).transpose()
}

/// Whether anything of this kind is on its way to a destination.
pub fn any_open(connection: &Connection, destination: Destination, kind: Kind) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM upload WHERE destination = ?1 AND kind = ?2 AND settled_at IS NULL)";
    Ok(connection.prepare_cached(sql)?.query_row(params![destination.name(), kind.name()], |row| row.get(0))?)
}

/// The upload in this row, if it is open.
pub fn open(connection: &Connection, n: i64) -> Result<Option<Upload>> {
    let mut statement = connection.prepare_cached(&format!("{UPLOAD} WHERE n = ?1 AND settled_at IS NULL"))?;
    let mut found = statement.query([n])?;
    found.next()?.map(read).transpose()
}

/// This call is about to be sent.
pub fn sending(tx: &Connection, n: i64, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE upload SET tries = tries + 1, first_sent_at = coalesce(first_sent_at, ?2) WHERE n = ?1")?
        .execute(params![n, rows::millis(now)])?;
    Ok(())
}

/// The call is tried again then.
pub fn again(tx: &Connection, n: i64, due: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE upload SET due_at = ?2 WHERE n = ?1")?.execute(params![n, rows::millis(due)])?;
    Ok(())
}

/// The upload is over. Its call, which holds people's data, goes.
pub fn settle(tx: &Connection, n: i64, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE upload SET settled_at = ?2, call = '' WHERE n = ?1")?.execute(params![n, rows::millis(now)])?;
    Ok(())
}

/// Keeps a try for whoever asks what happened.
pub fn tell(tx: &Connection, n: i64, attempt: &Attempt) -> Result<()> {
    tx.prepare_cached("INSERT INTO attempt (upload_n, at, call, status, request_id, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        n,
        rows::millis(attempt.at),
        attempt.call,
        attempt.status,
        attempt.request_id,
        attempt.said
    ])?;
    Ok(())
}

/// Every try about a thing at a destination, oldest first, at most the last `most`.
pub fn story(connection: &Connection, destination: Destination, about: Uuid, most: u32) -> Result<Vec<Attempt>> {
    let mut statement = connection.prepare_cached(
        "SELECT attempt.at, attempt.call, status, request_id, said FROM attempt JOIN upload ON upload.n = upload_n
         WHERE upload.about = ?1 AND upload.destination = ?2 ORDER BY attempt.n DESC LIMIT ?3",
    )?;
    let mut found = statement.query(params![about.as_bytes(), destination.name(), most])?;
    let mut story = Vec::new();
    while let Some(row) = found.next()? {
        let (call, status, request_id, said) = (row.get("call")?, row.get("status")?, row.get("request_id")?, row.get("said")?);
        story.push(Attempt { at: rows::moment_at(row, "at")?, call, status, request_id, said });
    }
    story.reverse();
    Ok(story)
}

/// A question that would be answered wrongly if it were asked sooner: a search shows late what was just made.
const PATIENT: &str = "CASE call WHEN '' THEN 0 ELSE call ->> '$.name' = 'search' END";

/// All open uploads of a destination are due: somebody pressed the button, or the network is back.
pub fn hurry(tx: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(&format!("UPDATE upload SET due_at = ?2 WHERE destination = ?1 AND settled_at IS NULL AND due_at > ?2 AND NOT {PATIENT}"))?
        .execute(params![destination.name(), rows::millis(now)])?;
    Ok(())
}

/// The open upload about this thing is due.
pub fn hurry_about(tx: &Connection, destination: Destination, about: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(&format!(
        "UPDATE upload SET due_at = ?3 WHERE destination = ?1 AND about = ?2 AND settled_at IS NULL AND due_at > ?3 AND NOT {PATIENT}"
    ))?
    .execute(params![destination.name(), about.as_bytes(), rows::millis(now)])?;
    Ok(())
}

/// When the open upload about a thing is tried again.
pub fn due_of(connection: &Connection, destination: Destination, about: Uuid) -> Result<Option<DateTime<Utc>>> {
    let due: Option<i64> = connection
        .prepare_cached("SELECT due_at FROM upload WHERE destination = ?1 AND about = ?2 AND settled_at IS NULL")?
        .query_row(params![destination.name(), about.as_bytes()], |row| row.get(0))
        .optional()?;
    due.map(rows::moment).transpose()
}

/// Ends every open upload of a destination: it is another account now.
pub fn start_over(tx: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE upload SET settled_at = ?2, call = '' WHERE destination = ?1 AND settled_at IS NULL",
        params![destination.name(), rows::millis(now)],
    )?;
    Ok(())
}
