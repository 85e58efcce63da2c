//! Referral Factory and its traps.

use practice_cloud::{CampaignStatus, Options, PRACTICE_CAMPAIGN, invent};
use serde_json::{Value, json};

use crate::support::{Caller, options};

fn campaign() -> (Caller, i64) {
    let caller = Caller::new();
    invent(&caller.clouds);
    let listed = caller.factory("GET", "/campaigns", None).ok();
    assert_eq!((&listed["data"][0]["name"], &listed["data"][0]["status"]), (&json!(PRACTICE_CAMPAIGN), &json!("launched")));
    let id = listed["data"][0]["id"].as_i64().unwrap();
    (caller, id)
}

fn lead(campaign: i64, email: &str, code: &str) -> Option<Value> {
    Some(json!({"campaign_id": campaign, "first_name": "Ben", "email": email, "notify": false, "referrer": {"field": "code", "value": code},
        "meta": [{"field": "Store", "value": "Mitte"}, {"field": "Shoe size", "value": "44"}]}))
}

#[test]
fn what_must_be_filled_is_asked_of_leads_and_of_referrers() {
    let (caller, campaign) = campaign();
    caller.clouds.referral_factory().set_lead_fields(campaign, &[("Store", true)]);
    caller.clouds.referral_factory().set_referrer_fields(campaign, &[("Phone", true), ("Shoe size", false)]);
    let fields = caller.factory("GET", "/campaigns", None).ok()["data"][0]["fields"].clone();
    let asked = |of: &str| -> Vec<(String, bool)> {
        fields[of].as_array().unwrap().iter().map(|field| (field["label"].as_str().unwrap().to_owned(), field["required"] == true)).collect()
    };
    let [name, email] = ["First Name", "Email"].map(|own| (own.to_owned(), true));
    assert_eq!(asked("person_invited"), [name.clone(), email.clone(), ("Store".into(), true)]);
    assert_eq!(asked("person_referring"), [name, email, ("Phone".into(), true), ("Shoe size".into(), false)]);
    assert_eq!(caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "ueONFmUp")).status, 201);
    let referrer = |meta: Value| Some(json!({"campaign_id": campaign, "first_name": "Ida", "email": "ida@shop.com", "meta": meta}));
    for missing in [json!([]), json!([{"field": "Store", "value": "Mitte"}]), json!([{"field": "Phone", "value": ""}])] {
        let refused = caller.factory("POST", "/users", referrer(missing));
        assert_eq!((refused.status, &refused.body["errors"]["Phone"][0]["message"]), (422, &json!("The Phone field is required.")));
    }
    assert_eq!(caller.factory("POST", "/users", referrer(json!([{"field": "Phone", "value": "+4930"}]))).status, 201);
}

#[test]
fn a_lead_is_made_with_its_referrer_and_qualified_by_id() {
    let (caller, campaign) = campaign();
    let made = caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "ueONFmUp"));
    assert_eq!(made.status, 201);
    let user = made.ok()["data"].clone();
    let jane = caller.factory("GET", "/users/ueONFmUp", None).ok()["data"].clone();
    assert_eq!((&user["referrer_id"], &user["type"], &jane["type"]), (&jane["id"], &json!("person_invited"), &json!("person_referring")));
    assert_eq!(user["meta"], json!([{"field": "Store", "value": "Mitte"}]), "what has no label is dropped");
    assert_eq!(user["code"].as_str().unwrap().len(), 8, "a lead has a code too");

    let done = caller.factory("PUT", "/users/qualification", Some(json!({"qualified": true, "id": user["id"]}))).ok();
    assert!(done["data"]["qualified_at"].is_string());
    let due = caller.factory("GET", "/rewards/due/coupon", None).ok();
    assert_eq!(due["data"][0]["recipient_id"], jane["id"]);
    let back = Some(json!({"qualified": false, "email": "ben@shop.com", "campaign_id": campaign}));
    assert_eq!(caller.factory("PUT", "/users/qualification", back).ok()["data"]["qualified_at"], Value::Null);
    assert_eq!(caller.factory("GET", "/rewards/due/coupon", None).ok()["data"], json!([]));
}

#[test]
fn a_referrers_code_qualifies_nobody() {
    let (caller, _) = campaign();
    caller.factory("PUT", "/users/qualification", Some(json!({"qualified": true, "code": "ueONFmUp"}))).no(422);
    caller.factory("PUT", "/users/qualification", Some(json!({"qualified": true, "code": "nobody"}))).no(404);
    caller.factory("PUT", "/users/qualification", Some(json!({"id": 7}))).no(422);
    caller.violated("qualified");
}

#[test]
fn a_known_email_is_answered_with_its_user_and_the_first_referrer_stays() {
    let (caller, campaign) = campaign();
    let first = caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "ueONFmUp")).ok();
    let again = caller.factory("POST", "/users", lead(campaign, "Ben@Shop.com", "x0Ol1IkQ"));
    assert_eq!(again.status, 200);
    assert_eq!(again.body["data"], first["data"]);
    assert_eq!(caller.clouds.referral_factory().users_count(), 4);

    caller.clouds.referral_factory().refuse_known_emails(true);
    let refused = caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "x0Ol1IkQ")).no(422);
    assert_eq!(refused["errors"]["email"][0]["field"], "email");
    let search = json!({"filters": {"operator": "AND", "value": [
        {"field": "email", "operator": "=", "value": "ben@shop.com"}, {"field": "campaign_id", "operator": "=", "value": campaign}]}});
    assert_eq!(caller.factory("POST", "/users/search", Some(search)).ok()["data"][0]["id"], first["data"]["id"]);
}

