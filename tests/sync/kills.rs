//! The power goes while calls are on their way, again and again.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use counterfoil_core::desk::Desk;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::System;
use counterfoil_core::sync::round::{self, Round};
use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY};

use super::truth::{Sold, bring_back, check, janas_code_at_stripe, sell, shop_online};
use crate::child::{self, say};
use crate::clouds::{Connected, wire};
use crate::support::{Seeded, Shop};

const KILLS: u64 = 100;

/// The child's side: one round after the other against the clouds at this port, until it is killed.
pub fn sync_until_killed(folder: &Path, _: Desk, port: u64) {
    for n in 1.. {
        let stripe = wire(Destination::Stripe, &format!("http://127.0.0.1:{port}/stripe"), STRIPE_TEST_KEY);
        let factory = wire(Destination::ReferralFactory, &format!("http://127.0.0.1:{port}/referral-factory/api/v2"), REFERRAL_FACTORY_TOKEN);
        say(&format!("try {n}"));
        let round = Round {
            folder,
            wires: vec![stripe, factory],
            clock: &System,
            entropy: &mut System,
            pull_every: Duration::from_secs(300),
            hurry: true,
            cancelled: &AtomicBool::new(false),
            progress: &mut |_| {},
        };
        round::run(round).unwrap();
    }
}

#[test]
fn a_hundred_kills_while_uploading_lose_and_double_nothing() {
    // Slow enough that a kill finds calls on their way.
    let options = Options { rates: false, search_lag: Duration::ZERO, delay: Duration::from_millis(30), ..Options::default() };
    let clouds = Clouds::start(options).unwrap();
    practice_cloud::invent(&clouds);
    let mut it = Connected::with(Shop::open(), clouds).stripe().referral_factory();
    let (code, mut sold, mut dice) = (janas_code_at_stripe(&mut it), Sold::default(), Seeded(9));
    let calls = |it: &Connected| it.clouds.calls().iter().filter(|call| call.method != "GET").count() as i64;
    let before = calls(&it);
    for _ in 0..KILLS {
        sell(&mut it, &mut sold, &code, 2, 60, &mut dice);
        shop_online(&it, &mut sold, &code, 60, &mut dice);
        let mut running = child::start("sync", it.shop.path(), u64::from(it.clouds.port()));
        assert_eq!(running.next().as_deref(), Some("try 1"));
        std::thread::sleep(Duration::from_millis(20 + dice.below(200)));
        running.child.kill().unwrap();
        assert_eq!(running.child.wait().unwrap().signal(), Some(9), "the child was to be killed");
    }
    // The fault struck: the clouds carried calls out of whose answers the shop never learnt.
    let known = it.shop.count("SELECT count(*) FROM attempt WHERE call NOT LIKE 'GET%'");
    let unknown = calls(&it) - before - known;
    assert!(unknown > KILLS as i64 / 10, "{unknown} answers were lost in {KILLS} kills");
    bring_back(&it, KILLS as i64);
    check(&it, &sold);
    it.shop.assert_sound();
    eprintln!("{KILLS} kills, {unknown} answers lost, {} customers", sold.0.len());
}
