//! One round of uploading and bringing back, to the end of what can be done now. Whoever calls decides when the next one is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rusqlite::Connection;
use serde::Serialize;

use super::call::Heard;
use super::engine::{Engine, Ready, Step};
use super::exchange::{Asked, Exchanged, exchange};
use super::http::Http;
use super::pace::WINDOW;
use super::retry::WAIT_MAX;
use super::{pull, stripe};
use crate::domain::upload::Destination;
use crate::ports::{Clock, CloudError, Entropy};
use crate::storage::destinations::{self, Standing};
use crate::storage::{Result, StorageError, Store, handover, lock, outbox, uploads};

/// The file whose lock says that somebody syncs this shop. It goes with the process, however that ends.
const LOCK: &str = "sync.lock";
/// What is due within this time is waited for; later things are for the next round.
const LINGER: Duration = Duration::from_secs(6);
/// How often a cancel is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long nothing is written after a write failed, such as on a full disk.
const FORGET_FOR: Duration = Duration::from_secs(5);

/// One destination with the way to it.
pub struct Wire {
    /// Which.
    pub destination: Destination,
    /// The way.
    pub http: Http,
}

/// What a round is to do.
pub struct Round<'a> {
    /// The shop's data folder.
    pub folder: &'a Path,
    /// The destinations to talk to.
    pub wires: Vec<Wire>,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// What spreads the waits.
    pub entropy: &'a mut dyn Entropy,
    /// How long between two looks at what happened there.
    pub pull_every: Duration,
    /// A person asked for it: waits are over.
    pub hurry: bool,
    /// Ends the round early; what is not done waits.
    pub cancelled: &'a AtomicBool,
    /// Told how many entries are settled, of how many at the start.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// How far a round is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Progress {
    /// Entries that are settled, in whatever way.
    pub done: u32,
    /// Entries that waited at the start, and those that came since.
    pub total: u32,
}

/// How a round went.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Entries that were settled.
    pub settled: u32,
    /// Calls that were sent.
    pub calls: u32,
    /// When the next stored call may be tried, if one is stored.
    pub next: Option<Duration>,
    /// It was ended early.
    pub cancelled: bool,
    /// Destinations that refuse us until a person acts.
    pub refused: Vec<Destination>,
    /// Destinations that answered at all, whatever they said.
    pub reached: BTreeSet<Destination>,
}

/// Why a round could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The outside.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}

/// Makes a round. One at a time for a shop, whatever program makes it.
pub fn run(round: Round<'_>) -> std::result::Result<Report, RoundError> {
    let _lock = lock::hold(round.folder, LOCK)?.ok_or(CloudError::Running)?;
    let mut store = Store::open(round.folder, round.clock.now())?;
    if round.hurry {
        let now = round.clock.now();
        store.write::<_, StorageError>(|tx| round.wires.iter().try_for_each(|wire| hurry(tx, wire.destination, now)))?;
    }
    // One thread: what takes time is the network, not us.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| StorageError::File { path: round.folder.to_owned(), source })?;
    Ok(runtime.block_on(drive(round, &mut store))?)
}

/// A person wants it tried now: waits are over, but for those that a destination asked for.
pub fn hurry(tx: &Connection, destination: Destination, now: DateTime<Utc>) -> Result<()> {
    destinations::trust_again(tx, destination)?;
    uploads::hurry(tx, destination, now)?;
    pull::hurry(tx, destination, now)
}

