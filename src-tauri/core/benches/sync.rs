//! How fast the sync is, against stand-ins that take 30 ms a call: `cargo bench -p counterfoil-core --bench sync`.
//!
//! The stand-ins run in a process of their own, so that memory and processor time here are ours. What misses its target is printed
//! as missed.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::Utc;
use counterfoil_core::desk::check::CheckAsk;
use counterfoil_core::desk::import::{ImportAsk, ImportKind};
use counterfoil_core::desk::people::{NewCode, NewReferrer};
use counterfoil_core::desk::redeem::RedeemAsk;
use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::views::{Amount, CouponDuration, CouponView, RulesView};
use counterfoil_core::desk::{Customer, Desk};
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::System;
use counterfoil_core::storage::Store;
use counterfoil_core::sync::connect;
use counterfoil_core::sync::http::Http;
use counterfoil_core::sync::round::{self, Progress, Report, Round, Wire, calls_per_second};
use practice_cloud::{Clouds, Options, PRACTICE_CAMPAIGN, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY};
use tempfile::TempDir;
use uuid::Uuid;

/// Entries that wait when the long round begins.
const WAITING: usize = 100_000;
/// People at Referral Factory.
const CROWD: usize = 100_000;
/// What a call takes on the way and there.
const DELAY: Duration = Duration::from_millis(30);
/// Referrers with a code in the shop whose counter is timed.
const PEOPLE: usize = 100_000;
/// How long the pace is measured.
const MEASURED: Duration = Duration::from_secs(20);
/// Sales that are timed, without and with the sync beside them.
const SALES: usize = 1000;
/// Codes that are looked up one after the other.
const LOOK_UPS: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("clouds") => return clouds(),
        Some("fill") => return fill(Path::new(&arguments[1])),
        _ => {}
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    // In a process of its own: memory here is the desk's and the sync's.
    assert!(Command::new(std::env::current_exe().unwrap()).arg("fill").arg(folder.path()).status().unwrap().success());
    let mut desk = Desk::open(folder.path()).unwrap();
    let codes = codes(&desk);
    let beside = Beside::start();
    let mut store = Store::open(folder.path(), Utc::now()).unwrap();
    connect::stripe(&mut store, None, &beside.stripe, STRIPE_TEST_KEY, Utc::now()).unwrap();
    drop(store);

    println!("Sync with {WAITING} entries waiting, {} ms a call, {PEOPLE} people with codes.", DELAY.as_millis());
    let alone = counter(&mut desk, &codes, 0);
    let cancelled = AtomicBool::new(false);
    let (report, first, highest, beside_sync) = std::thread::scope(|scope| {
        let started = Instant::now();
        let (cancelled, stripe, folder) = (&cancelled, &beside.stripe, folder.path());
        let round = scope.spawn(move || {
            let mut first = None;
            let report = sync(folder, wire(Destination::Stripe, stripe, STRIPE_TEST_KEY), false, cancelled, &mut |progress| {
                if progress.done > 0 && first.is_none() {
                    first = Some(started.elapsed());
                }
            });
            (report, first)
        });
        std::thread::sleep(Duration::from_secs(2));
        let beside_sync = counter(&mut desk, &codes, SALES);
        assert!(!round.is_finished(), "there was no sync beside the counter");
        std::thread::sleep(MEASURED.saturating_sub(started.elapsed()));
        cancelled.store(true, Ordering::SeqCst);
        let (report, first) = round.join().unwrap();
        (report, first, started.elapsed(), beside_sync)
    });
    let pace = f64::from(report.calls) / highest.as_secs_f64();
    let allowed = f64::from(calls_per_second(Destination::Stripe));
    line(
        "calls a second to Stripe (test)",
        &format!("{pace:.1}"),
        &format!("≥ {:.1}, ≤ {allowed}", allowed * 0.9),
        pace >= allowed * 0.9 && pace <= allowed,
    );
    beside.judge("/stripe/busiest_second", "  in its busiest second", calls_per_second(Destination::Stripe));
    beside.judge("/stripe/refused_for_pace", "  refused as too many", 0);
    let first = first.unwrap_or(highest);
    line("first entry uploaded after the start", &format!("{first:.1?}"), "≤ 1 s", first <= Duration::from_secs(1));
    line("memory at its highest, desk and sync", &format!("{:.0} MiB", memory()), "≤ 150 MiB", memory() <= 150.0);
    // The limits that the counter has without a sync as well; that of a sale is measured against the disk there.
    let limits = [
        ("redeem", None),
        ("a code and its verdict before each sale", None),
        ("search before each sale", Some(Duration::from_millis(10))),
        ("codes one after the other", Some(Duration::from_micros(100))),
    ];
    println!("At the counter, in milliseconds (median, 99th percentile):");
    for (((what, limit), without), with) in limits.into_iter().zip(alone).zip(beside_sync) {
        let twice = percentile(&without, 99) * 2;
        let most = limit.unwrap_or(twice);
        let told = |times: &[Duration]| [50, 99].map(|percent| format!("{:.2}", percentile(times, percent).as_secs_f64() * 1e3)).join(", ");
        line(&format!("{what}, no sync"), &told(&without), "", true);
        line("  while it uploads", &told(&with), &format!("≤ {:.2}", most.as_secs_f64() * 1e3), percentile(&with, 99) <= most);
    }
    drop(desk);
    send_referrers(&beside);
    // Another shop on the same account: the last second of the one before is not its own.
    std::thread::sleep(Duration::from_secs(2));
    bring_back(&beside);
}

