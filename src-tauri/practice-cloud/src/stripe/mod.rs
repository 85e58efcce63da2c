//! The Stripe stand-in: one account with a test side and a live side, answering `/v1/…` as version 2026-06-24.dahlia does.
//!
//! What it doesn't know it refuses loudly, so that nothing seems to work here and fails there.

pub(crate) mod books;
pub(crate) mod checkout;
mod coupons;
mod customers;
pub(crate) mod door;
pub(crate) mod expand;
mod lists;
pub(crate) mod params;
mod promotion_codes;
pub(crate) mod refusal;
mod search;
pub(crate) mod shelf;

/// The version whose shapes this stand-in speaks; every call has to name it.
pub const VERSION: &str = "2026-06-24.dahlia";
/// The version that the account's events are written in: an old one, as in an account that was opened long ago.
pub const EVENT_VERSION: &str = "2020-08-27";
/// How long events can be read.
pub(crate) const EVENT_DAYS: i64 = 30;
/// How long an answer is kept under its idempotency key.
pub(crate) const KEY_KEPT_SECS: i64 = 24 * 3600;

/// What a restricted key needs for everything that Counterfoil does.
pub const PERMISSIONS: [&str; 8] = [
    "rak_coupon_write",
    "rak_promotion_code_write",
    "rak_customer_write",
    "rak_checkout_session_read",
    "rak_event_read",
    "rak_charge_read",
    "rak_payment_intent_read",
    "rak_invoice_read",
];

pub(crate) use customers::looks_like_email;
