//! Referral Factory, as a destination: Referrers and Leads are its users, API v2. What is known of it and what is not stands in
//! comments where it matters; there is no sandbox to ask.

pub(super) mod pull;
mod users;

use serde_json::Value;

use super::call::{Call, Reply};
use super::plan::{Case, Learned, Next, Thing};

/// Calls a second: 600 a minute, and abuse blocks the address for days.
pub const CALLS_PER_SECOND: u32 = 10;

pub(super) fn next(case: &Case) -> Next {
    match &case.thing {
        Thing::Lead(lead) => users::next_lead(case, lead),
        Thing::Referrer(referrer) => users::next_referrer(case, referrer),
        // It makes codes and coupons of its own.
        Thing::Code(_) | Thing::Coupon(_) => Next::Done,
    }
}

pub(super) fn learn(case: &Case, call: &Call, reply: &Reply, learned: &mut Learned) {
    let body = reply.json().unwrap_or_default();
    match &case.thing {
        Thing::Lead(lead) => users::learn_lead(case, lead, call, reply.status, &body, learned),
        Thing::Referrer(_) => users::learn_referrer(case, call, reply.status, &body, learned),
        Thing::Code(_) | Thing::Coupon(_) => {}
    }
}

/// An id that may come as a number or as text.
pub(super) fn id_of(value: &Value) -> Option<String> {
    value.as_u64().map(|id| id.to_string()).or_else(|| value.as_str().filter(|id| !id.is_empty()).map(str::to_owned))
}

/// Text, unless it is empty.
pub(super) fn text_of(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
