//! What is not uploaded and why: the manager's view of the Outbox, and what a person can do about an entry.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::views::moment;
use super::{Desk, DeskError, Result, shop_of};
pub use crate::domain::upload::{Destination, EntryState};
use crate::sentences::Language;
use crate::storage::destinations::{self, Standing};
use crate::storage::{audit, conflicts, handover, outbox, uploads};

/// Most rows of one page.
const PAGE_ROWS_MAX: u32 = 500;
/// Most tries of one entry that are shown.
const STORY_ROWS_MAX: u32 = 100;

/// How uploading stands, by destination.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct SyncView {
    /// Every destination, connected or not.
    pub destinations: Vec<DestinationView>,
    /// How many conflicts wait for a decision.
    pub conflicts: u32,
}

/// How one destination stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct DestinationView {
    /// The stable name: `stripe` or `referral_factory`.
    pub name: Destination,
    /// What people call it.
    pub title: String,
    /// Since when it is connected.
    pub connected_at: Option<String>,
    /// Not connected, and a person uploads files there instead.
    pub by_file: bool,
    /// Stripe: `test` or `live`. Referral Factory: the campaign's id.
    pub account: Option<String>,
    /// Referral Factory: the campaign's name.
    pub account_name: Option<String>,
    /// Why nothing is sent until a person acts, in a sentence.
    pub refused: Option<String>,
    /// To be sent, or being sent.
    pub waiting: u32,
    /// Confirmed.
    pub uploaded: u32,
    /// Something is missing first.
    pub parked: u32,
    /// Somebody decided that they need not be uploaded.
    pub set_aside: u32,
    /// It knows something else.
    pub conflict: u32,
    /// Refused for good.
    pub needs_a_person: u32,
    /// Since when the oldest one waits.
    pub waiting_since: Option<String>,
    /// When it was last asked what happened there, to the end.
    pub pulled_at: Option<String>,
    /// Why that did not go to its end the last time, in a sentence.
    pub trouble: Option<String>,
    /// Stripe: every code becomes a promotion code as soon as it is generated.
    pub sends_codes: bool,
}

/// One entry of the Outbox.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct EntryView {
    /// Its number, as text.
    pub id: String,
    /// Where to.
    pub destination: Destination,
    /// What was recorded: `lead`, `redemption`, `void`, `refund`, `referrer`, `code`, `coupon`.
    pub what: String,
    /// Whom or which code it is about; empty where neither name nor contact is known.
    pub name: String,
    /// How far it is.
    pub state: EntryState,
    /// What is missing, what a person must do or that it was handed over by file, in a sentence.
    pub why: Option<String>,
    /// When it was recorded.
    pub at: String,
    /// When it is tried again, where a try failed.
    pub next_try_at: Option<String>,
    /// A person set it aside.
    pub set_aside: bool,
}

/// An entry with everything that happened to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct EntryStory {
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryView,
    /// Every try, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// One try of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct AttemptView {
    /// When.
    pub at: String,
    /// A verb of HTTP and a path.
    pub call: String,
    /// HTTP status; none when nothing answered.
    pub status: Option<u16>,
    /// The destination's own number of it, for its support.
    pub request_id: Option<String>,
    /// What it said, or what went wrong on the way.
    pub said: Option<String>,
}

/// A part of the Outbox.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct EntriesAsk {
    /// Of this destination; none: of all.
    pub destination: Option<Destination>,
    /// In this state; none: in any.
    pub state: Option<EntryState>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most rows to give.
    pub rows_max: u32,
}

/// A part of the Outbox, latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct EntriesPage {
    /// The rows.
    pub rows: Vec<EntryView>,
    /// Where the next page goes on; none at the end.
    pub next: Option<String>,
}

