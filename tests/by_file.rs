//! Referral Factory by hand: what stands in which file, and what a person says was uploaded.

use counterfoil_core::desk::handover::HandoverKind::{self, Leads, Qualify, Referrers};
use counterfoil_core::desk::people::{EditReferrer, NewCode};
use counterfoil_core::desk::uploads::{EntriesAsk, EntryState, EntryView};
use counterfoil_core::domain::upload::Destination::ReferralFactory;
use counterfoil_core::sync::connect;
use counterfoil_core::sync::fields::{self, CampaignField, FieldOf, FieldValue};
use practice_cloud::{Aim, CampaignStatus, Fault};

use crate::clouds::{Connected, clouds};
use crate::support::{Shop, code_of, customer, op, referrer, void};

const ALL: [HandoverKind; 3] = [Referrers, Leads, Qualify];

/// The rows of a file as it is written now, without its heading.
#[track_caller]
fn rows(shop: &mut Shop, kind: HandoverKind) -> Vec<String> {
    let file = shop.path().join(kind.name());
    let rows = shop.desk.write_referral_factory_file(kind, &file).unwrap();
    let lines: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().skip(1).map(str::to_owned).collect();
    assert_eq!(lines.len(), rows as usize);
    lines
}

/// How much waits, and how much is parked.
fn counts(shop: &Shop) -> (u32, u32) {
    let factory = shop.desk.sync_view().unwrap().destinations.into_iter().find(|one| one.name == ReferralFactory).unwrap();
    (factory.waiting, factory.parked)
}

/// All three are written, uploaded and said to be.
#[track_caller]
fn hand_over(shop: &mut Shop) {
    for kind in ALL {
        rows(shop, kind);
    }
    say_uploaded(shop);
}

fn say_uploaded(shop: &mut Shop) {
    for kind in ALL {
        shop.desk.handed_over(kind).unwrap();
    }
}

#[test]
fn what_waits_for_a_file_is_not_uploaded_although_stripe_has_it() {
    let mut it = Connected::to_stripe();
    let code = code_of(&it.shop.referrer("Jana Weber", Some("jana@salon-post.com"), None));
    let files = tempfile::tempdir().unwrap();
    #[track_caller]
    fn check(it: &Connected, waiting: u32, by_file: bool) {
        let today = it.shop.desk.sales_of(None).unwrap();
        assert_eq!((today.waiting.waiting, today.waiting.by_file, today.waiting.connected), (waiting, by_file, true));
        assert_eq!(today.counterfoils[0].uploaded, Some(waiting == 0));
        // The Sync screen says the same of Referral Factory.
        let factory = it.shop.desk.sync_view().unwrap().destinations.into_iter().find(|one| one.name == ReferralFactory).unwrap();
        if by_file {
            assert_eq!((factory.by_file, factory.waiting, factory.waiting_since), (true, waiting, today.waiting.since));
        }
    }
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    // Nobody has said yet that anything is to go to Referral Factory.
    check(&it, 0, false);
    for kind in ALL {
        it.shop.desk.write_referral_factory_file(kind, &files.path().join(kind.name())).unwrap();
    }
    check(&it, 1, true);
    for kind in ALL {
        it.shop.desk.handed_over(kind).unwrap();
    }
    check(&it, 0, false);
    // The next sale waits for the next file.
    it.shop.sell(&code, 2000, customer("Tom Ash", "tom@ash-post.com"));
    it.settle();
    check(&it, 1, true);
    // Whoever hands over no more files is not told for ever that something waits for one; the next file is one again.
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    check(&it, 0, false);
    it.shop.desk.write_referral_factory_file(Leads, &files.path().join("leads")).unwrap();
    check(&it, 1, true);
    // Connected, it goes up by itself.
    practice_cloud::invent(it.clouds.clouds());
    let it = it.referral_factory();
    check(&it, 1, false);
    it.settle();
    check(&it, 0, false);
}

