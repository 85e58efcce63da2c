//! What each call promises, and what comes back, against clouds that pass over nothing.

use std::time::Duration;

use counterfoil_core::desk::import::ImportKind;
use counterfoil_core::desk::people::Happened;
use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::domain::upload::Destination::{ReferralFactory, Stripe};
use counterfoil_core::ports::Keyring as _;
use counterfoil_core::sync::connect;
use counterfoil_core::sync::retry::{Verdict, judge};
use practice_cloud::{Access, Aim, CheckoutAsk, Clouds, Fault, Options, PERMISSIONS, STRIPE_LIVE_KEY, STRIPE_TEST_KEY};

use super::secrets::{echo, send};
use super::truth::jana;
use crate::clouds::{Connected, clouds};
use crate::support::{Shop, customer, new_shop, percent, refund};

/// A shop whose codes are at Stripe, and Jana's code.
fn with_codes() -> (Connected, String) {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    (it, code)
}

fn tom(code: &str) -> CheckoutAsk {
    CheckoutAsk { name: Some("Tom Ash".into()), ..CheckoutAsk::new("tom@ash-post.com", 2000).code(code) }
}

fn redemptions(it: &Connected) -> i64 {
    it.shop.count("SELECT count(*) FROM redemption")
}

fn trouble(it: &Connected) -> Option<String> {
    it.shop.desk.sync_view().unwrap().destinations[0].trouble.clone()
}

#[test]
fn a_customer_who_was_at_stripe_before_is_completed_and_keeps_name_and_contact() {
    let mut it = Connected::to_stripe();
    it.clouds.stripe().checkout(&CheckoutAsk { name: Some("Mia of old".into()), ..CheckoutAsk::new("mia@brandt-post.com", 100) }).unwrap();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    let customers = it.clouds.stripe().customers();
    assert_eq!(customers.len(), 1);
    assert_eq!((customers[0]["name"].as_str(), customers[0]["metadata"]["code"].as_str()), (Some("Mia of old"), Some(code.as_str())));
}

#[test]
fn a_customer_who_was_deleted_at_stripe_is_made_anew_with_the_next_sale() {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    // As good as deleted: the id names nobody there.
    let sql = "UPDATE remote SET id = 'cus_gone' WHERE id LIKE 'cus_%'";
    it.shop.behind().execute(sql, []).unwrap();
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    let customers = it.clouds.stripe().customers();
    assert_eq!((customers.len(), customers[0]["metadata"]["redemptions"].as_str()), (1, Some("2")));
    assert_eq!(it.clouds.calls_to("POST", "/v1/customers/cus_gone").len(), 1);
}

#[test]
fn a_coupon_that_exists_already_is_read_back() {
    let mut it = Connected::to_stripe();
    jana(&mut it);
    connect::send_coupon(&mut it.store(), it.now()).unwrap();
    it.sync();
    // The till forgets that it made it.
    it.shop.behind().execute("DELETE FROM remote", []).unwrap();
    assert!(connect::send_coupon(&mut it.store(), it.now()).unwrap());
    it.settle();
    assert_eq!(it.clouds.stripe().coupons().len(), 1);
    assert_eq!(it.clouds.calls_to("GET", "/v1/coupons/*").len(), 1);
    assert_eq!(it.entries(Stripe, "needs_a_person"), 0);
}

#[test]
fn a_code_that_is_somebody_elses_at_stripe_is_a_conflict_and_ours_is_adopted() {
    let mut it = Connected::to_stripe();
    let code = jana(&mut it);
    it.clouds.stripe().foreign_code(&code, 5.0);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.settle();
    assert_eq!(it.entries(Stripe, "conflict"), 1);
    let conflicts = it.shop.desk.conflicts().unwrap();
    assert_eq!((conflicts.len(), conflicts[0].kind.as_str()), (1, "code_clash"));
    it.shop.desk.resolve_conflict(&conflicts[0].id, "adopt").unwrap();
    it.settle();
    assert_eq!((it.clouds.stripe().promotion_codes().len(), it.entries(Stripe, "conflict")), (1, 0));
    // Ours, forgotten here, is recognised by its metadata.
    let (it, _) = with_codes();
    it.shop.behind().execute("DELETE FROM remote WHERE id LIKE 'promo_%'", []).unwrap();
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.settle();
    assert_eq!((it.clouds.stripe().promotion_codes().len(), it.entries(Stripe, "conflict")), (1, 0));
}

