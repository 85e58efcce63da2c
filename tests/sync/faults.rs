//! Every fault of the practice clouds, one by one and mixed, there and with a network at its worst in between.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use counterfoil_core::desk::people::EditReferrer;
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::storage::{StorageError, destinations};
use counterfoil_core::sync::call::Reply;
use counterfoil_core::sync::engine::Answered;
use counterfoil_core::sync::exchange::{Asked, Exchanged, exchange};
use counterfoil_core::sync::retry::Verdict;
use practice_cloud::{Aim, Fault, FaultPlan, STRIPE_TEST_KEY};

use super::proxy::{Fate, Proxy};
use super::truth::{Sold, bring_back, check, jana, janas_code_at_stripe, sell, sell_to, settle_until, shop_online};
use crate::clouds::{Connected, clouds};
use crate::support::{Seeded, Shop, caller, customer, op, refund, revoke, void};

/// One customer, struck at each call that writes and each that brings back; then both clouds know them once, and so do we.
#[track_caller]
fn strike(fault: Fault, times: u32) {
    // Of a code with a limit Stripe is asked how often it was used there.
    let shop = Shop::with_rules(RulesView { redemptions_max: Some(100), ..RulesView::default() });
    let mut it = Connected::with(shop, clouds());
    practice_cloud::invent(it.clouds.clouds());
    it = it.referral_factory().stripe();
    let mut struck = 0;
    let mut aim = |it: &Connected, calls: &[(&str, &str)]| {
        assert_eq!(it.clouds.faults_waiting(), 0, "{fault:?} did not strike before {calls:?}");
        for (method, path) in calls {
            let cloud = if path.starts_with("/v1") { Aim::stripe() } else { Aim::referral_factory() };
            it.clouds.strike(cloud.call(method, path).times(times), fault);
            struck += times;
        }
    };
    aim(&it, &[("POST", "/v1/coupons"), ("POST", "/v1/promotion_codes")]);
    let (code, mut sold) = (janas_code_at_stripe(&mut it), Sold::default());
    let creates = [("POST", "/v1/customers"), ("POST", "/users"), ("PUT", "/users/qualification"), ("GET", "/v1/promotion_codes/*")];
    aim(&it, &creates);
    sell(&mut it, &mut sold, &code, 1, 1, &mut Seeded(1));
    it.settle();
    // And at the updates that follow.
    aim(&it, &[("POST", "/v1/customers/*"), ("PUT", "/users/*")]);
    sell(&mut it, &mut sold, &code, 1, 1, &mut Seeded(2));
    let jana = it.shop.desk.find("jana@salon-post.com").unwrap().remove(0).referrer;
    let renamed = EditReferrer { op: op(), id: jana.id.clone(), name: "Jana Weber-Lang".into(), email: jana.email, phone: None };
    it.shop.desk.edit_referrer(&renamed).unwrap();
    it.settle();
    aim(&it, &[("GET", "/v1/events"), ("GET", "/v1/checkout/sessions/*")]);
    shop_online(&it, &mut sold, &code, 1, &mut Seeded(3));
    bring_back(&it, 1);
    aim(&it, &[("GET", "/v1/charges/*")]);
    let session = it.clouds.stripe().sessions().remove(0);
    it.clouds.stripe().refund(session["id"].as_str().unwrap(), Some(100)).unwrap();
    sold.0.get_mut("mia0@brandt-post.com").unwrap().1 -= 100;
    settle_until(&it, "SELECT refunded FROM redemption WHERE source = 'stripe'", 100);
    aim(&it, &[("POST", "/v1/promotion_codes/*")]);
    it.shop.desk.revoke_code(&revoke(&jana.id, "moved away")).unwrap();
    it.settle();
    assert_eq!((it.clouds.struck()[fault.name()], it.clouds.faults_waiting()), (struck, 0), "{fault:?} did not strike");
    assert_eq!(struck, 12 * times);
    check(&it, &sold);
    // Each code once, and so their coupon.
    let promotions = it.clouds.stripe().promotion_codes();
    let codes: BTreeSet<_> = promotions.iter().map(|promotion| promotion["code"].as_str().unwrap()).collect();
    assert_eq!((codes.len(), it.clouds.stripe().coupons().len()), (promotions.len(), 1));
    let janas = promotions.iter().find(|promotion| promotion["code"] == *code).unwrap();
    assert_eq!((janas["active"].as_bool(), janas["times_redeemed"].as_i64()), (Some(false), Some(1)));
    let users = it.clouds.referral_factory().users();
    assert_eq!(users.iter().filter(|user| user["first_name"] == "Jana Weber-Lang").count(), 1);
}

