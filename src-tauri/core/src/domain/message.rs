//! What is written to a Referrer about their code: a text with `{placeholders}`, and the addresses that open another program
//! with it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

/// Longest text; what is longer is a letter and not a message about a code.
pub const BODY_CHARS_MAX: usize = 4_000;
/// Longest subject: what mail programs show of one.
pub const SUBJECT_CHARS_MAX: usize = 150;

/// What a text may name.
pub const PLACEHOLDERS: [&str; 6] = ["name", "code", "link", "offer", "shop", "expires"];

/// How a message goes out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
// The screen knows another thing of this name.
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename = "MessageChannel", rename_all = "snake_case")]
pub enum Channel {
    /// E-mail, by this program or another.
    Email,
    /// A text message by the computer's own program.
    Sms,
    /// WhatsApp.
    Whatsapp,
    /// Copied or shared, to be put anywhere.
    Copy,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Whatsapp, Channel::Copy];

    /// Its name in the records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Whatsapp => "whatsapp",
            Channel::Copy => "copy",
        }
    }

    /// The channel with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// A text with placeholders. Only e-mails have a subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// One line; empty where there is none.
    pub subject: String,
    /// The text itself.
    pub body: String,
}

/// What takes the place of the placeholders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts<'a> {
    /// The Referrer.
    pub name: &'a str,
    /// Their code.
    pub code: &'a str,
    /// Their referral link with the code, if they have one.
    pub link: Option<&'a str>,
    /// What the lead gets, if anything.
    pub offer: Option<&'a str>,
    /// The shop.
    pub shop: &'a str,
    /// The code's last day, if it has one.
    pub expires: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn of(&self, name: &str) -> Option<&'a str> {
        match name {
            "name" => Some(self.name),
            "code" => Some(self.code),
            "link" => self.link,
            "offer" => self.offer,
            "shop" => Some(self.shop),
            "expires" => self.expires,
            _ => None,
        }
    }
}

/// Why a text can't be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MessageError {
    /// It names neither the code nor the link.
    #[error("neither {{code}} nor {{link}}")]
    NoCode,
    /// It names something that nobody knows.
    #[error("no such placeholder: {0}")]
    Unknown(String),
    /// It is too long, or its subject is.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// An e-mail without a subject.
    #[error("no subject")]
    NoSubject,
}

impl Text {
    /// Reads a text that somebody wrote: no control characters, one line of subject, only placeholders that there are.
    pub fn parse(channel: Channel, subject: &str, body: &str) -> Result<Text, MessageError> {
        let subject = one_line(subject);
        let body: String = body.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|&c| c == '\n' || c == '\t' || !c.is_control()).collect();
        let text = Text { subject: if channel == Channel::Email { subject } else { String::new() }, body };
        for (part, max) in [(&text.subject, SUBJECT_CHARS_MAX), (&text.body, BODY_CHARS_MAX)] {
            if part.chars().count() > max {
                return Err(MessageError::TooLong(max));
            }
        }
        if channel == Channel::Email && text.subject.is_empty() {
            return Err(MessageError::NoSubject);
        }
        let named: Vec<&str> = names(&text.subject).chain(names(&text.body)).collect();
        if let Some(unknown) = named.iter().find(|name| !PLACEHOLDERS.contains(name)) {
            return Err(MessageError::Unknown(format!("{{{unknown}}}")));
        }
        // A link is not always there, the code is.
        if !names(&text.body).any(|name| name == "code") {
            return Err(MessageError::NoCode);
        }
        Ok(text)
    }

    /// The message for one person. A line that names something there is none of, such as a link, is left out.
    #[must_use]
    pub fn fill(&self, facts: &Facts<'_>) -> Text {
        let mut lines: Vec<String> = Vec::new();
        for line in self.body.split('\n') {
            if names(line).all(|name| facts.of(name).is_some()) {
                lines.push(filled(line, facts));
            }
        }
        Text { subject: one_line(&filled(&self.subject, facts)), body: lines.join("\n") }
    }
}

/// The names in braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

