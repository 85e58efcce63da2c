//! Destinations: whether they are connected, what they call our things, and how far what happened there was brought back.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Result, StorageError, outbox, rows, uploads};
use crate::domain::upload::Destination;

/// How a destination stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// Stripe: `test` or `live`; Referral Factory: the campaign's id.
    pub account: Option<String>,
    /// What the manager chose.
    pub settings: Value,
    /// Since when it is connected; none while it is not.
    pub connected: Option<DateTime<Utc>>,
    /// Why nothing is sent until a person acts, and since when.
    pub refused: Option<(String, DateTime<Utc>)>,
    /// How far what happened there was brought back.
    pub pull: Value,
    /// When that was last done to the end.
    pub pulled: Option<DateTime<Utc>>,
    /// Why the last time ended early.
    pub trouble: Option<String>,
    /// It asked to be left alone until then.
    pub quiet_until: Option<DateTime<Utc>>,
    /// When the last round ended or somebody connected, and how many calls began in the second before.
    pub calls_lately: Option<(DateTime<Utc>, usize)>,
}

/// What a destination calls a thing of ours, and what it was last told or told us.
#[derive(Clone, PartialEq, Debug)]
pub struct Remote {
    /// Its id there; none until it is known.
    pub id: Option<String>,
    /// In the destination's own words.
    pub facts: Value,
}

impl Standing {
    /// Not connected, and a person uploads files there instead.
    #[must_use]
    pub fn by_file(&self) -> bool {
        self.connected.is_none() && self.settings["files"] == true
    }
}

impl Remote {
    /// Whether the destination has it: by its own word, or by file.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.id.is_some() || self.facts["by_file"]["added"] == true
    }
}

impl Default for Remote {
    fn default() -> Remote {
        Remote { id: None, facts: json!({}) }
    }
}

/// How a destination stands; none if it never was connected.
pub fn standing(connection: &Connection, destination: Destination) -> Result<Option<Standing>> {
    let mut statement = connection.prepare_cached("SELECT * FROM destination WHERE name = ?1")?;
    let mut found = statement.query([destination.name()])?;
    let Some(row) = found.next()? else { return Ok(None) };
    let at = |column: &str| row.get::<_, Option<i64>>(column)?.map(rows::moment).transpose();
    let refused: Option<String> = row.get("refused")?;
    let calls: u32 = row.get("calls_lately")?;
    Ok(Some(Standing {
        account: row.get("account")?,
        settings: value(row.get("settings")?)?,
        connected: at("connected_at")?,
        refused: refused.zip(at("refused_at")?),
        pull: value(row.get("pull")?)?,
        pulled: at("pulled_at")?,
        trouble: row.get("trouble")?,
        quiet_until: at("quiet_until")?,
        calls_lately: at("calls_at")?.map(|ended| (ended, calls as usize)),
    }))
}

/// How a destination stands, if it is connected.
pub fn connected(connection: &Connection, destination: Destination) -> Result<Option<Standing>> {
    Ok(standing(connection, destination)?.filter(|standing| standing.connected.is_some()))
}

fn value(text: String) -> Result<Value> {
    serde_json::from_str(&text).map_err(|_| StorageError::Stored { what: "JSON" })
}

/// A destination is connected as this account.
pub fn connect(tx: &Connection, destination: Destination, account: &str, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "INSERT INTO destination (name, account, connected_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET account = ?2, connected_at = ?3, refused = NULL, refused_at = NULL, trouble = NULL",
        params![destination.name(), account, rows::millis(now)],
    )?;
    Ok(())
}

/// Nothing is sent there any more, nor handed over in files. What it calls our things stays known, for the day it is connected again.
pub fn disconnect(tx: &Connection, destination: Destination) -> Result<()> {
    tx.execute(
        "UPDATE destination SET connected_at = NULL, settings = json_remove(settings, '$.files'), refused = NULL, refused_at = NULL, trouble = NULL
         WHERE name = ?1",
        [destination.name()],
    )?;
    Ok(())
}

