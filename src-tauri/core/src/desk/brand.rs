//! How the shop's cards look, as a manager sets it.

use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::{Desk, DeskError, Result, asks, shop_of};
use crate::domain::brand::{Brand, Logo, LogoKind, colour};
use crate::domain::people::ContactError;
use crate::print::logo::{self, LOGO_BYTES_MAX};
use crate::sentences::Language;
use crate::storage::StorageError;
use crate::storage::brand;

/// Longest headline: it stands in one or two lines on a business card.
const HEADLINE_CHARS_MAX: usize = 80;
/// Longest small print.
const SMALL_PRINT_CHARS_MAX: usize = 300;

/// How the shop's cards look.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct BrandView {
    /// The one ink beside black: `#0e5a4b`.
    pub accent: String,
    /// The logo as a `data:` address, for a picture on the screen and nothing else.
    pub logo: Option<String>,
    /// The line above the offer.
    pub headline: String,
    /// What stands at the foot, beside what the rules say.
    pub small_print: String,
    /// Whether cards show who recommends.
    pub show_name: bool,
}

/// How the shop's cards shall look.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct BrandAsk {
    /// The one ink beside black: `#0e5a4b`.
    pub accent: String,
    /// The line above the offer; empty means the product's own.
    pub headline: String,
    /// What stands at the foot, beside what the rules say.
    pub small_print: String,
    /// Whether cards show who recommends.
    pub show_name: bool,
}

impl Desk {
    /// How the shop's cards look.
    pub fn brand(&self) -> Result<BrandView> {
        self.store.read(|connection| Ok(view(&brand::brand(connection)?, Language::of(&shop_of(connection)?.language))))
    }

    /// Sets how the shop's cards look.
    pub fn set_brand(&mut self, ask: &BrandAsk) -> Result<BrandView> {
        self.store.write(|tx| {
            let language = Language::of(&shop_of(tx)?.language);
            let accent = colour(&ask.accent).ok_or_else(|| DeskError::NotAColour(ask.accent.clone()))?;
            let headline = headline(&ask.headline)?.filter(|text| *text != own_headline(language));
            let small_print = small_print(&ask.small_print)?.unwrap_or_default();
            let changed = Brand { accent, headline, small_print, show_name: ask.show_name, ..brand::brand(tx)? };
            brand::set_brand(tx, &changed)?;
            Ok(view(&changed, language))
        })
    }

    /// Puts the logo in this file on the cards, or none. The file is not needed afterwards.
    pub fn set_logo(&mut self, path: Option<&Path>) -> Result<BrandView> {
        let logo = path.map(read).transpose()?;
        self.store.write(|tx| {
            let language = Language::of(&shop_of(tx)?.language);
            let changed = Brand { logo, ..brand::brand(tx)? };
            brand::set_brand(tx, &changed)?;
            Ok(view(&changed, language))
        })
    }
}

fn read(path: &Path) -> Result<Logo> {
    let mut bytes = Vec::new();
    // One byte more than may be tells that there are too many, without reading a film.
    let read = std::fs::File::open(path).and_then(|file| file.take(LOGO_BYTES_MAX as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|source| StorageError::File { path: path.to_owned(), source })?;
    Ok(logo::read(bytes)?)
}

/// A headline as it is kept; none where it is empty.
pub(super) fn headline(text: &str) -> Result<Option<String>> {
    words(text, "headline", HEADLINE_CHARS_MAX)
}

/// Small print as it is kept; none where it is empty.
pub(super) fn small_print(text: &str) -> Result<Option<String>> {
    words(text, "small_print", SMALL_PRINT_CHARS_MAX)
}

fn words(text: &str, what: &'static str, most: usize) -> Result<Option<String>> {
    let text = asks::note(Some(text), what)?;
    match &text {
        Some(long) if long.chars().count() > most => Err(DeskError::contact(ContactError::TooLong, what, "")),
        _ => Ok(text),
    }
}

/// The headline of a shop that chose none.
pub(super) fn own_headline(language: Language) -> String {
    language.say("card.headline", &[])
}

pub(super) fn view(brand: &Brand, language: Language) -> BrandView {
    BrandView {
        accent: brand.accent_text(),
        logo: brand.logo.as_ref().map(|logo| {
            let kind = if logo.kind == LogoKind::Png { "image/png" } else { "image/svg+xml" };
            format!("data:{kind};base64,{}", BASE64.encode(&logo.bytes))
        }),
        headline: brand.headline.clone().unwrap_or_else(|| own_headline(language)),
        small_print: brand.small_print.clone(),
        show_name: brand.show_name,
    }
}
