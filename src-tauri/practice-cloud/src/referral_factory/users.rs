//! Users: joining, being found, being qualified, being forgotten.

use serde_json::{Map, Value, json};

use super::door::{Outcome, Refusal, paged};
use super::factory::{CampaignStatus, Factory, Field, NewUser, User};
use crate::chance::Chance;
use crate::stripe::looks_like_email;

/// Ends of domains that can never have a mail server.
const NEVER_MAIL: [&str; 5] = ["invalid", "test", "localhost", "local", "example"];

type Fields = Map<String, Value>;

impl Factory {
    pub(crate) fn create_user(&mut self, chance: &mut Chance, now: i64, body: &Fields) -> Result<(u16, Value), Refusal> {
        only(body, &["campaign_id", "first_name", "email", "notify", "referrer", "meta", "promotion"])?;
        for field in ["notify", "promotion"] {
            if body.get(field).is_some_and(|value| !value.is_boolean()) {
                return Err(Refusal::wrong(field, "It must be true or false."));
            }
        }
        let campaign_id = integer(body, "campaign_id")?;
        let campaign = self.campaigns.get(&campaign_id).ok_or_else(|| Refusal::field("campaign_id", "The selected campaign is invalid."))?;
        if campaign.status != CampaignStatus::Launched {
            return Err(Refusal::field("campaign_id", "This campaign is not launched."));
        }
        let first_name = text(body, "first_name")?.to_owned();
        let email = text(body, "email")?.to_owned();
        let referrer_id = match body.get("referrer") {
            None | Some(Value::Null) => None,
            Some(referrer) => Some(self.referrer(campaign_id, referrer)?),
        };
        // A known e-mail is answered before anything else is looked at, whoever asks with whichever referrer: the first one stays.
        if let Some(known) = self.by_email(campaign_id, &email) {
            if self.refuses_known_emails {
                return Err(Refusal::field("email", "The email has already been taken."));
            }
            return Ok((200, json!({"data": self.shown(known)})));
        }
        self.must_take_mail(&email)?;
        let meta = meta(body, campaign.fields(referrer_id))?;
        let user = NewUser { campaign_id, referrer_id, first_name: &first_name, email: &email, code: None, meta };
        let id = self.add_user(chance, now, user);
        Ok((201, json!({"data": self.shown(&self.users[&id])})))
    }

