//! Uploading to Referral Factory and bringing back from it, through real HTTP.

use counterfoil_core::desk::Customer;
use counterfoil_core::desk::people::{EditReferrer, NewCode};
use counterfoil_core::desk::shop::CampaignChange;
use counterfoil_core::desk::uploads::{EntriesAsk, EntryState};
use counterfoil_core::domain::upload::Destination::{ReferralFactory, Stripe};
use counterfoil_core::settings::Settings;
use counterfoil_core::storage::{StorageError, destinations};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::fields::{self, CampaignField, FieldOf, FieldValue};
use practice_cloud::{Aim, CampaignStatus, Fault};
use serde_json::json;

use crate::clouds::Connected;
use crate::support::{caller, code_of, customer, op, referrer, revoke, void, walk_in};

/// A Referrer whom Referral Factory would take: it refuses addresses that no mail reaches, as `.example` ones.
fn jana(it: &mut Connected) -> String {
    code_of(&it.shop.referrer("Jana Weber", Some("jana@salon-post.com"), None))
}

#[test]
fn referrers_are_brought_with_code_and_link() {
    let it = Connected::to_referral_factory();
    it.sync();
    let hit = &it.shop.desk.find("ueonfmup").unwrap()[0];
    assert_eq!((hit.referrer.name.as_str(), hit.code.as_deref()), ("Jane", Some("ueONFmUp")));
    // Nobody can read that aloud: a code of ours can be said instead, is found by its start, and is good for a sale.
    let said = it.shop.desk.person(&hit.referrer.id).unwrap().code.unwrap().alias.unwrap();
    assert_eq!(it.shop.desk.find(&said[..5]).unwrap()[0].code.as_deref(), Some("ueONFmUp"));
    let ticket = it.shop.check(&said.to_lowercase(), 4990, walk_in());
    assert_eq!((ticket.allowed, ticket.code.as_deref(), ticket.alias.as_deref()), (true, Some("ueONFmUp"), Some(said.as_str())));
    assert_eq!(it.shop.count("SELECT count(*) FROM referrer WHERE link IS NOT NULL"), 3);
    it.sync();
    assert_eq!(it.shop.count("SELECT count(*) FROM referrer"), 3);
}

#[test]
fn a_lead_goes_up_after_its_referrer_and_is_qualified_by_id() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    let sale = it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    let users = it.clouds.clouds().referral_factory().users();
    let by = |email: &str| users.iter().find(|user| user["email"] == email).unwrap_or_else(|| panic!("{email} is not there"));
    let (jana, mia) = (by("jana@salon-post.com"), by("mia@brandt-post.com"));
    assert_eq!(jana["type"], "person_referring");
    assert_eq!(mia["referrer_id"], jana["id"]);
    assert!(!mia["qualified_at"].is_null());
    assert_eq!(it.entries(ReferralFactory, "uploaded"), 2);
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    it.sync();
    let users = it.clouds.clouds().referral_factory().users();
    assert!(users.iter().find(|user| user["email"] == "mia@brandt-post.com").unwrap()["qualified_at"].is_null());
}

#[test]
fn leads_without_an_email_are_parked_and_go_up_once_one_is_known() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, caller("Mia Brandt", "020 7946 0701"));
    it.sync();
    assert_eq!((it.entries(ReferralFactory, "parked"), it.entries(ReferralFactory, "waiting")), (1, 0));
    let both = Customer { email: Some("mia@brandt-post.com".into()), ..caller("Mia Brandt", "020 7946 0701") };
    it.shop.sell(&code, 990, both);
    it.sync();
    assert_eq!((it.entries(ReferralFactory, "parked"), it.entries(ReferralFactory, "uploaded")), (0, 3));
}

