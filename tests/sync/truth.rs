//! What was sold, kept apart from the product's own books, and whether both clouds say the same.

use std::collections::BTreeMap;

use counterfoil_core::sync::connect;
use practice_cloud::CheckoutAsk;

use crate::clouds::Connected;
use crate::support::{Seeded, code_of, customer};

/// What each customer bought, by e-mail address: how often, and for how much.
#[derive(Default)]
pub struct Sold(pub BTreeMap<String, (u32, i64)>);

/// Sells some more to some of `people`; 15 % off, rounded half up.
pub fn sell(it: &mut Connected, sold: &mut Sold, code: &str, sales: u32, people: u64, dice: &mut Seeded) {
    for _ in 0..sales {
        let n = dice.below(people);
        let (email, order) = (format!("mia{n}@brandt-post.com"), 1_000 + dice.below(5_000) as i64);
        it.shop.sell(code, order, customer(&format!("Mia {n}"), &email));
        let known = sold.0.entry(email).or_default();
        *known = (known.0 + 1, known.1 + order - (order * 15 + 50) / 100);
    }
}

/// Somebody of `people` buys at Stripe's own checkout, as a guest.
pub fn shop_online(it: &Connected, sold: &mut Sold, code: &str, people: u64, dice: &mut Seeded) {
    let email = format!("mia{}@brandt-post.com", dice.below(people));
    let ask = CheckoutAsk { guest: true, name: Some("Mia".into()), ..CheckoutAsk::new(&email, 1_000 + dice.below(5_000) as i64) };
    let paid = it.clouds.stripe().checkout(&ask.code(code)).unwrap()["amount_total"].as_i64().unwrap();
    let known = sold.0.entry(email).or_default();
    *known = (known.0 + 1, known.1 + paid);
}

/// Jana's code, also at Stripe.
pub fn janas_code_at_stripe(it: &mut Connected) -> String {
    let code = jana(it);
    connect::send_codes(&mut it.store(), true, it.now()).unwrap();
    it.settle();
    code
}

/// Rounds until so many checkouts came here, and everything that follows from them is uploaded.
#[track_caller]
pub fn bring_back(it: &Connected, checkouts: i64) {
    const ROUNDS_MAX: u32 = 20;
    for _ in 0..ROUNDS_MAX {
        it.settle();
        if it.shop.count("SELECT count(*) FROM redemption WHERE source = 'stripe'") == checkouts {
            return;
        }
        it.shop.clock.forward(chrono::Duration::minutes(3));
        it.clouds.pass(std::time::Duration::from_secs(180));
    }
    panic!("checkouts are not here after {ROUNDS_MAX} rounds");
}

/// A Referrer whom both clouds take.
pub fn jana(it: &mut Connected) -> String {
    code_of(&it.shop.referrer("Jana Weber", Some("jana@salon-post.com"), None))
}

/// Every customer is in each cloud exactly once, with what they bought and who recommended them.
#[track_caller]
pub fn check(it: &Connected, sold: &Sold) {
    let customers = it.clouds.stripe().customers();
    let mut there = BTreeMap::new();
    for customer in &customers {
        let number = |name: &str| customer["metadata"][name].as_str().unwrap().parse::<i64>().unwrap();
        there.insert(customer["email"].as_str().unwrap().to_owned(), (number("redemptions") as u32, number("amount")));
        assert_eq!(customer["metadata"]["status"], "qualified");
    }
    assert_eq!(customers.len(), sold.0.len(), "customers at Stripe");
    assert_eq!(there, sold.0);
    let users = it.clouds.referral_factory().users();
    let jana = users.iter().find(|user| user["email"] == "jana@salon-post.com").unwrap();
    let leads: Vec<_> = users.iter().filter(|user| user["type"] == "person_invited").collect();
    let emails: Vec<&str> = leads.iter().map(|lead| lead["email"].as_str().unwrap()).collect();
    let mut sorted = emails.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, sold.0.keys().map(String::as_str).collect::<Vec<_>>(), "leads at Referral Factory");
    assert!(leads.iter().all(|lead| lead["referrer_id"] == jana["id"] && !lead["qualified_at"].is_null()));
    assert_eq!(it.shop.count("SELECT count(*) FROM outbox WHERE state <> 'uploaded'"), 0);
    assert_eq!(it.clouds.violations(), Vec::<String>::new());
}
