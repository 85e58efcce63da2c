//! Referrers and their codes.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params, params_from_iter};
use uuid::Uuid;

use super::campaigns::Campaign;
use super::rows::{self, CODE_RULES, COUPON, InOrder};
use super::{Result, search};
use crate::domain::campaign::Terms;
use crate::domain::card::Printed;
use crate::domain::code::{self, ReferralCode};
use crate::domain::people::Contact;
use crate::domain::verdict::KnownCode;

/// So many generated codes share a statement, and its price. SQLite keeps the way back of a statement that changes more pages in a
/// file instead of in memory, which costs more than is won.
const CODES_PER_STATEMENT: usize = 8;

/// A person who recommends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Referrer {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// As it is written.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164, or as it is written where it is no number of any plan.
    pub phone: Option<String>,
    /// E-mail and phone as they are compared.
    pub contact: Contact,
    /// The referral link, if another system gave one.
    pub link: Option<String>,
    /// When they were added.
    pub added: DateTime<Utc>,
}

impl Code {
    /// What is said aloud: the code itself, or its alias.
    #[must_use]
    pub fn spoken(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.text)
    }
}

/// A code with the person behind it and what it promises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    /// Row number.
    pub n: i64,
    /// As it is shown.
    pub text: String,
    /// As it is compared.
    pub key: String,
    /// What is said instead of it, where nobody can read it aloud.
    pub alias: Option<String>,
    /// Made here, with a check symbol.
    pub generated: bool,
    /// Whose it is.
    pub referrer: Referrer,
    /// Row number of the coupon that it gives.
    pub coupon_n: Option<i64>,
    /// Everything the verdict looks at.
    pub known: KnownCode,
    /// The print run of the card that was scanned, where that run holds this code.
    pub scanned_run: Option<i64>,
}

/// What a person gives to become a Referrer, or to be changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// See [`Referrer::name`].
    pub name: String,
    /// See [`Referrer::email`].
    pub email: Option<String>,
    /// See [`Referrer::phone`].
    pub phone: Option<String>,
    /// See [`Referrer::contact`].
    pub contact: Contact,
    /// See [`Referrer::link`].
    pub link: Option<String>,
}

const REFERRER: &str = "referrer.n, referrer.id, referrer.name, referrer.email, referrer.email_key, referrer.phone, referrer.phone_key, referrer.link, referrer.created_at";

fn read_referrer(row: &mut InOrder<'_, '_>) -> Result<Referrer> {
    let (n, id, name, email, email_key) = (row.take()?, row.id()?, row.take()?, row.take()?, row.take()?);
    let (phone, phone_key, link, added) = (row.take()?, row.take()?, row.take()?, row.moment()?);
    Ok(Referrer { n, id, name, email, phone, contact: Contact { email: email_key, phone: phone_key }, link, added })
}

