//! The way in to Referral Factory: token, pace, and which call it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::factory::{Campaign, Factory};
use crate::chance::Chance;
use crate::faults::Fault;
use crate::form;
use crate::rates::FactoryRates;
use crate::stripe::door::{Answered, Circumstances};
use crate::wire::{Ask, Reply};

/// How many users a page holds when nobody says, and at most.
const PER_PAGE: (i64, i64) = (25, 250);

/// Whoever goes on calling after so many refusals is blocked, for days at the real one.
const REFUSED_MAX: u32 = 100;

/// What Referral Factory says when it says no.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
    errors: BTreeMap<String, String>,
    violation: bool,
}

impl Refusal {
    pub(crate) fn plain(status: u16, message: &str) -> Refusal {
        Refusal { status, message: message.to_owned(), errors: BTreeMap::new(), violation: false }
    }

    /// 422 about one field, whose value may be anybody's fault.
    pub(crate) fn field(field: &str, message: &str) -> Refusal {
        let errors = BTreeMap::from([(field.to_owned(), message.to_owned())]);
        Refusal { status: 422, message: "The given data was invalid.".to_owned(), errors, violation: false }
    }

    /// 422 about a call that no caller should ever make.
    pub(crate) fn wrong(field: &str, message: &str) -> Refusal {
        Refusal { violation: true, ..Refusal::field(field, message) }
    }

    fn reply(&self) -> Reply {
        let errors: Map<String, Value> =
            self.errors.iter().map(|(field, message)| (field.clone(), json!([{"field": field, "message": message}]))).collect();
        let mut body = json!({"code": self.status, "message": self.message});
        if !errors.is_empty() {
            body["errors"] = errors.into();
        }
        Reply::json(self.status, &body)
    }
}

/// The Referral Factory stand-in with its door.
#[derive(Debug)]
pub(crate) struct ReferralFactory {
    pub(crate) factory: Factory,
    pub(crate) rates: FactoryRates,
}

pub(crate) type Outcome = Result<Value, Refusal>;

impl ReferralFactory {
    pub(crate) fn new(token: &str) -> ReferralFactory {
        ReferralFactory { factory: Factory::new(token), rates: FactoryRates::new() }
    }

    pub(crate) fn answer(&mut self, ask: &Ask, chance: &mut Chance, around: &Circumstances) -> Answered {
        let mut violations = Vec::new();
        let reply = match self.admit(ask, chance, around) {
            // Done, and said to have failed: nothing here remembers the call.
            Ok(_) if around.fault == Some(Fault::ServerErrorStored) => Refusal::plain(500, "Server Error").reply(),
            Ok((status, value)) => Reply::json(status, &value),
            Err((refusal, wait_secs)) => {
                if refusal.violation {
                    let why: Vec<String> = refusal.errors.iter().map(|(field, message)| format!("{field}: {message}")).collect();
                    violations.push(format!("{} {}: {} {}", ask.method, ask.path, refusal.message, why.join("; ")));
                }
                let reply = refusal.reply();
                match wait_secs {
                    Some(secs) => reply.with("retry-after", secs.to_string()),
                    None => reply,
                }
            }
        };
        let (limit, left) = self.rates.told();
        let reply = reply.with("x-ratelimit-limit", limit.to_string()).with("x-ratelimit-remaining", left.to_string());
        Answered { reply, violations }
    }

    fn admit(&mut self, ask: &Ask, chance: &mut Chance, around: &Circumstances) -> Result<(u16, Value), (Refusal, Option<i64>)> {
        if ask.bearer().is_some_and(|token| token.starts_with("sk_") || token.starts_with("rk_")) {
            let refusal = Refusal { violation: true, ..Refusal::plain(401, "A Stripe key was sent to Referral Factory.") };
            return Err((refusal, None));
        }
        if ask.bearer() != Some(&self.factory.token) {
            return Err((Refusal::plain(401, "Unauthenticated."), None));
        }
        if let Err(millis) = self.rates.take(around.now_millis, around.rates) {
            if self.rates.refused() > REFUSED_MAX {
                return Err((Refusal { violation: true, ..Refusal::plain(403, "This address is blocked for abuse.") }, None));
            }
            return Err((Refusal::plain(429, "Too Many Attempts."), Some(millis.div_euclid(1000) + 1)));
        }
        match around.fault {
            Some(Fault::ServerError) => return Err((Refusal::plain(500, "Server Error"), None)),
            Some(Fault::Unavailable) => return Err((Refusal::plain(503, "Service Unavailable"), None)),
            Some(Fault::Conflict) => return Err((Refusal::plain(409, "Conflict"), None)),
            _ => {}
        }
        self.factory.route(ask, chance, around.now_millis.div_euclid(1000)).map_err(|refusal| (refusal, None))
    }
}

