//! Recording that a code was used in a sale: the one thing that must never be lost or doubled.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::asks::{self, Customer};
use super::check::{CheckAsk, Found, Ticket, find_out};
use super::views::{Amount, Counterfoil};
use super::{Desk, DeskError, Result, day_in, done_before, shop_of, slips};
use crate::domain::upload::What;
use crate::domain::verdict::Reason;
use crate::domain::{card, code};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code};
use crate::storage::conflicts::{self, ConflictKind};
use crate::storage::leads::{self, Lead};
use crate::storage::ledger::{self, NewRedemption, Redemption};
use crate::storage::operations;
use crate::storage::{StorageError, audit, outbox, recording};

/// Record this sale.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct RedeemAsk {
    /// A UUID made before the first try and kept for every further one.
    pub op: String,
    /// As it was typed or scanned: bare, or as a card's QR code has it.
    pub code: String,
    /// The order total.
    pub order: Amount,
    /// Of the order, where it is not the campaign's.
    pub currency: Option<String>,
    /// Who buys.
    pub customer: Customer,
    /// The till's own number of the sale.
    pub reference: Option<String>,
    /// A manager's yes to a refused code.
    pub override_by: Option<Override>,
    /// The customer was asked for an e-mail address or phone number and gives none, where the ticket asks for one.
    pub no_contact: bool,
}

/// A manager's yes to a refused code; it stays on the Redemption for ever.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Override {
    /// Who.
    pub manager: String,
    /// Why.
    pub note: String,
}

/// The ticket as it stood, and the counterfoil if the sale was recorded. A refusal is an answer, not a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Redeemed {
    /// Why, or why not.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// The record; none where the rules refuse.
    pub redemption: Option<Counterfoil>,
    /// The same operation recorded it before: nothing was recorded now.
    pub replayed: bool,
}

impl Desk {
    /// Records a sale in one transaction: Redemption, Lead, counters, audit entry and Outbox entries, or none of them.
    pub fn redeem(&mut self, ask: &RedeemAsk) -> Result<Redeemed> {
        let now = self.now();
        self.store.write(|tx| redeem(tx, ask, now))
    }
}

fn redeem(tx: &Connection, ask: &RedeemAsk, now: DateTime<Utc>) -> Result<Redeemed> {
    let shop = shop_of(tx)?;
    let op = asks::op(&ask.op)?;
    let asked = fingerprint(ask);
    if let Some(id) = done_before(tx, op, &asked)? {
        return replay(tx, &shop, ask, id, now);
    }
    let question = CheckAsk { code: ask.code.clone(), order: Some(ask.order), currency: ask.currency.clone(), customer: ask.customer.clone() };
    let found = find_out(tx, &shop, &question, now)?;
    let reference = asks::note(ask.reference.as_deref(), "reference")?;
    let approved = ask.override_by.as_ref().map(approval).transpose()?;
    let refused = Redeemed { ticket: found.ticket.clone(), redemption: None, replayed: false };
    // Nobody can say yes to a code that is not there or an amount that can't be counted.
    let beyond_yes = found.verdict.reasons.iter().any(|reason| matches!(reason, Reason::Unknown | Reason::WrongCurrency { .. }));
    let Some(code) = found.code.as_ref().filter(|_| found.verdict.allowed() || (approved.is_some() && !beyond_yes)) else {
        return Ok(refused);
    };
    if found.ticket.asks_contact && !ask.no_contact && approved.is_none() {
        return Err(DeskError::ContactNeeded);
    }
    let overridden: Vec<&str> = found.verdict.reasons.iter().map(Reason::name).collect();
    let approved = approved.filter(|_| !overridden.is_empty());
    let lead = record_lead(tx, &shop, code, &found, now)?;
    let redemption = ledger::insert(
        tx,
        &NewRedemption {
            op,
            code,
            lead: &lead,
            order: found.order,
            discount: found.discount,
            currency: shop.campaign.currency,
            reference: reference.as_deref(),
            override_by: approved.as_ref().map(|(manager, note)| (manager.as_str(), note.as_str())),
            overridden: approved.as_ref().map(|_| overridden.join(" ")),
            source: "till",
            run_n: code.scanned_run,
            till: shop.till_id,
            at: now,
            day: day_in(&shop, now),
        },
    )?;
    leads::know_sale(tx, &shop, &lead, &found.who.contact, redemption.n)?;
    catalogue::count_use(tx, code.n, 1)?;
    if lead.referrer_n != code.referrer.n {
        let about =
            conflicts::About { lead_n: Some(lead.n), claimed_by_n: Some(code.referrer.n), redemption_n: Some(redemption.n), ..Default::default() };
        conflicts::raise(tx, ConflictKind::Claimed, &about, now)?;
    }
    let detail = json!({
        "code": code.text, "order": found.order, "discount": found.discount, "currency": shop.campaign.currency.code(),
        "lead": lead.id.to_string(), "referrer": code.referrer.id.to_string(), "overridden": approved.as_ref().map(|_| overridden),
    });
    audit::append(tx, shop.till_id, now, "redeemed", redemption.id, &detail)?;
    outbox::put_lead(tx, What::Redemption, redemption.id, lead.id, lead.contact.email.is_some(), now)?;
    if code.known.terms.rules.redemptions_max.is_some() {
        outbox::put_code(tx, code.n, false, now)?;
    }
    slips::after_sale(tx, redemption.n, now)?;
    // This sale stands, whatever became of others.
    recording::judge(tx, &shop, &lead, 1, now)?;
    operations::remember(tx, op, "redeem", &asked, redemption.id, now)?;
    let mut ticket = found.ticket;
    ticket.discount = Amount(found.discount);
    ticket.paid = Amount(redemption.recorded.paid);
    Ok(Redeemed { ticket, redemption: Some(view(&shop, &redemption, now)), replayed: false })
}