async fn drive(round: Round<'_>, store: &mut Store) -> Result<Report> {
    let Round { wires, clock, entropy, pull_every, cancelled, progress, .. } = round;
    let started = Instant::now();
    let mut report = Report::default();
    let mut engines = Vec::new();
    let mut waiting = 0;
    for wire in &wires {
        let standing = destinations::standing(store.reader(), wire.destination)?;
        engines.push((engine(wire.destination, standing.as_ref(), clock.now(), Duration::ZERO), standing.and_then(|standing| standing.connected)));
        // A code whose first day came may go up now.
        store.write::<_, StorageError>(|tx| outbox::reconsider(tx, wire.destination, "start"))?;
        match wire.destination {
            Destination::Stripe => {}
            Destination::ReferralFactory => handover::say_untold(store, clock.now())?,
        }
        waiting += outbox::open_counts(store.reader(), wire.destination)?.waiting;
    }
    let mut under_way = FuturesUnordered::new();
    loop {
        if cancelled.load(Ordering::SeqCst) {
            // What is on its way may still arrive. It is stored, so the next round asks with the same key.
            report.cancelled = true;
            break;
        }
        let mut waits: Vec<Duration> = Vec::new();
        let mut brought = false;
        for (at, ((engine, connected), wire)) in engines.iter_mut().zip(&wires).enumerate() {
            loop {
                let now = started.elapsed();
                match engine.step(now) {
                    Step::Exchange(answered, room) => {
                        let held = engine.held().clone();
                        let asked =
                            Asked { destination: wire.destination, connected: *connected, answered: &answered, room, held: &held, pull_every };
                        let moment = clock.now();
                        let exchanged = store.write(|tx| exchange(tx, &asked, moment));
                        let more = matches!(&exchanged, Ok(Exchanged { next_due: Some(Duration::ZERO), .. }));
                        match exchanged {
                            Ok(done) => {
                                brought |= answered.iter().any(|answered| answered.ready.upload_n.is_none());
                                engine.exchanged(now, &answered, done.ready, done.next_due);
                                if done.refused {
                                    engine.refuse();
                                    report.refused.push(wire.destination);
                                }
                                report.settled += u32::try_from(done.settled).unwrap_or(u32::MAX);
                                progress(Progress { done: report.settled, total: waiting.max(report.settled) });
                            }
                            // A sale has the database for longer than usual: it goes first.
                            Err(StorageError::Busy(_)) => engine.forget(now, &answered, FORGET_FOR),
                            Err(error) => return Err(error),
                        }
                        store.fold_log()?;
                        // Sales come between two of our transactions.
                        tokio::task::yield_now().await;
                        if more {
                            // So many may need no call that this goes on for long: others have their turn, and who cancels is heard.
                            waits.push(now);
                            break;
                        }
                    }
                    Step::Send(ready) => {
                        report.calls += 1;
                        under_way.push(send(at, wire, ready));
                    }
                    Step::Wait(until) => {
                        waits.push(until);
                        break;
                    }
                    Step::Rest => break,
                }
            }
        }
        if brought {
            // What one destination told us may be news to the other.
            engines.iter_mut().for_each(|(engine, _)| engine.bell(started.elapsed()));
            continue;
        }
        let wait = waits.into_iter().min().map(|until| until.saturating_sub(started.elapsed()));
        if under_way.is_empty() {
            match wait {
                Some(wait) if wait <= LINGER => tokio::time::sleep(wait.min(LOOK_EVERY)).await,
                later => {
                    report.next = later;
                    break;
                }
            }
            continue;
        }
        tokio::select! {
            Some((at, ready, heard)) = under_way.next() => {
                report.reached.extend(heard.is_ok().then_some(wires[at].destination));
                engines[at].0.heard(started.elapsed(), ready, heard, dice(entropy));
            }
            () = tokio::time::sleep(wait.unwrap_or(LOOK_EVERY).min(LOOK_EVERY)) => {}
        }
    }
    for ((engine, _), wire) in engines.iter().zip(&wires) {
        let calls = engine.begun_lately(started.elapsed());
        if calls > 0 {
            store.write::<_, StorageError>(|tx| destinations::called(tx, wire.destination, calls, clock.now()))?;
        }
    }
    Ok(report)
}

/// The engine of a destination, which goes on as the last round left it, as its own clock says `began`. A wait that is longer than
/// any that is kept comes from a clock that was wrong.
#[must_use]
pub fn engine(destination: Destination, standing: Option<&Standing>, now: DateTime<Utc>, began: Duration) -> Engine {
    let mut engine = Engine::new(calls_per_second(destination));
    let rest = standing.and_then(|standing| (standing.quiet_until? - now).to_std().ok()).filter(|rest| *rest <= WAIT_MAX);
    let calls = standing.and_then(|standing| standing.calls_lately).filter(|(ended, _)| (now - *ended).to_std().is_ok_and(|since| since < WINDOW));
    // Kept in whole milliseconds.
    let rest = rest.map_or(Duration::ZERO, |rest| rest + Duration::from_millis(1));
    engine.resume(began, rest, calls.map_or(0, |(_, calls)| calls));
    engine
}

async fn send(at: usize, wire: &Wire, ready: Ready) -> (usize, Ready, Heard) {
    let heard = wire.http.send(&ready.call).await;
    (at, ready, heard)
}

/// How often a destination may be called.
#[must_use]
pub fn calls_per_second(destination: Destination) -> u32 {
    match destination {
        Destination::Stripe => stripe::CALLS_PER_SECOND,
        Destination::ReferralFactory => super::referral_factory::CALLS_PER_SECOND,
    }
}

/// How long until the next round: a tenth more or less, since many tills that were switched on together should not all ask together.
pub fn jittered(every: Duration, entropy: &mut dyn Entropy) -> Duration {
    every.mul_f64(0.9 + 0.2 * dice(entropy))
}

/// A number from 0 to 1. Waits that are not spread are no harm.
fn dice(entropy: &mut dyn Entropy) -> f64 {
    let mut byte = [0; 1];
    let _ = entropy.fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thrown(u8);

    impl Entropy for Thrown {
        fn fill(&mut self, bytes: &mut [u8]) -> std::result::Result<(), getrandom::Error> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn rounds_are_a_tenth_more_or_less_than_five_minutes_apart() {
        let waits: Vec<Duration> = (0..=u8::MAX).map(|dice| jittered(Duration::from_secs(300), &mut Thrown(dice))).collect();
        assert_eq!((waits[0], waits[255]), (Duration::from_secs(270), Duration::from_secs(330)));
        assert!(waits.is_sorted_by(|earlier, later| earlier < later), "every throw spreads them: {waits:?}");
    }
}