    fn referrer(&self, campaign_id: i64, referrer: &Value) -> Result<i64, Refusal> {
        let Some(value) = referrer["value"].as_str().map(str::to_owned).or_else(|| referrer["value"].as_i64().map(|id| id.to_string())) else {
            return Err(Refusal::wrong("referrer.value", "The value is required."));
        };
        let found = match referrer["field"].as_str() {
            Some("id") => value.parse().ok().and_then(|id: i64| self.users.get(&id)),
            Some("code") => self.by_code(&value),
            Some("email") => self.by_email(campaign_id, &value),
            _ => return Err(Refusal::wrong("referrer.field", "It must be one of id, code, email.")),
        };
        found
            .filter(|user| user.campaign_id == campaign_id)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::field("referrer", "The referrer was not found in this campaign."))
    }

    /// Whether mail can reach this address: placeholders can't be used.
    fn must_take_mail(&self, email: &str) -> Result<(), Refusal> {
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase();
        let top = domain.rsplit_once('.').map_or(domain.as_str(), |(_, top)| top);
        let never = NEVER_MAIL.contains(&top) && !self.takes_every_domain;
        if !looks_like_email(email) || never || self.mailless.contains(&domain) {
            return Err(Refusal::field("email", "The email must be a valid email address."));
        }
        Ok(())
    }

    pub(crate) fn show_user(&self, id: &str) -> Outcome {
        Ok(json!({"data": self.shown(self.found(id)?)}))
    }

    pub(crate) fn list_users(&self, query: &Fields) -> Outcome {
        // Newest first, so that a list that grows meanwhile shows some users twice rather than none.
        paged("users", self.users.values().rev(), self.users.len(), query, |user| self.shown(user))
    }

    pub(crate) fn search_users(&self, body: &Fields) -> Outcome {
        only(body, &["filters"])?;
        let filters = &body.get("filters").cloned().unwrap_or_default();
        let all = match filters["operator"].as_str() {
            Some("AND") => true,
            Some("OR") => false,
            _ => return Err(Refusal::wrong("filters.operator", "It must be AND or OR.")),
        };
        let Some(clauses) = filters["value"].as_array() else { return Err(Refusal::wrong("filters.value", "It must be a list.")) };
        let mut wanted: Vec<(&str, &Value)> = Vec::new();
        for clause in clauses {
            let field = clause["field"].as_str().unwrap_or_default();
            if clause["operator"] != "=" || !["id", "email", "campaign_id", "code", "referrer_id", "first_name"].contains(&field) {
                return Err(Refusal::wrong("filters.value", "Only = on id, email, campaign_id, code, referrer_id and first_name is known."));
            }
            wanted.push((field, &clause["value"]));
        }
        let fits = |user: &User| {
            let hits = |(field, value): &(&str, &Value)| match *field {
                "id" => value.as_i64() == Some(user.id),
                "campaign_id" => value.as_i64() == Some(user.campaign_id),
                "referrer_id" => value.as_i64() == user.referrer_id,
                "email" => value.as_str().is_some_and(|email| email.eq_ignore_ascii_case(&user.email)),
                "code" => value.as_str() == Some(&user.code),
                _ => value.as_str() == Some(&user.first_name),
            };
            if all { wanted.iter().all(hits) } else { wanted.iter().any(hits) }
        };
        // An e-mail in a campaign names one user at most, and a hundred thousand need not be asked.
        let value = |name: &str| wanted.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let named = value("campaign_id").and_then(Value::as_i64).zip(value("email").and_then(Value::as_str)).filter(|_| all);
        let candidates: Box<dyn Iterator<Item = &User>> = match named {
            Some((campaign_id, email)) => Box::new(self.by_email(campaign_id, email).into_iter()),
            None => Box::new(self.users.values()),
        };
        let data: Vec<Value> = candidates.filter(|user| fits(user)).take(250).map(|user| self.shown(user)).collect();
        Ok(json!({ "data": data }))
    }

    pub(crate) fn update_user(&mut self, id: &str, body: &Fields) -> Outcome {
        only(body, &["first_name", "email", "meta"])?;
        let user = self.found(id)?.clone();
        if let Some(email) = body.get("email").and_then(Value::as_str) {
            self.must_take_mail(email)?;
            if self.by_email(user.campaign_id, email).is_some_and(|other| other.id != user.id) {
                return Err(Refusal::field("email", "The email has already been taken."));
            }
            self.change_email(user.id, email);
        }
        let fields = self.campaigns.get(&user.campaign_id).map_or(&[][..], |campaign| campaign.fields(user.referrer_id));
        let meta = if body.contains_key("meta") { Some(meta(body, fields)?) } else { None };
        if let Some(stored) = self.users.get_mut(&user.id) {
            if let Some(name) = body.get("first_name").and_then(Value::as_str) {
                stored.first_name = name.to_owned();
            }
            if let Some(meta) = meta {
                stored.meta = meta;
            }
        }
        self.show_user(&user.id.to_string())
    }

    pub(crate) fn delete_user(&mut self, id: &str) -> Outcome {
        let id = self.found(id)?.id;
        self.remove_user(id);
        Ok(json!({"data": {"id": id, "deleted": true}}))
    }

    pub(crate) fn qualification(&mut self, now: i64, body: &Fields) -> Outcome {
        only(body, &["qualified", "id", "code", "email", "campaign_id"])?;
        let qualified =
            body.get("qualified").and_then(Value::as_bool).ok_or_else(|| Refusal::wrong("qualified", "It is required, true or false."))?;
        let user = if let Some(id) = body.get("id") {
            id.as_i64().and_then(|id| self.users.get(&id))
        } else if body.contains_key("code") {
            self.by_code(text(body, "code")?)
        } else {
            let campaign_id = integer(body, "campaign_id")?;
            self.by_email(campaign_id, text(body, "email")?)
        };
        let user = user.ok_or_else(|| Refusal::plain(404, "The user was not found."))?;
        // Referrers have codes too. Theirs can't be meant: nobody referred them.
        if user.referrer_id.is_none() {
            return Err(Refusal::field("code", "This user was not referred by anybody."));
        }
        let id = user.id;
        self.qualify(id, qualified, now);
        self.show_user(&id.to_string())
    }

    fn found(&self, id: &str) -> Result<&User, Refusal> {
        self.by_id_or_code(id).ok_or_else(|| Refusal::plain(404, "The user was not found."))
    }
}

fn only(body: &Fields, names: &[&str]) -> Result<(), Refusal> {
    match body.keys().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => Err(Refusal::wrong(unknown, "Nobody knows this field.")),
        None => Ok(()),
    }
}

fn text<'a>(body: &'a Fields, name: &str) -> Result<&'a str, Refusal> {
    let text = body.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    text.ok_or_else(|| Refusal::wrong(name, &format!("The {name} field is required.")))
}

fn integer(body: &Fields, name: &str) -> Result<i64, Refusal> {
    body.get(name).and_then(Value::as_i64).ok_or_else(|| Refusal::wrong(name, "It is required and must be an integer."))
}

/// What the campaign has a field for; the rest is dropped without a word, since nobody knows what the real one does with it.
fn meta(body: &Fields, fields: &[Field]) -> Result<Vec<(String, String)>, Refusal> {
    let mut kept = Vec::new();
    for entry in body.get("meta").and_then(Value::as_array).into_iter().flatten() {
        let (Some(field), Some(value)) = (entry["field"].as_str(), entry["value"].as_str()) else {
            return Err(Refusal::wrong("meta", "Each entry has a field and a value, both texts."));
        };
        if fields.iter().any(|known| known.label == field) {
            kept.push((field.to_owned(), value.to_owned()));
        }
    }
    match fields.iter().find(|field| field.required && !kept.iter().any(|(label, value)| *label == field.label && !value.is_empty())) {
        Some(missing) => Err(Refusal::field(&missing.label, &format!("The {} field is required.", missing.label))),
        None => Ok(kept),
    }
}
