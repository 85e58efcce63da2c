//! Referral Factory by hand: files of what waits for it, in the columns that it takes, and a person's word that they were uploaded.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, DeskError, Result, shop_of};
use crate::domain::lead::LeadState;
use crate::domain::people::Contact;
use crate::domain::upload::{Destination, What};
use crate::sheets::{SheetWriter, guard};
use crate::storage::campaigns::Shop;
use crate::storage::destinations::{self, Remote};
use crate::storage::handover::{self, DONE, TAKE_BACK, WaitingLead, WaitingReferrer, Written};
use crate::storage::leads::Lead;
use crate::storage::{StorageError, audit, catalogue, leads, outbox};

const HERE: Destination = Destination::ReferralFactory;

/// Which file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum HandoverKind {
    /// People who were recommended.
    Leads,
    /// People who recommend. Goes up before the Leads, who are taken only where their Referrer is known.
    Referrers,
    /// Leads who count by now. Goes up after the Leads.
    Qualify,
}

impl HandoverKind {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            HandoverKind::Leads => "leads",
            HandoverKind::Referrers => "referrers",
            HandoverKind::Qualify => "qualify",
        }
    }

    /// Its headings, as Referral Factory names them. Of the last file it is only known that it is found by e-mail.
    fn headers(self) -> &'static [&'static str] {
        match self {
            HandoverKind::Leads => &["First Name", "Email", "Referrer Email Address"],
            HandoverKind::Referrers => &["First Name", "Email"],
            HandoverKind::Qualify => &["Email"],
        }
    }
}

impl Desk {
    /// Writes what waits for Referral Factory into a file that can be uploaded there, complete or not at all; and, where it is not
    /// connected, every Referrer who is not there. It still waits then: only [`Desk::handed_over`] says that it went. What no file
    /// needs to say waits no more. Returns how many rows the file has.
    pub fn write_referral_factory_file(&mut self, kind: HandoverKind, path: &Path) -> Result<u32> {
        let now = self.now();
        let Waiting { newest, held, rows, leads_too, told, taken_back, kept_out } = self.store.read(|connection| waiting(connection, kind))?;
        let mut rows = Some(rows);
        let count = self.save(path, SheetWriter::unmarked, kind.headers(), &mut || Ok(rows.take().unwrap_or_default()), &mut |_| true)?;
        let mut note = |people: &[Uuid], note: &dyn Fn(&Connection, Uuid) -> Result<()>| {
            self.store.write_in_turns::<_, DeskError>(people.chunks(outbox::AT_ONCE), |tx, some| {
                // What the API can say it says itself.
                let by_hand = !is_connected(tx)?;
                some.iter().filter(|_| by_hand).try_for_each(|id| note(tx, *id))
            })
        };
        note(&leads_too, &|tx, id| match lead_there(tx, &shop_of(tx)?, id)? {
            Some(lead) => is_there_as(tx, id, &lead),
            None => Ok(()),
        })?;
        note(&told, &|tx, id| Ok(handover::leave_untold(tx, id, newest, now)?))?;
        note(&taken_back, &|tx, id| Ok(handover::leave_to_a_person(tx, id, now)?))?;
        self.store.write::<_, DeskError>(|tx| {
            kept_out.iter().try_for_each(|id| outbox::set_aside_about(tx, HERE, *id))?;
            Ok(handover::keep(tx, kind as u8, &Written { newest, held })?)
        })?;
        Ok(count)
    }

    /// A person says that the last file of this kind was uploaded: what it held waits no more, and nothing else. Where it ends halfway,
    /// it goes on when it is said again. Returns how many rows the file had.
    pub fn handed_over(&mut self, kind: HandoverKind) -> Result<u32> {
        let now = self.now();
        let Written { newest, held } = self.store.read(|connection| handover::kept(connection, kind as u8))?.ok_or(DeskError::NotFound("file"))?;
        self.store.write_in_turns::<_, DeskError>(held.chunks(outbox::AT_ONCE), |tx, some| {
            let connected = is_connected(tx)?;
            some.iter().try_for_each(|id| hand_over(tx, kind, *id, newest, connected, now))
        })?;
        let people = u32::try_from(held.len()).unwrap_or(u32::MAX);
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            handover::forget(tx, kind as u8)?;
            let detail = json!({ "destination": HERE.name(), "file": kind.name(), "people": people });
            audit::append(tx, shop.till_id, now, "handed_over", shop.campaign.id, &detail)?;
            Ok(people)
        })
    }
}

