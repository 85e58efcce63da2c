//! Operation ids: asked a second time, an operation answers what it did the first time and does nothing.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Result, rows};

/// What is known of an operation id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// Never seen: do it.
    New,
    /// Done before; this is what it made or changed.
    Done(Uuid),
    /// Used before for something else: a defect of the caller, or a forged id.
    Otherwise,
}

/// The fingerprint of what is asked, by which a repeat is told from another ask under the same id.
#[must_use]
pub fn fingerprint(what: &str, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(&what).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Looks an operation up. To be read in the transaction that then does it.
pub fn look_up(tx: &Connection, op: Uuid, ask: &[u8; 32]) -> Result<Known> {
    let known: Option<(Vec<u8>, Vec<u8>)> = tx
        .prepare_cached("SELECT ask, subject FROM operation WHERE op = ?1")?
        .query_row([op.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match known {
        None => Known::New,
        Some((before, subject)) if before == ask => Known::Done(rows::id(&subject)?),
        Some(_) => Known::Otherwise,
    })
}

/// Remembers that an operation was done, in the same transaction.
pub fn remember(tx: &Connection, op: Uuid, what: &str, ask: &[u8; 32], subject: Uuid, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("INSERT INTO operation (op, what, ask, subject, at) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        op.as_bytes(),
        what,
        ask,
        subject.as_bytes(),
        rows::millis(at)
    ])?;
    Ok(())
}
