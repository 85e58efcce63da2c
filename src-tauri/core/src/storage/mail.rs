//! E-mails: what is to be sent to whom, and what became of it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};
use crate::domain::message::Text;

/// How far an e-mail is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Not handed in yet.
    Waiting,
    /// Being handed in, or it was when the program ended.
    Sending,
    /// The server took it.
    Sent,
    /// The server surely did not take it.
    NotSent,
    /// The server never said whether it took it.
    Unknown,
}

impl MailState {
    const ALL: [MailState; 5] = [MailState::Waiting, MailState::Sending, MailState::Sent, MailState::NotSent, MailState::Unknown];

    /// Its name in the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            MailState::Waiting => "waiting",
            MailState::Sending => "sending",
            MailState::Sent => "sent",
            MailState::NotSent => "not_sent",
            MailState::Unknown => "unknown",
        }
    }
}

/// One text, sent to one or many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailing {
    /// Row number.
    pub n: i64,
    /// The operation that asked for it.
    pub id: Uuid,
    /// Of the text.
    pub language: String,
    /// With its placeholders.
    pub text: Text,
    /// Each e-mail has the person's card with it.
    pub card: bool,
    /// Who asked for it.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// One e-mail to one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// Its mailing.
    pub mailing_n: i64,
    /// The person.
    pub referrer_id: Uuid,
    /// Their name as it is now.
    pub name: String,
    /// Where it went, as it was then.
    pub address: Option<String>,
    /// Row number of the code that it carried, once it was handed in.
    pub code_n: Option<i64>,
    /// How far it is.
    pub state: MailState,
    /// Why it was not sent.
    pub why: Option<String>,
    /// The server's own words.
    pub said: Option<String>,
    /// When it was last tried.
    pub tried: Option<DateTime<Utc>>,
}

/// Begins a mailing.
pub fn begin(tx: &Connection, id: Uuid, language: &str, text: &Text, card: bool, by: Option<&str>, now: DateTime<Utc>) -> Result<i64> {
    tx.execute(
        "INSERT INTO mailing (id, language, subject, body, card, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id.as_bytes(), language, text.subject, text.body, card, by, rows::millis(now)],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Puts somebody on it: waiting, or with the reason why they get none.
pub fn add(tx: &Connection, mailing_n: i64, referrer_n: i64, address: Option<&str>, not_sent: Option<&str>) -> Result<()> {
    let state = if not_sent.is_some() { MailState::NotSent } else { MailState::Waiting };
    tx.prepare_cached("INSERT OR IGNORE INTO mail (id, mailing_n, referrer_n, address, state, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![Uuid::now_v7().as_bytes(), mailing_n, referrer_n, address, state.name(), not_sent])?;
    Ok(())
}

fn read_mailing(row: &Row<'_>) -> Result<Mailing> {
    Ok(Mailing {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        language: row.get("language")?,
        text: Text { subject: row.get("subject")?, body: row.get("body")? },
        card: row.get("card")?,
        by: row.get("by")?,
        at: rows::moment_at(row, "at")?,
    })
}

/// The mailing with this id.
pub fn mailing(connection: &Connection, id: Uuid) -> Result<Option<Mailing>> {
    let mut statement = connection.prepare_cached("SELECT * FROM mailing WHERE id = ?1")?;
    let mut found = statement.query([id.as_bytes()])?;
    found.next()?.map(read_mailing).transpose()
}

/// The mailing with this row number.
pub fn mailing_n(connection: &Connection, n: i64) -> Result<Mailing> {
    let mut statement = connection.prepare_cached("SELECT * FROM mailing WHERE n = ?1")?;
    let mut found = statement.query([n])?;
    read_mailing(found.next()?.ok_or(StorageError::Stored { what: "mailing" })?)
}

/// The latest mailings, latest first.
pub fn mailings(connection: &Connection, rows_max: u32) -> Result<Vec<Mailing>> {
    let mut statement = connection.prepare_cached("SELECT * FROM mailing ORDER BY n DESC LIMIT ?1")?;
    let mut found = statement.query([rows_max])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(read_mailing(row)?);
    }
    Ok(all)
}

const MAIL: &str = "SELECT mail.n, mail.id, mailing_n, referrer.id AS referrer_id, referrer.name, address, code_n, state, why, said, tried_at
                    FROM mail JOIN referrer ON referrer.n = referrer_n";

fn read_mail(row: &Row<'_>) -> Result<Mail> {
    let state: String = row.get("state")?;
    Ok(Mail {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        mailing_n: row.get("mailing_n")?,
        referrer_id: rows::id_at(row, "referrer_id")?,
        name: row.get("name")?,
        address: row.get("address")?,
        code_n: row.get("code_n")?,
        state: MailState::ALL.into_iter().find(|known| known.name() == state).ok_or(StorageError::Stored { what: "mail" })?,
        why: row.get("why")?,
        said: row.get("said")?,
        tried: row.get::<_, Option<i64>>("tried_at")?.map(rows::moment).transpose()?,
    })
}

/// How many of a mailing are in each state.
pub fn counts(connection: &Connection, mailing_n: i64) -> Result<Vec<(MailState, u32)>> {
    let mut statement = connection.prepare_cached("SELECT state, count(*) FROM mail WHERE mailing_n = ?1 GROUP BY state")?;
    let counted = statement.query_map([mailing_n], |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)))?;
    counted
        .map(|one| {
            let (name, count) = one?;
            let state = MailState::ALL.into_iter().find(|known| known.name() == name).ok_or(StorageError::Stored { what: "mail" })?;
            Ok((state, count))
        })
        .collect()
}

