//! Sentences that staff can read aloud: every reason and every fault, in every language of the product.
//!
//! They stand in `assets/sentences/`, one file a language, with `{names}` where values go.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Locale, NaiveDate};

use crate::domain::campaign::{Coupon, Duration, Off, Terms};
use crate::domain::money::Money;
use crate::domain::verdict::{Bought, Reason};

/// Languages of the product, the first being the one for everything unknown.
pub const LANGUAGES: [&str; 2] = ["en", "de"];

type Table = HashMap<String, String>;

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| {
    let read = |text| serde_json::from_str(text).expect("the sentences are part of the program and a test reads them");
    [read(include_str!("../../../assets/sentences/en.json")), read(include_str!("../../../assets/sentences/de.json"))]
});

/// A language as its sentences need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Language(usize);

impl Language {
    /// The language with this tag (`de`, `de-CH`, `de_AT.UTF-8`), else English.
    #[must_use]
    pub fn of(tag: &str) -> Language {
        let two = tag.get(..2).unwrap_or("").to_ascii_lowercase();
        Language(LANGUAGES.iter().position(|&language| language == two).unwrap_or(0))
    }

    /// Its two letters.
    #[must_use]
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0]
    }

    /// The sentence with this key and these values. An unknown key is a defect; it is said as it is, so that it can be found.
    #[must_use]
    pub fn say(self, key: &str, values: &[(&str, &str)]) -> String {
        let Some(template) = TABLES[self.0].get(key) else {
            return key.to_owned();
        };
        // Values are put in one pass, so that text from people with braces in it stays text.
        let mut sentence = String::with_capacity(template.len() + 32);
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            sentence.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            sentence.push_str(values.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value));
            rest = after;
        }
        sentence.push_str(rest);
        sentence
    }

    /// An amount as it is read aloud here, without its currency.
    #[must_use]
    pub fn amount(self, money: Money) -> String {
        self.decimal(money.to_string())
    }

    /// A day as it is read aloud here.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        match self.tag() {
            "de" => day.format_localized("%-d. %B %Y", Locale::de_DE).to_string(),
            _ => day.format("%-d %B %Y").to_string(),
        }
    }

    /// Why a code may not be used.
    #[must_use]
    pub fn reason(self, reason: &Reason) -> String {
        let key = format!("reason.{}", reason.name());
        match reason {
            Reason::Unknown | Reason::Revoked | Reason::LostCard | Reason::OwnCode => self.say(&key, &[]),
            Reason::Expired { last_day: day } | Reason::NotStarted { first_day: day } => self.say(&key, &[("day", &self.day(*day))]),
            Reason::UsedUp { redemptions_max: 1 } => self.say("reason.used_up_once", &[]),
            Reason::UsedUp { redemptions_max } => self.say(&key, &[("max", &redemptions_max.to_string())]),
            Reason::BelowMinimumOrder { minimum, order, missing } => {
                self.say(&key, &[("minimum", &self.amount(*minimum)), ("order", &self.amount(*order)), ("missing", &self.amount(*missing))])
            }
            Reason::NotFirstTime { bought: Bought::On(day) } => self.say(&key, &[("day", &self.day(*day))]),
            Reason::NotFirstTime { bought: Bought::Listed } => self.say("reason.not_first_time_listed", &[]),
            Reason::WrongCurrency { campaign, sale } => self.say(&key, &[("campaign", campaign.code()), ("sale", sale.code())]),
        }
    }
}

/// What a code promises, in the words that customers read. Made from coupon and rules alone, so that no card, slip or message can
/// promise anything else.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Offer {
    /// What comes off, without a full stop: `15% off your first order`. None where there is no coupon.
    pub headline: Option<String>,
    /// What it depends on, a sentence each.
    pub conditions: Vec<String>,
    /// Until when it counts, as a sentence.
    pub expiry: Option<String>,
}

