//! A Referrer as a user who refers, a Lead as a user who was invited.

use serde_json::{Value, json};

use super::id_of;
use crate::domain::lead::LeadState;
use crate::domain::upload::Kind;
use crate::storage::conflicts::ConflictKind;
use crate::storage::destinations::Remote;
use crate::storage::handover::TAKE_BACK;
use crate::sync::call::{Body, Call, Method, Name, redacted};
use crate::sync::fields::{self, FieldOf};
use crate::sync::plan::{Case, Effect, LeadThing, Learned, Next, ReferrerThing, print};

pub(super) fn next_referrer(case: &Case, referrer: &ReferrerThing) -> Next {
    if let Some(why) = case.remote.facts["refused"].as_str() {
        return Next::Person(why.to_owned());
    }
    let Some(email) = &referrer.email else { return Next::Park("email") };
    let mut told = json!({ "first_name": referrer.name, "email": email });
    // Who is a Lead there is asked for a Lead's fields. Who went there as one by file keeps the address of then: their Lead is looked
    // up by it.
    if case.remote.facts["invited"] == true {
        if case.remote.facts["by_file"].is_object() {
            told = json!({ "first_name": referrer.name });
        }
    } else {
        fields::fill(&mut told, &case.settings, FieldOf::Referrer, |value| value.of_referrer(referrer));
    }
    match &case.remote.id {
        Some(id) => changed(case, id, &told),
        // Who went by file is there by the address of then.
        None if case.remote.facts["look"] == true => Next::Call(search(case, case.remote.facts["email"].as_str().unwrap_or(email))),
        None if let Some(lead) = referrer.lead_first => Next::After(Kind::Lead, lead),
        None => {
            let mut create = told.clone();
            create["campaign_id"] = campaign(case);
            // Nobody is written to because a till learnt of them.
            create["notify"] = false.into();
            Next::Call(call(Name::Create, Method::Post, "/users", &create, Some(&told)))
        }
    }
}

pub(super) fn next_lead(case: &Case, lead: &LeadThing) -> Next {
    let facts = &case.remote.facts;
    if let Some(why) = facts["refused"].as_str() {
        return Next::Person(why.to_owned());
    }
    if facts["elsewhere"] == true {
        return Next::Conflict;
    }
    let Some(email) = &lead.email else { return Next::Park("email") };
    // A name is required, and a counter sale may have none: then whatever they are called there stays.
    let there = facts["name"].as_str().filter(|_| lead.name.is_empty());
    let name = there.unwrap_or(if lead.name.is_empty() { email.split('@').next().unwrap_or_default() } else { &lead.name });
    let mut told = json!({ "first_name": name, "email": email });
    fields::fill(&mut told, &case.settings, FieldOf::Lead, |value| value.of_lead(lead));
    let Some(id) = &case.remote.id else {
        // The Referrer first, also before a search: whoever is found is somebody's Lead, and it must be known whose.
        let Some(referrer) = &case.needs.id else {
            return if !lead.referrer_has_email {
                Next::Park("referrer_email")
            } else if case.needs_open || case.needs.facts["refused"].is_null() {
                Next::After(Kind::Referrer, lead.referrer_id)
            } else {
                Next::Park("referrer")
            };
        };
        if facts["look"] == true {
            return Next::Call(search(case, email));
        }
        let mut create = told.clone();
        create["campaign_id"] = campaign(case);
        create["notify"] = false.into();
        create["referrer"] = json!({ "field": "id", "value": number(referrer) });
        return Next::Call(call(Name::Create, Method::Post, "/users", &create, Some(&told)));
    };
    // A Referrer there whom nobody referred counts for nobody, and keeps the name that they have as one.
    if facts["unreferred"] == true {
        return Next::Done;
    }
    // By id: a code would mean the Lead's own, and an e-mail may be in several campaigns.
    let counts = lead.state == LeadState::Qualified;
    // Who was to be taken back there by hand may have been.
    let there = facts["qualified"] == true && !(counts && facts[TAKE_BACK].is_string());
    if counts != there && (counts || facts["we_qualified"] == true) {
        let qualify = json!({ "qualified": counts, "id": number(id) });
        return Next::Call(call(Name::Qualify, Method::Put, "/users/qualification", &qualify, None));
    }
    changed(case, id, &told)
}

