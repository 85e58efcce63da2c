//! What one side (test or live) of the account holds, and the events it writes about itself.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::{Value, json};

use super::search::SearchCopy;
use super::shelf::Shelf;
use super::{EVENT_DAYS, EVENT_VERSION, KEY_KEPT_SECS};
use crate::chance::Chance;
use crate::wire::Reply;

/// An answer kept under an idempotency key.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Method, path and body of the call that was answered.
    pub(crate) asked: String,
    pub(crate) request_id: String,
    pub(crate) reply: Reply,
}

/// One side of the account.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) live: bool,
    pub(crate) coupons: Shelf,
    pub(crate) promotion_codes: Shelf,
    pub(crate) customers: Shelf,
    /// Ids of customers that were deleted: they still answer, with `deleted`.
    pub(crate) deleted_customers: BTreeSet<String>,
    pub(crate) search: SearchCopy,
    pub(crate) sessions: Shelf,
    pub(crate) payment_intents: Shelf,
    pub(crate) charges: Shelf,
    pub(crate) refunds: Shelf,
    pub(crate) invoices: Shelf,
    pub(crate) invoice_payments: Shelf,
    pub(crate) events: Shelf,
    pub(crate) kept: HashMap<String, Kept>,
    /// The same keys with their moments, oldest first: nobody reads all of them to forget some.
    pub(crate) kept_since: VecDeque<(i64, String)>,
    /// Keys whose first call is not answered yet.
    pub(crate) in_flight: BTreeSet<String>,
    /// When coupons and promotion codes end, so that nobody reads all of them to find out.
    pub(crate) ending: BTreeSet<(i64, String)>,
}

fn keyed(row: &Value, fields: &[&str]) -> Vec<String> {
    fields.iter().filter_map(|field| row[*field].as_str().map(|value| format!("{field}:{value}"))).collect()
}

impl Books {
    pub(crate) fn new(live: bool, search_lag_millis: i64) -> Books {
        Books {
            live,
            coupons: Shelf::new(|_| Vec::new()),
            promotion_codes: Shelf::new(|row| {
                let mut keys = vec![format!("coupon:{}", row["promotion"]["coupon"].as_str().unwrap_or_default())];
                keys.push(format!("code:{}", row["code"].as_str().unwrap_or_default().to_lowercase()));
                keys
            }),
            customers: Shelf::new(|row| keyed(row, &["email"])),
            deleted_customers: BTreeSet::new(),
            search: SearchCopy::new(search_lag_millis),
            sessions: Shelf::new(|row| keyed(row, &["payment_intent", "customer", "subscription"])),
            payment_intents: Shelf::new(|row| keyed(row, &["customer"])),
            charges: Shelf::new(|row| keyed(row, &["payment_intent", "customer"])),
            refunds: Shelf::new(|row| keyed(row, &["payment_intent", "charge"])),
            invoices: Shelf::new(|row| {
                let mut keys = keyed(row, &["customer"]);
                keys.extend(row["parent"]["subscription_details"]["subscription"].as_str().map(|id| format!("subscription:{id}")));
                keys
            }),
            invoice_payments: Shelf::new(|row| keyed(row, &["invoice"])),
            events: Shelf::new(|_| Vec::new()),
            kept: HashMap::new(),
            kept_since: VecDeque::new(),
            in_flight: BTreeSet::new(),
            ending: BTreeSet::new(),
        }
    }

    /// Writes an event about an object.
    ///
    /// Its body is in the account's own old version and holds only what every version had: whoever reads more out of it
    /// than the id reads what isn't there.
    pub(crate) fn tell(&mut self, chance: &mut Chance, now: i64, kind: &str, object: &Value) -> String {
        let mut body = json!({});
        for field in [
            "id",
            "object",
            "created",
            "livemode",
            "amount",
            "amount_refunded",
            "currency",
            "status",
            "payment_status",
            "payment_intent",
            "charge",
            "code",
            "active",
        ] {
            if let Some(value) = object.get(field) {
                body[field] = value.clone();
            }
        }
        let id = chance.id("evt");
        self.events.put(json!({
            "id": id, "object": "event", "api_version": EVENT_VERSION, "created": now, "livemode": self.live, "pending_webhooks": 0,
            "request": {"id": null, "idempotency_key": null}, "type": kind, "data": {"object": body},
        }));
        id
    }

    /// What time alone does: codes and coupons end, old events and old answers are forgotten.
    pub(crate) fn pass_time(&mut self, chance: &mut Chance, now: i64) {
        while let Some((at, id)) = self.ending.first().cloned() {
            if at > now {
                break;
            }
            self.ending.remove(&(at, id.clone()));
            if self.promotion_codes.get(&id).is_some() {
                self.close_code(chance, now, &id);
            } else {
                self.close_coupon(chance, now, &id);
            }
        }
        let old: Vec<String> = self
            .events
            .all()
            .take_while(|event| event["created"].as_i64().unwrap_or_default() < now - EVENT_DAYS * 86_400)
            .filter_map(|event| event["id"].as_str().map(str::to_owned))
            .collect();
        for id in old {
            self.events.remove(&id);
        }
        while self.kept_since.front().is_some_and(|(at, _)| at + KEY_KEPT_SECS <= now) {
            if let Some((_, key)) = self.kept_since.pop_front() {
                self.kept.remove(&key);
            }
        }
    }

    /// A promotion code stops being active, and says so.
    pub(crate) fn close_code(&mut self, chance: &mut Chance, now: i64, id: &str) {
        if self.promotion_codes.get(id).is_some_and(|code| code["active"] == true)
            && let Some(code) = self.promotion_codes.change(id, |code| code["active"] = false.into())
        {
            self.tell(chance, now, "promotion_code.updated", &code);
        }
    }

    /// A coupon stops being valid, and with it all of its codes.
    pub(crate) fn close_coupon(&mut self, chance: &mut Chance, now: i64, id: &str) {
        self.coupons.change(id, |coupon| coupon["valid"] = false.into());
        let codes: Vec<String> =
            self.promotion_codes.with(&format!("coupon:{id}")).filter_map(|code| code["id"].as_str().map(str::to_owned)).collect();
        for code in codes {
            self.close_code(chance, now, &code);
        }
    }
}
