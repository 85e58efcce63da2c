//! Users as Referral Factory has them: one person may be a Lead and a Referrer of ours, and a Lead may be qualified there.

use counterfoil_core::desk::Customer;
use counterfoil_core::desk::mailings::{MailAsk, MailState, MailTo};
use counterfoil_core::desk::people::{EditReferrer, Person};
use counterfoil_core::desk::shop::{CampaignChange, NewShop};
use counterfoil_core::desk::uploads::{EntriesAsk, EntryState};
use counterfoil_core::domain::upload::Destination::ReferralFactory;
use practice_cloud::{Aim, Clouds, Fault};

use super::truth::jana;
use crate::clouds::Connected;
use crate::support::{Shop, code_of, customer, new_shop, op, void};

const MIA: &str = "mia@brandt-post.com";
const TOM: &str = "tom@ash-post.com";

fn clouds(it: &Connected) -> &Clouds {
    it.clouds.clouds()
}

fn id(it: &Connected, email: &str) -> i64 {
    it.user(email)["id"].as_i64().unwrap()
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

fn decide(it: &mut Connected, decision: &str) {
    let conflict = it.shop.desk.conflicts().unwrap().remove(0);
    assert_eq!(conflict.kind, "lead_elsewhere");
    it.shop.desk.resolve_conflict(&conflict.id, decision).unwrap();
}

#[test]
fn two_of_ours_who_are_one_user_there_are_for_a_person_and_nobody_is_created_again_and_again() {
    let mut it = Connected::to_referral_factory();
    jana(&mut it);
    sync(&it);
    // Somebody gave Jana's user the address that Omar has here.
    let janas = it.user("jana@salon-post.com");
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
    assert_eq!(it.user(TOM)["referrer_id"].as_i64(), Some(id(&it, "omar@salon-post.com")));
    it.shop.assert_sound();
}

#[test]
fn a_customer_who_becomes_a_referrer_is_one_user_there() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    let sale = it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    sync(&it);
    let mia = it.shop.referrer("Mia Brandt", Some(MIA), None);
    it.shop.sell(&code_of(&mia), 4990, customer("Tom Ash", TOM));
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    assert_eq!(created(&it), 4, "Jana, Mia as a Lead and as a Referrer, Tom");
    let tom = it.user(TOM);
    assert_eq!(tom["referrer_id"].as_i64(), Some(id(&it, MIA)));
    assert!(!tom["qualified_at"].is_null());
    assert_eq!(it.user(MIA)["referrer_id"].as_i64(), Some(id(&it, "jana@salon-post.com")));
    let page = |it: &Connected| it.shop.desk.person(&mia.referrer.id).unwrap();
    assert_eq!(page(&it).link.as_deref(), it.user(MIA)["url"].as_str());
    // What is brought back, and what is said later, goes to each.
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    sync(&it);
    assert!(it.user(MIA)["qualified_at"].is_null());
    clouds(&it).referral_factory().qualify(id(&it, MIA), true);
    sync(&it);
    sync(&it);
    assert_eq!(it.shop.count("SELECT count(*) FROM lead WHERE name = 'Mia Brandt' AND state = 'qualified'"), 1);
    assert_eq!((page(&it).referrer.name.as_str(), it.shop.count("SELECT count(*) FROM referrer WHERE name LIKE 'Mia%'")), ("Mia Brandt", 1));
    assert_eq!((created(&it), it.shop.desk.conflicts().unwrap()), (4, vec![]));
    it.shop.assert_sound();
}

/// Everything there is to know of Mia: a customer by Jana's code, and a Referrer whose code Tom has.
const MIAS: [fn(&mut Connected, &str); 2] = [
    |it, janas| drop(it.shop.sell(janas, 4990, customer("Mia Brandt", MIA))),
    |it, _| {
        let mia = it.shop.referrer("Mia Brandt", Some(MIA), None);
        it.shop.sell(&code_of(&mia), 4990, customer("Tom Ash", TOM));
    },
];

#[track_caller]
fn mia_is_janas_lead_and_toms_referrer(it: &Connected) {
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    stand(it, 0, 0, 0, 0);
    assert_eq!(it.user(MIA)["referrer_id"].as_i64(), Some(id(it, "jana@salon-post.com")));
    assert_eq!(it.user(TOM)["referrer_id"].as_i64(), Some(id(it, MIA)));
    assert!([MIA, TOM].iter().all(|email| !it.user(email)["qualified_at"].is_null()));
    it.shop.assert_sound();
}

