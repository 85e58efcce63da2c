//! Sentences that staff can read aloud: every reason and every fault, in every language of the product.
//!
//! They stand in `assets/sentences/`, one file a language, with `{names}` where values go.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Locale, NaiveDate, NaiveDateTime};

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
        match self.tag() {
            "de" => money.to_string().replace('.', ","),
            _ => money.to_string(),
        }
    }

    /// A day as it is read aloud here.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        match self.tag() {
            "de" => day.format_localized("%-d. %B %Y", Locale::de_DE).to_string(),
            _ => day.format("%-d %B %Y").to_string(),
        }
    }

    /// A moment on the shop's clock.
    #[must_use]
    pub fn moment(self, at: NaiveDateTime) -> String {
        format!("{}, {}", self.day(at.date()), at.format("%H:%M"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;
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
}
