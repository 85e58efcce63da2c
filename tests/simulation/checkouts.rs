//! Shoppers at Stripe's own checkout: what Stripe tells of them, and whether each of them came here once.

use std::collections::BTreeMap;
use std::time::Duration;

use counterfoil_core::desk::Customer;
use counterfoil_core::sync::call::Reply;
use serde_json::{Value, json};

use super::stripe::{Stripe, no};
use super::template;
use super::truth::Sale;
use super::world::{Outcome, World};

/// Smaller than Stripe's, so that a few events need several.
const PAGE: usize = 5;
/// Events are kept so long.
const EVENTS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// An event may be shown so much later than it happened, and after younger ones.
pub const EVENT_LAG: Duration = Duration::from_secs(120);
const SHOPPERS: u64 = 4;

/// A checkout that was paid.
pub struct Checkout {
    id: String,
    paid_at: Duration,
    promotion_code: String,
    pub code: String,
    order: i64,
    discount: i64,
    name: String,
    email: String,
    /// Of Stripe's own making; none for a guest.
    customer: Option<String>,
    /// What went back in all, after each refund.
    refunds: Vec<i64>,
    /// The Lead here and which of their sales it is, once it was brought back.
    here: Option<(String, usize)>,
}

struct Event {
    happened: Duration,
    shown: Duration,
    kind: &'static str,
    object: Value,
}

/// What happened at the checkout, in its order.
#[derive(Default)]
pub struct Checkouts {
    pub all: Vec<Checkout>,
    events: Vec<Event>,
    /// When money went back, and of which charge.
    refunds: Vec<(Duration, String)>,
}

fn secs(moment: Duration) -> i64 {
    template::opened().timestamp() + moment.as_secs() as i64
}

impl Checkout {
    fn paid(&self) -> i64 {
        self.order - self.discount
    }

    fn refunded(&self) -> i64 {
        self.refunds.last().copied().unwrap_or(0)
    }

    fn charge(&self) -> Value {
        json!({ "id": format!("ch_{}", self.id), "object": "charge", "payment_intent": format!("pi_{}", self.id), "amount": self.paid(),
            "amount_refunded": self.refunded(), "refunded": self.refunded() == self.paid() })
    }

    fn session(&self) -> Value {
        json!({ "id": self.id, "object": "checkout.session", "created": secs(self.paid_at), "status": "complete", "payment_status": "paid",
            "currency": "eur", "amount_subtotal": self.order, "amount_total": self.paid(), "customer": self.customer,
            "customer_details": { "email": self.email, "name": self.name, "phone": null },
            "discounts": [{ "promotion_code": self.promotion_code }], "total_details": { "amount_discount": self.discount },
            "payment_intent": { "id": format!("pi_{}", self.id), "latest_charge": self.charge() } })
    }
}

impl Checkouts {
    /// Answers what is asked about them; none for anything else.
    pub fn answer(&self, parts: &[&str], asked: &BTreeMap<String, String>, now: Duration) -> Option<Reply> {
        let object =
            |found: Option<Value>| found.map_or_else(|| no(404, "resource_missing", "No such object"), |found| Reply::new(200, found.to_string()));
        match parts {
            ["events"] => {
                let shown = |event: &Event| event.shown <= now && now - event.happened < EVENTS_KEPT;
                let rows = self.events.iter().enumerate().map(|(n, event)| {
                    let row =
                        json!({ "id": format!("evt_{n}"), "created": secs(event.happened), "type": event.kind, "data": { "object": event.object } });
                    (row, shown(event))
                });
                Some(page(rows.collect(), asked))
            }
            ["checkout", "sessions"] => Some(page(self.all.iter().map(|checkout| (checkout.session(), true)).collect(), asked)),
            ["checkout", "sessions", id] => Some(object(self.all.iter().find(|checkout| checkout.id == *id).map(Checkout::session))),
            ["refunds"] => {
                let row = |(n, (at, charge)): (usize, &(Duration, String))| {
                    (json!({ "id": format!("re_{n}"), "object": "refund", "created": secs(*at), "charge": charge }), true)
                };
                Some(page(self.refunds.iter().enumerate().map(row).collect(), asked))
            }
            ["charges", id] => Some(object(self.all.iter().map(Checkout::charge).find(|charge| charge["id"] == *id))),
            _ => None,
        }
    }

