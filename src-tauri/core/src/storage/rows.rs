//! How our values stand in a row.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Row;
use uuid::Uuid;

use super::{Result, StorageError};
use crate::domain::campaign::{CodeRules, Coupon, Duration, Off};
use crate::domain::money::{Currency, Money, Percent};

/// A moment as milliseconds since 1970.
#[must_use]
pub fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The moment of milliseconds since 1970.
pub fn moment(millis: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis).ok_or(StorageError::Stored { what: "moment" })
}

/// An id from its 16 bytes.
pub fn id(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(|_| StorageError::Stored { what: "id" })
}

/// The id in this column.
pub fn id_at(row: &Row<'_>, column: &str) -> Result<Uuid> {
    id(row.get_ref(column)?.as_blob().map_err(|_| StorageError::Stored { what: "id" })?)
}

/// The moment in this column.
pub fn moment_at(row: &Row<'_>, column: &str) -> Result<DateTime<Utc>> {
    moment(row.get(column)?)
}

/// The day in this column, if any.
pub fn day_at(row: &Row<'_>, column: &str) -> Result<Option<NaiveDate>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| StorageError::Stored { what: "day" })).transpose()
}

/// The currency in this column.
pub fn currency_at(row: &Row<'_>, column: &str) -> Result<Currency> {
    let code: String = row.get(column)?;
    Currency::parse(&code).map_err(|_| StorageError::Stored { what: "currency" })
}

/// The coupon in the columns `percent`, `amount`, `currency`, `duration`, `months`, where there is one.
pub fn coupon(row: &Row<'_>) -> Result<Option<Coupon>> {
    let Some(duration) = row.get::<_, Option<String>>("duration")? else {
        return Ok(None);
    };
    let duration = match (duration.as_str(), row.get::<_, Option<u32>>("months")?) {
        ("once", None) => Duration::Once,
        ("forever", None) => Duration::Forever,
        ("repeating", Some(months)) => Duration::Months(months),
        _ => return Err(StorageError::Stored { what: "coupon" }),
    };
    let off = match (row.get::<_, Option<i64>>("percent")?, row.get::<_, Option<i64>>("amount")?) {
        (Some(percent), None) => Off::Percent(Percent::from_hundredths(percent).map_err(|_| StorageError::Stored { what: "coupon" })?),
        (None, Some(minor)) => Off::Amount(Money { minor, currency: currency_at(row, "currency")? }),
        _ => return Err(StorageError::Stored { what: "coupon" }),
    };
    Ok(Some(Coupon { off, duration }))
}

/// The rules in the columns of `code_rules`.
pub fn code_rules(row: &Row<'_>) -> Result<CodeRules> {
    Ok(CodeRules {
        first_time_only: row.get("first_time_only")?,
        redemptions_max: row.get("redemptions_max")?,
        starts: day_at(row, "starts")?,
        expires: day_at(row, "expires")?,
        order_min: row.get("order_min")?,
    })
}
