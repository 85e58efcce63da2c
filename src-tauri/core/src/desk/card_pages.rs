//! From people to pages: the words on each card, what can't be drawn, and the sheets that they stand on.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::cards::CardsAsk;
use super::{DeskError, Result, brand};
use crate::domain::brand::Brand;
use crate::domain::campaign::Terms;
use crate::domain::card;
use crate::print::face::{self, Look, Person, Words};
use crate::print::fonts::{Fonts, Style};
use crate::print::layout::{Item, Page};
use crate::print::logo::{self, Picture};
use crate::print::sheet::{self, Grid};
use crate::print::template::Show;
use crate::print::text::drawable;
use crate::sentences::{Language, Offer, offer};
use crate::storage::campaigns::Shop;
use crate::storage::cards::{CardCode, CardPerson};

/// So many troubles are told one by one.
const TROUBLES_MAX: usize = 50;
/// Names up to here always go in two lines.
const NAME_CHARS_SURE: usize = 30;
/// Links up to here always go.
const LINK_CHARS_SURE: usize = 16;
/// So much of a text is told where all of it is too long.
const BEGINNING_CHARS: usize = 40;

/// What a card shares with others, and what it alone shows.
type Faces = (Rc<[Item]>, Rc<[Item]>);

/// Everything that cards are made from.
pub(super) struct Press<'a> {
    pub shop: &'a Shop,
    pub brand: &'a Brand,
    pub ask: &'a CardsAsk,
    pub language: Language,
    pub grid: Grid,
    pub look: Look,
    pub picture: Option<Picture>,
    /// A test says so on each card.
    pub test: bool,
    /// The cards' number, once they have one.
    pub batch: Option<u32>,
    /// What the same terms make of the words, each drawn once.
    faces: Vec<Face>,
}

/// What all cards with the same terms share.
struct Face {
    terms: Terms,
    words: Words,
    items: Rc<[Item]>,
    /// The words whose end had to be left out.
    cut: Vec<String>,
}

impl<'a> Press<'a> {
    pub fn new(shop: &'a Shop, brand: &'a Brand, ask: &'a CardsAsk) -> Result<Press<'a>> {
        let grid = Grid::of(ask.template, ask.sheet).ok_or(DeskError::NoSuchSheet)?;
        let picture = brand.logo.as_ref().map(logo::draw).transpose()?;
        let look = Look {
            template: ask.template,
            show: ask.show,
            accent: brand.accent,
            logo: picture.as_ref().map(Picture::aspect),
            named: ask.with_name,
            bleed: grid.bleed,
        };
        Ok(Press { shop, brand, ask, language: Language::of(&shop.language), grid, look, picture, test: false, batch: None, faces: Vec::new() })
    }

    /// How many cards there are on the first sheet, where some of its places are used, and on each sheet.
    pub fn places(&self) -> (u32, u32) {
        let all = self.ask.template.per_sheet();
        (all - self.skip(), all)
    }

    fn skip(&self) -> u32 {
        self.ask.skip % self.ask.template.per_sheet()
    }

    /// These people without those whose code was taken back: nobody gets a card with a code that is refused. They are named.
    pub fn leave_out(&self, people: Vec<CardPerson>) -> (Vec<CardPerson>, Vec<String>) {
        let (left_out, people): (Vec<_>, Vec<_>) = people.into_iter().partition(|person| person.revoked);
        (people, left_out.iter().map(|person| self.language.say("trouble.code_revoked", &[("name", &person.name)])).collect())
    }

    /// The pages' cards, sheet by sheet.
    pub fn sheets<'p>(&self, people: &'p [CardPerson]) -> impl Iterator<Item = &'p [CardPerson]> + use<'p> {
        let (first, all) = self.places();
        let (start, rest) = people.split_at(people.len().min(first as usize));
        std::iter::once(start).filter(|start| !start.is_empty()).chain(rest.chunks(all as usize))
    }

