//! Codes and coupons at Stripe as the rules say, and what a person can decide about them.

use counterfoil_core::desk::shop::{CampaignChange, NewShop};
use counterfoil_core::desk::uploads::{EntriesAsk, EntryState};
use counterfoil_core::desk::views::{Amount, CouponDuration, CouponView, RulesView};
use counterfoil_core::domain::upload::Destination::Stripe;
use counterfoil_core::ports::Clock as _;
use counterfoil_core::storage::destinations::{self, Remote};
use counterfoil_core::storage::{StorageError, Store, campaigns, outbox};
use counterfoil_core::sync::connect;
use practice_cloud::CheckoutAsk;
use serde_json::json;

use super::truth::jana;
use crate::clouds::{Connected, clouds};
use crate::support::{Shop, code_of, customer, new_shop, op, revoke, void};

/// A shop with this coupon and these rules whose codes are at Stripe, and Jana's code.
fn with_codes(coupon: CouponView, rules: RulesView) -> (Connected, String) {
    let shop = Shop::with(&NewShop { coupon: Some(coupon), rules, ..new_shop() });
    let mut it = Connected::with(shop, clouds()).stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.settle();
    (it, code)
}

fn fifteen_percent() -> CouponView {
    CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None }
}

#[test]
fn an_amount_off_and_a_least_order_stand_at_stripe_as_here() {
    let amount = |duration, months| CouponView { percent: None, amount: Some(Amount(500)), duration, months };
    for (coupon, duration, months) in [
        (amount(CouponDuration::Once, None), "once", json!(null)),
        (amount(CouponDuration::Repeating, Some(3)), "repeating", json!(3)),
        (amount(CouponDuration::Forever, None), "forever", json!(null)),
    ] {
        let (it, code) = with_codes(coupon, RulesView { order_min: Some(Amount(3000)), ..RulesView::default() });
        let coupon = &it.clouds.stripe().coupons()[0];
        let said = [&coupon["amount_off"], &coupon["currency"], &coupon["percent_off"], &coupon["duration"], &coupon["duration_in_months"]];
        assert_eq!(said, [&json!(500), &json!("eur"), &json!(null), &json!(duration), &months]);
        let restrictions = it.clouds.stripe().promotion_codes()[0]["restrictions"].clone();
        assert_eq!((&restrictions["minimum_amount"], &restrictions["minimum_amount_currency"]), (&json!(3000), &json!("eur")));
        let shopper = |amount| CheckoutAsk::new("tom@ash-post.com", amount).code(&code);
        it.clouds.stripe().checkout(&shopper(2999)).unwrap_err();
        it.clouds.stripe().checkout(&shopper(3000)).unwrap();
        it.sync();
        assert_eq!((it.shop.count("SELECT discount FROM redemption"), it.shop.count("SELECT paid FROM redemption")), (500, 2500));
    }
}

/// Stripe can't begin on a day: a code that was there before its first day could be used at once.
#[test]
fn a_code_that_has_not_begun_is_at_stripe_on_its_first_day_and_not_before() {
    let first = (chrono::Utc::now() + chrono::Duration::days(3)).date_naive();
    let rules = RulesView { starts: Some(first.to_string()), ..RulesView::default() };
    let shop = Shop::with(&NewShop { timezone: Some("Etc/UTC".into()), rules, ..new_shop() });
    let mut it = Connected::with(shop, clouds()).stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    let midnight = first.and_time(chrono::NaiveTime::MIN).and_utc();
    // At once, on the evening before, and on the day itself.
    for (moment, there) in [(it.now(), 0), (midnight - chrono::Duration::minutes(10), 0), (midnight + chrono::Duration::minutes(1), 1)] {
        let wait = moment - it.now();
        it.pass(wait);
        it.settle();
        let codes = it.clouds.stripe().promotion_codes();
        let parked = it.shop.count("SELECT count(*) FROM outbox WHERE what = 'code' AND state = 'parked' AND why = 'start'");
        assert_eq!((codes.len(), parked), (there, 1 - there as i64), "at {moment}");
        assert!(codes.iter().all(|promotion| promotion["code"] == code.as_str()));
    }
    it.clouds.stripe().checkout(&CheckoutAsk::new("tom@ash-post.com", 2000).code(&code)).unwrap();
    it.settle();
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE overridden IS NULL"), 1);
    it.shop.assert_sound();
}