#[test]
fn by_file_every_referrer_goes_over_also_without_a_lead_and_none_twice() {
    let mut shop = Shop::open();
    for (name, email) in [("Jana Weber", Some("jana@salon-post.com")), ("Omar Aziz", Some("omar@salon-post.com")), ("Zoe", None)] {
        shop.desk.add_referrer(&referrer(name, email, Some("+44 20 7946 0701").filter(|_| email.is_none()), NewCode::None)).unwrap();
    }
    let both = ["Jana Weber,jana@salon-post.com", "Omar Aziz,omar@salon-post.com"];
    assert_eq!(rows(&mut shop, Referrers), both);
    assert_eq!(rows(&mut shop, Referrers), both, "written once more, nobody is in it twice");
    // The third can't go there without an address. Nothing waits for a file that was only looked at.
    assert_eq!(shop.count("SELECT count(*) FROM outbox"), 0);
    shop.desk.handed_over(Referrers).unwrap();
    assert_eq!((rows(&mut shop, Referrers), counts(&shop)), (Vec::new(), (0, 0)));
    // Who comes later is in the next file, alone.
    shop.desk.add_referrer(&referrer("Ann Lee", Some("ann@lee-post.com"), None, NewCode::None)).unwrap();
    assert_eq!((rows(&mut shop, Referrers), counts(&shop)), (vec!["Ann Lee,ann@lee-post.com".to_owned()], (1, 0)));
    // Whom a file brought there is not told of by one again.
    edit(&mut shop, "jana@salon-post.com", "Jana Brandt");
    assert_eq!(counts(&shop), (1, 0));
    // Whom somebody set aside is in none.
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::Waiting), after: None, rows_max: 10 };
    let ann = shop.desk.entries(&asked).unwrap().rows.remove(0);
    shop.desk.set_entry_aside(&ann.id).unwrap();
    assert_eq!(rows(&mut shop, Referrers), Vec::<String>::new());
    shop.desk.retry_entry(&ann.id).unwrap();
    shop.desk.add_referrer(&referrer("No Address", None, Some("+44 20 7946 0702"), NewCode::None)).unwrap();
    assert_eq!(counts(&shop), (1, 0));
}

/// Who referred somebody is said as they are created there, or never.
#[test]
fn a_new_lead_who_is_a_new_referrer_too_goes_over_as_a_lead_first() {
    let mut shop = Shop::open();
    let jana = code_of(&shop.referrer("Jana", Some("jana@salon-post.com"), None));
    shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    let mia = code_of(&shop.referrer("Mia", Some("mia@brandt-post.com"), None));
    shop.sell(&mia, 4990, customer("Tom", "tom@ash-post.com"));
    assert_eq!(rows(&mut shop, Referrers), ["Jana,jana@salon-post.com"]);
    assert_eq!(rows(&mut shop, Leads), ["Mia,mia@brandt-post.com,jana@salon-post.com"]);
    assert_eq!(rows(&mut shop, Qualify), ["mia@brandt-post.com"]);
    say_uploaded(&mut shop);
    // Mia is there, and needs to be in no file of Referrers; Tom, whom she recommended, comes after her.
    assert_eq!(rows(&mut shop, Referrers), Vec::<String>::new());
    assert_eq!(rows(&mut shop, Leads), ["Tom,tom@ash-post.com,mia@brandt-post.com"]);
    assert_eq!(rows(&mut shop, Qualify), ["tom@ash-post.com"]);
    say_uploaded(&mut shop);
    assert_eq!(counts(&shop), (0, 0));
    // What is changed of Mia as a Referrer no file needs to say.
    edit(&mut shop, "mia@brandt-post.com", "Mia Brandt");
    assert_eq!((rows(&mut shop, Referrers), counts(&shop)), (Vec::new(), (0, 0)));
    assert_eq!(shop.count("SELECT count(*) FROM remote WHERE facts ->> 'untold'"), 1);
}

/// The API still has the Lead in hand, and does not get on.
#[test]
fn a_lead_in_the_apis_hands_is_no_referrer_by_file() {
    let mut it = Connected::to_referral_factory();
    let jana = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    it.settle();
    it.clouds.clouds().referral_factory().rotate_token("a-newer-token");
    it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "sending"), 1, "refused with the old token");
    let mia = code_of(&it.shop.referrer("Mia", Some("mia@brandt-post.com"), None));
    it.shop.sell(&mia, 4990, customer("Tom", "tom@ash-post.com"));
    assert_eq!(ALL.map(|kind| rows(&mut it.shop, kind)), [const { Vec::<String>::new() }; 3]);
    let url = it.clouds.referral_factory_url();
    connect::referral_factory(&mut it.store(), Some(&it.keys), &url, "a-newer-token", None, it.now()).unwrap();
    it.settle();
    assert_eq!(it.user("mia@brandt-post.com")["referrer_id"], it.user("jana@salon-post.com")["id"]);
}