impl Factory {
    fn route(&mut self, ask: &Ask, chance: &mut Chance, now: i64) -> Result<(u16, Value), Refusal> {
        let query = form::decode(ask.query.as_bytes()).map_err(|why| Refusal::wrong("query", &why))?;
        let body = if matches!(ask.method.as_str(), "POST" | "PUT") { read_body(ask)? } else { Map::new() };
        let segments: Vec<&str> = ask.path.split('/').skip(1).collect();
        let done = match (ask.method.as_str(), &segments[..]) {
            ("POST", ["users"]) => return self.create_user(chance, now, &body),
            ("GET", ["users"]) => self.list_users(&query)?,
            ("POST", ["users", "search"]) => self.search_users(&body)?,
            ("PUT", ["users", "qualification"]) => self.qualification(now, &body)?,
            ("GET", ["users", id]) => self.show_user(id)?,
            ("PUT", ["users", id]) => self.update_user(id, &body)?,
            ("DELETE", ["users", id]) => self.delete_user(id)?,
            ("GET", ["campaigns"]) => paged("campaigns", self.campaigns.values(), self.campaigns.len(), &query, Campaign::shown)?,
            ("GET", ["rewards", "due", kind]) => self.due_rewards(kind, &query)?,
            ("POST", ["rewards", action @ ("issue" | "cancel"), id]) => self.settle_reward(action, id)?,
            (_, ["users" | "campaigns" | "rewards", ..]) => {
                return Err(Refusal { violation: true, ..Refusal::plain(405, "The method is not supported for this route.") });
            }
            _ => return Err(Refusal { violation: true, ..Refusal::plain(404, "Not Found") }),
        };
        Ok((200, done))
    }
}

fn read_body(ask: &Ask) -> Result<Map<String, Value>, Refusal> {
    if ask.body.is_empty() {
        return Ok(Map::new());
    }
    if ask.header("content-type").is_none_or(|kind| !kind.starts_with("application/json")) {
        return Err(Refusal::wrong("body", "A body is application/json."));
    }
    match serde_json::from_slice(&ask.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::wrong("body", "This is no JSON object.")),
    }
}

/// One page with its links, as Laravel writes them.
pub(crate) fn paged<'a, T: 'a>(
    path: &str,
    rows: impl Iterator<Item = &'a T>,
    total: usize,
    query: &Map<String, Value>,
    shown: impl Fn(&T) -> Value,
) -> Outcome {
    let number = |name: &str, default: i64| match query.get(name).and_then(Value::as_str) {
        None => Ok(default),
        Some(text) => text.parse::<i64>().ok().filter(|n| *n >= 1).ok_or_else(|| Refusal::wrong(name, "It must be a number of at least 1.")),
    };
    let (default, most) = PER_PAGE;
    let (per_page, page) = (number("per_page", default)?, number("page", 1)?);
    if per_page > most {
        return Err(Refusal::wrong("per_page", &format!("It may not be greater than {most}.")));
    }
    if let Some(unknown) = query.keys().find(|name| !matches!(name.as_str(), "per_page" | "page")) {
        return Err(Refusal::wrong(unknown, "Nobody knows this parameter."));
    }
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let last = ((total + per_page - 1) / per_page).max(1);
    let link = |page: i64| format!("https://api.referral-factory.com/api/v2/{path}?per_page={per_page}&page={page}");
    let skip = usize::try_from((page - 1) * per_page).unwrap_or(usize::MAX);
    let data: Vec<Value> = rows.skip(skip).take(usize::try_from(per_page).unwrap_or(250)).map(shown).collect();
    Ok(json!({
        "data": data,
        "links": {"first": link(1), "last": link(last), "prev": (page > 1).then(|| link(page - 1)), "next": (page < last).then(|| link(page + 1))},
        "meta": {"current_page": page, "last_page": last, "per_page": per_page, "total": total},
    }))
}
