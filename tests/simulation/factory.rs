//! A model of Referral Factory: users with one e-mail each, a referrer that stays, and no keys at all.

use std::collections::BTreeMap;
use std::time::Duration;

use counterfoil_core::sync::call::{Body, Call, Method, Reply};
use serde_json::{Value, json};

/// The campaign that the shop is connected to.
pub const CAMPAIGN: u64 = 7;

/// The truth at Referral Factory.
#[derive(Default)]
pub struct Factory {
    pub users: BTreeMap<u64, Value>,
    /// When the call that made each of them was taken out of the table to be sent.
    pub given: BTreeMap<u64, Duration>,
    /// When the call that is being answered was.
    pub asked: Duration,
    /// What a caller must never do.
    pub violations: Vec<String>,
    /// Changes that were carried out.
    pub writes: u32,
}

fn no(status: u16, message: &str) -> Reply {
    Reply::new(status, json!({ "message": message }).to_string())
}

fn yes(data: &Value) -> Reply {
    Reply::new(200, json!({ "data": data }).to_string())
}

impl Factory {
    /// Somebody joins at the dashboard, by a link if it is somebody's.
    pub fn join(&mut self, name: &str, email: &str, referrer: Option<u64>) -> u64 {
        let id = 100 + self.users.len() as u64;
        let kind = if referrer.is_some() { "person_invited" } else { "person_referring" };
        let user = json!({ "id": id, "campaign_id": CAMPAIGN, "referrer_id": referrer, "first_name": name, "email": email, "code": format!("Rf0l{id}xY"),
            "type": kind, "url": format!("https://join.example/{id}"), "qualified_at": null });
        self.users.insert(id, user);
        self.given.insert(id, self.asked);
        id
    }

    pub fn by_email(&self, email: &str) -> Option<&Value> {
        self.users.values().find(|user| user["email"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(email)))
    }

    /// Answers a call.
    pub fn answer(&mut self, call: &Call) -> Reply {
        let (path, _) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let body: Value = match &call.body {
            Body::Json(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => Value::Null,
        };
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (call.method, parts.as_slice()) {
            (Method::Get, ["users"]) => {
                let users: Vec<&Value> = self.users.values().collect();
                Reply::new(
                    200,
                    json!({ "data": users, "links": { "next": null }, "meta": { "current_page": 1, "last_page": 1, "total": users.len() } })
                        .to_string(),
                )
            }
            (Method::Post, ["users", "search"]) => {
                let email = body["filters"]["value"][0]["value"].as_str().unwrap_or_default();
                let found: Vec<&Value> = self.by_email(email).into_iter().collect();
                yes(&json!(found))
            }
            (Method::Post, ["users"]) => {
                self.writes += 1;
                let (Some(name), Some(email)) = (body["first_name"].as_str(), body["email"].as_str()) else {
                    return no(422, "first_name and email are required");
                };
                if let Some(known) = self.by_email(email) {
                    return yes(known);
                }
                let referrer = body["referrer"]["value"].as_u64();
                if referrer.is_some_and(|id| !self.users.contains_key(&id)) {
                    self.violations.push("a lead of a referrer who is not there".into());
                    return no(422, "no such referrer");
                }
                let id = self.join(name, email, referrer);
                yes(&self.users[&id])
            }
            (Method::Put, ["users", "qualification"]) => {
                self.writes += 1;
                match body["id"].as_u64().and_then(|id| self.users.get_mut(&id)) {
                    Some(user) => {
                        user["qualified_at"] = if body["qualified"] == true { "2026-06-01".into() } else { Value::Null };
                        yes(user)
                    }
                    None => no(404, "no such user"),
                }
            }
            (Method::Put, ["users", id]) => {
                self.writes += 1;
                match id.parse().ok().and_then(|id: u64| self.users.get_mut(&id)) {
                    Some(user) => {
                        user["first_name"] = body["first_name"].clone();
                        user["email"] = body["email"].clone();
                        yes(user)
                    }
                    None => no(404, "no such user"),
                }
            }
            _ => {
                self.violations.push(format!("{} is no call that is known", call.shown()));
                no(404, "no such call")
            }
        }
    }
}
