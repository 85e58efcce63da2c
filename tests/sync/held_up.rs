//! One record that can't be read, here or there, holds up nothing and is not lost.

use counterfoil_core::desk::uploads::{EntriesAsk, EntryState};
use counterfoil_core::domain::upload::Destination::{self, ReferralFactory, Stripe};
use counterfoil_core::sync::connect;
use practice_cloud::{Aim, CheckoutAsk, Clouds, Fault, Options, STRIPE_TEST_KEY};

use super::truth::jana;
use crate::clouds::{Connected, clouds};
use crate::support::{Shop, caller, code_of, customer};

fn with_codes() -> (Connected, String) {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    (it, code)
}

fn buys(it: &Connected, who: &str, code: &str) -> String {
    let session = it.clouds.stripe().checkout(&CheckoutAsk::new(&format!("{who}@ash-post.com"), 2000).code(code)).unwrap();
    session["id"].as_str().unwrap().to_owned()
}

/// The next round, when it is time for one.
fn later(it: &Connected) {
    it.pass(chrono::Duration::minutes(6));
    it.sync();
}

fn trouble(it: &Connected, of: Destination) -> Option<String> {
    it.shop.desk.sync_view().unwrap().destinations.into_iter().find(|one| one.name == of).unwrap().trouble
}

fn count(it: &Connected, table: &str) -> i64 {
    it.shop.count(&format!("SELECT count(*) FROM {table}"))
}

#[test]
fn a_stored_call_that_is_damaged_needs_a_person_and_stops_nobody_else() {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    it.sync();
    // Its creation was carried out, and the answer lost; then the row is damaged.
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), Fault::CloseAfter);
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers").times(30), Fault::Unavailable);
    it.shop.sell(&code, 1000, caller("Mia Brandt", "+44 7911 123456"));
    it.sync();
    it.clouds.calm();
    let damaged = it.shop.behind().execute("UPDATE upload SET call = '{}' WHERE settled_at IS NULL", []).unwrap();
    assert_eq!(damaged, 1);
    it.shop.sell(&code, 1000, customer("Tom Ash", "tom@ash-post.com"));
    it.settle();
    assert_eq!((it.entries(Stripe, "needs_a_person"), it.entries(Stripe, "uploaded")), (1, 1));
    let ask = EntriesAsk { destination: None, state: None, after: None, rows_max: 100 };
    let rows = it.shop.desk.entries(&ask).unwrap().rows;
    let entry = rows.iter().find(|entry| entry.state == EntryState::NeedsAPerson).unwrap();
    assert!(entry.why.as_ref().unwrap().contains("no longer be read"), "{entry:?}");
    // Tried again it is asked for first, and found.
    it.shop.desk.retry_entry(&entry.id).unwrap();
    it.settle();
    assert_eq!((it.clouds.stripe().customers().len(), it.entries(Stripe, "uploaded")), (2, 2));
}

#[test]
fn a_round_ends_early_also_while_nothing_needs_a_call() {
    const PEOPLE: i64 = 700;
    let mut it = Connected::to_referral_factory();
    // Nobody can be the Lead of a Referrer who is no user there, for want of an e-mail address.
    let code = code_of(&it.shop.referrer("Ida", None, Some("+44 20 7946 0701")));
    it.sync();
    (0..PEOPLE).for_each(|n| drop(it.shop.sell(&code, 1000, customer("Friend", &format!("friend{n}@post.com")))));
    assert!(it.sync_until(|| true).cancelled);
    let parked = it.entries(ReferralFactory, "parked") - 1;
    assert!((1..PEOPLE / 2).contains(&parked), "{parked} of {PEOPLE} were looked at");
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "parked") - 1, PEOPLE);
}

#[test]
fn what_may_not_be_read_holds_up_no_checkout_and_comes_once_it_may() {
    let (it, code) = with_codes();
    let session = buys(&it, "tom", &code);
    it.sync();
    it.clouds.stripe().take_permission(STRIPE_TEST_KEY, "rak_checkout_session_read");
    buys(&it, "ann", &code);
    it.clouds.stripe().refund(&session, None).unwrap();
    it.sync();
    assert_eq!((count(&it, "redemption"), count(&it, "refund")), (1, 1));
    assert!(trouble(&it, Stripe).unwrap().contains("rak_checkout_session_read"), "{:?}", trouble(&it, Stripe));
    later(&it);
    assert_eq!(count(&it, "redemption"), 1);
    it.clouds.stripe().give_permission(STRIPE_TEST_KEY, "rak_checkout_session_read");
    later(&it);
    assert_eq!((count(&it, "redemption"), count(&it, "refund"), trouble(&it, Stripe)), (2, 1, None));
}

