//! Print runs as stock: which cards there are, where they went, and which are lost.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::json;

use super::{Result, asks};
pub(super) use crate::storage::batches::NewRun;
use crate::storage::campaigns::Shop;
use crate::storage::{audit, batches};

/// Opens a print run with one card for each of these codes, and gives the number that stands on them. In the transaction of whoever
/// prints, before anything is drawn.
pub(super) fn open_run(tx: &Connection, shop: &Shop, run: &NewRun<'_>, code_ns: &[i64], now: DateTime<Utc>) -> Result<u32> {
    let (place, printed_by) = (asks::note(run.place, "place")?, asks::note(run.printed_by, "by")?);
    let run = NewRun { place: place.as_deref(), printed_by: printed_by.as_deref(), ..*run };
    let (number, id) = batches::insert(tx, shop.campaign.n, &run, code_ns, now)?;
    audit::append(tx, shop.till_id, now, "cards_printed", id, &json!({ "batch": number, "cards": code_ns.len() }))?;
    Ok(number)
}

/// Takes a print run back whose file could not be written: it is no stock. Its number is not given a second time.
pub(super) fn drop_run(tx: &Connection, shop: &Shop, number: u32, now: DateTime<Utc>) -> Result<()> {
    batches::remove(tx, number)?;
    audit::append(tx, shop.till_id, now, "cards_not_printed", shop.campaign.id, &json!({ "batch": number }))?;
    Ok(())
}