#[test]
fn a_coupon_that_somebody_deletes_at_stripe_needs_a_person_who_may_have_it_made_anew() {
    let (mut it, _) = with_codes(fifteen_percent(), RulesView::default());
    let id = it.clouds.stripe().coupons()[0]["id"].as_str().unwrap().to_owned();
    assert!(it.clouds.stripe().delete_coupon(&id));
    it.settle();
    assert_eq!(it.entries(Stripe, "needs_a_person"), 1);
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    assert!(entry.why.as_ref().unwrap().contains("deleted this coupon at Stripe"), "{entry:?}");
    // To have it made anew is a decision of its own, which *Try all again* and a new key are not.
    it.shop.desk.retry_all(None).unwrap();
    let mut it = it.stripe();
    it.settle();
    assert_eq!((it.clouds.stripe().coupons().len(), it.entries(Stripe, "needs_a_person")), (0, 1));
    it.shop.desk.retry_entry(&entry.id).unwrap();
    it.settle();
    assert_eq!((it.clouds.stripe().coupons().len(), it.entries(Stripe, "needs_a_person")), (1, 0));
}

#[test]
fn new_codes_go_up_by_themselves_wherever_they_come_from() {
    let mut it = Connected::to_both();
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.shop.import("people.csv", "Name,Email,Code\nOmar Aziz,omar@salon-post.com,SPRING\n");
    it.settle();
    let there: Vec<_> = it.clouds.stripe().promotion_codes().iter().map(|promotion| promotion["code"].as_str().unwrap().to_owned()).collect();
    assert!(["SPRING", "ueONFmUp"].iter().all(|code| there.iter().any(|other| other == code)), "from a list and from Referral Factory: {there:?}");
}

/// What was used before counts on, and what was paid before comes to the right person, however late.
#[test]
fn codes_of_a_coupon_that_was_made_anew_count_at_stripe_again() {
    let (mut it, code) = with_codes(fifteen_percent(), RulesView { redemptions_max: Some(5), ..RulesView::default() });
    let revoked = it.shop.referrer("Omar Aziz", Some("omar@salon-post.com"), None);
    it.settle();
    let checkout = |it: &Connected, email: &str, paid| {
        let ask = CheckoutAsk { paid, ..CheckoutAsk::new(email, 2000) };
        it.clouds.stripe().checkout(&ask.code(&code))
    };
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    checkout(&it, "tom@ash-post.com", true).unwrap();
    let unpaid = checkout(&it, "zoe@ash-post.com", false).unwrap();
    it.settle();
    // Coupons are told apart by the second in which each was created: nobody deletes one and makes it anew within the same.
    it.pass(chrono::Duration::minutes(3));
    it.clouds.stripe().delete_coupon(it.clouds.stripe().coupons()[0]["id"].as_str().unwrap());
    it.settle();
    it.shop.desk.revoke_code(&revoke(&revoked.referrer.id, "moved away")).unwrap();
    it.settle();
    checkout(&it, "ann@ash-post.com", true).unwrap_err();
    assert_eq!((it.entries(Stripe, "needs_a_person"), it.entries(Stripe, "waiting")), (1, 0));
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    it.shop.desk.retry_entry(&entry.id).unwrap();
    it.settle();
    let active = |it: &Connected| -> Vec<_> {
        let codes = it.clouds.stripe().promotion_codes().into_iter().filter(|promotion| promotion["active"] == true);
        codes.map(|promotion| (promotion["code"].as_str().unwrap().to_owned(), promotion["max_redemptions"].as_i64())).collect()
    };
    // Five less one at the till and two at Stripe, of which one is not paid yet; and none for the code that was taken back.
    assert_eq!(active(&it), [(code.clone(), Some(2))]);
    assert_eq!((it.entries(Stripe, "needs_a_person"), it.entries(Stripe, "parked")), (0, 0));
    it.clouds.stripe().pay_later(unpaid["id"].as_str().unwrap()).unwrap();
    it.settle();
    checkout(&it, "ann@ash-post.com", true).unwrap();
    it.settle();
    let uses = format!("SELECT uses FROM referral_code WHERE text = '{code}'");
    assert_eq!((it.shop.count("SELECT count(*) FROM redemption"), it.shop.count(&uses)), (4, 4));
    assert_eq!(active(&it).len(), 1, "one use is left");
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    assert_eq!((active(&it), it.shop.desk.conflicts().unwrap()), (vec![], vec![]));
    it.shop.assert_sound();
}

