//! Stripe, as a destination: Leads become Customers, coupons Coupons, codes Promotion codes.
//! API version 2026-06-24.dahlia; objects and limits after Stripe's own description of it.

mod checkouts;
mod customers;
mod promotion_codes;
pub(super) mod pull;

pub(super) use checkouts::coupon_deleted;
use serde_json::Value;

use super::call::{Body, Call, Method, Name, Reply};
use super::plan::{Case, Learned, Next, Thing, print};

/// The version whose objects we read and write.
pub const VERSION: &str = "2026-06-24.dahlia";
/// Calls a second: what a test account allows in all. A live one allows four times as many, but no more than these to one endpoint,
/// and what waits is mostly for one.
pub const CALLS_PER_SECOND: u32 = 25;
/// What a restricted key must be allowed to do, and where that can be tried without changing anything: lists are read, and what
/// must be written is tried on something that is not there.
const PERMISSIONS: [(&str, &str); 8] = [
    ("rak_coupon_write", "/v1/coupons/counterfoil-nobody"),
    ("rak_promotion_code_write", "/v1/promotion_codes/promo_counterfoilnobody"),
    ("rak_customer_write", "/v1/customers/cus_counterfoilnobody"),
    ("rak_checkout_session_read", "/v1/checkout/sessions?limit=1"),
    ("rak_event_read", "/v1/events?limit=1"),
    ("rak_charge_read", "/v1/charges?limit=1"),
    ("rak_payment_intent_read", "/v1/payment_intents?limit=1"),
    ("rak_invoice_read", "/v1/invoice_payments?limit=1"),
];

/// Each permission that a key needs, with a harmless call that needs it.
pub(super) fn permissions() -> [(&'static str, Call); 8] {
    PERMISSIONS.map(|(name, path)| (name, if name.ends_with("_write") { post(Name::Update, path, &[]) } else { Call::get(Name::Read, path) }))
}

/// Whether what was asked for is not there: Stripe looks at the key's permissions before it looks for the thing.
pub(super) fn is_missing(reply: &Reply) -> bool {
    reply.json().is_some_and(|body| is(&body, "code", "resource_missing"))
}

/// Stripe's page for a new restricted key, with its name and everything that it needs filled in.
#[must_use]
pub fn key_page() -> String {
    let wanted = PERMISSIONS.map(|(permission, _)| format!("&permissions[]={permission}"));
    format!("https://dashboard.stripe.com/apikeys/create?name=Counterfoil{}", wanted.concat())
}

/// Whether a key is for `test` or `live`; none for anything that is no key that may write.
#[must_use]
pub fn mode(key: &str) -> Option<&'static str> {
    let rest = key.strip_prefix("rk_").or_else(|| key.strip_prefix("sk_"))?;
    [("test_", "test"), ("live_", "live")].into_iter().find(|(start, _)| rest.len() > start.len() && rest.starts_with(start)).map(|(_, mode)| mode)
}

pub(super) fn next(case: &Case) -> Next {
    match &case.thing {
        Thing::Lead(lead) => customers::next(case, lead),
        Thing::Code(code) => promotion_codes::next(case, code),
        Thing::Coupon(coupon) => promotion_codes::next_coupon(case, coupon),
        // Stripe keeps no referrers of its own: their name stands on their customers and codes.
        Thing::Referrer(_) => Next::Done,
    }
}

pub(super) fn learn(case: &Case, call: &Call, reply: &Reply, learned: &mut Learned) {
    let body = reply.json().unwrap_or_default();
    match &case.thing {
        Thing::Lead(lead) => customers::learn(lead, call, reply.status, &body, learned),
        Thing::Code(code) => promotion_codes::learn(case, code, call, reply.status, &body, learned),
        Thing::Coupon(coupon) => promotion_codes::learn_coupon(coupon, call, reply.status, &body, learned),
        Thing::Referrer(_) => {}
    }
}

/// A POST whose key is made here, once, and stored with it.
fn post(name: Name, path: impl Into<String>, form: &[(&str, String)]) -> Call {
    let body = form_of(form);
    let key = Some(uuid::Uuid::new_v4().to_string());
    Call { name, method: Method::Post, path: path.into(), print: Some(print(&body)), body: Body::Form(body), key }
}

/// `a[b][c]=v`, escaped.
fn form_of(form: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form.iter().map(|(key, value)| (*key, value.as_str()))).finish()
}

/// Stripe refused for good: in its own words, for the person who looks at the entry.
fn refused(learned: &mut Learned, body: &Value) {
    let message = body["error"]["message"].as_str().unwrap_or("Stripe refused this without a reason.");
    learned.remote.facts["refused"] = super::call::redacted(message).into();
}

fn is(body: &Value, field: &str, expected: &str) -> bool {
    body["error"][field].as_str() == Some(expected)
}