#[test]
fn somebody_elses_lead_is_a_conflict_that_a_person_decides() {
    let mut it = Connected::to_referral_factory();
    it.sync();
    let factory = it.clouds.clouds().referral_factory();
    let campaign = it.campaign();
    let mehmet = factory.user(campaign, "mehmet@radhaus-nord.com").unwrap()["id"].as_i64().unwrap();
    factory.add_lead(campaign, mehmet, "Mia", "mia@brandt-post.com");
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "conflict"), 1);
    let conflicts = it.shop.desk.conflicts().unwrap();
    assert_eq!((conflicts.len(), conflicts[0].kind.as_str()), (1, "lead_elsewhere"));
    it.shop.desk.resolve_conflict(&conflicts[0].id, "leave").unwrap();
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "conflict"), 0);
    let mia = it.clouds.clouds().referral_factory().user(campaign, "mia@brandt-post.com").unwrap();
    assert_eq!(mia["referrer_id"].as_i64(), Some(mehmet));
    assert!(!mia["qualified_at"].is_null());
    // The other decision: nothing is told there.
    it.clouds.clouds().referral_factory().add_lead(campaign, mehmet, "Tom", "tom@ash-post.com");
    it.shop.sell(&code, 4990, customer("Tom Ash", "tom@ash-post.com"));
    it.sync();
    let conflict = it.shop.desk.conflicts().unwrap().remove(0);
    it.shop.desk.resolve_conflict(&conflict.id, "keep_out").unwrap();
    it.settle();
    assert!(it.clouds.clouds().referral_factory().user(campaign, "tom@ash-post.com").unwrap()["qualified_at"].is_null());
    assert_eq!((it.entries(ReferralFactory, "conflict"), it.entries(ReferralFactory, "parked")), (0, 1));
    // Nor of what Tom buys later, until somebody wants it tried again.
    it.shop.sell(&code, 2000, customer("Tom Ash", "tom@ash-post.com"));
    let writes = |it: &Connected| it.clouds.clouds().calls_to("PUT", "/users").len();
    let before = writes(&it);
    it.settle();
    assert_eq!((writes(&it), it.entries(ReferralFactory, "waiting"), it.entries(ReferralFactory, "parked")), (before, 0, 2));
    let asked = EntriesAsk { destination: None, state: Some(EntryState::Parked), after: None, rows_max: 10 };
    let parked = it.shop.desk.entries(&asked).unwrap().rows.remove(0);
    it.shop.desk.retry_entry(&parked.id).unwrap();
    it.settle();
    assert!(!it.clouds.clouds().referral_factory().user(campaign, "tom@ash-post.com").unwrap()["qualified_at"].is_null());
    assert_eq!(it.entries(ReferralFactory, "parked"), 0);
}

#[test]
fn pages_follow_each_other_and_go_on_where_they_were_stopped() {
    let it = Connected::to_referral_factory();
    let factory = it.clouds.clouds().referral_factory();
    factory.add_crowd(it.campaign(), 600);
    let asked = || it.clouds.clouds().calls_to("GET", "/users").len();
    it.sync_until(|| asked() == 2);
    let first = it.shop.count("SELECT count(*) FROM referrer");
    assert!((240..=500).contains(&first), "{first} came before it was stopped");
    it.sync();
    assert_eq!(it.shop.count("SELECT count(*) FROM referrer"), 603);
    assert!(asked() <= 4, "{} pages were asked for, of three", asked());
}

#[test]
fn what_was_changed_here_and_waits_is_not_overwritten_by_what_is_brought() {
    let mut it = Connected::to_referral_factory();
    it.sync();
    let factory = it.clouds.clouds().referral_factory();
    let campaign = it.campaign();
    let id = |email: &str| factory.user(campaign, email).unwrap()["id"].as_i64().unwrap();
    let (jane, mehmet) = ("jane@salon-am-markt.com", "mehmet@radhaus-nord.com");
    let here = |it: &Connected, email: &str| it.shop.desk.find(email).unwrap()[0].referrer.clone();
    let edited = EditReferrer { op: op(), id: here(&it, mehmet).id, name: "Mehmet Yilmaz".into(), email: Some(mehmet.into()), phone: None };
    it.shop.desk.edit_referrer(&edited).unwrap();
    factory.change(id(mehmet), Some("Memo"), None);
    factory.change(id(jane), Some("Jane W."), None);
    // Nothing can be written there for now, and everything can be read.
    it.clouds.strike(Aim::referral_factory().call("PUT", "/users/*").times(50), Fault::Unavailable);
    it.sync();
    assert_eq!((here(&it, jane).name.as_str(), here(&it, mehmet).name.as_str()), ("Jane W.", "Mehmet Yilmaz"));
    it.clouds.calm();
    it.settle();
    assert_eq!(factory.user(campaign, mehmet).unwrap()["first_name"], "Mehmet Yilmaz");
    assert_eq!(it.clouds.calls_to("PUT", &format!("/users/{}", id(mehmet))).last().unwrap().status, Some(200));
    it.sync();
    assert_eq!(here(&it, mehmet).name, "Mehmet Yilmaz");
}