#[test]
fn placeholders_and_strangers_are_refused() {
    let (caller, campaign) = campaign();
    for email in ["lead-7@counterfoil.invalid", "ben", "ben@till.local"] {
        assert!(caller.factory("POST", "/users", lead(campaign, email, "ueONFmUp")).no(422)["errors"].get("email").is_some(), "{email}");
    }
    caller.clouds.referral_factory().add_mailless("dead-shop.com");
    caller.factory("POST", "/users", lead(campaign, "ben@dead-shop.com", "ueONFmUp")).no(422);
    let stranger = caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "UEONFMUP")).no(422);
    assert!(stranger["errors"].get("referrer").is_some(), "codes are compared to the letter");
    caller.factory("POST", "/users", Some(json!({"campaign_id": campaign, "email": "a@shop.com"}))).no(422);
    caller.violated("first_name");
    caller.clouds.referral_factory().set_status(campaign, CampaignStatus::Paused);
    caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "ueONFmUp")).no(422);
}

#[test]
fn users_are_paged_changed_and_deleted() {
    let (caller, campaign) = campaign();
    caller.clouds.referral_factory().add_crowd(campaign, 1000);
    let first = caller.factory("GET", "/users?per_page=250&page=1", None).ok();
    assert_eq!(first["meta"], json!({"current_page": 1, "last_page": 5, "per_page": 250, "total": 1003}));
    assert!(first["links"]["next"].as_str().unwrap().contains("page=2"));
    let last = caller.factory("GET", "/users?per_page=250&page=5", None).ok();
    assert_eq!((last["data"].as_array().unwrap().len(), &last["links"]["next"]), (3, &Value::Null));
    assert_eq!(caller.factory("GET", "/users", None).ok()["data"].as_array().unwrap().len(), 25);
    caller.factory("GET", "/users?per_page=251", None).no(422);
    caller.violated("per_page");

    let changed = caller.factory("PUT", "/users/ueONFmUp", Some(json!({"first_name": "Janet", "email": "janet@shop.com"}))).ok();
    assert_eq!((&changed["data"]["first_name"], &changed["data"]["code"]), (&json!("Janet"), &json!("ueONFmUp")));
    caller.factory("DELETE", "/users/ueONFmUp", None).ok();
    caller.factory("GET", "/users/ueONFmUp", None).no(404);
}

#[test]
fn rewards_are_issued_once() {
    let (caller, campaign) = campaign();
    let user = caller.factory("POST", "/users", lead(campaign, "ben@shop.com", "ueONFmUp")).ok();
    caller.clouds.referral_factory().qualify(user["data"]["id"].as_i64().unwrap(), true);
    let due = caller.factory("GET", "/rewards/due/coupon", None).ok();
    let path = format!("/rewards/issue/{}", due["data"][0]["id"]);
    caller.factory("POST", &path, None).ok();
    caller.factory("POST", &path, None).no(410);
    caller.factory("GET", "/rewards/due/gold", None).no(422);
    caller.violated("type");
}

#[test]
fn a_new_token_ends_the_old_one() {
    let (mut caller, _) = campaign();
    caller.clouds.referral_factory().rotate_token("newer");
    caller.factory("GET", "/campaigns", None).no(401);
    caller.token = "newer".to_owned();
    caller.factory("GET", "/campaigns", None).ok();
    caller.token = "sk_test_1".to_owned();
    caller.factory("GET", "/campaigns", None).no(401);
    caller.violated("Stripe key");
}

#[test]
fn ten_calls_a_second() {
    let caller = Caller::with(Options { rates: true, ..options() });
    for _ in 0..2 {
        for _ in 0..10 {
            caller.factory("GET", "/campaigns", None).ok();
        }
        caller.clouds.pass(std::time::Duration::from_secs(1));
    }
    let factory = caller.clouds.referral_factory();
    assert_eq!((factory.busiest_second(), factory.busiest_minute(), factory.refused_for_pace()), (10, 20, 0));
    for _ in 0..10 {
        caller.factory("GET", "/campaigns", None).ok();
    }
    let refused = caller.factory("GET", "/campaigns", None);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    // What the real one tells.
    assert_eq!(refused.header("x-ratelimit-limit"), "600");
    refused.no(429);
    assert_eq!((factory.busiest_second(), factory.busiest_minute(), factory.refused_for_pace()), (11, 31, 1));
}

#[test]
fn unknown_calls_are_violations() {
    let (caller, _) = campaign();
    caller.factory("GET", "/leads", None).no(404);
    caller.violated("/leads");
    caller.factory("PATCH", "/users/7", None).no(405);
    caller.violated("PATCH");
}

#[test]
fn a_crowd_joins_at_once_and_is_read_to_its_end() {
    let (caller, campaign) = campaign();
    let begun = std::time::Instant::now();
    caller.clouds.referral_factory().add_crowd(campaign, 100_000);
    // A debug build on a busy machine takes one or two seconds.
    assert!(begun.elapsed().as_secs() < 30);
    let last = caller.factory("GET", "/users?per_page=250&page=401", None).ok();
    assert_eq!((last["data"].as_array().unwrap().len(), &last["meta"]["last_page"]), (3, &json!(401)));
    assert_eq!(caller.clouds.referral_factory().user(campaign, "referrer99999@crowd.com").unwrap()["first_name"], "Referrer 99999");
}

#[test]
fn whoever_goes_on_after_many_refusals_is_blocked() {
    let caller = Caller::with(Options { rates: true, ..options() });
    let statuses: Vec<u16> = (0..112).map(|_| caller.factory("GET", "/campaigns", None).status).collect();
    assert_eq!((statuses[9], statuses[10], statuses[109], statuses[110]), (200, 429, 429, 403));
    assert!(!caller.clouds.take_violations().is_empty());
}
