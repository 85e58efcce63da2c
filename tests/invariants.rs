//! Whatever staff do in whatever order, the records stay sound and count what happened.

use std::fmt::Write as _;

use counterfoil_core::desk::views::RulesView;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::*;

/// Enough for every commit.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().map_or(32, |cases| cases.parse().unwrap())
}

/// What somebody at the till may do next. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Sell { code: usize, customer: usize, order: i64, again: bool },
    Void { sale: usize, again: bool },
    Refund { sale: usize, amount: Option<i64>, again: bool },
    NextDay,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let sell =
        (0..3_usize, 0..5_usize, 0..20_000_i64, any::<bool>()).prop_map(|(code, customer, order, again)| Step::Sell { code, customer, order, again });
    let void = (0..8_usize, any::<bool>()).prop_map(|(sale, again)| Step::Void { sale, again });
    let amount = prop_oneof![Just(None), (-10..20_000_i64).prop_map(Some)];
    let refund = (0..8_usize, amount, any::<bool>()).prop_map(|(sale, amount, again)| Step::Refund { sale, amount, again });
    prop_oneof![6 => sell, 2 => void, 4 => refund, 1 => Just(Step::NextDay), 1 => Just(Step::Restart)]
}

proptest! {
    // A fixed seed: what is green stays green until the code changes; PROPTEST_CASES looks further.
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, rng_seed: RngSeed::Fixed(5), ..ProptestConfig::default() })]

    #[test]
    fn any_day_at_the_till_leaves_sound_records(steps in prop::collection::vec(step(), 1..40)) {
        let mut shop = Shop::with_rules(RulesView { redemptions_max: Some(4), ..RulesView::default() });
        let codes: Vec<String> =
            (0..3).map(|n| code_of(&shop.referrer(&format!("Referrer {n}"), Some(&format!("r{n}@salon.example")), None))).collect();
        // What must have happened, counted by hand: sale, code, paid, refunded, standing.
        let mut sales: Vec<(counterfoil_core::desk::views::Counterfoil, usize, i64, i64, bool)> = Vec::new();
        for step in steps {
            match step {
                Step::Sell { code, customer: who, order, again } => {
                    let uses = sales.iter().filter(|sale| sale.1 == code && sale.4).count();
                    let ask = sale(&codes[code], order, customer("Somebody", &format!("c{who}@customer.example")));
                    let answer = shop.desk.redeem(&ask).unwrap();
                    prop_assert_eq!(answer.redemption.is_some(), uses < 4);
                    if let Some(stub) = answer.redemption {
                        // 15 %, half up.
                        let discount = (order * 15 + 50) / 100;
                        prop_assert_eq!((stub.discount.0, stub.paid.0), (discount, order - discount));
                        sales.push((stub, code, order - discount, 0, true));
                    }
                    if again {
                        prop_assert_eq!(shop.desk.redeem(&ask).unwrap().replayed, uses < 4);
                    }
                }
                Step::Void { sale, again } if sale < sales.len() => {
                    let (stub, _, _, refunded, stands) = &mut sales[sale];
                    let ask = void(stub, "mistake");
                    let done = shop.desk.void(&ask);
                    let today = shop.desk.sales_of(None).unwrap().counterfoils.iter().any(|other| other.id == stub.id);
                    prop_assert_eq!(done.is_ok(), *stands && *refunded == 0 && today);
                    if done.is_ok() {
                        *stands = false;
                        if again {
                            prop_assert!(shop.desk.void(&ask).is_ok());
                        }
                    }
                }
                Step::Refund { sale, amount, again } if sale < sales.len() => {
                    let (stub, _, paid, refunded, stands) = &mut sales[sale];
                    let ask = refund(stub, amount, "came back");
                    let wanted = amount.unwrap_or(*paid - *refunded);
                    let done = shop.desk.refund(&ask);
                    prop_assert_eq!(done.is_ok(), *stands && wanted > 0 && wanted <= *paid - *refunded);
                    if done.is_ok() {
                        *refunded += wanted;
                        if again {
                            prop_assert_eq!(shop.desk.refund(&ask).unwrap().refunded.0, *refunded);
                        }
                    }
                }
                Step::NextDay => shop.clock.forward(chrono::Duration::days(1)),
                Step::Restart => shop = shop.reopened(),
                Step::Void { .. } | Step::Refund { .. } => {}
            }
        }
        for (n, code) in codes.iter().enumerate() {
            let uses = sales.iter().filter(|sale| sale.1 == n && sale.4).count();
            prop_assert_eq!(shop.check(code, 100, walk_in()).uses as usize, uses);
        }
        let refunded: i64 = sales.iter().map(|sale| sale.3).sum();
        prop_assert_eq!(shop.count("SELECT coalesce(sum(refunded), 0) FROM redemption"), refunded);
        prop_assert_eq!(shop.count("SELECT count(*) FROM redemption"), sales.len() as i64);
        // A Lead counts exactly while one of its sales stands.
        let wrong = shop.count(
            "SELECT count(*) FROM lead WHERE (state = 'qualified') <> EXISTS (
               SELECT 1 FROM redemption WHERE lead_n = lead.n AND voided_at IS NULL AND (refunded = 0 OR refunded < paid))",
        );
        prop_assert_eq!(wrong, 0);
        let verified = shop.desk.verify().unwrap();
        prop_assert!(verified.ok, "{:?}", verified.problems);
    }

    #[test]
    fn any_list_twice_changes_nothing_the_second_time(rows in prop::collection::vec((0..4_u8, 0..5_u8, 0..5_u8), 1..14)) {
        twice(&mut Shop::open(), &rows)?;
    }
}

/// Imports a list twice: no row is lost, and the second time nothing changes.
fn twice(shop: &mut Shop, rows: &[(u8, u8, u8)]) -> Result<(), TestCaseError> {
    let first = shop.import("list.csv", &list(rows));
    let people = everybody(shop);
    let second = shop.import("list.csv", &list(rows));
    for report in [&first, &second] {
        prop_assert_eq!(report.added + report.updated + report.unchanged + report.rejected_total, report.rows);
    }
    prop_assert_eq!((second.added, second.updated), (0, 0), "{:?} became {:?} of {}", people, everybody(shop), list(rows));
    prop_assert_eq!(everybody(shop), people);
    let verified = shop.desk.verify().unwrap();
    prop_assert!(verified.ok, "{:?}", verified.problems);
    Ok(())
}

/// A list from few names, addresses and numbers, so that they meet; 0 is none.
fn list(rows: &[(u8, u8, u8)]) -> String {
    let mut text = "Name,Email,Phone\n".to_owned();
    for &(name, email, phone) in rows {
        let some = |n: u8, text: String| if n == 0 { String::new() } else { text };
        let (name, email) = (some(name, format!("Name {name}")), some(email, format!("e{email}@shop.example")));
        writeln!(text, "{name},{email},{}", some(phone, format!("020 7946 000{phone}"))).unwrap();
    }
    text
}

fn everybody(shop: &Shop) -> Vec<String> {
    let behind = shop.behind();
    let mut statement = behind
        .prepare(
            "SELECT name || ' ' || coalesce(email_key, '-') || ' ' || coalesce(phone_key, '-')
             FROM referrer ORDER BY n",
        )
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}
