//! The ledger: Redemptions, their voids and refunds.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::catalogue::Code;
use super::leads::Lead;
use super::{Result, rows};
use crate::domain::money::Currency;
use crate::domain::redemption::Recorded;

/// One use of a code in one sale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redemption {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// The operation that recorded it.
    pub op: Uuid,
    /// The code as it is shown.
    pub code: String,
    /// Row number of the code.
    pub code_n: i64,
    /// Row number of the Lead.
    pub lead_n: i64,
    /// The Lead's id.
    pub lead_id: Uuid,
    /// The Lead's name, may be empty.
    pub customer: String,
    /// Whether the Lead has an e-mail address.
    pub has_email: bool,
    /// Whose code it is.
    pub referrer_id: Uuid,
    /// Their name.
    pub referrer: String,
    /// Before the discount, minor units.
    pub order: i64,
    /// What came off, minor units.
    pub discount: i64,
    /// Of all amounts.
    pub currency: Currency,
    /// The till's own number of the sale, if staff gave one.
    pub reference: Option<String>,
    /// The manager who said yes to a refused code, and why.
    pub override_by: Option<(String, String)>,
    /// Moment, paid and refunded amounts, void.
    pub recorded: Recorded,
    /// Since when the customer disputes the payment.
    pub disputed: Option<DateTime<Utc>>,
    /// When and why it was voided.
    pub voided: Option<(DateTime<Utc>, String)>,
}

/// What is written when a code is used.
#[derive(Debug)]
pub struct NewRedemption<'a> {
    /// Made before the first try.
    pub op: Uuid,
    /// The code, whose coupon was given.
    pub code: &'a Code,
    /// The Lead.
    pub lead: &'a Lead,
    /// Minor units, before the discount.
    pub order: i64,
    /// Minor units.
    pub discount: i64,
    /// Of both.
    pub currency: Currency,
    /// See [`Redemption::reference`].
    pub reference: Option<&'a str>,
    /// See [`Redemption::override_by`].
    pub override_by: Option<(&'a str, &'a str)>,
    /// Names of the reasons that the manager said yes to.
    pub overridden: Option<String>,
    /// Where the code was used: `till`, or `stripe` for a checkout there.
    pub source: &'static str,
    /// The print run of the card that was scanned.
    pub run_n: Option<i64>,
    /// The till it was recorded at.
    pub till: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// That moment's day in the store.
    pub day: NaiveDate,
}

const REDEMPTION: &str = "SELECT redemption.n, redemption.id, redemption.op, referral_code.text AS code, code_n, lead_n, lead.id AS lead_id, lead.name AS customer,
    lead.email_key IS NOT NULL AS has_email, referrer.id AS referrer_id, referrer.name AS referrer, order_total, discount, paid, redemption.currency, reference,
    override_by, override_note, refunded, voided_at, void_reason, disputed_at, at
    FROM redemption JOIN referral_code ON referral_code.n = code_n JOIN referrer ON referrer.n = referral_code.referrer_n JOIN lead ON lead.n = lead_n";

fn read(row: &Row<'_>) -> Result<Redemption> {
    let voided_at: Option<i64> = row.get("voided_at")?;
    let override_by: Option<String> = row.get("override_by")?;
    Ok(Redemption {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        op: rows::id_at(row, "op")?,
        code: row.get("code")?,
        code_n: row.get("code_n")?,
        lead_n: row.get("lead_n")?,
        lead_id: rows::id_at(row, "lead_id")?,
        customer: row.get("customer")?,
        has_email: row.get("has_email")?,
        referrer_id: rows::id_at(row, "referrer_id")?,
        referrer: row.get("referrer")?,
        order: row.get("order_total")?,
        discount: row.get("discount")?,
        currency: rows::currency_at(row, "currency")?,
        reference: row.get("reference")?,
        override_by: override_by.map(|by| Ok::<_, rusqlite::Error>((by, row.get("override_note")?))).transpose()?,
        recorded: Recorded { at: rows::moment_at(row, "at")?, paid: row.get("paid")?, refunded: row.get("refunded")?, voided: voided_at.is_some() },
        disputed: row.get::<_, Option<i64>>("disputed_at")?.map(rows::moment).transpose()?,
        voided: match voided_at {
            Some(at) => Some((rows::moment(at)?, row.get("void_reason")?)),
            None => None,
        },
    })
}