/// Forgets everything about the account that was connected: another one knows nothing of it.
pub fn forget(tx: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<()> {
    tx.execute("DELETE FROM remote WHERE destination = ?1", [destination.name()])?;
    tx.execute("DELETE FROM remote_before WHERE destination = ?1", [destination.name()])?;
    match destination {
        Destination::Stripe => 0,
        Destination::ReferralFactory => tx.execute("DELETE FROM code_elsewhere", [])? + tx.execute("DELETE FROM handover", [])?,
    };
    tx.execute("DELETE FROM destination WHERE name = ?1", [destination.name()])?;
    uploads::start_over(tx, destination, now)?;
    outbox::start_over(tx, destination)
}

/// Keeps what the manager chose.
pub fn set_settings(tx: &Connection, destination: Destination, settings: &Value) -> Result<()> {
    tx.execute("UPDATE destination SET settings = ?2 WHERE name = ?1", params![destination.name(), settings.to_string()])?;
    Ok(())
}

/// A file was written for a destination: what waits for it is counted from now on, connected or not.
pub fn use_files(tx: &Connection, destination: Destination) -> Result<()> {
    tx.execute(
        "INSERT INTO destination (name, settings) VALUES (?1, json('{\"files\": true}'))
         ON CONFLICT (name) DO UPDATE SET settings = json_set(settings, '$.files', json('true'))",
        [destination.name()],
    )?;
    Ok(())
}

/// Nothing is sent until a person acts.
pub fn refuse(tx: &Connection, destination: Destination, why: &str, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE destination SET refused = ?2, refused_at = coalesce(refused_at, ?3) WHERE name = ?1",
        params![destination.name(), why, rows::millis(now)],
    )?;
    Ok(())
}

/// How a trouble begins where a destination does not answer, or not as it should; what was heard instead follows.
pub const SILENT: &str = "silent";

/// Keeps why nothing is heard of a destination, where nothing else is wrong with it; with none, that it is heard again.
pub fn silence(tx: &Connection, destination: Destination, why: Option<&str>) -> Result<()> {
    let sql = "UPDATE destination SET trouble = ?2 WHERE name = ?1 AND trouble IS NOT ?2 AND (trouble IS NULL OR trouble GLOB ?3 || ' *')";
    tx.prepare_cached(sql)?.execute(params![destination.name(), why, SILENT])?;
    Ok(())
}

/// A person acted: it is tried again.
pub fn trust_again(tx: &Connection, destination: Destination) -> Result<()> {
    tx.execute("UPDATE destination SET refused = NULL, refused_at = NULL WHERE name = ?1", [destination.name()])?;
    Ok(())
}

/// A destination asked to be left alone for so long; what it asked before counts until then, if it asked for longer.
pub fn leave_alone(tx: &Connection, destination: Destination, wait_ms: i64, wait_max_ms: i64, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE destination SET quiet_until = CASE WHEN quiet_until > ?2 + ?3 AND quiet_until <= ?2 + ?4 THEN quiet_until ELSE ?2 + ?3 END
         WHERE name = ?1",
        params![destination.name(), rows::millis(now), wait_ms, wait_max_ms],
    )?;
    Ok(())
}

/// So many calls began in the second that ends now.
pub fn called(tx: &Connection, destination: Destination, calls_lately: usize, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE destination SET calls_lately = ?2, calls_at = ?3 WHERE name = ?1",
        params![destination.name(), calls_lately as i64, rows::millis(now)],
    )?;
    Ok(())
}

/// Keeps how far what happened there was brought back; `whole` when nothing is left to bring.
pub fn pulled(tx: &Connection, destination: Destination, pull: &Value, whole: bool, trouble: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE destination SET pull = ?2, pulled_at = CASE WHEN ?3 THEN ?4 ELSE pulled_at END, trouble = ?5 WHERE name = ?1")?
        .execute(params![destination.name(), pull.to_string(), whole, rows::millis(now), trouble])?;
    Ok(())
}

