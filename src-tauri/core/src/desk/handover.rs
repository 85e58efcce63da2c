//! Referral Factory by hand: files of what waits for it, in the columns that it takes, and a person's word that they were uploaded.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Desk, DeskError, Result, shop_of};
use crate::domain::lead::LeadState;
use crate::domain::upload::Destination;
use crate::sheets::{SheetWriter, guard};
use crate::storage::destinations::{self, Remote};
use crate::storage::handover::{self, WaitingLead, WaitingReferrer, Written};
use crate::storage::{audit, leads};

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
    /// connected, every Referrer who is not there. It still waits then: only [`Desk::handed_over`] says that it went. Returns how many
    /// rows the file has.
    pub fn write_referral_factory_file(&mut self, kind: HandoverKind, path: &Path) -> Result<u32> {
        let (written, rows) = self.store.read(|connection| waiting(connection, kind))?;
        let mut rows = Some(rows);
        let count = self.save(path, SheetWriter::unmarked, kind.headers(), &mut || Ok(rows.take().unwrap_or_default()), &mut |_| true)?;
        self.store.write::<_, DeskError>(|tx| Ok(handover::keep(tx, kind as u8, &written)?))?;
        Ok(count)
    }

    /// A person says that the last file of this kind was uploaded: what it held waits no more, and nothing else. Returns how many
    /// rows it had.
    pub fn handed_over(&mut self, kind: HandoverKind) -> Result<u32> {
        let now = self.now();
        self.store.write_much(|tx| {
            let shop = shop_of(tx)?;
            let Written { newest, held, unsaid } = handover::take(tx, kind as u8)?.ok_or(DeskError::NotFound("file"))?;
            let connected = is_connected(tx)?;
            for id in &held {
                let mut remote = destinations::remote(tx, HERE, *id)?;
                carried(&mut remote, kind);
                destinations::set_remote(tx, HERE, *id, &remote)?;
                let lead = if kind == HandoverKind::Referrers { None } else { leads::lead(tx, *id)? };
                // A Lead who counts goes over in two files, and has arrived with the second.
                if lead.is_none_or(|lead| is_known(&remote) && is_told(&remote, lead.state == LeadState::Qualified)) {
                    handover::settle(tx, *id, newest, connected, now)?;
                }
            }
            for id in unsaid.iter().filter(|_| !connected) {
                handover::settle(tx, *id, newest, connected, now)?;
            }
            let people = u32::try_from(held.len()).unwrap_or(u32::MAX);
            let detail = json!({ "destination": HERE.name(), "file": kind.name(), "people": people });
            audit::append(tx, shop.till_id, now, "handed_over", shop.campaign.id, &detail)?;
            Ok(people)
        })
    }
}

/// What a file of this kind holds now, and its rows.
fn waiting(connection: &Connection, kind: HandoverKind) -> Result<(Written, Vec<Vec<String>>)> {
    let connected = is_connected(connection)?;
    let mut written = Written { newest: handover::newest(connection)?, ..Written::default() };
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    let mut referrer = |referrer: WaitingReferrer, written: &mut Written, rows: &mut Vec<Vec<String>>| -> Result<()> {
        let WaitingReferrer { id, name, email } = referrer;
        if let Some(email) = email.filter(|email| is_plain(email))
            && seen.insert(id)
            && !is_known(&destinations::remote(connection, HERE, id)?)
        {
            written.held.push(id);
            rows.push(vec![name, email]);
        }
        Ok(())
    };
    if kind == HandoverKind::Referrers {
        for waiting in handover::referrers(connection, connected)? {
            referrer(waiting, &mut written, &mut rows)?;
        }
    }
    for lead in handover::leads(connection, connected)? {
        let remote = destinations::remote(connection, HERE, lead.id)?;
        let WaitingLead { id, name, email, qualified, referrer: recommended_by } = lead;
        let by = recommended_by.email.clone().filter(|by| is_plain(by) && is_plain(&email));
        let row = match (kind, by) {
            (HandoverKind::Referrers, by) => {
                if by.is_some() && !is_known(&remote) {
                    referrer(recommended_by, &mut written, &mut rows)?;
                }
                continue;
            }
            (HandoverKind::Leads, Some(by)) if !is_known(&remote) => {
                // A first name is required, and a counter sale may have none.
                let name = if name.is_empty() { email.split('@').next().unwrap_or_default().to_owned() } else { name };
                vec![name, email, by]
            }
            (HandoverKind::Qualify, by) if qualified && !is_told(&remote, true) && (by.is_some() || is_known(&remote)) => vec![email],
            _ => {
                if is_known(&remote) && is_told(&remote, qualified) {
                    written.unsaid.push(id);
                }
                continue;
            }
        };
        written.held.push(id);
        rows.push(row);
    }
    Ok((written, rows))
}

/// An address that would be guarded against being a formula would arrive as another one: it waits for the API.
fn is_plain(email: &str) -> bool {
    guard(email) == email
}

fn is_connected(connection: &Connection) -> Result<bool> {
    Ok(destinations::connected(connection, HERE)?.is_some())
}

/// Whether Referral Factory has this person: by its own word, or by file.
pub(super) fn is_known(remote: &Remote) -> bool {
    remote.id.is_some() || remote.facts["by_file"]["added"] == true
}

/// Whether it knows that this Lead counts, or that they don't.
fn is_told(remote: &Remote, qualified: bool) -> bool {
    qualified == (remote.facts["qualified"] == true || remote.facts["by_file"]["qualified"] == true)
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
