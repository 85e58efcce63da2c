//! One till, one network, two clouds, and a clock that moves from one event to the next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use counterfoil_core::desk::Desk;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::Clock;
use counterfoil_core::storage::{StorageError, Store, destinations, outbox};
use counterfoil_core::sync::call::Reply;
use counterfoil_core::sync::engine::{Answered, Engine, Step};
use counterfoil_core::sync::exchange::{Asked, exchange};
use counterfoil_core::sync::retry::{self, Verdict};
use counterfoil_core::sync::round;
use tempfile::TempDir;

use super::bugs::Bug;
use super::factory::Factory;
use super::network::{Fate, Flight, Struck};
use super::stripe::Stripe;
use super::truth::Truth;
use super::{number, template};
use crate::support::Seeded;

/// How often the clouds are asked what happened there: seldom, for days pass in a seed.
const PULL_EVERY: Duration = Duration::from_secs(2 * 3600);
/// Longer than any seed lasts.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);
/// A seed that takes more steps goes in circles.
const STEPS_MAX: u32 = 60_000;

pub type Outcome<T> = Result<T, String>;

/// The till's clock: virtual time, and how wrong it is.
#[derive(Clone)]
pub struct TillClock(Arc<AtomicI64>);

impl Clock for TillClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// One destination as the till and the network see it.
pub struct Side {
    pub destination: Destination,
    pub engine: Option<Engine>,
    /// The key that the shop has, and the one that is good.
    pub token_held: u32,
    pub token_there: u32,
    /// The shop heard that its key is refused.
    pub frozen: bool,
    /// It asked to be left alone until then; and what of that is stored, with how wrong the clock was.
    pub quiet_until: Duration,
    quiet_stored: (Duration, i64),
    pub sends: VecDeque<Duration>,
    latest_sent: Duration,
}

pub struct World {
    pub dice: Seeded,
    pub struck: Struck,
    pub now: Duration,
    pub skew_secs: i64,
    pub clock: TillClock,
    pub desk: Desk,
    pub store: Store,
    pub sides: [Side; 2],
    pub flights: Vec<Flight>,
    pub process: u32,
    restart_at: Option<Duration>,
    pub stripe: Stripe,
    pub factory: Factory,
    /// When the call of each upload was taken out of the table last.
    given: BTreeMap<i64, Duration>,
    pub truth: Truth,
    pub faults_per_mille: u64,
    pub crashes_per_mille: u64,
    pub outage_until: Duration,
    /// As an outage begins, what is sent arrives and only the answers are lost.
    pub deaf_until: Duration,
    /// Uploads of which it is known why they are asked about.
    pub asked_about: BTreeSet<i64>,
    pub bug: Option<Bug>,
    /// Too much is there to look at all of it after every step.
    pub crowded: bool,
    steps: u32,
    /// Every step is said: somebody runs one seed by itself.
    aloud: bool,
    _folder: TempDir,
}

pub fn text<T>(result: Result<T, impl std::fmt::Display>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}

impl World {
    pub fn new(seed: u64, limited: bool, bug: Option<Bug>) -> World {
        let mut dice = Seeded(seed);
        let clock = TillClock(Arc::new(AtomicI64::new(0)));
        let (folder, truth) = template::shop(limited);
        let now = Duration::ZERO;
        clock.0.store(template::opened().timestamp_millis(), Ordering::Relaxed);
        let desk = Desk::open_with(folder.path(), Box::new(clock.clone()), Box::new(Seeded(seed))).unwrap();
        let store = Store::open(folder.path(), clock.now()).unwrap();
        let side = |destination| Side {
            destination,
            engine: None,
            token_held: 1,
            token_there: 1,
            frozen: false,
            quiet_until: now,
            quiet_stored: (now, 0),
            sends: VecDeque::new(),
            latest_sent: now,
        };
        // From a network that is nearly well to one that hardly is.
        let faults_per_mille = [0, 100, 300, 600][dice.below(4) as usize];
        let crashes_per_mille = [0, 0, 5, 30][dice.below(4) as usize];
        let mut stripe = Stripe::default();
        stripe.lag = Duration::from_secs(dice.below(60));
        World {
            dice,
            struck: Struck::default(),
            now,
            skew_secs: 0,
            clock,
            desk,
            store,
            sides: [side(Destination::Stripe), side(Destination::ReferralFactory)],
            flights: Vec::new(),
            process: 0,
            restart_at: Some(now),
            stripe,
            factory: Factory::default(),
            given: BTreeMap::new(),
            truth,
            faults_per_mille,
            crashes_per_mille,
            outage_until: now,
            deaf_until: now,
            asked_about: BTreeSet::new(),
            bug,
            crowded: false,
            steps: 0,
            aloud: number("COUNTERFOIL_SEED").is_some() && number("COUNTERFOIL_SEEDS").is_none(),
            _folder: folder,
        }
    }