impl Desk {
    /// How uploading stands.
    pub fn sync_view(&self) -> Result<SyncView> {
        self.store.read(|connection| {
            let language = Language::of(&shop_of(connection)?.language);
            let mut views = Vec::new();
            for destination in Destination::ALL {
                let standing = destinations::standing(connection, destination)?;
                let counts = outbox::counts(connection, destination)?;
                let settings = |name: &str| standing.as_ref().map(|standing| standing.settings[name].clone()).unwrap_or_default();
                let standing = standing.as_ref();
                views.push(DestinationView {
                    name: destination,
                    title: destination.title().to_owned(),
                    connected_at: standing.and_then(|standing| standing.connected).map(moment),
                    by_file: standing.is_some_and(Standing::by_file),
                    account: standing.and_then(|standing| standing.account.clone()),
                    account_name: settings("campaign").as_str().map(str::to_owned),
                    refused: standing.and_then(|standing| standing.refused.as_ref()).map(|(why, _)| refusal(language, destination, why)),
                    waiting: counts.waiting,
                    uploaded: counts.uploaded,
                    parked: counts.parked - counts.set_aside,
                    set_aside: counts.set_aside,
                    conflict: counts.conflict,
                    needs_a_person: counts.needs_a_person,
                    waiting_since: outbox::waiting_since(connection, destination)?.map(moment),
                    pulled_at: standing.and_then(|standing| standing.pulled).map(moment),
                    trouble: standing.and_then(|standing| standing.trouble.as_ref()).map(|why| refusal(language, destination, why)),
                    sends_codes: settings("codes") == true,
                });
            }
            Ok(SyncView { destinations: views, conflicts: conflicts::count(connection)? })
        })
    }

    /// A part of the Outbox, latest first.
    pub fn entries(&self, ask: &EntriesAsk) -> Result<EntriesPage> {
        self.store.read(|connection| {
            let language = Language::of(&shop_of(connection)?.language);
            let before = ask.after.as_deref().and_then(|after| after.parse().ok());
            let most = ask.rows_max.clamp(1, PAGE_ROWS_MAX);
            let entries = outbox::page(connection, ask.destination, ask.state, before, most)?;
            let next = entries.last().filter(|_| entries.len() == most as usize).map(|entry| entry.n.to_string());
            let rows = entries.iter().map(|entry| view(connection, language, entry)).collect::<Result<_>>()?;
            Ok(EntriesPage { rows, next })
        })
    }

    /// An entry with everything that happened to it.
    pub fn entry(&self, id: &str) -> Result<EntryStory> {
        self.store.read(|connection| {
            let language = Language::of(&shop_of(connection)?.language);
            let entry = known(connection, id)?;
            let story = uploads::story(connection, entry.destination, entry.about, STORY_ROWS_MAX)?;
            let attempts = story.into_iter().map(|attempt| AttemptView {
                at: moment(attempt.at),
                call: attempt.call,
                status: attempt.status,
                request_id: attempt.request_id,
                said: attempt.said,
            });
            Ok(EntryStory { entry: view(connection, language, &entry)?, attempts: attempts.collect() })
        })
    }

