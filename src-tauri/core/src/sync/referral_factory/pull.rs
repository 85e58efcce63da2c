//! What Referral Factory knows, page by page: its referrers with code, link and whether they unsubscribed, and who was qualified there.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{id_of, text_of, users};
use crate::domain::code::ReferralCode;
use crate::domain::lead::LeadState;
use crate::domain::people::{self, Contact, Email};
use crate::domain::upload::{Destination, What};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Details, Referrer};
use crate::storage::conflicts::{self, About, ConflictKind};
use crate::storage::destinations::{self, Remote, Standing};
use crate::storage::handover::TAKE_BACK;
use crate::storage::search::Words;
use crate::storage::{Result, StorageError, audit, leads, outbox, recording};
use crate::sync::call::{Call, Name, Reply};
use crate::sync::pull::{Taken, refusal};

const HERE: Destination = Destination::ReferralFactory;
/// The most that one page gives.
const PAGE_ROWS: u32 = 250;
/// It can't be asked what changed, only for everyone; so that is not done all the time.
pub(in crate::sync) const EVERY: Duration = Duration::from_secs(6 * 3600);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
struct At {
    page: u32,
}

impl Default for At {
    fn default() -> At {
        At { page: 1 }
    }
}

pub(in crate::sync) fn next(stored: &mut Value) -> Call {
    let at: At = serde_json::from_value(stored.clone()).unwrap_or_default();
    Call::get(Name::Pull, format!("/users?per_page={PAGE_ROWS}&page={}", at.page))
}