#[test]
fn a_new_lead_who_is_a_new_referrer_too_is_a_lead_there_first() {
    for order in [[0, 1], [1, 0]] {
        for jana_is_there in [true, false] {
            let mut it = Connected::to_referral_factory();
            let janas = jana(&mut it);
            if jana_is_there {
                sync(&it);
            }
            order.iter().for_each(|which| MIAS[*which](&mut it, &janas));
            sync(&it);
            mia_is_janas_lead_and_toms_referrer(&it);
        }
    }
}

#[test]
fn who_could_not_be_sent_as_a_referrer_and_bought_since_is_a_lead_there_first() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    it.clouds.strike(Aim::referral_factory().call("POST", "/users").times(50), Fault::Unavailable);
    MIAS[1](&mut it, &janas);
    it.sync_until(|| created(&it) > 1);
    MIAS[0](&mut it, &janas);
    it.clouds.calm();
    it.settle();
    mia_is_janas_lead_and_toms_referrer(&it);
}

#[test]
fn who_waits_for_what_is_set_aside_waits_no_longer() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    it.clouds.strike(Aim::referral_factory().call("POST", "/users").times(50), Fault::Unavailable);
    (0..2).for_each(|which| MIAS[which](&mut it, &janas));
    it.sync_until(|| created(&it) > 0);
    // Mia waits as a Referrer for herself as a Lead, and so for Jana.
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::Waiting), after: None, rows_max: 10 };
    let waiting = it.shop.desk.entries(&asked).unwrap().rows;
    let lead = waiting.iter().find(|entry| entry.name == "Mia Brandt" && entry.what == "redemption").unwrap();
    it.shop.desk.set_entry_aside(&lead.id).unwrap();
    it.clouds.calm();
    it.settle();
    stand(&it, 0, 1, 0, 0);
    assert_eq!((it.user(MIA)["referrer_id"].as_i64(), it.user(TOM)["referrer_id"].as_i64()), (None, Some(id(&it, MIA))));
    it.shop.assert_sound();
}

#[test]
fn whoever_is_needed_goes_up_also_where_their_own_entry_was_set_aside() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::Waiting), after: None, rows_max: 10 };
    let referrer = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    let aside = it.shop.desk.set_entry_aside(&referrer.id).unwrap();
    assert!(aside.why.as_ref().unwrap().contains("goes along"), "{aside:?}");
    sync(&it);
    assert_eq!(created(&it), 0);
    it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    it.settle();
    stand(&it, 0, 1, 0, 0);
    assert_eq!(it.user(MIA)["referrer_id"].as_i64(), Some(id(&it, "jana@salon-post.com")));
    it.shop.assert_sound();
}

/// Nobody of them is at Referral Factory yet. Each of them has a code.
fn friends(it: &mut Connected, people: usize) -> Vec<Person> {
    (0..people).map(|n| it.shop.referrer(&format!("Friend {n}"), Some(&friend(n)), None)).collect()
}

fn friend(n: usize) -> String {
    format!("friend{n}@brandt-post.com")
}

/// This one's code is used by the next of them, and the last one's by the first.
fn recommend(it: &mut Connected, friends: &[Person], n: usize) {
    let next = (n + 1) % friends.len();
    it.shop.sell(&code_of(&friends[n]), 4990, customer(&format!("Friend {next}"), &friend(next)));
}

/// A round in which nobody can be created, up to the first try.
fn try_in_vain(it: &Connected) {
    it.clouds.strike(Aim::referral_factory().call("POST", "/users").times(50), Fault::Unavailable);
    let before = created(it);
    it.sync_until(|| created(it) > before);
    it.clouds.calm();
}

#[track_caller]
fn only_the_first_is_a_conflict(it: &Connected, people: usize) {
    stand(it, 0, 0, 1, 0);
    for n in 0..people - 1 {
        assert_eq!(it.user(&friend(n + 1))["referrer_id"].as_i64(), Some(id(it, &friend(n))));
    }
    assert_eq!(it.user(&friend(0))["referrer_id"].as_i64(), None);
    it.shop.assert_sound();
}

