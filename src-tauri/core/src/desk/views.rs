//! What screens and scripts are shown. Field names are stable; amounts are minor units, ids strings, moments RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

use crate::domain::campaign::{CodeRules, Coupon, Duration, Off};
use crate::domain::lead::LeadState;
use crate::domain::redemption::Recorded;
use crate::storage::catalogue::Referrer;
use crate::storage::leads::Lead;
use crate::storage::ledger::Redemption;

/// An amount in minor units of the campaign's currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(transparent)]
pub struct Amount(#[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))] pub i64);

/// How far a long job is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Progress {
    /// What is done, in the same unit as `total`.
    pub done: u32,
    /// What there is to do, where it is known.
    pub total: Option<u32>,
}

/// A person who recommends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ReferrerView {
    /// Id.
    pub id: String,
    /// As it is written.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164 where the number is understood.
    pub phone: Option<String>,
}

impl From<&Referrer> for ReferrerView {
    fn from(referrer: &Referrer) -> ReferrerView {
        let Referrer { id, name, email, phone, .. } = referrer;
        ReferrerView { id: id.to_string(), name: name.clone(), email: email.clone(), phone: phone.clone() }
    }
}

/// The rules on a code, or those for future codes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct RulesView {
    /// Only for people who never bought here.
    pub first_time_only: bool,
    /// How often a code may be used in all.
    pub redemptions_max: Option<u32>,
    /// First day it counts, YYYY-MM-DD.
    pub starts: Option<String>,
    /// Last day it counts, YYYY-MM-DD.
    pub expires: Option<String>,
    /// Smallest order.
    pub order_min: Option<Amount>,
}

impl From<&CodeRules> for RulesView {
    fn from(rules: &CodeRules) -> RulesView {
        RulesView {
            first_time_only: rules.first_time_only,
            redemptions_max: rules.redemptions_max,
            starts: rules.starts.map(|day| day.to_string()),
            expires: rules.expires.map(|day| day.to_string()),
            order_min: rules.order_min.map(Amount),
        }
    }
}

/// What the lead gets: either `percent` or `amount`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CouponView {
    /// Hundredths of a percent: 1000 is 10 %.
    pub percent: Option<u16>,
    /// A fixed amount off.
    pub amount: Option<Amount>,
    /// For how long, where purchases repeat.
    pub duration: CouponDuration,
    /// For how many months, where it is `repeating`.
    pub months: Option<u32>,
}

/// For how long a coupon goes on, in Stripe's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum CouponDuration {
    /// One order.
    Once,
    /// Every order.
    Forever,
    /// Every order for some months.
    Repeating,
}

impl From<&Coupon> for CouponView {
    fn from(coupon: &Coupon) -> CouponView {
        let (percent, amount) = match coupon.off {
            Off::Percent(percent) => (u16::try_from(percent.hundredths()).ok(), None),
            Off::Amount(amount) => (None, Some(Amount(amount.minor))),
        };
        let (duration, months) = match coupon.duration {
            Duration::Once => (CouponDuration::Once, None),
            Duration::Forever => (CouponDuration::Forever, None),
            Duration::Months(months) => (CouponDuration::Repeating, Some(months)),
        };
        CouponView { percent, amount, duration, months }
    }
}

/// The stub of a recorded sale: what stays with the shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Counterfoil {
    /// Id.
    pub id: String,
    /// The operation that recorded it.
    pub op: String,
    /// When.
    pub at: String,
    /// The code as it is shown.
    pub code: String,
    /// Before the discount.
    pub order: Amount,
    /// What came off.
    pub discount: Amount,
    /// What was paid.
    pub paid: Amount,
    /// ISO 4217, of all amounts.
    pub currency: String,
    /// What went back so far.
    pub refunded: Amount,
    /// Whether it stands.
    pub state: CounterfoilState,
    /// When it was undone.
    pub voided_at: Option<String>,
    /// Why it was undone.
    pub void_reason: Option<String>,
    /// Whether it may still be undone.
    pub can_void: bool,
    /// The customer's name, if they gave one.
    pub customer: Option<String>,
    /// The Lead.
    pub lead_id: String,
    /// Whose code it is.
    pub referrer_id: String,
    /// Their name.
    pub referrer: String,
    /// The till's own number of the sale.
    pub reference: Option<String>,
    /// The manager who said yes to a refused code.
    pub override_by: Option<String>,
    /// What they noted.
    pub override_note: Option<String>,
    /// The customer disputes the payment.
    pub disputed: bool,
    /// Whether everything that is connected has it; none while nothing is, or where that was not looked up.
    pub uploaded: Option<bool>,
}

