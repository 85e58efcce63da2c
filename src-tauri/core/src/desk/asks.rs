//! What people type, turned into what the rules understand.

use chrono::NaiveDate;
use serde::Deserialize;
use uuid::Uuid;

use super::views::{Amount, CouponDuration, CouponView, RulesView};
use super::{DeskError, Result};
use crate::domain::campaign::{CodeRules, Coupon, Duration, Off};
use crate::domain::money::{AMOUNT_MINOR_MAX, Currency, Money, MoneyError, Percent};
use crate::domain::people::{self, Contact, ContactError, Email, Phone};

/// Longest note or reason.
const NOTE_CHARS_MAX: usize = 1_000;
/// Longest reference of a sale in the till's own numbering, place or name of who did something.
const SHORT_CHARS_MAX: usize = 100;

/// Who buys, as far as they said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Customer {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
}

/// Name and contact, understood.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Who {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub contact: Contact,
}

/// Understands name, e-mail and phone. Empty text is none.
pub(super) fn who(name: Option<&str>, email: Option<&str>, phone: Option<&str>, country: Option<&str>) -> Result<Who> {
    let given = |text: Option<&str>| text.map(people::clean).filter(|text| !text.is_empty());
    let too_long = |what| move |error| DeskError::contact(error, what, "");
    let name = people::name(name.unwrap_or("")).map_err(too_long("name"))?;
    let email = given(email).map(|text| Email::parse(&text).map_err(|error| DeskError::contact(error, "email", &text))).transpose()?;
    let phone = given(phone).map(|text| Phone::parse(&text, country).map_err(|error| DeskError::contact(error, "phone", &text))).transpose()?;
    let contact =
        Contact { email: email.as_ref().map(|email| email.key().to_owned()), phone: phone.as_ref().and_then(|phone| phone.key().map(str::to_owned)) };
    Ok(Who { name, email: email.map(|email| email.text().to_owned()), phone: phone.map(|phone| phone.text().to_owned()), contact })
}

/// The order total, which no sale exceeds.
pub(super) fn order(minor: Amount, currency: Currency) -> Result<Money> {
    match minor.0 {
        0..=AMOUNT_MINOR_MAX => Ok(Money { minor: minor.0, currency }),
        ..0 => Err(MoneyError::NotAnAmount(minor.0.to_string()).into()),
        _ => Err(MoneyError::TooLarge.into()),
    }
}

/// An id that somebody hands in.
pub(super) fn id(text: &str, what: &'static str) -> Result<Uuid> {
    Uuid::parse_str(text.trim()).map_err(|_| DeskError::NotAnId { what, text: text.to_owned() })
}

/// An operation id. One that is no UUID is a defect of the caller.
pub(super) fn op(text: &str) -> Result<Uuid> {
    Uuid::parse_str(text.trim()).map_err(|_| DeskError::NotAnOperation(text.to_owned()))
}

/// A note, a reason or the like, without what can't be seen; empty is none.
pub(super) fn note(text: Option<&str>, what: &'static str) -> Result<Option<String>> {
    let limit = if matches!(what, "reference" | "place" | "by") { SHORT_CHARS_MAX } else { NOTE_CHARS_MAX };
    let text = people::clean(text.unwrap_or(""));
    match text.chars().count() {
        0 => Ok(None),
        count if count > limit => Err(DeskError::contact(ContactError::TooLong, what, "")),
        _ => Ok(Some(text)),
    }
}

/// A reason that must be there.
pub(super) fn reason(text: &str) -> Result<String> {
    note(Some(text), "reason")?.ok_or(DeskError::NoReason)
}

/// A day written YYYY-MM-DD.
pub(super) fn day(text: &str) -> Result<NaiveDate> {
    text.trim().parse().map_err(|_| DeskError::NotADay(text.to_owned()))
}

/// Rules as a screen or a script gives them.
pub(super) fn rules(view: &RulesView) -> Result<CodeRules> {
    if let Some(Amount(minor @ ..=0)) = view.order_min {
        return Err(MoneyError::NotAnAmount(minor.to_string()).into());
    }
    let some_day = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(day).transpose();
    let (starts, expires) = (some_day(&view.starts)?, some_day(&view.expires)?);
    if starts.zip(expires).is_some_and(|(starts, expires)| expires < starts) {
        return Err(DeskError::DaysReversed);
    }
    Ok(CodeRules {
        first_time_only: view.first_time_only,
        redemptions_max: view.redemptions_max.filter(|&max| max > 0),
        starts,
        expires,
        order_min: view.order_min.map(|amount| amount.0),
    })
}

/// A coupon as a screen or a script gives it.
pub(super) fn coupon(view: &CouponView, currency: Currency) -> Result<Coupon> {
    let duration = match (view.duration, view.months) {
        (CouponDuration::Once, _) => Duration::Once,
        (CouponDuration::Forever, _) => Duration::Forever,
        (CouponDuration::Repeating, months) => Duration::Months(months.filter(|&months| months > 0).unwrap_or(1)),
    };
    match (view.percent, view.amount) {
        (Some(percent), None) => Ok(Coupon { off: Off::Percent(Percent::from_hundredths(percent.into())?), duration }),
        (None, Some(amount)) => Ok(Coupon::amount_off(order(amount, currency)?, duration)?),
        _ => Err(MoneyError::NotAPercentage.into()),
    }
}
