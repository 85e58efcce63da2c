//! Every write asked twice happens once, and an operation id that was used for something else is refused.

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::leads::{CallBackAsk, NewLead};
use counterfoil_core::desk::people::{EditReferrer, NewCode, RevokeAsk};
use counterfoil_core::desk::redeem::{Override, RedeemAsk};
use counterfoil_core::desk::shop::CampaignChange;
use counterfoil_core::desk::undo::{RefundAsk, VoidAsk};
use counterfoil_core::desk::views::{Amount, RulesView};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::*;

/// Enough for every commit.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().map_or(64, |cases| cases.parse().unwrap())
}

/// Everything that a write may have left behind.
const EVERYTHING: &str = "SELECT (SELECT count(*) FROM referrer) || ' ' || (SELECT count(*) FROM referral_code) || ' ' || (SELECT count(*) FROM lead)
    || ' ' || (SELECT count(*) FROM redemption) || ' ' || (SELECT count(*) FROM refund) || ' ' || (SELECT count(*) FROM audit)
    || ' ' || (SELECT count(*) FROM outbox) || ' ' || (SELECT count(*) FROM operation) || ' ' || (SELECT count(*) FROM conflict)
    || ' ' || (SELECT count(*) FROM referral_code WHERE revoked_at IS NOT NULL) || ' ' || (SELECT count(*) FROM coupon)
    || ' ' || (SELECT coalesce(sum(uses), 0) FROM referral_code) || ' ' || (SELECT coalesce(sum(refunded), 0) FROM redemption)";

fn everything(shop: &Shop) -> String {
    shop.behind().query_row(EVERYTHING, [], |row| row.get(0)).unwrap()
}

/// Runs a write, then the same again: the second changes nothing and answers the same.
#[track_caller]
fn twice<T: PartialEq + std::fmt::Debug>(shop: &mut Shop, mut write: impl FnMut(&mut Shop) -> T) -> T {
    let before = everything(shop);
    let first = write(shop);
    let once = everything(shop);
    assert_ne!(before, once, "the write did nothing");
    assert_eq!(write(shop), first);
    assert_eq!(everything(shop), once);
    first
}

#[test]
fn every_write_with_an_operation_happens_once() {
    let mut shop = Shop::open();
    let ask = referrer("Jane Whitfield", Some("jane@salon.example"), None, NewCode::Generate);
    let jane = twice(&mut shop, |shop| shop.desk.add_referrer(&ask).unwrap());
    let code = code_of(&jane);

    let ask = sale(&code, 10_000, customer("Mia", "mia@brandt.example"));
    let sold = twice(&mut shop, |shop| shop.desk.redeem(&ask).unwrap().redemption).unwrap();
    let ask = void(&sold, "mistake");
    twice(&mut shop, |shop| shop.desk.void(&ask).unwrap());

    let sold = shop.sell(&code, 10_000, customer("Leo", "leo@brandt.example"));
    let ask = refund(&sold, Some(100), "scratch");
    twice(&mut shop, |shop| shop.desk.refund(&ask).unwrap());
    let ask = refund(&sold, None, "all of it");
    twice(&mut shop, |shop| shop.desk.refund(&ask).unwrap());

    let ask = lead(&jane.referrer.id);
    let noor = twice(&mut shop, |shop| shop.desk.record_lead(&ask).unwrap().lead);
    let ask = CallBackAsk { op: op(), lead_id: noor.id, day: None };
    twice(&mut shop, |shop| shop.desk.call_back(&ask).unwrap());

    // Asked again once a new code is out, it does not take that one back too.
    let ask = revoke(&jane.referrer.id, "posted on a coupon site");
    twice(&mut shop, |shop| shop.desk.revoke_code(&ask).unwrap());
    let renewed = shop.desk.generate_code(&jane.referrer.id).unwrap();
    let before = everything(&shop);
    assert_eq!(shop.desk.revoke_code(&ask).unwrap(), renewed);
    assert_eq!(everything(&shop), before);
    assert!(shop.check(&code_of(&renewed), 100, walk_in()).allowed);
    shop.assert_sound();
}

fn lead(referrer_id: &str) -> NewLead {
    NewLead {
        op: op(),
        referrer_id: referrer_id.into(),
        name: "Noor Aziz".into(),
        email: Some("noor@aziz.example".into()),
        phone: None,
        note: Some("asks for prices".into()),
        call_back: Some("2026-06-02".into()),
    }
}