fn one<T>(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    read: impl FnOnce(&mut InOrder<'_, '_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(values)?;
    found.next()?.map(|row| read(&mut InOrder::of(row))).transpose()
}

/// The Referrer with this id.
pub fn referrer(connection: &Connection, id: Uuid) -> Result<Option<Referrer>> {
    one(connection, &format!("SELECT {REFERRER} FROM referrer WHERE id = ?1"), [id.as_bytes()], read_referrer)
}

/// The Referrer in this row.
pub fn referrer_n(connection: &Connection, n: i64) -> Result<Option<Referrer>> {
    one(connection, &format!("SELECT {REFERRER} FROM referrer WHERE n = ?1"), [n], read_referrer)
}

/// The Referrer with this e-mail key.
pub fn referrer_by_email(connection: &Connection, key: &str) -> Result<Option<Referrer>> {
    one(connection, &format!("SELECT {REFERRER} FROM referrer WHERE email_key = ?1"), [key], read_referrer)
}

/// The Referrer with this phone key.
pub fn referrer_by_phone(connection: &Connection, key: &str) -> Result<Option<Referrer>> {
    one(connection, &format!("SELECT {REFERRER} FROM referrer WHERE phone_key = ?1"), [key], read_referrer)
}

/// The Referrers with this e-mail and with this phone, who may be one or two.
pub fn referrers_by_contact(connection: &Connection, contact: &Contact) -> Result<impl Iterator<Item = Referrer>> {
    let by_email = contact.email.as_deref().map(|key| referrer_by_email(connection, key)).transpose()?.flatten();
    let by_phone = contact.phone.as_deref().map(|key| referrer_by_phone(connection, key)).transpose()?.flatten();
    Ok([by_email, by_phone].into_iter().flatten())
}

/// Adds a Referrer to the list and the search index. Fails where e-mail or phone belong to somebody else.
pub fn insert_referrer(tx: &Connection, words: &mut search::Words, details: &Details, at: DateTime<Utc>) -> Result<Referrer> {
    let id = Uuid::now_v7();
    let Details { name, email, phone, contact, link } = details;
    tx.prepare_cached(
        "INSERT INTO referrer (id, name, email, email_key, phone, phone_key, link, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![id.as_bytes(), name, email, contact.email, phone, contact.phone, link, rows::millis(at)])?;
    let n = tx.last_insert_rowid();
    words.put(tx, n, name)?;
    Ok(Referrer { n, id, name: name.clone(), email: email.clone(), phone: phone.clone(), contact: contact.clone(), link: link.clone(), added: at })
}

/// Changes what is known of a Referrer.
pub fn update_referrer(tx: &Connection, words: &mut search::Words, before: &Referrer, details: &Details) -> Result<()> {
    let Details { name, email, phone, contact, link } = details;
    tx.prepare_cached("UPDATE referrer SET name = ?2, email = ?3, email_key = ?4, phone = ?5, phone_key = ?6, link = ?7 WHERE n = ?1")?
        .execute(params![before.n, name, email, contact.email, phone, contact.phone, link])?;
    if before.name != *name {
        words.take(tx, before.n)?;
        words.put(tx, before.n, name)?;
    }
    Ok(())
}

/// Takes a Referrer out who has no history: two rows of a list turned out to be one person.
pub fn remove_referrer(tx: &Connection, words: &mut search::Words, n: i64) -> Result<()> {
    words.take(tx, n)?;
    tx.prepare_cached("DELETE FROM referrer WHERE n = ?1")?.execute([n])?;
    Ok(())
}

const CODE: &str =
    "referral_code.n, referral_code.text, referral_code.key, alias, referral_code.generated, coalesce(referral_code.coupon_n, campaign.coupon_n),
    referral_code.revoked_at IS NOT NULL, referral_code.uses, campaign.currency,
    (SELECT EXISTS (SELECT 1 FROM card AS other WHERE other.code_n = lost.code_n AND other.state <> 'lost')
     FROM card AS lost WHERE lost.code_n = referral_code.n AND lost.state = 'lost' LIMIT 1)";
/// Of the print run ?3, whose card was scanned. A number that no run has, or one that does not hold this code, says nothing.
const SCANNED: &str = "(SELECT run_n FROM card WHERE card.code_n = referral_code.n AND run_n = ?3 AND state = 'lost' LIMIT 1),
    (SELECT run_n FROM card WHERE card.code_n = referral_code.n AND run_n = ?3 AND state <> 'lost' LIMIT 1)";
const CODE_TABLES: &str = "referral_code JOIN referrer ON referrer.n = referrer_n JOIN campaign ON campaign.n = campaign_n
    JOIN code_rules ON code_rules.n = referral_code.code_rules_n LEFT JOIN coupon ON coupon.n = coalesce(referral_code.coupon_n, campaign.coupon_n)";

fn read_code(row: &mut InOrder<'_, '_>) -> Result<Code> {
    let referrer = read_referrer(row)?;
    let (n, text, key, alias, generated, coupon_n) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
    let (revoked, uses, currency) = (row.take()?, row.take()?, row.currency()?);
    // Hardly a code has a lost card, and only for those the others are looked at.
    let lost_but_one: Option<bool> = row.take()?;
    let printed = Printed { scanned_lost: None, any_lost: lost_but_one.is_some(), any_safe: lost_but_one == Some(true) };
    let terms = Terms { currency, coupon: row.coupon()?, rules: row.code_rules()? };
    let known = KnownCode { terms, revoked, uses, referrer: referrer.contact.clone(), printed };
    Ok(Code { n, referrer, text, key, alias, generated, coupon_n, known, scanned_run: None })
}

fn read_scanned(row: &mut InOrder<'_, '_>) -> Result<Code> {
    let mut code = read_code(row)?;
    let (lost, safe): (Option<i64>, Option<i64>) = (row.take()?, row.take()?);
    code.scanned_run = lost.or(safe);
    code.known.printed.scanned_lost = code.scanned_run.map(|_| lost.is_some());
    Ok(code)
}

/// The code with exactly this key.
pub fn code(connection: &Connection, campaign: &Campaign, key: &str) -> Result<Option<Code>> {
    scanned(connection, campaign, key, None)
}

/// The code with exactly this key, on a card of this print run if one was scanned.
fn scanned(connection: &Connection, campaign: &Campaign, key: &str, run: Option<u32>) -> Result<Option<Code>> {
    let sql = format!(
        "SELECT {REFERRER}, {CODE}, {COUPON}, {CODE_RULES}, {SCANNED} FROM {CODE_TABLES} WHERE referral_code.campaign_n = ?1 AND referral_code.key = ?2"
    );
    one(connection, &sql, params![campaign.n, key, run], read_scanned)
}

/// The code that this key means: the one with it, the one that it is said for, or that of the person who has it elsewhere. A scan may
/// name the print run of the card.
pub fn said(connection: &Connection, campaign: &Campaign, key: &str, run: Option<u32>) -> Result<Option<Code>> {
    if let Some(exact) = scanned(connection, campaign, key, run)? {
        return Ok(Some(exact));
    }
    let alias = "SELECT key FROM referral_code WHERE campaign_n = ?1 AND alias_key = ?2";
    if let Some(theirs) = one(connection, alias, params![campaign.n, key], |row| row.take::<String>())? {
        return scanned(connection, campaign, &theirs, run);
    }
    // There capital and small letters may make two codes of what is one here.
    let elsewhere = "SELECT max(referrer_n) FROM code_elsewhere WHERE campaign_n = ?1 AND key = ?2 HAVING count(*) = 1";
    match one(connection, elsewhere, params![campaign.n, key], |row| row.take())? {
        Some(referrer_n) => latest_code(connection, campaign, referrer_n),
        None => Ok(None),
    }
}

/// Whether this key is or means the code of somebody else than this Referrer, or may mean it.
pub fn is_anothers(connection: &Connection, campaign: &Campaign, key: &str, referrer_n: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM referral_code WHERE campaign_n = ?1 AND key = ?2 AND referrer_n <> ?3
         UNION ALL SELECT 1 FROM referral_code WHERE campaign_n = ?1 AND alias_key = ?2 AND referrer_n <> ?3
         UNION ALL SELECT 1 FROM code_elsewhere WHERE campaign_n = ?1 AND key = ?2 AND referrer_n <> ?3";
    Ok(connection.prepare_cached(sql)?.exists(params![campaign.n, key, referrer_n])?)
}

/// The code that a typed key means: the one with this key or said so, else the only one it can be when look-alikes are folded. A scan may name
/// the print run of the card.
pub fn meant(connection: &Connection, campaign: &Campaign, key: &str, run: Option<u32>) -> Result<Option<Code>> {
    if let Some(exact) = said(connection, campaign, key, run)? {
        return Ok(Some(exact));
    }
    if let Some(unfolded) = campaign.format.unfold(key)
        && let Some(found) = said(connection, campaign, &unfolded, run)?
    {
        return Ok(Some(found));
    }
    let mut statement = connection.prepare_cached(
        "SELECT key FROM referral_code WHERE generated = 0 AND campaign_n = ?1
           AND replace(replace(replace(key, 'O', '0'), 'I', '1'), 'L', '1') = ?2
         UNION SELECT key FROM code_elsewhere WHERE campaign_n = ?1 AND replace(replace(replace(key, 'O', '0'), 'I', '1'), 'L', '1') = ?2 LIMIT 2",
    )?;
    let alike = statement.query_map(params![campaign.n, code::look_alike_key(key)], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    match alike.as_slice() {
        [only] => said(connection, campaign, only, run),
        _ => Ok(None),
    }
}

/// Active codes one edit away from a key that does not exist, or that sound like it; at most `most`.
pub fn nearest(connection: &Connection, campaign: &Campaign, key: &str, most: usize) -> Result<Vec<Code>> {
    if key.chars().count() < 3 {
        return Ok(Vec::new());
    }
    let mut near: Vec<Code> = Vec::new();
    for candidate in code::one_edit_away(key) {
        // Hundreds are asked for and hardly one is there: the index alone says so.
        if code_exists(connection, campaign, &candidate)?
            && let Some(found) = code(connection, campaign, &candidate)?
            && !found.known.revoked
            && near.iter().all(|other| other.n != found.n)
        {
            near.push(found);
        }
        if near.len() == most {
            return Ok(near);
        }
    }
    // What sounds alike shares the codes' start or end far more often than nothing at all: both halves have an index.
    let sound = code::sound_key(key);
    let half = key.chars().count() / 2;
    let start: String = key.chars().take(half).collect();
    let end: String = key.chars().skip(key.chars().count().saturating_sub(4)).collect();
    let mut statement = connection.prepare_cached(
        "SELECT key FROM (SELECT key FROM referral_code WHERE campaign_n = ?1 AND key >= ?2 AND key < ?2 || '~' LIMIT 500)
         UNION SELECT key FROM (SELECT key FROM referral_code WHERE substr(key, -4) = ?3 LIMIT 500)",
    )?;
    let candidates = statement.query_map(params![campaign.n, start, end], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    for candidate in candidates.iter().filter(|candidate| code::sound_key(candidate) == sound) {
        if near.len() < most
            && let Some(found) = code(connection, campaign, candidate)?
            && !found.known.revoked
            && near.iter().all(|other| other.n != found.n)
        {
            near.push(found);
        }
    }
    Ok(near)
}

/// The active code of a Referrer in this campaign.
pub fn active_code(connection: &Connection, campaign: &Campaign, referrer_n: i64) -> Result<Option<Code>> {
    let sql = format!(
        "SELECT {REFERRER}, {CODE}, {COUPON}, {CODE_RULES} FROM {CODE_TABLES} WHERE referrer_n = ?1 AND referral_code.campaign_n = ?2 AND revoked_at IS NULL"
    );
    one(connection, &sql, params![referrer_n, campaign.n], read_code)
}

/// The code of a Referrer that is shown where there is no active one: the latest that was revoked.
pub fn latest_code(connection: &Connection, campaign: &Campaign, referrer_n: i64) -> Result<Option<Code>> {
    if let Some(active) = active_code(connection, campaign, referrer_n)? {
        return Ok(Some(active));
    }
    let sql = format!(
        "SELECT {REFERRER}, {CODE}, {COUPON}, {CODE_RULES} FROM {CODE_TABLES} WHERE referrer_n = ?1 AND referral_code.campaign_n = ?2 AND revoked_at IS NOT NULL ORDER BY referral_code.n DESC LIMIT 1"
    );
    one(connection, &sql, params![referrer_n, campaign.n], read_code)
}

/// The code in this row.
pub fn code_n(connection: &Connection, n: i64) -> Result<Option<Code>> {
    one(connection, &format!("SELECT {REFERRER}, {CODE}, {COUPON}, {CODE_RULES} FROM {CODE_TABLES} WHERE referral_code.n = ?1"), [n], read_code)
}

/// How often a code was used at tills, voided sales and those of a checkout elsewhere left out.
pub fn uses_at_tills(connection: &Connection, code_n: i64) -> Result<u32> {
    let sql = "SELECT count(*) FROM redemption WHERE code_n = ?1 AND voided_at IS NULL AND source = 'till'";
    Ok(connection.prepare_cached(sql)?.query_row([code_n], |row| row.get(0))?)
}

/// Keeps the link that another system gave a Referrer.
pub fn set_link(tx: &Connection, referrer_n: i64, link: &str) -> Result<()> {
    tx.prepare_cached("UPDATE referrer SET link = ?2 WHERE n = ?1 AND link IS NOT ?2")?.execute(params![referrer_n, link])?;
    Ok(())
}

/// Whether any code of the campaign, also a revoked one, has this key.
fn code_exists(connection: &Connection, campaign: &Campaign, key: &str) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM referral_code WHERE campaign_n = ?1 AND key = ?2")?.exists(params![campaign.n, key])?)
}

/// Gives a Referrer a code with the campaign's coupon and rules as they stand; one from elsewhere that nobody can read aloud gets one
/// of ours that is said instead. Says no, by `false`, where the text is taken.
pub fn insert_code(tx: &Connection, campaign: &Campaign, referrer_n: i64, code: &ReferralCode, generated: bool, at: DateTime<Utc>) -> Result<bool> {
    let added = insert_some(tx, campaign, &[(referrer_n, code)], generated, at)? == 1;
    if added && !generated && code.unspeakable() {
        set_alias(tx, campaign, tx.last_insert_rowid(), code)?;
    }
    Ok(added)
}

/// Adds generated codes, each with the Referrer whose it is. Gives how many were added: one that somebody has is left out.
pub fn insert_generated(tx: &Connection, campaign: &Campaign, codes: &[(i64, &ReferralCode)], at: DateTime<Utc>) -> Result<usize> {
    codes.chunks(CODES_PER_STATEMENT).map(|some| insert_some(tx, campaign, some, true, at)).sum()
}

fn insert_some(tx: &Connection, campaign: &Campaign, codes: &[(i64, &ReferralCode)], generated: bool, at: DateTime<Utc>) -> Result<usize> {
    let rows = vec!["(?, ?, ?)"; codes.len()].join(", ");
    let mut statement = tx.prepare_cached(&format!(
        "INSERT INTO referral_code (campaign_n, code_rules_n, coupon_n, generated, created_at, referrer_n, text, key)
         SELECT ?1, ?2, ?3, ?4, ?5, column1, column2, column3 FROM (VALUES {rows})
         WHERE NOT EXISTS (SELECT 1 FROM referral_code WHERE campaign_n = ?1 AND alias_key = column3)
         ON CONFLICT (campaign_n, key) DO NOTHING"
    ))?;
    let created_at = rows::millis(at);
    let shared = params![campaign.n, campaign.code_rules_n, campaign.coupon_n, generated, created_at];
    let texts: Vec<_> = codes.iter().map(|(referrer_n, code)| (referrer_n, code.text(), code.key())).collect();
    let each = texts.iter().flat_map(|(referrer_n, text, key)| [referrer_n as &dyn ToSql, text, key]);
    Ok(statement.execute(params_from_iter(shared.iter().copied().chain(each)))?)
}

/// Whoever gives the code that another system made for this Referrer means the one that they have here. One that is a code here means
/// that one alone.
pub fn set_elsewhere(tx: &Connection, campaign: &Campaign, referrer_n: i64, theirs: &ReferralCode) -> Result<()> {
    if code_exists(tx, campaign, theirs.key())? {
        return Ok(());
    }
    // Everybody is brought again and again, and nearly all as they were: nothing is written for those.
    let sql = "INSERT INTO code_elsewhere (campaign_n, referrer_n, text, key) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (referrer_n, campaign_n) DO UPDATE SET text = excluded.text, key = excluded.key WHERE text <> excluded.text";
    tx.prepare_cached(sql)?.execute(params![campaign.n, referrer_n, theirs.text(), theirs.key()])?;
    Ok(())
}

/// The code that a Referrer has elsewhere, where it is not the one that they have here.
pub fn elsewhere(connection: &Connection, campaign: &Campaign, referrer_n: i64) -> Result<Option<String>> {
    let sql = "SELECT text FROM code_elsewhere WHERE campaign_n = ?1 AND referrer_n = ?2";
    one(connection, sql, params![campaign.n, referrer_n], |row| row.take())
}

fn set_alias(tx: &Connection, campaign: &Campaign, code_n: i64, code: &ReferralCode) -> Result<()> {
    let sql = "UPDATE OR IGNORE referral_code SET alias = ?2, alias_key = ?3 WHERE n = ?1";
    for alias in (0..).filter_map(|turn| campaign.format.alias(code, turn)) {
        let free = said(tx, campaign, alias.key(), None)?.is_none();
        if free && tx.prepare_cached(sql)?.execute(params![code_n, alias.text(), alias.key()])? == 1 {
            break;
        }
    }
    Ok(())
}

/// Takes the indexes of codes that only look-ups need away while very many codes are inserted, within one transaction: built at once
/// from sorted rows they cost a fraction of a million insertions at random places. Gives what [`indexes_back`] needs.
pub fn indexes_away(tx: &Connection) -> Result<String> {
    let sql = "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE name IN ('referral_code_end', 'referral_code_of_referrer')";
    let made_by = tx.query_row(sql, [], |row| row.get(0))?;
    tx.execute_batch("DROP INDEX referral_code_end; DROP INDEX referral_code_of_referrer;")?;
    Ok(made_by)
}

/// Builds these indexes anew, as the schema made them.
pub fn indexes_back(tx: &Connection, made_by: &str) -> Result<()> {
    tx.execute_batch(made_by)?;
    Ok(())
}

/// Takes a code back.
pub fn revoke(tx: &Connection, code_n: i64, reason: &str, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE referral_code SET revoked_at = ?2, revoke_reason = ?3 WHERE n = ?1 AND revoked_at IS NULL")?.execute(params![
        code_n,
        rows::millis(at),
        reason
    ])?;
    Ok(())
}

/// A code that a Referrer has or had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastCode {
    /// As it is shown.
    pub text: String,
    /// By us, not brought along.
    pub generated: bool,
    /// When it became theirs.
    pub given: DateTime<Utc>,
    /// When it was taken back, if it was.
    pub revoked: Option<DateTime<Utc>>,
    /// Why, where nobody erased it.
    pub reason: Option<String>,
}

