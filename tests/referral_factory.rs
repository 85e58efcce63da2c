//! Uploading to Referral Factory and bringing back from it, through real HTTP.

use counterfoil_core::desk::Customer;
use counterfoil_core::domain::upload::Destination::ReferralFactory;
use counterfoil_core::settings::Settings;
use counterfoil_core::sync::connect;
use counterfoil_core::sync::fields::{self, FieldValue};
use serde_json::json;

use crate::clouds::Connected;
use crate::support::{caller, code_of, customer, void};

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
    let campaign = factory.campaigns()[0]["id"].as_i64().unwrap();
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
    let labels: Vec<_> = fields.iter().map(|field| (field.label.as_str(), field.value)).collect();
    assert_eq!(labels, [("Phone", None), ("Store", None), ("Order total", None)]);
    fields[0].value = Some(FieldValue::Phone);
    fields[2].value = Some(FieldValue::Amount);
    fields::set_fields(&mut it.store(), &fields).unwrap();
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
