//! The shop, its till, and its campaign with coupon and rules.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use super::rows::{self, CODE_RULES, COUPON, InOrder};
use super::{Result, StorageError};
use crate::domain::campaign::{CodeRules, Coupon, Duration, Off};
use crate::domain::code::CodeFormat;
use crate::domain::lead::Qualification;
use crate::domain::money::Currency;

/// The shop that this database belongs to.
#[derive(Clone, Debug)]
pub struct Shop {
    /// What customers call it.
    pub name: String,
    /// Where its days begin and end.
    pub zone: Tz,
    /// Two letters (ISO 3166): where a number without a country code is dialled.
    pub country: Option<String>,
    /// This installation.
    pub till_id: Uuid,
    /// What staff call it.
    pub till: String,
    /// Two letters (ISO 639) of the language on the screen.
    pub language: String,
    /// `system`, `light` or `dark`.
    pub look: String,
    /// The key under which existing customers are hashed.
    pub customer_key: Vec<u8>,
    /// The programme that codes belong to.
    pub campaign: Campaign,
}

/// One referral programme.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// What the manager calls it.
    pub name: String,
    /// What amounts are counted in.
    pub currency: Currency,
    /// How codes are composed.
    pub format: CodeFormat,
    /// Row number of the coupon for future codes.
    pub coupon_n: Option<i64>,
    /// The coupon for future codes.
    pub coupon: Option<Coupon>,
    /// Row number of the rules for future codes.
    pub code_rules_n: i64,
    /// The rules for future codes.
    pub rules: CodeRules,
    /// When a Lead counts.
    pub qualification: Qualification,
}

/// What a new shop starts with.
#[derive(Clone, Debug)]
pub struct NewShop {
    /// See [`Shop::name`].
    pub name: String,
    /// See [`Shop::zone`].
    pub zone: Tz,
    /// See [`Shop::country`].
    pub country: Option<String>,
    /// See [`Shop::till`].
    pub till: String,
    /// See [`Shop::language`].
    pub language: String,
    /// Name of the first campaign.
    pub campaign: String,
    /// Its currency.
    pub currency: Currency,
    /// 32 random bytes, see [`Shop::customer_key`].
    pub customer_key: [u8; 32],
}

/// The shop, or `None` in a database that nobody has set up.
pub fn shop(connection: &Connection) -> Result<Option<Shop>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT shop.name, timezone, country, till_id, till, language, look, customer_key, campaign_n, campaign.id, campaign.name,
                campaign.currency, code_prefix, code_symbols, coupon_n, {COUPON}, code_rules_n, {CODE_RULES}, qualify_on_use
         FROM shop JOIN campaign ON campaign.n = campaign_n JOIN code_rules ON code_rules.n = code_rules_n LEFT JOIN coupon ON coupon.n = coupon_n"
    ))?;
    let mut found = statement.query([])?;
    found.next()?.map(|row| read_shop(&mut InOrder::of(row))).transpose()
}

fn read_shop(row: &mut InOrder<'_, '_>) -> Result<Shop> {
    Ok(Shop {
        name: row.take()?,
        zone: row.take::<String>()?.parse().map_err(|_| StorageError::Stored { what: "time zone" })?,
        country: row.take()?,
        till_id: row.id()?,
        till: row.take()?,
        language: row.take()?,
        look: row.take()?,
        customer_key: row.take()?,
        campaign: Campaign {
            n: row.take()?,
            id: row.id()?,
            name: row.take()?,
            currency: row.currency()?,
            format: code_format(&row.take::<String>()?, row.take()?)?,
            coupon_n: row.take()?,
            coupon: row.coupon()?,
            code_rules_n: row.take()?,
            rules: row.code_rules()?,
            qualification: if row.take()? { Qualification::OnCodeUse } else { Qualification::ByHand },
        },
    })
}

fn code_format(prefix: &str, symbols: u8) -> Result<CodeFormat> {
    CodeFormat::new(prefix, symbols.into()).map_err(|_| StorageError::Stored { what: "code format" })
}

