//! A Lead as a Stripe Customer. Stripe does not merge by e-mail: it is looked for first, then created or completed.

use serde_json::{Value, json};

use super::{is, post, refused};
use crate::domain::lead::LeadState;
use crate::sync::call::{Call, Name};
use crate::sync::plan::{Case, LeadThing, Learned, Next, cut, print};

/// Longest name, e-mail, phone and metadata value that Stripe takes.
const NAME_MAX: usize = 256;
const EMAIL_MAX: usize = 512;
const PHONE_MAX: usize = 20;
const METADATA_MAX: usize = 500;

pub(super) fn next(case: &Case, lead: &LeadThing) -> Next {
    let remote = &case.remote;
    if let Some(why) = remote.facts["refused"].as_str() {
        return Next::Person(why.to_owned());
    }
    if let Some(id) = &remote.id {
        // Somebody who was at Stripe before keeps the name and contact that Stripe has.
        let form = form(lead, remote.facts["adopted"] == true);
        let update = post(Name::Update, format!("/v1/customers/{id}"), &form);
        return if remote.facts["print"].as_str() == update.print.as_deref() { Next::Done } else { Next::Call(update) };
    }
    if remote.facts["doubt"] == true {
        let query = format!("metadata['lead']:'{}'", lead.id);
        return Next::Call(Call::get(Name::Search, format!("/v1/customers/search?{}", super::form_of(&[("query", query), ("limit", "1".into())]))));
    }
    if let Some(email) = &lead.email
        && remote.facts["looked"].as_str() != Some(&print(email))
    {
        return Next::Call(Call::get(
            Name::Find,
            format!("/v1/customers?{}", super::form_of(&[("email", cut(email, EMAIL_MAX)), ("limit", "10".into())])),
        ));
    }
    let form = form(lead, false);
    let mut create = post(Name::Create, "/v1/customers", &form);
    // Compared with what an update would say, so that nothing is said twice.
    create.print = Some(print(&super::form_of(&form)));
    Next::Call(create)
}

pub(super) fn learn(lead: &LeadThing, call: &Call, status: u16, body: &Value, learned: &mut Learned) {
    let facts = &mut learned.remote.facts;
    let ours = |customer: &Value| customer["metadata"]["lead"].as_str() == Some(&lead.id.to_string());
    match (call.name, status) {
        (Name::Find, 200) => {
            facts["looked"] = lead.email.as_deref().map(print).into();
            let found = body["data"].as_array().into_iter().flatten();
            // Somebody else's Lead, from another till of ours or another shop, is left alone.
            let mine =
                found.clone().find(|customer| ours(customer)).or_else(|| found.clone().find(|customer| customer["metadata"]["lead"].is_null()));
            if let Some(customer) = mine {
                facts["adopted"] = (!ours(customer)).into();
                learned.remote.id = customer["id"].as_str().map(str::to_owned);
            }
        }
        (Name::Search, 200) => {
            let found = body["data"][0]["id"].as_str().map(str::to_owned);
            // The search lags behind, the list by e-mail does not: who is not found here is looked for there once more. Who has no
            // e-mail address is searched for a second time: the clock may have been set ahead, and the first was too soon.
            let once_more = found.is_none() && lead.email.is_none() && facts["searched"] != true;
            facts["searched"] = once_more.into();
            facts["doubt"] = once_more.into();
            facts["looked"] = Value::Null;
            learned.remote.id = found;
        }
        (Name::Create, 200) if body["id"].is_string() => {
            learned.remote.id = body["id"].as_str().map(str::to_owned);
            facts["print"] = call.print.clone().into();
        }
        (Name::Update, 200) => facts["print"] = call.print.clone().into(),
        // Deleted there: it is made anew.
        (Name::Update, 404) | (Name::Update, 400) if is(body, "code", "resource_missing") => {
            learned.remote = crate::storage::destinations::Remote { id: None, facts: json!({}) };
        }
        _ => refused(learned, body),
    }
}

fn form(lead: &LeadThing, adopted: bool) -> Vec<(&'static str, String)> {
    let mut form = Vec::new();
    if !adopted {
        form.push(("name", cut(&lead.name, NAME_MAX)));
        form.extend(lead.email.as_ref().map(|email| ("email", cut(email, EMAIL_MAX))));
        form.extend(lead.phone.as_ref().map(|phone| ("phone", cut(phone, PHONE_MAX))));
    }
    let status = match lead.state {
        LeadState::Pending => "pending",
        LeadState::Qualified => "qualified",
        LeadState::Disqualified => "disqualified",
    };
    form.extend([
        ("metadata[lead]", lead.id.to_string()),
        // An empty value takes a field away: no sale stands any more.
        ("metadata[code]", lead.code.clone().unwrap_or_default()),
        ("metadata[referrer]", cut(&lead.referrer, METADATA_MAX)),
        ("metadata[campaign]", cut(&lead.campaign, METADATA_MAX)),
        ("metadata[status]", status.to_owned()),
        ("metadata[redemption]", lead.redemption.map(|id| id.to_string()).unwrap_or_default()),
        ("metadata[redemptions]", lead.redemptions.to_string()),
        ("metadata[amount]", lead.amount.to_string()),
        ("metadata[currency]", lead.currency.code().to_lowercase()),
        ("metadata[store]", cut(&lead.store, METADATA_MAX)),
    ]);
    form
}