/// The e-mails of a mailing; those that need a look come first.
pub fn of_mailing(connection: &Connection, mailing_n: i64, rows_max: u32) -> Result<Vec<Mail>> {
    let sql = format!(
        "{MAIL} WHERE mailing_n = ?1
         ORDER BY CASE state WHEN 'unknown' THEN 0 WHEN 'sending' THEN 0 WHEN 'not_sent' THEN 1 WHEN 'waiting' THEN 2 ELSE 3 END, mail.n LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params![mailing_n, rows_max])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(read_mail(row)?);
    }
    Ok(all)
}

/// The e-mail with this id.
pub fn mail(connection: &Connection, id: Uuid) -> Result<Option<Mail>> {
    let mut statement = connection.prepare_cached(&format!("{MAIL} WHERE mail.id = ?1"))?;
    let mut found = statement.query([id.as_bytes()])?;
    found.next()?.map(read_mail).transpose()
}

/// The next e-mail of a mailing that waits.
pub fn next(connection: &Connection, mailing_n: i64) -> Result<Option<Mail>> {
    let mut statement = connection.prepare_cached(&format!("{MAIL} WHERE mailing_n = ?1 AND state = 'waiting' ORDER BY mail.n LIMIT 1"))?;
    let mut found = statement.query([mailing_n])?;
    found.next()?.map(read_mail).transpose()
}

/// Keeps what became of an e-mail.
pub fn set_state(tx: &Connection, n: i64, state: MailState, why: Option<&str>, said: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE mail SET state = ?2, why = ?3, said = ?4, tried_at = ?5 WHERE n = ?1")?.execute(params![
        n,
        state.name(),
        why,
        said,
        rows::millis(now)
    ])?;
    Ok(())
}

/// It is handed in from now on, to this address and with this code.
pub fn begin_one(tx: &Connection, n: i64, address: &str, code_n: i64, now: DateTime<Utc>) -> Result<()> {
    set_state(tx, n, MailState::Sending, None, None, now)?;
    tx.prepare_cached("UPDATE mail SET address = ?2, code_n = ?3 WHERE n = ?1")?.execute(params![n, address, code_n])?;
    Ok(())
}

/// What a program that ended left on its way: nobody knows what became of it.
pub fn left_behind(tx: &Connection) -> Result<usize> {
    Ok(tx.execute("UPDATE mail SET state = 'unknown' WHERE state = 'sending'", [])?)
}

/// Referrers with an e-mail address, those without a Handout alone if so wished: their row numbers.
pub fn reachable(connection: &Connection, campaign_n: i64, not_handed_out: bool) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT n FROM referrer
         WHERE email IS NOT NULL AND (NOT ?2 OR NOT EXISTS (
             SELECT 1 FROM handout JOIN referral_code ON referral_code.n = handout.code_n
             WHERE referral_code.referrer_n = referrer.n AND referral_code.campaign_n = ?1))
         ORDER BY n",
    )?;
    let found = statement.query_map(params![campaign_n, not_handed_out], |row| row.get(0))?;
    Ok(found.collect::<std::result::Result<_, _>>()?)
}
