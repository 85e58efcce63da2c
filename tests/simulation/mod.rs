//! The sync engine against a model of the clouds, in virtual time, with everything that a network, a clock and a power cut can do.
//!
//! Each seed is a shop of its own with a story of its own. A seed that fails says so; it is run again by itself with
//! `COUNTERFOIL_SEED=<seed> cargo test -p counterfoil-core --test walk -- simulation::every_seed`, and more seeds with
//! `COUNTERFOIL_SEEDS=<how many>`, from that one on where both are given, or `make simulate`.

mod acts;
mod both;
mod bugs;
mod checkouts;
mod factory;
mod network;
mod offline;
mod person;
mod promises;
mod stripe;
mod template;
mod truth;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bugs::Bug;
use network::Struck;
use world::{Outcome, World};

/// Once the network is well, everything is uploaded within this time.
const SETTLED_WITHIN: Duration = Duration::from_secs(4 * 3600);
/// And so long nothing more is sent.
const QUIET_FOR: Duration = Duration::from_secs(9 * 3600);

/// One shop's story. Gives what befell it, or which promise was broken.
fn run(seed: u64, bug: Option<Bug>) -> Outcome<Struck> {
    let mut world = World::new(seed, true, bug);
    if world.dice.below(8) == 0 {
        world.somebody_was_first();
    }
    if world.dice.below(2) == 0 {
        world.send_codes()?;
    }
    for _ in 0..3 + world.dice.below(9) {
        let millis = match world.dice.below(20) {
            0..12 => world.dice.below(10_000),
            12..17 => world.dice.below(600_000),
            17..19 => world.dice.below(6 * 3_600_000),
            _ => world.dice.below(30 * 3_600_000),
        };
        world.run_to(world.now + Duration::from_millis(millis))?;
        world.act()?;
    }
    (world.faults_per_mille, world.crashes_per_mille, world.outage_until) = (0, 0, Duration::ZERO);
    world.run_to(world.now + checkouts::EVENT_LAG)?;
    // Where no key is refused, everything gets well without being started again.
    if world.reconnect()? || world.dice.below(2) == 0 {
        world.hurry()?;
    }
    settle(&mut world)?;
    world.decide()?;
    settle(&mut world)?;
    let writes = (world.stripe.writes, world.factory.writes);
    world.run_to(world.now + QUIET_FOR)?;
    if (world.stripe.writes, world.factory.writes) != writes {
        return Err("something was sent after everything was".into());
    }
    stands(&world)?;
    world.count_both();
    Ok(world.struck)
}

/// Runs until nothing waits, which must not take for ever.
fn settle(world: &mut World) -> Outcome<()> {
    let end = world.now + SETTLED_WITHIN;
    loop {
        world.run_to(world.now + Duration::from_secs(60))?;
        let waiting = world.count("state IN ('waiting', 'sending')");
        let here = world.checkouts_are_here();
        if waiting == 0 && here.is_ok() {
            return stands(world);
        }
        if world.now > end {
            return Err(format!("{waiting} entries wait {SETTLED_WITHIN:?} after the network became well, and {here:?}"));
        }
    }
}

/// Everything that was uploaded or brought back is where it belongs, and nothing stopped that need not.
fn stands(world: &World) -> Outcome<()> {
    let person = world.count("state = 'needs_a_person'");
    if person > 0 {
        return Err(format!("{person} entries need a person where nothing was refused"));
    }
    let parked = "state = 'parked' AND NOT (destination = 'referral_factory' AND (
        EXISTS (SELECT 1 FROM lead WHERE lead.id = about AND lead.email IS NULL) OR
        EXISTS (SELECT 1 FROM lead JOIN referrer ON referrer.n = lead.referrer_n WHERE lead.id = about AND referrer.email IS NULL) OR
        EXISTS (SELECT 1 FROM referrer WHERE referrer.id = about AND referrer.email IS NULL)))";
    let parked = world.count(parked);
    if parked > 0 {
        return Err(format!("{parked} entries are parked that lack nothing"));
    }
    world.checkouts_are_here()?;
    world.truth.at_stripe(&world.stripe)?;
    world.truth.at_referral_factory(&world.factory)?;
    world.badge_is_true()
}

/// [`run`], where a panic is a broken promise too.
fn tell(seed: u64, bug: Option<Bug>) -> Outcome<Struck> {
    std::panic::catch_unwind(|| run(seed, bug)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(said.unwrap_or_else(|| "a panic".to_owned()))
    })
}

fn on_every_core(work: impl Fn() + Sync) {
    std::thread::scope(|scope| (0..std::thread::available_parallelism().map_or(1, usize::from)).for_each(|_| drop(scope.spawn(&work))));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[test]
fn every_seed_uploads_everything_exactly_once() {
    let (first, seeds) = (number("COUNTERFOIL_SEED"), number("COUNTERFOIL_SEEDS"));
    let from = first.unwrap_or(0);
    let to = from + seeds.unwrap_or(if first.is_some() { 1 } else { 2_000 });
    let (next, failed, struck) = (AtomicU64::new(from), Mutex::new(Vec::new()), Mutex::new(Struck::default()));
    let began = Instant::now();
    on_every_core(|| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= to {
                break;
            }
            match tell(seed, None) {
                Ok(befell) => struck.lock().unwrap().add(&befell),
                Err(broken) => failed.lock().unwrap().push((seed, broken)),
            }
        }
    });
    let (mut failed, struck) = (failed.into_inner().unwrap(), struck.into_inner().unwrap());
    failed.sort();
    let shown: Vec<String> = failed.iter().take(20).map(|(seed, broken)| format!("  COUNTERFOIL_SEED={seed}: {broken}")).collect();
    assert!(failed.is_empty(), "{} of {} seeds broke a promise; again with\n{}", failed.len(), to - from, shown.join("\n"));
    eprintln!("{} seeds in {:?}; struck: {:?}", to - from, began.elapsed(), struck.0);
    // A simulation that no fault strikes proves nothing.
    if to - from >= 2_000 {
        for kind in KINDS {
            let times = struck.0.get(kind).copied().unwrap_or(0);
            assert!(times >= 10, "{kind} struck {times} times");
        }
    }
}

/// Everything that must have struck over a run.
const KINDS: [&str; 30] = [
    "drop before",
    "answer lost",
    "delay",
    "arrives after it was given up",
    "delivered twice",
    "reordered",
    "half an answer",
    "html for json",
    "500 stored under the key",
    "500",
    "503",
    "429",
    "409",
    "401",
    "token rotated",
    "clock jumps",
    "crash",
    "answer to a process that is gone",
    "transaction fails",
    "outage",
    "asked what happened",
    "asked after 20 hours",
    "key forgotten after a day",
    "checkout",
    "checkout refunded",
    "refund failed",
    "conflict decided",
    "somebody becomes a Referrer",
    "one user for two",
    "was a Referrer there first",
];

#[test]
fn every_planted_bug_is_caught() {
    let (next, missed) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    on_every_core(|| {
        while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed) as usize).copied() {
            let broken = (0..400).find_map(|seed| Some((seed, tell(seed, Some(bug)).err()?)));
            eprintln!("{bug:?}: {broken:?}");
            if !broken.as_ref().is_some_and(|(_, broken)| broken.contains(bug.caught_by())) {
                missed.lock().unwrap().push(format!("  {bug:?}, which breaks {:?}, and caught was {broken:?}", bug.caught_by()));
            }
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "The simulation does not see\n{}", missed.join("\n"));
}
