//! What can be done by hand from another process.

use serde_json::json;

use crate::support::Caller;

#[test]
fn a_shopper_pays_and_gets_the_money_back() {
    let caller = Caller::new();
    caller.press("/foreign-code", json!({"code": "HELLO", "percent_off": 50})).ok();
    let session = caller.press("/checkout", json!({"email": "ben@shop.com", "amount": 2000, "code": "hello"})).ok();
    assert_eq!(session["amount_total"], 1000);
    caller.press("/refund", json!({"of": session["id"], "amount": 400})).ok();
    caller.press("/dispute", json!({"of": session["id"]})).ok();
    let later = caller.press("/checkout", json!({"email": "ben@shop.com", "amount": 2000, "paid": false})).ok();
    caller.press("/pay-later", json!({"session": later["id"]})).ok();
    assert_eq!(caller.press("/checkout", json!({"amount": 2000, "code": "NONE"})).no(400)["message"], "this code is invalid");
    let stripe = caller.look("")["stripe"].clone();
    assert_eq!((&stripe["customers"], &stripe["promotion_codes"]), (&json!(2), &json!(1)));
}

#[test]
fn people_join_time_passes_and_tokens_change() {
    let caller = Caller::new();
    let campaign = caller.press("/campaign", json!({"name": "Spring"})).ok()["id"].clone();
    caller.press("/referrer", json!({"campaign_id": campaign, "first_name": "Jane", "email": "jane@shop.com", "code": "ueONFmUp"})).ok();
    caller.press("/crowd", json!({"campaign_id": campaign, "count": 10})).ok();
    assert_eq!(caller.look("")["referral_factory"]["users"], 11);
    let before = caller.look("")["now_millis"].as_i64().unwrap();
    caller.press("/pass", json!({"secs": 60})).ok();
    assert_eq!(caller.look("")["now_millis"], before + 60_000);
    caller.press("/rotate-token", json!({"token": "newer"})).ok();
    caller.factory("GET", "/users", None).no(401);
    caller.press("/revoke-key", json!({"key": caller.key})).ok();
    caller.get("/v1/coupons").no(401);
    assert_eq!(caller.look("/calls").as_array().unwrap().len(), 2);
}

#[test]
fn faults_strike_from_afar() {
    let caller = Caller::new();
    caller.press("/strike", json!({"fault": "503", "cloud": "stripe", "method": "GET", "path": "/v1/coupons", "after": 1, "times": 2})).ok();
    let statuses: Vec<u16> = (0..4).map(|_| caller.get("/v1/coupons").status).collect();
    assert_eq!(statuses, [200, 503, 503, 200]);
    caller.press("/strike", json!({"fault": "500"})).ok();
    caller.press("/calm", json!({})).ok();
    caller.get("/v1/coupons").ok();
    assert!(caller.press("/strike", json!({"fault": "earthquake"})).no(400)["message"].as_str().unwrap().contains("close after"));
    assert!(caller.press("/tea", json!({})).status == 400);
}