/// A sale must not wait until a hundred thousand of them are in the queue.
#[test]
fn the_codes_of_a_coupon_that_was_made_anew_go_into_the_queue_some_at_a_time() {
    const CODES: usize = 450;
    let (mut it, _) = with_codes(fifteen_percent(), RulesView::default());
    for n in 1..CODES {
        it.shop.referrer(&format!("Friend {n}"), Some(&format!("friend{n}@salon-post.com")), None);
    }
    it.pass(chrono::Duration::minutes(3));
    it.clouds.stripe().delete_coupon(it.clouds.stripe().coupons()[0]["id"].as_str().unwrap());
    // All but the first were kept off Stripe by a decision, so that no call is made for them.
    let mut store = it.store();
    let kept_out = |tx: &rusqlite::Transaction<'_>| {
        tx.execute("DELETE FROM outbox WHERE what = 'code' AND state <> 'uploaded'", [])?;
        let remote = Remote { id: None, facts: json!({ "kept_out": true }) };
        (2..=CODES as i64).try_for_each(|n| destinations::set_remote(tx, Stripe, outbox::code_id(n), &remote).map(drop))
    };
    store.write::<_, StorageError>(kept_out).unwrap();
    it.settle();
    let codes = |it: &Connected, state: &str| it.shop.count(&format!("SELECT count(DISTINCT about) FROM outbox WHERE what = 'code' AND {state}"));
    assert_eq!((it.entries(Stripe, "needs_a_person"), codes(&it, "state <> 'uploaded'")), (1, 1), "the coupon, and the code that it closed");
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    it.shop.desk.retry_entry(&entry.id).unwrap();
    it.settle();
    assert_eq!((codes(&it, "state = 'parked'"), codes(&it, "state = 'uploaded'")), (CODES as i64 - 1, 1));
    let most =
        it.shop.count("SELECT max(put) FROM (SELECT count(*) AS put FROM outbox WHERE what = 'code' AND state = 'parked' GROUP BY created_at)");
    assert!(most < CODES as i64 - 1, "{most} at once");
    assert_eq!(it.clouds.stripe().promotion_codes().iter().filter(|promotion| promotion["active"] == true).count(), 1);
    it.shop.assert_sound();
}

/// Nor until a million of another coupon are read.
#[test]
fn the_few_codes_of_a_coupon_among_many_of_another_are_looked_for_some_at_a_time() {
    let mut shop = Shop::with(&NewShop { coupon: Some(fifteen_percent()), ..new_shop() });
    (0..150).for_each(|n| drop(shop.referrer(&format!("Friend {n}"), Some(&format!("friend{n}@salon-post.com")), None)));
    let coupon = CouponView { percent: Some(2000), ..fifteen_percent() };
    shop.desk.set_campaign(&CampaignChange { coupon: Some(Some(coupon)), ..CampaignChange::new(op()) }).unwrap();
    (150..250).for_each(|n| drop(shop.referrer(&format!("Friend {n}"), Some(&format!("friend{n}@salon-post.com")), None)));
    let now = shop.clock.now();
    let mut store = Store::open(shop.path(), now).unwrap();
    let ways = [(1, 148), (2, 0)].map(|(coupon, first)| {
        let way = store.write::<_, StorageError>(|tx| {
            let id = campaigns::coupon_id(tx, coupon)?;
            let next = |after: &i64| outbox::put_codes_of(tx, 1, id, *after, 1, now).unwrap();
            Ok(std::iter::successors(Some(first), next).take(104).collect::<Vec<_>>())
        });
        way.unwrap()
    });
    assert_eq!(ways[0], [148, 149, 150]);
    assert_eq!(ways[1], [0, 100].into_iter().chain(151..250).collect::<Vec<_>>(), "a hundred of the first coupon are read for none");
}

