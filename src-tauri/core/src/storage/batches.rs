//! Print runs and their cards, as stock.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};

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

/// Takes a print run out whose cards never came to be. Its number is not given again.
pub fn remove(tx: &Connection, number: u32) -> Result<()> {
    tx.prepare_cached("DELETE FROM card WHERE run_n = ?1")?.execute([number])?;
    tx.prepare_cached("DELETE FROM print_run WHERE n = ?1")?.execute([number])?;
    Ok(())
}
