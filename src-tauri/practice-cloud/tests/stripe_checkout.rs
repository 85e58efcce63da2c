//! What happens at Stripe's own checkout, and how it is heard of.

use std::time::Duration;

use practice_cloud::{Access, CheckoutAsk, EVENT_VERSION, STRIPE_TEST_KEY};
use serde_json::{Value, json};

use crate::support::{Caller, NOW};

fn shop(restrictions: &[(&str, &str)]) -> Caller {
    let caller = Caller::new();
    caller.post("/v1/coupons", &[("id", "spring"), ("percent_off", "12.5"), ("duration", "once")]).ok();
    let mut form = vec![("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("code", "K7MQ-4RTX")];
    form.extend(restrictions);
    caller.post("/v1/promotion_codes", &form).ok();
    caller
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

fn events(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/events?{query}")).ok();
    list["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_paid_checkout_is_heard_of_and_read_with_its_discount() {
    let caller = shop(&[]);
    let made = caller.clouds.stripe().checkout(&CheckoutAsk::new("ben@shop.com", 2500).code("k7mq-4rtx")).unwrap();
    let event = caller.get("/v1/events?types[]=checkout.session.completed").ok()["data"][0].clone();
    assert_eq!((&event["api_version"], &event["data"]["object"]["id"]), (&json!(EVENT_VERSION), &made["id"]));
    assert_eq!(event["data"]["object"].get("discounts"), None, "an event's body is in an old version");

    let plain = caller.get(&format!("/v1/checkout/sessions/{}", id(&made))).ok();
    // 12.5 % of 25.00 are 3.125, which is 3.13.
    assert_eq!((&plain["amount_subtotal"], &plain["amount_total"]), (&json!(2500), &json!(2187)));
    assert!(plain["payment_intent"].is_string() && plain["total_details"].get("breakdown").is_none());
    assert_eq!(plain["total_details"].get("hidden_discounts"), None);

    let path = format!(
        "/v1/checkout/sessions/{}?expand[]=total_details.breakdown&expand[]=payment_intent.latest_charge&expand[]=discounts.promotion_code&expand[]=customer",
        id(&made)
    );
    let whole = caller.get(&path).ok();
    assert_eq!(whole["total_details"]["breakdown"]["discounts"][0]["amount"], 313);
    assert_eq!(whole["payment_intent"]["latest_charge"]["amount_refunded"], 0);
    assert_eq!(whole["discounts"][0]["promotion_code"]["code"], "K7MQ-4RTX");
    assert_eq!(whole["discounts"][0]["promotion_code"]["times_redeemed"], 1);
    assert_eq!(whole["customer"]["email"], "ben@shop.com");
    let listed = caller.get("/v1/checkout/sessions?status=complete&expand[]=data.payment_intent.latest_charge").ok();
    assert_eq!(listed["data"][0]["payment_intent"]["latest_charge"]["object"], "charge");

    caller.get("/v1/checkout/sessions?expand[]=customer").no(400);
    caller.violated("data.customer");
    caller.clouds.stripe().take_permission(STRIPE_TEST_KEY, "rak_charge_read");
    assert!(caller.get(&path).no(403)["error"]["message"].as_str().unwrap().contains("rak_charge_read"));
}

#[test]
fn money_may_come_later_or_not_at_all() {
    let caller = shop(&[]);
    let stripe = caller.clouds.stripe();
    let later = CheckoutAsk { paid: false, ..CheckoutAsk::new("ben@shop.com", 2500) };
    let (one, two) = (stripe.checkout(&later).unwrap(), stripe.checkout(&later).unwrap());
    assert_eq!((&one["status"], &one["payment_status"]), (&json!("complete"), &json!("unpaid")));
    stripe.pay_later(id(&one)).unwrap();
    stripe.fail_later(id(&two)).unwrap();
    let read = |session: &Value| caller.get(&format!("/v1/checkout/sessions/{}", id(session))).ok()["payment_status"].clone();
    assert_eq!((read(&one), read(&two)), (json!("paid"), json!("unpaid")));
    let types = "types[]=checkout.session.async_payment_succeeded&types[]=checkout.session.async_payment_failed";
    assert_eq!(events(&caller, types), ["checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded"]);
    assert!(stripe.pay_later(id(&one)).is_err());
}

#[test]
fn refunds_and_disputes() {
    let caller = shop(&[]);
    let stripe = caller.clouds.stripe();
    let session = stripe.checkout(&CheckoutAsk::new("ben@shop.com", 2500)).unwrap();
    stripe.refund(id(&session), Some(500)).unwrap();
    let pending = stripe.refund_pending(id(&session), None).unwrap();
    assert!(stripe.refund(id(&session), Some(1)).is_err(), "nothing is left");
    let charge = || {
        let path = format!("/v1/checkout/sessions/{}?expand[]=payment_intent.latest_charge", id(&session));
        caller.get(&path).ok()["payment_intent"]["latest_charge"].clone()
    };
    assert_eq!((&charge()["amount_refunded"], &charge()["refunded"]), (&json!(2500), &json!(true)));
    stripe.settle_refund(id(&pending), false).unwrap();
    assert_eq!((&charge()["amount_refunded"], &charge()["refunded"]), (&json!(500), &json!(false)));
    assert_eq!(events(&caller, "types[]=refund.failed&types[]=refund.updated"), ["refund.failed", "refund.updated"]);

    let intent = session["payment_intent"].as_str().unwrap();
    let refunds = caller.get(&format!("/v1/refunds?payment_intent={intent}")).ok();
    assert_eq!(refunds["data"].as_array().unwrap().len(), 2);
    let whole = caller.get(&format!("/v1/charges/{}?expand[]=refunds", charge()["id"].as_str().unwrap())).ok();
    assert_eq!(whole["refunds"]["data"].as_array().unwrap().len(), 2);

    stripe.dispute(id(&session)).unwrap();
    assert_eq!((&charge()["disputed"], &charge()["amount_refunded"]), (&json!(true), &json!(500)));
    let event = caller.get("/v1/events?types[]=charge.dispute.created").ok()["data"][0].clone();
    assert_eq!(event["data"]["object"]["charge"], charge()["id"]);
}

#[test]
fn a_code_is_refused_at_checkout_as_it_is_here() {
    let limits = [
        ("restrictions[minimum_amount]", "3000"),
        ("restrictions[minimum_amount_currency]", "eur"),
        ("restrictions[first_time_transaction]", "true"),
    ];
    let caller = shop(&limits);
    let stripe = caller.clouds.stripe();
    let ask = |amount| CheckoutAsk::new("ben@shop.com", amount).code("K7MQ-4RTX");
    assert!(stripe.checkout(&ask(2999)).unwrap_err().contains("3000"));
    stripe.checkout(&ask(3000)).unwrap();
    assert!(stripe.checkout(&ask(3000)).unwrap_err().contains("first order"));
    let guest = stripe.checkout(&CheckoutAsk { guest: true, ..ask(3000) }).unwrap();
    assert_eq!(guest["customer"], Value::Null, "a guest is not stopped, and leaves no customer");
    assert!(stripe.checkout(&ask(5000).code("UNKNOWN")).is_err());
}

#[test]
fn a_code_is_used_up() {
    let caller = shop(&[("max_redemptions", "1")]);
    let stripe = caller.clouds.stripe();
    let ask = CheckoutAsk::new("ben@shop.com", 2500).code("K7MQ-4RTX");
    let slow = stripe.open_checkout(&ask).unwrap();
    stripe.checkout(&ask).unwrap();
    assert!(stripe.complete_checkout(id(&slow), true).is_err());
    assert_eq!(stripe.promotion_codes()[0]["active"], false);
    assert_eq!(events(&caller, "type=promotion_code.updated").len(), 1);
}

#[test]
fn a_whole_discount_needs_no_payment() {
    let caller = Caller::new();
    caller.clouds.stripe().foreign_code("FREE", 100.0);
    let session = caller.clouds.stripe().checkout(&CheckoutAsk::new("ben@shop.com", 2500).code("free")).unwrap();
    assert_eq!((&session["payment_status"], &session["payment_intent"]), (&json!("no_payment_required"), &Value::Null));
    caller.get(&format!("/v1/checkout/sessions/{}?expand[]=payment_intent.latest_charge", id(&session))).ok();
}

#[test]
fn a_subscription_pays_by_invoices() {
    let caller = shop(&[]);
    let stripe = caller.clouds.stripe();
    stripe.give_permission(&caller.key, "rak_invoice_read");
    let session = stripe.checkout(&CheckoutAsk { subscription: true, ..CheckoutAsk::new("ben@shop.com", 2500) }).unwrap();
    assert_eq!(session["payment_intent"], Value::Null);
    let invoice = stripe.renew(id(&session), 1800).unwrap();
    let subscription = session["subscription"].as_str().unwrap();
    let invoices = caller.get(&format!("/v1/invoices?subscription={subscription}&expand[]=data.payments")).ok();
    assert_eq!((&invoices["data"][0]["amount_paid"], invoices["data"].as_array().unwrap().len()), (&json!(1800), 2));
    let payments = caller.get(&format!("/v1/invoice_payments?invoice={}&expand[]=data.payment.payment_intent", id(&invoice))).ok();
    assert_eq!(payments["data"][0]["payment"]["payment_intent"]["amount"], 1800);
    stripe.refund(id(&invoice), None).unwrap();
    assert_eq!(events(&caller, "types[]=invoice.paid&types[]=charge.refunded"), ["charge.refunded", "invoice.paid", "invoice.paid"]);
}

#[test]
fn events_are_walked_from_a_cursor_until_it_is_gone() {
    let caller = Caller::new();
    for n in 0..5 {
        caller.post("/v1/customers", &[("name", &format!("N{n}"))]).ok();
    }
    let all = caller.get("/v1/events").ok();
    let oldest = id(&all["data"][4]).to_owned();
    let page = caller.get(&format!("/v1/events?limit=3&ending_before={oldest}")).ok();
    assert_eq!((&page["has_more"], &page["data"][2]["id"]), (&json!(true), &all["data"][3]["id"]), "the page next to the cursor");

    caller.clouds.pass(Duration::from_secs(31 * 24 * 3600));
    let gone = caller.get(&format!("/v1/events?ending_before={oldest}")).no(400);
    assert_eq!((&gone["error"]["code"], &gone["error"]["param"]), (&json!("resource_missing"), &json!("ending_before")));
    assert_eq!(caller.get(&format!("/v1/events?created[gte]={NOW}")).ok()["data"], json!([]));

    caller.post("/v1/customers", &[("name", "late")]).ok();
    assert_eq!(events(&caller, &format!("created[gte]={}", NOW + 60)), ["customer.created"]);
    caller.clouds.stripe().forget_events();
    assert_eq!(events(&caller, ""), [""; 0]);
    let many: String = (0..21).map(|n| format!("types[]=t{n}&")).collect();
    caller.get(&format!("/v1/events?{many}")).no(400);
    caller.violated("types");
}

#[test]
fn a_session_is_listed_when_it_was_opened() {
    let caller = shop(&[]);
    let stripe = caller.clouds.stripe();
    let session = stripe.open_checkout(&CheckoutAsk::new("ben@shop.com", 2500)).unwrap();
    caller.clouds.pass(Duration::from_secs(20 * 3600));
    stripe.complete_checkout(id(&session), true).unwrap();
    assert_eq!(caller.get(&format!("/v1/checkout/sessions?created[gte]={}", NOW + 3600)).ok()["data"], json!([]));
    assert_eq!(events(&caller, &format!("type=checkout.session.completed&created[gte]={}", NOW + 3600)).len(), 1);
}

/// With the feature `strict` each of these answers is held against Stripe's own description.
#[test]
fn everything_can_be_listed_and_read_one_by_one() {
    let caller = shop(&[]);
    let stripe = caller.clouds.stripe();
    stripe.add_key("sk_test_whole", Access::Full);
    stripe.give_permission(&caller.key, "rak_invoice_read");
    let ask = CheckoutAsk::new("ben@shop.com", 2500).code("K7MQ-4RTX");
    let session = stripe.checkout(&CheckoutAsk { subscription: true, ..ask.clone() }).unwrap();
    let paid = stripe.checkout(&ask).unwrap();
    stripe.refund(id(&paid), Some(100)).unwrap();
    stripe.renew(id(&session), 900).unwrap();
    for kind in ["coupons", "promotion_codes", "customers", "checkout/sessions", "events", "charges", "payment_intents", "refunds", "invoices"] {
        let list = caller.get(&format!("/v1/{kind}?limit=2&created[lte]={}", NOW + 10)).ok();
        let first = &list["data"][0];
        let read = caller.get(&format!("/v1/{kind}/{}", id(first))).ok();
        assert_eq!(&read, first, "{kind}");
        assert_eq!(caller.get(&format!("/v1/{kind}/none")).no(404)["error"]["code"], "resource_missing", "{kind}");
    }
    assert_eq!(caller.get("/v1/invoice_payments").ok()["data"].as_array().unwrap().len(), 2);
    let expanded = caller.get("/v1/promotion_codes?expand[]=data.promotion.coupon").ok();
    assert_eq!(expanded["data"][0]["promotion"]["coupon"]["id"], "spring");
    caller.get("/v1/refunds?expand[]=data.charge&expand[]=data.payment_intent.latest_charge").ok();
    caller.get("/v1/invoices?expand[]=data.customer&expand[]=data.payments").ok();
    assert!(paid["total_details"].get("hidden_discounts").is_none());
}