/// Every code that a Referrer has or had.
pub fn codes_of(connection: &Connection, referrer_n: i64) -> Result<Vec<PastCode>> {
    let sql = "SELECT text, generated, created_at, revoked_at, revoke_reason FROM referral_code WHERE referrer_n = ?1 ORDER BY n";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([referrer_n])?;
    let mut codes = Vec::new();
    while let Some(row) = found.next()? {
        let mut row = InOrder::of(row);
        let (text, generated, given, revoked) = (row.take()?, row.take()?, row.moment()?, row.take::<Option<i64>>()?);
        codes.push(PastCode { text, generated, given, revoked: revoked.map(rows::moment).transpose()?, reason: row.take()? });
    }
    Ok(codes)
}

/// Counts one use more or less of a code.
pub fn count_use(tx: &Connection, code_n: i64, more: i64) -> Result<()> {
    tx.prepare_cached("UPDATE referral_code SET uses = uses + ?2 WHERE n = ?1")?.execute(params![code_n, more])?;
    Ok(())
}

/// Row numbers of Referrers without an active code, from `after` on, at most `most`.
pub fn without_code(connection: &Connection, campaign: &Campaign, after: i64, most: u32) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT n FROM referrer WHERE n > ?2 AND NOT EXISTS (
           SELECT 1 FROM referral_code WHERE referrer_n = referrer.n AND campaign_n = ?1 AND revoked_at IS NULL) ORDER BY n LIMIT ?3",
    )?;
    let found = statement.query_map(params![campaign.n, after, most], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(found)
}