#[test]
fn every_fault_at_every_write_leaves_everything_uploaded_once() {
    // Most of it is waiting.
    std::thread::scope(|together| {
        for fault in Fault::ALL {
            // A stored fault comes again as its replay, and what is only late or doubled is not sent again.
            let once = matches!(fault, Fault::ServerErrorStored | Fault::Delay(_) | Fault::Twice);
            together.spawn(move || strike(fault, if once { 1 } else { 2 }));
        }
    });
}

#[test]
fn what_was_recorded_is_uploaded_once_through_a_network_and_clouds_at_their_worst() {
    // What a cloud itself does wrong; the proxy does the rest.
    let kinds = [
        Fault::ServerError,
        Fault::ServerErrorStored,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::TooMany { retry_after_secs: 1 },
        Fault::Conflict,
    ];
    let mut it = Connected::to_both();
    let (code, mut sold, mut dice) = (janas_code_at_stripe(&mut it), Sold::default(), Seeded(31));
    // Recorded while there was no network: sales, some of which did not stay, and somebody with a phone number alone.
    sell(&mut it, &mut sold, &code, 24, 12, &mut dice);
    let phone = "+442079460701";
    let sale = sell_to(&mut it, &mut sold, &code, caller("Tom Ash", phone), &mut dice);
    it.shop.desk.refund(&refund(&sale, Some(100), "too long")).unwrap();
    sold.0.get_mut(phone).unwrap().1 -= 100;
    let (only, again) = ("zoe@brandt-post.com", "mia3@brandt-post.com");
    for email in [only, again] {
        let before = sold.0.get(email).copied().unwrap_or_default();
        let sale = sell_to(&mut it, &mut sold, &code, customer("Mia", email), &mut dice);
        it.shop.desk.void(&void(&sale, "mistyped")).unwrap();
        sold.0.insert(email.to_owned(), before);
    }
    assert!(sold.0[only].0 == 0 && sold.0[again].0 > 0);
    let proxy = Proxy::before(it.clouds.port(), 31);
    it.port = proxy.port;
    it.clouds.follow_plan(FaultPlan { kinds: kinds.to_vec(), ..FaultPlan::new(31, 150) });
    let not_yet = |it: &Connected| {
        let struck = it.clouds.struck();
        let by_network = |fate: &&Fate| proxy.has_struck(&[**fate], "");
        let mut left: Vec<String> = Fate::ALL[1..].iter().filter(|fate| !by_network(fate)).map(|fate| format!("{fate:?}")).collect();
        left.extend(kinds.iter().filter(|kind| !struck.contains_key(kind.name())).map(|kind| kind.name().to_owned()));
        // That nobody listened only the shop itself can say.
        let refused = it.shop.count("SELECT count(*) FROM attempt WHERE said LIKE '%refused (os error%'");
        left.extend((refused == 0).then(|| "refused".to_owned()));
        let lost = [Fate::AnswerLost, Fate::AnswerCut, Fate::PortalAfter];
        let created = ["POST /stripe/v1/customers ", "POST /referral-factory/api/v2/users "];
        left.extend(created.iter().filter(|line| !proxy.has_struck(&lost, line)).map(|line| format!("answer to {line}lost")));
        left
    };
    let mut rounds = 0;
    while rounds < 6 || !not_yet(&it).is_empty() {
        rounds += 1;
        assert!(rounds <= 40, "never struck: {:?}", not_yet(&it));
        sell(&mut it, &mut sold, &code, 6, 30, &mut dice);
        shop_online(&it, &mut sold, &code, 12, &mut dice);
        // Nobody has the patience for a whole one.
        let began = Instant::now();
        it.sync_until(|| began.elapsed() > Duration::from_millis(700));
        it.pass(chrono::Duration::minutes(1));
    }
    proxy.calm();
    it.clouds.calm();
    bring_back(&it, rounds);
    check(&it, &sold);
    it.shop.assert_sound();
    eprintln!("{rounds} rounds, {} calls", it.clouds.calls().len());
}

#[test]
fn thirty_days_without_a_network_are_made_up_for() {
    let mut it = Connected::to_both();
    let (code, mut sold, mut dice) = (jana(&mut it), Sold::default(), Seeded(30));
    for _ in 0..30 {
        sell(&mut it, &mut sold, &code, 5, 60, &mut dice);
        it.pass(chrono::Duration::days(1));
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
