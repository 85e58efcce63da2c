//! A checkout at Stripe with one of our codes, as a Redemption here; and what became of its money.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::lead::LeadState;
use crate::domain::money::{Currency, Money};
use crate::domain::people::{self, Contact, Email, Phone};
use crate::domain::upload::{Destination, Kind, What};
use crate::domain::verdict::{self, Reason, Sale};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::Code;
use crate::storage::conflicts::{self, About, ConflictKind};
use crate::storage::destinations::{self, Remote};
use crate::storage::leads::{self, Details, Lead};
use crate::storage::ledger::{self, NewRedemption, Redemption};
use crate::storage::operations::{self, Known};
use crate::storage::{Result, audit, catalogue, outbox, recording, uploads};

const STRIPE: Destination = Destination::Stripe;

/// The promotion codes that a checkout used.
fn promotions(session: &Value) -> impl Iterator<Item = String> {
    session["discounts"].as_array().into_iter().flatten().filter_map(|discount| id_of(&discount["promotion_code"]))
}

/// Whether a row of a list need be read to know of its code: not where it says that there is none.
pub(super) fn may_have_a_code(row: &Value) -> bool {
    row.get("discounts").is_none() || promotions(row).next().is_some()
}

/// Whether a checkout used a promotion code that we don't know while one of ours is on its way: it may be ours, made by a call whose
/// answer never came.
pub(super) fn too_early(tx: &Connection, session: &Value) -> Result<bool> {
    let mut unknown = false;
    for promotion in promotions(session) {
        unknown |= destinations::about(tx, STRIPE, &promotion)?.is_none();
    }
    Ok(unknown && uploads::any_open(tx, STRIPE, Kind::Code)?)
}

/// Records a paid checkout that used one of our codes, and what became of its money since; leaves every other one alone. A subscription's
/// does not name its payment: then gives the invoice that does.
pub(super) fn record(tx: &Connection, shop: &Shop, session: &Value, now: DateTime<Utc>) -> Result<Option<String>> {
    sale(tx, shop, session, now)?;
    money(tx, shop, &session["payment_intent"], now)?;
    let id = session["id"].as_str().unwrap_or_default();
    let ours = operations::look_up(tx, operation(id), &asked(id))? != Known::New;
    Ok(id_of(&session["invoice"]).filter(|_| ours))
}

/// The payments of a subscription's first invoice, under which refunds and disputes come.
pub(super) fn invoice_paid(tx: &Connection, shop: &Shop, payments: &Value, now: DateTime<Utc>) -> Result<()> {
    for payment in payments["data"].as_array().into_iter().flatten() {
        let intent = &payment["payment"]["payment_intent"];
        let (Some(invoice), Some(id)) = (id_of(&payment["invoice"]), id_of(intent)) else { continue };
        if let Some(redemption) = destinations::about(tx, STRIPE, &invoice)? {
            let remote = destinations::remote(tx, STRIPE, redemption)?;
            destinations::set_remote(tx, STRIPE, redemption, &Remote { id: Some(id), ..remote })?;
        }
        money(tx, shop, intent, now)?;
    }
    Ok(())
}

/// What became of the money of a payment that is known: in a gap of weeks the events of refunds and disputes are gone, and the charge
/// itself still tells. Says whether it is known.
pub(super) fn money(tx: &Connection, shop: &Shop, payment: &Value, now: DateTime<Utc>) -> Result<bool> {
    let charge = &payment["latest_charge"];
    let known = paid_by(tx, charge)?.is_some();
    if known {
        refund(tx, shop, charge, now)?;
    }
    if known && charge["disputed"] == true {
        dispute(tx, shop, charge, now)?;
    }
    Ok(known)
}