/// The last row of Referrers or of codes, whichever is further.
pub fn last_row(connection: &Connection) -> Result<i64> {
    let sql = "SELECT max(coalesce((SELECT max(n) FROM referrer), 0), coalesce((SELECT max(n) FROM referral_code), 0))";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// How many Referrers there are, and how many of them have an active code.
pub fn totals(connection: &Connection, campaign: &Campaign) -> Result<(u32, u32)> {
    let referrers = connection.prepare_cached("SELECT count(*) FROM referrer")?.query_row([], |row| row.get(0))?;
    let coded = connection
        .prepare_cached("SELECT count(*) FROM referral_code WHERE campaign_n = ?1 AND revoked_at IS NULL")?
        .query_row([campaign.n], |row| row.get(0))?;
    Ok((referrers, coded))
}

/// One line of the list of Referrers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Who.
    pub referrer: Referrer,
    /// Their active code.
    pub code: Option<String>,
    /// How many Leads they brought.
    pub leads: u32,
}

/// A page of Referrers in the order they were added, latest first, from before row `before` on.
pub fn page(connection: &Connection, campaign: &Campaign, without_code: bool, before: Option<i64>, most: u32) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {REFERRER}, (SELECT text FROM referral_code WHERE referrer_n = referrer.n AND campaign_n = ?1 AND revoked_at IS NULL) AS code,
                (SELECT count(*) FROM lead WHERE referrer_n = referrer.n) AS leads
         FROM referrer WHERE referrer.n < ?2 AND (?3 = 0 OR NOT EXISTS (
           SELECT 1 FROM referral_code WHERE referrer_n = referrer.n AND campaign_n = ?1 AND revoked_at IS NULL)) ORDER BY referrer.n DESC LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params![campaign.n, before.unwrap_or(i64::MAX), without_code, most])?;
    let mut page = Vec::new();
    while let Some(row) = found.next()? {
        page.push(read_listed(&mut InOrder::of(row))?);
    }
    Ok(page)
}

