//! How our values stand in a row.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Row;
use rusqlite::types::FromSql;
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
    day(row.get(column)?)
}

/// The currency in this column.
pub fn currency_at(row: &Row<'_>, column: &str) -> Result<Currency> {
    currency(&row.get::<_, String>(column)?)
}

fn day(text: Option<String>) -> Result<Option<NaiveDate>> {
    text.map(|text| text.parse().map_err(|_| StorageError::Stored { what: "day" })).transpose()
}

fn currency(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(|_| StorageError::Stored { what: "currency" })
}

/// The columns that [`InOrder::coupon`] reads.
pub const COUPON: &str = "percent, amount, coupon.currency, duration, months";
/// The columns that [`InOrder::code_rules`] reads.
pub const CODE_RULES: &str = "first_time_only, redemptions_max, starts, expires, order_min";

/// Reads a row's columns one after the other, as its SELECT lists them: to find each by its name takes longer than to read it, and
/// each sale reads some seventy.
pub struct InOrder<'r, 's> {
    row: &'r Row<'s>,
    at: usize,
}

impl<'r, 's> InOrder<'r, 's> {
    /// From the first column on.
    #[must_use]
    pub fn of(row: &'r Row<'s>) -> InOrder<'r, 's> {
        InOrder { row, at: 0 }
    }

    /// The next column's value.
    pub fn take<T: FromSql>(&mut self) -> Result<T> {
        self.at += 1;
        Ok(self.row.get(self.at - 1)?)
    }

    /// The id in the next column.
    pub fn id(&mut self) -> Result<Uuid> {
        self.at += 1;
        id(self.row.get_ref(self.at - 1)?.as_blob().map_err(|_| StorageError::Stored { what: "id" })?)
    }

    /// The moment in the next column.
    pub fn moment(&mut self) -> Result<DateTime<Utc>> {
        moment(self.take()?)
    }

    /// The currency in the next column.
    pub fn currency(&mut self) -> Result<Currency> {
        currency(&self.take::<String>()?)
    }

    /// The day in the next column, if any.
    fn day(&mut self) -> Result<Option<NaiveDate>> {
        day(self.take()?)
    }

    /// The coupon in the columns [`COUPON`], where there is one.
    pub fn coupon(&mut self) -> Result<Option<Coupon>> {
        let stored = || StorageError::Stored { what: "coupon" };
        let (percent, amount, code): (Option<i64>, Option<i64>, Option<String>) = (self.take()?, self.take()?, self.take()?);
        let (duration, months): (Option<String>, Option<u32>) = (self.take()?, self.take()?);
        let (Some(duration), Some(code)) = (duration, code) else {
            return Ok(None);
        };
        let duration = match (duration.as_str(), months) {
            ("once", None) => Duration::Once,
            ("forever", None) => Duration::Forever,
            ("repeating", Some(months)) => Duration::Months(months),
            _ => return Err(stored()),
        };
        let off = match (percent, amount) {
            (Some(percent), None) => Off::Percent(Percent::from_hundredths(percent).map_err(|_| stored())?),
            (None, Some(minor)) => Off::Amount(Money { minor, currency: currency(&code)? }),
            _ => return Err(stored()),
        };
        Ok(Some(Coupon { off, duration }))
    }

    /// The rules in the columns [`CODE_RULES`].
    pub fn code_rules(&mut self) -> Result<CodeRules> {
        Ok(CodeRules {
            first_time_only: self.take()?,
            redemptions_max: self.take()?,
            starts: self.day()?,
            expires: self.day()?,
            order_min: self.take()?,
        })
    }
}
