//! Print runs and their cards, as stock.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};
use crate::domain::card::CardState;

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRun<'a> {
    /// The stable name of the template.
    pub template: &'a str,
    /// `a4`, `letter` or `own`.
    pub sheet: &'a str,
    /// `code`, `link` or `both`.
    pub show: &'a str,
    /// Where the cards are for.
    pub place: Option<&'a str>,
    /// Who prints.
    pub printed_by: Option<&'a str>,
}

/// One printing of cards, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// The number that stands on its cards: its row number.
    pub number: u32,
    /// Id.
    pub id: Uuid,
    /// See [`NewRun::template`].
    pub template: String,
    /// See [`NewRun::sheet`].
    pub sheet: String,
    /// See [`NewRun::show`].
    pub show: String,
    /// How many cards.
    pub cards: u32,
    /// See [`NewRun::place`].
    pub place: Option<String>,
    /// See [`NewRun::printed_by`].
    pub printed_by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// The last mark on all of it, with its moment, unless it was taken back.
    pub marked: Option<(CardState, DateTime<Utc>)>,
    /// How many of its cards were handed out, are lost, and are used up.
    pub in_state: [u32; 3],
    /// How many sales were made with its cards, voided ones left out.
    pub redemptions: u32,
}

/// One card of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// Of which run.
    pub run_n: u32,
    /// Row number of the code that it shows.
    pub code_n: i64,
    /// That code as it is shown.
    pub code: String,
    /// Whose code it is.
    pub referrer_id: Uuid,
    /// Their name.
    pub referrer: String,
    /// Where it is.
    pub state: CardState,
    /// Where it was before the latest change.
    pub state_before: CardState,
    /// Who said so.
    pub state_by: Option<String>,
    /// Row number of the Handout, if it was handed out.
    pub handout_n: Option<i64>,
    /// How many sales were made with this code's cards of this run, voided ones left out.
    pub redemptions: u32,
}

/// Adds a print run with one card for each of these codes. Gives its number and id.
pub fn insert(tx: &Connection, campaign_n: i64, run: &NewRun<'_>, code_ns: &[i64], at: DateTime<Utc>) -> Result<(u32, Uuid)> {
    let id = Uuid::now_v7();
    tx.prepare_cached(
        "INSERT INTO print_run (id, campaign_n, template, sheet, show, cards, place, printed_by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id.as_bytes(),
        campaign_n,
        run.template,
        run.sheet,
        run.show,
        code_ns.len() as i64,
        run.place,
        run.printed_by,
        rows::millis(at)
    ])?;
    let n = tx.last_insert_rowid();
    let mut card = tx.prepare_cached("INSERT INTO card (id, run_n, code_n, state_at) VALUES (?1, ?2, ?3, ?4)")?;
    for code_n in code_ns {
        card.execute(params![Uuid::now_v7().as_bytes(), n, code_n, rows::millis(at)])?;
    }
    Ok((u32::try_from(n).map_err(|_| StorageError::Stored { what: "print run" })?, id))
}

/// The file or the printer has all cards of this run.
pub fn on_paper(tx: &Connection, number: u32) -> Result<()> {
    tx.prepare_cached("UPDATE print_run SET on_paper = 1 WHERE n = ?1")?.execute([number])?;
    Ok(())
}

/// The runs that are not on paper, as far as is known.
pub fn unfinished(connection: &Connection) -> Result<Vec<u32>> {
    let mut statement = connection.prepare_cached("SELECT n FROM print_run WHERE on_paper = 0")?;
    let found = statement.query_map([], |row| row.get(0))?;
    Ok(found.collect::<std::result::Result<_, _>>()?)
}

/// Whether something became of its cards, which they can't have without being there.
pub fn was_seen(connection: &Connection, number: u32) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM redemption WHERE run_n = ?1) OR EXISTS (SELECT 1 FROM handout WHERE run_n = ?1)
             OR EXISTS (SELECT 1 FROM card WHERE run_n = ?1 AND state <> 'printed')",
    )?;
    Ok(statement.query_row([number], |row| row.get(0))?)
}

/// Takes a print run out whose cards never came to be. Its number is not given again. Gives its id.
pub fn remove(tx: &Connection, number: u32) -> Result<Uuid> {
    tx.prepare_cached("DELETE FROM card WHERE run_n = ?1")?.execute([number])?;
    let id: Vec<u8> = tx.prepare_cached("DELETE FROM print_run WHERE n = ?1 RETURNING id")?.query_row([number], |row| row.get(0))?;
    rows::id(&id)
}

const RUN: &str = "SELECT n, id, template, sheet, show, cards, place, printed_by, at, marked, marked_at,
    (SELECT count(*) FROM card WHERE run_n = print_run.n AND state = 'handed_out') AS handed_out,
    (SELECT count(*) FROM card WHERE run_n = print_run.n AND state = 'lost') AS lost,
    (SELECT count(*) FROM card WHERE run_n = print_run.n AND state = 'used_up') AS used_up,
    (SELECT count(*) FROM redemption WHERE run_n = print_run.n AND voided_at IS NULL) AS redemptions
    FROM print_run";

