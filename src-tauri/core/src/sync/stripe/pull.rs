//! What happened at Stripe: events tell that something did, and the object itself, read anew, tells what.
//!
//! Events are kept for 30 days. The newest one seen is the cursor; a few minutes before it are asked again, since events may become
//! visible out of order. A cursor that vanished is made up for by time; a gap in which events were lost, from the lists of checkouts and
//! refunds.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{checkouts, form_of, is};
use crate::storage::Result;
use crate::storage::campaigns::Shop;
use crate::storage::destinations::{self, Standing};
use crate::sync::call::{Call, Name, Reply};
use crate::sync::pull::{Taken, refusal};

/// What we want to hear of; at most twenty may be asked for.
const TYPES: [&str; 9] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "promotion_code.updated",
    "coupon.deleted",
];
const PAGE: &str = "100";
/// So far before the cursor events are asked for once more.
const OVERLAP_SECS: i64 = 600;
/// Who read them to their end longer ago has a gap: a day less than Stripe keeps events.
const GAP_SECS: i64 = 29 * 86_400;
/// A checkout is dated by its opening; it may be paid a day later.
const CHECKOUT_SECS_OPEN: i64 = 86_400;
/// So much older checkouts are looked at after a gap: the money of some comes weeks later, and it is disputed, or a refund of it fails,
/// within months (card networks allow 120 days).
const MONEY_SECS_MOVES: i64 = 180 * 86_400;
/// Ids that are remembered so that the overlap brings nothing twice.
const SEEN_MAX: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// Nothing is being asked.
    #[default]
    Rest,
    /// The minutes before the cursor.
    Overlap,
    /// From the cursor on, towards now.
    Walk,
    /// From now back to `since`: there is no cursor.
    List,
    /// All checkouts from now back to [`MONEY_SECS_MOVES`] before the gap: the events are gone.
    Checkouts,
    /// All refunds of the gap, also those of checkouts that are older than that.
    Refunds,
}

