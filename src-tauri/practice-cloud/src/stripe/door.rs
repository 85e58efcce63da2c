//! The way in: who calls, with which version, how often, under which idempotency key; then to the books.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::books::{Books, Kept};
use super::params::Params;
use super::refusal::Refusal;
use super::{EVENT_VERSION, PERMISSIONS, VERSION};
use crate::chance::Chance;
use crate::faults::Fault;
use crate::form;
use crate::rates::StripeRates;
use crate::wire::{Ask, Reply};

/// What a key may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything: a secret key, `sk_…`.
    Full,
    /// Only what is named (`rak_customer_write`); writing includes reading. A restricted key, `rk_…`.
    Only(BTreeSet<String>),
}

impl Access {
    /// What a restricted key of Counterfoil's needs and no more.
    pub fn counterfoil() -> Access {
        Access::Only(PERMISSIONS.iter().map(|name| (*name).to_owned()).collect())
    }

    fn allows(&self, needed: &str) -> bool {
        match self {
            Access::Full => true,
            Access::Only(names) => {
                names.contains(needed) || needed.strip_suffix("_read").is_some_and(|stem| names.contains(&format!("{stem}_write")))
            }
        }
    }
}

/// Everything that the Stripe stand-in knows.
#[derive(Debug)]
pub(crate) struct Stripe {
    pub(crate) keys: BTreeMap<String, Access>,
    pub(crate) test: Books,
    pub(crate) live: Books,
    pub(crate) test_rates: StripeRates,
    pub(crate) live_rates: StripeRates,
}

/// What one call may draw on besides the books.
pub(crate) struct Turn<'a> {
    pub(crate) now: i64,
    pub(crate) now_millis: i64,
    pub(crate) chance: &'a mut Chance,
    pub(crate) access: Access,
}

impl Turn<'_> {
    /// Refuses, naming what is missing, as Stripe does.
    pub(crate) fn may(&self, permission: &str) -> Result<(), Refusal> {
        if self.access.allows(permission) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!(
            "The provided key does not have the required permissions for this endpoint on account 'acct_practice'. \
             Having the '{permission}' permission would allow this request to continue."
        )))
    }
}

/// How strictly calls are looked at, and what struck this one.
pub(crate) struct Circumstances {
    pub(crate) now_millis: i64,
    pub(crate) rates: bool,
    pub(crate) strict: bool,
    pub(crate) fault: Option<Fault>,
    /// This call's key was marked as in flight on its own behalf.
    pub(crate) holds_key: bool,
}

/// An answer, and what was wrong with the call that the real cloud might have let pass.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    pub(crate) violations: Vec<String>,
}

impl Stripe {
    pub(crate) fn new(search_lag_millis: i64) -> Stripe {
        Stripe {
            keys: BTreeMap::new(),
            test: Books::new(false, search_lag_millis),
            live: Books::new(true, search_lag_millis),
            test_rates: StripeRates::new(25),
            live_rates: StripeRates::new(100),
        }
    }

    fn books(&mut self, live: bool) -> &mut Books {
        if live { &mut self.live } else { &mut self.test }
    }

    /// Marks a key as in flight, if nobody else has. Until [`Stripe::answer`] is done, others with this key hear 409.
    pub(crate) fn hold_key(&mut self, ask: &Ask) -> bool {
        let Some(key) = ask.header("idempotency-key").map(str::to_owned) else { return false };
        self.books(is_live(ask.bearer().unwrap_or_default())).in_flight.insert(key)
    }

    pub(crate) fn answer(&mut self, ask: &Ask, chance: &mut Chance, around: &Circumstances) -> Answered {
        let request_id = chance.id("req");
        let mut violations = Vec::new();
        let reply = match self.admit(ask, chance, around, &request_id, &mut violations) {
            Ok(reply) => reply,
            Err(refusal) => {
                if refusal.violation {
                    violations.push(told(ask, &refusal));
                }
                refusal.reply(&request_id)
            }
        };
        if around.holds_key
            && let Some(key) = ask.header("idempotency-key")
        {
            self.books(is_live(ask.bearer().unwrap_or_default())).in_flight.remove(key);
        }
        let mut reply = reply.with("request-id", request_id).with("stripe-version", VERSION);
        if let Some(key) = ask.header("idempotency-key") {
            reply = reply.with("idempotency-key", key);
        }
        Answered { reply, violations }
    }

