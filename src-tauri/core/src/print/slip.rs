//! A slip as a value: what stands on it, line by line, whatever prints it.

use chrono::NaiveDateTime;
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::money::Money;
use crate::domain::people;
use crate::sentences::{Language, Offer};

/// What stands on a slip, from top to bottom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Of its words.
    pub language: Language,
    /// What it is, for a document's title.
    pub title: String,
}

/// One line, or what stands in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// The shop: in the middle, larger.
    Title(String),
    /// In the middle, strong.
    Strong(String),
    /// In the middle.
    Text(String),
    /// The code: in the middle, as large as it goes.
    Code(String),
    /// A name at the left, its value at the right.
    Pair(String, String),
    /// The same, strong.
    Total(String, String),
    /// What a QR code says.
    Qr(String),
    /// A rule across.
    Rule,
    /// A little room.
    Gap,
}

/// A sale with a code, for the customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt<'a> {
    /// What customers call the shop.
    pub shop: &'a str,
    /// What staff call the till.
    pub till: &'a str,
    /// When, on the shop's clock.
    pub at: NaiveDateTime,
    /// The code as it is shown.
    pub code: &'a str,
    /// Who recommended the shop, as far as a stranger may read it.
    pub referrer: &'a str,
    /// The customer, if they gave a name.
    pub customer: Option<&'a str>,
    /// The till's own number of the sale.
    pub reference: Option<&'a str>,
    /// Before the discount.
    pub order: Money,
    /// What came off.
    pub discount: Money,
    /// What was paid.
    pub paid: Money,
    /// What went back since.
    pub refunded: Money,
    /// It was undone.
    pub undone: bool,
}

/// A person's own code, to pass on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YourCode<'a> {
    /// What customers call the shop.
    pub shop: &'a str,
    /// When, on the shop's clock.
    pub at: NaiveDateTime,
    /// Whose code it is.
    pub name: &'a str,
    /// The code as it is shown.
    pub code: &'a str,
    /// What the QR code says.
    pub qr: String,
    /// What whoever uses it gets.
    pub offer: &'a Offer,
}

impl Slip {
    /// The receipt of a sale. `copies` were printed before, or may have been.
    #[must_use]
    pub fn receipt(receipt: &Receipt<'_>, copies: u32, language: Language) -> Slip {
        let mut slip = Writer::begin(receipt.shop, language.say("slip.receipt", &[]), copies, language);
        if receipt.undone {
            slip.strong("slip.undone");
        }
        slip.text(&language.moment(receipt.at));
        slip.line(Line::Rule);
        slip.pair("slip.code", receipt.code);
        slip.pair("slip.recommended_by", receipt.referrer);
        if let Some(customer) = receipt.customer {
            slip.pair("slip.customer", customer);
        }
        slip.line(Line::Rule);
        slip.pair("slip.order", &language.amount(receipt.order));
        slip.pair("slip.discount", &format!("-{}", language.amount(receipt.discount)));
        let total = (language.say("slip.paid", &[]), money(language, receipt.paid));
        slip.line(Line::Total(total.0, total.1));
        if receipt.refunded.minor > 0 {
            slip.pair("slip.refunded", &money(language, receipt.refunded));
        }
        slip.line(Line::Rule);
        if let Some(reference) = receipt.reference {
            slip.pair("slip.reference", reference);
        }
        slip.pair("slip.till", receipt.till);
        slip.line(Line::Gap);
        slip.text(&language.say("slip.thanks", &[]));
        slip.done()
    }

    /// A person's own code, to pass on. `copies` were printed before, or may have been.
    #[must_use]
    pub fn your_code(yours: &YourCode<'_>, copies: u32, language: Language) -> Slip {
        let mut slip = Writer::begin(yours.shop, language.say("slip.your_code", &[]), copies, language);
        slip.text(yours.name);
        slip.line(Line::Gap);
        slip.text(&language.say("slip.your_code", &[]));
        slip.line(Line::Code(clean(yours.code)));
        slip.line(Line::Qr(yours.qr.clone()));
        if let Some(headline) = &yours.offer.headline {
            slip.line(Line::Strong(clean(headline)));
        }
        for sentence in yours.offer.conditions.iter().chain(&yours.offer.expiry) {
            slip.text(sentence);
        }
        slip.line(Line::Gap);
        slip.text(&language.say("slip.pass_on", &[]));
        slip.text(&language.moment(yours.at));
        slip.done()
    }

    /// A slip that only shows that the printer works, in every kind of line.
    #[must_use]
    pub fn test(shop: &str, at: NaiveDateTime, qr: String, language: Language) -> Slip {
        let mut slip = Writer::begin(shop, language.say("slip.test", &[]), 0, language);
        slip.strong("slip.test");
        slip.text(&language.moment(at));
        slip.line(Line::Rule);
        slip.text("ÄÖÜß éèêç ñ £ €");
        // Scripts that a printer's own letters lack.
        slip.text("Ελληνικά · Кириллица · 中文 · עברית");
        slip.line(Line::Total(language.say("slip.paid", &[]), "12.345,67".to_owned()));
        slip.line(Line::Qr(qr));
        slip.text(&language.say("slip.test_text", &[]));
        slip.done()
    }
}

fn money(language: Language, money: Money) -> String {
    format!("{} {}", language.amount(money), money.currency.code())
}

/// Text as it may stand on paper: nothing that a printer would obey, and letters in one piece with their marks.
fn clean(text: &str) -> String {
    people::clean(&text.nfc().collect::<String>())
}

struct Writer(Slip);

impl Writer {
    fn begin(shop: &str, title: String, copies: u32, language: Language) -> Writer {
        let mut slip = Writer(Slip { lines: Vec::new(), language, title });
        slip.line(Line::Title(clean(shop)));
        if copies > 0 {
            let copy = language.say("slip.copy", &[("n", &(copies + 1).to_string())]);
            slip.line(Line::Strong(copy));
        }
        slip
    }

    fn line(&mut self, line: Line) {
        self.0.lines.push(line);
    }

    fn text(&mut self, text: &str) {
        self.line(Line::Text(clean(text)));
    }

    fn strong(&mut self, key: &str) {
        let text = self.0.language.say(key, &[]);
        self.line(Line::Strong(text));
    }

    fn pair(&mut self, key: &str, value: &str) {
        let name = self.0.language.say(key, &[]);
        self.line(Line::Pair(name, clean(value)));
    }

    fn done(self) -> Slip {
        self.0
    }
}