/// Sets a shop up with its first campaign, without coupon and rules.
pub fn open(tx: &Connection, new: &NewShop, at: DateTime<Utc>) -> Result<()> {
    let rules = code_rules_n(tx, &CodeRules::default())?;
    tx.execute(
        "INSERT INTO campaign (id, name, currency, code_rules_n, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![Uuid::now_v7().as_bytes(), new.campaign, new.currency.code(), rules, rows::millis(at)],
    )?;
    tx.execute(
        "INSERT INTO shop (n, name, timezone, country, till_id, till, campaign_n, language, customer_key, created_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            new.name,
            new.zone.name(),
            new.country,
            Uuid::now_v7().as_bytes(),
            new.till,
            tx.last_insert_rowid(),
            new.language,
            new.customer_key,
            rows::millis(at)
        ],
    )?;
    Ok(())
}

/// Keeps how this till looks and is called.
pub fn set_look(tx: &Connection, language: &str, look: &str, till: &str) -> Result<()> {
    tx.execute("UPDATE shop SET language = ?1, look = ?2, till = ?3", params![language, look, till])?;
    Ok(())
}

/// Sets the rules for codes generated from now on.
pub fn set_rules(tx: &Connection, campaign_n: i64, rules: &CodeRules) -> Result<()> {
    tx.execute("UPDATE campaign SET code_rules_n = ?2 WHERE n = ?1", params![campaign_n, code_rules_n(tx, rules)?])?;
    Ok(())
}

/// Gives the campaign a new coupon or none; the one before stays as it is on the codes that carry it.
pub fn set_coupon(tx: &Connection, campaign: &Campaign, coupon: Option<&Coupon>, at: DateTime<Utc>) -> Result<()> {
    let coupon_n = coupon.map(|coupon| insert_coupon(tx, campaign, coupon, at)).transpose()?;
    tx.execute("UPDATE campaign SET coupon_n = ?2 WHERE n = ?1", params![campaign.n, coupon_n])?;
    Ok(())
}

fn insert_coupon(tx: &Connection, campaign: &Campaign, coupon: &Coupon, at: DateTime<Utc>) -> Result<i64> {
    let (percent, amount) = match coupon.off {
        Off::Percent(percent) => (Some(percent.hundredths()), None),
        Off::Amount(amount) => (None, Some(amount.minor)),
    };
    let (duration, months) = match coupon.duration {
        Duration::Once => ("once", None),
        Duration::Forever => ("forever", None),
        Duration::Months(months) => ("repeating", Some(months)),
    };
    tx.execute(
        "INSERT INTO coupon (id, percent, amount, currency, duration, months, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![Uuid::now_v7().as_bytes(), percent, amount, campaign.currency.code(), duration, months, rows::millis(at)],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Decides when Leads of this campaign count.
pub fn set_qualification(tx: &Connection, campaign_n: i64, qualification: Qualification) -> Result<()> {
    tx.execute("UPDATE campaign SET qualify_on_use = ?2 WHERE n = ?1", params![campaign_n, qualification == Qualification::OnCodeUse])?;
    Ok(())
}

/// The row that holds these rules, made if there is none.
fn code_rules_n(tx: &Connection, rules: &CodeRules) -> Result<i64> {
    let (starts, expires) = (rules.starts.map(|day| day.to_string()), rules.expires.map(|day| day.to_string()));
    let values = params![rules.first_time_only, rules.redemptions_max, starts, expires, rules.order_min];
    let same = tx
        .prepare_cached(
            "SELECT n FROM code_rules WHERE first_time_only = ?1 AND redemptions_max IS ?2 AND starts IS ?3 AND expires IS ?4 AND order_min IS ?5",
        )?
        .query_row(values, |row| row.get(0))
        .optional()?;
    if let Some(n) = same {
        return Ok(n);
    }
    tx.execute("INSERT INTO code_rules (first_time_only, redemptions_max, starts, expires, order_min) VALUES (?1, ?2, ?3, ?4, ?5)", values)?;
    Ok(tx.last_insert_rowid())
}

/// The id of the coupon in this row.
pub fn coupon_id(connection: &Connection, n: i64) -> Result<Uuid> {
    let id: Vec<u8> = connection.prepare_cached("SELECT id FROM coupon WHERE n = ?1")?.query_row([n], |row| row.get(0))?;
    rows::id(&id)
}

/// The coupon with this id.
pub fn coupon(connection: &Connection, id: Uuid) -> Result<Option<Coupon>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COUPON} FROM coupon WHERE id = ?1"))?;
    let mut found = statement.query([id.as_bytes()])?;
    Ok(found.next()?.map(|row| InOrder::of(row).coupon()).transpose()?.flatten())
}
