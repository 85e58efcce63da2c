//! Mistakes that an engine like this one could make, each planted around the real one: the simulation must catch every one of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::storage::Store;
use counterfoil_core::sync::call::{Body, Name};
use counterfoil_core::sync::engine::Answered;
use counterfoil_core::sync::retry::Verdict;

use super::network::Flight;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// Every try has a key of its own.
    KeyMadeAnewOnRetry,
    /// The key is made anew after a restart: it was never stored.
    KeyNotStored,
    /// The body is made anew for each try, under the key that is stored.
    BodyMadeAnewOnRetry,
    /// An entry counts as uploaded once it is sent.
    UploadedOnceSent,
    /// The answer to a creation is not stored.
    AnswerNotStored,
    /// A key is trusted however old it is.
    KeyTrustedForEver,
    /// After a fault that is kept under the key, it is created anew without looking.
    CreatedWithoutLooking,
    /// The search that follows a doubt is asked before it can show what was just made.
    SearchedTooSoon,
    /// A refused key is tried on.
    RefusalIgnored,
    /// What was on its way in a crash is taken for done.
    CrashLosesInFlight,
    RetryAfterIgnored,
    /// That a destination asked to be left alone is known to one process only.
    RestForgotten,
    /// Somebody who asked to be left alone is left alone for ever, or until the program is started again.
    RestNeverEnds,
    /// The pace begins anew with every round.
    PaceForgotten,
    /// How far it came is stored before what was found there is settled.
    CursorBeforeSettle,
    /// What was parked for an e-mail address stays so.
    ParkedNeverReleased,
    /// The badge forgets what is on its way.
    BadgeCountsOnlyWaiting,
    /// What is on its way is given out again.
    HeldForgotten,
    TooFast,
    /// A page of the guest network is taken for the answer.
    AnyAnswerBelieved,
    /// Answers are never settled.
    SettleDropped,
    /// A Lead is sent without who recommended them.
    ReferrerLeftOut,
    /// Who waits as a Lead and as a Referrer goes up as a Referrer first.
    ReferrerFirst,
}

impl Bug {
    pub const ALL: [Bug; 23] = [
        Bug::KeyMadeAnewOnRetry,
        Bug::KeyNotStored,
        Bug::BodyMadeAnewOnRetry,
        Bug::UploadedOnceSent,
        Bug::AnswerNotStored,
        Bug::KeyTrustedForEver,
        Bug::CreatedWithoutLooking,
        Bug::SearchedTooSoon,
        Bug::RefusalIgnored,
        Bug::CrashLosesInFlight,
        Bug::RetryAfterIgnored,
        Bug::RestForgotten,
        Bug::RestNeverEnds,
        Bug::PaceForgotten,
        Bug::CursorBeforeSettle,
        Bug::ParkedNeverReleased,
        Bug::BadgeCountsOnlyWaiting,
        Bug::HeldForgotten,
        Bug::TooFast,
        Bug::AnyAnswerBelieved,
        Bug::SettleDropped,
        Bug::ReferrerLeftOut,
        Bug::ReferrerFirst,
    ];

