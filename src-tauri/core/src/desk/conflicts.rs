//! What only a person can decide, with the decisions that they can take and what each will do.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use super::views::moment;
use super::{Desk, DeskError, Result, asks, shop_of};
use crate::domain::upload::{Destination, What};
use crate::sentences::Language;
use crate::storage::campaigns::Shop;
use crate::storage::conflicts::{self, Conflict, ConflictKind};
use crate::storage::{StorageError, audit, catalogue, destinations, leads, outbox};

/// A question that waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ConflictView {
    /// Id.
    pub id: String,
    /// `claimed`, `lead_elsewhere`, `limit_overrun` or `code_clash`.
    pub kind: String,
    /// What stands against what.
    pub sentence: String,
    /// Since when.
    pub at: String,
    /// What can be decided, the gentlest first.
    pub decisions: Vec<DecisionView>,
}

/// One thing that can be decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct DecisionView {
    /// Its stable name.
    pub id: String,
    /// On the button.
    pub label: String,
    /// What it will do.
    pub effect: String,
}

/// The name of the question in our sentences. A code that is another person's there than here is a question of its own, and so is a
/// Lead who refers others there and belongs to nobody.
fn question(conflict: &Conflict) -> &'static str {
    match (conflict.kind, conflict.claimed_by_n) {
        (ConflictKind::CodeClash, Some(_)) => "code_of_another",
        (ConflictKind::LeadElsewhere, _) if conflict.detail["referrer_id"].is_null() => "lead_unreferred",
        (kind, _) => kind.name(),
    }
}

/// The decisions of each kind, by their stable names.
fn decisions(conflict: &Conflict) -> &'static [&'static str] {
    match conflict.kind {
        ConflictKind::Claimed => &["keep", "move"],
        ConflictKind::LeadElsewhere => &["leave", "keep_out"],
        ConflictKind::LimitOverrun => &["accept", "revoke"],
        ConflictKind::CodeClash if conflict.claimed_by_n.is_some() => &["leave", "revoke"],
        ConflictKind::CodeClash => &["adopt", "keep_off", "try_again"],
    }
}

impl Desk {
    /// Everything that waits for a person, oldest first.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            conflicts::open(connection)?.iter().map(|conflict| view(connection, &shop, conflict)).collect()
        })
    }

    /// Carries a person's decision out.
    pub fn resolve_conflict(&mut self, id: &str, decision: &str) -> Result<()> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let conflict = conflicts::conflict(tx, asks::id(id, "conflict")?)?.ok_or(DeskError::NotFound("conflict"))?;
            let Some(decision) = decisions(&conflict).iter().find(|known| **known == decision) else {
                return Err(DeskError::NotFound("decision"));
            };
            carry_out(tx, &conflict, decision, now)?;
            conflicts::decide(tx, conflict.n, decision, now)?;
            Ok(audit::append(tx, shop.till_id, now, "conflict_decided", conflict.id, &json!({ "kind": conflict.kind.name(), "decision": decision }))?)
        })
    }
}

fn carry_out(tx: &Connection, conflict: &Conflict, decision: &str, now: DateTime<Utc>) -> Result<()> {
    match (conflict.kind, decision) {
        (ConflictKind::Claimed, "move") => {
            let (lead, referrer) = (lead(tx, conflict)?, conflict.claimed_by_n.ok_or(StorageError::Stored { what: "conflict" })?);
            leads::give_to(tx, lead.n, referrer)?;
            outbox::put_lead(tx, What::Lead, lead.id, lead.id, lead.contact.email.is_some(), now)?;
        }
        (ConflictKind::LeadElsewhere, _) => {
            let (lead, destination) = (lead(tx, conflict)?, destination(conflict)?);
            let mut remote = destinations::remote(tx, destination, lead.id)?;
            remote.facts["elsewhere"] = false.into();
            remote.facts["accepted"] = true.into();
            remote.facts["kept_out"] = (decision == "keep_out").into();
            destinations::set_remote(tx, destination, lead.id, &remote)?;
            if decision == "leave" {
                outbox::again(tx, destination, lead.id)?;
            } else {
                outbox::set_aside_about(tx, destination, lead.id)?;
            }
        }
        (ConflictKind::LimitOverrun | ConflictKind::CodeClash, "revoke") => {
            let code_n = conflict.code_n.ok_or(StorageError::Stored { what: "conflict" })?;
            catalogue::revoke(tx, code_n, conflict.kind.name(), now)?;
            outbox::put_code(tx, code_n, false, now)?;
        }
        (ConflictKind::CodeClash, "adopt" | "keep_off" | "try_again") => {
            let (code, destination) = (outbox::code_id(conflict.code_n.ok_or(StorageError::Stored { what: "conflict" })?), destination(conflict)?);
            let mut remote = destinations::remote(tx, destination, code)?;
            remote.facts["clash"] = if decision == "adopt" { json!({ "said": true, "adopt": true }) } else { json!({}) };
            remote.facts["kept_out"] = (decision == "keep_off").into();
            destinations::set_remote(tx, destination, code, &remote)?;
            if decision == "keep_off" {
                outbox::set_aside_about(tx, destination, code)?;
            } else {
                outbox::again(tx, destination, code)?;
            }
        }
        // The first Referrer keeps the Lead, the code or the sale: nothing changes but that it was decided.
        _ => {}
    }
    Ok(())
}