    /// From the door to the answer, which may have been kept under a key.
    fn admit(
        &mut self,
        ask: &Ask,
        chance: &mut Chance,
        around: &Circumstances,
        request_id: &str,
        violations: &mut Vec<String>,
    ) -> Result<Reply, Refusal> {
        let now = around.now_millis.div_euclid(1000);
        let key = ask.bearer().unwrap_or_default().to_owned();
        if key.is_empty() {
            return Err(Refusal::unauthorized("You did not provide an API key."));
        }
        if !["rk_", "sk_"].iter().any(|start| key.starts_with(start)) {
            return Err(Refusal { violation: true, ..Refusal::unauthorized("That is no Stripe key.") });
        }
        let Some(access) = self.keys.get(&key).cloned() else {
            return Err(Refusal::unauthorized(format!("Invalid API Key provided: {}", redacted(&key))));
        };
        let live = is_live(&key);
        match ask.header("stripe-version") {
            Some(VERSION) => {}
            None => return Err(Refusal::violation(format!("No Stripe-Version header: this account's own version is {EVENT_VERSION}."))),
            Some(other) => return Err(Refusal::violation(format!("Stripe-Version is {other}, and only {VERSION} is spoken here."))),
        }
        let rates = if live { &mut self.live_rates } else { &mut self.test_rates };
        rates.take(&ask.method, &ask.path, around.now_millis, around.rates).map_err(|_| Refusal::too_many())?;
        match around.fault {
            Some(Fault::ServerError) => return Err(Refusal::server_error()),
            Some(Fault::Unavailable) => return Err(Refusal::unavailable()),
            Some(Fault::Conflict) => return Err(Refusal::locked()),
            _ => {}
        }

        let books = self.books(live);
        books.pass_time(chance, now);
        let writes = ask.method != "GET";
        let idempotency_key = if writes { known_key(ask, around.strict)? } else { None };
        let asked = format!("{} {} {}", ask.method, ask.path, String::from_utf8_lossy(&ask.body));
        if let Some(key) = idempotency_key {
            if let Some(kept) = books.kept.get(key) {
                if kept.asked != asked {
                    return Err(Refusal::key_reused(key));
                }
                return Ok(kept.reply.clone().with("idempotent-replayed", "true").with("original-request", kept.request_id.clone()));
            }
            if !around.holds_key && books.in_flight.contains(key) {
                return Err(Refusal::key_in_flight(key));
            }
        }

        let mut turn = Turn { now, now_millis: around.now_millis, chance, access };
        let outcome = books.handle(&mut turn, ask, around.strict);
        let (mut reply, begun) = match outcome {
            Ok(value) => {
                if around.strict
                    && let Err(why) = crate::contract::check_answer(&ask.method, &ask.path, &value)
                {
                    violations.push(format!("the stand-in's own answer to {} {} is wrong: {why}", ask.method, ask.path));
                }
                (Reply::json(200, &value), true)
            }
            Err(refusal) if refusal.begun => {
                if refusal.violation {
                    violations.push(told(ask, &refusal));
                }
                (refusal.reply(request_id), true)
            }
            Err(refusal) => return Err(refusal),
        };
        if around.fault == Some(Fault::ServerErrorStored) {
            // Whether the write was done is not to be known from the answer; here it was.
            reply = Refusal::server_error().reply(request_id).with("stripe-should-retry", "false");
        }
        if let Some(key) = idempotency_key
            && begun
        {
            let books = self.books(live);
            books.kept_since.push_back((now, key.to_owned()));
            books.kept.insert(key.to_owned(), Kept { asked, request_id: request_id.to_owned(), reply: reply.clone() });
        }
        Ok(reply)
    }
}

/// A refusal as a violation, with the call that it is about.
fn told(ask: &Ask, refusal: &Refusal) -> String {
    format!("{} {} ({}): {}", ask.method, ask.path, refusal.param.as_deref().unwrap_or("-"), refusal.message)
}

/// The call's idempotency key, if it may have one.
fn known_key(ask: &Ask, strict: bool) -> Result<Option<&str>, Refusal> {
    match ask.header("idempotency-key") {
        None if strict && ask.method == "POST" => {
            Err(Refusal::violation("This POST has no Idempotency-Key: a lost answer could not be asked for again."))
        }
        None => Ok(None),
        Some(key) if key.is_empty() || key.len() > 255 => Err(Refusal::violation("An Idempotency-Key has 1 to 255 characters.")),
        Some(key) => Ok(Some(key)),
    }
}

impl Books {
    fn handle(&mut self, turn: &mut Turn<'_>, ask: &Ask, strict: bool) -> Result<Value, Refusal> {
        let given = if ask.method == "POST" { &ask.body[..] } else { ask.query.as_bytes() };
        let (empty, where_else) = if ask.method == "POST" { (ask.query.is_empty(), "query") } else { (ask.body.is_empty(), "body") };
        if !empty {
            return Err(Refusal::violation(format!("A {} takes nothing in its {where_else}.", ask.method)));
        }
        if ask.method == "POST"
            && !ask.body.is_empty()
            && ask.header("content-type").is_none_or(|kind| !kind.starts_with("application/x-www-form-urlencoded"))
        {
            return Err(Refusal::violation("A body is application/x-www-form-urlencoded."));
        }
        let params = Params::new(form::decode(given).map_err(Refusal::violation)?);
        if strict {
            crate::contract::check_request(&ask.method, &ask.path, params.values())?;
        }
        let segments: Vec<&str> = ask.path.split('/').skip(1).collect();
        let answer = self.route(turn, ask, &segments, &params)?;
        // What was written stays written, so the refusal of an expansion is kept under the key, too.
        self.render(turn, answer, &params.list("expand")?).map_err(|refusal| Refusal { begun: ask.method != "GET", ..refusal })
    }

