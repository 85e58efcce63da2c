//! What may happen to a Redemption after it was recorded: a void on the same day, refunds up to what was paid.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use thiserror::Error;

/// A Redemption as far as undoing it depends on it. Amounts in minor units of its currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What the customer paid after the discount.
    pub paid: i64,
    /// What went back to the customer so far.
    pub refunded: i64,
    /// Undone as if it had never been.
    pub voided: bool,
}

/// Why a Redemption can't be undone in this way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum UndoError {
    /// It was voided before.
    #[error("already voided")]
    Voided,
    /// Its day is over in the store's time zone: the till's books are closed, refund it.
    #[error("recorded on an earlier day")]
    EarlierDay,
    /// Money went back already: a void would hide it.
    #[error("already refunded in part")]
    Refunded,
    /// Nothing is left to refund, or the amount is not above zero.
    #[error("nothing to refund")]
    Nothing,
    /// More than what is left. Minor units.
    #[error("at most {left} can be refunded")]
    TooMuch {
        /// What is left to refund.
        left: i64,
    },
}

impl Recorded {
    /// Whether it may be voided now: on the day it was recorded, and before any refund.
    pub fn may_void(&self, now: DateTime<Utc>, zone: Tz) -> Result<(), UndoError> {
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        match () {
            () if self.voided => Err(UndoError::Voided),
            () if self.refunded > 0 => Err(UndoError::Refunded),
            () if day(self.at) != day(now) => Err(UndoError::EarlierDay),
            () => Ok(()),
        }
    }

    /// How much goes back: this amount, or all that is left.
    pub fn refund(&self, amount: Option<i64>) -> Result<i64, UndoError> {
        let left = self.paid - self.refunded;
        if self.voided {
            return Err(UndoError::Voided);
        }
        match amount.unwrap_or(left) {
            amount if amount > left && left > 0 => Err(UndoError::TooMuch { left }),
            amount if amount > 0 && left > 0 => Ok(amount),
            _ => Err(UndoError::Nothing),
        }
    }

    /// Whether the sale still stands: not voided, and not everything went back.
    #[must_use]
    pub fn stands(&self) -> bool {
        !self.voided && (self.refunded == 0 || self.refunded < self.paid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    fn recorded(paid: i64, refunded: i64) -> Recorded {
        Recorded { at: Utc.with_ymd_and_hms(2026, 5, 31, 22, 30, 0).unwrap(), paid, refunded, voided: false }
    }

    #[test]
    fn a_void_is_for_the_same_day_in_the_store() {
        let zone = chrono_tz::Europe::Zurich; // 00:30 on 1 June there
        let sale = recorded(8500, 0);
        assert_eq!(sale.may_void(Utc.with_ymd_and_hms(2026, 6, 1, 21, 59, 0).unwrap(), zone), Ok(()));
        assert_eq!(sale.may_void(Utc.with_ymd_and_hms(2026, 6, 1, 22, 0, 0).unwrap(), zone), Err(UndoError::EarlierDay));
        assert_eq!(recorded(8500, 1).may_void(sale.at, zone), Err(UndoError::Refunded));
        assert_eq!(Recorded { voided: true, ..sale }.may_void(sale.at, zone), Err(UndoError::Voided));
    }

    #[test]
    fn refunds_never_exceed_what_was_paid() {
        assert_eq!(recorded(8500, 0).refund(None), Ok(8500));
        assert_eq!(recorded(8500, 8000).refund(Some(500)), Ok(500));
        assert_eq!(recorded(8500, 8000).refund(Some(501)), Err(UndoError::TooMuch { left: 500 }));
        assert_eq!(recorded(8500, 8500).refund(Some(1)), Err(UndoError::Nothing));
        assert_eq!(recorded(8500, 0).refund(Some(0)), Err(UndoError::Nothing));
        assert_eq!(recorded(8500, 0).refund(Some(-5)), Err(UndoError::Nothing));
        assert_eq!(Recorded { voided: true, ..recorded(8500, 0) }.refund(None), Err(UndoError::Voided));
    }

    #[test]
    fn a_sale_stands_until_all_of_it_went_back() {
        assert!(recorded(8500, 0).stands() && recorded(8500, 8499).stands() && recorded(0, 0).stands());
        assert!(!recorded(8500, 8500).stands());
    }
}