#[test]
fn of_people_who_recommended_each_other_in_a_circle_only_the_first_is_a_conflict() {
    let mut it = Connected::to_referral_factory();
    let friends = friends(&mut it, 3);
    (0..3).rev().for_each(|n| recommend(&mut it, &friends, n));
    sync(&it);
    only_the_first_is_a_conflict(&it, 3);
}

#[test]
fn a_circle_that_closes_while_its_people_wait_already_keeps_nobody_waiting() {
    let orders: [&[usize]; 8] = [&[0, 1], &[1, 0], &[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]];
    for order in orders {
        let mut it = Connected::to_referral_factory();
        let friends = friends(&mut it, order.len());
        for n in order {
            try_in_vain(&it);
            recommend(&mut it, &friends, *n);
        }
        it.settle();
        only_the_first_is_a_conflict(&it, order.len());
    }
}

#[test]
fn who_waits_for_a_lead_that_is_somebody_else_by_now_goes() {
    let mut it = Connected::to_referral_factory();
    let friends = friends(&mut it, 2);
    recommend(&mut it, &friends, 1);
    try_in_vain(&it);
    let edit = EditReferrer { op: op(), id: friends[0].referrer.id.clone(), name: "Friend 0".to_owned(), email: Some(TOM.to_owned()), phone: None };
    it.shop.desk.edit_referrer(&edit).unwrap();
    assert_eq!(it.shop.count("SELECT count(*) FROM outbox JOIN referrer ON id = about WHERE name = 'Friend 0' AND after IS NOT NULL"), 0);
    recommend(&mut it, &friends, 0);
    it.settle();
    stand(&it, 0, 0, 0, 0);
    assert_eq!(it.user(&friend(1))["referrer_id"].as_i64(), Some(id(&it, TOM)));
    assert_eq!(it.user(&friend(0))["referrer_id"].as_i64(), Some(id(&it, &friend(1))));
    it.shop.assert_sound();
}

#[test]
fn a_referrer_who_buys_with_anothers_code_counts_for_nobody_there_whatever_is_decided() {
    for (decision, parked) in [("leave", 0), ("keep_out", 1)] {
        let mut it = Connected::to_referral_factory();
        let janas = jana(&mut it);
        let mia = it.shop.referrer("Mia Brandt", Some(MIA), None);
        sync(&it);
        it.shop.sell(&janas, 4990, customer("M.", MIA));
        sync(&it);
        stand(&it, 0, 0, 1, 0);
        decide(&mut it, decision);
        sync(&it);
        it.shop.sell(&janas, 990, customer("M.", MIA));
        sync(&it);
        stand(&it, 0, parked * 2, 0, 0);
        // Nobody referred her there, so there is nobody for whom she could count.
        assert!(it.user(MIA)["qualified_at"].is_null());
        assert_eq!(clouds(&it).calls_to("PUT", "/users/qualification").len(), 0);
        assert_eq!((it.user(MIA)["first_name"].as_str(), created(&it)), (Some("Mia Brandt"), 3));
        let page = it.shop.desk.person(&mia.referrer.id).unwrap();
        assert_eq!((page.referrer.name.as_str(), page.link.as_deref()), ("Mia Brandt", it.user(MIA)["url"].as_str()));
        it.shop.assert_sound();
    }
}