#[test]
fn what_no_file_can_say_is_said_the_day_the_api_is_connected() {
    let mut it = Connected::to_referral_factory();
    let field = CampaignField { of: FieldOf::Lead, label: "Order total".into(), required: false, value: Some(FieldValue::Amount) };
    fields::set_fields(&mut it.store(), &[field], it.now()).unwrap();
    let jana = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    it.settle();
    let total = |it: &Connected| it.user("mia@brandt-post.com")["meta"][0]["value"].clone();
    // 15 % off 49.90 is 7.49, rounded half up.
    assert_eq!(total(&it), "42.41");
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    edit(&mut it.shop, "jana@salon-post.com", "Jana Weber");
    it.shop.referrer("Omar", Some("omar@salon-post.com"), None);
    hand_over(&mut it.shop);
    edit(&mut it.shop, "omar@salon-post.com", "Omar Aziz");
    assert_eq!((rows(&mut it.shop, Referrers), counts(&it.shop)), (Vec::new(), (0, 0)));
    let it = it.referral_factory();
    it.settle();
    let name = |email| it.user(email)["first_name"].clone();
    assert_eq!((total(&it), name("jana@salon-post.com"), name("omar@salon-post.com")), ("84.82".into(), "Jana Weber".into(), "Omar Aziz".into()));
}

#[test]
fn that_somebody_counts_no_more_no_file_takes_back_but_a_person_or_the_api() {
    let mut it = Connected::with(Shop::open(), clouds());
    let jana = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    hand_over(&mut it.shop);
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    assert_eq!(rows(&mut it.shop, Qualify), Vec::<String>::new());
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    let entry = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    assert!(entry.why.unwrap().contains("Take it back there by hand"));
    // What the files said is so there.
    practice_cloud::invent(it.clouds.clouds());
    let (campaign, factory) = (it.campaign(), it.clouds.clouds().referral_factory());
    let jana = factory.add_referrer(campaign, "Jana", "jana@salon-post.com", None);
    let mia = factory.add_lead(campaign, jana, "Mia", "mia@brandt-post.com");
    factory.qualify(mia, true);
    let it = it.referral_factory();
    it.settle();
    assert!(it.user("mia@brandt-post.com")["qualified_at"].is_null());
    assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 0);
}

/// Mia counted by file and does not any more; the shop, the sale's code and the entry that says so.
fn to_be_taken_back() -> (Shop, String, EntryView) {
    let mut shop = Shop::open();
    let jana = code_of(&shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    hand_over(&mut shop);
    shop.desk.void(&void(&sale, "wrong total")).unwrap();
    rows(&mut shop, Leads);
    let entry = needs_a_person(&shop).remove(0);
    (shop, jana, entry)
}

fn needs_a_person(shop: &Shop) -> Vec<EntryView> {
    let asked = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::NeedsAPerson), after: None, rows_max: 10 };
    shop.desk.entries(&asked).unwrap().rows
}

#[test]
fn who_was_taken_back_by_hand_and_buys_again_counts_again_there() {
    for set_aside in [true, false] {
        let (mut shop, code, entry) = to_be_taken_back();
        if set_aside {
            shop.desk.set_entry_aside(&entry.id).unwrap();
            assert_eq!((rows(&mut shop, Qualify), needs_a_person(&shop)), (Vec::new(), Vec::new()));
            assert!(shop.desk.entry(&entry.id).unwrap().entry.why.unwrap().starts_with("Handed over by file"));
        }
        let again = shop.sell(&code, 2000, customer("Mia", "mia@brandt-post.com"));
        assert_eq!(rows(&mut shop, Qualify), ["mia@brandt-post.com"]);
        shop.desk.handed_over(Qualify).unwrap();
        assert_eq!((counts(&shop), needs_a_person(&shop)), ((0, 0), Vec::new()));
        assert_eq!(shop.desk.sales_of(None).unwrap().counterfoils[0].uploaded, Some(true));
        // And may be taken back once more.
        shop.desk.void(&void(&again, "wrong again")).unwrap();
        rows(&mut shop, Leads);
        assert_eq!(needs_a_person(&shop).len(), 1);
    }
}

