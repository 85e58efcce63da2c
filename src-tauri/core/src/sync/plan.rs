//! What must be done next for a thing to stand at a destination as it stands here: a pure question, asked anew after every answer.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::call::{Call, Reply};
use super::{referral_factory, stripe};
use crate::domain::campaign::{CodeRules, Coupon};
use crate::domain::lead::LeadState;
use crate::domain::money::Currency;
use crate::domain::upload::{Destination, Kind};
use crate::storage::conflicts::ConflictKind;
use crate::storage::destinations::Remote;
use crate::storage::outbox::SET_ASIDE;

/// A Lead as destinations are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeadThing {
    /// Id.
    pub id: Uuid,
    /// May be empty.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164 where the number is understood.
    pub phone: Option<String>,
    /// Whether they count.
    pub state: LeadState,
    /// The campaign's name.
    pub campaign: String,
    /// The shop's name.
    pub store: String,
    /// Who keeps the Lead.
    pub referrer_id: Uuid,
    /// Their name.
    pub referrer: String,
    /// Whether the Referrer has an e-mail address.
    pub referrer_has_email: bool,
    /// The code that was used last, else the Referrer's own.
    pub code: Option<String>,
    /// The last Redemption that stands.
    pub redemption: Option<Uuid>,
    /// How many stand.
    pub redemptions: u32,
    /// What was paid and not given back, in minor units.
    pub amount: i64,
    /// Of the amount.
    pub currency: Currency,
}

/// A Referrer as destinations are told of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReferrerThing {
    /// Id.
    pub id: Uuid,
    /// As it is written.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164 where the number is understood.
    pub phone: Option<String>,
    /// The shop's name.
    pub store: String,
    /// The Lead who is the same person, where that one is to be told of first.
    pub lead_first: Option<Uuid>,
}

/// A ReferralCode as destinations are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeThing {
    /// Its name in the Outbox.
    pub id: Uuid,
    /// As it is shown.
    pub text: String,
    /// Whose.
    pub referrer_id: Uuid,
    /// Their name.
    pub referrer: String,
    /// The campaign's id.
    pub campaign_id: Uuid,
    /// Taken back.
    pub revoked: bool,
    /// Uses at tills, without those that came from Stripe.
    pub uses: u32,
    /// Uses that came from Stripe; it may know of more.
    pub uses_there: u32,
    /// The rules frozen on it.
    pub rules: CodeRules,
    /// When its last day ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When its first day begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// Of its amounts.
    pub currency: Currency,
    /// The coupon that it gives; none where there is no coupon.
    pub coupon_id: Option<Uuid>,
}

/// A Coupon as destinations are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CouponThing {
    /// Id.
    pub id: Uuid,
    /// What it gives.
    pub coupon: Coupon,
    /// In words.
    pub name: String,
}

/// What an upload is about, as it stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Thing {
    /// A Lead.
    Lead(LeadThing),
    /// A Referrer.
    Referrer(ReferrerThing),
    /// A ReferralCode.
    Code(CodeThing),
    /// A Coupon.
    Coupon(CouponThing),
}

/// A thing, and everything known at the destination that it takes to plan for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// As it stands here.
    pub thing: Thing,
    /// As it stands there.
    pub remote: Remote,
    /// As the thing stands there that this one needs first.
    pub needs: Remote,
    /// What is uploaded about the needed thing is on its way.
    pub needs_open: bool,
    /// The destination's account.
    pub account: String,
    /// What the manager chose for the destination.
    pub settings: Value,
    /// Now, for what depends on the day.
    pub now: DateTime<Utc>,
}

/// What must be done next.
#[derive(Clone, PartialEq, Debug)]
pub enum Next {
    /// Send this.
    Call(Call),
    /// Nothing: it stands there as it stands here.
    Done,
    /// The same, and some of its codes, from this row on, are told about anew; then it is looked at again.
    Codes(i64),
    /// Wait until this is known.
    Park(&'static str),
    /// Wait until this thing is settled there.
    After(Kind, Uuid),
    /// A person must decide between the two.
    Conflict,
    /// A person must do something, for this reason.
    Person(String),
}

/// What an answer taught.
#[derive(Clone, PartialEq, Debug)]
pub struct Learned {
    /// As the thing stands there now.
    pub remote: Remote,
    /// What else follows from it here.
    pub effects: Vec<Effect>,
}

/// What else follows here from an answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// The Referrer has this link there.
    Link(String),
    /// And this code.
    Code(String),
    /// What the destination called the thing until now, and may still name it by.
    Had(String),
    /// Nobody told that somebody deleted this there, which the thing is or needs.
    Gone(String),
    /// A person must decide between here and there.
    Conflict(ConflictKind, Value),
}

/// Plans the next step.
#[must_use]
pub fn next(destination: Destination, case: &Case) -> Next {
    // A person decided so, of all that is still to come as well.
    if case.remote.facts["kept_out"] == true {
        return Next::Park(SET_ASIDE);
    }
    match destination {
        Destination::Stripe => stripe::next(case),
        Destination::ReferralFactory => referral_factory::next(case),
    }
}

/// Understands an answer.
#[must_use]
pub fn learn(destination: Destination, case: &Case, call: &Call, reply: &Reply) -> Learned {
    let mut learned = Learned { remote: case.remote.clone(), effects: Vec::new() };
    match destination {
        Destination::Stripe => stripe::learn(case, call, reply, &mut learned),
        Destination::ReferralFactory => referral_factory::learn(case, call, reply, &mut learned),
    }
    learned
}

/// The call was sent long ago, or a fault is kept under its key: whether it was carried out must be asked.
pub fn doubt(destination: Destination, remote: &mut Remote) {
    match destination {
        Destination::Stripe => {
            remote.facts["doubt"] = true.into();
            // What it was told last is in doubt too: an update that nobody confirmed may have gone through.
            remote.facts["print"] = Value::Null;
        }
        // It answers a second creation of the same e-mail with the first: there is nothing to ask.
        Destination::ReferralFactory => {}
    }
}

/// Whether a call may be sent again as it is, however long ago it was sent first.
#[must_use]
pub fn keeps(destination: Destination, call: &Call) -> bool {
    match destination {
        Destination::Stripe => call.key.is_none(),
        // See `doubt`.
        Destination::ReferralFactory => true,
    }
}

/// The fingerprint of what a destination is told of a thing.
#[must_use]
pub fn print(told: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(told.as_bytes()).iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The first so many symbols of a text.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