fn lead(tx: &Connection, conflict: &Conflict) -> Result<leads::Lead> {
    let lead = conflict.lead_n.map(|n| leads::lead_n(tx, n)).transpose()?.flatten();
    Ok(lead.ok_or(StorageError::Stored { what: "conflict" })?)
}

fn destination(conflict: &Conflict) -> Result<Destination> {
    Ok(conflict.destination.ok_or(StorageError::Stored { what: "conflict" })?)
}

/// Whether it is said there already who referred them: it can't be changed any more.
fn is_at_referral_factory(connection: &Connection, lead: &leads::Lead) -> Result<bool> {
    Ok(destinations::remote(connection, Destination::ReferralFactory, lead.id)?.is_known())
}

fn view(connection: &Connection, shop: &Shop, conflict: &Conflict) -> Result<ConflictView> {
    let language = Language::of(&shop.language);
    let question = question(conflict);
    let detail = |name: &str| match &conflict.detail[name] {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let lead = conflict.lead_n.map(|n| leads::lead_n(connection, n)).transpose()?.flatten();
    let claimant = conflict.claimed_by_n.map(|n| catalogue::referrer_n(connection, n)).transpose()?.flatten();
    let code = conflict.code_n.map(|n| catalogue::code_n(connection, n)).transpose()?.flatten();
    let elsewhere = match (&conflict.detail["referrer_id"], conflict.destination) {
        (serde_json::Value::String(id), Some(destination)) => {
            destinations::about(connection, destination, id)?.map(|id| catalogue::referrer(connection, id)).transpose()?.flatten()
        }
        _ => None,
    };
    let text = |text: Option<String>| text.unwrap_or_default();
    let values = [
        ("name", text(lead.as_ref().map(|lead| lead.called().to_owned()))),
        ("referrer", text(lead.as_ref().map(|lead| lead.referrer.clone()).or_else(|| code.as_ref().map(|code| code.referrer.name.clone())))),
        ("other", text(claimant.or(elsewhere).map(|referrer| referrer.name))),
        ("code", text(code.map(|code| code.text))),
        ("destination", conflict.destination.map_or_else(String::new, |destination| destination.title().to_owned())),
        ("here", detail("here")),
        ("there", detail("there")),
        ("limit", detail("limit")),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let there_already = match &lead {
        Some(lead) if conflict.kind == ConflictKind::Claimed => is_at_referral_factory(connection, lead)?,
        _ => false,
    };
    let decision = |id: &&str| DecisionView {
        id: (*id).to_owned(),
        label: language.say(&format!("decision.{question}.{id}.label"), &values),
        effect: match *id {
            "move" if there_already => language.say("decision.claimed.move.effect_there", &values),
            _ => language.say(&format!("decision.{question}.{id}.effect"), &values),
        },
    };
    Ok(ConflictView {
        id: conflict.id.to_string(),
        kind: conflict.kind.name().to_owned(),
        sentence: language.say(&format!("conflict_of.{question}"), &values),
        at: moment(conflict.at),
        decisions: decisions(conflict).iter().map(decision).collect(),
    })
}