    fn tell(&mut self, now: Duration, lag: Duration, kind: &'static str, object: Value) {
        self.events.push(Event { happened: now, shown: now + lag, kind, object });
    }
}

/// One page of rows that stand oldest first, each with whether it is shown.
fn page(rows: Vec<(Value, bool)>, asked: &BTreeMap<String, String>) -> Reply {
    let place = |name: &str| asked.get(name).map(|id| rows.iter().position(|(row, _)| row["id"] == id.as_str()));
    let (before, after) = (place("starting_after"), place("ending_before"));
    if before == Some(None) || after == Some(None) {
        return no(404, "resource_missing", "No such cursor");
    }
    let bound = |name: &str| asked.get(name).and_then(|text| text.parse::<i64>().ok());
    let (least, most) = (bound("created[gte]").unwrap_or(i64::MIN), bound("created[lte]").unwrap_or(i64::MAX));
    let fits = |(n, (row, shown)): &(usize, &(Value, bool))| {
        let created = row["created"].as_i64().unwrap();
        *shown && (least..=most).contains(&created) && before.flatten().is_none_or(|at| *n < at) && after.flatten().is_none_or(|at| *n > at)
    };
    let mut found: Vec<&Value> = rows.iter().enumerate().filter(fits).map(|(_, (row, _))| row).collect();
    let more = found.len() > PAGE;
    // Those next to where it goes on from.
    if after.is_some() {
        found.truncate(PAGE)
    } else {
        drop(found.drain(..found.len().saturating_sub(PAGE)))
    }
    found.reverse();
    Reply::new(200, json!({ "object": "list", "has_more": more, "data": found }).to_string())
}

impl Stripe {
    /// Somebody pays with this code, if it is good at Stripe.
    fn pay(&mut self, code: &str, shopper: u64, guest: bool, order: i64, now: Duration, lag: Duration) -> bool {
        let good = |row: &&mut Value| row["active"] == true && row["code"] == code;
        let Some(promotion) = self.promotion_codes.values_mut().find(good) else { return false };
        let times = promotion["times_redeemed"].as_u64().unwrap() + 1;
        promotion["times_redeemed"] = times.into();
        let used_up = promotion["max_redemptions"].as_u64().is_some_and(|most| times >= most);
        promotion["active"] = (!used_up).into();
        let promotion = promotion.clone();
        let (name, email) = (format!("Shopper {shopper}"), format!("shopper{shopper}@post.com"));
        // A new one each time, also for somebody who comes back.
        let customer = (!guest).then(|| {
            let id = self.id("cus");
            self.customers.insert(id.clone(), (json!({ "id": id, "object": "customer", "name": name, "email": email, "metadata": {} }), now));
            id
        });
        let checkout = Checkout {
            id: format!("cs_{}", self.checkouts.all.len()),
            paid_at: now,
            promotion_code: promotion["id"].as_str().unwrap().to_owned(),
            code: code.to_owned(),
            order,
            discount: order * 15 / 100,
            name,
            email,
            customer,
            refunds: Vec::new(),
            here: None,
        };
        self.checkouts.tell(now, lag, "checkout.session.completed", json!({ "id": checkout.id }));
        // That a code is used is not said every time.
        if used_up || shopper == 0 {
            self.checkouts.tell(now, lag, "promotion_code.updated", json!({ "id": promotion["id"] }));
        }
        self.checkouts.all.push(checkout);
        true
    }
}

impl World {
    /// Somebody pays at Stripe's checkout with a code that was sent.
    pub fn shop_online(&mut self) -> Outcome<()> {
        let code = self.dice.pick(&self.truth.referrers.iter().map(|referrer| referrer.code.clone()).collect::<Vec<_>>()).clone();
        let lag = Duration::from_secs(self.dice.below(EVENT_LAG.as_secs()));
        let (shopper, guest, order) = (self.dice.below(SHOPPERS), self.dice.below(2) == 0, 100 + self.dice.below(10_000) as i64);
        if self.stripe.pay(&code, shopper, guest, order, self.now, lag) {
            self.struck.one("checkout");
        }
        if self.dice.below(2) == 0 { self.refund_online() } else { Ok(()) }
    }

