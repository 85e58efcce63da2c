//! The clouds' own clock, which practice and tests may push ahead.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from, in milliseconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A source of time and how far it has been pushed ahead.
pub(crate) struct Clock {
    source: Now,
    ahead_millis: AtomicI64,
}

impl Clock {
    /// A clock that follows the given source, or the operating system's clock.
    pub(crate) fn new(source: Option<Now>) -> Clock {
        let system: Now = Arc::new(|| {
            // A clock set before 1970 is no reason to stop a practice session.
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        });
        Clock { source: source.unwrap_or(system), ahead_millis: AtomicI64::new(0) }
    }

    pub(crate) fn millis(&self) -> i64 {
        (self.source)() + self.ahead_millis.load(Ordering::SeqCst)
    }

    pub(crate) fn push_ahead(&self, millis: i64) {
        self.ahead_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({} ms)", self.millis())
    }
}

/// Seconds since 1970 as a moment that Referral Factory writes: `2026-06-24T09:30:00.000000Z`.
pub(crate) fn written(seconds: i64) -> String {
    // Days to a civil date: the shift by 719 468 days puts 1 March 0000 first, so that leap days end a year.
    let days = seconds.div_euclid(86_400) + 719_468;
    let (hour, minute, second) = (seconds.rem_euclid(86_400) / 3600, seconds.rem_euclid(3600) / 60, seconds.rem_euclid(60));
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_dates() {
        assert_eq!(written(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(951_782_400), "2000-02-29T00:00:00.000000Z");
        assert_eq!(written(1_782_293_405), "2026-06-24T09:30:05.000000Z");
    }

    #[test]
    fn a_clock_can_be_pushed_ahead() {
        let clock = Clock::new(Some(Arc::new(|| 1000)));
        clock.push_ahead(500);
        assert_eq!(clock.millis(), 1500);
    }
}