/// The offer of a code with these terms.
#[must_use]
pub fn offer(language: Language, terms: &Terms) -> Offer {
    let rules = &terms.rules;
    let mut conditions = Vec::new();
    // Where only the first order counts and the coupon is for one order, the headline has said so.
    if rules.first_time_only && !terms.coupon.is_some_and(|coupon| coupon.duration == Duration::Once) {
        conditions.push(language.say("offer.new_customers", &[]));
    }
    if let Some(minor) = rules.order_min {
        conditions.push(language.say("offer.order_min", &[("amount", &language.price(Money { minor, currency: terms.currency }))]));
    }
    match rules.redemptions_max {
        Some(1) => conditions.push(language.say("offer.once", &[])),
        Some(max) => conditions.push(language.say("offer.max", &[("max", &max.to_string())])),
        None => {}
    }
    if let Some(day) = rules.starts {
        conditions.push(language.say("offer.starts", &[("day", &language.day(day))]));
    }
    Offer {
        headline: terms.coupon.map(|coupon| language.off(coupon, rules.first_time_only)),
        conditions,
        expiry: rules.expires.map(|day| language.say("offer.expires", &[("day", &language.day(day))])),
    }
}

impl Language {
    /// What comes off which orders.
    fn off(self, coupon: Coupon, first_time_only: bool) -> String {
        let off = match coupon.off {
            Off::Percent(percent) => self.say("offer.off_percent", &[("percent", &self.decimal(percent.to_string()))]),
            Off::Amount(amount) => self.say("offer.off_amount", &[("amount", &self.price(amount))]),
        };
        let (key, months) = match coupon.duration {
            Duration::Once if first_time_only => ("offer.first_order", 1),
            Duration::Once => ("offer.one_order", 1),
            Duration::Forever => ("offer.every_order", 1),
            Duration::Months(1) => ("offer.every_order_month", 1),
            Duration::Months(months) => ("offer.every_order_months", months),
        };
        self.say(key, &[("off", &off), ("months", &months.to_string())])
    }

    /// An amount as customers read a price: with its sign or its three letters, and without cents where there are none.
    #[must_use]
    pub fn price(self, money: Money) -> String {
        let unit = 10_i64.pow(money.currency.exponent());
        let amount = if money.minor % unit == 0 { (money.minor / unit).to_string() } else { self.amount(money) };
        match (self.tag(), money.currency.sign()) {
            ("de", Some(sign)) => format!("{amount}\u{a0}{sign}"),
            (_, Some(sign)) => format!("{sign}{amount}"),
            (_, None) => format!("{amount}\u{a0}{}", money.currency.code()),
        }
    }

