//! Each fault over real HTTP: what the caller sees, and what the cloud has done.

use std::collections::BTreeMap;
use std::time::Duration;

use practice_cloud::{Aim, CampaignStatus, Fault, FaultPlan, Options};
use serde_json::{Value, json};

use crate::support::{Caller, options};

const FORM: [(&str, &str); 1] = [("email", "ann@shop.com")];

/// Strikes one creation of a customer: whether and how it was answered, and how many customers there are then and after a retry.
#[track_caller]
fn check(fault: Fault, status: Option<u16>, then: usize, after_retry: usize) {
    let caller = Caller::new();
    caller.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), fault);
    let got = caller.post_under("K", "/v1/customers", &FORM);
    assert_eq!(got.as_ref().ok().map(|got| got.status), status, "{got:?}");
    assert_eq!(caller.clouds.stripe().counts().0, then);
    let _ = caller.post_under("K", "/v1/customers", &FORM).unwrap();
    assert_eq!(caller.clouds.stripe().counts().0, after_retry);
    assert_eq!(caller.clouds.struck(), BTreeMap::from([(fault.name(), 1)]));
    assert_eq!(caller.clouds.faults_waiting(), 0);
}

#[test]
fn connections_close() {
    check(Fault::CloseBefore, None, 0, 1);
    check(Fault::CloseAfter, None, 1, 1);
    check(Fault::HalfBody, None, 1, 1);
}

#[test]
fn boxes_in_between_answer() {
    check(Fault::Html, Some(200), 0, 1);
    check(Fault::HtmlAfter, Some(200), 1, 1);
    check(Fault::BadGateway, Some(502), 0, 1);
}

#[test]
fn the_cloud_fails() {
    check(Fault::ServerError, Some(500), 0, 1);
    check(Fault::ServerErrorStored, Some(500), 1, 1);
    check(Fault::Unavailable, Some(503), 0, 1);
    check(Fault::Conflict, Some(409), 0, 1);
    check(Fault::TooMany { retry_after_secs: 2 }, Some(429), 0, 1);
    check(Fault::Delay(Duration::from_millis(20)), Some(200), 1, 1);
    check(Fault::Twice, Some(200), 1, 1);
}

#[test]
fn a_stored_500_comes_again_and_says_so() {
    let caller = Caller::new();
    caller.clouds.next_fault(Fault::ServerErrorStored);
    let first = caller.post_under("K", "/v1/customers", &FORM).unwrap();
    assert_eq!((first.status, first.header("stripe-should-retry")), (500, "false"));
    let second = caller.post_under("K", "/v1/customers", &FORM).unwrap();
    assert_eq!((second.status, second.header("idempotent-replayed")), (500, "true"));
}

#[test]
fn a_caller_who_hangs_up_does_not_stop_the_cloud() {
    let caller = Caller::new();
    caller.clouds.next_fault(Fault::Delay(Duration::from_millis(150)));
    let ask = caller.stripe("POST", "/v1/customers").header("Idempotency-Key", "K").form(&FORM).timeout(Duration::from_millis(30));
    assert!(caller.send(ask).unwrap_err().is_timeout());
    std::thread::sleep(Duration::from_millis(250));
    assert_eq!(caller.clouds.stripe().counts().0, 1);
    assert_eq!(caller.post_under("K", "/v1/customers", &FORM).unwrap().header("idempotent-replayed"), "true");
}

#[test]
fn referral_factory_is_struck_too() {
    let caller = Caller::new();
    let campaign = caller.clouds.referral_factory().add_campaign("Spring", CampaignStatus::Launched);
    let body = || Some(json!({"campaign_id": campaign, "first_name": "Ann", "email": "ann@shop.com"}));
    for (fault, status) in [
        (Fault::CloseAfter, None),
        (Fault::HalfBody, None),
        (Fault::ServerErrorStored, Some(500)),
        (Fault::TooMany { retry_after_secs: 7 }, Some(429)),
        (Fault::Unavailable, Some(503)),
        (Fault::Twice, Some(200)),
    ] {
        caller.clouds.strike(Aim::referral_factory(), fault);
        let got = caller.send(caller.factory_request("POST", "/users", body()));
        assert_eq!(got.as_ref().ok().map(|got| got.status), status, "{fault:?}");
    }
    assert_eq!(caller.clouds.referral_factory().users_count(), 1);
    assert_eq!(caller.clouds.struck_total(), 6);
}

#[test]
fn a_plan_strikes_by_chance_until_calm() {
    let caller = Caller::new();
    caller.clouds.follow_plan(FaultPlan { kinds: vec![Fault::Unavailable], ..FaultPlan::new(3, 500) });
    let refused = (0..40).filter(|_| caller.get("/v1/coupons").status == 503).count();
    assert!((8..33).contains(&refused), "{refused}");
    assert_eq!(caller.clouds.struck()["503"] as usize, refused);
    caller.clouds.calm();
    assert!((0..20).all(|_| caller.get("/v1/coupons").status == 200));
    let calls = caller.clouds.calls_to("GET", "/v1/coup*");
    assert_eq!((calls.len(), calls.iter().filter(|call| call.fault.is_some()).count()), (60, refused));
}

#[test]
fn a_call_that_is_lost_on_its_way_holds_no_key() {
    let caller = Caller::with(Options { delay: Duration::from_millis(5), ..options() });
    for fault in [Fault::CloseBefore, Fault::Html, Fault::BadGateway, Fault::TooMany { retry_after_secs: 1 }] {
        caller.clouds.next_fault(fault);
        let _ = caller.post_under(fault.name(), "/v1/customers", &FORM);
        caller.post_under(fault.name(), "/v1/customers", &FORM).unwrap().ok();
    }
}

/// Asks until there is an answer, as any caller must: again under the same key, and by looking when the key holds a 500.
fn insist(caller: &Caller, email: &str) -> Value {
    for _ in 0..50 {
        let Ok(got) = caller.post_under(email, "/v1/customers", &[("email", email)]) else { continue };
        if got.status == 500 && got.header("idempotent-replayed") == "true" {
            let looked = caller.send(caller.stripe("GET", "/v1/customers").query(&[("email", email)]));
            if let Some(found) = looked.ok().and_then(|got| got.body["data"].get(0).cloned()) {
                return found;
            }
        } else if got.body["object"] == "customer" {
            return got.body;
        }
    }
    panic!("{email} never got through");
}

#[test]
fn whoever_insists_gets_each_customer_once() {
    for seed in 1..=4 {
        let caller = Caller::new();
        caller.clouds.follow_plan(FaultPlan::new(seed, 500));
        for n in 0..25 {
            let email = format!("c{n}@shop.com");
            assert_eq!(insist(&caller, &email)["email"], email);
        }
        assert_eq!(caller.clouds.stripe().counts().0, 25, "seed {seed}");
        assert!(caller.clouds.struck().len() >= 8 && caller.clouds.struck_total() >= 10, "seed {seed}: {:?}", caller.clouds.struck());
    }
}