    /// What the till's clock says.
    pub fn wall(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn say(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            eprintln!("{:>12.3} {}", self.now.as_secs_f64(), what());
        }
    }

    fn pass_to(&mut self, moment: Duration) {
        self.now = self.now.max(moment);
        let wall = template::opened() + TimeDelta::from_std(self.now).unwrap() + TimeDelta::seconds(self.skew_secs);
        self.clock.0.store(wall.timestamp_millis(), Ordering::Relaxed);
    }

    pub fn jump_clock(&mut self, secs: i64) {
        self.skew_secs = secs;
        self.pass_to(self.now);
    }

    /// Runs until this moment, with everything that happens meanwhile.
    pub fn run_to(&mut self, end: Duration) -> Outcome<()> {
        loop {
            self.steps += 1;
            if self.steps > STEPS_MAX && !self.crowded {
                return Err("it goes in circles".into());
            }
            let wait = self.step_engines()?;
            let flight = self.flights.iter().filter_map(Flight::next).min();
            let next = [wait, flight, self.restart_at].into_iter().flatten().min();
            match next.filter(|next| *next <= end) {
                Some(next) => {
                    self.pass_to(next);
                    self.happen()?;
                }
                None => {
                    self.pass_to(end);
                    return Ok(());
                }
            }
        }
    }

    /// Whatever is due now.
    fn happen(&mut self) -> Outcome<()> {
        let writes = self.stripe.writes;
        if self.restart_at.is_some_and(|at| at <= self.now) {
            self.start()?;
        }
        for at in 0..self.flights.len() {
            while let Some(arrival) = self.flights[at].arrivals.iter().position(|arrival| *arrival <= self.now) {
                self.flights[at].arrivals.remove(arrival);
                self.arrive(at);
            }
            if self.flights[at].back.is_some_and(|back| back <= self.now) {
                self.flights[at].back = None;
                self.come_back(at);
            }
        }
        self.flights.retain(|flight| flight.next().is_some());
        for violations in [&mut self.stripe.violations, &mut self.factory.violations] {
            if let Some(violation) = violations.pop() {
                return Err(violation);
            }
        }
        if self.stripe.writes == writes || self.crowded { Ok(()) } else { self.truth.nothing_invented(&self.stripe) }
    }