#[test]
fn a_qualification_made_or_taken_back_there_is_brought_back() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(false), ..CampaignChange::new(op()) }).unwrap();
    it.shop.sell(&code, 4990, customer("Tom Ash", "tom@ash-post.com"));
    it.settle();
    let factory = it.clouds.clouds().referral_factory();
    let campaign = it.campaign();
    let id = |email: &str| factory.user(campaign, email).unwrap()["id"].as_i64().unwrap();
    let state = |it: &Connected, name: &str| {
        let sql = format!("SELECT count(*) FROM lead WHERE name = '{name}' AND state = ");
        ["pending", "qualified", "disqualified"].into_iter().find(|state| it.shop.count(&format!("{sql}'{state}'")) == 1).unwrap()
    };
    let both = |it: &Connected| (state(it, "Mia Brandt"), state(it, "Tom Ash"));
    assert_eq!(both(&it), ("qualified", "pending"));
    factory.qualify(id("tom@ash-post.com"), true);
    it.sync();
    assert_eq!(both(&it), ("qualified", "qualified"));
    // One page may be older than our own word; the second says it again.
    factory.qualify(id("tom@ash-post.com"), false);
    factory.qualify(id("mia@brandt-post.com"), false);
    it.sync();
    assert_eq!(both(&it), ("qualified", "qualified"));
    it.sync();
    assert_eq!(both(&it), ("disqualified", "pending"));
    // The next sale does not undo what was decided there; whoever decided it may.
    it.shop.sell(&code, 990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    assert!(factory.user(campaign, "mia@brandt-post.com").unwrap()["qualified_at"].is_null());
    factory.qualify(id("mia@brandt-post.com"), true);
    it.sync();
    assert_eq!(both(&it), ("qualified", "pending"));
}

#[test]
fn one_page_that_is_older_than_our_own_word_does_not_undo_it() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    let sale = it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.settle();
    it.shop.desk.void(&void(&sale, "wrong total")).unwrap();
    it.settle();
    let factory = it.clouds.clouds().referral_factory();
    let campaign = it.campaign();
    let mia = factory.user(campaign, "mia@brandt-post.com").unwrap();
    assert!(mia["qualified_at"].is_null());
    let qualified = |it: &Connected| it.shop.count("SELECT count(*) FROM lead WHERE name = 'Mia Brandt' AND state = 'qualified'") == 1;
    // As a page shows it that was drawn up before our word arrived, and as the next page shows it.
    for there in [true, false, true] {
        factory.qualify(mia["id"].as_i64().unwrap(), there);
        it.sync();
        assert!(!qualified(&it));
    }
    // Said twice in a row, somebody there means it.
    it.sync();
    assert!(qualified(&it));
}

#[test]
fn a_code_that_is_another_persons_there_than_here_is_a_conflict_that_is_decided_once() {
    for decision in ["leave", "revoke"] {
        let mut it = Connected::to_referral_factory();
        let jane = referrer("Jane Whitfield", Some("jane@salon-post.com"), None, NewCode::Own { text: "SPRING".into() });
        it.shop.desk.add_referrer(&jane).unwrap();
        let factory = it.clouds.clouds().referral_factory();
        let campaign = it.campaign();
        factory.add_referrer(campaign, "Omar", "omar@salon-post.com", Some("Spring"));
        it.sync();
        let conflicts = it.shop.desk.conflicts().unwrap();
        assert_eq!((conflicts.len(), conflicts[0].kind.as_str()), (1, "code_clash"));
        let said = &conflicts[0].sentence;
        assert!(["SPRING", "Omar", "Jane", "Referral Factory"].iter().all(|word| said.contains(word)), "{said}");
        assert!(it.shop.desk.resolve_conflict(&conflicts[0].id, "adopt").is_err());
        it.shop.desk.resolve_conflict(&conflicts[0].id, decision).unwrap();
        it.sync();
        assert!(it.shop.desk.conflicts().unwrap().is_empty(), "asked again");
        assert_eq!(it.shop.check("SPRING", 4990, walk_in()).allowed, decision == "leave");
    }
}

