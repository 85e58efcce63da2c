//! The one transaction between the engine and the Outbox: what came back is settled, what may be sent is planned and stored.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use uuid::Uuid;

use super::call::{Call, Name, redacted};
use super::engine::{Answered, PULL, Ready};
use super::plan::{self, Effect, Next};
use super::retry::{SEARCH_LAG, Verdict, WAIT_MAX, WAIT_SECS_MAX, rest_asked, silence};
use super::{pull, referral_factory, stripe, things};
use crate::domain::upload::{Destination, EntryState, Kind};
use crate::storage::campaigns::{self, Shop};
use crate::storage::conflicts::{self, About};
use crate::storage::destinations::{self, Standing};
use crate::storage::uploads::{self, Attempt, Upload};
use crate::storage::{Result, StorageError, catalogue, leads, outbox};

/// Stripe keeps what it answered to a key for at least a day; older than this, it is asked instead.
const KEY_HOURS_TRUSTED: i64 = 20;
/// So many things are looked at in one transaction: a sale waits for the rest of it.
const LOOKED_MAX: usize = 200;

/// So many conflicts on end, within some minutes, are no coincidence.
const CONFLICTS_MAX: u32 = 8;

/// What is asked of the transaction.
pub struct Asked<'a> {
    /// Of which destination.
    pub destination: Destination,
    /// Since when it was connected as the round began; none: it was not.
    pub connected: Option<DateTime<Utc>>,
    /// What came back.
    pub answered: &'a [Answered],
    /// So many more calls can be sent.
    pub room: usize,
    /// Uploads that must not be given out again: they are in memory or on their way.
    pub held: &'a BTreeSet<i64>,
    /// How long between two looks at what happened there.
    pub pull_every: Duration,
}

/// What the transaction gave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exchanged {
    /// Calls that are stored and may be sent.
    pub ready: Vec<Ready>,
    /// How long until the next stored call may be tried, or until it is time to ask what happened there.
    pub next_due: Option<Duration>,
    /// Nothing may be sent until a person acts.
    pub refused: bool,
    /// Entries that were settled by it, in any way.
    pub settled: usize,
}

/// Settles and fetches for one destination. All or nothing, like everything that is written.
pub fn exchange(tx: &Connection, asked: &Asked<'_>, now: DateTime<Utc>) -> Result<Exchanged> {
    let Asked { destination, answered, room, held, pull_every, .. } = *asked;
    let mut exchanged = Exchanged::default();
    let (Some(shop), Some(standing)) = (campaigns::shop(tx)?, destinations::standing(tx, destination)?) else { return Ok(exchanged) };
    // Somebody connected anew since: what is said of the key from before is no news, and the new one is for the next round.
    let outdated = standing.connected != asked.connected;
    let mut turn = Turn { tx, shop: &shop, destination, standing: &standing, now, settled: 0, looked: 0 };
    let mut still_held = held.clone();
    for answer in answered {
        still_held.remove(&answer.ready.upload_n.unwrap_or(PULL));
        if let Verdict::Refused(why) = &answer.verdict
            && !outdated
        {
            destinations::refuse(tx, destination, why, now)?;
            exchanged.refused = true;
        }
        if let (Verdict::Again(_) | Verdict::Doubt(_), Some(asked)) = (&answer.verdict, rest_asked(&answer.heard)) {
            // Also the next round's business, whatever program makes it.
            destinations::leave_alone(tx, destination, asked.as_millis() as i64, WAIT_MAX.as_millis() as i64, now)?;
        }
        match answer.ready.upload_n {
            Some(n) => {
                destinations::silence(tx, destination, silence(&answer.heard).as_deref())?;
                turn.settle(n, answer)?;
            }
            None => pull::settle(tx, &shop, destination, answer, pull_every, now)?,
        }
    }
    // Who was disconnected meanwhile is told nothing more; who refuses us neither.
    exchanged.refused |= standing.refused.is_some() || standing.connected.is_none() || outdated;
    if exchanged.refused {
        exchanged.settled = turn.settled;
        return Ok(exchanged);
    }
    let mut free = room;
    for upload in uploads::due(tx, destination, now, WAIT_MAX.as_millis() as i64, free + still_held.len())? {
        if free > 0
            && !still_held.contains(&upload.n)
            && let Some(ready) = turn.resume(&upload)?
        {
            exchanged.ready.push(ready);
            free -= 1;
        }
    }
    // Things that need no call at all are settled on the way, so several rounds may be needed to fill the room.
    while free > 0 && turn.looked < LOOKED_MAX {
        let due = outbox::due(tx, destination, free)?;
        if due.is_empty() {
            break;
        }
        for (what, about) in due {
            turn.looked += 1;
            if let Some(ready) = turn.start(what.kind(), about)? {
                exchanged.ready.push(ready);
                free -= 1;
            }
        }
    }
    let mut waits = Vec::new();
    waits.extend((turn.looked >= LOOKED_MAX).then_some(Duration::ZERO));
    if !still_held.contains(&PULL) {
        match pull::next(tx, destination, pull_every, now)? {
            pull::Pull::Call(call) if room > 0 => exchanged.ready.push(Ready { upload_n: None, call, tries: 1 }),
            pull::Pull::Call(_) => {}
            pull::Pull::In(wait) => waits.push(wait),
        }
    }
    waits.extend(uploads::next_due(tx, destination, now)?.map(|due| (due - now).to_std().unwrap_or_default().min(WAIT_MAX)));
    exchanged.next_due = waits.into_iter().min();
    exchanged.settled = turn.settled;
    Ok(exchanged)
}