    fn route(&mut self, turn: &mut Turn<'_>, ask: &Ask, segments: &[&str], params: &Params) -> Result<Value, Refusal> {
        match (ask.method.as_str(), segments) {
            ("GET", ["v1", "account"]) => {
                turn.may("rak_accounts_kyc_basic_read")?;
                Ok(serde_json::json!({"id": "acct_practice", "object": "account"}))
            }
            ("GET", ["v1", "customers", "search"]) => {
                turn.may("rak_customer_read")?;
                self.search_customers(turn, params)
            }
            ("GET", ["v1", "checkout", "sessions"]) => {
                turn.may("rak_checkout_session_read")?;
                self.list("checkout/sessions", params)
            }
            ("GET", ["v1", "checkout", "sessions", id]) => {
                turn.may("rak_checkout_session_read")?;
                params.only(&["expand"])?;
                self.sessions.get(id).cloned().ok_or_else(|| Refusal::no_such("checkout.session", "session", id))
            }
            ("GET", ["v1", kind]) => {
                turn.may(reading(kind, ask)?)?;
                self.list(kind, params)
            }
            ("GET", ["v1", kind, id]) => {
                turn.may(reading(kind, ask)?)?;
                params.only(&["expand"])?;
                self.retrieve(kind, id)
            }
            ("POST", ["v1", "coupons"]) => {
                turn.may("rak_coupon_write")?;
                self.create_coupon(turn, params)
            }
            ("POST", ["v1", "coupons", id]) => {
                turn.may("rak_coupon_write")?;
                self.update_coupon(turn, id, params)
            }
            ("DELETE", ["v1", "coupons", id]) => {
                turn.may("rak_coupon_write")?;
                self.delete_coupon(turn, id)
            }
            ("POST", ["v1", "promotion_codes"]) => {
                turn.may("rak_promotion_code_write")?;
                self.create_promotion_code(turn, params)
            }
            ("POST", ["v1", "promotion_codes", id]) => {
                turn.may("rak_promotion_code_write")?;
                self.update_promotion_code(turn, id, params)
            }
            ("POST", ["v1", "customers"]) => {
                turn.may("rak_customer_write")?;
                self.create_customer(turn, params)
            }
            ("POST", ["v1", "customers", id]) => {
                turn.may("rak_customer_write")?;
                self.update_customer(turn, id, params)
            }
            ("DELETE", ["v1", "customers", id]) => {
                turn.may("rak_customer_write")?;
                self.delete_customer(turn, id)
            }
            (method, _) => Err(Refusal::no_such_url(method, &ask.path)),
        }
    }

    fn retrieve(&self, kind: &str, id: &str) -> Result<Value, Refusal> {
        let (found, name, param) = match kind {
            "coupons" => (self.coupons.get(id).cloned(), "coupon", "coupon"),
            "promotion_codes" => (self.promotion_codes.get(id).cloned(), "promotion code", "promotion_code"),
            "customers" => (self.customer(id), "customer", "id"),
            "events" => (self.events.get(id).cloned(), "event", "id"),
            "charges" => (self.charges.get(id).cloned(), "charge", "charge"),
            "payment_intents" => (self.payment_intents.get(id).cloned(), "payment_intent", "intent"),
            "refunds" => (self.refunds.get(id).cloned(), "refund", "refund"),
            "invoices" => (self.invoices.get(id).cloned(), "invoice", "invoice"),
            _ => return Err(Refusal::no_such_url("GET", &format!("/v1/{kind}/{id}"))),
        };
        found.ok_or_else(|| Refusal::no_such(name, param, id))
    }
}

/// What reading this kind of object needs.
fn reading(kind: &str, ask: &Ask) -> Result<&'static str, Refusal> {
    Ok(match kind {
        "coupons" => "rak_coupon_read",
        "promotion_codes" => "rak_promotion_code_read",
        "customers" => "rak_customer_read",
        "events" => "rak_event_read",
        // Refunds have no permission of their own.
        "charges" | "refunds" => "rak_charge_read",
        "payment_intents" => "rak_payment_intent_read",
        "invoices" | "invoice_payments" => "rak_invoice_read",
        _ => return Err(Refusal::no_such_url(&ask.method, &ask.path)),
    })
}

fn is_live(key: &str) -> bool {
    key.contains("_live_")
}

/// Enough of a key to know it by: `rk_test_*********1234`.
fn redacted(key: &str) -> String {
    let shown = key.match_indices('_').nth(1).map_or(0, |(at, _)| at + 1);
    let end: String = key.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}*********{end}", key.get(..shown).unwrap_or_default())
}