#[test]
fn who_refers_there_and_was_referred_by_nobody_is_told_of_as_such_and_so_is_what_becomes_of_it() {
    let said = [
        (
            "en",
            "Mia Brandt was recommended by Jana Weber here. At Referral Factory they are a Referrer themselves whom nobody recommended, \
             which can’t be changed there any more.",
            "Referral Factory is told of no purchase, since nobody would get anything for it there. Here Jana Weber stays.",
            "Referral Factory has this person as a Referrer whom nobody recommended, so it counts for nobody there.",
        ),
        (
            "de",
            "Mia Brandt wurde hier von Jana Weber empfohlen. Bei Referral Factory gehört Mia Brandt selbst zu den Empfehlenden und wurde von \
             niemandem empfohlen, was sich dort nicht mehr ändern lässt.",
            "Referral Factory erfährt von keinem Kauf, weil dort niemand etwas dafür bekäme. Hier bleibt Jana Weber.",
            "Bei Referral Factory gehört diese Person zu den Empfehlenden, ohne selbst empfohlen zu sein: Dort zählt es für niemanden.",
        ),
    ];
    for (language, sentence, effect, why) in said {
        let connected = Connected::with(Shop::with(&NewShop { language: language.to_owned(), ..new_shop() }), crate::clouds::clouds());
        practice_cloud::invent(connected.clouds.clouds());
        let mut it = connected.referral_factory();
        let janas = jana(&mut it);
        it.shop.referrer("Mia Brandt", Some(MIA), None);
        sync(&it);
        it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
        sync(&it);
        let conflict = it.shop.desk.conflicts().unwrap().remove(0);
        assert_eq!((conflict.sentence.as_str(), conflict.decisions[0].effect.as_str()), (sentence, effect));
        assert_eq!(conflict.decisions.iter().map(|decision| decision.id.as_str()).collect::<Vec<_>>(), ["leave", "keep_out"]);
        decide(&mut it, "leave");
        sync(&it);
        let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::Uploaded), after: None, rows_max: 10 };
        let told = it.shop.desk.entries(&asked).unwrap().rows.into_iter().filter_map(|entry| Some((entry.what, entry.why?)));
        assert_eq!(told.collect::<Vec<_>>(), [("redemption".to_owned(), why.to_owned())]);
    }
}

#[test]
fn somebody_invited_there_who_is_a_referrer_here_ends_no_round() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    clouds(&it).referral_factory().add_lead(it.campaign(), id(&it, "jana@salon-post.com"), "Mia", MIA);
    it.shop.referrer("Mia Brandt", Some(MIA), None);
    for _ in 0..2 {
        sync(&it);
    }
    // Nor once she bought here as well.
    it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    for _ in 0..2 {
        sync(&it);
    }
    stand(&it, 0, 0, 0, 0);
    assert!(!it.user(MIA)["qualified_at"].is_null());
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    it.shop.assert_sound();
}

#[test]
fn somebody_who_refers_there_and_is_a_lead_here_ends_no_round_and_comes_once() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    clouds(&it).referral_factory().add_referrer(it.campaign(), "Mia", MIA, None);
    it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    it.sync_calmly();
    stand(&it, 0, 0, 1, 0);
    for _ in 0..3 {
        sync(&it);
    }
    assert_eq!(it.shop.count("SELECT count(*) FROM referrer WHERE name LIKE 'Mia%'"), 1);
    decide(&mut it, "leave");
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    // With the code that she has there, somebody else buys.
    let mias = it.shop.desk.find(MIA).unwrap()[0].code.clone().unwrap();
    it.shop.sell(&mias, 4990, customer("Tom Ash", TOM));
    sync(&it);
    assert_eq!(it.user(TOM)["referrer_id"].as_i64(), Some(id(&it, MIA)));
    it.shop.assert_sound();
}

#[test]
fn whose_name_is_another_there_already_has_ours_at_once_and_a_nameless_lead_keeps_theirs() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    let factory = clouds(&it).referral_factory();
    factory.add_lead(it.campaign(), id(&it, "jana@salon-post.com"), "Mia", MIA);
    factory.add_lead(it.campaign(), id(&it, "jana@salon-post.com"), "Thomas", TOM);
    it.shop.referrer("Mia Brandt", Some(MIA), None);
    it.shop.sell(&janas, 4990, customer("", TOM));
    it.sync_calmly();
    stand(&it, 0, 0, 0, 0);
    assert_eq!((&it.user(MIA)["first_name"], &it.user(TOM)["first_name"]), (&"Mia Brandt".into(), &"Thomas".into()));
}

/// A shop where using a code is not enough, with a Lead there who has no name yet, and Jana's code.
fn with_a_pending_lead() -> (Connected, String) {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(false), ..CampaignChange::new(op()) }).unwrap();
    it.shop.sell(&code, 4990, customer("", TOM));
    sync(&it);
    (it, code)
}

fn is(it: &Connected, state: &str) -> bool {
    it.shop.count(&format!("SELECT count(*) FROM lead WHERE state = '{state}'")) == 1
}

