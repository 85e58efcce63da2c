//! What only a person can decide: somebody else's Lead, a limit that was overrun, a code that another uses.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use uuid::Uuid;

use super::{Result, StorageError, rows};
use crate::domain::upload::Destination;

/// What stands against what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConflictKind {
    /// Another Referrer recommended this Lead too, here.
    Claimed,
    /// At the destination, this Lead belongs to another Referrer.
    LeadElsewhere,
    /// A code was used more often than it may be, here and at a checkout together.
    LimitOverrun,
    /// At the destination, this code is somebody else's.
    CodeClash,
}

impl ConflictKind {
    const ALL: [ConflictKind; 4] = [ConflictKind::Claimed, ConflictKind::LeadElsewhere, ConflictKind::LimitOverrun, ConflictKind::CodeClash];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ConflictKind::Claimed => "claimed",
            ConflictKind::LeadElsewhere => "lead_elsewhere",
            ConflictKind::LimitOverrun => "limit_overrun",
            ConflictKind::CodeClash => "code_clash",
        }
    }
}

/// A question that waits for a person.
#[derive(Clone, PartialEq, Debug)]
pub struct Conflict {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// What stands against what.
    pub kind: ConflictKind,
    /// Where; none: here.
    pub destination: Option<Destination>,
    /// The Lead that it is about.
    pub lead_n: Option<i64>,
    /// The Referrer who claims the Lead too.
    pub claimed_by_n: Option<i64>,
    /// The code that it is about.
    pub code_n: Option<i64>,
    /// What the other side says.
    pub detail: Value,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What a new conflict is about.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct About {
    /// See [`Conflict::destination`].
    pub destination: Option<Destination>,
    /// See [`Conflict::lead_n`].
    pub lead_n: Option<i64>,
    /// See [`Conflict::claimed_by_n`].
    pub claimed_by_n: Option<i64>,
    /// See [`Conflict::code_n`].
    pub code_n: Option<i64>,
    /// The sale that brought it up.
    pub redemption_n: Option<i64>,
    /// See [`Conflict::detail`].
    pub detail: Option<Value>,
}

/// Records a conflict, unless the same one waits for a decision already. Says whether it is new.
pub fn raise(tx: &Connection, kind: ConflictKind, about: &About, at: DateTime<Utc>) -> Result<bool> {
    let About { destination, lead_n, claimed_by_n, code_n, redemption_n, detail } = about;
    let raised = tx
        .prepare_cached(
            "INSERT INTO conflict (id, kind, destination, lead_n, claimed_by_n, code_n, redemption_n, detail, at) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
             WHERE NOT EXISTS (SELECT 1 FROM conflict WHERE kind = ?2 AND destination IS ?3 AND lead_n IS ?4 AND claimed_by_n IS ?5 AND code_n IS ?6 AND decided_at IS NULL)",
        )?
        .execute(params![
            Uuid::now_v7().as_bytes(),
            kind.name(),
            destination.map(Destination::name),
            lead_n,
            claimed_by_n,
            code_n,
            redemption_n,
            detail.as_ref().map_or_else(|| "{}".to_owned(), Value::to_string),
            rows::millis(at)
        ])?;
    Ok(raised == 1)
}

fn read(row: &Row<'_>) -> Result<Conflict> {
    let (kind, destination, detail): (String, Option<String>, String) = (row.get("kind")?, row.get("destination")?, row.get("detail")?);
    Ok(Conflict {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        kind: ConflictKind::ALL.into_iter().find(|known| known.name() == kind).ok_or(StorageError::Stored { what: "conflict" })?,
        destination: destination.as_deref().and_then(Destination::from_name),
        lead_n: row.get("lead_n")?,
        claimed_by_n: row.get("claimed_by_n")?,
        code_n: row.get("code_n")?,
        detail: serde_json::from_str(&detail).map_err(|_| StorageError::Stored { what: "conflict" })?,
        at: rows::moment_at(row, "at")?,
    })
}

/// Everything that waits for a person, oldest first.
pub fn open(connection: &Connection) -> Result<Vec<Conflict>> {
    let mut statement = connection.prepare_cached("SELECT * FROM conflict WHERE decided_at IS NULL ORDER BY n")?;
    let mut found = statement.query([])?;
    let mut open = Vec::new();
    while let Some(row) = found.next()? {
        open.push(read(row)?);
    }
    Ok(open)
}

/// How many wait for a person.
pub fn count(connection: &Connection) -> Result<u32> {
    Ok(connection.prepare_cached("SELECT count(*) FROM conflict WHERE decided_at IS NULL")?.query_row([], |row| row.get(0))?)
}

/// The conflict with this id, while nobody decided it.
pub fn conflict(connection: &Connection, id: Uuid) -> Result<Option<Conflict>> {
    let mut statement = connection.prepare_cached("SELECT * FROM conflict WHERE id = ?1 AND decided_at IS NULL")?;
    let mut found = statement.query([id.as_bytes()])?;
    found.next()?.map(read).transpose()
}

/// A person decided. The record stays.
pub fn decide(tx: &Connection, n: i64, decision: &str, at: DateTime<Utc>) -> Result<()> {
    tx.execute("UPDATE conflict SET decided_at = ?2, decision = ?3 WHERE n = ?1 AND decided_at IS NULL", params![n, rows::millis(at), decision])?;
    Ok(())
}
