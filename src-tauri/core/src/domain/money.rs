//! Amounts of money: integer minor units of an ISO 4217 currency. Never a float.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An ISO 4217 currency that knows how many digits its minor unit has (JPY 0, EUR 2, KWD 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this alphabetic ISO 4217 code, in any case.
    pub fn parse(code: &str) -> Result<Currency, MoneyError> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase())
            // Gold, test codes and the like have no minor unit: nobody pays in them at a till.
            .filter(|currency| currency.exponent().is_some())
            .map(Currency)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }

    /// Every currency that a till can count in, by code.
    pub fn all() -> Vec<&'static str> {
        use iso_currency::IntoEnumIterator as _;
        let mut codes: Vec<_> =
            iso_currency::Currency::iter().filter(|currency| currency.exponent().is_some()).map(|currency| currency.code()).collect();
        codes.sort_unstable();
        codes
    }

    /// What people pay with in a country (two letters, ISO 3166), where it is one currency.
    #[must_use]
    pub fn of_country(country: &str) -> Option<&'static str> {
        use iso_currency::IntoEnumIterator as _;
        iso_currency::Currency::iter()
            // Funds and clearing units are used by countries too, but not at tills.
            .filter(|currency| !currency.is_fund() && currency.exponent().is_some())
            .find(|currency| currency.used_by().iter().any(|user| format!("{user:?}") == country))
            .map(|currency| currency.code())
    }

    /// The alphabetic ISO 4217 code, such as `EUR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The sign that customers know it by, such as `€`, where it is a sign and no abbreviation.
    #[must_use]
    pub fn sign(self) -> Option<String> {
        let sign = self.0.symbol().to_string();
        // What is in none of the letters' blocks: `$`, `£`, `¥` and the block of currency signs.
        let is_sign = |c: char| matches!(c, '$' | '£' | '¥' | '\u{20a0}'..='\u{20cf}');
        Some(sign).filter(|sign| sign.chars().all(is_sign))
    }

    /// Digits after the decimal point.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// Reads what a person types as an amount: `49.90`, `49,90`, `1 234.50`, `1.234,50`, `50`.
    ///
    /// The last point or comma is the decimal one if no more digits follow it than the currency has;
    /// every other separator must stand before exactly three digits. A lone separator before three digits is refused
    /// where the currency has decimals, since it could mean either.
    pub fn parse_amount(self, text: &str) -> Result<Money, MoneyError> {
        let unusable = || MoneyError::NotAnAmount(text.to_owned());
        let compact: String = text.trim().chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’')).collect();
        let exponent = self.exponent() as usize;
        let separators: Vec<usize> = compact.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).map(|(at, _)| at).collect();
        let decimal = separators.last().copied().filter(|&at| {
            let digits_after = compact.len() - at - 1;
            let same_again = separators.iter().filter(|&&other| compact.as_bytes()[other] == compact.as_bytes()[at]).count() > 1;
            (1..=exponent).contains(&digits_after) && !same_again
        });
        let (whole, fraction) = match decimal {
            Some(at) => (&compact[..at], &compact[at + 1..]),
            None => (compact.as_str(), ""),
        };
        if decimal.is_none() && separators.len() == 1 && exponent > 0 {
            return Err(unusable());
        }
        let mut groups = whole.split(['.', ',']);
        let mut digits = groups.next().unwrap_or("").to_owned();
        for group in groups {
            if group.len() != 3 || digits.is_empty() {
                return Err(unusable());
            }
            digits.push_str(group);
        }
        if digits.is_empty() && fraction.is_empty() {
            return Err(unusable());
        }
        digits.push_str(fraction);
        digits.extend(std::iter::repeat_n('0', exponent - fraction.len()));
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(unusable());
        }
        let minor = i64::from_str(&digits).map_err(|_| unusable())?;
        if minor > AMOUNT_MINOR_MAX {
            return Err(MoneyError::TooLarge);
        }
        Ok(Money { minor, currency: self })
    }
}

/// No sale at a till is larger; beyond it a stray scan has been typed as an amount (a barcode has 13 digits).
pub const AMOUNT_MINOR_MAX: i64 = 99_999_999_999;

/// An amount in minor units of a currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Money {
    /// Minor units (cents for EUR, yen for JPY).
    pub minor: i64,
    /// What they are units of.
    pub currency: Currency,
}

impl fmt::Display for Money {
    /// The amount without its currency, with a point: `30.00`, `500`, `1.250`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let unit = 10_u64.pow(self.currency.exponent());
        let (whole, fraction) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match exponent {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{fraction:0exponent$}"),
        }
    }
}

/// A share of an amount, in hundredths of a percent: 1000 is 10 %.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Percent(u16);

impl Percent {
    /// A percentage in (0, 100] with at most two decimals, given in hundredths.
    pub fn from_hundredths(hundredths: i64) -> Result<Percent, MoneyError> {
        match u16::try_from(hundredths) {
            Ok(value @ 1..=10_000) => Ok(Percent(value)),
            _ => Err(MoneyError::NotAPercentage),
        }
    }

