//! What a network does to a call: when it arrives, how often, and what of the answer comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use counterfoil_core::domain::upload::Destination;
use counterfoil_core::sync::call::{Call, Heard, Reply};
use counterfoil_core::sync::engine::Ready;

use crate::support::Seeded;

/// What happens to one call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    Well,
    DropBefore,
    AnswerLost,
    Delay,
    /// It arrives long after the caller gave up on it.
    Late,
    Twice,
    HalfAnswer,
    HtmlBefore,
    HtmlAfter,
    StoredFault,
    Fault,
    Unavailable,
    TooMany,
    Conflict,
}

impl Fate {
    /// Everything that can go wrong.
    pub const FAULTS: [Fate; 13] = [
        Fate::DropBefore,
        Fate::AnswerLost,
        Fate::Delay,
        Fate::Late,
        Fate::Twice,
        Fate::HalfAnswer,
        Fate::HtmlBefore,
        Fate::HtmlAfter,
        Fate::StoredFault,
        Fate::Fault,
        Fate::Unavailable,
        Fate::TooMany,
        Fate::Conflict,
    ];

    /// Whether the cloud sees the call at all.
    fn arrives(self) -> bool {
        !matches!(self, Fate::DropBefore | Fate::HtmlBefore | Fate::Unavailable | Fate::TooMany | Fate::Conflict | Fate::Fault)
    }
}

/// A call on its way.
pub struct Flight {
    pub destination: Destination,
    /// Of the process that sent it; the answer to an earlier one goes nowhere.
    pub process: u32,
    pub ready: Ready,
    /// As it is on the wire.
    pub call: Call,
    pub fate: Fate,
    /// The key that it was sent with.
    pub token: u32,
    pub sent: Duration,
    /// When the cloud sees it, each time.
    pub arrivals: Vec<Duration>,
    /// When the caller hears something, or that there is nothing.
    pub back: Option<Duration>,
    /// The cloud's first answer.
    pub reply: Option<Reply>,
    pub retry_after: u64,
}

impl Flight {
    pub fn begin(destination: Destination, process: u32, ready: Ready, token: u32, fate: Fate, now: Duration, dice: &mut Seeded) -> Flight {
        let mut millis = |from: u64, to: u64| Duration::from_millis(from + dice.below(to - from));
        let mut arrive = now + millis(5, 80);
        // Without keys, a stray copy that comes much later would undo what was said since: no caller can prevent that.
        let fate = if fate == Fate::Late && destination == Destination::ReferralFactory { Fate::Delay } else { fate };
        let mut back = None;
        match fate {
            Fate::Delay => arrive += millis(100, 40_000),
            Fate::Late => (back, arrive) = (Some(now + millis(500, 2_000)), arrive + millis(3_000, 50_000)),
            _ => {}
        }
        let mut arrivals = if fate.arrives() { vec![arrive] } else { Vec::new() };
        if fate == Fate::Twice {
            // A copy within the call for those without keys; up to hours later for those with.
            let later = if destination == Destination::Stripe { millis(1, 4 * 3_600_000) } else { Duration::ZERO };
            arrivals.push(arrive + later);
        }
        let back = Some(back.unwrap_or(arrive + millis(5, 80)));
        let call = ready.call.clone();
        // Mostly a minute, sometimes an hour.
        let retry_after = if dice.below(10) == 0 { dice.below(3_600) } else { dice.below(90) };
        Flight { destination, process, ready, call, fate, token, sent: now, arrivals, back, reply: None, retry_after }
    }

    /// When something happens to it next.
    pub fn next(&self) -> Option<Duration> {
        self.arrivals.iter().copied().chain(self.back).min()
    }

    /// What the caller hears.
    pub fn heard(&self) -> Heard {
        let bare = |status: u16| Reply::new(status, r#"{"error":{"type":"api_error","message":"not now"},"message":"not now"}"#);
        let reply = || self.reply.clone().ok_or("no answer".to_owned());
        let html = || Ok(Reply::new(200, "<html><body>Welcome to the guest network</body></html>"));
        match self.fate {
            Fate::Well | Fate::Delay | Fate::Twice | Fate::StoredFault => reply(),
            Fate::DropBefore | Fate::AnswerLost | Fate::Late => Err("connection closed".to_owned()),
            Fate::HalfAnswer => reply().map(|reply| Reply { body: reply.body[..reply.body.len() / 2].to_owned(), ..reply }),
            Fate::HtmlBefore | Fate::HtmlAfter => html(),
            Fate::Fault => Ok(bare(500)),
            Fate::Unavailable => Ok(bare(503)),
            Fate::TooMany => Ok(Reply { retry_after: Some(Duration::from_secs(self.retry_after)), ..bare(429) }),
            Fate::Conflict => Ok(bare(409)),
        }
    }
}

/// How often each kind of trouble struck.
#[derive(Clone, Default, Debug)]
pub struct Struck(pub BTreeMap<&'static str, u64>);

impl Struck {
    pub fn one(&mut self, what: &'static str) {
        self.many(what, 1);
    }

    pub fn many(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub fn fate(&mut self, fate: Fate) {
        self.one(match fate {
            Fate::Well => "well",
            Fate::DropBefore => "drop before",
            Fate::AnswerLost => "answer lost",
            Fate::Delay => "delay",
            Fate::Late => "arrives after it was given up",
            Fate::Twice => "delivered twice",
            Fate::HalfAnswer => "half an answer",
            Fate::HtmlBefore | Fate::HtmlAfter => "html for json",
            Fate::StoredFault => "500 stored under the key",
            Fate::Fault => "500",
            Fate::Unavailable => "503",
            Fate::TooMany => "429",
            Fate::Conflict => "409",
        });
    }

    pub fn add(&mut self, other: &Struck) {
        other.0.iter().for_each(|(what, times)| self.many(what, *times));
    }
}