#[test]
fn what_was_taken_for_done_too_soon_is_asked_for_again() {
    let (mut shop, _, entry) = to_be_taken_back();
    shop.desk.set_entry_aside(&entry.id).unwrap();
    shop.desk.retry_entry(&entry.id).unwrap();
    rows(&mut shop, Leads);
    assert_eq!(needs_a_person(&shop).len(), 1);
}

#[test]
fn the_api_says_again_that_somebody_counts_who_was_taken_back_by_hand() {
    let mut it = Connected::to_referral_factory();
    let jana = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    it.settle();
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    rows(&mut it.shop, Leads);
    // By hand, as the entry says.
    let mia = it.user("mia@brandt-post.com")["id"].as_i64().unwrap();
    it.clouds.clouds().referral_factory().qualify(mia, false);
    let entry = needs_a_person(&it.shop).remove(0);
    it.shop.desk.set_entry_aside(&entry.id).unwrap();
    it.shop.sell(&jana, 2000, customer("Mia", "mia@brandt-post.com"));
    let it = it.referral_factory();
    for _ in 0..3 {
        it.settle();
        assert!(!it.user("mia@brandt-post.com")["qualified_at"].is_null());
        it.pass(chrono::Duration::hours(7));
    }
    assert_eq!(it.shop.count("SELECT count(*) FROM lead WHERE state = 'qualified'"), 1);
}

#[test]
fn what_the_api_took_back_later_no_longer_counts_by_file() {
    let mut it = Connected::with(Shop::open(), clouds());
    let code = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = it.shop.sell(&code, 4990, customer("Mia", "mia@brandt-post.com"));
    hand_over(&mut it.shop);
    practice_cloud::invent(it.clouds.clouds());
    let (campaign, factory) = (it.campaign(), it.clouds.clouds().referral_factory());
    let jana = factory.add_referrer(campaign, "Jana", "jana@salon-post.com", None);
    factory.qualify(factory.add_lead(campaign, jana, "Mia", "mia@brandt-post.com"), true);
    let mut it = it.referral_factory();
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    it.settle();
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    it.shop.sell(&code, 2000, customer("Mia", "mia@brandt-post.com"));
    assert_eq!(rows(&mut it.shop, Qualify), ["mia@brandt-post.com"]);
}

#[test]
fn a_referrer_whose_address_changes_is_known_there_by_the_one_before() {
    let mut it = Connected::with(Shop::open(), clouds());
    let code = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    hand_over(&mut it.shop);
    let id = it.shop.desk.find(&code).unwrap().remove(0).referrer.id;
    let edited = EditReferrer { op: op(), id, name: "Jana".into(), email: Some("jana@new-post.com".into()), phone: None };
    it.shop.desk.edit_referrer(&edited).unwrap();
    it.shop.sell(&code, 4990, customer("Mia", "mia@brandt-post.com"));
    assert_eq!(rows(&mut it.shop, Leads), ["Mia,mia@brandt-post.com,jana@salon-post.com"]);
    practice_cloud::invent(it.clouds.clouds());
    it.clouds.clouds().referral_factory().add_referrer(it.campaign(), "Jana", "jana@salon-post.com", None);
    // So many wait before her that the list comes first.
    (0..30).for_each(|n| drop(it.shop.sell(&code, 2000, customer("Friend", &format!("friend{n}@post.com")))));
    let it = it.referral_factory();
    it.settle();
    assert_eq!(it.user("mia@brandt-post.com")["referrer_id"], it.user("jana@new-post.com")["id"]);
    assert_eq!(it.clouds.clouds().referral_factory().users_count(), 3 + 2 + 30, "nobody is there twice");
    it.sync();
    assert_eq!(it.shop.count("SELECT count(*) FROM referrer"), 1 + 3, "nor here");
}