fn fingerprint(ask: &RedeemAsk) -> [u8; 32] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let Customer { name, email, phone } = &ask.customer;
    let parts = [
        code::key(&card::read(&ask.code).code),
        ask.order.0.to_string(),
        text(&ask.currency),
        text(name),
        text(email),
        text(phone),
        text(&ask.reference),
        ask.override_by.as_ref().map_or_else(String::new, |yes| yes.manager.clone()),
        ask.override_by.as_ref().map_or_else(String::new, |yes| yes.note.clone()),
    ];
    operations::fingerprint("redeem", &parts.each_ref().map(String::as_str))
}

/// The answer that was lost on its way the first time.
fn replay(tx: &Connection, shop: &Shop, ask: &RedeemAsk, id: Uuid, now: DateTime<Utc>) -> Result<Redeemed> {
    let redemption = ledger::redemption(tx, id)?.ok_or(StorageError::Stored { what: "redemption" })?;
    let question = CheckAsk { code: ask.code.clone(), order: Some(ask.order), currency: ask.currency.clone(), customer: ask.customer.clone() };
    let mut ticket = find_out(tx, shop, &question, now)?.ticket;
    // The rules may say no by now, for this very sale used the code up: what was recorded stands.
    (ticket.allowed, ticket.reasons) = (true, Vec::new());
    ticket.discount = Amount(redemption.discount);
    ticket.paid = Amount(redemption.recorded.paid);
    Ok(Redeemed { ticket, redemption: Some(view(shop, &redemption, now)), replayed: true })
}

fn approval(approval: &Override) -> Result<(String, String)> {
    let manager = asks::note(Some(&approval.manager), "name")?;
    let note = asks::note(Some(&approval.note), "note")?;
    manager.zip(note).ok_or(DeskError::NoManager)
}

/// The Lead of this sale: the one with this contact, completed by what is new, or a new one.
fn record_lead(tx: &Connection, shop: &Shop, code: &Code, found: &Found, now: DateTime<Utc>) -> Result<Lead> {
    let who = &found.who;
    let details = leads::Details {
        name: found.ticket.customer.as_ref().unwrap_or(&who.name).clone(),
        email: who.email.clone(),
        phone: who.phone.clone(),
        contact: who.contact.clone(),
        ..leads::Details::default()
    };
    match &found.lead {
        Some(lead) => Ok(recording::complete_lead(tx, shop, lead, &details, now)?),
        None => Ok(recording::insert_lead(tx, shop, &code.referrer, "code", &details, now)?),
    }
}

/// A Redemption as staff see it.
pub(super) fn view(shop: &Shop, redemption: &Redemption, now: DateTime<Utc>) -> Counterfoil {
    Counterfoil::of(redemption, redemption.recorded.may_void(now, shop.zone).is_ok())
}
