//! Printing cards: for whom, on what, and what comes of it.

use serde::{Deserialize, Serialize};

use super::generate::Watch;
use super::{Desk, DeskError, Result, asks, shop_of};
use crate::print::template::{Sheet, Show, Template};
use crate::storage::{cards, catalogue};

/// A template as it is offered.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct TemplateView {
    /// Which.
    pub template: Template,
    /// The sheets it comes on, the usual one first.
    pub sheets: Vec<Sheet>,
    /// How many cards stand on a sheet.
    pub cards_per_sheet: u32,
    /// Width of one card.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub width_mm: f64,
    /// Height of one card.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub height_mm: f64,
}

/// Whose codes are printed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum People {
    /// Everybody's.
    All,
    /// Of everybody for whom no card was printed yet.
    NoCardYet,
    /// Of these people.
    These {
        /// Their ids.
        ids: Vec<String>,
    },
}

/// Print these cards.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CardsAsk {
    /// What is printed.
    pub template: Template,
    /// On which paper.
    pub sheet: Sheet,
    /// What of a code is shown.
    pub show: Show,
    /// Whose codes.
    pub people: People,
    /// Whether cards show who recommends.
    pub with_name: bool,
    /// The line above the offer, this time; none means the brand's.
    pub headline: Option<String>,
    /// The small print, this time; none means the brand's.
    pub small_print: Option<String>,
    /// Where the cards will lie.
    pub place: Option<String>,
    /// Who prints them.
    pub printed_by: Option<String>,
    /// Positions already used on a started sheet.
    pub skip: u32,
}

/// Cards as they will be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PreviewView {
    /// The first sheet, on white paper.
    pub svg: String,
    /// One card alone.
    pub card_svg: String,
    /// What can't be drawn as it should be, and whose it is.
    pub troubles: Vec<String>,
    /// How many cards.
    pub cards: u32,
    /// On how many sheets.
    pub sheets: u32,
}

/// Where printed cards go.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrintTo {
    /// Into this file.
    Save {
        /// Which.
        path: String,
    },
    /// To this printer.
    Spool {
        /// Its name.
        printer: String,
    },
    /// To the system's own viewer, whose print dialog people know.
    Viewer,
}

/// What was printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrintedView {
    /// The print run's number; none for a test.
    pub batch: Option<u32>,
    /// How many cards.
    pub cards: u32,
    /// On how many pages.
    pub pages: u32,
    /// The file, where one is left.
    pub path: Option<String>,
    /// What could not be drawn as it should be, and whose it is.
    pub troubles: Vec<String>,
}

/// A printer of this computer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrinterView {
    /// Its name.
    pub name: String,
    /// Where things go that name no printer.
    pub default: bool,
}

/// Every template.
#[must_use]
pub fn templates() -> Vec<TemplateView> {
    let view = |template: Template| {
        let (width_mm, height_mm) = template.size();
        TemplateView { template, sheets: template.sheets().to_vec(), cards_per_sheet: template.per_sheet(), width_mm, height_mm }
    };
    Template::ALL.into_iter().map(view).collect()
}

impl Desk {
    /// How the cards will look.
    pub fn preview_cards(&self, ask: &CardsAsk) -> Result<PreviewView> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let cards = match &ask.people {
                People::All => catalogue::totals(connection, &shop.campaign)?.0,
                People::NoCardYet => cards::without_card(connection)?,
                People::These { ids } => ids.iter().map(|id| asks::id(id, "referrer")).collect::<Result<Vec<_>>>()?.len() as u32,
            };
            let sheets = (cards + ask.skip % ask.template.per_sheet()).div_ceil(ask.template.per_sheet());
            Ok(PreviewView { svg: String::new(), card_svg: String::new(), troubles: Vec::new(), cards, sheets })
        })
    }

    /// Prints cards.
    pub fn print_cards(&mut self, _ask: &CardsAsk, _to: &PrintTo, _watch: Watch<'_>) -> Result<PrintedView> {
        Err(DeskError::NothingToPrint)
    }

    /// Prints one sheet to look at. It is no print run, and nobody got a card by it.
    pub fn test_sheet(&self, _ask: &CardsAsk, _to: &PrintTo) -> Result<PrintedView> {
        Err(DeskError::NothingToPrint)
    }
}