/// Sends as many people to Referral Factory as it allows in the time that is measured.
fn send_referrers(beside: &Beside) {
    let (folder, mut desk, wire) = at_referral_factory(beside);
    for n in 0..300 {
        let op = Uuid::now_v7().to_string();
        let person = NewReferrer { op, name: "Jane".into(), email: Some(format!("jane{n}@salon-post.com")), phone: None, code: NewCode::None };
        desk.add_referrer(&person).unwrap();
    }
    let cancelled = AtomicBool::new(false);
    let started = Instant::now();
    let report = sync(folder.path(), wire, false, &cancelled, &mut |_| cancelled.store(started.elapsed() >= MEASURED, Ordering::SeqCst));
    let pace = f64::from(report.calls) / started.elapsed().as_secs_f64();
    let allowed = f64::from(calls_per_second(Destination::ReferralFactory));
    line(
        "calls a second to Referral Factory",
        &format!("{pace:.1}"),
        &format!("≥ {:.1}, ≤ {allowed}", allowed * 0.9),
        pace >= allowed * 0.9 && pace <= allowed,
    );
}

/// Brings 100,000 people from Referral Factory into an empty shop.
fn bring_back(beside: &Beside) {
    let (folder, _, wire) = at_referral_factory(beside);
    let started = Instant::now();
    let report = sync(folder.path(), wire, true, &AtomicBool::new(false), &mut |_| {});
    let taken = started.elapsed();
    let calls = report.calls;
    // Page after page, at the pace that is allowed: what the network and the limit take whatever we do.
    let network = Duration::from_secs_f64(f64::from(calls) / f64::from(calls_per_second(Destination::ReferralFactory)));
    let ours = taken.saturating_sub(network);
    line(
        &format!("bringing {CROWD} referrers, {calls} pages"),
        &format!("{taken:.1?}"),
        &format!("≤ 60 s + {network:.1?}"),
        ours <= Duration::from_secs(60),
    );
    beside.judge("/referral_factory/busiest_second", "  in its busiest second", calls_per_second(Destination::ReferralFactory));
    beside.judge("/referral_factory/busiest_minute", "  in its busiest minute", 60 * calls_per_second(Destination::ReferralFactory));
    beside.judge("/referral_factory/refused_for_pace", "  refused as too many", 0);
}

/// A shop of many people with codes, and Leads that wait to be uploaded.
fn fill(folder: &Path) {
    let mut desk = Desk::set_up(folder, &new_shop()).unwrap();
    let list = folder.join("people.csv");
    let names = ["Jana", "Omar", "Mia", "Tom", "Zoe", "Ann", "Leo", "Ida"];
    let rows: String = (0..PEOPLE).map(|n| format!("{} Weber {n},person{n}@salon.com\n", names[n % names.len()])).collect();
    std::fs::write(&list, format!("Name,Email\n{rows}")).unwrap();
    let ask = ImportAsk { path: list.display().to_string(), kind: ImportKind::Referrers, mapping: None, dry_run: false };
    assert_eq!(desk.import(&ask, &mut |_| true).unwrap().added as usize, PEOPLE);
    desk.generate_all(&mut |_| true).unwrap();
    let codes = codes(&desk);
    counter(&mut desk, &codes[..1], 2 * SALES);
    // Copies of one sale, one for each person: the queue is what is measured, not the filling of it.
    let store = rusqlite::Connection::open(folder.join("counterfoil.db")).unwrap();
    store
        .execute_batch(&format!(
            "BEGIN;
             CREATE TEMP TABLE people AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {WAITING}) SELECT i, randomblob(16) AS id FROM n;
             INSERT INTO lead (id, campaign_n, referrer_n, name, email, email_key, state, source, created_at)
               SELECT people.id, campaign_n, 1 + i % {PEOPLE}, 'Mia ' || i, 'mia' || i || '@brandt.com', 'mia' || i || '@brandt.com', state, source, created_at FROM people, (SELECT * FROM lead LIMIT 1);
             INSERT INTO outbox (destination, what, subject, about, created_at) SELECT 'stripe', 'lead', id, id, 0 FROM people;
             COMMIT;"
        ))
        .unwrap();
}

/// Codes from all over the shop, one a sale.
fn codes(desk: &Desk) -> Vec<String> {
    let store = rusqlite::Connection::open(desk.folder().join("counterfoil.db")).unwrap();
    let mut codes = store.prepare("SELECT text FROM referral_code WHERE n % ?1 = 0 LIMIT ?2").unwrap();
    let codes = codes.query_map([PEOPLE / SALES, SALES].map(|number| number as i64), |row| row.get(0)).unwrap();
    codes.collect::<rusqlite::Result<_>>().unwrap()
}

