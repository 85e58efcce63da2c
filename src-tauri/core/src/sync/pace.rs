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

    /// A call begins now.
    pub fn begin(&mut self, now: Duration) {
        // Late is late: what was not used is not made up for.
        self.next = now.max(self.next) + self.gap;
    }
}