fn read_run(row: &Row<'_>) -> Result<Run> {
    let marked: Option<String> = row.get("marked")?;
    Ok(Run {
        number: row.get("n")?,
        id: rows::id_at(row, "id")?,
        template: row.get("template")?,
        sheet: row.get("sheet")?,
        show: row.get("show")?,
        cards: row.get("cards")?,
        place: row.get("place")?,
        printed_by: row.get("printed_by")?,
        at: rows::moment_at(row, "at")?,
        marked: marked.map(|name| Ok::<_, StorageError>((state(&name)?, rows::moment_at(row, "marked_at")?))).transpose()?,
        in_state: [row.get("handed_out")?, row.get("lost")?, row.get("used_up")?],
        redemptions: row.get("redemptions")?,
    })
}

/// All print runs of a campaign that are on paper, latest first.
pub fn runs(connection: &Connection, campaign_n: i64) -> Result<Vec<Run>> {
    let mut statement = connection.prepare_cached(&format!("{RUN} WHERE campaign_n = ?1 AND on_paper = 1 ORDER BY n DESC"))?;
    let mut found = statement.query([campaign_n])?;
    let mut runs = Vec::new();
    while let Some(row) = found.next()? {
        runs.push(read_run(row)?);
    }
    Ok(runs)
}

/// The print run with this number, if it is on paper.
pub fn run(connection: &Connection, number: u32) -> Result<Option<Run>> {
    let mut statement = connection.prepare_cached(&format!("{RUN} WHERE n = ?1 AND on_paper = 1"))?;
    let mut found = statement.query([number])?;
    found.next()?.map(read_run).transpose()
}

const CARD: &str = "SELECT card.n, card.id, run_n, code_n, text, referrer.id AS referrer_id, name, state, state_before, state_by, handout_n,
    (SELECT count(*) FROM redemption WHERE redemption.run_n = card.run_n AND redemption.code_n = card.code_n AND voided_at IS NULL) AS redemptions
    FROM card JOIN referral_code ON referral_code.n = code_n JOIN referrer ON referrer.n = referrer_n";

fn read_card(row: &Row<'_>) -> Result<Card> {
    let state_at = |column: &str| state(&row.get::<_, String>(column)?);
    Ok(Card {
        n: row.get(0)?,
        id: rows::id_at(row, "id")?,
        run_n: row.get("run_n")?,
        code_n: row.get("code_n")?,
        code: row.get("text")?,
        referrer_id: rows::id_at(row, "referrer_id")?,
        referrer: row.get("name")?,
        state: state_at("state")?,
        state_before: state_at("state_before")?,
        state_by: row.get("state_by")?,
        handout_n: row.get("handout_n")?,
        redemptions: row.get("redemptions")?,
    })
}

/// The cards of a run, in the order in which they were printed.
pub fn cards(connection: &Connection, number: u32) -> Result<Vec<Card>> {
    let mut statement = connection.prepare_cached(&format!("{CARD} WHERE run_n = ?1 ORDER BY card.n"))?;
    let mut found = statement.query([number])?;
    let mut cards = Vec::new();
    while let Some(row) = found.next()? {
        cards.push(read_card(row)?);
    }
    Ok(cards)
}

/// The card with this id.
pub fn card(connection: &Connection, id: Uuid) -> Result<Option<Card>> {
    let mut statement = connection.prepare_cached(&format!("{CARD} WHERE card.id = ?1"))?;
    let mut found = statement.query([id.as_bytes()])?;
    found.next()?.map(read_card).transpose()
}

/// The cards of a run that its last mark changed and nothing since.
pub fn changed_by_mark(connection: &Connection, run: &Run) -> Result<Vec<Card>> {
    let Some((state, at)) = run.marked else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(&format!("{CARD} WHERE run_n = ?1 AND state = ?2 AND state_at = ?3 ORDER BY card.n"))?;
    let mut found = statement.query(params![run.number, state.name(), rows::millis(at)])?;
    let mut cards = Vec::new();
    while let Some(row) = found.next()? {
        cards.push(read_card(row)?);
    }
    Ok(cards)
}

/// Says where a card is.
pub fn set_state(tx: &Connection, card: &Card, state: CardState, by: Option<&str>, handout_n: Option<i64>, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE card SET state = ?2, state_before = state, state_at = ?3, state_by = ?4, handout_n = ?5 WHERE n = ?1")?
        .execute(params![card.n, state.name(), rows::millis(at), by, handout_n])?;
    Ok(())
}

/// Keeps what was last said of a whole run, or that it was taken back.
pub fn set_marked(tx: &Connection, number: u32, marked: Option<(CardState, DateTime<Utc>)>) -> Result<()> {
    let (state, at) = marked.map(|(state, at)| (state.name(), rows::millis(at))).unzip();
    tx.prepare_cached("UPDATE print_run SET marked = ?2, marked_at = ?3 WHERE n = ?1")?.execute(params![number, state, at])?;
    Ok(())
}

fn state(name: &str) -> Result<CardState> {
    CardState::from_name(name).ok_or(StorageError::Stored { what: "card" })
}