    /// Some of what was paid at a checkout goes back, or all of it; half of the time the bank sends it back.
    pub fn refund_online(&mut self) -> Outcome<()> {
        let (now, whole, lag) = (self.now, self.dice.below(2) == 0, Duration::from_secs(self.dice.below(EVENT_LAG.as_secs())));
        // Stripe may tell of two things in the wrong order, but not of what is hours apart.
        let old = |checkout: &Checkout| now > checkout.paid_at + 2 * EVENT_LAG && checkout.refunded() < checkout.paid();
        let which: Vec<usize> = (0..self.stripe.checkouts.all.len()).filter(|n| old(&self.stripe.checkouts.all[*n])).collect();
        if which.is_empty() {
            return Ok(());
        }
        let (at, fails) = (*self.dice.pick(&which), self.dice.below(2) == 0);
        let checkout = &mut self.stripe.checkouts.all[at];
        let (before, left) = (checkout.refunded(), checkout.paid() - checkout.refunded());
        checkout.refunds.push(before + if whole { left } else { 1 + left / 3 });
        let charge = checkout.charge()["id"].as_str().unwrap().to_owned();
        if fails {
            checkout.refunds.push(before);
            self.stripe.checkouts.tell(now, lag, "refund.failed", json!({ "charge": charge }));
            self.struck.one("refund failed");
        }
        self.stripe.checkouts.tell(now, lag, "charge.refunded", json!({ "id": charge }));
        self.stripe.checkouts.refunds.push((now, charge));
        self.struck.one("checkout refunded");
        Ok(())
    }

    /// Learns which checkouts came here; none may come twice, and none that nobody paid.
    pub fn learn_checkouts(&mut self) -> Outcome<()> {
        let sql = "SELECT redemption.id, lead.id, paid, refunded FROM remote JOIN redemption ON redemption.id = about JOIN lead ON lead.n = lead_n
            WHERE destination = 'stripe' AND facts ->> '$.session' = ?1";
        let id = |bytes: Vec<u8>| uuid::Uuid::from_slice(&bytes).unwrap().to_string();
        let mut known = 0;
        for at in 0..self.stripe.checkouts.all.len() {
            let checkout = &self.stripe.checkouts.all[at];
            let found = self
                .store
                .reader()
                .query_row(sql, [&checkout.id], |row| Ok((id(row.get(0)?), id(row.get(1)?), row.get::<_, i64>(2)?, row.get::<_, i64>(3)?)));
            let Ok((redemption, lead, paid, refunded)) = found else { continue };
            known += 1;
            let (id, expected, said) = (checkout.id.clone(), checkout.paid(), checkout.refunds.contains(&refunded) || refunded == 0);
            if paid != expected || !said {
                return Err(format!("of checkout {id} {paid} was paid here and {refunded} given back"));
            }
            let (lead, n) = match checkout.here.clone() {
                Some(here) => here,
                None => {
                    let referrer = self.truth.referrers.iter().position(|referrer| referrer.code == checkout.code).unwrap();
                    let customer = Customer { name: Some(checkout.name.clone()), email: Some(checkout.email.clone()), phone: None };
                    let sales = &mut self.know(lead.clone(), &customer, referrer).sales;
                    sales.push(Sale { id: redemption, paid, refunded: 0, voided: false, online: true });
                    let here = (lead, sales.len() - 1);
                    self.stripe.checkouts.all[at].here = Some(here.clone());
                    self.count_uses();
                    here
                }
            };
            self.truth.leads.get_mut(&lead).unwrap().sales[n].refunded = refunded;
        }
        let here: i64 = self.store.reader().query_row("SELECT count(*) FROM redemption WHERE source = 'stripe'", [], |row| row.get(0)).unwrap();
        if here == known { Ok(()) } else { Err(format!("{here} checkouts came here and {known} of them were paid")) }
    }

    /// Each checkout is one Redemption here, with what went back of it.
    pub fn checkouts_are_here(&self) -> Outcome<()> {
        for checkout in &self.stripe.checkouts.all {
            let Some((lead, n)) = &checkout.here else { return Err(format!("checkout {} is not here", checkout.id)) };
            let refunded = self.truth.leads[lead].sales[*n].refunded;
            if refunded != checkout.refunded() {
                return Err(format!("of checkout {} {refunded} went back here and {} there", checkout.id, checkout.refunded()));
            }
        }
        Ok(())
    }
}
