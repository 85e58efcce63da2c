//! What is always written together: a Lead or its state with its audit entry, for whoever records it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::json;

use super::campaigns::Shop;
use super::catalogue::Referrer;
use super::leads::{self, Details, Lead};
use super::{Result, StorageError, audit, outbox};
use crate::domain::lead::{Conduct, LeadState, qualify};

/// Why a Lead counts that counts by its use of a code.
const BY_CODE_USE: &str = "code_use";

/// Adds a Lead with its audit entry. Its Outbox entry is that of what made it known.
pub fn insert_lead(tx: &Connection, shop: &Shop, referrer: &Referrer, source: &str, details: &Details, now: DateTime<Utc>) -> Result<Lead> {
    let lead = leads::insert(tx, &shop.campaign, referrer, source, details, now)?;
    audit::append(tx, shop.till_id, now, "lead_recorded", lead.id, &json!({ "referrer": lead.referrer_id.to_string(), "source": source }))?;
    Ok(lead)
}

/// Fills in what became known of a Lead; uploads that waited for an e-mail address go on.
pub fn complete_lead(tx: &Connection, shop: &Shop, lead: &Lead, details: &Details, now: DateTime<Utc>) -> Result<Lead> {
    let completed = leads::complete(tx, &shop.campaign, lead, details)?;
    if lead.contact.email.is_none() && completed.contact.email.is_some() {
        outbox::unpark(tx, lead.id)?;
    }
    if completed != *lead {
        audit::append(tx, shop.till_id, now, "lead_completed", lead.id, &json!({}))?;
    }
    Ok(completed)
}

/// Decides anew whether a Lead counts, after anything that it depends on. Says whether that changed.
pub fn requalify(tx: &Connection, shop: &Shop, lead_n: i64, now: DateTime<Utc>) -> Result<bool> {
    let lead = leads::lead_n(tx, lead_n)?.ok_or(StorageError::Stored { what: "lead" })?;
    judge(tx, shop, &lead, leads::redemptions_standing(tx, lead_n)?, now)
}

/// [`requalify`] where it is known how many Redemptions stand.
pub fn judge(tx: &Connection, shop: &Shop, lead: &Lead, redemptions_standing: u32, now: DateTime<Utc>) -> Result<bool> {
    let conduct = Conduct { redemptions_standing, qualified_by_code_use: lead.why.as_deref() == Some(BY_CODE_USE) };
    let state = qualify(lead.state, shop.campaign.qualification, conduct);
    set_state(tx, shop, lead, state, BY_CODE_USE, now)
}

/// Somebody or something else decided whether a Lead counts. Says whether that changed.
pub fn set_state(tx: &Connection, shop: &Shop, lead: &Lead, state: LeadState, why: &str, now: DateTime<Utc>) -> Result<bool> {
    if state == lead.state {
        return Ok(false);
    }
    leads::set_state(tx, lead.n, state, why)?;
    audit::append(tx, shop.till_id, now, "lead_state", lead.id, &json!({ "from": lead.state.name(), "to": state.name(), "why": why }))?;
    Ok(true)
}