fn sale(tx: &Connection, shop: &Shop, session: &Value, now: DateTime<Utc>) -> Result<()> {
    let paid = matches!(session["payment_status"].as_str(), Some("paid" | "no_payment_required"));
    let (Some(id), true, "complete") = (session["id"].as_str(), paid, session["status"].as_str().unwrap_or_default()) else { return Ok(()) };
    let mut code = None;
    for promotion in promotions(session) {
        if let Some(about) = destinations::about(tx, STRIPE, &promotion)? {
            code = catalogue::code_n(tx, outbox::code_n(about))?;
        }
    }
    let Some(code) = code else { return Ok(()) };
    // Another currency than the campaign's can't be added up with the rest.
    let currency = session["currency"].as_str().and_then(|code| Currency::parse(&code.to_uppercase()).ok());
    let (Some(order), true) = (session["amount_subtotal"].as_i64().filter(|order| *order >= 0), currency == Some(shop.campaign.currency)) else {
        return audit::append(
            tx,
            shop.till_id,
            now,
            "checkout_left_out",
            shop.campaign.id,
            &json!({ "session": id, "currency": session["currency"] }),
        );
    };
    let op = operation(id);
    let asked = asked(id);
    if operations::look_up(tx, op, &asked)? != Known::New {
        return Ok(());
    }
    let discount = session["total_details"]["amount_discount"].as_i64().unwrap_or(0).clamp(0, order);
    let at = session["created"].as_i64().and_then(|secs| DateTime::from_timestamp(secs, 0)).unwrap_or(now);
    let details = who(shop, &session["customer_details"]);
    let sale = Sale {
        order: Some(Money { minor: order, currency: shop.campaign.currency }),
        customer: details.contact.clone(),
        bought_before: leads::bought_before(tx, shop, &details.contact)?,
        at,
        zone: shop.zone,
    };
    // Stripe lets guests use a code for first orders again and again; what our rules say is kept beside the sale that happened.
    let reasons = verdict::decide(Some(&code.known), &sale).reasons;
    let known = leads::by_contact(tx, &shop.campaign, &details.contact)?;
    let lead = match &known {
        Some(lead) => recording::complete_lead(tx, shop, lead, &details, now)?,
        None => recording::insert_lead(tx, shop, &code.referrer, "code", &details, now)?,
    };
    let overridden = reasons.iter().map(Reason::name).collect::<Vec<_>>().join(" ");
    let redemption = ledger::insert(
        tx,
        &NewRedemption {
            op,
            code: &code,
            lead: &lead,
            order,
            discount,
            currency: shop.campaign.currency,
            reference: None,
            override_by: None,
            overridden: (!reasons.is_empty()).then_some(overridden),
            source: "stripe",
            run_n: None,
            till: shop.till_id,
            at,
            day: at.with_timezone(&shop.zone).date_naive(),
        },
    )?;
    leads::know_sale(tx, shop, &lead, &details.contact, redemption.n)?;
    catalogue::count_use(tx, code.n, 1)?;
    if lead.referrer_n != code.referrer.n {
        let about = About { lead_n: Some(lead.n), claimed_by_n: Some(code.referrer.n), redemption_n: Some(redemption.n), ..About::default() };
        conflicts::raise(tx, ConflictKind::Claimed, &about, now)?;
    }
    limit(tx, &code, redemption.n, now)?;
    let detail = json!({ "session": id, "code": code.text, "order": order, "discount": discount, "lead": lead.id.to_string(), "reasons": reasons.iter().map(Reason::name).collect::<Vec<_>>() });
    audit::append(tx, shop.till_id, now, "checkout_recorded", redemption.id, &detail)?;
    judge(tx, shop, &lead, &reasons, now)?;
    remember(tx, session, &lead, &redemption)?;
    outbox::put_lead(tx, What::Redemption, redemption.id, lead.id, lead.contact.email.is_some(), now)?;
    operations::remember(tx, op, "checkout", &asked, redemption.id, now)
}

fn asked(session: &str) -> [u8; 32] {
    operations::fingerprint("checkout", &[session])
}