/// One pass, so that braces in somebody's name stay text.
fn filled(text: &str, facts: &Facts<'_>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                out.push_str(facts.of(name).unwrap_or(""));
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Without line breaks and other control characters, which in a header would begin another one.
#[must_use]
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands for itself in every part of an address (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// In the address of a `mailto:`, the @ stands for itself too.
const ADDRESS: &AsciiSet = &UNRESERVED.remove(b'@');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// Opens the computer's mail program with this message (RFC 6068): line breaks are %0D%0A.
#[must_use]
pub fn mailto(address: &str, message: &Text) -> String {
    let address = utf8_percent_encode(address, ADDRESS);
    format!("mailto:{address}?subject={}&body={}", encoded(&message.subject), encoded(&message.body.replace('\n', "\r\n")))
}

/// Opens the computer's program for text messages (RFC 5724).
#[must_use]
pub fn sms(phone: &str, message: &Text) -> String {
    format!("sms:{}?body={}", dialled(phone), encoded(&message.body))
}

/// Opens WhatsApp with this message to the number, or lets it ask whom to send it to where the number has no country code.
#[must_use]
pub fn whatsapp(phone: Option<&str>, message: &Text) -> String {
    let number = phone.map(dialled).filter(|number| number.starts_with('+')).map(|number| number[1..].to_owned());
    format!("https://wa.me/{}?text={}", number.unwrap_or_default(), encoded(&message.body))
}

/// A number as a machine dials it.
fn dialled(phone: &str) -> String {
    let plus = if phone.trim_start().starts_with('+') { "+" } else { "" };
    format!("{plus}{}", phone.chars().filter(char::is_ascii_digit).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'_> =
        Facts { name: "Zoë {code} & Söhne", code: "K7MQ-4RTX", link: None, offer: Some("15% off"), shop: "Café \"Sol\"", expires: None };

    fn text(body: &str) -> Text {
        Text { subject: String::new(), body: body.to_owned() }
    }

    #[track_caller]
    fn check(body: &str, expected: &str) {
        assert_eq!(text(body).fill(&FACTS).body, expected);
    }

    #[test]
    fn placeholders_are_put_in_once_and_a_line_without_its_fact_is_left_out() {
        check("Hello {name}: {code}", "Hello Zoë {code} & Söhne: K7MQ-4RTX");
        check("{code}\nor {link}\nuntil {expires}\n\n{shop}", "K7MQ-4RTX\n\nCafé \"Sol\"");
        check("{offer} {", "15% off {");
    }

    #[test]
    fn a_text_must_carry_the_code_and_name_only_what_there_is() {
        let parse = |body: &str| Text::parse(Channel::Sms, "", body);
        assert_eq!(parse("Hello {name}"), Err(MessageError::NoCode));
        // A person without a link would get a message without a code.
        assert_eq!(parse("Here: {link}"), Err(MessageError::NoCode));
        assert_eq!(parse("{code} {nmae}"), Err(MessageError::Unknown("{nmae}".to_owned())));
        assert_eq!(parse(&format!("{{code}}{}", "a".repeat(BODY_CHARS_MAX))), Err(MessageError::TooLong(BODY_CHARS_MAX)));
        assert_eq!(parse("a\r\nb {code}\u{7}").unwrap().body, "a\nb {code}");
        assert_eq!(Text::parse(Channel::Email, " \r\n ", "{code}"), Err(MessageError::NoSubject));
        assert_eq!(Text::parse(Channel::Email, "Hi\r\nBcc: x@y.example", "{code}").unwrap().subject, "Hi Bcc: x@y.example");
    }

    #[test]
    fn a_name_with_line_breaks_makes_no_second_header() {
        let email = Text { subject: "For {name}".to_owned(), body: "{code}".to_owned() };
        let facts = Facts { name: "Eve\r\nBcc: all@shop.example", ..FACTS };
        assert_eq!(email.fill(&facts).subject, "For Eve Bcc: all@shop.example");
    }

    /// Expected from RFC 6068 (section 5 and 6.1), RFC 5724 (2.2) and WhatsApp's description of wa.me links.
    #[test]
    fn addresses_carry_everything_encoded() {
        let message = Text { subject: "50 % & more?".to_owned(), body: "Grüße\n#1+1=2 \u{1F600}".to_owned() };
        assert_eq!(
            mailto("gorby%kremvax@example.com", &message),
            "mailto:gorby%25kremvax@example.com?subject=50%20%25%20%26%20more%3F&body=Gr%C3%BC%C3%9Fe%0D%0A%231%2B1%3D2%20%F0%9F%98%80"
        );
        assert_eq!(mailto("unlikely?address@example.com", &text("a")), "mailto:unlikely%3Faddress@example.com?subject=&body=a");
        assert_eq!(sms("+44 20 7946-0101", &text("hello there")), "sms:+442079460101?body=hello%20there");
        assert_eq!(whatsapp(Some("+44 20 7946 0101"), &text("a&b")), "https://wa.me/442079460101?text=a%26b");
        assert_eq!(whatsapp(Some("020 7946"), &text("a")), "https://wa.me/?text=a");
        assert_eq!(whatsapp(None, &text("a")), "https://wa.me/?text=a");
    }
}