pub(in crate::sync) fn take(
    tx: &Connection,
    shop: &Shop,
    standing: &Standing,
    stored: &mut Value,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<Taken> {
    let mut at: At = serde_json::from_value(stored.clone()).unwrap_or_default();
    let body = reply.json().unwrap_or_default();
    let Some(users) = body["data"].as_array().filter(|_| reply.status == 200) else { return Ok(Taken::Trouble(refusal(reply))) };
    let campaign = standing.account.as_deref();
    let mut words = Words::default();
    for user in users.iter().filter(|user| id_of(&user["campaign_id"]).as_deref() == campaign) {
        match user["type"].as_str() {
            Some("person_invited") => {
                lead(tx, shop, user, now)?;
                invited_referrer(tx, user)?;
            }
            _ => referrer(tx, shop, &mut words, user, now)?,
        }
    }
    let last = body["meta"]["last_page"].as_u64().unwrap_or(0);
    let more = !users.is_empty() && (u64::from(at.page) < last || (last == 0 && body["links"]["next"].is_string()));
    at.page = if more { at.page + 1 } else { 1 };
    *stored = json!(at);
    Ok(if more { Taken::More } else { Taken::Whole(Some(EVERY)) })
}

fn referrer(tx: &Connection, shop: &Shop, words: &mut Words, user: &Value, now: DateTime<Utc>) -> Result<()> {
    let (Some(id), Some(email)) = (id_of(&user["id"]), user["email"].as_str().and_then(|text| Email::parse(text).ok())) else { return Ok(()) };
    let there = text_of(&user["first_name"]).and_then(|name| people::name(&name).ok()).filter(|name| !name.is_empty());
    let known = match destinations::about(tx, HERE, &id)? {
        Some(about) => catalogue::referrer(tx, about)?,
        // Who joined there and is a Lead here becomes a Referrer here too.
        None => match catalogue::referrer_by_email(tx, email.key())? {
            // Who went by file has the address of then there.
            None => destinations::about_by_email(tx, HERE, email.text())?.map(|about| catalogue::referrer(tx, about)).transpose()?.flatten(),
            known => known,
        },
    };
    let known = match known {
        Some(known) => known,
        None => {
            let contact = Contact { email: Some(email.key().to_owned()), phone: None };
            let name = there.clone().unwrap_or_else(|| email.name().to_owned());
            let details = Details { name, email: Some(email.text().to_owned()), phone: None, contact, link: text_of(&user["url"]) };
            let added = catalogue::insert_referrer(tx, words, &details, now)?;
            audit::append(tx, shop.till_id, now, "referrer_added", added.id, &json!({ "from": HERE.name() }))?;
            added
        }
    };
    let mut remote = destinations::remote(tx, HERE, known.id)?;
    // A change made here that waits to be sent is newer than what stands there.
    if !outbox::is_open(tx, HERE, known.id)?
        && let Some(name) = there.as_ref().filter(|name| remote.facts["name"].as_str() != Some(name) && **name != known.name)
        && remote.facts["name"].is_string()
    {
        rename(tx, words, &known, name)?;
    }
    if let Some(link) = text_of(&user["url"]) {
        catalogue::set_link(tx, known.n, &link)?;
    }
    code(tx, shop, &known, &mut remote, text_of(&user["code"]).as_deref(), now)?;
    remote.facts["name"] = there.into();
    remote.facts["email"] = email.text().into();
    remote.facts["unsubscribed_at"] = text_of(&user["unsubscribed_at"]).into();
    destinations::set_remote(tx, HERE, known.id, &Remote { id: Some(id), ..remote }).map(drop)
}

/// Who was invited there and is a Referrer here too may unsubscribe like any other, also before anybody sent them there.
fn invited_referrer(tx: &Connection, user: &Value) -> Result<()> {
    let by_id = id_of(&user["id"]).map(|id| destinations::about(tx, HERE, &id)).transpose()?.flatten();
    let email = user["email"].as_str().and_then(|text| Email::parse(text).ok()).filter(|_| by_id.is_none());
    let by_email = email.map(|email| catalogue::referrer_by_email(tx, email.key())).transpose()?.flatten();
    let Some(about) = by_id.or(by_email.map(|referrer| referrer.id)) else { return Ok(()) };
    let mut remote = destinations::remote(tx, HERE, about)?;
    let unsubscribed = Value::from(text_of(&user["unsubscribed_at"]));
    if remote.facts["unsubscribed_at"] == unsubscribed {
        return Ok(());
    }
    remote.facts["unsubscribed_at"] = unsubscribed;
    destinations::set_remote(tx, HERE, about, &remote).map(drop)
}

fn rename(tx: &Connection, words: &mut Words, known: &Referrer, name: &str) -> Result<()> {
    let Referrer { email, phone, contact, link, .. } = known.clone();
    catalogue::update_referrer(tx, words, known, &Details { name: name.to_owned(), email, phone, contact, link })
}

/// Their code is kept as it is, where the person has none here, and else means the one that they have. One that another person has here
/// would count for that other one at the counter: a person must know, and what was decided stays decided, however often the same code
/// is brought.
pub(in crate::sync) fn code(
    tx: &Connection,
    shop: &Shop,
    referrer: &Referrer,
    remote: &mut Remote,
    text: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(code) = text.and_then(|text| ReferralCode::own(text).ok()) else { return Ok(()) };
    // There capital and small letters may make two codes of what is one here: who has it already keeps it.
    let free =
        catalogue::latest_code(tx, &shop.campaign, referrer.n)?.is_none() && !catalogue::is_anothers(tx, &shop.campaign, code.key(), referrer.n)?;
    if free && catalogue::insert_code(tx, &shop.campaign, referrer.n, &code, false, now)? {
        audit::append(tx, shop.till_id, now, "code_set", referrer.id, &json!({ "code": code.text(), "from": HERE.name() }))?;
        if let Some(code) = catalogue::active_code(tx, &shop.campaign, referrer.n)? {
            outbox::put_code(tx, code.n, true, now)?;
        }
    }
    catalogue::set_elsewhere(tx, &shop.campaign, referrer.n, &code)?;
    let Some(theirs) = catalogue::code(tx, &shop.campaign, code.key())?.filter(|code| code.referrer.n != referrer.n) else { return Ok(()) };
    if remote.facts["clash"].as_str() != text && !theirs.known.revoked {
        let about = About { destination: Some(HERE), code_n: Some(theirs.n), claimed_by_n: Some(referrer.n), ..About::default() };
        conflicts::raise(tx, ConflictKind::CodeClash, &about, now)?;
    }
    remote.facts["clash"] = text.into();
    Ok(())
}

/// Somebody deleted this user there: whoever they are here goes up anew, also as a Lead, since who referred somebody is only said as
/// they are created. A Lead who was somebody else's there stays as a person decides.
pub(in crate::sync) fn user_deleted(tx: &Connection, id: &str, now: DateTime<Utc>) -> Result<()> {
    for about in [destinations::about_lead(tx, HERE, id)?, destinations::about(tx, HERE, id)?].into_iter().flatten() {
        let mut remote = destinations::remote(tx, HERE, about)?;
        if remote.facts["elsewhere"] == true || remote.facts["accepted"] == true {
            continue;
        }
        users::forget(&mut remote);
        destinations::set_remote(tx, HERE, about, &remote)?;
        outbox::again(tx, HERE, about)?;
        if outbox::is_open(tx, HERE, about)? {
            continue;
        }
        match leads::lead(tx, about)? {
            Some(lead) => outbox::put_lead(tx, What::Lead, about, about, lead.contact.email.is_some(), now)?,
            None => outbox::put_referrer(tx, about, now)?,
        }
    }
    Ok(())
}

/// A Lead of ours that was qualified there, by hand or by its rules, counts here too; where somebody took that back, it counts no more.
fn lead(tx: &Connection, shop: &Shop, user: &Value, now: DateTime<Utc>) -> Result<()> {
    // Whoever was invited there and only refers here is nobody's Lead here.
    let Some(about) = id_of(&user["id"]).map(|id| destinations::about_lead(tx, HERE, &id)).transpose()?.flatten() else { return Ok(()) };
    let mut remote = destinations::remote(tx, HERE, about)?;
    let there = !user["qualified_at"].is_null();
    let said = &remote.facts["qualified"];
    let (counted, agrees) = (*said == true, *said == there);
    // A page may be older than what we said last: it takes two of them in a row to contradict us.
    let ours = counted || remote.facts["we_qualified"] == false;
    let seen_before = remote.facts["seen_once"] == there;
    if agrees && remote.facts["seen_once"].is_null() {
        return Ok(());
    }
    let lead = leads::lead(tx, about)?.ok_or(StorageError::Stored { what: "lead" })?;
    // A decision made here that waits to be sent is newer.
    if outbox::is_open(tx, HERE, about)? {
        return Ok(());
    }
    let first_sight = !agrees && ours && !seen_before;
    remote.facts["seen_once"] = if first_sight { there.into() } else { Value::Null };
    if agrees || first_sight {
        return destinations::set_remote(tx, HERE, about, &remote).map(drop);
    }
    remote.facts["qualified"] = there.into();
    remote.facts[TAKE_BACK] = Value::Null;
    destinations::set_remote(tx, HERE, about, &remote)?;
    let by_them = lead.why.as_deref() == Some(HERE.name());
    let state = match (lead.state, there) {
        (LeadState::Pending, true) => LeadState::Qualified,
        (LeadState::Disqualified, true) if by_them => LeadState::Qualified,
        (LeadState::Qualified, false) if counted && by_them => LeadState::Pending,
        // It counts by what it did here, and is not to count all the same: a decision, which the next sale must not undo.
        (LeadState::Qualified, false) if counted => LeadState::Disqualified,
        (state, _) => state,
    };
    if recording::set_state(tx, shop, &lead, state, HERE.name(), now)? {
        outbox::put_lead(tx, What::Lead, lead.id, lead.id, lead.contact.email.is_some(), now)?;
    }
    Ok(())
}
