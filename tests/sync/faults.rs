//! Every fault of the practice clouds, one by one and mixed.

use practice_cloud::{Aim, Fault, FaultPlan};

use super::truth::{Sold, check, jana, sell};
use crate::clouds::Connected;
use crate::support::Seeded;

/// One customer, struck at each call that writes; then both clouds know them once.
#[track_caller]
fn strike(fault: Fault, times: u32) {
    let mut it = Connected::to_both();
    let (code, mut sold) = (jana(&mut it), Sold::default());
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
    assert_eq!((it.clouds.struck()[fault.name()], it.clouds.faults_waiting()), (4 * times, 0), "{fault:?} did not strike");
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
    let (code, mut sold, mut dice) = (jana(&mut it), Sold::default(), Seeded(31));
    it.clouds.follow_plan(FaultPlan { strikes_max: 90, ..FaultPlan::new(31, 300) });
    for _ in 0..6 {
        sell(&mut it, &mut sold, &code, 50, 30, &mut dice);
        it.sync();
        it.shop.clock.forward(chrono::Duration::minutes(1));
    }
    it.clouds.calm();
    it.settle();
    let struck = it.clouds.struck();
    for fault in Fault::ALL {
        assert!(struck.contains_key(fault.name()), "{fault:?} did not strike: {struck:?}");
    }
    check(&it, &sold);
    it.shop.assert_sound();
}
