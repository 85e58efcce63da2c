//! What a campaign promises: the coupon for the lead, and the rules frozen on each code.

use chrono::NaiveDate;

use super::money::{Currency, Money, MoneyError, Percent};

/// What the lead gets. Never changed once created: a campaign that wants another gets another coupon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coupon {
    /// How much comes off.
    pub off: Off,
    /// For how long, where purchases repeat.
    pub duration: Duration,
}

/// How much comes off an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Off {
    /// A share of the order.
    Percent(Percent),
    /// A fixed amount, at most the order.
    Amount(Money),
}

/// For how long a coupon goes on. A sale at the counter is always one order; the duration matters for subscriptions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duration {
    /// One order.
    Once,
    /// Every order.
    Forever,
    /// Every order for this many months.
    Months(u32),
}

impl Coupon {
    /// What comes off this order: never more than the order, and nothing where the currencies differ.
    #[must_use]
    pub fn discount(&self, order: Money) -> Money {
        let minor = match self.off {
            Off::Percent(percent) => percent.of(order).minor,
            Off::Amount(amount) if amount.currency == order.currency => amount.minor,
            Off::Amount(_) => 0,
        };
        Money { minor: minor.min(order.minor), ..order }
    }

    /// A coupon with an amount above zero.
    pub fn amount_off(amount: Money, duration: Duration) -> Result<Coupon, MoneyError> {
        match amount.minor {
            1.. => Ok(Coupon { off: Off::Amount(amount), duration }),
            _ => Err(MoneyError::NotAnAmount(amount.to_string())),
        }
    }
}

/// The rules that a code carries from the moment it is generated.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeRules {
    /// Only for people who never bought here.
    pub first_time_only: bool,
    /// How often the code may be used in all.
    pub redemptions_max: Option<u32>,
    /// First day it counts, in the store's time zone.
    pub starts: Option<NaiveDate>,
    /// Last day it counts, whole, in the store's time zone.
    pub expires: Option<NaiveDate>,
    /// Smallest order that it may be used for, in minor units of the campaign's currency.
    pub order_min: Option<i64>,
}

/// A programme as far as a sale needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// What amounts are counted in.
    pub currency: Currency,
    /// What the lead gets, if anything.
    pub coupon: Option<Coupon>,
    /// The rules as they stood when the code was generated.
    pub rules: CodeRules,
}