/// frappe/erpnext PR#11230, defendicon/POS-Awesome-V15#135: one bad record stopped the whole queue.
#[test]
fn a_domain_without_a_mail_server_needs_a_person_and_keeps_nobody_else() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt.example"));
    it.shop.sell(&code, 4990, customer("Leo Brandt", "leo@brandt-post.com"));
    it.settle();
    assert_eq!((it.entries(ReferralFactory, "needs_a_person"), it.entries(ReferralFactory, "waiting")), (1, 0));
    // Jana, Mia and Leo, who is there.
    assert_eq!(it.clouds.calls_to("POST", "/users").len(), 3);
    assert!(it.clouds.referral_factory().users().iter().any(|user| user["email"] == "leo@brandt-post.com"));
}

#[test]
fn a_known_email_that_is_refused_is_looked_up() {
    let mut it = Connected::to_referral_factory();
    let factory = it.clouds.referral_factory();
    factory.refuse_known_emails(true);
    let campaign = factory.campaigns()[0]["id"].as_i64().unwrap();
    let there = factory.add_referrer(campaign, "Jana", "jana@salon-post.com", None);
    // Added before anything was brought back, so the till can't know.
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.shop.behind().execute("UPDATE destination SET pull = json_object('due_at', ?1)", [it.now().timestamp_millis() + 60_000]).unwrap();
    it.sync_calmly();
    assert_eq!(it.clouds.calls_to("POST", "/users/search").len(), 1);
    let mia = it.clouds.referral_factory().user(campaign, "mia@brandt-post.com").unwrap();
    assert_eq!(mia["referrer_id"].as_i64(), Some(there));
}

#[test]
fn test_and_live_are_never_mixed() {
    let it = Connected::to_stripe();
    let error = connect::stripe(&mut it.store(), Some(&it.keys), &it.clouds.stripe_url(), STRIPE_LIVE_KEY, it.now()).unwrap_err();
    assert!(error.to_string().contains("another account"), "{error}");
    assert!(it.clouds.stripe_live().customers().is_empty());
}

#[test]
fn a_missing_permission_is_named_at_once_and_when_it_is_taken_away() {
    let mut it = Connected::to_stripe();
    it.clouds.stripe().take_permission(STRIPE_TEST_KEY, "rak_customer_write");
    let error = connect::stripe(&mut it.store(), Some(&it.keys), &it.clouds.stripe_url(), STRIPE_TEST_KEY, it.now()).unwrap_err();
    assert!(error.to_string().contains("rak_customer_write"), "{error}");
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    let refused = it.shop.desk.sync_view().unwrap().destinations[0].refused.clone().unwrap();
    assert!(refused.contains("rak_customer"), "{refused}");
    it.clouds.stripe().give_permission(STRIPE_TEST_KEY, "rak_customer_write");
    it.settle();
    assert_eq!(it.clouds.stripe().customers().len(), 1);
}