fn hand_over(tx: &Connection, kind: HandoverKind, id: Uuid, newest: i64, connected: bool, now: DateTime<Utc>) -> Result<()> {
    let mut remote = destinations::remote(tx, HERE, id)?;
    carried(&mut remote, kind);
    if kind == HandoverKind::Referrers {
        remote.facts["email"] = catalogue::referrer(tx, id)?.and_then(|referrer| referrer.email).into();
    }
    destinations::set_remote(tx, HERE, id, &remote)?;
    let lead = if kind == HandoverKind::Referrers { None } else { leads::lead(tx, id)? };
    if kind == HandoverKind::Leads
        && let Some(lead) = &lead
        && let Some(email) = &lead.contact.email
        && let Some(referrer) = catalogue::referrer_by_email(tx, email)?
    {
        is_there_as(tx, referrer.id, lead)?;
    }
    let qualified = lead.as_ref().map(|lead| lead.state == LeadState::Qualified);
    // A Lead who counts goes over in two files, and has arrived with the second.
    if qualified.is_none_or(|qualified| remote.is_known() && is_told(&remote, qualified)) {
        handover::settle(tx, id, newest, connected, now)?;
    } else if kind == HandoverKind::Qualify && qualified == Some(false) && !handover::waits(tx, id, connected)? {
        // The sale was taken back since: now that they count there, somebody must be told.
        outbox::put(tx, HERE, What::Lead, id, id, None, now)?;
    }
    Ok(())
}

/// A Referrer is there already, as this Lead and by their address.
fn is_there_as(tx: &Connection, referrer: Uuid, lead: &Lead) -> Result<()> {
    let mut remote = destinations::remote(tx, HERE, referrer)?;
    if !remote.is_known() {
        carried(&mut remote, HandoverKind::Referrers);
        remote.facts["email"] = lead.email.clone().into();
        destinations::set_remote(tx, HERE, referrer, &remote)?;
    }
    Ok(())
}

/// What a file of one kind would hold now.
#[derive(Default)]
struct Waiting {
    /// The newest entry of the Outbox.
    newest: i64,
    /// Who is in it.
    held: Vec<Uuid>,
    rows: Vec<Vec<String>>,
    /// Referrers who are there, by today's address, as somebody's Lead.
    leads_too: Vec<Uuid>,
    /// About whom something waits that no file needs to say, or can.
    told: Vec<Uuid>,
    /// Who counts there, by a file, and does not count here any more: that no file can say, and somebody must.
    taken_back: Vec<Uuid>,
    /// About whom a person decided that nothing is sent.
    kept_out: Vec<Uuid>,
}

impl Waiting {
    fn row(&mut self, id: Uuid, row: Vec<String>) {
        self.held.push(id);
        self.rows.push(row);
    }
}

