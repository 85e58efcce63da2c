//! Every fault of the practice clouds, one by one and mixed.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_core::domain::upload::Destination;
use counterfoil_core::storage::{StorageError, destinations};
use counterfoil_core::sync::call::Reply;
use counterfoil_core::sync::engine::Answered;
use counterfoil_core::sync::exchange::{Asked, Exchanged, exchange};
use counterfoil_core::sync::retry::Verdict;
use practice_cloud::{Aim, Fault, FaultPlan, STRIPE_TEST_KEY};

use super::truth::{Sold, bring_back, check, jana, janas_code_at_stripe, sell, shop_online};
use crate::clouds::Connected;
use crate::support::Seeded;

/// One customer, struck at each call that writes and each that brings back; then both clouds know them once, and so do we.
#[track_caller]
fn strike(fault: Fault, times: u32) {
    let mut it = Connected::to_both();
    let (code, mut sold) = (janas_code_at_stripe(&mut it), Sold::default());
    for aim in [
        Aim::stripe().call("POST", "/v1/customers"),
        Aim::referral_factory().call("POST", "/users"),
        Aim::referral_factory().call("PUT", "/users/qualification"),
    ] {
        it.clouds.strike(aim.times(times), fault);
    }
    sell(&mut it, &mut sold, &code, 1, 1, &mut Seeded(1));
    it.settle();
    // And at the update that follows.
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers/*").times(times), fault);
    sell(&mut it, &mut sold, &code, 1, 1, &mut Seeded(2));
    it.settle();
    for aim in [Aim::stripe().call("GET", "/v1/events"), Aim::stripe().call("GET", "/v1/checkout/sessions/*")] {
        it.clouds.strike(aim.times(times), fault);
    }
    shop_online(&it, &mut sold, &code, 1, &mut Seeded(3));
    bring_back(&it, 1);
    assert_eq!((it.clouds.struck()[fault.name()], it.clouds.faults_waiting()), (6 * times, 0), "{fault:?} did not strike");
    check(&it, &sold);
}

#[test]
fn every_fault_at_every_write_leaves_everything_uploaded_once() {
    for fault in Fault::ALL {
        // A stored fault comes again as its replay, and what is only late or doubled is not sent again.
        let once = matches!(fault, Fault::ServerErrorStored | Fault::Delay(_) | Fault::Twice);
        strike(fault, if once { 1 } else { 2 });
    }
}

#[test]
fn three_hundred_sales_through_mixed_faults_are_uploaded_once() {
    let mut it = Connected::to_both();
    let (code, mut sold, mut dice) = (janas_code_at_stripe(&mut it), Sold::default(), Seeded(31));
    it.clouds.follow_plan(FaultPlan { strikes_max: 90, ..FaultPlan::new(31, 300) });
    for _ in 0..6 {
        sell(&mut it, &mut sold, &code, 50, 30, &mut dice);
        shop_online(&it, &mut sold, &code, 30, &mut dice);
        it.sync();
        it.shop.clock.forward(chrono::Duration::minutes(1));
    }
    it.clouds.calm();
    bring_back(&it, 6);
    let struck = it.clouds.struck();
    for fault in Fault::ALL {
        assert!(struck.contains_key(fault.name()), "{fault:?} did not strike: {struck:?}");
    }
    check(&it, &sold);
    it.shop.assert_sound();
}

#[test]
fn thirty_days_without_a_network_are_made_up_for() {
    let mut it = Connected::to_both();
    let (code, mut sold, mut dice) = (jana(&mut it), Sold::default(), Seeded(30));
    for _ in 0..30 {
        sell(&mut it, &mut sold, &code, 5, 60, &mut dice);
        it.shop.clock.forward(chrono::Duration::days(1));
        it.clouds.pass(Duration::from_secs(86_400));
    }
    // Port 9 of this computer, where nobody listens.
    let nowhere = |destination| (destination, "http://127.0.0.1:9".to_owned(), STRIPE_TEST_KEY.to_owned());
    assert_eq!(it.sync_with(Destination::ALL.map(nowhere).into()).settled, 0);
    it.settle();
    check(&it, &sold);
    it.shop.assert_sound();
}

/// Somebody connected anew while a call with the key from before was on its way.
#[test]
fn a_refusal_of_the_key_from_before_does_not_freeze_the_new_one() {
    let mut it = Connected::to_stripe();
    let (code, mut sold) = (jana(&mut it), Sold::default());
    sell(&mut it, &mut sold, &code, 1, 1, &mut Seeded(1));
    let mut store = it.store();
    let before = destinations::connected(store.reader(), Destination::Stripe).unwrap().unwrap().connected;
    let mut turn = |answered: &[Answered], now| -> Exchanged {
        let held = BTreeSet::new();
        let pull_every = Duration::from_secs(300);
        let asked = Asked { destination: Destination::Stripe, connected: before, answered, room: 1, held: &held, pull_every };
        store.write::<_, StorageError>(|tx| exchange(tx, &asked, now)).unwrap()
    };
    let sent = turn(&[], it.now()).ready.into_iter().find(|ready| ready.upload_n.is_some()).unwrap();
    it.shop.clock.forward(chrono::Duration::seconds(1));
    it = it.stripe();
    let refused = Answered { ready: sent, heard: Ok(Reply::new(401, "{}")), verdict: Verdict::Refused("key".to_owned()) };
    let done = turn(&[refused], it.now());
    assert!(done.refused && done.ready.is_empty(), "the round with the old key is over");
    assert_eq!(destinations::connected(it.store().reader(), Destination::Stripe).unwrap().unwrap().refused, None);
    it.sync_calmly();
    assert_eq!((it.clouds.stripe().customers().len(), it.entries(Destination::Stripe, "uploaded")), (1, 1));
}
