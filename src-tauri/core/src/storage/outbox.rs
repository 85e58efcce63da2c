//! The queue of what must still be uploaded: the corridor between the desk and the sync.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{Result, rows};

/// Where things are uploaded to.
pub const DESTINATIONS: [&str; 2] = ["stripe", "referral_factory"];

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
}

/// Puts a new or changed thing into the queue of every destination. `email` tells whether the Lead has an address,
/// without which Referral Factory takes nothing: such an entry is parked until one is known.
pub fn put(tx: &Connection, what: &str, subject: Uuid, email: bool, at: DateTime<Utc>) -> Result<()> {
    for destination in DESTINATIONS {
        let (state, missing) = if destination == "referral_factory" && !email { ("parked", Some("email")) } else { ("waiting", None) };
        tx.prepare_cached("INSERT INTO outbox (id, destination, what, subject, state, missing, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![Uuid::now_v7().as_bytes(), destination, what, subject.as_bytes(), state, missing, rows::millis(at)])?;
    }
    Ok(())
}

/// An e-mail became known: what was parked for it waits to be sent.
pub fn unpark(tx: &Connection, lead_n: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'waiting', missing = NULL WHERE state = 'parked' AND missing = 'email' AND subject IN (
           SELECT id FROM lead WHERE n = ?1 UNION ALL SELECT id FROM redemption WHERE lead_n = ?1)",
    )?
    .execute([lead_n])?;
    Ok(())
}

/// The counts of one destination.
pub fn counts(connection: &Connection, destination: &str) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut statement = connection.prepare_cached("SELECT state, count(*) FROM outbox WHERE destination = ?1 GROUP BY state")?;
    let mut found = statement.query([destination])?;
    while let Some(row) = found.next()? {
        let count: u32 = row.get(1)?;
        match row.get::<_, String>(0)?.as_str() {
            "uploaded" => counts.uploaded += count,
            "parked" => counts.parked += count,
            "conflict" => counts.conflict += count,
            "needs_a_person" => counts.needs_a_person += count,
            _ => counts.waiting += count,
        }
    }
    Ok(counts)
}

/// How many different things are not uploaded everywhere yet, since when, and how many of them need a person.
pub fn open(connection: &Connection) -> Result<(u32, Option<DateTime<Utc>>, u32)> {
    let (waiting, since, person): (u32, Option<i64>, u32) = connection
        .prepare_cached(
            "SELECT count(DISTINCT subject), min(created_at), count(DISTINCT CASE WHEN state IN ('conflict', 'needs_a_person') THEN subject END)
             FROM outbox WHERE state <> 'uploaded'",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok((waiting, since.map(rows::moment).transpose()?, person))
}