/// Whether a recorded sale stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum CounterfoilState {
    /// As it was recorded.
    Recorded,
    /// Undone on its day.
    Voided,
    /// All of it went back.
    Refunded,
    /// Some of it went back.
    PartlyRefunded,
}

impl Counterfoil {
    pub(super) fn of(redemption: &Redemption, can_void: bool) -> Counterfoil {
        let Recorded { at, paid, refunded, voided } = redemption.recorded;
        let state = match () {
            () if voided => CounterfoilState::Voided,
            () if refunded == 0 => CounterfoilState::Recorded,
            () if refunded < paid => CounterfoilState::PartlyRefunded,
            () => CounterfoilState::Refunded,
        };
        let (override_by, override_note) = redemption.override_by.clone().unzip();
        let (voided_at, void_reason) = redemption.voided.clone().unzip();
        Counterfoil {
            id: redemption.id.to_string(),
            op: redemption.op.to_string(),
            at: moment(at),
            code: redemption.code.clone(),
            order: Amount(redemption.order),
            discount: Amount(redemption.discount),
            paid: Amount(paid),
            currency: redemption.currency.code().to_owned(),
            refunded: Amount(refunded),
            state,
            voided_at: voided_at.map(moment),
            void_reason,
            can_void,
            customer: Some(redemption.customer.clone()).filter(|name| !name.is_empty()),
            lead_id: redemption.lead_id.to_string(),
            referrer_id: redemption.referrer_id.to_string(),
            referrer: redemption.referrer.clone(),
            reference: redemption.reference.clone(),
            override_by,
            override_note,
            disputed: redemption.disputed.is_some(),
            uploaded: None,
        }
    }
}

/// One line of the list of Leads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct LeadRow {
    /// Id.
    pub id: String,
    /// May be empty for a counter sale.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164 where the number is understood.
    pub phone: Option<String>,
    /// Whether they count.
    pub state: LeadStateView,
    /// The Referrer who keeps them.
    pub referrer_id: String,
    /// Their name.
    pub referrer: String,
    /// When they became known.
    pub at: String,
    /// What the rep noted.
    pub note: Option<String>,
    /// When to call back, YYYY-MM-DD.
    pub call_back: Option<String>,
    /// They can't be reached.
    pub missing_contact: bool,
    /// Somebody else claims them too.
    pub conflict: bool,
    /// They dispute a payment at Stripe.
    pub disputed: bool,
    /// What they paid and did not get back.
    pub spent: Amount,
    /// How they became known.
    pub source: LeadSource,
}

/// How a Lead became known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum LeadSource {
    /// They used a code.
    Code,
    /// They named who sent them, to a rep.
    Phone,
}

/// Whether a Lead counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum LeadStateView {
    /// Not yet.
    Pending,
    /// Yes.
    Qualified,
    /// Never.
    Disqualified,
}

impl From<&Lead> for LeadRow {
    fn from(lead: &Lead) -> LeadRow {
        LeadRow {
            id: lead.id.to_string(),
            name: lead.name.clone(),
            email: lead.email.clone(),
            phone: lead.phone.clone(),
            state: match lead.state {
                LeadState::Pending => LeadStateView::Pending,
                LeadState::Qualified => LeadStateView::Qualified,
                LeadState::Disqualified => LeadStateView::Disqualified,
            },
            referrer_id: lead.referrer_id.to_string(),
            referrer: lead.referrer.clone(),
            at: moment(lead.at),
            note: lead.note.clone(),
            call_back: lead.call_back.map(|day| day.to_string()),
            missing_contact: lead.contact.email.is_none() && lead.phone.is_none(),
            conflict: lead.conflict,
            disputed: lead.disputed,
            spent: Amount(lead.spent),
            source: if lead.source == "phone" { LeadSource::Phone } else { LeadSource::Code },
        }
    }
}

/// A moment as it is written: RFC 3339 in UTC, to the millisecond.
pub fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