/// What the counter does: sales, each after a look for its code and a search for a person, and then many codes one after the other.
/// How long each sale, look and search took, and each of the many.
fn counter(desk: &mut Desk, codes: &[String], from: usize) -> [Vec<Duration>; 4] {
    let mut times = [const { Vec::new() }; 4];
    let mut time = |which: usize, act: &mut dyn FnMut() -> bool| {
        let began = Instant::now();
        assert!(act());
        times[which].push(began.elapsed());
    };
    let customer = |n| Customer { name: Some("Ann Lee".into()), email: Some(format!("ann{n}@lee.com")), phone: None };
    let check = |code: &String, n| CheckAsk { code: code.clone(), order: Some(Amount(4990)), currency: None, customer: customer(n) };
    for (n, code) in codes.iter().enumerate() {
        let ask = RedeemAsk {
            op: Uuid::now_v7().to_string(),
            code: code.clone(),
            order: Amount(4990),
            currency: None,
            customer: customer(from + n),
            reference: None,
            override_by: None,
            no_contact: false,
        };
        let check = check(code, from + n);
        time(2, &mut || !desk.find("jan").unwrap().is_empty());
        time(1, &mut || desk.check(&check).unwrap().allowed);
        time(0, &mut || desk.redeem(&ask).unwrap().redemption.is_some());
        desk.tidy();
        // A busy shop, not a benchmark of one.
        std::thread::sleep(Duration::from_millis(20));
    }
    for (n, code) in codes.iter().cycle().take(LOOK_UPS).enumerate() {
        let check = check(code, PEOPLE + n);
        time(3, &mut || desk.check(&check).unwrap().allowed);
    }
    times
}

/// A shop that is connected to Referral Factory alone, and the wire to it.
fn at_referral_factory(beside: &Beside) -> (TempDir, Desk, Wire) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let desk = Desk::set_up(folder.path(), &new_shop()).unwrap();
    let mut store = Store::open(folder.path(), Utc::now()).unwrap();
    connect::referral_factory(&mut store, None, &beside.referral_factory, REFERRAL_FACTORY_TOKEN, None, Utc::now()).unwrap();
    (folder, desk, wire(Destination::ReferralFactory, &beside.referral_factory, REFERRAL_FACTORY_TOKEN))
}

/// One round with one destination.
fn sync(folder: &Path, wire: Wire, hurry: bool, cancelled: &AtomicBool, progress: &mut dyn FnMut(Progress)) -> Report {
    let (clock, entropy, pull_every) = (&System, &mut System, Duration::from_secs(300));
    round::run(Round { folder, wires: vec![wire], clock, entropy, pull_every, hurry, cancelled, progress }).unwrap()
}

fn wire(destination: Destination, url: &str, key: &str) -> Wire {
    Wire { destination, http: Http::new(destination, url, key).unwrap() }
}

fn line(what: &str, value: &str, target: &str, reached: bool) {
    let verdict = match (target.is_empty(), reached) {
        (true, _) => "",
        (false, true) => "reached",
        (false, false) => "MISSED",
    };
    println!("{what:<44} {value:>11}   {target:<32} {verdict}");
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Linux alone tells; elsewhere it reads as nothing.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

fn new_shop() -> NewShop {
    NewShop {
        name: "Bench".into(),
        currency: "EUR".into(),
        timezone: Some("Europe/Berlin".into()),
        country: Some("DE".into()),
        language: "en".into(),
        campaign: None,
        coupon: Some(CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None }),
        rules: RulesView::default(),
    }
}

/// The stand-ins, in their own process.
struct Beside {
    child: Child,
    stripe: String,
    referral_factory: String,
}

impl Beside {
    fn start() -> Beside {
        let mut child = Command::new(std::env::current_exe().unwrap()).arg("clouds").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let mut urls = said.split_whitespace().map(str::to_owned);
        Beside { child, stripe: urls.next().unwrap(), referral_factory: urls.next().unwrap() }
    }

    /// Holds a number on the stand-ins' practice page to what is allowed.
    fn judge(&self, pointer: &str, what: &str, most: u32) {
        let page = self.stripe.replace("/stripe", "/practice");
        let asked = Command::new("curl").args(["--silent", "--fail", &page]).output().expect("curl is part of every build machine here");
        let told: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
        let seen = told.pointer(pointer).and_then(serde_json::Value::as_u64).unwrap();
        line(what, &seen.to_string(), &format!("≤ {most}"), seen <= u64::from(most));
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn clouds() {
    let clouds = Clouds::new(Options { delay: DELAY, strict: false, ..Options::default() });
    let campaign = clouds.referral_factory().add_campaign(PRACTICE_CAMPAIGN, practice_cloud::CampaignStatus::Launched);
    clouds.referral_factory().add_crowd(campaign, CROWD);
    let started = clouds.start_on(0).unwrap().forgiving();
    println!("{} {}", started.stripe_url(), started.referral_factory_url());
    // Until whoever started it is gone.
    let mut nothing = String::new();
    let _ = std::io::stdin().read_line(&mut nothing);
}