    /// Reads `10`, `12.5` or `12,5 %`.
    pub fn parse(text: &str) -> Result<Percent, MoneyError> {
        let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > 2 || !(whole.to_owned() + fraction).bytes().all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::NotAPercentage);
        }
        let hundredths = format!("{whole}{fraction:0<2}");
        Percent::from_hundredths(hundredths.parse().map_err(|_| MoneyError::NotAPercentage)?)
    }

    /// Hundredths of a percent.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        i64::from(self.0)
    }

    /// This share of an amount, half a minor unit rounded up.
    #[must_use]
    pub fn of(self, amount: Money) -> Money {
        let product = i128::from(amount.minor) * i128::from(self.0);
        let minor = i64::try_from((product + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX);
        Money { minor, ..amount }
    }
}

impl fmt::Display for Percent {
    /// `10`, `12.5`: without the sign, which each language sets its own way.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Why something is not an amount of money.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MoneyError {
    /// Not in ISO 4217, or nothing that is paid with.
    #[error("no currency is called {0:?}")]
    UnknownCurrency(String),
    /// Not digits with at most the currency's decimals.
    #[error("{0:?} is not an amount")]
    NotAnAmount(String),
    /// Above [`AMOUNT_MINOR_MAX`].
    #[error("the amount is too large")]
    TooLarge,
    /// Outside (0, 100] or finer than a hundredth.
    #[error("a percentage lies above 0 and up to 100, with at most two decimals")]
    NotAPercentage,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn reads(currency: &str, text: &str, expected: Option<i64>) {
        let currency = Currency::parse(currency).unwrap();
        assert_eq!(currency.parse_amount(text).ok().map(|m| m.minor), expected, "{text:?}");
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        reads("EUR", "49.90", Some(4990));
        reads("EUR", "49,9", Some(4990));
        reads("EUR", " 50 ", Some(5000));
        reads("EUR", "1 234,50", Some(123_450));
        reads("EUR", "1.234,50", Some(123_450));
        reads("EUR", "1,234.50", Some(123_450));
        reads("EUR", "1.234.567", Some(123_456_700));
        // One thousand two hundred, or a slip of the finger? A till must not guess.
        reads("EUR", "1.234", None);
        reads("EUR", ".5", Some(50));
        reads("JPY", "1,500", Some(1500));
        reads("JPY", "15.5", None);
        reads("KWD", "1.250", Some(1250));
        reads("KWD", "1.2505", None);
        reads("EUR", "49.905", None);
        reads("EUR", "1.1.1", None);
        reads("EUR", "-5", None);
        reads("EUR", "4e3", None);
        reads("EUR", "", None);
        reads("EUR", ".", None);
        reads("EUR", "4006381333931", None);
        reads("EUR", "99999999999999999999", None);
    }

    #[test]
    fn currencies_know_their_exponent() {
        // ISO 4217, table A.1.
        for (code, exponent) in [("JPY", 0), ("EUR", 2), ("usd", 2), ("KWD", 3), ("CLP", 0)] {
            assert_eq!(Currency::parse(code).unwrap().exponent(), exponent);
        }
        assert!(Currency::parse("XAU").is_err());
        assert!(Currency::parse("euro").is_err());
        assert!(Currency::all().contains(&"CHF"));
        for (country, currency) in [("CH", "CHF"), ("DE", "EUR"), ("GB", "GBP"), ("US", "USD"), ("JP", "JPY")] {
            assert_eq!(Currency::of_country(country), Some(currency));
        }
        assert_eq!(Currency::of_country("XX"), None);
    }

    #[test]
    fn percentages_round_half_up_to_the_minor_unit() {
        let eur = |minor| Money { minor, currency: Currency::parse("EUR").unwrap() };
        let cases = [("15", 10_000, 1500), ("10", 5, 1), ("10", 4, 0), ("12.5", 4, 1), ("33.33", 10_000, 3333), ("100", 7, 7)];
        for (percent, amount, expected) in cases {
            assert_eq!(Percent::parse(percent).unwrap().of(eur(amount)).minor, expected, "{percent} of {amount}");
        }
        for wrong in ["0", "100.01", "-3", "ten", "1.234", ""] {
            assert!(Percent::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Percent::parse("12,50 %").unwrap().to_string(), "12.5");
        assert_eq!(Percent::parse("10").unwrap().to_string(), "10");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(minor in 0..=AMOUNT_MINOR_MAX, which in 0..3_usize) {
            let currency = Currency::parse(["JPY", "EUR", "KWD"][which]).unwrap();
            let money = Money { minor, currency };
            prop_assert_eq!(currency.parse_amount(&money.to_string()).unwrap(), money);
        }

        #[test]
        fn a_share_never_exceeds_the_whole(minor in 0..=AMOUNT_MINOR_MAX, hundredths in 1..=10_000_i64) {
            let amount = Money { minor, currency: Currency::parse("EUR").unwrap() };
            let share = Percent::from_hundredths(hundredths).unwrap().of(amount).minor;
            prop_assert!((0..=minor).contains(&share));
            // Within half a unit of the exact share.
            let twice_off = 2 * (i128::from(share) * 10_000 - i128::from(minor) * i128::from(hundredths));
            prop_assert!(-10_000 < twice_off && twice_off <= 10_000);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = Currency::parse("EUR").unwrap().parse_amount(&text);
            let _ = Percent::parse(&text);
        }
    }
}
