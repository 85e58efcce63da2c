//! The answer to "may this code be used for this sale?": yes with the discount, or no with every reason.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::campaign::Terms;
use super::card::Printed;
use super::money::{Currency, Money};
use super::people::Contact;

/// What is known of a code when it is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownCode {
    /// Coupon, currency and frozen rules.
    pub terms: Terms,
    /// Taken back by a manager.
    pub revoked: bool,
    /// Redemptions so far that were not voided.
    pub uses: u32,
    /// How its Referrer is reached, to recognise them at the till.
    pub referrer: Contact,
    /// The cards on which it was printed.
    pub printed: Printed,
}

/// The sale that the code is offered for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sale {
    /// The order total before discount; `None` while staff have not typed it yet.
    pub order: Option<Money>,
    /// Who buys, as far as they said.
    pub customer: Contact,
    /// An earlier sale to this customer, if one is known.
    pub bought_before: Option<Bought>,
    /// When.
    pub at: DateTime<Utc>,
    /// Where: days begin and end in the store's time zone.
    pub zone: Tz,
}

/// How we know that somebody bought before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bought {
    /// A Redemption at this till, on this day.
    On(NaiveDate),
    /// They are in the list of existing customers that the shop imported.
    Listed,
}

/// Why a code may not be used, with what staff need to say so.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the variants' docs tell what the fields are")]
pub enum Reason {
    /// No such code.
    Unknown,
    /// A manager took it back.
    Revoked,
    /// The card that it stands on was marked as lost.
    LostCard,
    /// The last day is over.
    Expired { last_day: NaiveDate },
    /// The first day is still to come.
    NotStarted { first_day: NaiveDate },
    /// The limit is reached.
    UsedUp { redemptions_max: u32 },
    /// The order is too small.
    BelowMinimumOrder { minimum: Money, order: Money, missing: Money },
    /// The customer bought here before.
    NotFirstTime { bought: Bought },
    /// The customer is the Referrer.
    OwnCode,
    /// The sale is in another currency than the campaign.
    WrongCurrency { campaign: Currency, sale: Currency },
}

impl Reason {
    /// Every name that [`Reason::name`] gives.
    pub const NAMES: [&'static str; 10] = [
        "unknown",
        "revoked",
        "lost_card",
        "expired",
        "not_started",
        "used_up",
        "below_minimum_order",
        "not_first_time",
        "own_code",
        "wrong_currency",
    ];

    /// The stable name that files, scripts and the screen use.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Reason::Unknown => "unknown",
            Reason::Revoked => "revoked",
            Reason::LostCard => "lost_card",
            Reason::Expired { .. } => "expired",
            Reason::NotStarted { .. } => "not_started",
            Reason::UsedUp { .. } => "used_up",
            Reason::BelowMinimumOrder { .. } => "below_minimum_order",
            Reason::NotFirstTime { .. } => "not_first_time",
            Reason::OwnCode => "own_code",
            Reason::WrongCurrency { .. } => "wrong_currency",
        }
    }
}

/// The decision, with what it costs. A refused sale has no discount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Every reason against it; none means yes.
    pub reasons: Vec<Reason>,
    /// What comes off the order in minor units.
    pub discount: i64,
}

