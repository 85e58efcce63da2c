//! Who somebody is: names as they are written, e-mail addresses and phone numbers as they are compared.

use std::str::FromStr as _;

use phonenumber::Mode;
use phonenumber::country::Id as Country;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest name that is kept. The longest names on record have fewer.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest e-mail address there is (RFC 5321, 4.5.3.1, with its errata).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Longest phone number that is kept as it was written, with its spaces and remarks.
pub const PHONE_CHARS_MAX: usize = 40;

/// How somebody is reached, in the form in which two people are compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    /// See [`Email::key`].
    pub email: Option<String>,
    /// E.164, see [`Phone::key`].
    pub phone: Option<String>,
}

impl Contact {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none()
    }

    /// Whether e-mail or phone are the same: then it is one person.
    #[must_use]
    pub fn shares(&self, other: &Contact) -> bool {
        (self.email.is_some() && self.email == other.email) || (self.phone.is_some() && self.phone == other.phone)
    }
}

/// One mailbox behind two domains.
const GMAIL: &str = "gmail.com";
const GOOGLEMAIL: &str = "googlemail.com";

/// The part of an address before the @ without what follows a plus: a label that the same mailbox receives (RFC 5233).
#[must_use]
pub fn mailbox(local: &str) -> &str {
    local.split_once('+').map(|(mailbox, _)| mailbox).filter(|mailbox| !mailbox.is_empty()).unwrap_or(local)
}

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Email {
    text: String,
    key: String,
}

impl Email {
    /// Takes an address apart. Generous: whether it receives mail is for the mail server to say.
    pub fn parse(text: &str) -> Result<Email, ContactError> {
        let text: String = text.trim().nfc().collect();
        let (local, domain) = text.rsplit_once('@').ok_or(ContactError::Email)?;
        let plain = |c: char| {
            c.is_alphanumeric() || (c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '\\' | '[' | ']' | '@'))
        };
        let labels = domain.split('.').filter(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')).count();
        let whole = domain.split('.').count() == labels && labels >= 2;
        if local.is_empty() || !whole || !local.chars().all(plain) || !domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.')) {
            return Err(ContactError::Email);
        }
        if text.chars().count() > EMAIL_CHARS_MAX {
            return Err(ContactError::TooLong);
        }
        let domain = match domain.to_lowercase() {
            google if google == GOOGLEMAIL => GMAIL.to_owned(),
            other => other,
        };
        // Gmail ignores points: a second address made of the first is not a second person.
        let local = local.to_lowercase();
        let mailbox = if domain == GMAIL { mailbox(&local).replace('.', "") } else { mailbox(&local).to_owned() };
        Ok(Email { key: format!("{mailbox}@{domain}"), text })
    }

    /// What the keys begin with that may be meant by an address, or its beginning, as somebody types it.
    #[must_use]
    pub fn key_starts(typed: &str) -> Vec<String> {
        let typed = typed.trim().nfc().collect::<String>().to_lowercase();
        let (local, domain) = typed.rsplit_once('@').map_or((typed.as_str(), None), |(local, domain)| (local, Some(domain)));
        let mailbox = mailbox(local);
        // Whoever types a label has typed the mailbox to its end.
        let ended = mailbox.len() < local.len();
        let start = |mailbox: &str, domain: Option<&str>| match domain {
            Some(domain) => format!("{mailbox}@{domain}"),
            None if ended => format!("{mailbox}@"),
            None => mailbox.to_owned(),
        };
        let mut starts = vec![start(mailbox, domain)];
        let google = match domain {
            Some(other) if !GMAIL.starts_with(other) => GOOGLEMAIL.starts_with(other).then_some(Some(GMAIL)),
            gmail => Some(gmail),
        };
        if let Some(domain) = google {
            starts.push(start(&mailbox.replace('.', ""), domain));
        }
        starts.dedup();
        starts
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As it is compared: lower case, without plus labels.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A name for somebody who gave none: the part before the @.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.rsplit_once('@').map_or(self.text.as_str(), |(local, _)| local)
    }
}

/// A phone number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phone {
    text: String,
    key: Option<String>,
}

