//! Messages about a code: the shop's texts, and what is written to one person; and the page that a customer is shown.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::handout::{self, HandOutAsk, How};
use super::people::{self, QrView};
use super::{Desk, DeskError, Result, shop_of};
use crate::domain::campaign::Terms;
pub use crate::domain::message::Channel;
use crate::domain::message::{self, Facts, Text};
use crate::domain::{card, code};
use crate::sentences::{self, LANGUAGES, Language};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code, Referrer};
use crate::storage::messages;

/// Our own texts, a file a language.
static TEXTS: LazyLock<[HashMap<String, TextAsFile>; 2]> = LazyLock::new(|| {
    let read = |text| serde_json::from_str(text).expect("the texts are part of the program and a test reads them");
    [read(include_str!("../../../../assets/messages/en.json")), read(include_str!("../../../../assets/messages/de.json"))]
});

#[derive(Deserialize)]
struct TextAsFile {
    subject: String,
    body: String,
}

/// A text of the shop's for a language and channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MessageText {
    /// How it goes out.
    pub channel: Channel,
    /// Two letters (ISO 639).
    pub language: String,
    /// Only e-mails have one.
    pub subject: String,
    /// With placeholders.
    pub body: String,
    /// It is ours: the shop has not written its own.
    pub ours: bool,
}

/// A text that somebody wrote, or wants to see filled in.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct TextAsk {
    /// How it goes out.
    pub channel: Channel,
    /// Two letters (ISO 639).
    pub language: String,
    /// Only e-mails have one.
    pub subject: String,
    /// With placeholders.
    pub body: String,
}

/// A message as somebody would get it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct FilledText {
    /// Only e-mails have one.
    pub subject: String,
    /// Everything filled in.
    pub body: String,
}

/// Write to this person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MessageAsk {
    /// Who.
    pub referrer_id: String,
    /// How.
    pub channel: Channel,
    /// Two letters (ISO 639); none means the shop's.
    pub language: Option<String>,
}

/// A message to one person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MessageView {
    /// Only e-mails have one.
    pub subject: String,
    /// Everything filled in.
    pub body: String,
    /// Opens the program that sends it; none for what is copied.
    pub url: Option<String>,
}

/// Show this person's code to them.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ShowAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Who.
    pub referrer_id: String,
    /// Who shows it.
    pub by: Option<String>,
}

/// What a customer is shown: a code and what it is good for. Nobody's name, and nothing else that the shop knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CustomerPage {
    /// The shop.
    pub shop: String,
    /// As it is shown.
    pub code: String,
    /// The words that spell it.
    pub spelling: Vec<String>,
    /// As it is scanned.
    pub qr: QrView,
    /// What it is good for, in the coupon's own words.
    pub offer: Option<String>,
    /// What must hold, in sentences.
    pub conditions: Vec<String>,
    /// Until when, in a sentence.
    pub expiry: Option<String>,
    /// Two letters (ISO 639).
    pub language: String,
}

impl Desk {
    /// Every text of the shop's, by language and channel.
    pub fn message_texts(&self) -> Result<Vec<MessageText>> {
        self.store.read(|connection| {
            let mut all = Vec::new();
            for language in LANGUAGES {
                for channel in Channel::ALL {
                    let own = messages::text(connection, language, channel)?;
                    let ours = own.is_none();
                    let Text { subject, body } = own.unwrap_or_else(|| our_text(Language::of(language), channel));
                    all.push(MessageText { channel, language: language.to_owned(), subject, body, ours });
                }
            }
            Ok(all)
        })
    }

    /// Keeps a text of the shop's own. One that is ours again needs no keeping.
    pub fn set_message_text(&mut self, ask: &TextAsk) -> Result<()> {
        let (language, channel) = (Language::of(&ask.language), ask.channel);
        let text = Text::parse(channel, &ask.subject, &ask.body)?;
        let own = Some(&text).filter(|text| **text != our_text(language, channel));
        self.store.write(|tx| Ok(messages::set_text(tx, language.tag(), channel, own)?))
    }

    /// Goes back to our text.
    pub fn reset_message_text(&mut self, channel: Channel, language: &str) -> Result<()> {
        let language = Language::of(language);
        self.store.write(|tx| Ok(messages::set_text(tx, language.tag(), channel, None)?))
    }