/// Version 2 may refuse an e-mail that it has.
#[test]
fn a_referrer_whose_address_was_changed_there_too_is_found_by_the_new_one() {
    let mut it = Connected::with(Shop::open(), clouds());
    let code = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    hand_over(&mut it.shop);
    let id = it.shop.desk.find(&code).unwrap().remove(0).referrer.id;
    let edited = EditReferrer { op: op(), id, name: "Jana".into(), email: Some("jana@new-post.com".into()), phone: None };
    it.shop.desk.edit_referrer(&edited).unwrap();
    practice_cloud::invent(it.clouds.clouds());
    it.clouds.clouds().referral_factory().add_referrer(it.campaign(), "Jana", "jana@new-post.com", None);
    it.clouds.clouds().referral_factory().refuse_known_emails(true);
    it.clouds.strike(Aim::referral_factory().call("GET", "/users").times(100), Fault::Unavailable);
    let it = it.referral_factory();
    it.sync();
    it.clouds.calm();
    it.settle();
    assert_eq!(["needs_a_person", "waiting"].map(|state| it.entries(ReferralFactory, state)), [0, 0]);
    assert_eq!(it.clouds.clouds().referral_factory().users_count(), 3 + 1);
}

/// Mia is there as Jana's Lead; that she refers too no file needs to say, whatever her address is by then.
#[test]
fn a_referrer_who_is_there_as_a_lead_stays_one_person_when_their_address_changes() {
    for referrer_first in [true, false] {
        let mut shop = Shop::open();
        let jana = code_of(&shop.referrer("Jana", Some("jana@salon-post.com"), None));
        shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
        if referrer_first {
            shop.referrer("Mia", Some("mia@brandt-post.com"), None);
        }
        hand_over(&mut shop);
        if !referrer_first {
            shop.referrer("Mia", Some("mia@brandt-post.com"), None);
            assert_eq!(rows(&mut shop, Referrers), Vec::<String>::new());
        }
        let hit = shop.desk.find("mia@brandt-post.com").unwrap().remove(0);
        let edited = EditReferrer { op: op(), id: hit.referrer.id, name: "Mia".into(), email: Some("mia@new-post.com".into()), phone: None };
        shop.desk.edit_referrer(&edited).unwrap();
        shop.sell(&hit.code.unwrap(), 4990, customer("Tom", "tom@ash-post.com"));
        assert_eq!(rows(&mut shop, Referrers), Vec::<String>::new());
        assert_eq!(rows(&mut shop, Leads), ["Tom,tom@ash-post.com,mia@brandt-post.com"]);
    }
}

/// And is not made twice there once the API says what the files did not.
#[test]
fn a_lead_by_file_who_refers_from_another_address_is_one_user_there() {
    let mut it = Connected::with(Shop::open(), clouds());
    let code = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = it.shop.sell(&code, 4990, customer("Mia", "mia@brandt-post.com"));
    it.shop.referrer("Mia", Some("mia@brandt-post.com"), None);
    hand_over(&mut it.shop);
    let id = it.shop.desk.find("mia@brandt-post.com").unwrap().remove(0).referrer.id;
    let edited = EditReferrer { op: op(), id, name: "Mia Brandt".into(), email: Some("mia@new-post.com".into()), phone: None };
    it.shop.desk.edit_referrer(&edited).unwrap();
    practice_cloud::invent(it.clouds.clouds());
    let (campaign, factory) = (it.campaign(), it.clouds.clouds().referral_factory());
    let jana = factory.add_referrer(campaign, "Jana", "jana@salon-post.com", None);
    factory.qualify(factory.add_lead(campaign, jana, "Mia", "mia@brandt-post.com"), true);
    let mut it = it.referral_factory();
    it.settle();
    assert_eq!(it.user("mia@brandt-post.com")["first_name"], "Mia Brandt");
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    it.settle();
    assert!(it.user("mia@brandt-post.com")["qualified_at"].is_null());
    assert_eq!((it.clouds.clouds().referral_factory().users_count(), it.entries(ReferralFactory, "waiting")), (3 + 2, 0));
}

#[test]
fn a_sale_that_was_taken_back_before_its_file_was_uploaded_is_not_forgotten() {
    let mut shop = Shop::open();
    let jana = code_of(&shop.referrer("Jana", Some("jana@salon-post.com"), None));
    let sale = shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    for kind in ALL {
        rows(&mut shop, kind);
    }
    shop.desk.void(&void(&sale, "wrong total")).unwrap();
    rows(&mut shop, Leads);
    say_uploaded(&mut shop);
    rows(&mut shop, Leads);
    assert_eq!(needs_a_person(&shop).len(), 1);
}