#[test]
fn an_operation_used_for_something_else_is_refused_and_does_nothing() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let omar = shop.referrer("Omar", Some("omar@haddad.example"), None);

    let done = sale(&code, 10_000, customer("Mia", "mia@brandt.example"));
    let sold = shop.desk.redeem(&done).unwrap().redemption.unwrap();
    let yes = Some(Override { manager: "Ms Rossi".into(), note: "fine".into() });
    let others = [
        RedeemAsk { code: code_of(&omar), ..done.clone() },
        RedeemAsk { order: Amount(10_001), ..done.clone() },
        RedeemAsk { customer: customer("Mia", "other@brandt.example"), ..done.clone() },
        RedeemAsk { customer: caller("Mia", "020 7946 0018"), ..done.clone() },
        RedeemAsk { reference: Some("7".into()), ..done.clone() },
        RedeemAsk { currency: Some("USD".into()), ..done.clone() },
        RedeemAsk { override_by: yes, ..done.clone() },
    ];
    let before = everything(&shop);
    for other in others {
        assert_eq!(fault(shop.desk.redeem(&other)), "operation_reused", "{other:?}");
    }
    assert_eq!(everything(&shop), before);

    let done = refund(&sold, Some(100), "scratch");
    shop.desk.refund(&done).unwrap();
    let before = everything(&shop);
    for other in [RefundAsk { amount: Some(Amount(101)), ..done.clone() }, RefundAsk { amount: None, ..done.clone() }] {
        assert_eq!(fault(shop.desk.refund(&other)), "operation_reused");
    }
    assert_eq!(fault(shop.desk.refund(&RefundAsk { reason: "another".into(), ..done.clone() })), "operation_reused");
    // Across jobs too: what recorded a refund can't void a sale.
    assert_eq!(fault(shop.desk.void(&VoidAsk { op: done.op.clone(), redemption_id: sold.id.clone(), reason: "x".into() })), "operation_reused");
    assert_eq!(everything(&shop), before);

    let done = referrer("Ida", Some("ida@poe.example"), None, NewCode::None);
    shop.desk.add_referrer(&done).unwrap();
    let before = everything(&shop);
    let mut others = [done.clone(), done.clone(), done.clone(), done.clone()];
    others[0].name = "Ida Poe".into();
    others[1].email = Some("ida@roe.example".into());
    others[2].code = NewCode::Generate;
    others[3].code = NewCode::Own { text: "IDA10".into() };
    for other in others {
        assert_eq!(fault(shop.desk.add_referrer(&other)), "operation_reused", "{other:?}");
    }

    let done = lead(&jane.referrer.id);
    shop.desk.record_lead(&done).unwrap();
    let recorded = everything(&shop);
    assert_ne!(before, recorded);
    for other in [
        NewLead { referrer_id: omar.referrer.id.clone(), ..done.clone() },
        NewLead { name: "Nour".into(), ..done.clone() },
        NewLead { note: None, ..done.clone() },
        NewLead { call_back: Some("2026-06-03".into()), ..done.clone() },
    ] {
        assert_eq!(fault(shop.desk.record_lead(&other)), "operation_reused", "{other:?}");
    }
    assert_eq!(everything(&shop), recorded);

    let done = revoke(&jane.referrer.id, "posted");
    shop.desk.revoke_code(&done).unwrap();
    let revoked = everything(&shop);
    for other in [RevokeAsk { referrer_id: omar.referrer.id.clone(), ..done.clone() }, RevokeAsk { reason: "another".into(), ..done.clone() }] {
        assert_eq!(fault(shop.desk.revoke_code(&other)), "operation_reused", "{other:?}");
    }
    assert_eq!(everything(&shop), revoked);
    assert_eq!(fault(shop.desk.redeem(&RedeemAsk { op: "no uuid".into(), ..sale(&code, 1, walk_in()) })), "not_an_operation");
    shop.assert_sound();
}