struct Turn<'a> {
    tx: &'a Connection,
    shop: &'a Shop,
    destination: Destination,
    standing: &'a Standing,
    now: DateTime<Utc>,
    settled: usize,
    /// So many things were looked at in it.
    looked: usize,
}

impl Turn<'_> {
    fn case(&self, kind: Kind, about: Uuid) -> Result<Option<plan::Case>> {
        things::case(self.tx, self.shop, self.destination, self.standing, kind, about, self.now)
    }

    /// An answer came.
    fn settle(&mut self, n: i64, answer: &Answered) -> Result<()> {
        self.tell(n, answer)?;
        // Set aside or started over while the answer was on its way.
        let Some(upload) = uploads::open(self.tx, n)? else { return Ok(()) };
        let verdict = if self.conflict_stays(&upload, answer)? { &Verdict::Listen } else { &answer.verdict };
        match verdict {
            Verdict::Again(wait) => uploads::again(self.tx, n, self.in_(*wait)),
            Verdict::Refused(_) => uploads::again(self.tx, n, self.now),
            Verdict::Doubt(wait) => self.doubt(&upload, *wait),
            Verdict::Listen => {
                let Some(case) = self.case(upload.kind, upload.about)? else { return self.close(&upload, EntryState::Uploaded, None) };
                let Ok(reply) = &answer.heard else { return Err(StorageError::Stored { what: "answer" }) };
                let learned = plan::learn(self.destination, &case, &answer.ready.call, reply);
                if !destinations::set_remote(self.tx, self.destination, upload.about, &learned.remote)? {
                    // Two things of ours can't be one there: somebody merged or mistyped, and a person knows who is who. Until then
                    // nothing that is said there of the other one is this one's, and nobody who needs it asks anew.
                    let mut remote = case.remote;
                    remote.facts["refused"] = "same_person".into();
                    destinations::set_remote(self.tx, self.destination, upload.about, &remote)?;
                    return self.close(&upload, EntryState::NeedsAPerson, Some("same_person"));
                }
                for effect in learned.effects {
                    self.effect(&upload, effect)?;
                }
                self.go_on(&upload, self.now)
            }
        }
    }

    /// At Stripe a conflict says that a key is in use just now. Referral Factory knows no keys: one that stays is its answer.
    fn conflict_stays(&self, upload: &Upload, answer: &Answered) -> Result<bool> {
        let knows_keys = match self.destination {
            Destination::Stripe => true,
            Destination::ReferralFactory => false,
        };
        if knows_keys || !answer.heard.as_ref().is_ok_and(|reply| reply.status == 409 && reply.json().is_some()) {
            return Ok(false);
        }
        let story = uploads::story(self.tx, self.destination, upload.about, CONFLICTS_MAX)?;
        Ok(story.len() == CONFLICTS_MAX as usize && story.iter().all(|attempt| attempt.status == Some(409)))
    }

    fn effect(&self, upload: &Upload, effect: Effect) -> Result<()> {
        match effect {
            Effect::Link(link) => match catalogue::referrer(self.tx, upload.about)? {
                Some(referrer) => catalogue::set_link(self.tx, referrer.n, &link),
                None => Ok(()),
            },
            Effect::Code(text) => match catalogue::referrer(self.tx, upload.about)? {
                Some(referrer) => {
                    let mut remote = destinations::remote(self.tx, self.destination, referrer.id)?;
                    referral_factory::pull::code(self.tx, self.shop, &referrer, &mut remote, Some(&text), self.now)?;
                    destinations::set_remote(self.tx, self.destination, referrer.id, &remote).map(drop)
                }
                None => Ok(()),
            },
            Effect::Had(id) => destinations::had(self.tx, self.destination, upload.about, &id),
            Effect::Gone(id) => match self.destination {
                Destination::Stripe => stripe::coupon_deleted(self.tx, &id, self.now),
                Destination::ReferralFactory => referral_factory::pull::user_deleted(self.tx, &id, self.now),
            },
            Effect::Conflict(kind, detail) => {
                let mut about = About { destination: Some(self.destination), detail: Some(detail), ..About::default() };
                match upload.kind {
                    Kind::Lead => about.lead_n = leads::lead(self.tx, upload.about)?.map(|lead| lead.n),
                    _ => about.code_n = Some(outbox::code_n(upload.about)),
                }
                conflicts::raise(self.tx, kind, &about, self.now).map(drop)
            }
        }
    }

    /// Plans an open upload's next step and stores it.
    fn go_on(&mut self, upload: &Upload, due: DateTime<Utc>) -> Result<()> {
        let Some(case) = self.case(upload.kind, upload.about)? else { return self.close(upload, EntryState::Uploaded, None) };
        match self.plan(&case, upload.about)? {
            Some(call) => {
                // However it came to be asked, and also for the second time: sooner it would not show what was just made.
                let due = if call.name == Name::Search { due.max(self.in_(SEARCH_LAG)) } else { due };
                uploads::next_call(self.tx, upload.n, &stored(&call)?, due)
            }
            None => uploads::settle(self.tx, upload.n, self.now),
        }
    }

    /// Looks at a thing that waits; gives the call that it needs, if it needs one.
    fn start(&mut self, kind: Kind, about: Uuid) -> Result<Option<Ready>> {
        if uploads::open_about(self.tx, self.destination, about)?.is_some() {
            // What carries it now was planned before this entry: it is looked at again after that.
            outbox::wait_after(self.tx, self.destination, about, about)?;
            return Ok(None);
        }
        let Some(case) = self.case(kind, about)? else {
            self.mark(about, EntryState::Uploaded, None)?;
            return Ok(None);
        };
        let Some(call) = self.plan(&case, about)? else { return Ok(None) };
        let n = uploads::begin(self.tx, self.destination, kind, about, &stored(&call)?, self.now)?;
        uploads::sending(self.tx, n, self.now)?;
        Ok(Some(Ready { upload_n: Some(n), call, tries: 1 }))
    }

    /// The call that a thing needs next. Where it needs none, its entries come to where they stand now.
    fn plan(&mut self, case: &plan::Case, about: Uuid) -> Result<Option<Call>> {
        match plan::next(self.destination, case) {
            Next::Call(call) => return Ok(Some(call)),
            Next::After(kind, other) => self.wait_after(about, kind, other)?,
            Next::Done => self.mark(about, EntryState::Uploaded, None)?,
            Next::Codes(after) => {
                let last = outbox::put_codes_of(self.tx, self.shop.campaign.n, about, after, LOOKED_MAX, self.now)?;
                let mut remote = case.remote.clone();
                remote.facts["codes_after"] = last.into();
                destinations::set_remote(self.tx, self.destination, about, &remote)?;
                self.looked += LOOKED_MAX;
                // It is due again, and so is what waited for it.
                outbox::wait_after(self.tx, self.destination, about, about)?;
                outbox::release(self.tx, self.destination, about)?;
            }
            Next::Park(missing) => {
                self.mark(about, EntryState::Parked, Some(missing))?;
                self.wait_for(&case.thing, missing)?;
            }
            Next::Conflict => self.mark(about, EntryState::Conflict, Some("conflict"))?,
            Next::Person(why) => self.mark(about, EntryState::NeedsAPerson, Some(&why))?,
        }
        Ok(None)
    }

    fn close(&mut self, upload: &Upload, state: EntryState, why: Option<&str>) -> Result<()> {
        uploads::settle(self.tx, upload.n, self.now)?;
        self.mark(upload.about, state, why)
    }

    /// Where the entries about a thing stand from now on; what waited for them goes on.
    fn mark(&mut self, about: Uuid, state: EntryState, why: Option<&str>) -> Result<()> {
        self.settled += outbox::mark(self.tx, self.destination, about, state, why)?;
        outbox::release(self.tx, self.destination, about)
    }

    fn wait_after(&self, about: Uuid, kind: Kind, other: Uuid) -> Result<()> {
        if !outbox::is_open(self.tx, self.destination, other)? {
            outbox::put(self.tx, self.destination, kind.into(), other, other, None, self.now)?;
        }
        outbox::wait_after(self.tx, self.destination, about, other)?;
        // Somebody on it waits for what was so when they were looked at. As things stand now nobody waits in a circle (`lead_first`), so
        // each time one is broken there are fewer such waits.
        outbox::break_circle(self.tx, self.destination, about, other)
    }

    /// What is parked for its Referrer or its Coupon goes on as soon as that does.
    fn wait_for(&self, thing: &plan::Thing, missing: &str) -> Result<()> {
        match thing {
            plan::Thing::Lead(lead) if missing.starts_with("referrer") => outbox::parked_after(self.tx, self.destination, lead.id, lead.referrer_id),
            plan::Thing::Code(code) if missing == "coupon" => match code.coupon_id {
                Some(coupon) => outbox::parked_after(self.tx, self.destination, code.id, coupon),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Takes an open upload up again: its stored call as it is, or, if that is too old to be trusted, the question what became of it.
    fn resume(&mut self, upload: &Upload) -> Result<Option<Ready>> {
        let Ok(call) = serde_json::from_str::<Call>(&upload.call) else {
            // A damaged row must not hold up what is sound. Whether it was carried out is asked once somebody tries again.
            self.unsure(upload)?;
            self.close(upload, EntryState::NeedsAPerson, Some("unreadable"))?;
            return Ok(None);
        };
        let trusted = upload.first_sent_at.is_none_or(|sent| {
            let age = self.now - sent;
            // Before it was sent, by this clock: the clock was changed, and nobody knows how old it is.
            age >= TimeDelta::zero() && age < TimeDelta::hours(KEY_HOURS_TRUSTED)
        });
        let keeps = plan::keeps(self.destination, &call);
        if keeps
            && let Some(case) = self.case(upload.kind, upload.about)?
            && matches!(plan::next(self.destination, &case), Next::After(..))
        {
            // What was recorded since it was stored goes first now.
            self.go_on(upload, self.now)?;
            return Ok(None);
        }
        if trusted || keeps {
            uploads::sending(self.tx, upload.n, self.now)?;
            return Ok(Some(Ready { upload_n: Some(upload.n), call, tries: upload.tries + 1 }));
        }
        // Where the clock was set ahead, it may have been sent a moment ago, and a search would not show it yet.
        self.doubt(upload, SEARCH_LAG)?;
        Ok(None)
    }

    /// Whether its call was carried out is not known: after this long, that is asked first.
    fn doubt(&mut self, upload: &Upload, wait: Duration) -> Result<()> {
        self.unsure(upload)?;
        self.go_on(upload, self.in_(wait))
    }

    fn unsure(&self, upload: &Upload) -> Result<()> {
        let mut remote = destinations::remote(self.tx, self.destination, upload.about)?;
        plan::doubt(self.destination, &mut remote);
        destinations::set_remote(self.tx, self.destination, upload.about, &remote).map(drop)
    }

    fn in_(&self, wait: Duration) -> DateTime<Utc> {
        self.now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::seconds(WAIT_SECS_MAX as i64))
    }

    fn tell(&self, n: i64, answer: &Answered) -> Result<()> {
        let (status, request_id, said) = match &answer.heard {
            Ok(reply) => (Some(reply.status), reply.request_id.clone(), if reply.status < 300 { None } else { Some(redacted(&said(reply))) }),
            Err(silence) => (None, None, Some(redacted(silence))),
        };
        uploads::tell(self.tx, n, &Attempt { at: self.now, call: answer.ready.call.shown(), status, request_id, said })
    }
}

/// What a destination said when it did not say yes.
fn said(reply: &super::call::Reply) -> String {
    let body = reply.json().unwrap_or_default();
    let message = body["error"]["message"].as_str().or_else(|| body["message"].as_str());
    message.unwrap_or("an answer that is not the destination's own").to_owned()
}

fn stored(call: &Call) -> Result<String> {
    serde_json::to_string(call).map_err(|_| StorageError::Stored { what: "call" })
}
