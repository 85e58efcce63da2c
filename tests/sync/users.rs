//! Users as Referral Factory has them: who of ours is one user there.

use counterfoil_core::desk::uploads::{EntriesAsk, EntryState};
use counterfoil_core::domain::upload::Destination::ReferralFactory;
use practice_cloud::Clouds;
use serde_json::Value;

use super::truth::jana;
use crate::clouds::Connected;
use crate::support::{code_of, customer};

const TOM: &str = "tom@ash-post.com";

fn clouds(it: &Connected) -> &Clouds {
    it.clouds.clouds()
}

fn campaign(it: &Connected) -> i64 {
    clouds(it).referral_factory().campaigns()[0]["id"].as_i64().unwrap()
}

fn user(it: &Connected, email: &str) -> Value {
    clouds(it).referral_factory().user(campaign(it), email).unwrap()
}

fn id(it: &Connected, email: &str) -> i64 {
    user(it, email)["id"].as_i64().unwrap()
}

fn created(it: &Connected) -> usize {
    clouds(it).calls_to("POST", "/users").len()
}

/// A round that ends by itself: one that would go on for ever is stopped, and fails.
#[track_caller]
fn sync(it: &Connected) {
    const CREATIONS_MAX: usize = 12;
    let before = created(it);
    let report = it.sync_until(|| created(it) > before + CREATIONS_MAX);
    assert!(!report.cancelled, "somebody is created again and again");
}

#[track_caller]
fn stand(it: &Connected, waiting: i64, parked: i64, conflict: i64, needs_a_person: i64) {
    let states = ["waiting", "sending", "parked", "conflict", "needs_a_person"].map(|state| it.entries(ReferralFactory, state));
    assert_eq!(states, [waiting, 0, parked, conflict, needs_a_person]);
}

#[test]
fn two_of_ours_who_are_one_user_there_are_for_a_person_and_nobody_is_created_again_and_again() {
    let mut it = Connected::to_referral_factory();
    jana(&mut it);
    sync(&it);
    // Somebody gave Jana's user the address that Omar has here.
    let janas = user(&it, "jana@salon-post.com");
    clouds(&it).referral_factory().change(janas["id"].as_i64().unwrap(), None, Some("omar@salon-post.com"));
    let omar = it.shop.referrer("Omar Aziz", Some("omar@salon-post.com"), None);
    it.shop.sell(&code_of(&omar), 4990, customer("Tom Ash", TOM));
    sync(&it);
    stand(&it, 0, 1, 0, 1);
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    assert!(entry.why.as_ref().unwrap().contains("one person for two of ours"), "{entry:?}");
    // What Jana has there is not Omar's.
    assert_eq!(it.shop.desk.person(&omar.referrer.id).unwrap().link, None);
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    // The addresses are put right, and it is tried again.
    clouds(&it).referral_factory().change(janas["id"].as_i64().unwrap(), None, Some("jana@salon-post.com"));
    it.shop.desk.retry_entry(&entry.id).unwrap();
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    assert_eq!(user(&it, TOM)["referrer_id"].as_i64(), Some(id(&it, "omar@salon-post.com")));
    it.shop.assert_sound();
}