/// Also where nobody ever hears of the deletion: the next new codes show it.
#[test]
fn codes_that_are_made_after_their_coupon_was_deleted_wait_for_it() {
    let (mut it, code) = with_codes(fifteen_percent(), RulesView::default());
    // Coupons are told apart by the second in which each was created.
    it.pass(chrono::Duration::minutes(3));
    it.clouds.stripe().delete_coupon(it.clouds.stripe().coupons()[0]["id"].as_str().unwrap());
    it.clouds.stripe().forget_events();
    let mut codes = vec![code];
    codes.extend(["omar", "zoe", "ann"].map(|name| code_of(&it.shop.referrer(name, Some(&format!("{name}@salon-post.com")), None))));
    it.clouds.clouds().forget_calls();
    let created = |it: &Connected| it.clouds.clouds().calls_to("POST", "/v1/promotion_codes").len();
    let report = it.sync_until(|| created(&it) > 12);
    assert!(!report.cancelled, "codes are created again and again");
    it.settle();
    let parked = it.shop.count("SELECT count(DISTINCT about) FROM outbox WHERE state = 'parked'");
    assert_eq!((it.entries(Stripe, "needs_a_person"), parked), (1, 3), "the coupon, and the codes that were made since");
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    assert!(entry.why.as_ref().unwrap().contains("deleted this coupon at Stripe"), "{entry:?}");
    it.shop.desk.retry_entry(&entry.id).unwrap();
    it.settle();
    assert_eq!((it.entries(Stripe, "needs_a_person"), it.entries(Stripe, "parked")), (0, 0));
    let there = it.clouds.stripe().promotion_codes().into_iter().filter(|promotion| promotion["active"] == true);
    let mut there: Vec<String> = there.map(|promotion| promotion["code"].as_str().unwrap().to_owned()).collect();
    there.sort();
    codes.sort();
    assert_eq!(there, codes);
    it.shop.assert_sound();
}

#[test]
fn a_lead_from_a_checkout_waits_for_a_manager_where_using_a_code_is_not_enough() {
    let (mut it, code) = with_codes(fifteen_percent(), RulesView::default());
    it.shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(false), ..CampaignChange::new(op()) }).unwrap();
    it.clouds.stripe().checkout(&CheckoutAsk::new("tom@ash-post.com", 2000).code(&code)).unwrap();
    it.settle();
    assert_eq!((it.shop.count("SELECT count(*) FROM redemption"), it.shop.count("SELECT count(*) FROM lead WHERE state = 'pending'")), (1, 1));
    assert_eq!(it.clouds.stripe().customers()[0]["metadata"]["status"], "pending");
}

/// What we switched off for the limit goes on again; what somebody else switched off, or what was taken back, stays so.
#[test]
fn a_use_that_a_void_gives_back_is_given_back_at_stripe_too() {
    let (mut it, code) = with_codes(fifteen_percent(), RulesView { redemptions_max: Some(2), ..RulesView::default() });
    let active = |it: &Connected| it.clouds.stripe().promotion_codes()[0]["active"] == true;
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    let second = it.shop.sell(&code, 1000, customer("Ann Lee", "ann@lee-post.com"));
    it.settle();
    assert!(!active(&it));
    it.shop.desk.void(&void(&second, "wrong total")).unwrap();
    it.settle();
    assert!(active(&it));
    // Used again, at Stripe this time, it is used up.
    it.clouds.stripe().checkout(&CheckoutAsk::new("tom@ash-post.com", 2000).code(&code)).unwrap();
    it.settle();
    assert!(!active(&it) && it.shop.desk.conflicts().unwrap().is_empty());
    // Somebody switches it off by hand while a use is left.
    let (mut it, code) = with_codes(fifteen_percent(), RulesView { redemptions_max: Some(2), ..RulesView::default() });
    let sale = it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    it.clouds.stripe().set_active(it.clouds.stripe().promotion_codes()[0]["id"].as_str().unwrap(), false);
    it.settle();
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    it.settle();
    assert!(!active(&it));
    assert_eq!((it.entries(Stripe, "needs_a_person"), it.entries(Stripe, "waiting")), (0, 0));
    it.shop.assert_sound();
}

#[test]
fn a_limit_that_was_overrun_is_accepted_or_ends_the_code() {
    for decision in ["accept", "revoke"] {
        let (mut it, code) = with_codes(fifteen_percent(), RulesView { redemptions_max: Some(2), ..RulesView::default() });
        // Both while neither side knows of the other.
        it.clouds.stripe().checkout(&CheckoutAsk::new("tom@ash-post.com", 2000).code(&code)).unwrap();
        it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
        it.shop.sell(&code, 1000, customer("Ann Lee", "ann@lee-post.com"));
        it.settle();
        let mut conflicts = it.shop.desk.conflicts().unwrap();
        assert_eq!((conflicts.len(), conflicts[0].kind.as_str()), (1, "limit_overrun"), "{conflicts:?}");
        let conflict = conflicts.remove(0);
        assert_eq!(conflict.decisions.iter().map(|decision| decision.id.as_str()).collect::<Vec<_>>(), ["accept", "revoke"]);
        it.shop.desk.resolve_conflict(&conflict.id, decision).unwrap();
        it.settle();
        assert!(it.shop.desk.conflicts().unwrap().is_empty());
        assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE voided_at IS NULL"), 3, "all uses stand");
        assert_eq!(it.shop.count("SELECT count(*) FROM referral_code WHERE revoked_at IS NOT NULL"), i64::from(decision == "revoke"));
        assert_eq!(it.clouds.stripe().promotion_codes()[0]["active"], false);
    }
}