    /// A sheet with these people's cards.
    pub fn page(&mut self, fonts: &mut Fonts, people: &[CardPerson], first: bool) -> Result<Page> {
        let (mut common, mut own) = (Vec::with_capacity(people.len()), Vec::with_capacity(people.len()));
        for person in people {
            let (shared, alone) = self.card(fonts, person)?;
            common.push(shared);
            own.push(alone);
        }
        Ok(sheet::page(self.ask.template, &self.grid, &common, &own, if first { self.skip() } else { 0 }))
    }

    fn card(&mut self, fonts: &mut Fonts, person: &CardPerson) -> Result<Faces> {
        let sample;
        let code = match &person.code {
            Some(code) => code,
            None => {
                sample = self.sample();
                &sample
            }
        };
        let at = self.face(fonts, &code.terms);
        let Face { words, items, .. } = &self.faces[at];
        let name = self.ask.with_name.then(|| drawable(fonts, &person.name, Style::Bold).0).filter(|name| !name.is_empty());
        let shown = Person {
            name,
            code: code.text.clone(),
            link: person.link.as_deref().map(read_link),
            qr: card::qr_text(person.link.as_deref(), &code.text, self.batch),
        };
        let own = face::own(fonts, &self.look, words, &shown).map_err(|_| DeskError::TooDense { name: person.name.clone() })?;
        Ok((Rc::clone(items), own.into()))
    }

    /// Which of the faces these terms have.
    fn face(&mut self, fonts: &mut Fonts, terms: &Terms) -> usize {
        self.faces.iter().position(|face| face.terms == *terms).unwrap_or_else(|| {
            let words = self.words(terms);
            let face::Common { items, cut } = face::common(fonts, &self.look, &words);
            self.faces.push(Face { terms: terms.clone(), words, items: items.into(), cut });
            self.faces.len() - 1
        })
    }

    /// The code of somebody who gets theirs only when the cards are printed.
    fn sample(&self) -> CardCode {
        let format = &self.shop.campaign.format;
        let symbols: Vec<u8> = (0..format.random_symbols()).map(|n| (n * 7 + 12) as u8 % 31).collect();
        let text = format.compose(&symbols).map_or_else(|| "XXXX-XXXX".to_owned(), |code| code.text().to_owned());
        let campaign = &self.shop.campaign;
        CardCode { n: 0, text, terms: Terms { currency: campaign.currency, coupon: campaign.coupon, rules: campaign.rules.clone() } }
    }

    fn words(&self, terms: &Terms) -> Words {
        let language = self.language;
        let Offer { headline, conditions, expiry } = offer(language, terms);
        let own = self.ask.small_print.clone().unwrap_or_else(|| self.brand.small_print.clone());
        let shop = self.brand.logo.as_ref().map(|_| format!("{}.", self.shop.name.trim_end_matches('.')));
        let small_print: Vec<String> = expiry.into_iter().chain(conditions).chain(Some(own).filter(|own| !own.is_empty())).chain(shop).collect();
        Words {
            shop: self.shop.name.clone(),
            headline: self.ask.headline.clone().or_else(|| self.brand.headline.clone()).unwrap_or_else(|| brand::own_headline(language)),
            offer: headline,
            small_print: if self.test { language.say("card.test", &[]) } else { small_print.join(" ") },
            recommended_by: language.say("card.recommended_by", &[]),
            your_code: language.say(
                match self.ask.show {
                    Show::Code => "card.say",
                    Show::Link => "card.scan",
                    Show::Both => "card.scan_or_say",
                },
                &[],
            ),
        }
    }

    /// What can't be on paper as it should be, and whose it is, with those who were left out.
    pub fn troubles(&mut self, fonts: &mut Fonts, people: &[CardPerson], left_out: Vec<String>) -> Vec<String> {
        let mut troubles = self.troubles_of_words(fonts, people);
        troubles.extend(left_out);
        troubles.extend(self.troubles_of(fonts, people));
        self.few(troubles)
    }

    /// So many of the troubles as anybody reads, and how many more there are.
    pub fn few(&self, mut troubles: Vec<String>) -> Vec<String> {
        let more = troubles.len().saturating_sub(TROUBLES_MAX);
        if more > 0 {
            troubles.truncate(TROUBLES_MAX);
            troubles.push(self.language.say("trouble.more", &[("count", &more.to_string())]));
        }
        troubles
    }