/// A Lead counts by the rules of the campaign, unless this sale is one that the code was not for.
fn judge(tx: &Connection, shop: &Shop, lead: &Lead, reasons: &[Reason], now: DateTime<Utc>) -> Result<()> {
    let not_meant = reasons.iter().find(|reason| matches!(reason, Reason::NotFirstTime { .. } | Reason::OwnCode));
    let standing = leads::redemptions_standing(tx, lead.n)?;
    match not_meant {
        Some(reason) if standing <= 1 && lead.state == LeadState::Pending => {
            recording::set_state(tx, shop, lead, LeadState::Disqualified, reason.name(), now)?;
        }
        _ => drop(recording::judge(tx, shop, lead, standing, now)?),
    }
    Ok(())
}

/// Which payment and which customer it was, so that refunds and uploads find their way.
fn remember(tx: &Connection, session: &Value, lead: &Lead, redemption: &Redemption) -> Result<()> {
    let payment = ["payment_intent", "invoice", "id"].into_iter().find_map(|name| id_of(&session[name]));
    destinations::set_remote(tx, STRIPE, redemption.id, &Remote { id: payment, facts: json!({ "session": session["id"] }) })?;
    let mut customer = destinations::remote(tx, STRIPE, lead.id)?;
    if customer.id.is_none()
        && let Some(id) = id_of(&session["customer"])
    {
        customer.id = Some(id);
        customer.facts["adopted"] = true.into();
        destinations::set_remote(tx, STRIPE, lead.id, &customer)?;
    }
    Ok(())
}

/// Tills and Stripe count apart while the network is down; what they gave together may be too much.
fn limit(tx: &Connection, code: &Code, redemption_n: i64, now: DateTime<Utc>) -> Result<()> {
    let uses = code.known.uses + 1;
    if let Some(limit) = code.known.terms.rules.redemptions_max {
        if uses > limit {
            let here = catalogue::uses_at_tills(tx, code.n)?;
            let detail = json!({ "here": here, "there": uses.saturating_sub(here), "limit": limit });
            let about =
                About { destination: Some(STRIPE), code_n: Some(code.n), redemption_n: Some(redemption_n), detail: Some(detail), ..About::default() };
            conflicts::raise(tx, ConflictKind::LimitOverrun, &about, now)?;
        }
        outbox::put_code(tx, code.n, false, now)?;
    }
    Ok(())
}

fn who(shop: &Shop, customer: &Value) -> Details {
    let text = |field: &str| customer[field].as_str().filter(|text| !text.is_empty());
    let email = text("email").and_then(|text| Email::parse(text).ok());
    let phone = text("phone").and_then(|text| Phone::parse(text, shop.country.as_deref()).ok());
    Details {
        name: text("name").and_then(|text| people::name(text).ok()).unwrap_or_default(),
        contact: Contact { email: email.as_ref().map(|email| email.key().to_owned()), phone: phone.as_ref().and_then(Phone::key).map(str::to_owned) },
        email: email.map(|email| email.text().to_owned()),
        phone: phone.map(|phone| phone.text().to_owned()),
        ..Details::default()
    }
}

/// The Redemption that a charge paid for, if it is one of ours.
fn paid_by(tx: &Connection, charge: &Value) -> Result<Option<Redemption>> {
    let Some(payment) = id_of(&charge["payment_intent"]) else { return Ok(None) };
    match destinations::about(tx, STRIPE, &payment)? {
        Some(id) => ledger::redemption(tx, id),
        None => Ok(None),
    }
}

