//! The one decision about an answer: listen to it, try again, ask what happened, or stop until a person acts.

use std::time::Duration;

use super::call::{Heard, redacted};
use crate::storage::destinations::SILENT;

/// Longest wait before a call is tried again.
pub const WAIT_SECS_MAX: u64 = 3600;
/// The same.
pub const WAIT_MAX: Duration = Duration::from_secs(WAIT_SECS_MAX);
/// Longest wait within a session of sending.
const WAIT_SHORT_SECS_MAX: f64 = 5.0;
/// So many tries follow each other quickly.
const TRIES_QUICK: u32 = 5;
/// The first wait after those.
const WAIT_LONG_SECS: f64 = 30.0;
/// How long a destination's search may lag behind its writes.
pub(super) const SEARCH_LAG: Duration = Duration::from_secs(120);

/// What to do about an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It says something about the thing.
    Listen,
    /// The same call again, after this long.
    Again(Duration),
    /// Whether the call was carried out is unknown and the key can't be used again: ask what happened, after this long.
    Doubt(Duration),
    /// The destination wants nothing from us until a person acts, for this reason.
    Refused(String),
}

/// Judges the answer to the `tries`-th try. `dice` is from 0 to 1 and spreads the waits.
#[must_use]
pub fn judge(heard: &Heard, tries: u32, dice: f64) -> Verdict {
    let wait = wait(tries, dice);
    let Ok(reply) = heard else { return Verdict::Again(wait) };
    let wait = reply.retry_after.map_or(wait, |asked| asked.max(wait)).min(WAIT_MAX);
    let Some(body) = reply.json() else {
        // Not the destination's own words, whatever the status: a gateway, a sign-in page of the network, half an answer.
        // An answer without a body that only says "no" to the key is its own word, though.
        return if reply.status == 401 { Verdict::Refused("key".to_owned()) } else { Verdict::Again(wait) };
    };
    match reply.status {
        401 => Verdict::Refused("key".to_owned()),
        403 => Verdict::Refused(permission(&body).map_or_else(|| "forbidden".to_owned(), |permission| format!("permission {permission}"))),
        // A fault that is kept under the key comes again for ever.
        500.. if reply.replayed || reply.should_retry == Some(false) => Verdict::Doubt(wait.max(SEARCH_LAG)),
        408 | 425 | 500.. => Verdict::Again(wait),
        409 | 429 if reply.should_retry != Some(false) => Verdict::Again(wait),
        _ if reply.should_retry == Some(true) => Verdict::Again(wait),
        // Same key, other bytes: never ours, since both are stored together. Somebody else used the key up.
        400 if body["error"]["type"] == "idempotency_error" => Verdict::Doubt(wait.max(SEARCH_LAG)),
        300..400 => Verdict::Again(wait),
        _ => Verdict::Listen,
    }
}

/// Why nothing is heard, where a destination does not answer, or not as it should. Who is asked too often answers as it should.
#[must_use]
pub(super) fn silence(heard: &Heard) -> Option<String> {
    match heard {
        Ok(reply) if reply.status >= 500 || reply.json().is_none() => Some(format!("{SILENT} {}", reply.status)),
        Ok(_) => None,
        Err(silence) => Some(format!("{SILENT} {}", redacted(silence))),
    }
}

/// How long a destination asks to be left alone, an hour at most. A conflict is about one thing alone.
#[must_use]
pub fn rest_asked(heard: &Heard) -> Option<Duration> {
    let reply = heard.as_ref().ok().filter(|reply| reply.status != 409)?;
    reply.retry_after.map(|asked| asked.min(WAIT_MAX))
}

/// The permission that a key lacks, by an answer that says so.
pub(super) fn permission_of(reply: &super::call::Reply) -> Option<String> {
    permission(&reply.json()?)
}

/// The permission that a key lacks, as Stripe names it.
fn permission(body: &serde_json::Value) -> Option<String> {
    let message = body["error"]["message"].as_str()?;
    let word = message.split(|symbol: char| !(symbol.is_ascii_alphanumeric() || symbol == '_')).find(|word| word.starts_with("rak_"))?;
    Some(redacted(word))
}