#[test]
fn what_stripe_refuses_to_show_is_asked_for_again_and_only_what_is_gone_is_dropped() {
    let mut it = Connected::with(Shop::open(), clouds().forgiving()).stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    // One that Stripe answers with 400, one that is not there any more, and a checkout behind them.
    let charge = it.clouds.stripe().refund(&buys(&it, "ann", &code), None).unwrap()["charge"].as_str().unwrap().to_owned();
    let todo = format!(r#"[["charge", "{charge}?expand[]=nothing"], ["charge", "ch_gone"]]"#);
    it.shop.behind().execute("UPDATE destination SET pull = json_set(pull, '$.at.todo', json(?1))", [todo]).unwrap();
    let reads = || it.clouds.calls_to("GET", &format!("/v1/charges/{charge}")).len();
    buys(&it, "tom", &code);
    it.sync();
    let before = reads();
    later(&it);
    later(&it);
    assert_eq!(count(&it, "redemption"), 2);
    assert!(reads() >= before + 2);
    assert_eq!(it.clouds.calls_to("GET", "/v1/charges/ch_gone").len(), 1);
    assert!(trouble(&it, Stripe).is_some());
}

#[test]
fn a_clock_that_was_ahead_as_it_was_connected_hides_no_checkout() {
    let now = chrono::Utc::now();
    let it = Connected::with(Shop::open(), clouds());
    it.shop.clock.set(&(now + chrono::Duration::days(900)).to_rfc3339());
    let mut it = it.stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    buys(&it, "tom", &code);
    it.sync();
    assert_eq!(count(&it, "redemption"), 1);
    it.shop.clock.set(&now.to_rfc3339());
    buys(&it, "ann", &code);
    it.sync();
    assert_eq!(count(&it, "redemption"), 2);
}

#[test]
fn the_minutes_before_the_cursor_are_asked_for_to_their_end() {
    let (it, code) = with_codes();
    let hidden = buys(&it, "tom", &code);
    // More than a page of events stands between that checkout and the cursor, all within the overlap.
    let busy = buys(&it, "ann", &code);
    for _ in 0..150 {
        it.clouds.stripe().refund(&busy, Some(1)).unwrap();
    }
    it.sync();
    assert_eq!(count(&it, "redemption"), 2);
    // As if that event had become visible only now.
    let seen: Vec<String> = it
        .clouds
        .stripe()
        .events()
        .iter()
        .filter(|event| event["data"]["object"]["id"] != hidden.as_str())
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    let sql = "UPDATE destination SET pull = json_set(pull, '$.at.seen', json(?1))";
    it.shop.behind().execute(sql, [serde_json::to_string(&seen).unwrap()]).unwrap();
    let reads = || it.clouds.calls_to("GET", &format!("/v1/checkout/sessions/{hidden}")).len();
    let before = reads();
    later(&it);
    assert_eq!(reads(), before + 1);
}

#[test]
fn a_conflict_that_stays_at_referral_factory_needs_a_person_in_the_end() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.settle();
    it.clouds.strike(Aim::referral_factory().call("POST", "/users").times(8), Fault::Conflict);
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    assert_eq!((it.entries(ReferralFactory, "needs_a_person"), it.clouds.faults_waiting()), (1, 0));
    it.shop.sell(&code, 1000, customer("Tom Ash", "tom@ash-post.com"));
    it.settle();
    assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 1);
    assert!(it.clouds.referral_factory().users().iter().any(|user| user["email"] == "tom@ash-post.com"));
}

#[test]
fn a_clock_set_ahead_while_it_is_asked_what_happened_doubles_nobody_without_an_email() {
    let options = Options { rates: false, search_lag: std::time::Duration::from_secs(60), ..Options::default() };
    let mut it = Connected::with(Shop::open(), Clouds::start(options).unwrap()).stripe();
    let code = jana(&mut it);
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), Fault::ServerErrorStored);
    it.shop.sell(&code, 1000, caller("Mia Brandt", "+44 7911 123456"));
    for _ in 0..4 {
        it.sync();
    }
    assert_eq!(it.clouds.struck()["500 stored"], 1);
    it.shop.clock.forward(chrono::Duration::hours(1));
    it.settle();
    assert_eq!((it.clouds.stripe().customers().len(), it.entries(Stripe, "uploaded")), (1, 1));
}