#[test]
fn a_code_of_somebody_elses_at_stripe_is_kept_off_or_tried_again() {
    let clash = || {
        let rules = RulesView { redemptions_max: Some(5), ..RulesView::default() };
        let mut it = Connected::with(Shop::with(&NewShop { rules, ..new_shop() }), clouds()).stripe();
        let code = jana(&mut it);
        let theirs = it.clouds.stripe().foreign_code(&code, 5.0);
        connect::send_codes(&mut it.store(), true, it.now()).unwrap();
        it.settle();
        let conflict = it.shop.desk.conflicts().unwrap().remove(0);
        (it, theirs, conflict.id, code)
    };
    let (mut it, _, conflict, code) = clash();
    it.shop.desk.resolve_conflict(&conflict, "keep_off").unwrap();
    it.settle();
    assert_eq!((it.clouds.stripe().promotion_codes().len(), it.entries(Stripe, "conflict"), it.entries(Stripe, "parked")), (1, 0, 1));
    // It stays so when the code is used here, which is otherwise said there because of the limit.
    it.shop.sell(&code, 4990, customer("Tom Ash", "tom@ash-post.com"));
    it.settle();
    assert_eq!((it.clouds.stripe().promotion_codes().len(), it.entries(Stripe, "conflict"), it.entries(Stripe, "parked")), (1, 0, 2));
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    let (mut it, theirs, conflict, _) = clash();
    // Still there: the same question again.
    it.shop.desk.resolve_conflict(&conflict, "try_again").unwrap();
    it.settle();
    let again = it.shop.desk.conflicts().unwrap().remove(0);
    it.clouds.stripe().set_active(&theirs, false);
    it.shop.desk.resolve_conflict(&again.id, "try_again").unwrap();
    it.settle();
    let codes = it.clouds.stripe().promotion_codes();
    assert_eq!((codes.len(), codes.iter().filter(|code| code["active"] == true).count()), (2, 1));
    assert_eq!((it.entries(Stripe, "conflict"), it.shop.desk.conflicts().unwrap().len()), (0, 0));
}

/// More codes than one transaction looks at, some of them revoked or sent before.
#[test]
fn very_many_codes_all_go_into_the_queue_once() {
    const PEOPLE: usize = 12_000;
    let mut it = Connected::to_stripe();
    let people: String = (0..PEOPLE).map(|n| format!("Person {n},p{n}@salon-post.com\n")).collect();
    it.shop.import("people.csv", &format!("Name,Email\n{people}"));
    it.shop.desk.generate_all(&mut |_| true).unwrap();
    let last = it.shop.desk.find("p11999@salon-post.com").unwrap()[0].referrer.id.clone();
    it.shop.desk.revoke_code(&revoke(&last, "left")).unwrap();
    assert_eq!(connect::send_codes(&mut it.store(), false, it.now()).unwrap(), PEOPLE - 1);
    assert_eq!(it.shop.count("SELECT count(DISTINCT about) FROM outbox WHERE what = 'code'"), PEOPLE as i64 - 1);
    assert_eq!(connect::send_codes(&mut it.store(), true, it.now()).unwrap(), 0);
}

#[test]
fn what_becomes_of_codes_while_stripe_is_disconnected_is_there_once_it_is_connected_again() {
    let (mut it, code) = with_codes(fifteen_percent(), RulesView::default());
    connect::disconnect(&mut it.store(), &it.keys, Stripe, false, it.now()).unwrap();
    let jana = it.shop.desk.find(&code).unwrap().remove(0).referrer.id;
    it.shop.desk.revoke_code(&revoke(&jana, "the card was lost")).unwrap();
    let omars = code_of(&it.shop.referrer("Omar Aziz", Some("omar@salon-post.com"), None));
    let it = it.stripe();
    it.settle();
    let promotions = it.clouds.stripe().promotion_codes().into_iter();
    let codes: Vec<_> = promotions.map(|promotion| (promotion["code"].as_str().unwrap().to_owned(), promotion["active"] == true)).collect();
    assert_eq!(codes.into_iter().collect::<std::collections::BTreeMap<_, _>>(), [(code, false), (omars, true)].into());
}