/// Money went back for a checkout, or a refund failed and it did not: what Stripe says in all, less what is known.
pub(super) fn refund(tx: &Connection, shop: &Shop, charge: &Value, now: DateTime<Utc>) -> Result<()> {
    let Some(redemption) = paid_by(tx, charge)? else { return Ok(()) };
    let back = charge["amount_refunded"].as_i64().unwrap_or(0);
    let mut remote = destinations::remote(tx, STRIPE, redemption.id)?;
    // What Stripe said last, and how much of it was recorded because Stripe said so: what staff recorded is never taken back by Stripe.
    let fact = |name: &str| remote.facts[name].as_i64().unwrap_or(0);
    let (said, taken) = (fact("refunded"), fact("refunded_here"));
    // Taxes and shipping go back as well, and were never counted here.
    let missing = back.min(redemption.recorded.paid) - redemption.recorded.refunded;
    let more = missing.max(if back < said { -taken.min(said - back) } else { 0 });
    if redemption.recorded.voided || back == said {
        return Ok(());
    }
    remote.facts["refunded"] = back.into();
    remote.facts["refunded_here"] = (taken + more).into();
    destinations::set_remote(tx, STRIPE, redemption.id, &remote)?;
    if more == 0 {
        return Ok(());
    }
    let nth = ledger::refunds_of(tx, redemption.n)?.len();
    let op = operation(&format!("{} {nth}", charge["id"].as_str().unwrap_or_default()));
    ledger::refund(tx, op, redemption.n, more, "Stripe", now)?;
    let what = if more > 0 { "refunded" } else { "refund_failed" };
    audit::append(tx, shop.till_id, now, what, redemption.id, &json!({ "amount": more.abs(), "charge": charge["id"] }))?;
    outbox::put_lead(tx, What::Refund, redemption.id, redemption.lead_id, redemption.has_email, now)?;
    recording::requalify(tx, shop, redemption.lead_n, now).map(drop)
}

/// A customer disputes a payment. That is not a refund: it is shown, and changes nothing.
pub(super) fn dispute(tx: &Connection, shop: &Shop, charge: &Value, now: DateTime<Utc>) -> Result<()> {
    let Some(redemption) = paid_by(tx, charge)? else { return Ok(()) };
    if ledger::dispute(tx, redemption.n, now)? {
        audit::append(tx, shop.till_id, now, "disputed", redemption.id, &json!({ "charge": charge["id"] }))?;
    }
    Ok(())
}

/// Somebody changed one of our promotion codes at Stripe: what we know of it is asked anew at its next use.
pub(super) fn code_changed(tx: &Connection, promotion: &Value, now: DateTime<Utc>) -> Result<()> {
    let Some(about) = promotion["id"].as_str().map(|id| destinations::about(tx, STRIPE, id)).transpose()?.flatten() else { return Ok(()) };
    let mut remote = destinations::remote(tx, STRIPE, about)?;
    // One that was replaced says nothing of what the code is now.
    if remote.id.as_deref() != promotion["id"].as_str() {
        return Ok(());
    }
    if remote.facts["times_redeemed"] != promotion["times_redeemed"] || remote.facts["active"] != promotion["active"] {
        remote.facts["times_redeemed"] = promotion["times_redeemed"].clone();
        remote.facts["active"] = promotion["active"].clone();
        remote.facts["uses_told"] = Value::Null;
        remote.facts["uses_asked"] = Value::Null;
        destinations::set_remote(tx, STRIPE, about, &remote)?;
        outbox::put_code(tx, outbox::code_n(about), false, now)?;
    }
    Ok(())
}

/// Somebody deleted one of our coupons at Stripe: whether it is still gone is asked, and a person is told. Its codes, which ended with
/// it, are told about once it is there again.
pub(in crate::sync) fn coupon_deleted(tx: &Connection, id: &str, now: DateTime<Utc>) -> Result<()> {
    let Some(about) = destinations::about(tx, STRIPE, id)? else { return Ok(()) };
    destinations::set_remote(tx, STRIPE, about, &Remote { id: None, facts: json!({ "deleted": true, "codes_after": 0 }) })?;
    outbox::put(tx, STRIPE, What::Coupon, about, about, None, now)
}

/// An id, also where the whole object stands in its place.
fn id_of(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value["id"].as_str()).map(str::to_owned)
}

/// The operation id of something that happened at Stripe: the same for the same thing, so that it is recorded once.
fn operation(id: &str) -> Uuid {
    let hash = Sha256::digest(format!("stripe {id}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