#[test]
fn importing_the_same_list_twice_changes_nothing() {
    for list in
        ["square.csv", "shopify.csv", "stripe.csv", "mailchimp.csv", "referral_factory.csv", "quoted_breaks.csv", "broken_rows.csv", "utf16.tsv"]
    {
        let mut shop = Shop::open();
        let copy = shop.path().join(list);
        std::fs::copy(fixture("lists").join(list), &copy).unwrap();
        let ask = import_ask(&copy, counterfoil_core::desk::import::ImportKind::Referrers);
        let first = shop.desk.import(&ask, &mut |_| true).unwrap();
        let before = everything(&shop);
        let second = shop.desk.import(&ask, &mut |_| true).unwrap();
        assert_eq!((second.added, second.updated, second.rejected_total), (0, 0, first.rejected_total), "{list}");
        assert_eq!(second.unchanged, first.rows - first.rejected_total, "{list}");
        assert_eq!(everything(&shop), before, "{list}");
        shop.assert_sound();
    }
}

#[test]
fn generating_twice_gives_the_same_codes() {
    let mut shop = Shop::with_rules(RulesView { redemptions_max: Some(3), ..RulesView::default() });
    let people: String = (0..300).map(|n| format!("Person {n},p{n}@shop.example\n")).collect();
    shop.import("people.csv", &format!("Name,Email\n{people}"));
    let codes = |shop: &Shop| -> Vec<(i64, String)> {
        let behind = shop.behind();
        let mut statement = behind.prepare("SELECT referrer_n, text FROM referral_code ORDER BY referrer_n").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(shop.desk.generate_all(&mut |_| true).unwrap(), 300);
    let once = codes(&shop);
    assert_eq!(once.len(), 300);
    let before = everything(&shop);
    assert_eq!(shop.desk.generate_all(&mut |_| true).unwrap(), 0);
    let id = shop.desk.find("p7@shop").unwrap()[0].referrer.id.clone();
    let page = shop.desk.generate_code(&id).unwrap();
    assert_eq!(shop.desk.generate_code(&id).unwrap(), page);
    assert_eq!((codes(&shop), everything(&shop)), (once, before));
}

/// From some number on an index is rebuilt within the transaction: it must be there afterwards, also after a cancel.
#[test]
fn very_many_codes_leave_the_schema_as_it_was() {
    let mut shop = Shop::open();
    let people: String = (0..20_000).map(|n| format!("Person {n},p{n}@shop.example\n")).collect();
    shop.import("people.csv", &format!("Name,Email\n{people}"));
    let schema = |shop: &Shop| -> String {
        shop.behind().query_row("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)", [], |row| row.get(0)).unwrap()
    };
    let before = schema(&shop);
    assert_eq!(fault(shop.desk.generate_all(&mut |progress| progress.done < 8_000)), "cancelled");
    assert_eq!((schema(&shop), shop.count("SELECT count(*) FROM referral_code")), (before.clone(), 0));
    assert_eq!(shop.desk.generate_all(&mut |_| true).unwrap(), 20_000);
    assert_eq!(schema(&shop), before);
    let code = shop.desk.find("p19999@shop").unwrap()[0].code.clone().unwrap();
    let end = &code[code.len() - 4..];
    assert!(shop.desk.find(end).unwrap().iter().any(|hit| hit.code.as_deref() == Some(code.as_str())), "found by its end");
    shop.assert_sound();
}

#[test]
fn an_edit_that_comes_again_undoes_no_newer_one() {
    let mut shop = Shop::open();
    let (jane, _) = shop.jane();
    let edit = EditReferrer {
        op: op(),
        id: jane.referrer.id.clone(),
        name: "Jane W. Whitfield".into(),
        email: Some("jane@salon.example".into()),
        phone: Some("07911 123456".into()),
    };
    twice(&mut shop, |shop| shop.desk.edit_referrer(&edit).unwrap());
    let newer = EditReferrer { op: op(), name: "Jane Wu".into(), ..edit.clone() };
    shop.desk.edit_referrer(&newer).unwrap();
    assert_eq!(shop.desk.edit_referrer(&edit).unwrap().referrer.name, "Jane Wu");
    assert_eq!(fault(shop.desk.edit_referrer(&EditReferrer { phone: None, ..edit })), "operation_reused");
    shop.assert_sound();
}

#[test]
fn a_change_of_the_campaign_that_comes_again_undoes_no_newer_one() {
    let mut shop = Shop::open();
    let rules = RulesView { order_min: Some(Amount(3_000)), first_time_only: true, ..RulesView::default() };
    for change in [
        CampaignChange { rules: Some(rules), ..CampaignChange::new(op()) },
        CampaignChange { coupon: Some(Some(percent(2_000))), ..CampaignChange::new(op()) },
        CampaignChange { coupon: Some(None), ..CampaignChange::new(op()) },
        CampaignChange { qualify_on_use: Some(false), ..CampaignChange::new(op()) },
    ] {
        twice(&mut shop, |shop| shop.desk.set_campaign(&change).unwrap());
    }
    let ten = CampaignChange { coupon: Some(Some(percent(1_000))), ..CampaignChange::new(op()) };
    let none = CampaignChange { coupon: Some(None), ..CampaignChange::new(op()) };
    for change in [&ten, &none, &ten] {
        shop.desk.set_campaign(change).unwrap();
    }
    assert_eq!(shop.desk.shop_view().unwrap().campaign.coupon, None);
    assert_eq!(fault(shop.desk.set_campaign(&CampaignChange { qualify_on_use: Some(true), ..ten })), "operation_reused");
    let trail = |shop: &Shop| shop.count("SELECT count(*) FROM audit");
    let before = trail(&shop);
    shop.desk.set_campaign(&CampaignChange::new(op())).unwrap();
    assert_eq!(trail(&shop), before, "a change of nothing leaves no entry");
    shop.assert_sound();
}

/// Chance that repeats itself draws the ten codes that ten others have: those ten draw again, in the same generation.
#[test]
fn whose_code_is_taken_draws_again() {
    let mut shop = Shop::open();
    for from in [0, 10] {
        let people: String = (from..from + 10 + from).map(|n| format!("Person {n},p{n}@shop.example\n")).collect();
        shop.import("people.csv", &format!("Name,Email\n{people}"));
        let mut desk = Desk::open_with(shop.path(), Box::new(shop.clock.clone()), Box::new(Seeded(77))).unwrap();
        assert_eq!(desk.generate_all(&mut |_| true).unwrap(), 10 + from);
    }
    assert_eq!(shop.count("SELECT count(DISTINCT key) FROM referral_code"), 30);
    let late = "SELECT count(*) FROM referral_code JOIN referrer ON referrer.n = referrer_n WHERE email = 'p29@shop.example'";
    assert_eq!(shop.count(late), 1);
    shop.assert_sound();
}

#[test]
fn a_cancelled_generation_leaves_nothing() {
    let mut shop = Shop::open();
    let people: String = (0..50).map(|n| format!("Person {n},p{n}@shop.example\n")).collect();
    shop.import("people.csv", &format!("Name,Email\n{people}"));
    let before = everything(&shop);
    assert_eq!(fault(shop.desk.generate_all(&mut |progress| progress.done == 0)), "cancelled");
    assert_eq!(everything(&shop), before);
    assert_eq!(shop.desk.generate_all(&mut |_| true).unwrap(), 50);
}

/// A row of a list as shops have them: few people, who share addresses, numbers and codes in every way.
fn muddled_row() -> impl Strategy<Value = String> {
    let maybe = |from: &'static [&'static str]| prop_oneof![1 => Just(""), 2 => prop::sample::select(from)];
    let name = maybe(&["Ann", "Bo", "Cy", "Di"]);
    let email = maybe(&["a@list.example", "b@list.example", "c@list.example", "d@list.example"]);
    let phone = maybe(&["020 7946 0001", "020 7946 0002", "020 7946 0003", "020 7946 0004"]);
    let code = prop_oneof![3 => Just(""), 1 => prop::sample::select(&["LIST-1", "LIST-2", "LIST-3"][..])];
    (name, email, phone, code).prop_map(|(name, email, phone, code)| format!("{name},{email},{phone},{code}\n"))
}

fn muddled_list() -> impl Strategy<Value = String> {
    prop::collection::vec(muddled_row(), 1..8).prop_map(|rows| format!("Name,Email,Phone,Code\n{}", rows.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn a_muddled_list_imported_twice_changes_nothing_the_second_time(before in muddled_list(), list in muddled_list()) {
        let mut shop = Shop::open();
        shop.import("before.csv", &before);
        let first = shop.import("list.csv", &list);
        prop_assert_eq!(first.added + first.updated + first.unchanged + first.rejected_total, first.rows);
        let once = everything(&shop);
        let second = shop.import("list.csv", &list);
        prop_assert_eq!((second.added, second.updated, second.rejected_total), (0, 0, first.rejected_total));
        prop_assert_eq!(everything(&shop), once);
        let verified = shop.desk.verify().unwrap();
        prop_assert!(verified.ok, "{:#?}", verified.problems);
    }
}