/// The campaign was refused; then both went over by file.
#[test]
fn whom_the_api_refused_waits_no_more_once_they_are_there_by_file() {
    let mut it = Connected::to_referral_factory();
    let campaign = it.campaign();
    it.clouds.clouds().referral_factory().set_status(campaign, CampaignStatus::Draft);
    let jana = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    it.shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    it.shop.referrer("Mia", Some("mia@brandt-post.com"), None);
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 2, "both Referrers");
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    hand_over(&mut it.shop);
    rows(&mut it.shop, Referrers);
    assert_eq!(["needs_a_person", "waiting", "parked"].map(|state| it.entries(ReferralFactory, state)), [0, 0, 0]);
}

#[test]
fn people_who_recommended_each_other_wait_for_nobody() {
    let mut shop = Shop::open();
    let [jana, mia] =
        [("Jana", "jana@salon-post.com"), ("Mia", "mia@brandt-post.com")].map(|(name, email)| code_of(&shop.referrer(name, Some(email), None)));
    shop.sell(&jana, 4990, customer("Mia", "mia@brandt-post.com"));
    shop.sell(&mia, 4990, customer("Jana", "jana@salon-post.com"));
    // Jana was here first, and goes as a Referrer.
    assert_eq!(rows(&mut shop, Referrers), ["Jana,jana@salon-post.com"]);
    assert_eq!(rows(&mut shop, Leads), ["Mia,mia@brandt-post.com,jana@salon-post.com"]);
    hand_over(&mut shop);
    assert_eq!(rows(&mut shop, Leads), ["Jana,jana@salon-post.com,mia@brandt-post.com"]);
    hand_over(&mut shop);
    assert_eq!(counts(&shop), (0, 0));
}

fn edit(shop: &mut Shop, email: &str, name: &str) {
    let id = shop.desk.find(email).unwrap().remove(0).referrer.id;
    shop.desk.edit_referrer(&EditReferrer { op: op(), id, name: name.into(), email: Some(email.into()), phone: None }).unwrap();
}

#[test]
fn who_is_changed_between_saving_and_uploading_does_not_wait_for_a_file_that_never_comes() {
    let mut shop = Shop::open();
    shop.referrer("Jana", Some("jana@salon-post.com"), None);
    rows(&mut shop, Referrers);
    edit(&mut shop, "jana@salon-post.com", "Jana Weber");
    shop.desk.handed_over(Referrers).unwrap();
    assert_eq!(counts(&shop), (1, 0));
    assert_eq!((rows(&mut shop, Referrers), counts(&shop)), (Vec::new(), (0, 0)));
}

#[test]
fn a_second_sale_to_somebody_who_is_told_of_waits_no_longer_than_to_the_next_file() {
    let mut shop = Shop::open();
    let code = code_of(&shop.referrer("Jana", Some("jana@salon-post.com"), None));
    shop.sell(&code, 4990, customer("Mia", "mia@brandt-post.com"));
    hand_over(&mut shop);
    shop.sell(&code, 2000, customer("Mia", "mia@brandt-post.com"));
    assert_eq!(counts(&shop), (1, 0));
    assert_eq!((rows(&mut shop, Leads), counts(&shop)), (Vec::new(), (0, 0)));
}

#[test]
fn nothing_goes_over_of_whom_a_person_keeps_out() {
    let mut it = Connected::to_referral_factory();
    let (campaign, factory) = (it.campaign(), it.clouds.clouds().referral_factory());
    let mehmet = factory.user(campaign, "mehmet@radhaus-nord.com").unwrap()["id"].as_i64().unwrap();
    factory.add_lead(campaign, mehmet, "Tom", "tom@ash-post.com");
    let code = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    it.shop.sell(&code, 4990, customer("Tom", "tom@ash-post.com"));
    it.sync();
    let conflict = it.shop.desk.conflicts().unwrap().remove(0);
    it.shop.desk.resolve_conflict(&conflict.id, "keep_out").unwrap();
    it.settle();
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    it.shop.sell(&code, 2000, customer("Tom", "tom@ash-post.com"));
    assert_eq!(ALL.map(|kind| rows(&mut it.shop, kind).iter().filter(|row| row.contains("tom@")).count()), [0, 0, 0]);
    let aside = "SELECT count(*) FROM outbox WHERE destination = 'referral_factory' AND state = 'parked' AND why = 'set_aside'";
    assert_eq!(it.shop.count(aside), 2);
}