/// How long to wait after the `tries`-th try: short at first, then longer up to an hour.
#[must_use]
pub fn wait(tries: u32, dice: f64) -> Duration {
    let tries = tries.max(1);
    let secs = if tries <= TRIES_QUICK {
        (0.5 * f64::from(1 << (tries - 1))).min(WAIT_SHORT_SECS_MAX)
    } else {
        (WAIT_LONG_SECS * f64::from(1 << (tries - TRIES_QUICK - 1).min(10))).min(WAIT_SECS_MAX as f64)
    };
    // Between half and the whole of it: many tills that lost the same network don't all come back at once.
    Duration::from_secs_f64(secs * (0.5 + dice.clamp(0.0, 1.0) / 2.0))
}

#[cfg(test)]
mod tests {
    use super::super::call::Reply;
    use super::*;

    #[track_caller]
    fn check(reply: Reply, expected: &str) {
        let verdict = judge(&Ok(reply), 1, 0.0);
        let name = match &verdict {
            Verdict::Listen => "listen".to_owned(),
            Verdict::Again(_) => "again".to_owned(),
            Verdict::Doubt(_) => "doubt".to_owned(),
            Verdict::Refused(why) => format!("refused {why}"),
        };
        assert_eq!(name, expected, "{verdict:?}");
    }

    #[test]
    fn every_status_has_its_answer() {
        check(Reply::new(200, "{}"), "listen");
        check(Reply::new(400, r#"{"error":{"type":"invalid_request_error"}}"#), "listen");
        check(Reply::new(404, r#"{"error":{}}"#), "listen");
        check(Reply::new(422, "{}"), "listen");
        check(Reply::new(200, "<html>sign in to the network</html>"), "again");
        check(Reply::new(200, r#"{"id":"cus_"#), "again");
        check(Reply::new(404, "<html>no such page</html>"), "again");
        check(Reply::new(302, ""), "again");
        check(Reply::new(409, "{}"), "again");
        check(Reply::new(429, "{}"), "again");
        check(Reply::new(503, ""), "again");
        check(Reply::new(401, "{}"), "refused key");
        check(Reply::new(401, ""), "refused key");
        check(
            Reply::new(403, r#"{"error":{"message":"The provided key 'rk_test_*' does not have the required permission 'rak_customer_write'."}}"#),
            "refused permission rak_customer_write",
        );
    }

    #[test]
    fn stripes_own_word_on_trying_again_decides() {
        check(Reply { should_retry: Some(true), ..Reply::new(400, "{}") }, "again");
        check(Reply { should_retry: Some(false), ..Reply::new(409, "{}") }, "listen");
        check(Reply { should_retry: Some(false), ..Reply::new(429, "{}") }, "listen");
        check(Reply { should_retry: Some(false), ..Reply::new(500, "{}") }, "doubt");
    }

    #[test]
    fn a_fault_that_is_stored_under_the_key_is_not_tried_for_ever() {
        check(Reply { replayed: true, ..Reply::new(500, "{}") }, "doubt");
    }

    #[test]
    fn waits_grow_from_half_a_second_to_an_hour_and_no_further() {
        let whole: Vec<u64> = (1..=16).map(|tries| wait(tries, 1.0).as_millis() as u64).collect();
        assert_eq!(whole[..8], [500, 1000, 2000, 4000, 5000, 30_000, 60_000, 120_000]);
        assert_eq!(whole[15], 3_600_000);
        assert_eq!(wait(1, 0.0), Duration::from_millis(250));
        assert_eq!(wait(u32::MAX, 1.0), Duration::from_secs(3600));
    }

    #[test]
    fn a_destination_that_asks_to_be_left_alone_is_left_alone() {
        let asked = Reply { retry_after: Some(Duration::from_secs(40)), ..Reply::new(429, "{}") };
        assert_eq!(judge(&Ok(asked), 1, 0.0), Verdict::Again(Duration::from_secs(40)));
    }
}