#[test]
fn who_was_pushed_has_id_link_and_code_of_the_answer_at_once() {
    let mut it = Connected::to_referral_factory();
    let factory = it.clouds.clouds().referral_factory();
    let campaign = it.campaign();
    it.sync();
    it.clouds.clouds().forget_calls();
    let zoe = referrer("Zoe Brandt", Some("zoe@brandt-post.com"), None, NewCode::None);
    it.shop.desk.add_referrer(&zoe).unwrap();
    // Its code there is one that Jane has here.
    let jane = referrer("Jane Whitfield", Some("jane@salon-post.com"), None, NewCode::Own { text: "SPRING".into() });
    it.shop.desk.add_referrer(&jane).unwrap();
    factory.add_referrer(campaign, "Omar", "omar@salon-post.com", Some("Spring"));
    it.shop.desk.add_referrer(&referrer("Omar", Some("omar@salon-post.com"), None, NewCode::None)).unwrap();
    it.sync_calmly();
    assert_eq!(it.clouds.clouds().calls_to("GET", "/users").len(), 0, "nothing was brought back meanwhile");
    let there = factory.user(campaign, "zoe@brandt-post.com").unwrap();
    let id = it.shop.count("SELECT CAST(remote.id AS INTEGER) FROM remote JOIN referrer ON about = referrer.id WHERE email = 'zoe@brandt-post.com'");
    assert_eq!(Some(id), there["id"].as_i64());
    let hit = it.shop.desk.find("zoe@brandt-post.com").unwrap().remove(0);
    assert_eq!(hit.code.as_deref(), there["code"].as_str());
    let page = it.shop.desk.person(&hit.referrer.id).unwrap();
    assert_eq!(page.link.as_deref(), there["url"].as_str());
    let said = page.code.unwrap().alias.unwrap();
    assert!(it.shop.check(&said, 4990, walk_in()).allowed);
    let unread = "SELECT count(*) FROM remote WHERE destination = 'referral_factory' AND facts ->> 'code' IS NOT NULL";
    assert_eq!(it.shop.count(unread), 0);
    // What it means for Jane's code a person decides, once.
    let conflicts = it.shop.desk.conflicts().unwrap();
    assert_eq!(conflicts.iter().map(|conflict| conflict.kind.as_str()).collect::<Vec<_>>(), ["code_clash"]);
    it.shop.desk.resolve_conflict(&conflicts[0].id, "leave").unwrap();
    it.sync();
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    it.shop.assert_sound();
}

#[test]
fn the_campaigns_own_fields_are_filled_as_the_manager_wishes() {
    let mut it = Connected::to_referral_factory();
    let settings = Settings::read(it.shop.path()).map(|mut settings| {
        settings.set_url(ReferralFactory, it.clouds.referral_factory_url());
        settings
    });
    let settings = settings.unwrap();
    let mut fields = fields::fields(&it.store(), &it.keys, &settings).unwrap();
    let labels: Vec<_> = fields.iter().map(|field| (field.of, field.label.as_str(), field.value)).collect();
    let (lead, referrer) = (FieldOf::Lead, FieldOf::Referrer);
    assert_eq!(labels, [(lead, "Phone", None), (lead, "Store", None), (lead, "Order total", None), (referrer, "Phone", None)]);
    fields[0].value = Some(FieldValue::Phone);
    fields[2].value = Some(FieldValue::Amount);
    fields::set_fields(&mut it.store(), &fields, it.now()).unwrap();
    assert_eq!(fields::fields(&it.store(), &it.keys, &settings).unwrap(), fields);
    let code = jana(&mut it);
    let mia = Customer { phone: Some("+44 20 7946 0701".into()), ..customer("Mia Brandt", "mia@brandt-post.com") };
    it.shop.sell(&code, 4990, mia);
    it.sync();
    let users = it.clouds.clouds().referral_factory().users();
    let mia = users.iter().find(|user| user["email"] == "mia@brandt-post.com").unwrap();
    // 15 % off 49.90 is 7.49, rounded half up.
    let expected = json!([{ "field": "Order total", "value": "42.41" }, { "field": "Phone", "value": "+442079460701" }]);
    assert_eq!(mia["meta"], expected);
}