/// What a destination knows of a thing of ours.
pub fn remote(connection: &Connection, destination: Destination, about: Uuid) -> Result<Remote> {
    let mut statement = connection.prepare_cached("SELECT id, facts FROM remote WHERE destination = ?1 AND about = ?2")?;
    let mut found = statement.query(params![destination.name(), about.as_bytes()])?;
    match found.next()? {
        Some(row) => Ok(Remote { id: row.get("id")?, facts: value(row.get("facts")?)? }),
        None => Ok(Remote::default()),
    }
}

const ABOUT: &str = "SELECT about FROM (SELECT about FROM remote WHERE destination = ?1 AND id = ?2
    UNION ALL SELECT about FROM remote_before WHERE destination = ?1 AND id = ?2)";

/// What Stripe calls our coupons.
pub fn coupons(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT remote.id FROM coupon CROSS JOIN remote ON destination = 'stripe' AND about = coupon.id WHERE remote.id IS NOT NULL";
    Ok(connection.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Which thing of ours, other than a Lead, has this id there, or had it.
pub fn about(connection: &Connection, destination: Destination, id: &str) -> Result<Option<Uuid>> {
    first(connection, &format!("{ABOUT} WHERE NOT EXISTS (SELECT 1 FROM lead WHERE lead.id = about)"), destination, id)
}

/// Which thing of ours went there under this e-mail address and has no id there yet.
pub fn about_by_email(connection: &Connection, destination: Destination, email: &str) -> Result<Option<Uuid>> {
    let sql = "SELECT about FROM remote WHERE destination = ?1 AND id IS NULL AND lower(facts ->> 'email') = lower(?2)";
    first(connection, sql, destination, email)
}

/// Which Lead has this id there. A Referrer may have the same: it is one person.
pub fn about_lead(connection: &Connection, destination: Destination, id: &str) -> Result<Option<Uuid>> {
    first(connection, &format!("{ABOUT} WHERE EXISTS (SELECT 1 FROM lead WHERE lead.id = about)"), destination, id)
}

fn first(connection: &Connection, sql: &str, destination: Destination, id: &str) -> Result<Option<Uuid>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(params![destination.name(), id])?;
    found.next()?.map(|row| rows::id_at(row, "about")).transpose()
}

/// A thing has another id there now: what still comes under the one before is known by it.
pub fn had(tx: &Connection, destination: Destination, about: Uuid, before: &str) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO remote_before (destination, id, about) VALUES (?1, ?2, ?3)")?.execute(params![
        destination.name(),
        before,
        about.as_bytes()
    ])?;
    Ok(())
}

/// Keeps what a destination knows of a thing. An id that another thing of ours has already is left out, unless one of the two is a
/// Lead and the other is not: a customer may become a Referrer. Says whether it was kept.
pub fn set_remote(tx: &Connection, destination: Destination, about: Uuid, remote: &Remote) -> Result<bool> {
    let taken = match &remote.id {
        Some(id) => tx
            .prepare_cached(&format!(
                "{ABOUT} WHERE about <> ?3 AND EXISTS (SELECT 1 FROM lead WHERE lead.id = about) = EXISTS (SELECT 1 FROM lead WHERE lead.id = ?3)"
            ))?
            .exists(params![destination.name(), id, about.as_bytes()])?,
        None => false,
    };
    tx.prepare_cached(
        "INSERT INTO remote (destination, about, id, facts) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (destination, about) DO UPDATE SET id = ?3, facts = ?4",
    )?
    .execute(params![destination.name(), about.as_bytes(), remote.id.as_ref().filter(|_| !taken), remote.facts.to_string()])?;
    Ok(!taken)
}