    /// A number with a point, as it is written here.
    fn decimal(self, number: String) -> String {
        match self.tag() {
            "de" => number.replace('.', ","),
            _ => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::CodeRules;
    use crate::domain::money::{Currency, Percent};
    use std::collections::BTreeSet;

    fn placeholders(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_language_has_every_sentence_with_the_same_values() {
        let [english, german] = &*TABLES;
        let keys: BTreeSet<_> = english.keys().collect();
        assert_eq!(keys, german.keys().collect());
        for key in keys {
            assert_eq!(placeholders(&english[key]), placeholders(&german[key]), "{key}");
            assert!(!german[key].trim().is_empty() && !english[key].trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn every_reason_has_its_sentence_in_every_language() {
        let eur = |minor| Money { minor, currency: Currency::parse("EUR").unwrap() };
        let day: NaiveDate = "2026-12-31".parse().unwrap();
        let reasons = [
            Reason::Unknown,
            Reason::Revoked,
            Reason::LostCard,
            Reason::Expired { last_day: day },
            Reason::NotStarted { first_day: day },
            Reason::UsedUp { redemptions_max: 1 },
            Reason::UsedUp { redemptions_max: 5 },
            Reason::BelowMinimumOrder { minimum: eur(3000), order: eur(2450), missing: eur(550) },
            Reason::NotFirstTime { bought: Bought::On(day) },
            Reason::NotFirstTime { bought: Bought::Listed },
            Reason::OwnCode,
            Reason::WrongCurrency { campaign: eur(0).currency, sale: Currency::parse("USD").unwrap() },
        ];
        let names: BTreeSet<_> = reasons.iter().map(Reason::name).collect();
        assert_eq!(names, Reason::NAMES.into_iter().collect());
        for tag in LANGUAGES {
            for reason in &reasons {
                let sentence = Language::of(tag).reason(reason);
                assert!(sentence.ends_with('.') && !sentence.contains(['{', '}']) && !sentence.starts_with("reason."), "{tag}: {sentence}");
            }
        }
        assert_eq!(Language::of("en").reason(&reasons[7]), "The minimum order is 30.00. This order is 24.50: 5.50 more and it counts.");
        assert_eq!(Language::of("de-CH").reason(&reasons[3]), "Dieser Code galt bis zum 31. Dezember 2026.");
    }

    #[test]
    fn braces_from_people_stay_text() {
        assert_eq!(
            Language::default().say("fault.contact_taken", &[("name", "{day} {")]),
            "This e-mail or phone number already belongs to {day} {. Open that person instead."
        );
    }
    #[test]
    fn customers_read_what_the_coupon_says() {
        let (eur, kwd) = (Currency::parse("EUR").unwrap(), Currency::parse("KWD").unwrap());
        let percent = |text| Off::Percent(Percent::parse(text).unwrap());
        let amount = |minor, currency| Off::Amount(Money { minor, currency });
        let cases = [
            (percent("15"), Duration::Once, true, "15% off your first order", "15\u{a0}% Rabatt auf Ihren ersten Einkauf"),
            (percent("12.5"), Duration::Once, false, "12.5% off your order", "12,5\u{a0}% Rabatt auf Ihren Einkauf"),
            (amount(500, eur), Duration::Months(3), false, "€5 off every order for 3 months", "5\u{a0}€ Rabatt auf jeden Einkauf, 3 Monate lang"),
            (
                amount(550, eur),
                Duration::Months(1),
                false,
                "€5.50 off every order for a month",
                "5,50\u{a0}€ Rabatt auf jeden Einkauf, einen Monat lang",
            ),
            (amount(1250, kwd), Duration::Forever, true, "1.250\u{a0}KWD off every order", "1,250\u{a0}KWD Rabatt auf jeden Einkauf"),
        ];
        for (off, duration, first_time_only, english, german) in cases {
            let rules = CodeRules { first_time_only, ..CodeRules::default() };
            let terms = Terms { currency: eur, coupon: Some(Coupon { off, duration }), rules };
            assert_eq!(offer(Language::of("en"), &terms).headline.as_deref(), Some(english));
            assert_eq!(offer(Language::of("de"), &terms).headline.as_deref(), Some(german));
            let said = !offer(Language::of("en"), &terms).conditions.is_empty();
            assert_eq!(said, first_time_only && duration != Duration::Once, "{english}");
        }
    }

    #[test]
    fn every_rule_is_on_the_card() {
        let rules = CodeRules {
            first_time_only: true,
            redemptions_max: Some(5),
            starts: "2026-06-01".parse().ok(),
            expires: "2026-12-31".parse().ok(),
            order_min: Some(3000),
        };
        let terms = Terms { currency: Currency::parse("GBP").unwrap(), coupon: None, rules };
        let said = offer(Language::default(), &terms);
        assert_eq!(said.headline, None);
        assert_eq!(said.conditions, ["For new customers.", "From £30.", "Counts 5 times in all.", "Counts from 1 June 2026 on."]);
        assert_eq!(said.expiry.as_deref(), Some("Valid until 31 December 2026."));
        assert_eq!(offer(Language::of("de"), &terms).conditions[1], "Ab 30\u{a0}£ Einkaufswert.");
    }
}
