//! Print runs as stock: which cards there are, where they went, and which are lost.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::handout::NewHandout;
use super::views::moment;
use super::{Desk, DeskError, Result, asks, shop_of};
pub use crate::domain::card::CardState;
use crate::domain::handout::How;
use crate::domain::{code, people};
pub(super) use crate::storage::batches::NewRun;
use crate::storage::batches::{self, Card, Run};
use crate::storage::campaigns::Shop;
use crate::storage::{audit, handouts};

/// More lines nobody looks through; a search finds the rest.
const CARDS_SHOWN_MAX: usize = 500;

/// One print run as stock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct BatchView {
    /// The number that stands on its cards.
    pub number: u32,
    /// The stable name of the template.
    pub template: String,
    /// `a4`, `letter` or `own`.
    pub sheet: String,
    /// `code`, `link` or `both`.
    pub show: String,
    /// How many cards were printed.
    pub cards: u32,
    /// Where they are for.
    pub place: Option<String>,
    /// Who printed them.
    pub printed_by: Option<String>,
    /// When.
    pub at: String,
    /// How many were handed out and are neither lost nor used up.
    pub handed_out: u32,
    /// How many are lost.
    pub lost: u32,
    /// How many are used up.
    pub used_up: u32,
    /// How many sales were made by scanning its cards, undone ones left out.
    pub redemptions: u32,
    /// What was last said of the whole batch and can be taken back.
    pub marked: Option<CardState>,
}

impl From<&Run> for BatchView {
    fn from(run: &Run) -> BatchView {
        let [handed_out, lost, used_up] = run.in_state;
        BatchView {
            number: run.number,
            template: run.template.clone(),
            sheet: run.sheet.clone(),
            show: run.show.clone(),
            cards: run.cards,
            place: run.place.clone(),
            printed_by: run.printed_by.clone(),
            at: moment(run.at),
            handed_out,
            lost,
            used_up,
            redemptions: run.redemptions,
            marked: run.marked.map(|(state, _)| state),
        }
    }
}

/// A batch with its cards.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct BatchPage {
    /// The batch.
    pub batch: BatchView,
    /// The first of its cards, or of those that fit the search.
    pub cards: Vec<CardRow>,
    /// How many fit in all.
    pub cards_total: u32,
}

/// One card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CardRow {
    /// Id.
    pub id: String,
    /// Whose code it shows.
    pub referrer: String,
    /// Their id.
    pub referrer_id: String,
    /// The code as it is shown.
    pub code: String,
    /// Where it is.
    pub state: CardState,
    /// Who said so.
    pub by: Option<String>,
    /// How many sales were made by scanning it, undone ones left out.
    pub redemptions: u32,
}

impl From<&Card> for CardRow {
    fn from(card: &Card) -> CardRow {
        CardRow {
            id: card.id.to_string(),
            referrer: card.referrer.clone(),
            referrer_id: card.referrer_id.to_string(),
            code: card.code.clone(),
            state: card.state,
            by: card.state_by.clone(),
            redemptions: card.redemptions,
        }
    }
}

/// Say where a whole batch is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MarkBatch {
    /// Its number.
    pub number: u32,
    /// Where it is; `printed` takes the last mark back.
    pub state: CardState,
    /// Who says so.
    pub by: Option<String>,
}

/// Say where one card is.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MarkCard {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub state: CardState,
    /// Who says so.
    pub by: Option<String>,
}

impl Desk {
    /// All batches, latest first.
    pub fn batches(&self) -> Result<Vec<BatchView>> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            Ok(batches::runs(connection, shop.campaign.n)?.iter().map(BatchView::from).collect())
        })
    }

    /// A batch with those of its cards that fit a name, a part of a code or a card's id; empty means all.
    pub fn batch(&self, number: u32, search: &str) -> Result<BatchPage> {
        self.store.read(|connection| page(connection, number, search))
    }

    /// Says where a whole batch is. Handing it out is a Handout for each of its cards. Saying the same twice changes nothing.
    pub fn mark_batch(&mut self, ask: &MarkBatch) -> Result<BatchView> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let by = asks::note(ask.by.as_deref(), "by")?;
            let run = run(tx, ask.number)?;
            let changes = if ask.state == CardState::Printed {
                let cards = batches::changed_by_mark(tx, &run)?;
                cards.into_iter().map(|card| (card.state_before, card)).collect::<Vec<_>>()
            } else {
                let cards = batches::cards(tx, run.number)?;
                cards.into_iter().filter(|card| ask.state.takes_with_batch(card.state)).map(|card| (ask.state, card)).collect()
            };
            if changes.is_empty() {
                return Ok(BatchView::from(&run));
            }
            for (state, card) in &changes {
                put(tx, &run, card, *state, by.as_deref(), now)?;
            }
            batches::set_marked(tx, run.number, (ask.state != CardState::Printed).then_some((ask.state, now)))?;
            // One entry for the batch: it says everything that thousands of the same would.
            let detail = json!({ "batch": run.number, "state": ask.state.name(), "cards": changes.len() });
            audit::append(tx, shop.till_id, now, "batch_marked", run.id, &detail)?;
            Ok(BatchView::from(&self::run(tx, ask.number)?))
        })
    }

    /// Says where one card is. Saying the same twice changes nothing.
    pub fn mark_card(&mut self, ask: &MarkCard) -> Result<CardRow> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let by = asks::note(ask.by.as_deref(), "by")?;
            let card = card(tx, &ask.id)?;
            if card.state != ask.state {
                put(tx, &run(tx, card.run_n)?, &card, ask.state, by.as_deref(), now)?;
                let detail = json!({ "batch": card.run_n, "state": ask.state.name() });
                audit::append(tx, shop.till_id, now, "card_marked", card.id, &detail)?;
            }
            Ok(CardRow::from(&self::card(tx, &ask.id)?))
        })
    }
}