    /// What the invariant that catches it says, or a part of it.
    pub fn caught_by(self) -> &'static str {
        match self {
            Bug::KeyMadeAnewOnRetry
            | Bug::KeyNotStored
            | Bug::AnswerNotStored
            | Bug::KeyTrustedForEver
            | Bug::CreatedWithoutLooking
            | Bug::SearchedTooSoon => "number of customers",
            Bug::BodyMadeAnewOnRetry => "two bodies",
            Bug::UploadedOnceSent | Bug::BadgeCountsOnlyWaiting => "the badge says 0",
            Bug::RefusalIgnored => "a key that is refused",
            Bug::CrashLosesInFlight | Bug::RestNeverEnds => "entries wait",
            Bug::CursorBeforeSettle => "checkout",
            Bug::SettleDropped => "circles",
            Bug::RetryAfterIgnored | Bug::RestForgotten => "left alone",
            Bug::ParkedNeverReleased => "parked",
            Bug::HeldForgotten => "on its way twice",
            Bug::TooFast | Bug::PaceForgotten => "calls in a second",
            Bug::AnyAnswerBelieved | Bug::ReferrerLeftOut => "qualified is false there",
            Bug::ReferrerFirst => "went up as a Referrer",
        }
    }

    /// Before answers are settled.
    pub fn before(self, store: &Store, destination: Destination, now: DateTime<Utc>, answered: &mut Vec<Answered>, held: &mut BTreeSet<i64>) {
        let sql = |sql: &str| {
            store.reader().execute(sql, []).unwrap();
        };
        match self {
            Bug::KeyTrustedForEver => sql(&format!("UPDATE upload SET first_sent_at = {} WHERE first_sent_at IS NOT NULL", now.timestamp_millis())),
            Bug::HeldForgotten => {
                held.clear();
                // Whatever is settled now must still be known as held.
                held.extend(answered.iter().filter_map(|answered| answered.ready.upload_n));
            }
            Bug::ReferrerFirst => {
                let open = "about = referrer.id AND destination = 'referral_factory' AND state IN ('waiting', 'sending')";
                let both = format!("SELECT lead.id FROM lead JOIN referrer USING (email_key) WHERE EXISTS (SELECT 1 FROM outbox WHERE {open})");
                sql(&format!(
                    "UPDATE outbox SET state = 'parked', why = 'planted' WHERE destination = 'referral_factory' AND state = 'waiting' AND about IN ({both})"
                ));
            }
            Bug::SettleDropped if destination == Destination::ReferralFactory => answered.clear(),
            Bug::AnyAnswerBelieved => {
                for answered in answered.iter_mut().filter(|answered| answered.heard.as_ref().is_ok_and(|reply| reply.status == 200)) {
                    answered.verdict = Verdict::Listen;
                }
            }
            _ => {}
        }
    }

    /// After answers are settled.
    pub fn after(self, store: &Store, destination: Destination, answered: &[Answered]) {
        let sql = |sql: &str| {
            store.reader().execute(sql, []).unwrap();
        };
        match self {
            Bug::AnswerNotStored
                if answered.iter().any(|answered| answered.ready.call.name == Name::Create) && destination == Destination::Stripe =>
            {
                sql("UPDATE remote SET id = NULL, facts = '{}' WHERE destination = 'stripe' AND id LIKE 'cus_%'");
            }
            Bug::CreatedWithoutLooking => {
                sql("UPDATE remote SET facts = json_remove(facts, '$.doubt') WHERE destination = 'stripe'");
                // The search that was planned is left out, and the creation follows.
                let search = "CASE call WHEN '' THEN 0 ELSE call ->> '$.name' = 'search' END";
                sql(&format!("UPDATE outbox SET state = 'waiting', upload_n = NULL WHERE upload_n IN (SELECT n FROM upload WHERE {search})"));
                sql(&format!("UPDATE upload SET settled_at = 1, call = '' WHERE {search}"));
            }
            Bug::SearchedTooSoon => sql("UPDATE upload SET due_at = 0 WHERE CASE call WHEN '' THEN 0 ELSE call ->> '$.name' = 'search' END"),
            Bug::CursorBeforeSettle
                if answered.iter().any(|answered| answered.ready.call.name == Name::Read && matches!(answered.verdict, Verdict::Again(_))) =>
            {
                sql("UPDATE destination SET pull = json_remove(pull, '$.at.todo[0]')");
            }
            Bug::RefusalIgnored => sql("UPDATE destination SET refused = NULL, refused_at = NULL"),
            Bug::ReferrerFirst => sql("UPDATE outbox SET state = 'waiting', why = NULL, after = NULL WHERE why = 'planted'"),
            Bug::ParkedNeverReleased => {
                let of = "about IN (SELECT id FROM lead WHERE phone IS NOT NULL)";
                sql(&format!(
                    "UPDATE outbox SET state = 'parked', why = 'email', after = NULL WHERE destination = 'referral_factory' AND {of} AND state = 'waiting'"
                ));
            }
            _ => {}
        }
    }

    /// While a call is sent.
    pub fn on_the_wire(self, store: &Store, flight: &mut Flight) {
        let call = &mut flight.call;
        match self {
            Bug::KeyMadeAnewOnRetry if call.key.is_some() => call.key = Some(uuid::Uuid::new_v4().to_string()),
            Bug::BodyMadeAnewOnRetry => {
                if let Body::Form(form) = &mut call.body {
                    form.push_str(&format!("&metadata[sent]={}", flight.ready.tries));
                }
            }
            Bug::UploadedOnceSent => {
                if let Some(n) = flight.ready.upload_n {
                    store.reader().execute("UPDATE outbox SET state = 'uploaded' WHERE upload_n = ?1", [n]).unwrap();
                }
            }
            Bug::ReferrerLeftOut => {
                if let Body::Json(text) = &mut call.body {
                    let mut body: serde_json::Value = serde_json::from_str(text).unwrap();
                    body.as_object_mut().unwrap().remove("referrer");
                    *text = body.to_string();
                }
            }
            _ => {}
        }
    }
}