impl Phone {
    /// Reads a number as it is dialled in `country` (two letters, ISO 3166), or anywhere with its country code.
    ///
    /// What has digits but is no number of any plan is kept as it was written and matches nothing.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Phone, ContactError> {
        let text = clean(text);
        let text = text.strip_prefix("tel:").unwrap_or(&text).trim();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if text.chars().count() > PHONE_CHARS_MAX {
            return Err(ContactError::TooLong);
        }
        if !(5..=20).contains(&digits) || text.contains('@') {
            return Err(ContactError::Phone);
        }
        // Where a country code is written with 00, all but a few countries mean the international prefix.
        let dialled = match text.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => text.to_owned(),
        };
        let country = country.and_then(|code| Country::from_str(&code.to_ascii_uppercase()).ok());
        let key = if dialled.starts_with('+') {
            international(&dialled)
        } else {
            phonenumber::parse(country, &dialled).ok().map(|number| number.format().mode(Mode::E164).to_string())
        };
        Ok(Phone { text: key.clone().unwrap_or_else(|| text.to_owned()), key })
    }

    /// E.164 (`+41791234567`) where the number is understood, else as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// E.164, or nothing where the number is not understood.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// A number with its country code, in E.164. It is read as it stands; only where that is no number of the country's plan, a
/// national prefix that people write in brackets, as in +41 (0)79, is taken off. What no plan knows is taken by its digits.
fn international(dialled: &str) -> Option<String> {
    let e164 = |number: phonenumber::PhoneNumber| number.is_valid().then(|| number.format().mode(Mode::E164).to_string());
    let plain = phonenumber::parse(None, dialled).ok();
    let own = plain.as_ref().and_then(|number| number.country().id()).and_then(|own| phonenumber::parse(Some(own), dialled).ok());
    let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
    // E.164 numbers have at most 15 digits.
    let as_it_stands = || (7..=15).contains(&digits.len()).then(|| format!("+{digits}"));
    plain.and_then(e164).or_else(|| own.and_then(e164)).or_else(as_it_stands)
}

/// The calling code of a country, with its plus: `+41` for `CH`.
#[must_use]
pub fn calling_code(country: &str) -> Option<String> {
    let id = Country::from_str(&country.to_ascii_uppercase()).ok()?;
    phonenumber::metadata::DATABASE.by_id(id.as_ref()).map(|plan| format!("+{}", plan.country_code()))
}

/// A name as it is kept: no control or direction characters, single spaces, composed (NFC).
pub fn name(text: &str) -> Result<String, ContactError> {
    let name: String = clean(text).nfc().collect();
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(ContactError::TooLong);
    }
    Ok(name)
}

/// What a customer calls somebody: the first word of the name, with a title or initial before it (`Dr. Jane`).
#[must_use]
pub fn first_name(name: &str) -> &str {
    let ends = name.match_indices(' ').map(|(at, _)| at).find(|&at| !name[..at].ends_with('.'));
    &name[..ends.unwrap_or(name.len())]
}