impl Phase {
    /// Page after page from the newest to the oldest. Such a list is read to its end before anything in it is: the oldest comes first.
    fn goes_back(self) -> bool {
        !matches!(self, Phase::Rest | Phase::Walk)
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct At {
    phase: Phase,
    cursor: Option<String>,
    /// When the cursor's event happened, in Stripe's seconds.
    cursor_secs: i64,
    since: i64,
    /// When the events were last read to their end, in seconds of this till's clock.
    looked: Option<i64>,
    /// The last list of events had none.
    was_empty: bool,
    /// The last of the page before, in a list that goes back.
    page_end: Option<String>,
    /// What is to be read: kind and id, oldest first.
    todo: Vec<(String, String)>,
    /// What Stripe would not let us read, and what we can't place yet: asked for once more in the next round, and holding up nothing
    /// until then.
    put_off: Vec<(String, String)>,
    /// Why.
    why: Option<String>,
    seen: Vec<String>,
}

impl At {
    /// Whether events may be gone that nobody read, whatever kept us from it. Where nothing happened for weeks, or a wrong clock says
    /// so, there is no gap.
    fn has_gap(&self, now: i64) -> bool {
        let looked_lately = self.looked.is_none_or(|looked| (now - looked).abs() <= GAP_SECS);
        !looked_lately && (self.cursor.is_none() || now - self.cursor_secs > GAP_SECS)
    }

    /// Asks for it once more in the next round.
    fn put_off(&mut self, item: (String, String)) {
        if !self.put_off.contains(&item) {
            self.put_off.push(item);
        }
    }
}

fn at(stored: &Value) -> At {
    serde_json::from_value(stored.clone()).unwrap_or_default()
}

fn keep(stored: &mut Value, at: &At) {
    *stored = serde_json::to_value(at).unwrap_or_default();
}

pub(in crate::sync) fn next(stored: &mut Value, standing: &Standing, now: DateTime<Utc>) -> Call {
    let mut at = at(stored);
    if at.phase == Phase::Rest && at.todo.is_empty() {
        (at.page_end, at.why) = (None, None);
        at.todo.append(&mut at.put_off);
        if at.cursor.is_some() {
            at.phase = Phase::Overlap;
        } else {
            // Codes that were there before the connection are somebody else's business. After a list that was empty everything is
            // new, whatever our clock said as it was connected.
            let connected = standing.connected.map_or(now, |at| at.min(now)).timestamp();
            (at.phase, at.since) = (Phase::List, if at.was_empty { 0 } else { connected - CHECKOUT_SECS_OPEN });
        }
    }
    // Also where a look was begun before the gap, and never came to its end.
    if matches!(at.phase, Phase::Overlap | Phase::Walk | Phase::List) && at.has_gap(now.timestamp()) {
        (at.phase, at.page_end) = (Phase::Checkouts, None);
    }
    keep(stored, &at);
    if !at.phase.goes_back()
        && let Some((kind, id)) = at.todo.first()
    {
        return read(kind, id);
    }
    let mut ask = vec![("limit", PAGE.to_owned())];
    if matches!(at.phase, Phase::Checkouts | Phase::Refunds) {
        let (list, since) = match at.phase {
            Phase::Checkouts => ("checkout/sessions", at.cursor_secs - MONEY_SECS_MOVES),
            _ => ("refunds", at.cursor_secs - CHECKOUT_SECS_OPEN),
        };
        ask.push(("created[gte]", since.max(0).to_string()));
        if at.phase == Phase::Checkouts {
            ask.extend([("status", "complete".to_owned()), ("expand[]", "data.payment_intent.latest_charge".to_owned())]);
        }
        ask.extend(at.page_end.map(|id| ("starting_after", id)));
        return Call::get(Name::Pull, format!("/v1/{list}?{}", form_of(&ask)));
    }
    ask.extend(TYPES.map(|name| ("types[]", name.to_owned())));
    match (at.phase, at.cursor) {
        (Phase::Overlap, _) => {
            ask.extend([("created[gte]", (at.cursor_secs - OVERLAP_SECS).to_string()), ("created[lte]", at.cursor_secs.to_string())]);
            ask.extend(at.page_end.map(|id| ("starting_after", id)));
        }
        (Phase::Walk, Some(cursor)) => ask.push(("ending_before", cursor)),
        _ => {
            ask.push(("created[gte]", at.since.to_string()));
            ask.extend(at.page_end.map(|id| ("starting_after", id)));
        }
    }
    Call::get(Name::Pull, format!("/v1/events?{}", form_of(&ask)))
}

fn read(kind: &str, id: &str) -> Call {
    match kind {
        "session" => {
            let expand = form_of(&[("expand[]", "total_details.breakdown".into()), ("expand[]", "payment_intent.latest_charge".into())]);
            Call::get(Name::Read, format!("/v1/checkout/sessions/{id}?{expand}"))
        }
        "invoice" => {
            let ask = form_of(&[("invoice", id.to_owned()), ("expand[]", "data.payment.payment_intent.latest_charge".into())]);
            Call::get(Name::Read, format!("/v1/invoice_payments?{ask}"))
        }
        "promotion_code" => Call::get(Name::Read, format!("/v1/promotion_codes/{id}")),
        "coupon" => Call::get(Name::Read, format!("/v1/coupons/{id}")),
        _ => Call::get(Name::Read, format!("/v1/charges/{id}")),
    }
}

/// What an event asks us to read. Its own body is in the account's version of the API, so only ids are taken from it.
fn trigger(event: &Value) -> Option<(String, String)> {
    let object = &event["data"]["object"];
    let named = |kind: &str, id: &Value| id.as_str().map(|id| (kind.to_owned(), id.to_owned()));
    match event["type"].as_str()? {
        "charge.refunded" => named("charge", &object["id"]),
        "refund.updated" | "refund.failed" => named("charge", &object["charge"]),
        "charge.dispute.created" => named("dispute", &object["charge"]),
        "promotion_code.updated" => named("promotion_code", &object["id"]),
        name if name.starts_with("checkout.session.") => named("session", &object["id"]),
        _ => None,
    }
}

pub(in crate::sync) fn take(tx: &Connection, shop: &Shop, stored: &mut Value, call: &Call, reply: &Reply, now: DateTime<Utc>) -> Result<Taken> {
    let mut at = at(stored);
    let body = reply.json().unwrap_or_default();
    if call.name == Name::Read {
        if at.todo.is_empty() {
            return Ok(Taken::More);
        }
        let item = at.todo.remove(0);
        match (reply.status, item.0.as_str()) {
            (200, "session") if checkouts::too_early(tx, &body)? => at.put_off(item),
            (200, "session") => {
                let invoice = checkouts::record(tx, shop, &body, now)?;
                at.todo.extend(invoice.map(|id| ("invoice".to_owned(), id)));
            }
            (200, "invoice") => checkouts::invoice_paid(tx, shop, &body, now)?,
            (200, "dispute") => checkouts::dispute(tx, shop, &body, now)?,
            (200, "promotion_code") => checkouts::code_changed(tx, &body, now)?,
            (200, "coupon") if body["deleted"] != true => {}
            (200 | 404, "coupon") => checkouts::coupon_deleted(tx, &item.1, now)?,
            (200, _) => checkouts::refund(tx, shop, &body, now)?,
            // Gone there: there is nothing to learn.
            (404, _) => {}
            _ => {
                at.why = Some(refusal(reply));
                at.put_off(item);
            }
        }
        return Ok(kept(stored, &at));
    }
    if reply.status != 200 {
        if is(&body, "code", "resource_missing") {
            // The cursor is gone: what it stood for is asked for by time.
            (at.phase, at.since, at.cursor, at.page_end) = (Phase::List, at.cursor_secs - OVERLAP_SECS, None, None);
            keep(stored, &at);
            return Ok(Taken::More);
        }
        return Ok(Taken::Trouble(refusal(reply)));
    }
    let page: Vec<&Value> = body["data"].as_array().into_iter().flatten().collect();
    let more = body["has_more"] == true;
    // Newest first, both ways.
    if matches!(at.phase, Phase::Checkouts | Phase::Refunds) {
        let (kind, id) = if at.phase == Phase::Checkouts { ("session", "id") } else { ("charge", "charge") };
        let mut todo = Vec::new();
        for row in page.iter().rev() {
            // What is known needs no reading: its money stands in the row.
            let known =
                at.phase == Phase::Checkouts && (checkouts::money(tx, shop, &row["payment_intent"], now)? || !checkouts::may_have_a_code(row));
            todo.extend(row[id].as_str().filter(|_| !known).map(|id| (kind.to_owned(), id.to_owned())));
        }
        todo.append(&mut at.todo);
        at.todo = unique(todo);
    } else {
        let fresh: Vec<&&Value> =
            page.iter().rev().filter(|event| event["id"].as_str().is_some_and(|id| !at.seen.iter().any(|seen| seen == id))).collect();
        // Of what is gone nothing can be read but that.
        let mut gone = fresh.iter().filter(|event| event["type"] == "coupon.deleted").filter_map(|event| event["data"]["object"]["id"].as_str());
        gone.try_for_each(|id| checkouts::coupon_deleted(tx, id, now))?;
        let mut todo: Vec<(String, String)> = fresh.iter().filter_map(|event| trigger(event)).collect();
        at.seen.extend(fresh.iter().filter_map(|event| event["id"].as_str().map(str::to_owned)));
        let too_many = at.seen.len().saturating_sub(SEEN_MAX);
        at.seen.drain(..too_many);
        if at.phase.goes_back() {
            todo.append(&mut at.todo);
            at.todo = todo;
        } else {
            at.todo.append(&mut todo);
        }
        at.todo = unique(std::mem::take(&mut at.todo));
        let newest = page.first().filter(|_| at.phase != Phase::Overlap && at.page_end.is_none());
        if let Some((id, secs)) = newest.and_then(|event| Some((event["id"].as_str()?, event["created"].as_i64()?))) {
            (at.cursor, at.cursor_secs) = (Some(id.to_owned()), secs);
        }
    }
    at.page_end = page.last().and_then(|last| last["id"].as_str()).map(str::to_owned).filter(|_| more && at.phase.goes_back());
    at.phase = match at.phase {
        Phase::Overlap if !more => Phase::Walk,
        Phase::Checkouts if !more => Phase::Refunds,
        // What these lists can't tell, the events that are left do; of a coupon that is gone nothing tells but its absence.
        Phase::Refunds if !more => {
            at.todo.extend(destinations::coupons(tx)?.into_iter().map(|id| ("coupon".to_owned(), id)));
            (at.since, at.cursor, at.looked) = ((at.cursor_secs - OVERLAP_SECS).max(0), None, Some(now.timestamp()));
            Phase::List
        }
        Phase::List if !more => {
            at.was_empty = at.cursor.is_none();
            Phase::Rest
        }
        phase if more => phase,
        _ => Phase::Rest,
    };
    if at.phase == Phase::Rest {
        at.looked = Some(now.timestamp());
    }
    Ok(kept(stored, &at))
}

/// Keeps how far it came, and says whether there is more to ask.
fn kept(stored: &mut Value, at: &At) -> Taken {
    keep(stored, at);
    match &at.why {
        _ if at.phase != Phase::Rest || !at.todo.is_empty() => Taken::More,
        Some(why) => Taken::Trouble(why.clone()),
        None => Taken::Whole(None),
    }
}

/// The same object is read once, however many events name it.
fn unique(todo: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::with_capacity(todo.len());
    let mut known = std::collections::HashSet::new();
    for item in todo {
        if known.insert(item.clone()) {
            kept.push(item);
        }
    }
    kept
}