#[test]
fn what_a_campaign_asks_of_referrers_goes_with_referrers_alone() {
    let mut it = Connected::to_referral_factory();
    let factory = it.clouds.clouds().referral_factory();
    factory.set_lead_fields(it.campaign(), &[("Shop", true)]);
    factory.set_referrer_fields(it.campaign(), &[("Phone", true)]);
    let jana = it.shop.referrer("Jana Weber", Some("jana@salon-post.com"), Some("+44 20 7946 0700"));
    it.shop.sell(&code_of(&jana), 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 1);
    let ask = EntriesAsk { destination: Some(ReferralFactory), state: Some(EntryState::NeedsAPerson), after: None, rows_max: 9 };
    assert_eq!(it.shop.desk.entries(&ask).unwrap().rows[0].why.as_deref(), Some("The Phone field is required."));
    let field = |of, label: &str, value| CampaignField { of, label: label.into(), required: true, value: Some(value) };
    let fields = [field(FieldOf::Lead, "Shop", FieldValue::Store), field(FieldOf::Referrer, "Phone", FieldValue::Phone)];
    fields::set_fields(&mut it.store(), &fields, it.now()).unwrap();
    it.settle();
    let shop = json!([{ "field": "Shop", "value": "Harbour Street Salon" }]);
    assert_eq!(it.user("jana@salon-post.com")["meta"], json!([{ "field": "Phone", "value": "+442079460700" }]));
    assert_eq!(it.user("mia@brandt-post.com")["meta"], shop);
    // Who is a Lead there stays one, and is asked for a Lead's fields.
    it.shop.referrer("Mia Brandt-Poe", Some("mia@brandt-post.com"), Some("+44 20 7946 0701"));
    it.settle();
    let mia = it.user("mia@brandt-post.com");
    assert_eq!((&mia["first_name"], &mia["meta"]), (&json!("Mia Brandt-Poe"), &shop));
    assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 0);
}

#[test]
fn who_was_there_before_keeps_their_name_and_gets_our_fields_at_once() {
    let mut it = Connected::to_referral_factory();
    let code = jana(&mut it);
    it.sync();
    let campaign = it.clouds.clouds().referral_factory().campaigns()[0]["id"].as_i64().unwrap();
    let user = |it: &Connected, email: &str| it.clouds.clouds().referral_factory().user(campaign, email).unwrap();
    let janas = user(&it, "jana@salon-post.com")["id"].as_i64().unwrap();
    let mut standing = destinations::connected(it.store().reader(), ReferralFactory).unwrap().unwrap();
    standing.settings["meta"] = json!({ "lead": { "Order total": "amount" } });
    it.store().write::<_, StorageError>(|tx| destinations::set_settings(tx, ReferralFactory, &standing.settings)).unwrap();
    for (name, email) in [("Mia Brandt", "mia@brandt-post.com"), ("Tom Ash", "tom@ash-post.com")] {
        it.clouds.clouds().referral_factory().add_lead(campaign, janas, name, email);
    }
    // At the counter nobody asked Mia for her name; Tom has the same one here and there.
    it.shop.sell(&code, 4990, Customer { name: None, ..customer("", "mia@brandt-post.com") });
    it.shop.sell(&code, 4990, customer("Tom Ash", "tom@ash-post.com"));
    let stands = |it: &Connected, email: &str, name: &str, total: &str| {
        let user = user(it, email);
        assert_eq!((&user["first_name"], &user["meta"]), (&json!(name), &json!([{ "field": "Order total", "value": total }])));
    };
    // 15 % off 49.90 is 7.49, rounded half up.
    it.settle();
    stands(&it, "mia@brandt-post.com", "Mia Brandt", "42.41");
    stands(&it, "tom@ash-post.com", "Tom Ash", "42.41");
    it.shop.sell(&code, 4990, Customer { name: None, ..customer("", "mia@brandt-post.com") });
    it.settle();
    stands(&it, "mia@brandt-post.com", "Mia Brandt", "84.82");
    // Once it is known here it is this one.
    it.shop.sell(&code, 4990, customer("Mia Brandt-Poe", "mia@brandt-post.com"));
    it.settle();
    stands(&it, "mia@brandt-post.com", "Mia Brandt-Poe", "127.23");
    assert_eq!(it.shop.desk.conflicts().unwrap(), []);
    it.shop.assert_sound();
}

