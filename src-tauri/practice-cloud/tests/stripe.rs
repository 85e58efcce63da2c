//! Coupons, promotion codes, customers, keys and lists.

use std::time::Duration;

use practice_cloud::{Access, Options, STRIPE_LIVE_KEY, VERSION};
use serde_json::{Value, json};

use crate::support::{Caller, NOW, options};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn coupon(caller: &Caller) {
    caller.post("/v1/coupons", &[("id", "spring"), ("percent_off", "12.5"), ("duration", "once"), ("name", "Spring friends")]).ok();
}

fn code(caller: &Caller, code: &str) -> Value {
    caller.post("/v1/promotion_codes", &[("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("code", code)]).ok()
}

fn message(body: &Value) -> &str {
    body["error"]["message"].as_str().unwrap()
}

#[test]
fn a_coupon_is_made_once_and_read_back() {
    let caller = Caller::new();
    coupon(&caller);
    let again = caller.post("/v1/coupons", &[("id", "spring"), ("percent_off", "12.5"), ("duration", "once")]).no(400);
    assert_eq!(again["error"]["code"], "resource_already_exists");
    let read = caller.get("/v1/coupons/spring").ok();
    assert_eq!((&read["percent_off"], &read["valid"], &read["livemode"]), (&json!(12.5), &json!(true), &json!(false)));
    caller.post("/v1/coupons/spring", &[("name", "Summer"), ("metadata[campaign]", "7")]).ok();
    assert_eq!(caller.get("/v1/coupons").ok()["data"][0]["metadata"]["campaign"], "7");
    caller.post("/v1/coupons/spring", &[("percent_off", "50")]).no(400);
    caller.violated("percent_off");
    caller.post("/v1/coupons", &[("percent_off", "0")]).no(400);
    caller.violated("percent_off");
    caller.post("/v1/coupons", &[("amount_off", "500"), ("currency", "EUR"), ("duration", "repeating"), ("duration_in_months", "3")]).ok();
    assert_eq!(caller.get("/v1/coupons/none").no(404)["error"]["code"], "resource_missing");
}

#[test]
fn a_code_is_unique_regardless_of_case_among_active_ones() {
    let caller = Caller::new();
    coupon(&caller);
    let first = code(&caller, "K7MQ-4RTX");
    assert_eq!(first["promotion"], json!({"type": "coupon", "coupon": "spring"}));
    let form = [("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("code", "k7mq-4rtx")];
    let clash = caller.post("/v1/promotion_codes", &form);
    assert_eq!(clash.header("stripe-should-retry"), "false");
    let clash = clash.no(400);
    assert_eq!(message(&clash), "An active promotion code with `code: k7mq-4rtx` already exists.");
    assert_eq!(clash["error"].get("code"), None, "only the message says it");

    let found = caller.get("/v1/promotion_codes?code=k7Mq-4rtX&active=true").ok();
    assert_eq!(found["data"][0]["id"], first["id"]);
    let path = format!("/v1/promotion_codes/{}", first["id"].as_str().unwrap());
    caller.post(&path, &[("active", "false")]).ok();
    code(&caller, "k7mq-4rtx");
    assert!(message(&caller.post(&path, &[("active", "true")]).no(400)).contains("already exists"));
}

#[test]
fn the_older_form_of_a_code_is_refused() {
    let caller = Caller::new();
    coupon(&caller);
    let refused = caller.post("/v1/promotion_codes", &[("coupon", "spring"), ("code", "OLD")]).no(400);
    assert_eq!((&refused["error"]["code"], &refused["error"]["param"]), (&json!("parameter_unknown"), &json!("coupon")));
    caller.violated("coupon");
    let made = code(&caller, "NEW");
    let path = format!("/v1/promotion_codes/{}", made["id"].as_str().unwrap());
    caller.post(&path, &[("code", "OTHER")]).no(400);
    caller.violated("code");
    caller.post("/v1/promotion_codes", &[("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("code", "no spaces")]).no(400);
    caller.violated("letters, digits and dashes");
}

#[test]
fn a_code_ends_with_its_time_or_its_coupon() {
    let caller = Caller::new();
    coupon(&caller);
    let ends = (NOW + 3600).to_string();
    let form = [("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("code", "SHORT"), ("expires_at", &ends)];
    caller.post("/v1/promotion_codes", &form).ok();
    code(&caller, "LONG");
    caller.clouds.pass(Duration::from_secs(3601));
    assert_eq!(caller.get("/v1/promotion_codes?active=true").ok()["data"].as_array().unwrap().len(), 1);
    caller.delete("/v1/coupons/spring").ok();
    assert_eq!(caller.get("/v1/promotion_codes?active=true").ok()["data"], json!([]));
    let types: Vec<String> = caller.clouds.stripe().events().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    assert!(types.iter().any(|kind| kind == "coupon.deleted") && types.iter().filter(|kind| *kind == "promotion_code.updated").count() == 2);
}

#[test]
fn customers_are_not_merged_and_found_exactly() {
    let caller = Caller::new();
    let ann = caller.post("/v1/customers", &[("email", "Ann@Shop.com"), ("name", "Ann"), ("metadata[lead]", "7"), ("metadata[till]", "2")]).ok();
    caller.post("/v1/customers", &[("email", "Ann@Shop.com")]).ok();
    let list = |email: &str| caller.get(&format!("/v1/customers?email={email}")).ok()["data"].as_array().unwrap().len();
    assert_eq!((list("Ann%40Shop.com"), list("ann%40shop.com")), (2, 0));

    let path = format!("/v1/customers/{}", ann["id"].as_str().unwrap());
    let changed = caller.post(&path, &[("phone", "+49301234567"), ("metadata[lead]", ""), ("email", "ann@new.com")]).ok();
    assert_eq!((&changed["metadata"], &changed["phone"]), (&json!({"till": "2"}), &json!("+49301234567")));
    assert_eq!((list("Ann%40Shop.com"), list("ann%40new.com")), (1, 1));
    assert_eq!(caller.post("/v1/customers", &[("email", "nobody")]).no(400)["error"]["code"], "email_invalid");
    caller.post("/v1/customers", &[("phone", "+4930123456789012345678")]).no(400);
    caller.violated("phone");

    caller.delete(&path).ok();
    assert_eq!(caller.get(&path).ok()["deleted"], true);
    assert_eq!(list("ann%40new.com"), 0);
    caller.post(&path, &[("name", "Ann")]).no(404);
}

#[test]
fn search_lags_behind() {
    let caller = Caller::new();
    caller.post("/v1/customers", &[("email", "ann@shop.com"), ("metadata[lead]", "7")]).ok();
    let query = "/v1/customers/search?query=metadata%5B%27lead%27%5D%3A%277%27";
    assert_eq!(caller.get(query).ok()["data"], json!([]));
    caller.clouds.pass(Duration::from_secs(60));
    assert_eq!(caller.get(query).ok()["data"][0]["email"], "ann@shop.com");
}

#[test]
fn an_answer_is_kept_under_its_key_for_a_day() {
    let caller = Caller::new();
    let form = [("email", "ann@shop.com")];
    let first = caller.post_under("K", "/v1/customers", &form).unwrap();
    let second = caller.post_under("K", "/v1/customers", &form).unwrap();
    assert_eq!((second.header("idempotent-replayed"), &second.body["id"]), ("true", &first.body["id"]));
    let other = caller.post_under("K", "/v1/customers", &[("email", "ben@shop.com")]).unwrap().no(400);
    assert_eq!(other["error"]["type"], "idempotency_error");
    caller.violated("Keys for idempotent requests");
    caller.clouds.pass(DAY);
    let late = caller.post_under("K", "/v1/customers", &form).unwrap().ok();
    assert_ne!(late["id"], first.body["id"], "the key is forgotten, so there are two now");
    assert_eq!(caller.clouds.stripe().counts().0, 2);
}

#[test]
fn a_refused_parameter_is_not_kept_under_its_key() {
    let caller = Caller::new();
    caller.post_under("K", "/v1/customers", &[("email", "nobody")]).unwrap().no(400);
    caller.post_under("K", "/v1/customers", &[("email", "ann@shop.com")]).unwrap().ok();
}

#[test]
fn a_key_in_flight_is_said_to_be() {
    let caller = Caller::with(Options { delay: Duration::from_millis(300), ..options() });
    let ask = || caller.stripe("POST", "/v1/customers").header("Idempotency-Key", "K").form(&[("name", "Ann")]);
    let [first, second] = caller.both(ask(), ask());
    first.ok();
    // The second one waits as long and comes when the first is done, so it hears the kept answer; a faster one hears 409.
    assert_eq!(second.header("idempotent-replayed"), "true");

    let caller = Caller::new();
    caller.clouds.next_fault(practice_cloud::Fault::Delay(Duration::from_millis(300)));
    let ask = || caller.stripe("POST", "/v1/customers").header("Idempotency-Key", "K").form(&[("name", "Ann")]);
    let [first, second] = caller.both(ask(), ask());
    first.ok();
    assert_eq!(second.header("stripe-should-retry"), "true");
    assert_eq!(second.no(409)["error"]["code"], "idempotency_key_in_use");
    assert_eq!(caller.clouds.stripe().counts().0, 1);
}

#[test]
fn keys_versions_and_permissions() {
    let mut caller = Caller::new();
    let no_version = caller.stripe("GET", "/v1/coupons").header("Stripe-Version", "2024-01-01");
    caller.send(no_version).unwrap().no(400);
    caller.violated(VERSION);

    let stripe = caller.clouds.stripe();
    stripe.take_permission(&caller.key, "rak_customer_write");
    let refused = caller.post("/v1/customers", &[("name", "Ann")]).no(403);
    assert!(message(&refused).contains("rak_customer_write"));
    stripe.give_permission(&caller.key, "rak_customer_read");
    caller.get("/v1/customers?limit=1").ok();
    assert!(message(&caller.get("/v1/account").no(403)).contains("rak_accounts"));

    stripe.revoke_key(&caller.key);
    let gone = caller.get("/v1/coupons");
    assert!(gone.header("request-id").starts_with("req_"));
    assert!(!message(&gone.no(401)).contains("practice4"), "a key is never said whole");
    stripe.add_key("sk_test_other", Access::Full);
    caller.key = "sk_test_other".to_owned();
    caller.get("/v1/account").ok();
    caller.key = "practice-token".to_owned();
    caller.get("/v1/coupons").no(401);
    caller.violated("no Stripe key");
}

#[test]
fn test_and_live_are_two_worlds() {
    let mut caller = Caller::new();
    caller.post("/v1/customers", &[("name", "Test")]).ok();
    caller.key = STRIPE_LIVE_KEY.to_owned();
    assert_eq!(caller.get("/v1/customers").ok()["data"], json!([]));
    assert_eq!(caller.post("/v1/customers", &[("name", "Live")]).ok()["livemode"], true);
    assert_eq!((caller.clouds.stripe().counts().0, caller.clouds.stripe_live().counts().0), (1, 1));
}

#[test]
fn lists_have_pages() {
    let caller = Caller::new();
    for n in 0..5 {
        caller.post("/v1/customers", &[("name", &format!("N{n}"))]).ok();
    }
    let page = caller.get("/v1/customers?limit=2").ok();
    assert_eq!((&page["has_more"], &page["data"][0]["name"]), (&json!(true), &json!("N4")));
    let next = caller.get(&format!("/v1/customers?limit=100&starting_after={}", page["data"][1]["id"].as_str().unwrap())).ok();
    assert_eq!((&next["has_more"], next["data"].as_array().unwrap().len()), (&json!(false), 3));
    caller.get("/v1/customers?limit=101").no(400);
    caller.violated("limit");
    caller.get("/v1/customers?colour=red").no(400);
    caller.violated("colour");
    caller.get("/v1/gadgets").no(404);
    caller.violated("gadgets");
}

#[test]
fn too_many_calls_are_refused_and_counted() {
    let caller = Caller::with(Options { rates: true, ..options() });
    for _ in 0..25 {
        caller.get("/v1/coupons").ok();
    }
    let refused = caller.get("/v1/coupons");
    assert_eq!(refused.header("stripe-should-retry"), "true");
    assert_eq!(refused.no(429)["error"]["code"], "rate_limit");
    caller.clouds.pass(Duration::from_secs(1));
    caller.get("/v1/coupons").ok();
    assert_eq!((caller.clouds.stripe().busiest_second(), caller.clouds.stripe().refused_for_pace()), (26, 1));
}

#[test]
fn a_live_account_takes_a_hundred_calls_a_second_and_each_endpoint_a_quarter_of_them() {
    let mut caller = Caller::with(Options { rates: true, ..options() });
    caller.key = STRIPE_LIVE_KEY.to_owned();
    for _ in 0..25 {
        caller.get("/v1/coupons").ok();
    }
    assert_eq!(caller.get("/v1/coupons").no(429)["error"]["code"], "rate_limit");
    for kind in ["customers", "promotion_codes"] {
        for _ in 0..25 {
            caller.get(&format!("/v1/{kind}")).ok();
        }
    }
    assert_eq!(caller.clouds.stripe_live().refused_for_pace(), 1);
}

#[test]
fn a_prefix_stands_before_everything() {
    let caller = Caller::with(Options { prefix: "/some/box".to_owned(), ..options() });
    assert!(caller.clouds.stripe_url().ends_with("/some/box/stripe"));
    caller.get("/v1/coupons").ok();
}

#[cfg(feature = "strict")]
#[test]
fn stripes_own_description_judges_requests() {
    let caller = Caller::new();
    coupon(&caller);
    let form = [("promotion[type]", "coupon"), ("promotion[coupon]", "spring"), ("restrictions[first_time_transaction]", "maybe")];
    caller.post("/v1/promotion_codes", &form).no(400);
    caller.violated("first_time_transaction");
    let unkeyed = caller.stripe("POST", "/v1/customers").form(&[("name", "Ann")]);
    caller.send(unkeyed).unwrap().no(400);
    caller.violated("Idempotency-Key");
    caller.post("/v1/customers", &[("metadata[a][b]", "c")]).no(400);
    caller.violated("metadata");
    caller.post("/v1/customers", &[("metadata", "")]).ok();
}

#[test]
#[should_panic(expected = "calls that must never be made")]
fn violations_are_a_panic_at_the_end() {
    Caller::new().get("/v1/gadgets").no(404);
}

#[test]
fn a_key_in_an_address_is_a_violation() {
    let caller = Caller::new();
    caller.get(&format!("/v1/coupons?key={}", caller.key)).no(400);
    caller.violated("address");
}

#[test]
fn a_replay_names_the_request_that_it_replays() {
    let caller = Caller::new();
    let first = caller.post_under("K", "/v1/customers", &[("name", "Ann")]).unwrap();
    let second = caller.post_under("K", "/v1/customers", &[("name", "Ann")]).unwrap();
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_ne!(second.header("request-id"), first.header("request-id"));
}

#[test]
fn a_write_whose_expansion_is_refused_is_not_done_twice() {
    let caller = Caller::new();
    for _ in 0..2 {
        caller.post_under("K", "/v1/customers", &[("name", "Ann"), ("expand[]", "shoes")]).unwrap().no(400);
    }
    caller.violated("shoes");
    assert_eq!(caller.clouds.stripe().counts().0, 1);
}