#[test]
fn each_permission_that_is_missing_is_named_and_reading_is_not_writing() {
    let it = Connected::with(Shop::open(), clouds());
    let connect = |key: &str| connect::stripe(&mut it.store(), Some(&it.keys), &it.clouds.stripe_url(), key, it.now());
    for missing in PERMISSIONS {
        it.clouds.stripe().take_permission(STRIPE_TEST_KEY, missing);
        let error = connect(STRIPE_TEST_KEY).unwrap_err().to_string();
        it.clouds.stripe().give_permission(STRIPE_TEST_KEY, missing);
        assert!(PERMISSIONS.iter().all(|name| error.contains(name) == (*name == missing)), "without {missing}: {error}");
    }
    let reads = PERMISSIONS.map(|name| name.replace("_write", "_read"));
    it.clouds.stripe().add_key("rk_test_reads", Access::Only(reads.into()));
    let error = connect("rk_test_reads").unwrap_err().to_string();
    assert!(PERMISSIONS.iter().all(|name| error.contains(name) == name.ends_with("_write")), "{error}");
    let (keys, stripe) = (&it.keys, it.clouds.stripe());
    assert!(keys.key(Stripe.into()).unwrap().is_none() && stripe.customers().is_empty() && stripe.coupons().is_empty());
    connect(STRIPE_TEST_KEY).unwrap();
}

#[test]
fn the_page_for_a_new_key_asks_for_what_is_needed_and_no_more() {
    let page = counterfoil_core::sync::stripe::key_page();
    let (address, query) = page.split_once('?').unwrap();
    assert_eq!(address, "https://dashboard.stripe.com/apikeys/create");
    let mut asked: Vec<&str> = query.split('&').collect();
    assert_eq!(asked.remove(0), "name=Counterfoil");
    assert_eq!(asked, PERMISSIONS.map(|name| format!("permissions[]={name}")));
}

#[test]
fn events_that_may_not_be_read_hold_up_no_upload() {
    let mut it = Connected::to_stripe();
    it.clouds.stripe().take_permission(STRIPE_TEST_KEY, "rak_event_read");
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    assert_eq!(it.clouds.stripe().customers().len(), 1);
    assert!(trouble(&it).unwrap().contains("rak_event_read"), "{:?}", trouble(&it));
}

#[test]
fn a_cursor_that_vanished_and_a_gap_of_weeks_bring_everything_back_once() {
    let (it, code) = with_codes();
    let first = it.clouds.stripe().checkout(&tom(&code)).unwrap();
    it.sync();
    assert_eq!(redemptions(&it), 1);
    for event in it.clouds.stripe().events() {
        it.clouds.stripe().forget_event(event["id"].as_str().unwrap());
    }
    it.clouds.stripe().checkout(&CheckoutAsk { email: Some("ann@lee-post.com".into()), ..tom(&code) }).unwrap();
    it.sync();
    it.sync();
    assert_eq!(redemptions(&it), 2);
    // Five weeks later, every event is gone and only the checkouts themselves tell.
    it.clouds.stripe().checkout(&CheckoutAsk { email: Some("kim@poe-post.com".into()), ..tom(&code) }).unwrap();
    let plain = it.clouds.stripe().checkout(&CheckoutAsk { promotion_code: None, ..tom("") }).unwrap();
    it.clouds.stripe().forget_events();
    it.pass(chrono::Duration::days(35));
    it.sync();
    it.sync();
    assert_eq!(redemptions(&it), 3);
    // Where the list says that there is no code, nothing more is asked.
    assert!(it.clouds.calls_to("GET", &format!("/v1/checkout/sessions/{}", plain["id"].as_str().unwrap())).is_empty());
    assert!(first["id"].is_string());
    it.shop.assert_sound();
}

#[test]
fn money_that_comes_later_counts_when_it_comes_and_what_is_unpaid_never() {
    let (it, code) = with_codes();
    let later = it.clouds.stripe().checkout(&CheckoutAsk { paid: false, ..tom(&code) }).unwrap();
    let never = it.clouds.stripe().checkout(&CheckoutAsk { paid: false, email: Some("ann@lee-post.com".into()), ..tom(&code) }).unwrap();
    it.sync();
    assert_eq!(redemptions(&it), 0);
    it.clouds.stripe().pay_later(later["id"].as_str().unwrap()).unwrap();
    it.clouds.stripe().fail_later(never["id"].as_str().unwrap()).unwrap();
    it.sync();
    it.sync();
    assert_eq!(redemptions(&it), 1);
}