impl Verdict {
    /// Whether the code may be used.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Decides from everything that is known. Looks at all rules, not only the first that fails.
#[must_use]
pub fn decide(code: Option<&KnownCode>, sale: &Sale) -> Verdict {
    let Some(code) = code else {
        return Verdict { reasons: vec![Reason::Unknown], discount: 0 };
    };
    let rules = &code.terms.rules;
    let today = sale.at.with_timezone(&sale.zone).date_naive();
    let mut reasons = Vec::new();
    if code.revoked {
        reasons.push(Reason::Revoked);
    }
    if code.printed.lost() {
        reasons.push(Reason::LostCard);
    }
    if let Some(last_day) = rules.expires.filter(|&last_day| today > last_day) {
        reasons.push(Reason::Expired { last_day });
    }
    if let Some(first_day) = rules.starts.filter(|&first_day| today < first_day) {
        reasons.push(Reason::NotStarted { first_day });
    }
    if let Some(redemptions_max) = rules.redemptions_max.filter(|&max| code.uses >= max) {
        reasons.push(Reason::UsedUp { redemptions_max });
    }
    let campaign = code.terms.currency;
    match sale.order {
        Some(order) if order.currency != campaign => {
            reasons.push(Reason::WrongCurrency { campaign, sale: order.currency });
        }
        Some(order) => {
            if let Some(least) = rules.order_min.filter(|&least| order.minor < least) {
                let of = |minor| Money { minor, currency: campaign };
                reasons.push(Reason::BelowMinimumOrder { minimum: of(least), order, missing: of(least - order.minor) });
            }
        }
        None => {}
    }
    if rules.first_time_only
        && let Some(bought) = sale.bought_before
    {
        reasons.push(Reason::NotFirstTime { bought });
    }
    if code.referrer.shares(&sale.customer) {
        reasons.push(Reason::OwnCode);
    }
    let discount = discount(&code.terms, sale.order);
    Verdict { discount: if reasons.is_empty() { discount } else { 0 }, reasons }
}

/// What the coupon takes off an order, whatever the rules say: also what a manager's yes gives.
#[must_use]
pub fn discount(terms: &Terms, order: Option<Money>) -> i64 {
    match (&terms.coupon, order) {
        (Some(coupon), Some(order)) if order.currency == terms.currency => coupon.discount(order).minor,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::{CodeRules, Coupon, Duration, Off};
    use crate::domain::money::Percent;
    use chrono::TimeZone as _;
    use proptest::option;
    use proptest::prelude::*;

    fn eur(minor: i64) -> Money {
        Money { minor, currency: Currency::parse("EUR").unwrap() }
    }

    fn code(rules: CodeRules) -> KnownCode {
        let coupon = Coupon { off: Off::Percent(Percent::parse("15").unwrap()), duration: Duration::Once };
        let terms = Terms { currency: eur(0).currency, coupon: Some(coupon), rules };
        KnownCode {
            terms,
            revoked: false,
            uses: 0,
            referrer: Contact { email: Some("jane@salon.example".into()), phone: Some("+41791234567".into()) },
            printed: Printed::default(),
        }
    }

    fn sale(order: i64) -> Sale {
        let at = Utc.with_ymd_and_hms(2026, 5, 31, 21, 59, 59).unwrap();
        Sale { order: Some(eur(order)), customer: Contact::default(), bought_before: None, at, zone: chrono_tz::Europe::Zurich }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(code: &KnownCode, sale: &Sale, expected: &[&str]) {
        let names: Vec<_> = decide(Some(code), sale).reasons.iter().map(Reason::name).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn an_allowed_sale_has_its_discount() {
        let verdict = decide(Some(&code(CodeRules::default())), &sale(10_000));
        assert_eq!(verdict, Verdict { reasons: vec![], discount: 1500 });
    }

    #[test]
    fn an_unknown_code_is_unknown_and_nothing_else() {
        assert_eq!(decide(None, &sale(100)).reasons, [Reason::Unknown]);
    }

    /// mitodl/mitxpro#991, wpsharks/s2member#612: codes expired a day early, at midnight UTC.
    #[test]
    fn the_last_day_counts_whole_in_the_stores_time_zone() {
        let code = code(CodeRules { expires: Some(day("2026-05-31")), ..CodeRules::default() });
        check(&code, &sale(100), &[]);
        let mut later = sale(100);
        later.at += chrono::Duration::seconds(1);
        check(&code, &later, &["expired"]);
        later.zone = chrono_tz::America::New_York;
        check(&code, &later, &[]);
    }

    #[test]
    fn every_reason_is_said_at_once() {
        let rules = CodeRules {
            first_time_only: true,
            redemptions_max: Some(2),
            starts: Some(day("2026-06-01")),
            expires: Some(day("2026-05-30")),
            order_min: Some(3000),
        };
        let mut code = code(rules);
        (code.revoked, code.uses) = (true, 2);
        code.printed = Printed { scanned_lost: Some(true), any_lost: true, any_safe: false };
        let mut sale = sale(2450);
        sale.bought_before = Some(Bought::Listed);
        sale.customer.phone = Some("+41791234567".into());
        check(&code, &sale, &["revoked", "lost_card", "expired", "not_started", "used_up", "below_minimum_order", "not_first_time", "own_code"]);
        let verdict = decide(Some(&code), &sale);
        assert_eq!(verdict.discount, 0);
        assert!(verdict.reasons.contains(&Reason::BelowMinimumOrder { minimum: eur(3000), order: eur(2450), missing: eur(550) }));
        sale.order = Some(Money { minor: 5000, currency: Currency::parse("USD").unwrap() });
        check(&code, &sale, &["revoked", "lost_card", "expired", "not_started", "used_up", "wrong_currency", "not_first_time", "own_code"]);
    }

    #[test]
    fn a_lost_card_alone_is_a_reason() {
        let mut lost = code(CodeRules::default());
        lost.printed.any_lost = true;
        check(&lost, &sale(100), &["lost_card"]);
        lost.printed.any_safe = true;
        check(&lost, &sale(100), &[]);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let mut one_use = code(CodeRules { redemptions_max: Some(1), order_min: Some(3000), ..CodeRules::default() });
        check(&one_use, &sale(3000), &[]);
        check(&one_use, &sale(2999), &["below_minimum_order"]);
        one_use.uses = 1;
        check(&one_use, &sale(3000), &["used_up"]);
    }

    /// A day some days before or after 31 May 2026.
    fn near(days: i64) -> NaiveDate {
        day("2026-05-31") + chrono::Duration::days(days)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        /// Every rule with every fact, against each reason said anew from PRODUCT.md in plain numbers: days are counted from
        /// midnight in a zone without summer time, and what comes off is half up.
        #[test]
        fn the_reasons_are_exactly_those_that_hold(
            (first_time_only, max, starts, expires, order_min) in
                (any::<bool>(), option::of(1..4_u32), option::of(-2..3_i64), option::of(-2..3_i64), option::of(0..4_000_i64)),
            (revoked, uses, scanned_lost, any_lost, any_safe) in (any::<bool>(), 0..5_u32, option::of(any::<bool>()), any::<bool>(), any::<bool>()),
            (bought, same_email, same_phone, silent) in (0..3_usize, any::<bool>(), any::<bool>(), any::<bool>()),
            (order, foreign, off, percent) in (option::of(0..5_000_i64), any::<bool>(), 1..6_000_i64, 1..=10_000_i64),
            (minute, zone, by_amount) in (-3 * 24 * 60..3 * 24 * 60_i64, 0..4_usize, any::<bool>()),
        ) {
            let rules =
                CodeRules { first_time_only, redemptions_max: max, starts: starts.map(near), expires: expires.map(near), order_min };
            let mut code = code(rules);
            let coupon = if by_amount { Off::Amount(eur(off)) } else { Off::Percent(Percent::from_hundredths(percent).unwrap()) };
            code.terms.coupon = Some(Coupon { off: coupon, duration: Duration::Once });
            (code.revoked, code.uses, code.printed) = (revoked, uses, Printed { scanned_lost, any_lost, any_safe });
            let (zone, east_minutes) =
                [(Tz::UTC, 0), (chrono_tz::Asia::Kathmandu, 345), (chrono_tz::America::Phoenix, -420), (chrono_tz::Pacific::Kiritimati, 840)][zone];
            let currency = Currency::parse(if foreign { "USD" } else { "EUR" }).unwrap();
            let contact = |same, theirs: &str| (!silent).then(|| if same { theirs.to_owned() } else { format!("not {theirs}") });
            let sale = Sale {
                order: order.map(|minor| Money { minor, currency }),
                customer: Contact { email: contact(same_email, "jane@salon.example"), phone: contact(same_phone, "+41791234567") },
                bought_before: [None, Some(Bought::Listed), Some(Bought::On(near(-9)))][bought],
                at: Utc.with_ymd_and_hms(2026, 5, 31, 0, 0, 0).unwrap() + chrono::Duration::minutes(minute),
                zone,
            };

            // Days since 31 May, in the shop.
            let today = (minute + east_minutes).div_euclid(24 * 60);
            let lost = match scanned_lost {
                Some(this_batch) => this_batch,
                None => any_lost && !any_safe,
            };
            let holds = [
                ("revoked", revoked),
                ("lost_card", lost),
                ("expired", expires.is_some_and(|last| last < today)),
                ("not_started", starts.is_some_and(|first| first > today)),
                ("used_up", max.is_some_and(|max| max <= uses)),
                ("wrong_currency", order.is_some() && foreign),
                ("below_minimum_order", !foreign && order.zip(order_min).is_some_and(|(order, least)| least > order)),
                ("not_first_time", first_time_only && bought > 0),
                ("own_code", !silent && (same_email || same_phone)),
            ];
            let expected: Vec<&str> = holds.into_iter().filter_map(|(name, holds)| holds.then_some(name)).collect();
            let verdict = decide(Some(&code), &sale);
            prop_assert_eq!(verdict.reasons.iter().map(Reason::name).collect::<Vec<_>>(), expected.clone());
            let comes_off = if by_amount { off } else { (order.unwrap_or(0) * percent + 5_000) / 10_000 };
            let expected = if expected.is_empty() { order.map_or(0, |order| comes_off.min(order)) } else { 0 };
            prop_assert_eq!(verdict.discount, expected);
        }
    }

    proptest! {
        #[test]
        fn a_discount_lies_between_nothing_and_the_order(order in 0..1_000_000_i64, off in 1..2_000_000_i64, percent in 1..=10_000_i64) {
            for coupon in [Off::Amount(eur(off)), Off::Percent(Percent::from_hundredths(percent).unwrap())] {
                let mut code = code(CodeRules::default());
                code.terms.coupon = Some(Coupon { off: coupon, duration: Duration::Once });
                let verdict = decide(Some(&code), &sale(order));
                prop_assert!((0..=order).contains(&verdict.discount));
            }
        }

        #[test]
        fn one_more_use_or_one_more_day_never_turns_a_no_into_a_yes(uses in 0..4_u32, max in 1..4_u32, days in 0..60_i64) {
            let rules = CodeRules { redemptions_max: Some(max), expires: Some(day("2026-06-15")), ..CodeRules::default() };
            let mut code = code(rules);
            let mut sale = sale(100);
            code.uses = uses;
            sale.at += chrono::Duration::days(days);
            let before = decide(Some(&code), &sale).allowed();
            code.uses += 1;
            sale.at += chrono::Duration::days(1);
            prop_assert!(before || !decide(Some(&code), &sale).allowed());
        }
    }
}
