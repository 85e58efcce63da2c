//! Uploading to Stripe and bringing back from it, through real HTTP, with every call held against Stripe's own description.

use counterfoil_core::desk::views::RulesView;
use counterfoil_core::domain::upload::Destination::Stripe;
use counterfoil_core::sync::connect;
use practice_cloud::CheckoutAsk;

use crate::clouds::{Connected, clouds};
use crate::support::{Shop, customer, refund, revoke, void, walk_in};

#[test]
fn a_sale_becomes_a_customer_and_follows_what_becomes_of_it() {
    let mut it = Connected::to_stripe();
    let (_, code) = it.shop.jane();
    let sale = it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt.example"));
    assert_eq!(it.entries(Stripe, "waiting"), 1);
    it.sync();
    assert_eq!(it.entries(Stripe, "uploaded"), 1);
    let customers = it.clouds.clouds().stripe().customers();
    assert_eq!(customers.len(), 1);
    let mia = &customers[0];
    assert_eq!((mia["name"].as_str(), mia["email"].as_str()), (Some("Mia Brandt"), Some("mia@brandt.example")));
    let metadata = &mia["metadata"];
    // 15 % of 49.90 is 7.485, rounded half up: 7.49 off, 42.41 paid.
    for (name, expected) in [
        ("code", code.as_str()),
        ("referrer", "Jane Whitfield"),
        ("campaign", "Harbour Street Salon"),
        ("store", "Harbour Street Salon"),
        ("status", "qualified"),
        ("redemption", sale.id.as_str()),
        ("redemptions", "1"),
        ("amount", "4241"),
        ("currency", "eur"),
    ] {
        assert_eq!(metadata[name].as_str(), Some(expected), "{name}");
    }
    it.shop.desk.refund(&refund(&sale, Some(241), "scratched")).unwrap();
    it.sync();
    assert_eq!(it.clouds.clouds().stripe().customers()[0]["metadata"]["amount"], "4000");
    let twice = it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt.example"));
    it.shop.desk.void(&void(&twice, "twice")).unwrap();
    it.sync();
    let mia = &it.clouds.clouds().stripe().customers()[0];
    assert_eq!((mia["metadata"]["redemptions"].as_str(), mia["metadata"]["amount"].as_str()), (Some("1"), Some("4000")));
    assert_eq!(it.clouds.clouds().stripe().customers().len(), 1);
    it.shop.assert_sound();
}

#[test]
fn a_second_round_sends_nothing() {
    let mut it = Connected::to_stripe();
    let (_, code) = it.shop.jane();
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt.example"));
    it.shop.sell(&code, 990, walk_in());
    it.sync();
    it.clouds.clouds().forget_calls();
    it.sync();
    let writes: Vec<_> = it.clouds.clouds().calls().into_iter().filter(|call| call.method != "GET").collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn thirty_offline_sales_of_one_customer_are_one_customer_with_their_sum() {
    let mut it = Connected::to_stripe();
    let (_, code) = it.shop.jane();
    for _ in 0..30 {
        it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt.example"));
    }
    it.sync();
    let customers = it.clouds.clouds().stripe().customers();
    assert_eq!(customers.len(), 1);
    // 30 × (10.00 - 1.50).
    assert_eq!((customers[0]["metadata"]["amount"].as_str(), customers[0]["metadata"]["redemptions"].as_str()), (Some("25500"), Some("30")));
    assert_eq!(it.entries(Stripe, "uploaded"), 30);
}

#[test]
fn codes_become_promotion_codes_with_their_rules_and_are_switched_off_with_them() {
    let rules = RulesView { first_time_only: true, redemptions_max: Some(3), order_min: None, expires: Some("2031-03-01".into()), starts: None };
    let mut it = Connected::with(Shop::with_rules(rules), clouds()).stripe();
    let (jane, code) = it.shop.jane();
    assert_eq!(connect::send_codes(&mut it.store(), true, it.now()).unwrap(), 1);
    it.sync();
    let promotion = &it.clouds.clouds().stripe().promotion_codes()[0];
    assert_eq!(promotion["code"].as_str(), Some(code.as_str()));
    assert_eq!(promotion["max_redemptions"], 3);
    assert_eq!(promotion["restrictions"]["first_time_transaction"], true);
    // The end of 1 March 2031 in London, which has no summer time then.
    assert_eq!(promotion["expires_at"].as_i64(), Some("2031-03-02T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()));
    let coupon = &it.clouds.clouds().stripe().coupons()[0];
    assert_eq!((coupon["percent_off"].as_f64(), coupon["duration"].as_str()), (Some(15.0), Some("once")));
    it.shop.desk.revoke_code(&revoke(&jane.referrer.id, "moved away")).unwrap();
    it.sync();
    assert_eq!(it.clouds.clouds().stripe().promotion_codes()[0]["active"], false);
}

#[test]
fn uses_at_the_till_and_at_stripe_count_together() {
    let rules = RulesView { redemptions_max: Some(2), ..RulesView::default() };
    let mut it = Connected::with(Shop::with_rules(rules), clouds()).stripe();
    let (_, code) = it.shop.jane();
    connect::send_codes(&mut it.store(), false, it.now()).unwrap();
    it.sync();
    it.shop.sell(&code, 1000, customer("Mia Brandt", "mia@brandt.example"));
    it.sync();
    assert_eq!(it.clouds.clouds().stripe().promotion_codes()[0]["active"], true);
    let ask = CheckoutAsk { promotion_code: Some(code.clone()), name: Some("Tom Ash".into()), ..CheckoutAsk::new("tom@ash.example", 2000) };
    it.clouds.clouds().stripe().checkout(&ask).unwrap();
    it.sync();
    it.sync();
    assert_eq!(it.clouds.clouds().stripe().promotion_codes()[0]["active"], false);
    let refused = it.shop.try_sale(&code, 1000, customer("Ann Lee", "ann@lee.example"));
    assert!(!refused.ticket.allowed);
}

#[test]
fn a_checkout_with_our_code_becomes_a_sale_of_the_right_referrer() {
    let mut it = Connected::to_stripe();
    let (jane, code) = it.shop.jane();
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.sync();
    let ask = CheckoutAsk { promotion_code: Some(code.to_lowercase()), name: Some("Tom Ash".into()), ..CheckoutAsk::new("tom@ash.example", 2000) };
    let session = it.clouds.clouds().stripe().checkout(&ask).unwrap();
    it.sync();
    let today = it.shop.desk.sales_of(None).unwrap();
    assert_eq!(today.counterfoils.len(), 1);
    let sale = &today.counterfoils[0];
    assert_eq!((sale.code.as_str(), sale.order.0, sale.discount.0, sale.paid.0), (code.as_str(), 2000, 300, 1700));
    let person = it.shop.desk.person(&jane.referrer.id).unwrap();
    assert_eq!(person.leads.len(), 1);
    assert_eq!(person.leads[0].name, "Tom Ash");
    // The same events again, and a refund.
    it.clouds.clouds().stripe().refund(session["id"].as_str().unwrap(), Some(700)).unwrap();
    it.sync();
    it.sync();
    assert_eq!(it.shop.count("SELECT count(*) FROM redemption"), 1);
    assert_eq!(it.shop.count("SELECT refunded FROM redemption"), 700);
    it.shop.assert_sound();
}