/// One Referrer as a line of the list.
pub fn listed(connection: &Connection, campaign: &Campaign, n: i64) -> Result<Option<Listed>> {
    let sql = format!(
        "SELECT {REFERRER}, (SELECT text FROM referral_code WHERE referrer_n = referrer.n AND campaign_n = ?1 AND revoked_at IS NULL) AS code,
                (SELECT count(*) FROM lead WHERE referrer_n = referrer.n) AS leads FROM referrer WHERE referrer.n = ?2"
    );
    one(connection, &sql, params![campaign.n, n], read_listed)
}

fn read_listed(row: &mut InOrder<'_, '_>) -> Result<Listed> {
    Ok(Listed { referrer: read_referrer(row)?, code: row.take()?, leads: row.take()? })
}

/// How many Leads a Referrer brought.
pub fn leads_of(connection: &Connection, referrer_n: i64) -> Result<u32> {
    Ok(connection.prepare_cached("SELECT count(*) FROM lead WHERE referrer_n = ?1")?.query_row([referrer_n], |row| row.get(0))?)
}

/// Whether anything depends on a Referrer: a code, a Lead or a conflict.
pub fn has_history(connection: &Connection, referrer_n: i64) -> Result<bool> {
    let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM referral_code WHERE referrer_n = ?1) OR EXISTS (SELECT 1 FROM lead WHERE referrer_n = ?1)
               OR EXISTS (SELECT 1 FROM conflict WHERE claimed_by_n = ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([referrer_n], |_| Ok(())).optional()?.is_some())
}
