//! The answer to a code at the till, before anything is recorded.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::asks::{self, Customer, Who};
use super::views::{Amount, RulesView};
use super::{Desk, Result, shop_of};
use crate::domain::campaign::Off;
use crate::domain::card;
use crate::domain::code::{self, Difference};
use crate::domain::money::Currency;
use crate::domain::people;
use crate::domain::verdict::{self, Reason, Sale, Verdict};
use crate::sentences::Language;
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code};
use crate::storage::leads::{self, Lead};

/// So many near codes help; more confuse.
const NEAREST_MAX: usize = 4;

/// May this code be used for this sale?
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CheckAsk {
    /// As it was typed or scanned: bare, or as a card's QR code has it.
    pub code: String,
    /// The order total, once staff know it.
    pub order: Option<Amount>,
    /// Of the order, where it is not the campaign's.
    pub currency: Option<String>,
    /// Who buys.
    pub customer: Customer,
}

/// The answer, with everything that the ticket on the screen shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Ticket {
    /// Whether the code may be used.
    pub allowed: bool,
    /// What comes off the order.
    pub discount: Amount,
    /// What is left to pay.
    pub paid: Amount,
    /// The order total that was asked about.
    pub order: Option<Amount>,
    /// ISO 4217, of all amounts.
    pub currency: String,
    /// Every reason against it.
    pub reasons: Vec<ReasonView>,
    /// Codes that may have been meant, where this one does not exist.
    pub nearest: Vec<Near>,
    /// The code as it is shown; none where it does not exist.
    pub code: Option<String>,
    /// What is said instead of it, where nobody can read it aloud.
    pub alias: Option<String>,
    /// The words that spell what is said.
    pub spelling: Vec<String>,
    /// Whose it is.
    pub referrer: Option<TicketReferrer>,
    /// What the customer gets, in a sentence.
    pub offer: Option<String>,
    /// The rules on the code.
    pub rules: Option<RulesView>,
    /// How often it was used.
    pub uses: u32,
    /// How often it may still be used, where that is limited.
    pub redemptions_left: Option<u32>,
    /// How many people its Referrer brought so far.
    pub people_so_far: u32,
    /// The rules can only be told with an e-mail address or phone number, and none is given.
    pub asks_contact: bool,
    /// Said where somebody else recommended this customer first.
    pub conflict: Option<String>,
    /// The customer's name, where their contact alone was given and is known.
    pub customer: Option<String>,
}

/// Why not, with the sentence that staff read aloud.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ReasonView {
    /// The stable name.
    pub reason: ReasonName,
    /// The sentence.
    pub sentence: String,
}

/// Why not, as screens and scripts tell reasons apart: the names of [`Reason::name`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is documented at the reason it names")]
pub enum ReasonName {
    Unknown,
    Revoked,
    LostCard,
    Expired,
    NotStarted,
    UsedUp,
    BelowMinimumOrder,
    NotFirstTime,
    OwnCode,
    WrongCurrency,
}

impl From<&Reason> for ReasonName {
    fn from(reason: &Reason) -> ReasonName {
        match reason {
            Reason::Unknown => ReasonName::Unknown,
            Reason::Revoked => ReasonName::Revoked,
            Reason::LostCard => ReasonName::LostCard,
            Reason::Expired { .. } => ReasonName::Expired,
            Reason::NotStarted { .. } => ReasonName::NotStarted,
            Reason::UsedUp { .. } => ReasonName::UsedUp,
            Reason::BelowMinimumOrder { .. } => ReasonName::BelowMinimumOrder,
            Reason::NotFirstTime { .. } => ReasonName::NotFirstTime,
            Reason::OwnCode => ReasonName::OwnCode,
            Reason::WrongCurrency { .. } => ReasonName::WrongCurrency,
        }
    }
}

/// A code that may have been meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Near {
    /// As it is shown.
    pub code: String,
    /// Whose it is.
    pub referrer: String,
    /// What differs, in words.
    pub differs: String,
}

/// Whose code it is, as far as the till shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct TicketReferrer {
    /// Id.
    pub id: String,
    /// Whole name.
    pub name: String,
    /// What a customer would call them.
    pub first_name: String,
}

/// Everything that was found out about a sale; what recording needs and the screen does not.
pub(super) struct Found {
    pub ticket: Ticket,
    pub code: Option<Code>,
    pub verdict: Verdict,
    pub who: Who,
    pub lead: Option<Lead>,
    pub order: i64,
    /// What the coupon gives, whatever the rules say.
    pub discount: i64,
}

impl Desk {
    /// Answers for a code and as much of the sale as is known. Changes nothing.
    pub fn check(&self, ask: &CheckAsk) -> Result<Ticket> {
        let now = self.now();
        self.store.read(|connection| Ok(find_out(connection, &shop_of(connection)?, ask, now)?.ticket))
    }
}

