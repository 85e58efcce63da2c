//! How fast a destination may be called: evenly spaced, and never above its limit.

use std::time::Duration;

/// Spaces calls out evenly. A burst, however small, could put one call too many into some second.
#[derive(Clone, Debug)]
pub struct Pace {
    gap: Duration,
    next: Duration,
}

/// The part of the allowed rate that is used; the rest is for what the network bunches together.
const SHARE: f64 = 0.96;

impl Pace {
    /// For a destination that allows so many calls a second.
    #[must_use]
    pub fn per_second(allowed: u32) -> Pace {
        Pace { gap: Duration::from_secs_f64(1.0 / (f64::from(allowed.max(1)) * SHARE)), next: Duration::ZERO }
    }

    /// When the next call may begin, on the engine's own clock.
    #[must_use]
    pub fn next(&self) -> Duration {
        self.next
    }

    /// A call begins now. One that is late by less than a gap leaves the others where they were; more is not made up for, so that
    /// no second ever sees more than one call above the even pace.
    pub fn begin(&mut self, now: Duration) {
        self.next = self.next.max(now.saturating_sub(self.gap)) + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls at the earliest moment, each up to 30 ms late: as a busy machine would make them.
    fn moments(allowed: u32) -> Vec<Duration> {
        let mut pace = Pace::per_second(allowed);
        let mut dice = 7_u64;
        let mut now = Duration::ZERO;
        let mut moments = Vec::new();
        while now < Duration::from_secs(60) {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now = now.max(pace.next()) + Duration::from_millis(dice >> 59);
            pace.begin(now);
            moments.push(now);
        }
        moments
    }

    #[test]
    fn no_second_sees_more_than_is_allowed_and_little_is_left_unused() {
        for allowed in [25, 100] {
            let moments = moments(allowed);
            for (at, first) in moments.iter().enumerate() {
                let within = moments[at..].iter().take_while(|other| **other - *first < Duration::from_secs(1)).count();
                assert!(within <= allowed as usize, "{within} calls in the second from {first:?}");
            }
            if allowed == 25 {
                assert!(moments.len() >= 60 * 25 * 9 / 10, "{} calls in a minute", moments.len());
            }
        }
    }

    #[test]
    fn a_minute_sees_no_more_than_a_minute_may() {
        assert!(moments(10).iter().filter(|at| **at < Duration::from_secs(60)).count() <= 600);
    }
}