fn all(connection: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Vec<Redemption>> {
    let mut statement = connection.prepare_cached(&format!("{REDEMPTION} {rest}"))?;
    let mut found = statement.query(values)?;
    let mut redemptions = Vec::new();
    while let Some(row) = found.next()? {
        redemptions.push(read(row)?);
    }
    Ok(redemptions)
}

/// The Redemption with this id.
pub fn redemption(connection: &Connection, id: Uuid) -> Result<Option<Redemption>> {
    Ok(all(connection, "WHERE redemption.id = ?1", [id.as_bytes()])?.pop())
}

/// The Redemptions of a day in the store, latest first.
///
/// They were recorded one after the other, so today's are the last: read back until two days before. The day between leaves
/// room for a clock that was wrong and set right.
pub fn of_day(connection: &Connection, day: NaiveDate) -> Result<Vec<Redemption>> {
    let rest = "WHERE day = ?1 AND redemption.n > coalesce((SELECT n FROM redemption WHERE day < date(?1, '-1 day') ORDER BY n DESC LIMIT 1), 0)
                ORDER BY redemption.n DESC";
    all(connection, rest, [day.to_string()])
}

/// A page of all Redemptions, in the order they were recorded, from after row `after` on.
pub fn page(connection: &Connection, after: i64, most: u32) -> Result<Vec<Redemption>> {
    all(connection, "WHERE redemption.n > ?1 ORDER BY redemption.n LIMIT ?2", params![after, most])
}

/// The latest Redemptions of a Referrer's codes, at most `most`.
pub fn of_referrer(connection: &Connection, referrer_n: i64, most: u32) -> Result<Vec<Redemption>> {
    all(connection, "WHERE referral_code.referrer_n = ?1 ORDER BY redemption.n DESC LIMIT ?2", params![referrer_n, most])
}

/// How many Redemptions stand or stood.
pub fn count(connection: &Connection) -> Result<u32> {
    Ok(connection.query_row("SELECT count(*) FROM redemption", [], |row| row.get(0))?)
}

/// What a Referrer's codes took off orders in all, and how often, voided ones left out. Minor units.
pub fn given_by(connection: &Connection, referrer_n: i64) -> Result<(i64, u32)> {
    let sql = "SELECT coalesce(sum(discount), 0), count(*) FROM redemption JOIN referral_code ON referral_code.n = code_n WHERE referrer_n = ?1 AND voided_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([referrer_n], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Records a Redemption.
pub fn insert(tx: &Connection, new: &NewRedemption<'_>) -> Result<Redemption> {
    let id = Uuid::now_v7();
    let NewRedemption { code, lead, .. } = new;
    tx.prepare_cached(
        "INSERT INTO redemption (id, op, code_n, lead_n, coupon_n, order_total, discount, paid, currency, reference, override_by, override_note, overridden, source, run_n, till_id, at, day)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6 - ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(params![
        id.as_bytes(),
        new.op.as_bytes(),
        code.n,
        lead.n,
        code.coupon_n,
        new.order,
        new.discount,
        new.currency.code(),
        new.reference,
        new.override_by.map(|(by, _)| by),
        new.override_by.map(|(_, note)| note),
        new.overridden,
        new.source,
        new.run_n,
        new.till.as_bytes(),
        rows::millis(new.at),
        new.day.to_string()
    ])?;
    // What reading it back would give, without the four tables: this is on the way of every confirmation.
    Ok(Redemption {
        n: tx.last_insert_rowid(),
        id,
        op: new.op,
        code: code.text.clone(),
        code_n: code.n,
        lead_n: lead.n,
        lead_id: lead.id,
        customer: lead.name.clone(),
        has_email: lead.contact.email.is_some(),
        referrer_id: code.referrer.id,
        referrer: code.referrer.name.clone(),
        order: new.order,
        discount: new.discount,
        currency: new.currency,
        reference: new.reference.map(str::to_owned),
        override_by: new.override_by.map(|(by, note)| (by.to_owned(), note.to_owned())),
        recorded: Recorded { at: rows::moment(rows::millis(new.at))?, paid: new.order - new.discount, refunded: 0, voided: false },
        disputed: None,
        voided: None,
    })
}

/// Undoes a Redemption; the row stays.
pub fn void(tx: &Connection, n: i64, reason: &str, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE redemption SET voided_at = ?2, void_reason = ?3 WHERE n = ?1 AND voided_at IS NULL")?.execute(params![
        n,
        rows::millis(at),
        reason
    ])?;
    Ok(())
}

/// The rules that a Redemption did not meet when it was recorded, by the names of their reasons.
pub fn overridden(connection: &Connection, id: Uuid) -> Result<Vec<String>> {
    let names: Option<String> =
        connection.prepare_cached("SELECT overridden FROM redemption WHERE id = ?1")?.query_row([id.as_bytes()], |row| row.get(0))?;
    Ok(names.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
}

/// A customer disputes the payment of a sale. Says whether that is new.
pub fn dispute(tx: &Connection, n: i64, at: DateTime<Utc>) -> Result<bool> {
    Ok(tx.prepare_cached("UPDATE redemption SET disputed_at = ?2 WHERE n = ?1 AND disputed_at IS NULL")?.execute(params![n, rows::millis(at)])? == 1)
}

/// When, how much (minor units) and why money went back for a sale.
pub fn refunds_of(connection: &Connection, redemption_n: i64) -> Result<Vec<(DateTime<Utc>, i64, String)>> {
    let mut statement = connection.prepare_cached("SELECT at, amount, reason FROM refund WHERE redemption_n = ?1 ORDER BY n")?;
    let mut found = statement.query([redemption_n])?;
    let mut refunds = Vec::new();
    while let Some(row) = found.next()? {
        refunds.push((rows::moment_at(row, "at")?, row.get("amount")?, row.get("reason")?));
    }
    Ok(refunds)
}

/// Records that money went back or, below zero, that it did not after all.
pub fn refund(tx: &Connection, op: Uuid, n: i64, amount: i64, reason: &str, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("INSERT INTO refund (id, op, redemption_n, amount, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        Uuid::now_v7().as_bytes(),
        op.as_bytes(),
        n,
        amount,
        reason,
        rows::millis(at)
    ])?;
    tx.prepare_cached("UPDATE redemption SET refunded = refunded + ?2 WHERE n = ?1")?.execute(params![n, amount])?;
    Ok(())
}

/// The last Redemption of a Lead that stands, with its code, and how many stand.
pub fn standing_of(connection: &Connection, lead_n: i64) -> Result<(Option<(Uuid, String)>, u32)> {
    let mut statement = connection.prepare_cached(
        "SELECT redemption.id, referral_code.text, count(*) OVER () FROM redemption JOIN referral_code ON referral_code.n = code_n
         WHERE lead_n = ?1 AND voided_at IS NULL ORDER BY redemption.n DESC LIMIT 1",
    )?;
    let mut found = statement.query([lead_n])?;
    match found.next()? {
        Some(row) => Ok((Some((rows::id_at(row, "id")?, row.get(1)?)), row.get(2)?)),
        None => Ok((None, 0)),
    }
}