/// Tells his name there, so that an update's answer shows how he stands before anything is brought back.
fn tell_his_name(it: &mut Connected, code: &str) {
    it.shop.sell(code, 990, customer("Tom Ash", TOM));
    let brought = clouds(it).calls_to("GET", "/users").len();
    it.sync_calmly();
    assert_eq!((it.user(TOM)["first_name"].as_str(), clouds(it).calls_to("GET", "/users").len()), (Some("Tom Ash"), brought));
}

#[test]
fn a_qualification_made_there_is_not_lost_where_an_updates_answer_shows_it_first() {
    let (mut it, code) = with_a_pending_lead();
    clouds(&it).referral_factory().qualify(id(&it, TOM), true);
    tell_his_name(&mut it, &code);
    assert!(is(&it, "pending"));
    sync(&it);
    assert!(is(&it, "qualified"));
    assert!(!it.user(TOM)["qualified_at"].is_null());
}

#[test]
fn a_qualification_there_before_we_came_counts_here_too() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    sync(&it);
    it.shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(false), ..CampaignChange::new(op()) }).unwrap();
    let tom = clouds(&it).referral_factory().add_lead(it.campaign(), id(&it, "jana@salon-post.com"), "Tom", TOM);
    clouds(&it).referral_factory().qualify(tom, true);
    it.shop.sell(&code, 4990, customer("Tom Ash", TOM));
    it.sync_calmly();
    sync(&it);
    assert!(is(&it, "qualified"));
}

#[test]
fn a_qualification_taken_back_there_is_not_made_again_where_an_updates_answer_shows_it_first() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("", TOM));
    sync(&it);
    assert!(is(&it, "qualified") && !it.user(TOM)["qualified_at"].is_null());
    clouds(&it).referral_factory().qualify(id(&it, TOM), false);
    tell_his_name(&mut it, &code);
    assert!(it.user(TOM)["qualified_at"].is_null(), "we said it again, over what was decided there");
    sync(&it);
    sync(&it);
    assert!(is(&it, "disqualified") && it.user(TOM)["qualified_at"].is_null());
}

fn delete(it: &Connected, email: &str) -> bool {
    let factory = clouds(it).referral_factory();
    factory.user(it.campaign(), email).is_some_and(|user| factory.delete(user["id"].as_i64().unwrap()))
}

/// A round in which somebody there deletes this person each time they come.
#[track_caller]
fn sync_while_deleted(it: &Connected, email: &str) {
    const CREATIONS_MAX: usize = 12;
    let before = created(it);
    let report = it.sync_until(|| {
        delete(it, email);
        created(it) > before + CREATIONS_MAX
    });
    assert!(!report.cancelled, "{email} is created again and again");
}

/// Jana is there when Tom buys with her code, and one of the two is deleted there whenever they are made: Tom needs a person.
#[track_caller]
fn sold_to_tom_while_somebody_deletes(email: &str) -> Connected {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    it.shop.sell(&janas, 4990, customer("Tom Ash", TOM));
    sync_while_deleted(&it, email);
    stand(&it, 0, 0, 0, 1);
    it
}

#[track_caller]
fn is_janas_and_counts(it: &Connected, email: &str) {
    assert_eq!(it.user(email)["referrer_id"].as_i64(), Some(id(it, "jana@salon-post.com")), "{email}");
    assert!(!it.user(email)["qualified_at"].is_null(), "{email}");
}

#[test]
fn a_lead_who_was_deleted_there_and_counts_now_goes_up_anew() {
    let (mut it, code) = with_a_pending_lead();
    assert!(delete(&it, TOM));
    it.shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(true), ..CampaignChange::new(op()) }).unwrap();
    it.shop.sell(&code, 4990, customer("Tom Ash", TOM));
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    is_janas_and_counts(&it, TOM);
    assert_eq!(created(&it), 3, "Jana, and Tom twice");
    it.shop.assert_sound();
}

#[test]
fn a_lead_who_is_deleted_there_each_time_needs_a_person_and_goes_up_once_it_is_tried_again() {
    let mut it = sold_to_tom_while_somebody_deletes(TOM);
    assert_eq!(created(&it), 3, "Jana, and Tom twice");
    it.shop.desk.retry_all(None).unwrap();
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    is_janas_and_counts(&it, TOM);
}