    /// How a text would read, to somebody who has everything that it can name.
    pub fn try_message_text(&self, ask: &TextAsk) -> Result<FilledText> {
        let language = Language::of(&ask.language);
        let text = Text::parse(ask.channel, &ask.subject, &ask.body)?;
        let shop = self.shop()?;
        let terms = Terms { currency: shop.campaign.currency, coupon: shop.campaign.coupon, rules: shop.campaign.rules.clone() };
        let offer = sentences::offer(language, &terms).headline;
        let expires = terms.rules.expires.map(|day| language.day(day));
        let facts = Facts {
            name: "Jane Doyle",
            code: "K7MQ-4RTX",
            link: Some("https://example.com/?code=K7MQ-4RTX"),
            offer: offer.as_deref(),
            shop: &shop.name,
            expires: expires.as_deref(),
        };
        let Text { subject, body } = text.fill(&facts);
        Ok(FilledText { subject, body })
    }

    /// What is written to one person, and the address that opens the program which sends it. A code that does not exist yet is generated.
    pub fn message(&mut self, ask: &MessageAsk) -> Result<MessageView> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let referrer = people::referrer(tx, &ask.referrer_id)?;
            let channel = ask.channel;
            match channel {
                Channel::Email if referrer.email.is_none() => return Err(DeskError::NoEmail { name: referrer.name }),
                Channel::Sms if referrer.phone.is_none() => return Err(DeskError::NoPhone { name: referrer.name }),
                _ => {}
            }
            let code = handout::code_to_show(tx, entropy, &shop, referrer.n, now)?;
            let language = Language::of(ask.language.as_deref().unwrap_or(&shop.language));
            let message = text_for(tx, language, channel)?.fill_for(&shop, &referrer, &code, language);
            let url = match channel {
                Channel::Email => referrer.email.as_deref().map(|email| message::mailto(email, &message)),
                Channel::Sms => referrer.phone.as_deref().map(|phone| message::sms(phone, &message)),
                Channel::Whatsapp => Some(message::whatsapp(referrer.phone.as_deref(), &message)),
                Channel::Copy => None,
            };
            Ok(MessageView { subject: message.subject, body: message.body, url })
        })
    }

    /// Shows somebody their code, and records that they saw it.
    pub fn show_code(&mut self, ask: &ShowAsk) -> Result<CustomerPage> {
        let ShowAsk { op, referrer_id, by } = ask.clone();
        let person = self.hand_out(&HandOutAsk { op, referrer_id, how: How::Screen, place: None, by })?;
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let referrer = people::referrer(connection, &person.referrer.id)?;
            customer_page(connection, &shop, &referrer)
        })
    }
}

fn customer_page(connection: &Connection, shop: &Shop, referrer: &Referrer) -> Result<CustomerPage> {
    let code =
        catalogue::active_code(connection, &shop.campaign, referrer.n)?.ok_or_else(|| DeskError::CodeRevoked { name: referrer.name.clone() })?;
    let language = Language::of(&shop.language);
    let offer = sentences::offer(language, &code.known.terms);
    Ok(CustomerPage {
        shop: shop.name.clone(),
        spelling: code::spelling(&code.text),
        qr: QrView::of(&card::qr_text(referrer.link.as_deref(), &code.text, None))?,
        code: code.text,
        offer: offer.headline,
        conditions: offer.conditions,
        expiry: offer.expiry,
        language: language.tag().to_owned(),
    })
}

/// The text that goes out: the shop's own, else ours.
pub(super) fn text_for(connection: &Connection, language: Language, channel: Channel) -> Result<Text> {
    Ok(messages::text(connection, language.tag(), channel)?.unwrap_or_else(|| our_text(language, channel)))
}

fn our_text(language: Language, channel: Channel) -> Text {
    let place = LANGUAGES.iter().position(|&tag| tag == language.tag()).unwrap_or(0);
    let TextAsFile { subject, body } = &TEXTS[place][channel.name()];
    Text { subject: subject.clone(), body: body.clone() }
}

impl Text {
    /// [`Text::fill`] with what is known of this person and their code.
    pub(super) fn fill_for(&self, shop: &Shop, referrer: &Referrer, code: &Code, language: Language) -> Text {
        let link = referrer.link.as_deref().map(|link| card::qr_text(Some(link), &code.text, None));
        let offer = sentences::offer(language, &code.known.terms).headline;
        let expires = code.known.terms.rules.expires.map(|day| language.day(day));
        self.fill(&Facts {
            name: &referrer.name,
            code: &code.text,
            link: link.as_deref(),
            offer: offer.as_deref(),
            shop: &shop.name,
            expires: expires.as_deref(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_texts_are_texts_that_could_have_been_typed() {
        for language in LANGUAGES {
            for channel in Channel::ALL {
                let text = our_text(Language::of(language), channel);
                assert_eq!(Text::parse(channel, &text.subject, &text.body), Ok(text.clone()), "{language} {channel:?}");
            }
        }
    }
}