/// Puts one card where it is. It is a Handout from the moment it is handed out, whatever becomes of the card then, until somebody
/// says that it never was.
fn put(tx: &Connection, run: &Run, card: &Card, state: CardState, by: Option<&str>, now: DateTime<Utc>) -> Result<()> {
    let handout_n = match (state, card.handout_n) {
        (CardState::HandedOut, None) => {
            let new = NewHandout { op: None, how: How::Card, place: run.place.as_deref(), by, run_n: Some(run.number.into()) };
            handouts::insert(tx, card.code_n, &new, now)?;
            Some(tx.last_insert_rowid())
        }
        (CardState::Printed, Some(n)) => {
            batches::set_state(tx, card, state, by, None, now)?;
            handouts::remove(tx, n)?;
            return Ok(());
        }
        (_, before) => before,
    };
    Ok(batches::set_state(tx, card, state, by, handout_n, now)?)
}

fn page(connection: &Connection, number: u32, search: &str) -> Result<BatchPage> {
    let run = run(connection, number)?;
    let wanted = people::words(search);
    let key = code::key(search);
    let mut cards = batches::cards(connection, number)?;
    if !search.trim().is_empty() {
        cards.retain(|card| {
            let words = people::words(&card.referrer);
            let named = !wanted.is_empty() && wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())));
            named || (!key.is_empty() && code::key(&card.code).contains(&key)) || card.id.to_string() == search.trim()
        });
    }
    Ok(BatchPage {
        batch: BatchView::from(&run),
        cards_total: u32::try_from(cards.len()).unwrap_or(u32::MAX),
        cards: cards.iter().take(CARDS_SHOWN_MAX).map(CardRow::from).collect(),
    })
}

fn run(connection: &Connection, number: u32) -> Result<Run> {
    batches::run(connection, number)?.ok_or(DeskError::NotFound("batch"))
}

fn card(connection: &Connection, id: &str) -> Result<Card> {
    batches::card(connection, asks::id(id, "card")?)?.ok_or(DeskError::NotFound("card"))
}

/// Opens a print run with one card for each of these codes, and gives the number that stands on them. In the transaction of whoever
/// prints, before anything is drawn.
pub(super) fn open_run(tx: &Connection, shop: &Shop, run: &NewRun<'_>, code_ns: &[i64], now: DateTime<Utc>) -> Result<u32> {
    let (place, printed_by) = (asks::note(run.place, "place")?, asks::note(run.printed_by, "by")?);
    let run = NewRun { place: place.as_deref(), printed_by: printed_by.as_deref(), ..*run };
    let (number, id) = batches::insert(tx, shop.campaign.n, &run, code_ns, now)?;
    audit::append(tx, shop.till_id, now, "cards_printed", id, &json!({ "batch": number, "cards": code_ns.len() }))?;
    Ok(number)
}

/// What a program that ended in the middle left: its cards are not on paper, so it is no stock. A card that was seen since says that
/// they are. Only whoever holds the lock of those who print may ask this.
pub(super) fn drop_unfinished(tx: &Connection, shop: &Shop, now: DateTime<Utc>) -> Result<()> {
    for number in batches::unfinished(tx)? {
        if batches::was_seen(tx, number)? { batches::on_paper(tx, number)? } else { drop_run(tx, shop, number, now)? }
    }
    Ok(())
}

/// Takes a print run back whose file could not be written: it is no stock. Its number is not given a second time.
pub(super) fn drop_run(tx: &Connection, shop: &Shop, number: u32, now: DateTime<Utc>) -> Result<()> {
    let id = batches::remove(tx, number)?;
    audit::append(tx, shop.till_id, now, "cards_not_printed", id, &json!({ "batch": number }))?;
    Ok(())
}