#[test]
fn a_referrer_who_was_deleted_there_is_made_anew_once_for_all_their_new_leads() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    sync(&it);
    assert!(delete(&it, "jana@salon-post.com"));
    let jana = it.shop.desk.find("jana@salon-post.com").unwrap().remove(0).referrer.id;
    (0..3).for_each(|n| drop(it.shop.sell(&janas, 4990, customer(&format!("Friend {n}"), &friend(n)))));
    clouds(&it).forget_calls();
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    (0..3).for_each(|n| is_janas_and_counts(&it, &friend(n)));
    let of_jana = clouds(&it).calls_to("POST", "/users").into_iter().filter(|call| call.body.contains("\"jana@salon-post.com\""));
    assert_eq!(of_jana.count(), 1);
    assert_eq!(it.shop.desk.person(&jana).unwrap().link.as_deref(), it.user("jana@salon-post.com")["url"].as_str());
    // The code that she has handed out still counts here.
    assert!(it.shop.check(&janas, 4990, customer("Mia Brandt", MIA)).allowed);
    it.shop.assert_sound();
}

#[test]
fn a_referrer_who_is_deleted_there_each_time_leaves_their_leads_to_a_person_until_it_is_tried_again() {
    let mut it = sold_to_tom_while_somebody_deletes("jana@salon-post.com");
    let asked = EntriesAsk { destination: None, state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    assert_eq!((entry.name.as_str(), entry.why.as_deref()), ("Tom Ash", Some("The referrer was not found in this campaign.")));
    it.shop.desk.retry_all(None).unwrap();
    sync(&it);
    stand(&it, 0, 0, 0, 0);
    is_janas_and_counts(&it, TOM);
}

/// Mia was there as Jana's Lead, who does not count for now, and as a Referrer, until somebody deleted her. With Jana's code.
fn both_deleted() -> (Connected, Person, String) {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    let sale = it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    sync(&it);
    let mia = it.shop.referrer("Mia Brandt", Some(MIA), None);
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    sync(&it);
    assert!(delete(&it, MIA));
    (it, mia, janas)
}

#[track_caller]
fn mia_is_both_again(it: &Connected, mia: &Person) {
    stand(it, 0, 0, 0, 0);
    assert_eq!(it.user(MIA)["referrer_id"].as_i64(), Some(id(it, "jana@salon-post.com")));
    assert_eq!(it.shop.desk.person(&mia.referrer.id).unwrap().link.as_deref(), it.user(MIA)["url"].as_str());
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    it.shop.assert_sound();
}

#[test]
fn who_was_deleted_there_as_both_is_a_lead_there_first_again_where_somebody_buys_with_their_code() {
    let (mut it, mia, _) = both_deleted();
    it.shop.sell(&code_of(&mia), 4990, customer("Tom Ash", TOM));
    sync(&it);
    mia_is_both_again(&it, &mia);
    assert_eq!(it.user(TOM)["referrer_id"].as_i64(), Some(id(&it, MIA)));
}

#[test]
fn who_was_deleted_there_as_both_is_a_referrer_there_again_where_they_buy_themselves() {
    let (mut it, mia, janas) = both_deleted();
    it.shop.sell(&janas, 4990, customer("Mia Brandt", MIA));
    sync(&it);
    mia_is_both_again(&it, &mia);
    is_janas_and_counts(&it, MIA);
}

#[test]
fn who_unsubscribed_there_gets_nothing_that_goes_to_many_and_their_page_says_so() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    let omar = it.shop.referrer("Omar Aziz", Some("omar@salon-post.com"), None);
    // Mia is somebody's Lead there, and a Referrer here too.
    MIAS[0](&mut it, &janas);
    sync(&it);
    let mia = it.shop.referrer("Mia Brandt", Some(MIA), None);
    sync(&it);
    let page = |it: &Connected, person: &Person| it.shop.desk.person(&person.referrer.id).unwrap();
    assert!(!page(&it, &omar).unsubscribed && !page(&it, &mia).unsubscribed);
    [MIA, "omar@salon-post.com"].iter().for_each(|email| clouds(&it).referral_factory().unsubscribe(id(&it, email)));
    sync(&it);
    assert!(page(&it, &omar).unsubscribed && page(&it, &mia).unsubscribed);
    let mail = |it: &mut Connected, to: MailTo| {
        let ask = MailAsk { op: op(), to, subject: "Hello".into(), body: "{code}".into(), language: None, card: false, by: None };
        it.shop.desk.begin_mailing(&ask).unwrap();
        it.shop.desk.mailing(&ask.op).unwrap().mails
    };
    let because = "This person unsubscribed at Referral Factory, so they get no e-mail that goes to many. You can still write to them alone.";
    for to in [MailTo::All, MailTo::NotHandedOut] {
        let mails = mail(&mut it, to);
        let (left_out, waiting): (Vec<_>, Vec<_>) = mails.iter().partition(|mail| mail.state == MailState::NotSent);
        assert_eq!(left_out.iter().map(|mail| mail.name.as_str()).collect::<Vec<_>>(), ["Omar Aziz", "Mia Brandt"]);
        assert!(left_out.iter().all(|mail| mail.sentence.as_deref() == Some(because)), "{left_out:?}");
        assert!(waiting.iter().any(|mail| mail.name == "Jana Weber"));
    }
    // Who is made anew there after that gets none either.
    assert!(delete(&it, "omar@salon-post.com"));
    it.shop.sell(&code_of(&omar), 4990, customer("Tom Ash", TOM));
    sync(&it);
    it.shop.clock.forward(chrono::Duration::hours(7));
    sync(&it);
    assert!(it.user("omar@salon-post.com")["unsubscribed_at"].is_null() && page(&it, &omar).unsubscribed);
    // Staff may write to them alone.
    assert_eq!(mail(&mut it, MailTo::These { ids: vec![omar.referrer.id.clone()] })[0].state, MailState::Waiting);
}