/// Looks everything up and decides. In a write, this reads what the write then relies on.
pub(super) fn find_out(connection: &Connection, shop: &Shop, ask: &CheckAsk, now: DateTime<Utc>) -> Result<Found> {
    let language = Language::of(&shop.language);
    let campaign = &shop.campaign;
    let currency = ask.currency.as_deref().map_or(Ok(campaign.currency), Currency::parse)?;
    let order = ask.order.map(|order| asks::order(order, currency)).transpose()?;
    let Customer { name, email, phone } = &ask.customer;
    let who = asks::who(name.as_deref(), email.as_deref(), phone.as_deref(), shop.country.as_deref())?;
    let scanned = card::read(&ask.code);
    let key = code::key(&scanned.code);
    let code = catalogue::meant(connection, campaign, &key, scanned.batch)?;
    let sale =
        Sale { order, customer: who.contact.clone(), bought_before: leads::bought_before(connection, shop, &who.contact)?, at: now, zone: shop.zone };
    let verdict = verdict::decide(code.as_ref().map(|code| &code.known), &sale);
    let lead = leads::by_contact(connection, campaign, &who.contact)?;
    let nearest = match code {
        Some(_) => Vec::new(),
        None => catalogue::nearest(connection, campaign, &key, NEAREST_MAX)?.iter().map(|near| near_view(language, &key, near)).collect(),
    };
    let minor = order.map_or(0, |order| order.minor);
    let known = code.as_ref().map(|code| &code.known);
    let ticket = Ticket {
        allowed: verdict.allowed(),
        discount: Amount(verdict.discount),
        paid: Amount(minor - verdict.discount),
        order: ask.order,
        currency: currency.code().to_owned(),
        reasons: verdict.reasons.iter().map(|reason| ReasonView { reason: ReasonName::from(reason), sentence: language.reason(reason) }).collect(),
        nearest,
        code: code.as_ref().map(|code| code.text.clone()),
        alias: code.as_ref().and_then(|code| code.alias.clone()),
        spelling: code.as_ref().map(|code| code::spelling(code.spoken())).unwrap_or_default(),
        referrer: code.as_ref().map(|code| TicketReferrer {
            id: code.referrer.id.to_string(),
            name: code.referrer.name.clone(),
            first_name: people::first_name(&code.referrer.name).to_owned(),
        }),
        offer: known.and_then(|known| known.terms.coupon).map(|coupon| match coupon.off {
            Off::Percent(percent) => language.say("offer.percent", &[("percent", &percent.to_string())]),
            Off::Amount(amount) => language.say("offer.amount", &[("amount", &language.amount(amount)), ("currency", amount.currency.code())]),
        }),
        rules: known.map(|known| RulesView::from(&known.terms.rules)),
        uses: known.map_or(0, |known| known.uses),
        redemptions_left: known.and_then(|known| Some(known.terms.rules.redemptions_max?.saturating_sub(known.uses))),
        people_so_far: code.as_ref().map_or(Ok(0), |code| catalogue::leads_of(connection, code.referrer.n))?,
        asks_contact: who.contact.is_empty() && known.is_some_and(|known| known.terms.rules.first_time_only),
        conflict: lead.as_ref().zip(code.as_ref()).filter(|(lead, code)| lead.referrer_n != code.referrer.n).map(|(lead, _)| {
            let name = if lead.name.is_empty() && !who.name.is_empty() { &who.name } else { lead.called() };
            language.say("conflict", &[("name", name), ("referrer", &lead.referrer)])
        }),
        customer: if who.name.is_empty() { remembered(connection, &who, lead.as_ref())? } else { None },
    };
    let discount = known.map_or(0, |known| verdict::discount(&known.terms, order));
    Ok(Found { ticket, code, verdict, who, lead, order: minor, discount })
}

/// The name of somebody whose contact this is: a Lead, else a Referrer. Customers from before are known without their names.
fn remembered(connection: &Connection, who: &Who, lead: Option<&Lead>) -> Result<Option<String>> {
    if let Some(lead) = lead.filter(|lead| !lead.name.is_empty()) {
        return Ok(Some(lead.name.clone()));
    }
    Ok(catalogue::referrers_by_contact(connection, &who.contact)?.next().map(|referrer| referrer.name))
}

fn near_view(language: Language, typed: &str, near: &Code) -> Near {
    let place = |place: usize| place.to_string();
    let differs = match code::difference(typed, &near.key) {
        Difference::Wrong { place: at, typed, meant } => {
            language.say("differs.wrong", &[("meant", &meant.to_string()), ("typed", &typed.to_string()), ("place", &place(at))])
        }
        Difference::Swapped { place: at } => language.say("differs.swapped", &[("place", &place(at)), ("next", &place(at + 1))]),
        Difference::Missing { place: at, meant } => language.say("differs.missing", &[("meant", &meant.to_string()), ("place", &place(at))]),
        Difference::Extra { place: at, typed } => language.say("differs.extra", &[("typed", &typed.to_string()), ("place", &place(at))]),
        Difference::Sound => language.say("differs.sound", &[]),
    };
    Near { code: near.text.clone(), referrer: near.referrer.name.clone(), differs }
}
