//! Handouts: how each code reached its Referrer.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};
use crate::domain::handout::How;

/// What is written when a code is handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewHandout<'a> {
    /// Made before the first try, where somebody may try again.
    pub op: Option<Uuid>,
    /// How.
    pub how: How,
    /// Where, or where to.
    pub place: Option<&'a str>,
    /// By whom.
    pub by: Option<&'a str>,
    /// On a card of this print run.
    pub run_n: Option<i64>,
}

/// One handing-out of a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handout {
    /// Id.
    pub id: Uuid,
    /// The code as it is shown.
    pub code: String,
    /// How.
    pub how: How,
    /// Where, or where to.
    pub place: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// The number of the print run whose card it was.
    pub batch: Option<u32>,
}

/// Records that a code was handed out.
pub fn insert(tx: &Connection, code_n: i64, new: &NewHandout<'_>, at: DateTime<Utc>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    tx.prepare_cached("INSERT INTO handout (id, op, code_n, how, place, handed_by, run_n, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
        params![id.as_bytes(), new.op.as_ref().map(Uuid::as_bytes), code_n, new.how.name(), new.place, new.by, new.run_n, rows::millis(at)],
    )?;
    Ok(id)
}

/// The Handout that this operation made, if it was done before: its id, its code's row number, and how.
pub fn done_before(tx: &Connection, op: Uuid) -> Result<Option<(Uuid, i64, How)>> {
    let mut statement = tx.prepare_cached("SELECT id, code_n, how FROM handout WHERE op = ?1")?;
    let mut found = statement.query([op.as_bytes()])?;
    found.next()?.map(|row| Ok((rows::id_at(row, "id")?, row.get("code_n")?, how_at(row)?))).transpose()
}

/// The latest Handouts of a Referrer's codes, at most `most`.
pub fn of_referrer(connection: &Connection, referrer_n: i64, most: u32) -> Result<Vec<Handout>> {
    let mut statement = connection.prepare_cached(
        "SELECT handout.id, text, how, place, handed_by, handout.at, run_n FROM referral_code JOIN handout ON code_n = referral_code.n
         WHERE referrer_n = ?1 ORDER BY handout.n DESC LIMIT ?2",
    )?;
    let mut found = statement.query(params![referrer_n, most])?;
    let mut handouts = Vec::new();
    while let Some(row) = found.next()? {
        handouts.push(Handout {
            id: rows::id_at(row, "id")?,
            code: row.get("text")?,
            how: how_at(row)?,
            place: row.get("place")?,
            by: row.get("handed_by")?,
            at: rows::moment_at(row, "at")?,
            batch: row.get("run_n")?,
        });
    }
    Ok(handouts)
}

/// Whose code this is.
pub fn receiver(connection: &Connection, code_n: i64) -> Result<Uuid> {
    let sql = "SELECT referrer.id FROM referral_code JOIN referrer ON referrer.n = referrer_n WHERE referral_code.n = ?1";
    let id: Option<Vec<u8>> = connection.prepare_cached(sql)?.query_row([code_n], |row| row.get(0)).optional()?;
    rows::id(&id.ok_or(StorageError::Stored { what: "code" })?)
}

fn how_at(row: &Row<'_>) -> Result<How> {
    let name: String = row.get("how")?;
    How::from_name(&name).ok_or(StorageError::Stored { what: "handout" })
}
