//! A model of Stripe, as small as the simulation allows: customers, coupons, promotion codes, and keys that are kept for a day.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use counterfoil_core::sync::call::{Body, Call, Method, Reply};
use serde_json::{Value, json};

use super::checkouts::Checkouts;

/// The first answer to a key is kept so long.
const KEPT: Duration = Duration::from_secs(24 * 3600);

struct Kept {
    at: Duration,
    reply: Reply,
}

/// The truth at Stripe.
#[derive(Default)]
pub struct Stripe {
    pub customers: BTreeMap<String, (Value, Duration)>,
    pub coupons: BTreeMap<String, Value>,
    pub promotion_codes: BTreeMap<String, Value>,
    pub checkouts: Checkouts,
    /// How far the customer search lags behind.
    pub lag: Duration,
    /// What a caller must never do.
    pub violations: Vec<String>,
    /// Changes that were carried out.
    pub writes: u32,
    /// Somebody was searched for whose key is forgotten, or a search did not show what was there.
    pub forgotten: u32,
    pub lagged: u32,
    kept: HashMap<String, Kept>,
    /// Every key that was ever used, with what was sent under it.
    ever: HashMap<String, String>,
    made: u32,
}

fn form(body: &Body) -> Vec<(String, String)> {
    match body {
        Body::Form(text) => form_urlencoded::parse(text.as_bytes()).into_owned().collect(),
        _ => Vec::new(),
    }
}

pub fn no(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(status, json!({ "error": { "type": "invalid_request_error", "code": code, "message": message } }).to_string())
}

impl Stripe {
    /// Answers a call; `stored_fault` carries it out and keeps a fault under its key.
    pub fn answer(&mut self, call: &Call, now: Duration, stored_fault: bool) -> Reply {
        let Some(key) = call.key.clone() else {
            if call.method != Method::Get {
                self.violations.push(format!("{} without a key", call.shown()));
            }
            return self.carry_out(call, now);
        };
        let sent = format!("{} {:?}", call.path, call.body);
        if self.ever.insert(key.clone(), sent.clone()).is_some_and(|before| before != sent) {
            self.violations.push(format!("{}: one key, two bodies", call.shown()));
        }
        match self.kept.get(&key) {
            Some(kept) if now - kept.at < KEPT => return Reply { replayed: true, ..kept.reply.clone() },
            // What it answered a day ago is forgotten: it is carried out again.
            _ => {}
        }
        let mut reply = self.carry_out(call, now);
        if stored_fault {
            reply = no(500, "api_error", "an error on our side");
        }
        self.kept.insert(key, Kept { at: now, reply: reply.clone() });
        reply
    }

    pub fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}_{}", self.made)
    }

    fn carry_out(&mut self, call: &Call, now: Duration) -> Reply {
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let asked: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let form = form(&call.body);
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        if call.method == Method::Post {
            self.writes += 1;
        }
        if call.method == Method::Get
            && let Some(reply) = self.checkouts.answer(&parts, &asked, now)
        {
            return reply;
        }
        let list = |found: Vec<Value>| Reply::new(200, json!({ "object": "list", "has_more": false, "data": found }).to_string());
        match (call.method, parts.as_slice()) {
            (Method::Get, ["customers", "search"]) => {
                let lead = asked["query"].split('\'').nth(3).unwrap_or_default().to_owned();
                let all: Vec<&(Value, Duration)> =
                    self.customers.values().filter(|(customer, _)| customer["metadata"]["lead"] == lead.as_str()).collect();
                let shown: Vec<Value> = all.iter().filter(|(_, changed)| *changed + self.lag <= now).map(|(customer, _)| customer.clone()).collect();
                self.lagged += u32::from(shown.len() < all.len());
                self.forgotten += u32::from(all.iter().any(|(_, made)| *made + KEPT <= now));
                list(shown)
            }
            (Method::Get, ["customers"]) => list(
                self.customers.values().filter(|(customer, _)| customer["email"] == asked["email"]).map(|(customer, _)| customer.clone()).collect(),
            ),
            (Method::Post, ["customers"]) => {
                let id = self.id("cus");
                let mut customer = json!({ "id": id, "object": "customer", "metadata": {} });
                fill(&mut customer, &form);
                self.customers.insert(id, (customer.clone(), now));
                Reply::new(200, customer.to_string())
            }
            (Method::Post, ["customers", id]) => match self.customers.get_mut(*id) {
                Some((customer, _)) => {
                    fill(customer, &form);
                    Reply::new(200, customer.to_string())
                }
                None => no(404, "resource_missing", "No such customer"),
            },
            (Method::Post, ["coupons"]) => {
                let mut coupon = json!({ "object": "coupon", "metadata": {} });
                fill(&mut coupon, &form);
                let id = coupon["id"].as_str().unwrap_or_default().to_owned();
                if self.coupons.contains_key(&id) {
                    return no(400, "resource_already_exists", "Coupon already exists.");
                }
                self.coupons.insert(id, coupon.clone());
                Reply::new(200, coupon.to_string())
            }
            (Method::Get, ["coupons", id]) => {
                self.coupons.get(*id).map_or_else(|| no(404, "resource_missing", "No such coupon"), |coupon| Reply::new(200, coupon.to_string()))
            }
            (Method::Get, ["promotion_codes"]) => list(self.active(&asked["code"]).into_iter().cloned().collect()),
            (Method::Post, ["promotion_codes"]) => {
                let mut code = json!({ "object": "promotion_code", "metadata": {}, "active": true, "times_redeemed": 0 });
                fill(&mut code, &form);
                let text = code["code"].as_str().unwrap_or_default().to_owned();
                if self.active(&text).is_some() {
                    return no(400, "", &format!("An active promotion code with `code: {text}` already exists."));
                }
                let id = self.id("promo");
                code["id"] = id.clone().into();
                self.promotion_codes.insert(id, code.clone());
                Reply::new(200, code.to_string())
            }
            (_, ["promotion_codes", id]) => match self.promotion_codes.get_mut(*id) {
                Some(code) => {
                    fill(code, &form);
                    Reply::new(200, code.to_string())
                }
                None => no(404, "resource_missing", "No such promotion code"),
            },
            _ => {
                self.violations.push(format!("{} is no call that is known", call.shown()));
                no(404, "", "Unrecognized request URL")
            }
        }
    }

    fn active(&self, text: &str) -> Option<&Value> {
        self.promotion_codes.values().find(|code| code["active"] == true && code["code"].as_str().is_some_and(|code| code.eq_ignore_ascii_case(text)))
    }
}

/// Writes the fields of a form into an object; an empty value takes a field of the metadata away.
fn fill(object: &mut Value, form: &[(String, String)]) {
    for (name, value) in form {
        match name.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')) {
            Some(name) if value.is_empty() => drop(object["metadata"].as_object_mut().unwrap().remove(name)),
            Some(name) => object["metadata"][name] = value.as_str().into(),
            None if name == "max_redemptions" => object["max_redemptions"] = value.parse::<u64>().unwrap().into(),
            None if name == "active" => object["active"] = (value == "true").into(),
            None => object[name.as_str()] = value.as_str().into(),
        }
    }
}
