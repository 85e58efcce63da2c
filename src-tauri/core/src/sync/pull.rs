//! Bringing back what happened at a destination: one call at a time, how far it came stored with each answer.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Call, Reply, redacted};
use super::engine::Answered;
use super::retry::{Verdict, silence};
use super::{referral_factory, stripe};
use crate::domain::upload::Destination;
use crate::storage::campaigns::Shop;
use crate::storage::destinations::{self, Standing};
use crate::storage::{Result, StorageError};

/// What must be asked next, or when.
pub(super) enum Pull {
    /// Ask this.
    Call(Call),
    /// Nothing to ask for this long.
    In(Duration),
}

/// What an answer was worth.
pub(super) enum Taken {
    /// There is more to ask.
    More,
    /// Everything is here; asked again after this long, or after the usual time.
    Whole(Option<Duration>),
    /// It ends here for now, for this reason.
    Trouble(String),
}

/// How far it came.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// Not before, in milliseconds since 1970.
    due_at: i64,
    /// Tries of the present call that failed.
    tries: u32,
    /// What only the destination's own part understands.
    at: Value,
}

fn state(standing: &Standing) -> State {
    // On anything unreadable the cursor is forgotten and everything is asked anew: nothing is recorded twice.
    serde_json::from_value(standing.pull.clone()).unwrap_or_default()
}

fn keep(tx: &Connection, destination: Destination, state: &State, whole: bool, trouble: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    let stored = serde_json::to_value(state).map_err(|_| StorageError::Stored { what: "cursor" })?;
    destinations::pulled(tx, destination, &stored, whole, trouble, now)
}

/// What to ask next.
pub(super) fn next(tx: &Connection, destination: Destination, every: Duration, now: DateTime<Utc>) -> Result<Pull> {
    let Some(standing) = destinations::standing(tx, destination)? else { return Ok(Pull::In(every)) };
    let mut state = state(&standing);
    let wait = state.due_at - now.timestamp_millis();
    // Further away than any wait of ours: the clock was wrong then.
    let wait_max = every.max(referral_factory::pull::EVERY).as_millis() as i64 + 1;
    if wait > 0 && wait <= wait_max {
        return Ok(Pull::In(Duration::from_millis(wait.unsigned_abs())));
    }
    let call = match destination {
        Destination::Stripe => stripe::pull::next(&mut state.at, &standing, now),
        Destination::ReferralFactory => referral_factory::pull::next(&mut state.at),
    };
    keep(tx, destination, &state, false, standing.trouble.as_deref(), now)?;
    Ok(Pull::Call(call))
}

/// Takes an answer.
pub(super) fn settle(tx: &Connection, shop: &Shop, destination: Destination, answered: &Answered, every: Duration, now: DateTime<Utc>) -> Result<()> {
    let Some(standing) = destinations::standing(tx, destination)? else { return Ok(()) };
    let mut state = state(&standing);
    let mut later = |wait: Duration| state.due_at = (now + TimeDelta::from_std(wait).unwrap_or_default()).timestamp_millis();
    let (Verdict::Listen, Ok(reply)) = (&answered.verdict, &answered.heard) else {
        if let Verdict::Again(wait) | Verdict::Doubt(wait) = &answered.verdict {
            later(*wait);
        }
        state.tries += 1;
        let trouble = silence(&answered.heard).or(standing.trouble);
        return keep(tx, destination, &state, false, trouble.as_deref(), now);
    };
    state.tries = 0;
    let taken = match destination {
        Destination::Stripe => stripe::pull::take(tx, shop, &mut state.at, &answered.ready.call, reply, now)?,
        Destination::ReferralFactory => referral_factory::pull::take(tx, shop, &standing, &mut state.at, reply, now)?,
    };
    let mut later = |wait: Duration| state.due_at = (now + TimeDelta::from_std(wait).unwrap_or_default()).timestamp_millis();
    match taken {
        Taken::More => {
            later(Duration::ZERO);
            keep(tx, destination, &state, false, None, now)
        }
        Taken::Whole(wait) => {
            later(wait.unwrap_or(every));
            keep(tx, destination, &state, true, None, now)
        }
        Taken::Trouble(why) => {
            later(every);
            keep(tx, destination, &state, false, Some(&why), now)
        }
    }
}

/// Somebody wants to know now.
pub(super) fn hurry(tx: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<()> {
    let Some(standing) = destinations::standing(tx, destination)? else { return Ok(()) };
    let mut state = state(&standing);
    state.due_at = 0;
    keep(tx, destination, &state, false, standing.trouble.as_deref(), now)
}

/// Why a destination refused a call: the permission that is missing, or its words.
pub(super) fn refusal(reply: &Reply) -> String {
    if reply.status == 403 {
        return super::retry::permission_of(reply).map_or_else(|| "forbidden".to_owned(), |permission| format!("permission {permission}"));
    }
    let body = reply.json().unwrap_or_default();
    redacted(body["error"]["message"].as_str().or_else(|| body["message"].as_str()).unwrap_or("It refused without a reason."))
}
