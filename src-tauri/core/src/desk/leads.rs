//! Leads that a rep records on the phone, and the list of all Leads.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::views::LeadRow;
use super::{Desk, DeskError, Result, asks, day_in, done_before, shop_of};
use crate::domain::lead::LeadState;
use crate::domain::upload::What;
use crate::sentences::Language;
use crate::storage::campaigns::Shop;
use crate::storage::conflicts::{self, ConflictKind};
use crate::storage::leads::{self, Show};
use crate::storage::operations;
use crate::storage::{StorageError, audit, catalogue, outbox, recording};

/// Most rows of one page.
const PAGE_ROWS_MAX: u32 = 500;

/// Record this Lead.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct NewLead {
    /// A UUID made before the first try.
    pub op: String,
    /// Who recommended them.
    pub referrer_id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
    /// What was said.
    pub note: Option<String>,
    /// When to call back, YYYY-MM-DD.
    pub call_back: Option<String>,
}

/// A recorded Lead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct LeadRecorded {
    /// As it stands.
    pub lead: LeadRow,
    /// The same operation recorded it before: nothing was recorded now.
    pub replayed: bool,
    /// Said where somebody else recommended them first.
    pub conflict: Option<String>,
}

/// A Lead was called back, or will be on another day.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CallBackAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Who.
    pub lead_id: String,
    /// When to call, YYYY-MM-DD; none where it is done.
    pub day: Option<String>,
}

/// A part of the list of Leads.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct LeadsAsk {
    /// Only those whose name, contact or Referrer contains this.
    pub search: String,
    /// Which.
    pub show: LeadsShown,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most rows to give.
    pub rows_max: u32,
}

/// Which Leads a list shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum LeadsShown {
    /// All.
    All,
    /// Those who don't count yet.
    Pending,
    /// Those who count.
    Qualified,
    /// Those who never will.
    Disqualified,
    /// Those who can't be reached.
    MissingContact,
    /// Those whom two Referrers claim.
    Conflict,
    /// Those to be called back.
    CallBack,
}

/// A part of the list of Leads, latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct LeadsPage {
    /// The rows.
    pub rows: Vec<LeadRow>,
    /// How many such Leads there are.
    pub total: u32,
    /// Where the next page goes on; none at the end.
    pub next: Option<String>,
}

/// A day to call back on: not one that is over.
fn to_come(shop: &Shop, text: &str, now: DateTime<Utc>) -> Result<NaiveDate> {
    let day = asks::day(text)?;
    if day < day_in(shop, now) { Err(DeskError::DayOver(text.to_owned())) } else { Ok(day) }
}

impl Desk {
    /// Records a Lead by word. Somebody who is known already is completed and stays with their first Referrer.
    pub fn record_lead(&mut self, ask: &NewLead) -> Result<LeadRecorded> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let who = asks::who(Some(&ask.name), ask.email.as_deref(), ask.phone.as_deref(), shop.country.as_deref())?;
            let referrer = catalogue::referrer(tx, asks::id(&ask.referrer_id, "referrer")?)?.ok_or(DeskError::NotFound("referrer"))?;
            if who.name.is_empty() {
                return Err(DeskError::NoName);
            }
            if who.email.is_none() && who.phone.is_none() {
                return Err(DeskError::NoContact);
            }
            if referrer.contact.shares(&who.contact) {
                return Err(DeskError::OwnLead);
            }
            let asked = operations::fingerprint(
                "record_lead",
                &[
                    &referrer.id.to_string(),
                    &who.name,
                    who.email.as_deref().unwrap_or(""),
                    who.phone.as_deref().unwrap_or(""),
                    ask.note.as_deref().unwrap_or(""),
                    ask.call_back.as_deref().unwrap_or(""),
                ],
            );
            let conflict_with = |lead: &leads::Lead| {
                let values = [("name", lead.name.as_str()), ("referrer", lead.referrer.as_str())];
                (lead.referrer_n != referrer.n).then(|| Language::of(&shop.language).say("conflict_lead", &values))
            };
            if let Some(id) = done_before(tx, op, &asked)? {
                let lead = leads::lead(tx, id)?.ok_or(StorageError::Stored { what: "lead" })?;
                return Ok(LeadRecorded { conflict: conflict_with(&lead), lead: LeadRow::from(&lead), replayed: true });
            }
            let details = leads::Details {
                name: who.name,
                email: who.email,
                phone: who.phone,
                contact: who.contact,
                note: asks::note(ask.note.as_deref(), "note")?,
                call_back: ask.call_back.as_deref().filter(|day| !day.is_empty()).map(|day| to_come(&shop, day, now)).transpose()?,
            };
            let lead = match leads::by_contact(tx, &shop.campaign, &details.contact)? {
                Some(known) => {
                    if known.referrer_n != referrer.n {
                        let about = conflicts::About { lead_n: Some(known.n), claimed_by_n: Some(referrer.n), ..Default::default() };
                        conflicts::raise(tx, ConflictKind::Claimed, &about, now)?;
                    }
                    recording::complete_lead(tx, &shop, &known, &details, now)?
                }
                None => recording::insert_lead(tx, &shop, &referrer, "phone", &details, now)?,
            };
            outbox::put_lead(tx, What::Lead, lead.id, lead.id, lead.contact.email.is_some(), now)?;
            operations::remember(tx, op, "record_lead", &asked, lead.id, now)?;
            Ok(LeadRecorded { conflict: conflict_with(&lead), lead: LeadRow::from(&lead), replayed: false })
        })
    }

    /// Says when a Lead is to be called back, or that it is done.
    pub fn call_back(&mut self, ask: &CallBackAsk) -> Result<LeadRow> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let lead = leads::lead(tx, asks::id(&ask.lead_id, "lead")?)?.ok_or(DeskError::NotFound("lead"))?;
            let asked = operations::fingerprint("call_back", &[&lead.id.to_string(), ask.day.as_deref().unwrap_or("")]);
            if done_before(tx, op, &asked)?.is_some() {
                return Ok(LeadRow::from(&lead));
            }
            let day = ask.day.as_deref().map(|day| to_come(&shop, day, now)).transpose()?;
            leads::set_call_back(tx, lead.n, day)?;
            audit::append(tx, shop.till_id, now, "call_back", lead.id, &json!({ "day": day }))?;
            operations::remember(tx, op, "call_back", &asked, lead.id, now)?;
            Ok(LeadRow::from(&leads::Lead { call_back: day, ..lead }))
        })
    }

    /// A page of the list.
    pub fn leads(&self, ask: &LeadsAsk) -> Result<LeadsPage> {
        self.store.read(|connection| {
            let show = match ask.show {
                LeadsShown::All => Show::All,
                LeadsShown::Pending => Show::State(LeadState::Pending),
                LeadsShown::Qualified => Show::State(LeadState::Qualified),
                LeadsShown::Disqualified => Show::State(LeadState::Disqualified),
                LeadsShown::MissingContact => Show::MissingContact,
                LeadsShown::Conflict => Show::Conflict,
                LeadsShown::CallBack => Show::CallBack,
            };
            let most = ask.rows_max.clamp(1, PAGE_ROWS_MAX);
            let before = ask.after.as_deref().and_then(|after| after.parse().ok());
            let page = leads::page(connection, show, None, &ask.search, before, most)?;
            let next = page.last().filter(|_| page.len() == most as usize).map(|lead| lead.n.to_string());
            Ok(LeadsPage { rows: page.iter().map(LeadRow::from).collect(), total: leads::count(connection, show, &ask.search)?, next })
        })
    }
}