#[test]
fn foreign_codes_and_currencies_are_left_out() {
    let (it, code) = with_codes();
    it.clouds.stripe().foreign_code("THEIRS", 50.0);
    it.clouds.stripe().checkout(&tom("THEIRS")).unwrap();
    it.clouds.stripe().checkout(&CheckoutAsk { promotion_code: None, ..tom("") }).unwrap();
    it.clouds.stripe().checkout(&CheckoutAsk { currency: "usd".into(), email: Some("ann@lee-post.com".into()), ..tom(&code) }).unwrap();
    it.sync();
    assert_eq!((redemptions(&it), it.shop.count("SELECT count(*) FROM lead")), (0, 0));
    assert_eq!(it.shop.count("SELECT count(*) FROM audit WHERE what = 'checkout_left_out'"), 1);
}

#[test]
fn refunds_come_back_once_and_a_dispute_changes_nothing() {
    let (it, code) = with_codes();
    let session = it.clouds.stripe().checkout(&tom(&code)).unwrap();
    let id = session["id"].as_str().unwrap();
    it.sync();
    it.clouds.stripe().dispute(id).unwrap();
    it.sync();
    assert_eq!(it.shop.count("SELECT refunded FROM redemption"), 0);
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE disputed_at IS NOT NULL"), 1);
    let jana = it.shop.desk.find(&code).unwrap()[0].referrer.id.clone();
    let person = it.shop.desk.person(&jana).unwrap();
    assert!(person.leads[0].disputed && person.history.iter().any(|line| line.what == Happened::Disputed));
    it.clouds.stripe().refund(id, Some(700)).unwrap();
    it.sync();
    it.sync();
    assert_eq!((it.shop.count("SELECT refunded FROM redemption"), it.shop.count("SELECT count(*) FROM refund")), (700, 1));
    // The rest of 17.00: nothing stands of it, and the Lead counts no more.
    it.clouds.stripe().refund(id, None).unwrap();
    it.sync();
    it.sync();
    assert_eq!((it.shop.count("SELECT refunded FROM redemption"), it.shop.count("SELECT count(*) FROM refund")), (1700, 2));
    assert_eq!(it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"), 0);
    it.shop.assert_sound();
}

/// A subscription's checkout names an invoice, and only that its payment.
#[test]
fn what_is_given_back_of_a_subscription_and_what_is_disputed_is_known() {
    let (it, code) = with_codes();
    let subscribe = |it: &Connected, email: &str| {
        let ask = CheckoutAsk { subscription: true, email: Some(email.into()), ..tom(&code) };
        it.clouds.stripe().checkout(&ask).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let standing = |it: &Connected| {
        let counts = ["SELECT sum(refunded) FROM redemption", "SELECT count(*) FROM redemption WHERE disputed_at IS NOT NULL"];
        (counts.map(|sql| it.shop.count(sql)), it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"))
    };
    let first = subscribe(&it, "tom@ash-post.com");
    it.settle();
    assert_eq!((redemptions(&it), standing(&it)), (1, ([0, 0], 1)));
    // A later payment is no use of the code, and neither is what goes back of it.
    let later = it.clouds.stripe().renew(&first, 2000).unwrap()["id"].as_str().unwrap().to_owned();
    it.clouds.stripe().refund(&later, None).unwrap();
    it.clouds.stripe().dispute(&first).unwrap();
    it.settle();
    assert_eq!((redemptions(&it), standing(&it)), (1, ([0, 1], 1)));
    it.clouds.stripe().refund(&first, None).unwrap();
    it.settle();
    assert_eq!(standing(&it), ([1700, 1], 0));
    // Given back before anybody looked; and in a gap.
    let second = subscribe(&it, "ann@lee-post.com");
    it.clouds.stripe().refund(&second, None).unwrap();
    it.settle();
    assert_eq!((redemptions(&it), standing(&it)), (2, ([3400, 1], 0)));
    let third = subscribe(&it, "kim@poe-post.com");
    it.settle();
    it.clouds.stripe().refund(&third, Some(300)).unwrap();
    it.clouds.stripe().dispute(&third).unwrap();
    it.clouds.stripe().forget_events();
    it.pass(chrono::Duration::days(35));
    it.settle();
    assert_eq!((redemptions(&it), standing(&it)), (3, ([3700, 2], 1)));
    it.shop.assert_sound();
}

#[test]
fn a_refund_that_fails_is_taken_back_and_what_staff_recorded_stays() {
    let (mut it, code) = with_codes();
    let session = it.clouds.stripe().checkout(&tom(&code)).unwrap();
    let id = session["id"].as_str().unwrap();
    it.sync();
    let back = it.clouds.stripe().refund(id, None).unwrap();
    it.sync();
    let standing =
        |it: &Connected| (it.shop.count("SELECT refunded FROM redemption"), it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"));
    assert_eq!(standing(&it), (1700, 0));
    it.clouds.stripe().settle_refund(back["id"].as_str().unwrap(), false).unwrap();
    it.sync();
    it.sync();
    assert_eq!((standing(&it), it.shop.count("SELECT count(*) FROM refund")), ((0, 1), 2));
    // Staff give 5.00 back by hand; Stripe gives 7.00 back in two parts, of which one fails.
    let sale = it.shop.desk.sales_of(None).unwrap().counterfoils.remove(0);
    it.shop.desk.refund(&refund(&sale, Some(500), "faulty")).unwrap();
    it.clouds.stripe().refund(id, Some(300)).unwrap();
    let second = it.clouds.stripe().refund(id, Some(400)).unwrap();
    it.sync();
    assert_eq!(standing(&it), (700, 1));
    it.clouds.stripe().settle_refund(second["id"].as_str().unwrap(), false).unwrap();
    it.sync();
    assert_eq!(standing(&it), (500, 1));
    let jana = it.shop.desk.find(&code).unwrap()[0].referrer.id.clone();
    let history = it.shop.desk.person(&jana).unwrap().history;
    let failed: Vec<i64> = history.iter().filter(|line| line.what == Happened::RefundFailed).map(|line| line.amount.unwrap().0).collect();
    assert_eq!(failed, [200, 1700]);
    it.shop.assert_sound();
}

#[test]
fn what_was_paid_and_given_back_in_a_gap_of_weeks_is_known_as_such() {
    let (it, code) = with_codes();
    // Opened longer before the gap than the list of checkouts goes back.
    let old = it.clouds.stripe().checkout(&CheckoutAsk { email: Some("kim@poe-post.com".into()), ..tom(&code) }).unwrap();
    it.sync();
    it.pass(chrono::Duration::days(3));
    let known = it.clouds.stripe().checkout(&tom(&code)).unwrap();
    it.sync();
    it.clouds.stripe().refund(old["id"].as_str().unwrap(), None).unwrap();
    let new = it.clouds.stripe().checkout(&CheckoutAsk { email: Some("ann@lee-post.com".into()), ..tom(&code) }).unwrap();
    it.clouds.stripe().refund(new["id"].as_str().unwrap(), None).unwrap();
    it.clouds.stripe().refund(known["id"].as_str().unwrap(), Some(100)).unwrap();
    it.clouds.stripe().dispute(known["id"].as_str().unwrap()).unwrap();
    it.clouds.stripe().forget_events();
    it.pass(chrono::Duration::days(35));
    it.sync();
    it.sync();
    assert_eq!((redemptions(&it), it.shop.count("SELECT sum(refunded) FROM redemption")), (3, 3500));
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE disputed_at IS NOT NULL"), 1);
    assert_eq!(it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"), 1);
    it.shop.assert_sound();
}

#[test]
fn a_gap_of_weeks_hides_no_dispute_no_refund_that_failed_and_no_coupon_that_is_gone() {
    let (it, code) = with_codes();
    // More than one page, all from before the gap.
    let sales: Vec<String> = (0..120)
        .map(|n| {
            let session = it.clouds.stripe().checkout(&CheckoutAsk { email: Some(format!("kim{n}@poe-post.com")), ..tom(&code) }).unwrap();
            session["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let back: Vec<String> =
        sales.iter().step_by(2).map(|id| it.clouds.stripe().refund(id, Some(300)).unwrap()["id"].as_str().unwrap().to_owned()).collect();
    it.settle();
    assert_eq!((redemptions(&it), it.shop.count("SELECT sum(refunded) FROM redemption")), (120, 60 * 300));
    it.pass(chrono::Duration::days(3));
    for refund in &back[..40] {
        it.clouds.stripe().settle_refund(refund, false).unwrap();
    }
    for id in &sales[90..] {
        it.clouds.stripe().dispute(id).unwrap();
    }
    let coupon = it.clouds.stripe().coupons()[0]["id"].as_str().unwrap().to_owned();
    assert!(it.clouds.stripe().delete_coupon(&coupon));
    it.clouds.stripe().forget_events();
    it.pass(chrono::Duration::days(35));
    it.settle();
    assert_eq!((redemptions(&it), it.shop.count("SELECT sum(refunded) FROM redemption")), (120, 20 * 300));
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE disputed_at IS NOT NULL"), 30);
    assert_eq!(it.entries(Stripe, "needs_a_person"), 1);
    it.shop.assert_sound();
}

/// A look that was begun before the gap and never came to its end, and a shop of which Stripe had no event at all.
#[test]
fn a_gap_is_noticed_however_it_began() {
    for (sold_before, looked_in_vain) in [(true, true), (false, true), (false, false)] {
        let (it, code) = with_codes();
        if sold_before {
            it.clouds.stripe().checkout(&CheckoutAsk { email: Some("kim@poe-post.com".into()), ..tom(&code) }).unwrap();
        } else {
            it.clouds.stripe().forget_events();
        }
        it.settle();
        let pass = |days| it.pass(chrono::Duration::days(days));
        pass(1);
        if looked_in_vain {
            it.clouds.strike(Aim::stripe().call("GET", "/v1/events").times(30), Fault::Unavailable);
            it.sync();
            it.clouds.calm();
        }
        pass(2);
        it.clouds.stripe().checkout(&tom(&code)).unwrap();
        it.clouds.stripe().forget_events();
        pass(35);
        it.settle();
        assert_eq!(redemptions(&it), 1 + i64::from(sold_before), "sold before: {sold_before}, looked in vain: {looked_in_vain}");
        it.shop.assert_sound();
    }
}

/// A quiet shop whose last event is old has no gap: everything would be read again at each look.
#[test]
fn weeks_in_which_nothing_happened_are_no_gap() {
    let (it, code) = with_codes();
    it.clouds.stripe().checkout(&tom(&code)).unwrap();
    it.settle();
    it.clouds.forget_calls();
    let lists = || it.clouds.calls_to("GET", "/v1/checkout/sessions").len();
    for _ in 0..70 {
        it.pass(chrono::Duration::hours(12));
        it.sync();
    }
    assert_eq!((lists(), redemptions(&it)), (0, 1));
    it.clouds.stripe().checkout(&CheckoutAsk { email: Some("ann@lee-post.com".into()), ..tom(&code) }).unwrap();
    it.settle();
    assert_eq!((lists(), redemptions(&it)), (0, 2));
}

#[test]
fn a_guest_who_buys_for_the_first_time_again_is_noticed_by_us() {
    let rules = RulesView { first_time_only: true, ..RulesView::default() };
    let mut it = Connected::with(Shop::with_rules(rules), clouds()).stripe();
    let code = jana(&mut it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    it.clouds.stripe().checkout(&CheckoutAsk { guest: true, ..tom(&code) }).unwrap();
    it.sync();
    it.clouds.stripe().checkout(&CheckoutAsk { guest: true, ..tom(&code) }).unwrap();
    it.sync();
    assert_eq!(redemptions(&it), 2);
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption WHERE overridden LIKE '%not_first_time%'"), 1);
}

/// The sale happened, so it is recorded; nobody is recommended to a shop that they know, or by themselves.
#[test]
fn a_first_checkout_that_the_code_was_not_for_makes_nobody_count() {
    for (email, reason) in [("old@ash-post.com", "not_first_time"), ("jana@salon-post.com", "own_code")] {
        let rules = RulesView { first_time_only: true, ..RulesView::default() };
        let mut it = Connected::with(Shop::with_rules(rules), clouds()).stripe();
        let known = it.shop.path().join("known.csv");
        std::fs::write(&known, "Name,Email\nOld Ash,old@ash-post.com\n").unwrap();
        it.shop.import_file(&known, ImportKind::Customers);
        let code = jana(&mut it);
        connect::send_codes(&mut it.store(), true, it.now()).unwrap();
        it.settle();
        // Beside somebody whom the code was for.
        for email in [email, "new@ash-post.com"] {
            it.clouds.stripe().checkout(&CheckoutAsk { email: Some(email.into()), ..tom(&code) }).unwrap();
        }
        it.settle();
        let state = |email: &str, state: &str| it.shop.count(&format!("SELECT count(*) FROM lead WHERE email_key = '{email}' AND {state}"));
        assert_eq!(state(email, &format!("state = 'disqualified' AND why = '{reason}'")), 1, "{reason}");
        assert_eq!((state("new@ash-post.com", "state = 'qualified'"), redemptions(&it)), (1, 2), "{reason}");
        assert_eq!(it.shop.count(&format!("SELECT count(*) FROM redemption WHERE overridden = '{reason}'")), 1);
        let status = |email: &str| {
            let customers = it.clouds.stripe().customers();
            let found = customers.iter().find(|customer| customer["email"] == email).unwrap();
            found["metadata"]["status"].as_str().unwrap().to_owned()
        };
        assert_eq!((status(email).as_str(), status("new@ash-post.com").as_str()), ("disqualified", "qualified"), "{reason}");
        it.shop.assert_sound();
    }
}

#[test]
fn a_checkout_that_costs_nothing_any_more_counts_like_one_that_was_paid() {
    for subscription in [false, true] {
        let mut it = Connected::with(Shop::with(&NewShop { coupon: Some(percent(10_000)), ..new_shop() }), clouds()).stripe();
        let code = jana(&mut it);
        connect::send_codes(&mut it.store(), true, it.now()).unwrap();
        it.settle();
        let session = it.clouds.stripe().checkout(&CheckoutAsk { subscription, ..tom(&code) }).unwrap();
        assert_eq!(session["payment_status"], "no_payment_required");
        it.settle();
        it.settle();
        let sum = |column: &str| it.shop.count(&format!("SELECT sum({column}) FROM redemption"));
        assert_eq!((redemptions(&it), sum("order_total"), sum("discount"), sum("paid")), (1, 2000, 2000, 0));
        assert_eq!(it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"), 1);
        assert_eq!(it.clouds.stripe().customers()[0]["metadata"]["status"], "qualified");
        it.shop.assert_sound();
    }
}

#[test]
fn money_that_a_bank_still_has_to_bring_back_is_no_longer_ours() {
    let (it, code) = with_codes();
    let session = it.clouds.stripe().checkout(&tom(&code)).unwrap();
    let id = session["id"].as_str().unwrap();
    it.settle();
    let standing = || {
        let counts = it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'");
        (it.shop.count("SELECT refunded FROM redemption"), it.shop.count("SELECT count(*) FROM refund"), counts)
    };
    let part = it.clouds.stripe().refund_pending(id, Some(700)).unwrap();
    it.settle();
    assert_eq!(standing(), (700, 1, 1));
    it.clouds.stripe().settle_refund(part["id"].as_str().unwrap(), true).unwrap();
    it.settle();
    assert_eq!(standing(), (700, 1, 1), "it is the same money");
    let rest = it.clouds.stripe().refund_pending(id, None).unwrap();
    it.settle();
    assert_eq!(standing(), (1700, 2, 0));
    // The bank sends it back.
    it.clouds.stripe().settle_refund(rest["id"].as_str().unwrap(), false).unwrap();
    it.settle();
    assert_eq!(standing(), (700, 3, 1));
    it.shop.assert_sound();
}

type Is = fn(&Verdict) -> bool;

/// Each head stands where the status alone would say something else.
#[test]
fn what_a_destination_says_beside_its_status_is_heard() {
    let heard = |status: &'static str, head: &'static str| {
        let body = r#"{"error":{"message":"no"}}"#;
        let port = echo(move |_| format!("HTTP/1.1 {status} .\r\n{head}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()));
        send(&format!("http://127.0.0.1:{port}"), Stripe, STRIPE_TEST_KEY)
    };
    let check = |status, head, expected: Is| {
        let verdict = judge(&heard(status, head), 1, 1.0);
        assert!(expected(&verdict), "{status} {head:?}: {verdict:?}");
    };
    let again: Is = |verdict| matches!(verdict, Verdict::Again(wait) if *wait < Duration::from_secs(1));
    let listen: Is = |verdict| *verdict == Verdict::Listen;
    let doubt: Is = |verdict| matches!(verdict, Verdict::Doubt(_));
    check("400", "", listen);
    check("400", "Stripe-Should-Retry: true\r\n", again);
    check("409", "", again);
    check("409", "Stripe-Should-Retry: false\r\n", listen);
    check("500", "", again);
    check("500", "Stripe-Should-Retry: false\r\n", doubt);
    check("500", "Idempotent-Replayed: true\r\n", doubt);
    check("429", "Retry-After: 40\r\n", |verdict| *verdict == Verdict::Again(Duration::from_secs(40)));
    check("503", "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:28:50 GMT\r\n", |verdict| {
        *verdict == Verdict::Again(Duration::from_secs(50))
    });
    for head in ["Request-Id: req_7\r\n", "X-Request-Id: req_7\r\n"] {
        assert_eq!(heard("200", head).unwrap().request_id.as_deref(), Some("req_7"), "{head:?}");
    }
}

#[test]
fn connecting_and_the_round_that_follows_at_once_keep_to_the_pace_together() {
    let limited = Clouds::start(Options { search_lag: Duration::ZERO, ..Options::default() }).unwrap();
    practice_cloud::invent(&limited);
    let mut it = Connected::with(Shop::open(), limited);
    let code = jana(&mut it);
    (0..12).for_each(|n| drop(it.shop.sell(&code, 1000, customer("Mia Brandt", &format!("mia{n}@brandt-post.com")))));
    let it = it.stripe();
    it.sync();
    let it = it.referral_factory();
    it.sync();
    let (stripe, factory) = (it.clouds.stripe(), it.clouds.referral_factory());
    assert!(it.clouds.calls_to("POST", "/v1/customers").len() == 12 && factory.users().len() > 12, "too few to hurry for");
    assert!(stripe.busiest_second() <= 25 && factory.busiest_second() <= 10, "{} and {}", stripe.busiest_second(), factory.busiest_second());
    assert_eq!((stripe.refused_for_pace(), factory.refused_for_pace()), (0, 0));
}