#[test]
fn who_asked_to_be_left_alone_is_left_alone_by_the_next_round_too() {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    it.sync();
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), Fault::TooMany { retry_after_secs: 900 });
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    let calls = |it: &Connected| it.sync().calls;
    assert!(calls(&it) > 0);
    it.shop.sell(&code, 1000, customer("Tom Ash", "tom@ash-post.com"));
    assert_eq!(calls(&it), 0);
    it.shop.clock.forward(chrono::Duration::minutes(14));
    assert_eq!(calls(&it), 0);
    it.shop.clock.forward(chrono::Duration::minutes(1));
    assert!(calls(&it) > 0);
    it.settle();
    assert_eq!(it.clouds.stripe().customers().len(), 2);
}

#[test]
fn a_round_tells_how_far_it_is_and_never_more_than_there_is() {
    let mut it = Connected::to_both();
    let code = jana(&mut it);
    it.settle();
    // Thirty sales to two destinations, but for two to one of them: who has no e-mail address waits for nothing at Referral Factory.
    for n in 0..28 {
        it.shop.sell(&code, 1000, customer("Mia Brandt", &format!("mia{}@brandt-post.com", n % 14)));
    }
    (0..2).for_each(|_| drop(it.shop.sell(&code, 1000, caller("Tom Ash", "+44 7911 123456"))));
    let (report, told) = it.sync_telling();
    assert!(told.iter().all(|progress| progress.total == 58), "{told:?}");
    assert!(told.is_sorted_by_key(|progress| progress.done), "{told:?}");
    assert_eq!((told[0].done, told.last().unwrap().done, report.settled), (0, 58, 58), "{told:?}");
    let mut steps: Vec<u32> = told.iter().map(|progress| progress.done).collect();
    steps.dedup();
    assert!(steps.len() > 10, "it stands still for long: {steps:?}");
    assert_eq!((it.entries(Stripe, "uploaded"), it.entries(ReferralFactory, "parked")), (30, 2));
    // What nobody counted before comes on top: codes need a coupon first.
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    let (_, told) = it.sync_telling();
    assert!(told.iter().all(|progress| progress.done <= progress.total), "{told:?}");
    let last = told.last().unwrap();
    assert_eq!(last.done, last.total, "{told:?}");
    assert!(last.total >= 2, "the code and its coupon: {told:?}");
}

#[test]
fn a_destination_that_does_not_answer_is_said_in_a_sentence_until_it_does() {
    let it = Connected::to_stripe();
    it.sync();
    assert_eq!(trouble(&it, Stripe), None);
    let said = "Stripe does not answer, or not as it should: the network here, or the service itself. What waits is safe on this till and goes up by itself as soon as it does.";
    it.sync_with(vec![(Stripe, "http://127.0.0.1:9".to_owned(), STRIPE_TEST_KEY.to_owned())]);
    assert_eq!(trouble(&it, Stripe).as_deref(), Some(said), "nobody listens on this port");
    later(&it);
    assert_eq!(trouble(&it, Stripe), None);
    it.clouds.strike(Aim::stripe().call("GET", "/v1/events").times(100), Fault::Unavailable);
    later(&it);
    assert_eq!(trouble(&it, Stripe).as_deref(), Some(said));
    it.clouds.calm();
    later(&it);
    assert_eq!(trouble(&it, Stripe), None);
}

/// Referral Factory is asked what happened there every few hours only.
#[test]
fn an_upload_that_is_not_answered_is_said_at_once_and_no_longer_than_it_is_so() {
    let mut it = Connected::to_referral_factory();
    it.sync();
    it.shop.referrer("Jana Weber", Some("jana@salon-post.com"), None);
    it.clouds.strike(Aim::referral_factory().call("POST", "/users").times(100), Fault::Unavailable);
    it.sync();
    assert!(trouble(&it, ReferralFactory).is_some_and(|said| said.starts_with("Referral Factory does not answer, or not as it should")));
    it.clouds.calm();
    it.settle();
    assert_eq!((trouble(&it, ReferralFactory), it.entries(ReferralFactory, "uploaded")), (None, 1));
}