/// Text of a person without what can't be seen: control, zero-width and direction characters go, white space collapses.
#[must_use]
pub fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a name as they are searched: lower case, without accents and punctuation.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
        .flat_map(|c| {
            // Letters that no decomposition takes apart.
            let plain = match c {
                'ł' => "l",
                'ø' => "o",
                'đ' | 'ð' => "d",
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'þ' => "th",
                'ı' => "i",
                _ => "",
            };
            plain.chars().chain(plain.is_empty().then_some(c)).collect::<Vec<_>>()
        })
        .filter(|c| !matches!(c, '\'' | '’' | '\u{200c}' | '\u{200d}'))
        .collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Why a text is no name, e-mail address or phone number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ContactError {
    /// Not `somebody@somewhere.tld`.
    #[error("this is not an e-mail address")]
    Email,
    /// Fewer than five or more than twenty digits.
    #[error("this is not a phone number")]
    Phone,
    /// Longer than what is kept.
    #[error("this is too long")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn same_mailbox(one: &str, other: &str, expected: bool) {
        assert_eq!(Email::parse(one).unwrap().key() == Email::parse(other).unwrap().key(), expected, "{one} {other}");
    }

    /// OriginProtocol/origin#4250, AffiliateWP/AffiliateWP#519: self-referral through a second e-mail address.
    #[test]
    fn a_second_address_of_a_mailbox_is_the_same_person() {
        same_mailbox("Jane@Salon.example", "jane@salon.EXAMPLE", true);
        same_mailbox("jane+shop@salon.example", "jane@salon.example", true);
        same_mailbox("j.ane@gmail.com", "jane+x@googlemail.com", true);
        same_mailbox("j.ane@salon.example", "jane@salon.example", false);
        assert_eq!(Email::parse(" Jane@Salon.example ").unwrap().text(), "Jane@Salon.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "jane",
            "jane@",
            "@salon.example",
            "jane@salon",
            "ja ne@salon.example",
            "a@b..c",
            "<jane@salon.example>",
            "jane@-a.example",
            "jane@salon.example, joe@x.example",
        ] {
            assert_eq!(Email::parse(wrong), Err(ContactError::Email), "{wrong:?}");
        }
        assert!(Email::parse("пётр@почта.рф").is_ok());
        assert_eq!(Email::parse(&format!("{}@x.example", "a".repeat(300))), Err(ContactError::TooLong));
    }

    #[track_caller]
    fn number(text: &str, country: &str, expected: Option<&str>) {
        assert_eq!(Phone::parse(text, Some(country)).unwrap().key(), expected, "{text}");
    }

    /// FreeOpenSourcePOS/FloCafe#117: one phone number in many formats.
    #[test]
    fn one_number_in_many_formats_is_one_number() {
        for text in ["079 123 45 67", "+41 79 123 45 67", "0041791234567", "(079) 123-45-67", "+41 (0)79 123 45 67", "tel:+41-79-123-45-67"] {
            number(text, "CH", Some("+41791234567"));
        }
        number("020 7946 0018", "GB", Some("+442079460018"));
        number("(212) 555-0123", "US", Some("+12125550123"));
        number("+41 79 123 45 67", "US", Some("+41791234567"));
    }

    /// A country's national prefix is no part of another country's numbers.
    #[test]
    fn a_number_from_abroad_is_that_number_wherever_the_shop_stands() {
        for country in ["US", "DE", "RU", "CH", "IT"] {
            number("+49 171 1234567", country, Some("+491711234567"));
            number("+33 1 42 68 53 00", country, Some("+33142685300"));
            number("+44 121 234 5678", country, Some("+441212345678"));
            number("+39 06 698 12345", country, Some("+390669812345"));
            number("+7 800 555 3535", country, Some("+78005553535"));
            number("+36 06 1 234 5678", country, Some("+3612345678"));
        }
    }

    #[test]
    fn a_number_of_no_plan_is_kept_as_written() {
        let phone = Phone::parse("ext. 12345", None).unwrap();
        assert_eq!((phone.text(), phone.key()), ("ext. 12345", None));
        for wrong in ["", "none", "1234", "jane1234567@x.example"] {
            assert_eq!(Phone::parse(wrong, Some("CH")), Err(ContactError::Phone), "{wrong}");
        }
        assert_eq!(calling_code("CH").as_deref(), Some("+41"));
        assert_eq!(calling_code("ZZ"), None);
    }

    #[test]
    fn names_lose_what_can_not_be_seen() {
        assert_eq!(name("  Jane\u{200b}\t Doe\u{202e}\n").unwrap(), "Jane Doe");
        assert_eq!(name(&"x".repeat(10_000)), Err(ContactError::TooLong));
        assert_eq!(name("<b>Jane</b>").unwrap(), "<b>Jane</b>");
    }

    #[test]
    fn a_first_name_is_what_a_customer_would_say() {
        for (name, first) in
            [("Jane Whitfield", "Jane"), ("Jane", "Jane"), ("Dr. Jane Whitfield", "Dr. Jane"), ("J. R. Ewing", "J. R. Ewing"), ("", "")]
        {
            assert_eq!(first_name(name), first);
        }
    }

    #[test]
    fn names_are_searched_without_accents() {
        assert_eq!(words("Łukasz Żółć-O’Neil"), ["lukasz", "zolc", "oneil"]);
        assert_eq!(words("Jürgen Groß"), ["jurgen", "gross"]);
        assert_eq!(words("王 小明"), ["王", "小明"]);
    }

    proptest! {
        /// However much of an address is typed, its own key begins so; with all of it, it is its key.
        #[test]
        fn every_beginning_of_an_address_leads_to_its_key(local in "[a-zA-Z0-9._-]{1,12}(\\+[a-z.]{0,5})?", domain in "gmail\\.com|GoogleMail\\.com|[a-z]{2,8}\\.example", cut in 1..40_usize) {
            let whole = format!("{local}@{domain}");
            let key = Email::parse(&whole).unwrap().key().to_owned();
            let half: String = whole.chars().take(cut).collect();
            let starts = Email::key_starts(&half);
            prop_assert!(starts.iter().any(|start| key.starts_with(start)), "{} of {}: {:?}", half, key, starts);
            prop_assert!(Email::key_starts(&whole).contains(&key));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let _ = (Email::parse(&text), Email::key_starts(&text), Phone::parse(&text, Some("DE")), name(&text), words(&text));
        }
    }
}
