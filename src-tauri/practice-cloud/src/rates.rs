//! How many calls in how much time: the clouds' limits, and what a test wants to know about them afterwards.

use std::collections::{BTreeMap, VecDeque};

/// A token bucket that refuses, and a sliding window that only counts.
///
/// They differ on purpose. The bucket is how the real clouds are described; the window says what a caller really did,
/// so that a test can hold it to less than the cloud would let pass.
#[derive(Debug)]
pub(crate) struct Rate {
    per_window: u32,
    window_millis: i64,
    /// Tokens times the window's length, so that refilling stays in integers.
    filled: i64,
    filled_at_millis: i64,
    recent: VecDeque<i64>,
    busiest: usize,
    refused: u32,
}

impl Rate {
    pub(crate) fn new(per_window: u32, window_millis: i64) -> Rate {
        let filled = i64::from(per_window) * window_millis;
        Rate { per_window, window_millis, filled, filled_at_millis: i64::MIN, recent: VecDeque::new(), busiest: 0, refused: 0 }
    }

    /// Counts a call. With `limiting`, says whether the bucket still had a token for it; else how many milliseconds until it has.
    pub(crate) fn take(&mut self, now_millis: i64, limiting: bool) -> Result<(), i64> {
        while self.recent.front().is_some_and(|first| *first <= now_millis - self.window_millis) {
            self.recent.pop_front();
        }
        self.recent.push_back(now_millis);
        self.busiest = self.busiest.max(self.recent.len());

        let full = i64::from(self.per_window) * self.window_millis;
        let passed = now_millis.saturating_sub(self.filled_at_millis).max(0);
        self.filled = full.min(self.filled.saturating_add(passed.saturating_mul(i64::from(self.per_window))));
        self.filled_at_millis = now_millis;
        if !limiting {
            return Ok(());
        }
        if self.filled < self.window_millis {
            self.refused += 1;
            return Err((self.window_millis - self.filled) / i64::from(self.per_window) + 1);
        }
        self.filled -= self.window_millis;
        Ok(())
    }

    /// The most calls that ever came within one window, refused ones included.
    pub(crate) fn busiest(&self) -> usize {
        self.busiest
    }

    pub(crate) fn refused(&self) -> u32 {
        self.refused
    }

    /// Whole tokens that are left.
    pub(crate) fn left(&self) -> i64 {
        self.filled / self.window_millis
    }

    pub(crate) fn per_window(&self) -> u32 {
        self.per_window
    }
}

/// Stripe's limits on one side of an account: so many calls a second in all, and no more than [`PER_ENDPOINT`] to one endpoint.
#[derive(Debug)]
pub(crate) struct StripeRates {
    all: Rate,
    endpoints: BTreeMap<String, Rate>,
}

/// Calls a second that one endpoint takes, however many the account may make in all.
const PER_ENDPOINT: u32 = 25;

impl StripeRates {
    pub(crate) fn new(per_second: u32) -> StripeRates {
        StripeRates { all: Rate::new(per_second, 1000), endpoints: BTreeMap::new() }
    }

    /// Counts a call, as [`Rate::take`] does; an endpoint is a kind of object and whether it is read or written.
    pub(crate) fn take(&mut self, method: &str, path: &str, now_millis: i64, limiting: bool) -> Result<(), i64> {
        let kind = path.split('/').nth(2).unwrap_or_default();
        let endpoint = self.endpoints.entry(format!("{method} {kind}")).or_insert_with(|| Rate::new(PER_ENDPOINT, 1000));
        self.all.take(now_millis, limiting)?;
        endpoint.take(now_millis, limiting)
    }

    /// The most calls in all that ever came within one second, refused ones included.
    pub(crate) fn busiest(&self) -> usize {
        self.all.busiest()
    }

    pub(crate) fn refused(&self) -> u32 {
        self.all.refused() + self.endpoints.values().map(Rate::refused).sum::<u32>()
    }
}

/// Referral Factory's limit of 600 calls a minute, and a stricter one: it takes them evenly.
#[derive(Debug)]
pub(crate) struct FactoryRates {
    second: Rate,
    minute: Rate,
}

impl FactoryRates {
    pub(crate) fn new() -> FactoryRates {
        FactoryRates { second: Rate::new(10, 1000), minute: Rate::new(600, 60_000) }
    }

    /// Counts a call, as [`Rate::take`] does.
    pub(crate) fn take(&mut self, now_millis: i64, limiting: bool) -> Result<(), i64> {
        // Whoever keeps to every second can't use up a minute, which is counted and told alone.
        let _ = self.minute.take(now_millis, limiting);
        self.second.take(now_millis, limiting)
    }

    /// The most calls that ever came within one second, refused ones included.
    pub(crate) fn busiest_second(&self) -> usize {
        self.second.busiest()
    }

    /// The same for a minute.
    pub(crate) fn busiest_minute(&self) -> usize {
        self.minute.busiest()
    }

    pub(crate) fn refused(&self) -> u32 {
        self.second.refused()
    }

    /// What is allowed in a minute, and how much of it is left: all that the real one tells.
    pub(crate) fn told(&self) -> (u32, i64) {
        (self.minute.per_window(), self.minute.left().max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_refuses_and_fills_again() {
        let mut rate = Rate::new(25, 1000);
        assert!((0..25).all(|_| rate.take(0, true).is_ok()));
        assert_eq!(rate.take(0, true), Err(41));
        assert_eq!(rate.take(41, true), Ok(()));
        assert_eq!((rate.refused(), rate.busiest()), (1, 27));
    }

    #[test]
    fn a_second_is_counted_as_it_slides() {
        let mut rate = Rate::new(25, 1000);
        for millis in [0, 900, 950, 1899, 1900] {
            rate.take(millis, false).unwrap();
        }
        assert_eq!(rate.busiest(), 3);
    }
}
