//! The engine of one destination: what to do next, as a value. It reads no clock, no database and no network; whoever drives it
//! does, and tells it what came of it. The same engine runs against the real clouds and in the tests' simulation.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::call::{Call, Heard};
use super::pace::Pace;
use super::retry::{self, Verdict};

/// So many calls are on their way at once: a slow destination answers in seconds, and allows several a second.
const IN_FLIGHT_MAX: usize = 8;
/// Longest rest while nothing answers and nobody said how long to wait.
const REST_MAX: Duration = Duration::from_secs(300);

/// Stands for the call that brings back, among the numbers of uploads, which begin at 1.
pub const PULL: i64 = 0;

/// A call that is stored and may be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    /// The upload that it belongs to; none for bringing back.
    pub upload_n: Option<i64>,
    /// The call.
    pub call: Call,
    /// How often it was tried, this time included.
    pub tries: u32,
}

/// A call that came back, with what is to be done about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// What was sent.
    pub ready: Ready,
    /// What came back.
    pub heard: Heard,
    /// What to do about it.
    pub verdict: Verdict,
}

/// What to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// In one transaction: settle these, and fetch up to so many calls to send.
    Exchange(Vec<Answered>, usize),
    /// Send this.
    Send(Ready),
    /// Nothing before this moment of the engine's clock, unless an answer or the bell comes.
    Wait(Duration),
    /// Nothing, unless an answer or the bell comes.
    Rest,
}

/// One destination's engine. Its clock is any duration that only grows.
#[derive(Debug)]
pub struct Engine {
    pace: Pace,
    ready: VecDeque<Ready>,
    held: BTreeSet<i64>,
    in_flight: usize,
    answered: Vec<Answered>,
    troubles: u32,
    rest_until: Duration,
    refused: bool,
    /// When the Outbox is looked at again; none: at the bell.
    look_at: Option<Duration>,
}

impl Engine {
    /// An engine for a destination that allows so many calls a second.
    #[must_use]
    pub fn new(calls_per_second: u32) -> Engine {
        Engine {
            pace: Pace::per_second(calls_per_second),
            ready: VecDeque::new(),
            held: BTreeSet::new(),
            in_flight: 0,
            answered: Vec::new(),
            troubles: 0,
            rest_until: Duration::ZERO,
            refused: false,
            look_at: Some(Duration::ZERO),
        }
    }

    /// Goes on as the round before left it: so long the destination is to be left alone, and so many calls began a moment ago.
    pub fn resume(&mut self, now: Duration, rest: Duration, begun: usize) {
        self.rest_until = now + rest;
        self.pace.resume(now, begun);
    }

    /// So many calls began within the last second.
    #[must_use]
    pub fn begun_lately(&self, now: Duration) -> usize {
        self.pace.lately(now)
    }

    /// What to do next.
    pub fn step(&mut self, now: Duration) -> Step {
        let room = if self.refused { 0 } else { IN_FLIGHT_MAX.saturating_sub(self.ready.len() + self.in_flight) };
        // What can't be sent yet is not taken out of the table either.
        let look_at = self.look_at.filter(|_| room > 0).map(|at| at.max(self.rest_until));
        if !self.answered.is_empty() {
            return Step::Exchange(std::mem::take(&mut self.answered), if self.rest_until > now { 0 } else { room });
        }
        if self.refused {
            return Step::Rest;
        }
        if look_at.is_some_and(|at| at <= now) {
            return Step::Exchange(Vec::new(), room);
        }
        // While nothing answers, one call at a time feels the way.
        let most = if self.troubles > 0 { 1 } else { IN_FLIGHT_MAX };
        let may_send = !self.ready.is_empty() && self.in_flight < most;
        let from = self.pace.next().max(self.rest_until);
        if may_send
            && from <= now
            && let Some(ready) = self.ready.pop_front()
        {
            self.pace.begin(now);
            self.in_flight += 1;
            return Step::Send(ready);
        }
        let next = [may_send.then_some(from), look_at].into_iter().flatten().min();
        next.map_or(Step::Rest, Step::Wait)
    }

    /// A call came back. `dice` is from 0 to 1.
    pub fn heard(&mut self, now: Duration, ready: Ready, heard: Heard, dice: f64) {
        self.in_flight -= 1;
        let verdict = match &heard {
            // What can't be read with this key must not hold up what can be written.
            Ok(reply) if reply.status == 403 && ready.upload_n.is_none() => Verdict::Listen,
            _ => retry::judge(&heard, ready.tries, dice),
        };
        match &verdict {
            Verdict::Again(_) | Verdict::Doubt(_) => {
                let conflict = heard.as_ref().is_ok_and(|reply| reply.status == 409);
                if !conflict {
                    self.troubles += 1;
                    let rest = retry::rest_asked(&heard).unwrap_or_else(|| retry::wait(self.troubles, dice).min(REST_MAX));
                    self.rest_until = self.rest_until.max(now + rest);
                }
            }
            Verdict::Refused(_) => self.refused = true,
            Verdict::Listen => self.troubles = 0,
        }
        self.answered.push(Answered { ready, heard, verdict });
    }

    /// What the transaction of [`Step::Exchange`] gave: calls to send, and how long until the next one that is stored may be tried.
    pub fn exchanged(&mut self, now: Duration, settled: &[Answered], ready: Vec<Ready>, next_due: Option<Duration>) {
        for answered in settled {
            self.held.remove(&answered.ready.upload_n.unwrap_or(PULL));
        }
        self.held.extend(ready.iter().map(|ready| ready.upload_n.unwrap_or(PULL)));
        // Whoever gave something may have more, and so may who was not asked because nothing may be sent yet.
        self.look_at = if ready.is_empty() && self.rest_until <= now { next_due.map(|wait| now + wait) } else { Some(now) };
        self.ready.extend(ready);
    }

    /// The transaction with these answers failed: everything in memory is forgotten, and the table is read again after this long.
    pub fn forget(&mut self, now: Duration, unsettled: &[Answered], wait: Duration) {
        // What is on its way stays held until it is back: giving it out now would send it twice at once.
        let forgotten = self.ready.drain(..).chain(self.answered.drain(..).map(|answered| answered.ready));
        for upload_n in forgotten.map(|ready| ready.upload_n).chain(unsettled.iter().map(|answered| answered.ready.upload_n)) {
            self.held.remove(&upload_n.unwrap_or(PULL));
        }
        self.look_at = Some(now + wait);
    }

    /// Uploads whose call is in memory or on its way, and [`PULL`] for bringing back; the table must not give them out again.
    #[must_use]
    pub fn held(&self) -> &BTreeSet<i64> {
        &self.held
    }

    /// Something new may be in the Outbox.
    pub fn bell(&mut self, now: Duration) {
        self.look_at = Some(self.look_at.map_or(now, |at| at.min(now)));
    }

    /// A person wants it tried now: rests are over, and a refusal is put to the test again.
    pub fn hurry(&mut self, now: Duration) {
        (self.refused, self.rest_until) = (false, now);
        self.bell(now);
    }

    /// Nothing is sent until a person acts.
    pub fn refuse(&mut self) {
        self.refused = true;
    }

    /// Calls are on their way.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.in_flight > 0 || !self.answered.is_empty()
    }
}