/// An update, if it would say anything new.
fn changed(case: &Case, id: &str, told: &Value) -> Next {
    if case.remote.facts["print"].as_str() == Some(&print(&told.to_string())) {
        return Next::Done;
    }
    Next::Call(call(Name::Update, Method::Put, &format!("/users/{id}"), told, Some(told)))
}

fn call(name: Name, method: Method, path: &str, body: &Value, told: Option<&Value>) -> Call {
    Call { name, method, path: path.to_owned(), body: Body::Json(body.to_string()), key: None, print: told.map(|told| print(&told.to_string())) }
}

fn search(case: &Case, email: &str) -> Call {
    let by = |field: &str, value: Value| json!({ "field": field, "operator": "=", "value": value });
    let filters = json!({ "filters": { "operator": "AND", "value": [by("email", email.into()), by("campaign_id", campaign(case))] } });
    call(Name::Find, Method::Post, "/users/search", &filters, None)
}

fn campaign(case: &Case) -> Value {
    number(&case.account)
}

fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| id.into(), Value::from)
}

pub(super) fn learn_referrer(case: &Case, call: &Call, status: u16, body: &Value, learned: &mut Learned) {
    let Some(user) = user(case, call, status, body, learned) else { return };
    // Who was invited by somebody can recommend as well; it stays one user there, with an id that their Lead has too.
    learned.remote.facts["invited"] = (!user["referrer_id"].is_null()).into();
    learned.remote.facts["email"] = user["email"].clone();
    if let Some(link) = super::text_of(&user["url"]) {
        learned.effects.push(Effect::Link(link));
    }
    learned.effects.extend(super::text_of(&user["code"]).map(Effect::Code));
}

pub(super) fn learn_lead(case: &Case, lead: &LeadThing, call: &Call, status: u16, body: &Value, learned: &mut Learned) {
    if call.name == Name::Qualify && (200..300).contains(&status) {
        let counts = &told(call)["qualified"];
        learned.remote.facts["qualified"] = counts.clone();
        learned.remote.facts["we_qualified"] = counts.clone();
        learned.remote.facts[TAKE_BACK] = Value::Null;
        learned.remote.facts["seen_once"] = Value::Null;
        return;
    }
    if call.name == Name::Create && refuses_referrer(body) {
        let refused = id_of(&told(call)["referrer"]["value"]);
        // One who was made anew meanwhile is told of next.
        if refused != case.needs.id {
            return;
        }
        // Deleted there, so they are made anew; a person looks where even the new one is refused.
        if learned.remote.facts["referrer_gone"] != true {
            learned.remote.facts["referrer_gone"] = true.into();
            learned.effects.extend(refused.map(Effect::Gone));
            return;
        }
    }
    let Some(user) = user(case, call, status, body, learned) else { return };
    if lead.name.is_empty()
        && call.name != Name::Update
        && let Some(name) = super::text_of(&user["first_name"])
    {
        learned.remote.facts["name"] = name.into();
    }
    let theirs = id_of(&user["referrer_id"]);
    // The first Referrer keeps a Lead there, and it can't be changed: one who is another's is for a person to see.
    let elsewhere = matches!(call.name, Name::Create | Name::Find) && theirs != case.needs.id && learned.remote.facts["accepted"] != true;
    // Here only whether what a file of ours said arrived, and what somebody else's Lead did before. Any other qualification that an
    // answer shows was decided there: the list brings it, and nothing is said over it meanwhile.
    if elsewhere || (call.name == Name::Find && learned.remote.facts["we_qualified"] == true) {
        learned.remote.facts["qualified"] = (!user["qualified_at"].is_null()).into();
        learned.remote.facts[TAKE_BACK] = Value::Null;
    }
    if elsewhere {
        learned.remote.facts["elsewhere"] = true.into();
        learned.remote.facts["unreferred"] = theirs.is_none().into();
        let detail = json!({ "referrer_id": theirs, "user_id": learned.remote.id });
        learned.effects.push(Effect::Conflict(ConflictKind::LeadElsewhere, detail));
    }
}