    /// Tries an entry again, whatever held it.
    pub fn retry_entry(&mut self, id: &str) -> Result<EntryView> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let entry = known(tx, id)?;
            let held = if entry.state == EntryState::Uploaded { handover::not_taken_back(tx, &entry)? } else { outbox::retry(tx, &entry, now)? };
            if held {
                audit::append(tx, shop.till_id, now, "upload_retried", entry.subject, &json!({ "destination": entry.destination.name() }))?;
            }
            view(tx, Language::of(&shop.language), &known(tx, id)?)
        })
    }

    /// Tries everything again that needs a person, with one destination or with all: what they all failed for was put right there.
    /// Returns how many entries that were.
    pub fn retry_all(&mut self, destination: Option<Destination>) -> Result<u32> {
        let now = self.now();
        let mut all = 0;
        for destination in Destination::ALL.into_iter().filter(|one| destination.is_none_or(|only| only == *one)) {
            let entries = outbox::retry_all(&mut self.store, destination, now)?;
            if entries > 0 {
                self.store.write::<_, DeskError>(|tx| {
                    let shop = shop_of(tx)?;
                    let detail = json!({ "destination": destination.name(), "entries": entries });
                    Ok(audit::append(tx, shop.till_id, now, "uploads_retried", shop.campaign.id, &detail)?)
                })?;
            }
            all += entries;
        }
        Ok(all)
    }

    /// Decides that an entry need not be uploaded. It stays in the list and can be tried again.
    pub fn set_entry_aside(&mut self, id: &str) -> Result<EntryView> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let entry = known(tx, id)?;
            if entry.state == EntryState::Uploaded || entry.state == EntryState::Sending {
                return Err(DeskError::OnItsWay);
            }
            let aside = if entry.why.as_deref() == Some(handover::TAKE_BACK) {
                handover::taken_back(tx, entry.about, now)?;
                true
            } else {
                outbox::set_aside(tx, entry.n)?
            };
            if aside {
                outbox::release(tx, entry.destination, entry.about)?;
                audit::append(tx, shop.till_id, now, "upload_set_aside", entry.subject, &json!({ "destination": entry.destination.name() }))?;
            }
            view(tx, Language::of(&shop.language), &known(tx, id)?)
        })
    }
}

fn known(connection: &rusqlite::Connection, id: &str) -> Result<outbox::Entry> {
    let n = id.trim().parse().map_err(|_| DeskError::NotFound("entry"))?;
    outbox::entry(connection, n)?.ok_or(DeskError::NotFound("entry"))
}

fn view(connection: &rusqlite::Connection, language: Language, entry: &outbox::Entry) -> Result<EntryView> {
    let set_aside = entry.why.as_deref() == Some(outbox::SET_ASIDE);
    let why = match (entry.state, entry.why.as_deref()) {
        (EntryState::Parked, Some(missing)) => Some(language.say(&format!("parked.{missing}"), &[])),
        (EntryState::Conflict, _) => Some(language.say("upload_conflict", &[])),
        (EntryState::NeedsAPerson, Some(known @ ("same_person" | outbox::COUPON_DELETED | handover::TAKE_BACK | "unreadable"))) => {
            Some(language.say(known, &[("destination", entry.destination.title())]))
        }
        // In the destination's own words, which no table of ours can know.
        (EntryState::NeedsAPerson, Some(said)) => Some(said.to_owned()),
        (EntryState::Uploaded, _) if entry.by_file.is_some() => Some(language.say("by_file", &[])),
        (EntryState::Uploaded, _) if destinations::remote(connection, entry.destination, entry.about)?.facts["unreferred"] == true => {
            Some(language.say("unreferred", &[("destination", entry.destination.title())]))
        }
        _ => None,
    };
    let next_try = if entry.state == EntryState::Sending { uploads::due_of(connection, entry.destination, entry.about)? } else { None };
    Ok(EntryView {
        id: entry.n.to_string(),
        destination: entry.destination,
        what: entry.what.name().to_owned(),
        name: entry.name.clone(),
        state: entry.state,
        why,
        at: moment(entry.at),
        next_try_at: next_try.map(moment),
        set_aside,
    })
}

/// Why nothing is sent or brought back, in a sentence.
fn refusal(language: Language, destination: Destination, why: &str) -> String {
    let title = destination.title();
    match why.split_once(' ') {
        // Its cause stands beside it in the file: nobody at a till can read it.
        Some((destinations::SILENT, _)) => language.say("refused.silent", &[("destination", title)]),
        Some(("permission", permission)) => language.say("refused.permission", &[("destination", title), ("permission", permission)]),
        _ if why == "key" => language.say(&format!("refused.key.{}", destination.name()), &[]),
        _ if ["no_key", "other_account", "forbidden"].contains(&why) => language.say(&format!("refused.{why}"), &[("destination", title)]),
        _ => language.say("refused.other", &[("destination", title), ("said", why)]),
    }
}