#[test]
fn a_new_token_elsewhere_freezes_the_queue_until_somebody_connects_again() {
    let mut it = Connected::to_referral_factory();
    it.sync();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.clouds.clouds().referral_factory().rotate_token("a-newer-token");
    it.clouds.clouds().forget_calls();
    it.sync();
    assert!(it.clouds.clouds().calls().len() <= 3, "retries were burnt on a dead token");
    assert_eq!(it.entries(ReferralFactory, "uploaded"), 0);
    assert!(it.shop.desk.sync_view().unwrap().destinations[1].refused.as_deref().unwrap().contains("token"));
    let url = it.clouds.referral_factory_url();
    connect::referral_factory(&mut it.store(), Some(&it.keys), &url, "a-newer-token", None, it.now()).unwrap();
    it.sync();
    assert_eq!(it.entries(ReferralFactory, "uploaded"), 2);
}

#[test]
fn their_code_there_means_the_one_that_they_have_here() {
    let mut it = Connected::to_referral_factory();
    let ours = jana(&mut it);
    it.sync();
    let theirs = it.user("jana@salon-post.com")["code"].as_str().unwrap().to_owned();
    let means = |it: &Connected, typed: &str| {
        let ticket = it.shop.check(typed, 4990, walk_in());
        ticket.allowed.then_some((ticket.code, ticket.alias, ticket.referrer.map(|referrer| referrer.name)))
    };
    let expected = |code: &str| Some((Some(code.to_owned()), None, Some("Jana Weber".to_owned())));
    assert_eq!((means(&it, &theirs), means(&it, &theirs.to_lowercase())), (expected(&ours), expected(&ours)));
    let id = it.shop.desk.find(&theirs).unwrap().remove(0).referrer.id;
    let page = it.shop.desk.person(&id).unwrap().code.unwrap();
    assert_eq!((page.elsewhere.as_deref(), page.alias, page.spelling.concat().is_empty()), (Some(theirs.as_str()), None, false));
    // A sale by it is a sale by ours; taken back, neither counts.
    it.shop.sell(&theirs, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.shop.desk.revoke_code(&revoke(&id, "the card was lost")).unwrap();
    it.sync();
    assert_eq!((means(&it, &theirs), means(&it, &ours)), (None, None));
    let new = it.shop.desk.generate_code(&id).unwrap().code.unwrap().code;
    assert_eq!((means(&it, &theirs), means(&it, &ours)), (expected(&new), None));
    it.sync();
    assert_eq!(means(&it, &theirs), expected(&new));
    // Nobody else can have it here, in whatever letters.
    let omar = referrer("Omar", Some("omar@salon-post.com"), None, NewCode::Own { text: theirs.to_lowercase() });
    it.shop.desk.add_referrer(&omar).unwrap_err();
    let list = format!("Name,Email,Code\nOmar,omar@salon-post.com,{}\n", theirs.to_uppercase());
    let report = it.shop.import("people.csv", &list);
    assert_eq!((report.added, report.noted[0].reason.as_str()), (1, "code_taken"));
    it.shop.assert_sound();
}

#[test]
fn codes_there_that_differ_by_capitals_alone_mean_nobody_here() {
    let mut it = Connected::to_referral_factory();
    let campaign = it.campaign();
    for (name, code) in [("jana", "aBcDeFgH"), ("zoe", "AbCdEfGh")] {
        let email = format!("{name}@salon-post.com");
        it.clouds.clouds().referral_factory().add_referrer(campaign, name, &email, Some(code));
        it.shop.referrer(name, Some(&email), None);
    }
    it.sync();
    assert_eq!(it.shop.count("SELECT count(*) FROM code_elsewhere WHERE key = 'ABCDEFGH'"), 2);
    let ticket = it.shop.check("aBcDeFgH", 4990, walk_in());
    assert_eq!((ticket.allowed, ticket.referrer), (false, None));
}

#[test]
fn who_is_brought_from_there_does_not_take_the_code_that_means_somebody_elses() {
    let mut it = Connected::to_referral_factory();
    let campaign = it.campaign();
    it.clouds.clouds().referral_factory().add_referrer(campaign, "Jana", "jana@salon-post.com", Some("aBcDeFgH"));
    it.shop.referrer("Jana", Some("jana@salon-post.com"), None);
    it.sync();
    let whose = |it: &Connected| it.shop.check("abcdefgh", 4990, walk_in()).referrer.map(|referrer| referrer.name);
    assert_eq!(whose(&it).as_deref(), Some("Jana"));
    // Newest first: Omar is on the page before her.
    it.clouds.clouds().referral_factory().add_referrer(campaign, "Omar", "omar@salon-post.com", Some("AbCdEfGh"));
    for _ in 0..2 {
        it.pass(chrono::Duration::hours(7));
        it.sync();
        assert_eq!((whose(&it), it.shop.desk.find("omar@salon-post.com").unwrap()[0].code.as_deref()), (None, None));
    }
    // Nor can anybody else have it here, by hand or from a list.
    let zoe = referrer("Zoe", Some("zoe@salon-post.com"), None, NewCode::Own { text: "abcdefgh".into() });
    it.shop.desk.add_referrer(&zoe).unwrap_err();
    let report = it.shop.import("people.csv", "Name,Email,Code\nZoe,zoe@salon-post.com,ABCDEFGH\n");
    assert_eq!((report.added, report.noted[0].reason.as_str()), (1, "code_taken"));
    it.shop.assert_sound();
}

#[test]
fn a_look_alike_in_their_code_there_is_passed_over_as_in_any_that_was_brought_along() {
    let mut it = Connected::to_referral_factory();
    it.clouds.clouds().referral_factory().add_referrer(it.campaign(), "Jana", "jana@salon-post.com", Some("uO1lNFmU"));
    let ours = code_of(&it.shop.referrer("Jana", Some("jana@salon-post.com"), None));
    it.sync();
    for typed in ["uO1lNFmU", "u01lNFmU", "UOIINFMU", "uo11nfmu"] {
        let ticket = it.shop.check(typed, 4990, walk_in());
        assert_eq!((ticket.allowed, ticket.code.as_deref()), (true, Some(ours.as_str())), "{typed}");
        assert_eq!(it.shop.desk.find(typed).unwrap()[0].code.as_deref(), Some(ours.as_str()));
    }
    assert!(!it.shop.check("uo12nfmu", 4990, walk_in()).allowed);
}

#[test]
fn an_address_that_a_list_brings_frees_the_leads_who_waited_for_it_and_a_new_name_goes_up() {
    let mut it = Connected::to_referral_factory();
    let code = code_of(&it.shop.referrer("Ida", None, Some("+44 20 7946 0701")));
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    assert_eq!((it.entries(ReferralFactory, "parked"), it.entries(ReferralFactory, "uploaded")), (2, 0));
    let import = |it: &mut Connected, row: &str| it.shop.import("people.csv", &format!("Name,Email,Phone\n{row},+442079460701\n"));
    assert_eq!(import(&mut it, "Ida,ida@salon-post.com").updated, 1);
    it.settle();
    assert_eq!((it.entries(ReferralFactory, "parked"), it.entries(ReferralFactory, "waiting")), (0, 0));
    assert_eq!(it.user("mia@brandt-post.com")["referrer_id"], it.user("ida@salon-post.com")["id"]);
    assert_eq!(import(&mut it, "Ida Weber,ida@salon-post.com").updated, 1);
    it.settle();
    assert_eq!(it.user("ida@salon-post.com")["first_name"], "Ida Weber");
}

#[test]
fn whom_a_campaign_refuses_that_is_not_launched_goes_up_with_one_word_once_it_is() {
    for status in [CampaignStatus::Draft, CampaignStatus::Paused] {
        let mut it = Connected::to_referral_factory();
        it.sync();
        let code = jana(&mut it);
        (0..3).for_each(|n| drop(it.shop.sell(&code, 4990, customer("Friend", &format!("friend{n}@post.com")))));
        let factory = it.clouds.clouds().referral_factory();
        let campaign = it.campaign();
        factory.set_status(campaign, status);
        it.sync();
        // The Leads wait for their Referrer, who needs a person.
        assert_eq!((it.entries(ReferralFactory, "needs_a_person"), it.entries(ReferralFactory, "parked")), (1, 3));
        factory.set_status(campaign, CampaignStatus::Launched);
        it.shop.desk.retry_all(Some(ReferralFactory)).unwrap();
        it.settle();
        let open = ["needs_a_person", "parked", "waiting"].map(|state| it.entries(ReferralFactory, state));
        assert_eq!(open, [0, 0, 0]);
        let factory = it.clouds.clouds().referral_factory();
        assert_eq!(factory.users().iter().filter(|user| user["email"].as_str().is_some_and(|email| email.starts_with("friend"))).count(), 3);
    }
}

#[test]
fn what_a_whole_queue_was_refused_for_is_put_right_once_for_all() {
    for put_right in ["all again", "the fields", "connected again"] {
        let mut it = Connected::to_referral_factory();
        let code = jana(&mut it);
        (0..3).for_each(|n| drop(it.shop.sell(&code, 4990, customer("Friend", &format!("friend{n}@post.example")))));
        it.sync();
        assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 3);
        it.clouds.clouds().referral_factory().take_every_domain();
        it.sync();
        assert_eq!(it.entries(ReferralFactory, "needs_a_person"), 3, "nobody has said so");
        match put_right {
            "all again" => {
                assert_eq!(it.shop.desk.retry_all(Some(Stripe)).unwrap(), 0);
                assert_eq!(it.shop.desk.retry_all(None).unwrap(), 3);
            }
            "the fields" => fields::set_fields(&mut it.store(), &[], it.now()).unwrap(),
            _ => it = it.referral_factory(),
        }
        it.settle();
        assert_eq!((it.entries(ReferralFactory, "needs_a_person"), it.entries(ReferralFactory, "waiting")), (0, 0), "{put_right}");
        assert_eq!(it.clouds.clouds().referral_factory().users().iter().filter(|user| !user["qualified_at"].is_null()).count(), 3);
    }
}

#[test]
fn who_is_changed_while_it_is_disconnected_is_told_once_it_is_connected_again() {
    let mut it = Connected::to_referral_factory();
    jana(&mut it);
    it.sync();
    connect::disconnect(&mut it.store(), &it.keys, ReferralFactory, false, it.now()).unwrap();
    let id = it.shop.desk.find("jana@salon-post.com").unwrap().remove(0).referrer.id;
    let edited = EditReferrer { op: op(), id, name: "Jana Brandt".into(), email: Some("jana@salon-post.com".into()), phone: None };
    it.shop.desk.edit_referrer(&edited).unwrap();
    it.shop.desk.add_referrer(&referrer("Omar Aziz", Some("omar@salon-post.com"), None, NewCode::None)).unwrap();
    let it = it.referral_factory();
    it.settle();
    let name = |email| it.user(email)["first_name"].clone();
    assert_eq!((name("jana@salon-post.com"), name("omar@salon-post.com")), (json!("Jana Brandt"), json!("Omar Aziz")));
}
