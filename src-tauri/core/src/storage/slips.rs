//! The printer of this till, and the slips that were asked for.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::{Result, StorageError, rows};

/// The printer for slips at this till.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrinterRow {
    /// Where it is.
    pub address: String,
    /// How wide it prints.
    pub columns: u32,
    /// Whether a receipt slip is asked for with each sale.
    pub after_sale: bool,
}

/// Whether a slip is on paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not yet.
    Waiting,
    /// Yes.
    Printed,
    /// Nobody wants it any more.
    Dropped,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Printed => "printed",
            State::Dropped => "dropped",
        }
    }
}

/// A slip that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlipRow {
    /// Row number.
    pub n: i64,
    /// The operation that asked for it.
    pub id: Uuid,
    /// The Redemption that it is the receipt of.
    pub redemption: Option<Uuid>,
    /// Row number of the code that it shows, where it is no receipt.
    pub code_n: Option<i64>,
    /// Who hands it over.
    pub by: Option<String>,
    /// Whether it is on paper.
    pub state: State,
    /// How often it is on paper, or may be.
    pub copies: u32,
    /// On its way since then.
    pub begun: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub trouble: Option<String>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
}

/// The printer, if one is set up.
pub fn printer(connection: &Connection) -> Result<Option<PrinterRow>> {
    let mut statement = connection.prepare_cached("SELECT address, columns, after_sale FROM printer")?;
    Ok(statement.query_row([], |row| Ok(PrinterRow { address: row.get(0)?, columns: row.get(1)?, after_sale: row.get(2)? })).optional()?)
}

/// Keeps the printer, or forgets it.
pub fn set_printer(tx: &Connection, printer: Option<&PrinterRow>) -> Result<()> {
    match printer {
        Some(PrinterRow { address, columns, after_sale }) => tx.execute(
            "INSERT INTO printer (n, address, columns, after_sale) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (n) DO UPDATE SET address = ?1, columns = ?2, after_sale = ?3",
            params![address, columns, after_sale],
        )?,
        None => tx.execute("DELETE FROM printer", [])?,
    };
    Ok(())
}

const SLIP: &str = "SELECT slip.n, slip.id, redemption.id AS redemption, slip.code_n, slip.by, state, copies, begun_at, trouble, slip.at
    FROM slip LEFT JOIN redemption ON redemption.n = redemption_n";

fn read(row: &Row<'_>) -> Result<SlipRow> {
    let state: String = row.get("state")?;
    let redemption: Option<Vec<u8>> = row.get("redemption")?;
    let begun: Option<i64> = row.get("begun_at")?;
    Ok(SlipRow {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        redemption: redemption.map(|id| rows::id(&id)).transpose()?,
        code_n: row.get("code_n")?,
        by: row.get("by")?,
        state: [State::Waiting, State::Printed, State::Dropped]
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or(StorageError::Stored { what: "slip" })?,
        copies: row.get("copies")?,
        begun: begun.map(rows::moment).transpose()?,
        trouble: row.get("trouble")?,
        at: rows::moment_at(row, "at")?,
    })
}

fn all(connection: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Vec<SlipRow>> {
    let mut statement = connection.prepare_cached(&format!("{SLIP} {rest}"))?;
    let mut found = statement.query(values)?;
    let mut slips = Vec::new();
    while let Some(row) = found.next()? {
        slips.push(read(row)?);
    }
    Ok(slips)
}

/// The slip with this id.
pub fn slip(connection: &Connection, id: Uuid) -> Result<Option<SlipRow>> {
    Ok(all(connection, "WHERE slip.id = ?1", [id.as_bytes()])?.pop())
}

/// The receipt of this Redemption, if one was ever asked for.
pub fn of_redemption(connection: &Connection, redemption_n: i64) -> Result<Option<SlipRow>> {
    Ok(all(connection, "WHERE redemption_n = ?1", [redemption_n])?.pop())
}

/// What waits, in the order in which it was asked for.
pub fn waiting(connection: &Connection) -> Result<Vec<SlipRow>> {
    all(connection, "WHERE state = 'waiting' ORDER BY slip.n", [])
}

/// How many wait.
pub fn waiting_count(connection: &Connection) -> Result<u32> {
    Ok(connection.prepare_cached("SELECT count(*) FROM slip WHERE state = 'waiting'")?.query_row([], |row| row.get(0))?)
}

/// Asks for the receipt of a Redemption.
pub fn ask_receipt(tx: &Connection, id: Uuid, redemption_n: i64, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("INSERT INTO slip (id, redemption_n, at) VALUES (?1, ?2, ?3)")?.execute(params![
        id.as_bytes(),
        redemption_n,
        rows::millis(at)
    ])?;
    Ok(())
}

/// Asks for a slip with this code.
pub fn ask_code(tx: &Connection, id: Uuid, code_n: i64, by: Option<&str>, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("INSERT INTO slip (id, code_n, by, at) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        id.as_bytes(),
        code_n,
        by,
        rows::millis(at)
    ])?;
    Ok(())
}

/// Asks for it once more, now.
pub fn ask_again(tx: &Connection, n: i64, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE slip SET state = 'waiting', at = ?2 WHERE n = ?1")?.execute(params![n, rows::millis(at)])?;
    Ok(())
}

/// It is on its way from now on, and counts as being on paper until it is known that it is not.
pub fn begin(tx: &Connection, n: i64, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE slip SET begun_at = ?2, copies = copies + 1 WHERE n = ?1")?.execute(params![n, rows::millis(at)])?;
    Ok(())
}

/// It is on paper.
pub fn printed(tx: &Connection, n: i64) -> Result<()> {
    tx.prepare_cached("UPDATE slip SET begun_at = NULL, trouble = NULL, state = 'printed' WHERE n = ?1")?.execute([n])?;
    Ok(())
}

/// It is not, or not known to be: with `begun`, some of it may be.
pub fn failed(tx: &Connection, n: i64, trouble: &str, begun: bool) -> Result<()> {
    tx.prepare_cached("UPDATE slip SET begun_at = NULL, trouble = ?2, copies = copies - ?3 WHERE n = ?1")?.execute(params![n, trouble, !begun])?;
    Ok(())
}

/// Nobody wants it any more.
pub fn dropped(tx: &Connection, n: i64) -> Result<()> {
    tx.prepare_cached("UPDATE slip SET state = 'dropped' WHERE n = ?1 AND state = 'waiting'")?.execute([n])?;
    Ok(())
}

/// Whether somebody prints it this moment. A program that crashed is waited for no longer than `most`; a clock may have been set back.
#[must_use]
pub fn on_its_way(slip: &SlipRow, now: DateTime<Utc>, most: Duration) -> bool {
    slip.begun.is_some_and(|begun| (Duration::zero()..most).contains(&(now - begun)))
}