    /// What of the words on these people's cards can't be drawn, or is too long.
    pub fn troubles_of_words(&mut self, fonts: &mut Fonts, people: &[CardPerson]) -> Vec<String> {
        let language = self.language;
        let mut troubles = Vec::new();
        // The words that these people's own terms make, and not only those that the next code will have.
        let sample = self.sample();
        let mut terms: Vec<&Terms> = Vec::new();
        for person in people {
            let own = person.code.as_ref().map_or(&sample.terms, |code| &code.terms);
            if !terms.contains(&own) {
                terms.push(own);
            }
        }
        let mut missing = BTreeSet::new();
        for terms in terms {
            let at = self.face(fonts, terms);
            let Face { words, cut, .. } = &self.faces[at];
            let bold = [Some(&words.shop), words.offer.as_ref()].into_iter().flatten().map(|text| (text, Style::Bold));
            let regular = [&words.headline, &words.small_print, &words.recommended_by, &words.your_code].map(|text| (text, Style::Regular));
            missing.extend(bold.chain(regular).flat_map(|(text, style)| drawable(fonts, text, style).1));
            for text in cut {
                let told = language.say("trouble.words_cut", &[("text", &beginning(text))]);
                if !troubles.contains(&told) {
                    troubles.push(told);
                }
            }
        }
        if !missing.is_empty() {
            troubles.insert(0, language.say("trouble.words_not_drawn", &[("text", &list(&missing))]));
        }
        troubles
    }

    /// What of these people's own can't be on their cards.
    pub fn troubles_of(&self, fonts: &mut Fonts, people: &[CardPerson]) -> Vec<String> {
        people.iter().flat_map(|person| self.troubles_with(fonts, person)).collect()
    }

    fn troubles_with(&self, fonts: &mut Fonts, person: &CardPerson) -> Vec<String> {
        let mut troubles = Vec::new();
        let mut say = |key: &str, text: &str| troubles.push(self.language.say(key, &[("name", &person.name), ("text", text)]));
        if self.ask.with_name {
            let (kept, missing) = drawable(fonts, &person.name, Style::Bold);
            if !missing.is_empty() {
                say("trouble.not_drawn", &list(&missing));
            }
            if kept.chars().count() > NAME_CHARS_SURE && face::cuts_name(fonts, &self.look, &kept) {
                say("trouble.name_cut", "");
            }
        }
        if self.ask.show == Show::Link {
            match person.link.as_deref().map(read_link) {
                None => say("trouble.no_link", ""),
                Some(link) => {
                    let (kept, missing) = drawable(fonts, &link, Style::Regular);
                    if !missing.is_empty() {
                        say("trouble.link_not_drawn", &list(&missing));
                    }
                    if kept.chars().count() > LINK_CHARS_SURE && face::cuts_link(fonts, &self.look, &kept) {
                        say("trouble.link_cut", "");
                    }
                }
            }
        }
        // Ten letters for the number that the run will have; only long links come near the limit.
        if self.ask.show != Show::Code && person.link.as_ref().is_some_and(|link| link.len() > 60) {
            let code = person.code.as_ref().map_or("XXXX-XXXX", |code| &code.text);
            if face::too_dense(&self.look, &card::qr_text(person.link.as_deref(), code, Some(999_999))) {
                say("trouble.qr_too_dense", "");
            }
        }
        troubles
    }
}

/// Enough of a text to know it by.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(BEGINNING_CHARS) {
        Some((end, _)) => format!("{} …", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// Each of them, as it is typed.
fn list(missing: &BTreeSet<String>) -> String {
    missing.iter().map(|text| format!("“{text}”")).collect::<Vec<_>>().join(" ")
}

/// A link as people read and type it.
fn read_link(link: &str) -> String {
    let link = link.trim();
    let bare = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://")).unwrap_or(link);
    bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/').to_owned()
}