/// What a file of this kind holds now. Who referred somebody is said as they are created, or never: a Referrer who is a Lead that goes
/// over is in no file of Referrers, and whom they recommended comes after them.
fn waiting(connection: &Connection, kind: HandoverKind) -> Result<Waiting> {
    let shop = shop_of(connection)?;
    let connected = is_connected(connection)?;
    let mut file = Waiting { newest: handover::newest(connection)?, ..Waiting::default() };
    let (mut known, mut new) = (Vec::new(), Vec::new());
    for lead in handover::leads(connection, connected)? {
        let remote = destinations::remote(connection, HERE, lead.id)?;
        if remote.facts["elsewhere"] == true {
            // Somebody else's there: a person decides first.
            continue;
        }
        if remote.facts["kept_out"] == true {
            file.kept_out.push(lead.id);
        } else if !remote.is_known() {
            new.extend(can_go(&lead).then_some((lead, remote)));
        } else if is_told(&remote, lead.qualified) || remote.facts["unreferred"] == true {
            file.told.push(lead.id);
        } else if lead.qualified {
            known.push(lead);
        } else if remote.facts["we_qualified"] == true {
            file.taken_back.push(lead.id);
        } else {
            file.told.push(lead.id);
        }
    }
    let going: BTreeSet<Uuid> = new.iter().map(|(lead, _)| lead.id).collect();
    let is_there = |id| Ok(destinations::remote(connection, HERE, id)?.is_known());
    // What the API has in hand goes too, by the API.
    let goes = |lead| Ok(going.contains(&lead) || (connected && outbox::is_open(connection, HERE, lead)?));
    let after_a_lead = |referrer: Uuid| -> Result<bool> {
        let referrer = catalogue::referrer(connection, referrer)?.ok_or(StorageError::Stored { what: "referrer" })?;
        Ok(leads::lead_first(connection, &shop.campaign, &referrer, is_there, goes)?.is_some())
    };
    match kind {
        HandoverKind::Referrers => {
            let recommending = new.into_iter().map(|(lead, _)| lead.referrer);
            let mut seen = BTreeSet::new();
            for WaitingReferrer { id, name, email } in handover::referrers(connection, connected)?.into_iter().chain(recommending) {
                let Some(email) = email.filter(|email| is_plain(email) && seen.insert(id)) else { continue };
                let is_there = is_there(id)?;
                if !is_there && lead_there(connection, &shop, id)?.is_some() {
                    file.leads_too.push(id);
                } else if !is_there {
                    if !after_a_lead(id)? {
                        file.row(id, vec![name, email]);
                    }
                    continue;
                }
                if handover::waits(connection, id, connected)? {
                    file.told.push(id);
                }
            }
        }
        HandoverKind::Leads => {
            for (lead, _) in new {
                if !after_a_lead(lead.referrer.id)? {
                    // A first name is required, and a counter sale may have none.
                    let name = if lead.name.is_empty() { lead.email.split('@').next().unwrap_or_default().to_owned() } else { lead.name };
                    // Whoever changed theirs since is known there by the one before.
                    let there = destinations::remote(connection, HERE, lead.referrer.id)?.facts["email"].as_str().map(str::to_owned);
                    file.row(lead.id, vec![name, lead.email, there.or(lead.referrer.email).unwrap_or_default()]);
                }
            }
        }
        HandoverKind::Qualify => {
            for lead in known {
                file.row(lead.id, vec![lead.email]);
            }
            for (lead, remote) in new {
                if lead.qualified && !is_told(&remote, true) && !after_a_lead(lead.referrer.id)? {
                    file.row(lead.id, vec![lead.email]);
                }
            }
        }
    }
    Ok(file)
}

/// Whether a file can say who this Lead is and who keeps them.
fn can_go(lead: &WaitingLead) -> bool {
    is_plain(&lead.email) && lead.referrer.email.as_deref().is_some_and(is_plain)
}

/// The Lead as whom this Referrer is there, if so.
fn lead_there(connection: &Connection, shop: &Shop, referrer: Uuid) -> Result<Option<Lead>> {
    let email = catalogue::referrer(connection, referrer)?.and_then(|referrer| referrer.contact.email);
    let lead = leads::by_contact(connection, &shop.campaign, &Contact { email, phone: None })?;
    let known = lead.as_ref().map(|lead| destinations::remote(connection, HERE, lead.id)).transpose()?.is_some_and(|remote| remote.is_known());
    Ok(lead.filter(|_| known))
}

/// An address that would be guarded against being a formula would arrive as another one: it waits for the API.
fn is_plain(email: &str) -> bool {
    guard(email) == email
}

fn is_connected(connection: &Connection) -> Result<bool> {
    Ok(destinations::connected(connection, HERE)?.is_some())
}

/// Whether it knows that this Lead counts, or that they don't.
fn is_told(remote: &Remote, qualified: bool) -> bool {
    match remote.facts[TAKE_BACK].as_str() {
        // A person did it, or was asked to and may have: who counts again is said to.
        Some(taken_back) => !qualified && taken_back == DONE,
        None => qualified == remote.facts["qualified"].as_bool().unwrap_or(remote.facts["by_file"]["qualified"] == true),
    }
}

/// Notes what a file told of somebody. Where their id there is unknown, they are looked up before anything is sent about them, so
/// that nobody is there twice.
fn carried(remote: &mut Remote, kind: HandoverKind) {
    let facts = &mut remote.facts;
    if !facts["by_file"].is_object() {
        facts["by_file"] = json!({});
    }
    if kind == HandoverKind::Qualify {
        facts["by_file"]["qualified"] = true.into();
        // What we said we may take back.
        facts["we_qualified"] = true.into();
        facts[TAKE_BACK] = Value::Null;
    } else {
        facts["by_file"]["added"] = true.into();
    }
    if remote.id.is_none() {
        facts["look"] = true.into();
    } else if kind == HandoverKind::Qualify {
        facts["qualified"] = true.into();
    }
    if let Some(facts) = facts.as_object_mut() {
        // It was refused over the API; by file a person saw to it.
        facts.remove("refused");
    }
}