    fn arrive(&mut self, at: usize) {
        let flight = &mut self.flights[at];
        let side = &self.sides[flight.destination as usize];
        let (lagged, forgotten) = (self.stripe.lagged, self.stripe.forgotten);
        let reply = if flight.token != side.token_there {
            Reply::new(401, r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}"#)
        } else if flight.destination == Destination::Stripe {
            self.stripe.answer(&flight.call, self.now, flight.fate == Fate::StoredFault)
        } else {
            self.factory.asked = flight.ready.upload_n.map_or(self.now, |n| self.given[&n]);
            self.factory.answer(&flight.call)
        };
        if flight.fate == Fate::StoredFault && flight.destination == Destination::ReferralFactory && reply.status < 300 {
            flight.reply = Some(Reply::new(500, r#"{"message":"an error on our side"}"#));
        }
        flight.reply.get_or_insert(reply);
        self.struck.many("search lag", u64::from(self.stripe.lagged - lagged));
        self.struck.many("key forgotten after a day", u64::from(self.stripe.forgotten - forgotten));
    }

    fn come_back(&mut self, at: usize) {
        let flight = &self.flights[at];
        if flight.process != self.process {
            self.struck.one("answer to a process that is gone");
            return;
        }
        let mut heard = flight.heard();
        if self.bug == Some(Bug::RetryAfterIgnored)
            && let Ok(reply) = &mut heard
        {
            reply.retry_after = None;
        }
        let side = &mut self.sides[flight.destination as usize];
        if flight.sent < side.latest_sent {
            self.struck.one("reordered");
        }
        side.latest_sent = side.latest_sent.max(flight.sent);
        if heard.as_ref().is_ok_and(|reply| reply.status == 401) {
            self.struck.one("401");
        }
        if flight.fate == Fate::TooMany {
            side.quiet_until = side.quiet_until.max(self.now + Duration::from_secs(flight.retry_after));
        }
        let dice = self.dice.below(256) as f64 / 255.0;
        if self.aloud {
            let said = heard.as_ref().map(|reply| format!("{} {:.300}", reply.status, reply.body));
            eprintln!("{:>12.3}   {} answers {:?} {said:?}", self.now.as_secs_f64(), flight.call.shown(), flight.ready.upload_n);
        }
        if let Some(engine) = &mut side.engine {
            engine.heard(self.now, flight.ready.clone(), heard, dice);
            if self.bug == Some(Bug::RestNeverEnds) && flight.fate == Fate::TooMany {
                engine.resume(self.now, FOR_EVER, 0);
            }
        }
    }

    fn start(&mut self) -> Outcome<()> {
        self.restart_at = None;
        self.process += 1;
        for side in &mut self.sides {
            text(self.store.write::<_, StorageError>(|tx| outbox::reconsider(tx, side.destination, "start")))?;
            let mut standing = text(destinations::standing(self.store.reader(), side.destination))?.ok_or("nothing is connected")?;
            match self.bug {
                Some(Bug::RestForgotten) => standing.quiet_until = None,
                Some(Bug::PaceForgotten) => standing.calls_lately = None,
                _ => {}
            }
            let engine = round::engine(side.destination, Some(&standing), self.clock.now(), self.now);
            let too_fast = || Engine::new(2 * round::calls_per_second(side.destination));
            side.engine = Some(if self.bug == Some(Bug::TooFast) { too_fast() } else { engine });
            // What was heard and not stored is forgotten with the process; what was stored by a clock that was set since means nothing.
            let (stored, skew_secs) = side.quiet_stored;
            side.quiet_until = if skew_secs == self.skew_secs && self.bug != Some(Bug::TooFast) { stored } else { self.now };
        }
        if self.bug == Some(Bug::CrashLosesInFlight) {
            self.sql("UPDATE upload SET settled_at = 1, call = '' WHERE settled_at IS NULL");
        }
        if self.bug == Some(Bug::KeyNotStored) {
            self.sql(
                "UPDATE upload SET call = json_set(call, '$.key', hex(randomblob(16))) WHERE settled_at IS NULL AND call ->> '$.key' IS NOT NULL",
            );
        }
        Ok(())
    }

    pub fn sql(&self, sql: &str) {
        self.store.reader().execute(sql, []).unwrap();
    }

    /// The process ends here, whatever it was doing.
    pub fn crash(&mut self) {
        let pause = Duration::from_millis(3_000 + self.dice.below(60_000));
        self.struck.one("crash");
        self.say(|| "crash".into());
        self.stop(pause);
    }

    /// The round ends, and another follows at once.
    pub fn end_round(&mut self) -> Outcome<()> {
        if self.restart_at.is_some() {
            // The power is gone: it begins anew when that is back.
            return Ok(());
        }
        let moment = self.clock.now();
        for side in &self.sides {
            if let Some(calls) = side.engine.as_ref().map(|engine| engine.begun_lately(self.now)) {
                text(self.store.write::<_, StorageError>(|tx| destinations::called(tx, side.destination, calls, moment)))?;
            }
        }
        self.stop(Duration::ZERO);
        Ok(())
    }

    /// The process ends, and another begins after a while.
    pub fn stop(&mut self, pause: Duration) {
        for side in &mut self.sides {
            side.engine = None;
        }
        for flight in &mut self.flights {
            // A connection that breaks brings its call at once or never; copies of a call with a key may lie about for longer.
            if flight.destination == Destination::ReferralFactory && flight.process == self.process {
                flight.arrivals.iter_mut().for_each(|arrival| *arrival = (*arrival).min(self.now + Duration::from_millis(10)));
            }
        }
        self.restart_at = Some(self.now + pause);
        self.process += 1;
    }

    pub fn crashes(&mut self) -> bool {
        let crashes = self.dice.below(1000) < self.crashes_per_mille;
        if crashes {
            self.crash();
        }
        crashes
    }

    pub fn bell(&mut self) {
        for side in &mut self.sides {
            if let Some(engine) = &mut side.engine {
                engine.bell(self.now);
            }
        }
    }

    /// Lets both engines do what they can now; gives when one of them wants to be asked again.
    fn step_engines(&mut self) -> Outcome<Option<Duration>> {
        let mut waits = Vec::new();
        for at in 0..self.sides.len() {
            while let Some(engine) = &mut self.sides[at].engine {
                match engine.step(self.now) {
                    Step::Exchange(answered, room) => self.exchange(at, answered, room)?,
                    Step::Send(ready) => self.send(at, ready)?,
                    Step::Wait(until) => {
                        waits.push(until);
                        break;
                    }
                    Step::Rest => break,
                }
            }
        }
        // A crash in the second engine's turn took the first with it.
        Ok(waits.into_iter().min().filter(|_| self.sides.iter().any(|side| side.engine.is_some())))
    }

    fn exchange(&mut self, at: usize, mut answered: Vec<Answered>, room: usize) -> Outcome<()> {
        if self.crashes() {
            return Ok(());
        }
        let destination = self.sides[at].destination;
        let engine = self.sides[at].engine.as_mut().unwrap();
        let (mut held, moment) = (engine.held().clone(), self.clock.now());
        if self.dice.below(1000) < self.crashes_per_mille / 2 {
            // Somebody else has the database for too long: nothing of it is written.
            self.struck.one("transaction fails");
            engine.forget(self.now, &answered, Duration::from_secs(5));
            return Ok(());
        }
        let whole = answered.clone();
        if let Some(bug) = self.bug {
            bug.before(&self.store, destination, moment, &mut answered, &mut held);
        }
        let connected = text(destinations::standing(self.store.reader(), destination))?.and_then(|standing| standing.connected);
        let asked = Asked { destination, connected, answered: &answered, room, held: &held, pull_every: PULL_EVERY };
        let done = text(self.store.write(|tx| exchange(tx, &asked, moment)))?;
        if let Some(bug) = self.bug {
            bug.after(&self.store, destination, &whole);
        }
        if whole.iter().any(|answered| retry::rest_asked(&answered.heard).is_some()) {
            self.sides[at].quiet_stored = (self.sides[at].quiet_until, self.skew_secs);
        }
        if whole.iter().any(|answered| answered.ready.upload_n.is_none()) && !self.crowded {
            self.learn_checkouts()?;
            self.bell();
        }
        if self.crowded {
            text(self.store.fold_log())?;
        } else if whole.iter().any(|answered| answered.ready.upload_n.is_some()) {
            self.badge_is_true()?;
        }
        // The power may go between the commit and whatever would come next.
        if self.crashes() {
            return Ok(());
        }
        for answered in whole.iter().filter(|answered| matches!(answered.verdict, Verdict::Doubt(_))) {
            self.struck.one("asked what happened");
            self.asked_about.extend(answered.ready.upload_n);
        }
        if whole.iter().any(|answered| matches!(answered.verdict, Verdict::Refused(_))) {
            self.sides[at].frozen = true;
        }
        self.given.extend(done.ready.iter().filter_map(|ready| Some((ready.upload_n?, self.now))));
        let engine = self.sides[at].engine.as_mut().unwrap();
        engine.exchanged(self.now, &whole, done.ready, done.next_due);
        match self.bug {
            Some(Bug::RefusalIgnored) if done.refused => engine.hurry(self.now),
            _ if done.refused => engine.refuse(),
            _ => {}
        }
        Ok(())
    }
}
