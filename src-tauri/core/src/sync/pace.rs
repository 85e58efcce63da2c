//! How fast a destination may be called: never more in any second than it allows.

use std::collections::VecDeque;
use std::time::Duration;

/// Remembers when the last calls began, and lets the next one begin once a second and a little more holds no more than is allowed.
#[derive(Clone, Debug)]
pub struct Pace {
    allowed: usize,
    begun: VecDeque<Duration>,
    last: Option<Duration>,
}

/// A second, and what the network may bunch together.
pub(super) const WINDOW: Duration = Duration::from_millis(1040);
/// After a pause, calls follow each other by this part of the even gap: what was not used is used, and not all at once.
const HURRY: u32 = 4;

impl Pace {
    /// For a destination that allows so many calls a second.
    #[must_use]
    pub fn per_second(allowed: u32) -> Pace {
        let allowed = allowed.max(1) as usize;
        Pace { allowed, begun: VecDeque::with_capacity(allowed), last: None }
    }

    /// When the next call may begin, on the engine's own clock.
    #[must_use]
    pub fn next(&self) -> Duration {
        let gap = WINDOW / self.allowed as u32 / HURRY;
        let room = self.begun.front().filter(|_| self.begun.len() == self.allowed).map(|first| *first + WINDOW);
        room.max(self.last.map(|last| last + gap)).unwrap_or_default()
    }

    /// So many calls began just before now.
    pub fn resume(&mut self, now: Duration, begun: usize) {
        self.begun.extend(std::iter::repeat_n(now, begun.min(self.allowed)));
    }

    /// So many calls may still count for the second that begins now.
    #[must_use]
    pub fn lately(&self, now: Duration) -> usize {
        self.begun.iter().filter(|begun| **begun + WINDOW > now).count()
    }

    /// A call begins now.
    pub fn begin(&mut self, now: Duration) {
        if self.begun.len() == self.allowed {
            self.begun.pop_front();
        }
        self.begun.push_back(now);
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls at the earliest moment for a minute, each up to 15 ms late and now and then held up for longer: a busy machine's.
    fn moments(allowed: u32) -> Vec<Duration> {
        let mut pace = Pace::per_second(allowed);
        let mut dice = 7_u64;
        let mut now = Duration::ZERO;
        let mut moments: Vec<Duration> = Vec::new();
        while now < Duration::from_secs(60) {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let held_up = if dice >> 32 & 31 == 0 { 100 } else { dice >> 60 };
            now = now.max(pace.next()) + Duration::from_millis(held_up);
            pace.begin(now);
            moments.push(now);
        }
        moments
    }

    #[test]
    fn a_round_that_follows_at_once_counts_the_calls_of_the_one_before() {
        let mut before = Pace::per_second(10);
        let second = Duration::from_secs(1);
        for n in 0..8 {
            before.begin(second + Duration::from_millis(10 * n));
        }
        assert_eq!(before.lately(second + Duration::from_millis(100)), 8);
        assert_eq!(before.lately(3 * second), 0);
        let mut next = Pace::per_second(10);
        next.resume(Duration::ZERO, 8);
        let mut moments: Vec<Duration> = Vec::new();
        for _ in 0..3 {
            let now = moments.last().copied().unwrap_or_default().max(next.next());
            next.begin(now);
            moments.push(now);
        }
        assert!(moments[1] < second && moments[2] >= second, "{moments:?}");
    }

    #[test]
    fn no_second_sees_more_than_is_allowed_and_little_is_left_unused() {
        for allowed in [10, 25] {
            let moments = moments(allowed);
            for (at, first) in moments.iter().enumerate() {
                let within = moments[at..].iter().take_while(|other| **other - *first <= Duration::from_secs(1)).count();
                assert!(within <= allowed as usize, "{within} calls in the second from {first:?}");
            }
            assert!(moments.len() >= 60 * allowed as usize * 9 / 10, "{} calls in a minute", moments.len());
        }
    }
}
