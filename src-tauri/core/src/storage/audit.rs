//! The audit trail: every change in order, each entry chained to the one before by its hash.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Result, rows};

/// Writes the next entry. `detail` holds no names or contacts: it stays when a person is erased.
pub fn append(tx: &Connection, till: Uuid, at: DateTime<Utc>, what: &str, subject: Uuid, detail: &Value) -> Result<()> {
    let last: Option<(i64, Vec<u8>)> =
        tx.prepare_cached("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (n, before) = last.map_or((1, vec![0; 32]), |(n, hash)| (n + 1, hash));
    let detail = detail.to_string();
    let hash = chained(&before, n, till.as_bytes(), rows::millis(at), what, subject.as_bytes(), &detail);
    tx.prepare_cached("INSERT INTO audit (n, till_id, at, what, subject, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
        n,
        till.as_bytes(),
        rows::millis(at),
        what,
        subject.as_bytes(),
        detail,
        hash
    ])?;
    Ok(())
}

/// When name or contact of a Referrer were changed, first change first.
pub fn edits_of(connection: &Connection, referrer: Uuid) -> Result<Vec<DateTime<Utc>>> {
    let mut statement = connection.prepare_cached("SELECT at FROM audit WHERE subject = ?1 AND what = 'referrer_edited' ORDER BY n")?;
    let at = statement.query_map([referrer.as_bytes()], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    at.into_iter().map(rows::moment).collect()
}

/// Walks the whole chain and names the first entry where it breaks.
pub fn first_break(connection: &Connection) -> Result<Option<i64>> {
    let mut statement = connection.prepare("SELECT n, till_id, at, what, subject, detail, hash FROM audit ORDER BY n")?;
    let mut found = statement.query([])?;
    let mut before = vec![0; 32];
    let mut expected = 1;
    while let Some(row) = found.next()? {
        let n: i64 = row.get("n")?;
        let till: Vec<u8> = row.get("till_id")?;
        let (what, subject, detail): (String, Vec<u8>, String) = (row.get("what")?, row.get("subject")?, row.get("detail")?);
        let hash: Vec<u8> = row.get("hash")?;
        if n != expected || hash != chained(&before, n, &till, row.get("at")?, &what, &subject, &detail) {
            return Ok(Some(n));
        }
        (before, expected) = (hash, n + 1);
    }
    Ok(None)
}

/// SHA-256 over the hash before and every field, each with its length, so that no two entries read the same.
fn chained(before: &[u8], n: i64, till: &[u8], at: i64, what: &str, subject: &[u8], detail: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    for field in [before, &n.to_be_bytes(), till, &at.to_be_bytes(), what.as_bytes(), subject, detail.as_bytes()] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().to_vec()
}