/// The user in an answer, with what every answer about one teaches.
fn user<'a>(case: &Case, call: &Call, status: u16, body: &'a Value, learned: &mut Learned) -> Option<&'a Value> {
    let facts = &mut learned.remote.facts;
    match (call.name, status) {
        (Name::Create | Name::Update, 200..300) => {
            let user = if body["data"].is_object() { &body["data"] } else { body };
            let Some(id) = id_of(&user["id"]).or_else(|| case.remote.id.clone()) else {
                facts["look"] = true.into();
                return None;
            };
            learned.remote.id = Some(id);
            // An e-mail that was there already answers with the user as it was.
            let is_so = call.name == Name::Update || status == 201 || is_as_told(call, user);
            facts["print"] = if is_so { call.print.clone().into() } else { Value::Null };
            if call.name == Name::Update {
                facts["anew"] = Value::Null;
            }
            Some(user)
        }
        (Name::Find, 200..300) => {
            facts["look"] = false.into();
            let user = body["data"].as_array().and_then(|users| users.first());
            match user.and_then(|user| id_of(&user["id"])) {
                Some(id) => {
                    learned.remote.id = Some(id);
                    user
                }
                None if facts["by_file"].is_object() && facts["email"].is_string() => {
                    // Not by the address of then; by today's, perhaps.
                    (facts["email"], facts["look"]) = (Value::Null, true.into());
                    None
                }
                None if facts["by_file"].is_object() => {
                    // The file was not uploaded after all, or this row was not taken: they are created like anybody else.
                    (facts["by_file"], facts["we_qualified"]) = (Value::Null, Value::Null);
                    None
                }
                None => {
                    // It was not there, so what was said about it stands.
                    facts["refused"] = facts["said"].as_str().unwrap_or("Referral Factory does not find this person any more.").into();
                    None
                }
            }
        }
        // Somebody deleted them there: they go up anew. Where even the new one is said not to be there, a person looks first.
        (Name::Update | Name::Qualify, 404 | 410) => {
            let (fact, is) = if facts["anew"] == true { ("refused", said(body).into()) } else { ("anew", true.into()) };
            forget(&mut learned.remote);
            learned.remote.facts[fact] = is;
            learned.effects.extend(case.remote.id.clone().map(Effect::Gone));
            None
        }
        // Version 2 may refuse an e-mail that it has, where version 1 answered with its user: look it up, once.
        (Name::Create, 409 | 422) if !body["errors"]["email"].is_null() && facts["look"] != false => {
            facts["look"] = true.into();
            facts["said"] = said(body).into();
            None
        }
        _ => {
            facts["refused"] = said(body).into();
            // Who tries again may hope for a Referrer made anew.
            facts["referrer_gone"] = Value::Null;
            None
        }
    }
}

/// A user was deleted there: nothing that was known of them is so of the one who takes their place, but what a person decided and that
/// they asked not to be written to.
pub(super) fn forget(remote: &mut Remote) {
    let facts = &remote.facts;
    let unsubscribed = facts["unsubscribed_at"].is_string() || facts["unsubscribed_before"] == true;
    let kept = json!({ "kept_out": facts["kept_out"], "accepted": facts["accepted"], "unsubscribed_before": unsubscribed });
    *remote = Remote { id: None, facts: kept };
}

/// Whether it is the Referrer that an answer refuses.
fn refuses_referrer(body: &Value) -> bool {
    body["errors"].as_object().is_some_and(|errors| errors.keys().any(|field| field.starts_with("referrer")))
}

/// What a call says.
fn told(call: &Call) -> Value {
    match &call.body {
        Body::Json(body) => serde_json::from_str(body).unwrap_or_default(),
        _ => Value::Null,
    }
}

/// Whether somebody is there as a creation said, as far as the answer shows.
fn is_as_told(call: &Call, user: &Value) -> bool {
    let told = told(call);
    let mut fields = told["meta"].as_array().into_iter().flatten();
    user["first_name"] == told["first_name"] && user["meta"].as_array().is_none_or(|there| fields.all(|field| there.contains(field)))
}

/// Why it refused, in its own words.
fn said(body: &Value) -> String {
    let fields = body["errors"].as_object().into_iter().flatten().flat_map(|(_, errors)| errors.as_array().into_iter().flatten());
    let mut words: Vec<&str> = fields.filter_map(|error| error["message"].as_str()).collect();
    words.extend(body["message"].as_str().filter(|_| words.is_empty()));
    let words = if words.is_empty() { "Referral Factory refused this without a reason.".to_owned() } else { words.join(" ") };
    redacted(&words)
}
