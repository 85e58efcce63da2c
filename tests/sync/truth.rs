//! What was sold, kept apart from the product's own books, and whether both clouds say the same.

use std::collections::BTreeMap;

use counterfoil_core::desk::Customer;
use counterfoil_core::desk::views::Counterfoil;
use counterfoil_core::sync::connect;
use practice_cloud::CheckoutAsk;

use crate::clouds::Connected;
use crate::support::{Seeded, code_of, customer};

/// What each customer bought, by e-mail address or phone number: how often, and for how much.
#[derive(Default)]
pub struct Sold(pub BTreeMap<String, (u32, i64)>);

/// Sells some more to some of `people`; 15 % off, rounded half up.
pub fn sell(it: &mut Connected, sold: &mut Sold, code: &str, sales: u32, people: u64, dice: &mut Seeded) {
    for _ in 0..sales {
        let n = dice.below(people);
        let email = format!("mia{n}@brandt-post.com");
        sell_to(it, sold, code, customer(&format!("Mia {n}"), &email), dice);
    }
}

/// Sells to somebody, whom a later sale knows again.
pub fn sell_to(it: &mut Connected, sold: &mut Sold, code: &str, who: Customer, dice: &mut Seeded) -> Counterfoil {
    let (contact, order) = (who.email.clone().or(who.phone.clone()).unwrap(), 1_000 + dice.below(5_000) as i64);
    let known = sold.0.entry(contact).or_default();
    *known = (known.0 + 1, known.1 + order - (order * 15 + 50) / 100);
    it.shop.sell(code, order, who)
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
    settle_until(it, "SELECT count(*) FROM redemption WHERE source = 'stripe'", checkouts);
}

/// Rounds until what this counts here is so many, and everything that follows from it is uploaded.
#[track_caller]
pub fn settle_until(it: &Connected, sql: &str, expected: i64) {
    const ROUNDS_MAX: u32 = 20;
    for _ in 0..ROUNDS_MAX {
        it.settle();
        if it.shop.count(sql) == expected {
            return;
        }
        it.pass(chrono::Duration::minutes(3));
    }
    panic!("not {expected} after {ROUNDS_MAX} rounds: {sql}");
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
        let contact = customer["email"].as_str().or(customer["phone"].as_str()).unwrap();
        there.insert(contact.to_owned(), (number("redemptions") as u32, number("amount")));
        assert_eq!(customer["metadata"]["status"], if number("redemptions") > 0 { "qualified" } else { "pending" });
    }
    assert_eq!(customers.len(), sold.0.len(), "customers at Stripe");
    assert_eq!(there, sold.0);
    let users = it.clouds.referral_factory().users();
    let jana = users.iter().find(|user| user["email"] == "jana@salon-post.com").unwrap();
    let leads: Vec<_> = users.iter().filter(|user| user["type"] == "person_invited").collect();
    let emails: Vec<&str> = leads.iter().map(|lead| lead["email"].as_str().unwrap()).collect();
    let mut sorted = emails.clone();
    sorted.sort_unstable();
    // Referral Factory takes nobody without an e-mail address.
    let (at_both, at_stripe): (Vec<_>, Vec<_>) = sold.0.iter().partition(|(contact, _)| contact.contains('@'));
    assert_eq!(sorted, at_both.iter().map(|(email, _)| email.as_str()).collect::<Vec<_>>(), "leads at Referral Factory");
    assert!(leads.iter().all(|lead| lead["referrer_id"] == jana["id"]));
    for lead in leads {
        assert_eq!(lead["qualified_at"].is_null(), sold.0[lead["email"].as_str().unwrap()].0 == 0, "{lead}");
    }
    let parked =
        it.shop.count("SELECT count(DISTINCT about) FROM outbox WHERE state = 'parked' AND why = 'email' AND destination = 'referral_factory'");
    assert_eq!(parked, at_stripe.len() as i64);
    assert_eq!(it.shop.count("SELECT count(*) FROM outbox WHERE state <> 'uploaded' AND why IS NOT 'email'"), 0);
    assert_eq!(it.clouds.violations(), Vec::<String>::new());
}