#[test]
fn giving_a_lead_to_another_says_what_it_changes_there_and_what_it_does_not() {
    let said = [
        (
            "en",
            "Omar Aziz gets the recommendation, here and in what is uploaded from now on.",
            "Omar Aziz gets the recommendation here. Referral Factory keeps its own referrer for Tom Ash, which can’t be changed there any more.",
        ),
        (
            "de",
            "Omar Aziz bekommt die Empfehlung, hier und in allem, was von nun an hinaufgeht.",
            "Omar Aziz bekommt die Empfehlung hier. Referral Factory behält für Tom Ash die eigene Zuordnung, die sich dort nicht mehr ändern lässt.",
        ),
    ];
    for (language, before, after) in said {
        let connected = Connected::with(Shop::with(&NewShop { language: language.to_owned(), ..new_shop() }), crate::clouds::clouds());
        practice_cloud::invent(connected.clouds.clouds());
        let mut it = connected.referral_factory();
        let janas = jana(&mut it);
        let omar = it.shop.referrer("Omar Aziz", Some("omar@salon-post.com"), None);
        it.shop.sell(&janas, 4990, customer("Tom Ash", TOM));
        it.shop.sell(&code_of(&omar), 4990, customer("Tom Ash", TOM));
        let conflict = |it: &Connected| it.shop.desk.conflicts().unwrap().remove(0);
        let moving = |it: &Connected| conflict(it).decisions[1].effect.clone();
        assert_eq!((conflict(&it).decisions[1].id.as_str(), moving(&it).as_str()), ("move", before));
        sync(&it);
        assert_eq!(moving(&it), after);
        it.shop.desk.resolve_conflict(&conflict(&it).id, "move").unwrap();
        sync(&it);
        stand(&it, 0, 0, 0, 0);
        assert_eq!(it.shop.count("SELECT count(*) FROM lead JOIN referrer ON referrer.n = referrer_n WHERE referrer.name = 'Omar Aziz'"), 1);
        is_janas_and_counts(&it, TOM);
        assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    }
}

#[test]
fn who_gave_no_name_is_listed_by_how_they_can_be_reached() {
    let mut it = Connected::to_referral_factory();
    let janas = jana(&mut it);
    it.shop.sell(&janas, 4990, Customer { email: Some(MIA.into()), ..Customer::default() });
    it.shop.sell(&janas, 4990, Customer { phone: Some("+442079460701".into()), ..Customer::default() });
    it.shop.sell(&janas, 4990, Customer::default());
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: None, after: None, rows_max: 10 };
    let names: Vec<_> = it.shop.desk.entries(&asked).unwrap().rows.into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["", "+442079460701", MIA, "Jana Weber"]);
}
