//! What staff do, one file a job. Each job opens its own transaction and answers with what a screen or a script shows.

mod asks;
pub mod batches;
#[cfg(test)]
mod beside;
pub mod brand;
mod card_pages;
mod card_people;
pub mod cards;
pub mod check;
pub mod conflicts;
pub mod export;
pub mod fault;
pub mod generate;
pub mod handout;
pub mod handover;
pub mod import;
pub mod leads;
pub mod look_up;
pub mod mailings;
pub mod messages;
pub mod people;
pub mod practice;
pub mod printer;
pub mod records;
pub mod redeem;
pub mod shop;
pub mod slips;
pub mod spooler;
pub mod today;
pub mod undo;
pub mod uploads;
pub mod views;

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Connection;
use uuid::Uuid;

pub use asks::Customer;
pub use fault::{DeskError, Fault};

use crate::ports::{Clock, Entropy, System};
use crate::sentences::Language;
use crate::storage::campaigns::{self, Shop};
use crate::storage::operations::{self, Known};
use crate::storage::{StorageError, Store};

/// What every job gives.
pub type Result<T> = std::result::Result<T, DeskError>;

/// One shop's open database, with a clock and randomness.
pub struct Desk {
    store: Store,
    folder: PathBuf,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
}

impl Desk {
    /// Opens the shop in this data folder.
    pub fn open(folder: &Path) -> Result<Desk> {
        Desk::open_with(folder, Box::new(System), Box::new(System))
    }

    /// Opens the shop in this data folder with another clock and other randomness.
    pub fn open_with(folder: &Path, clock: Box<dyn Clock>, entropy: Box<dyn Entropy>) -> Result<Desk> {
        let store = Store::open(folder, clock.now()).map_err(|error| match error {
            StorageError::Missing(_) => DeskError::NotSetUp,
            other => other.into(),
        })?;
        let mut desk = Desk { store, folder: folder.to_owned(), clock, entropy };
        desk.shop()?;
        desk.clear_half_printed()?;
        Ok(desk)
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The language that this shop chose, for sentences.
    pub fn language(&self) -> Language {
        self.shop().map_or_else(|_| Language::default(), |shop| Language::of(&shop.language))
    }

    fn shop(&self) -> Result<Shop> {
        shop_of(self.store.reader())
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number that differs once another connection has changed the database.
    pub fn changes_seen(&self) -> Result<i64> {
        Ok(self.store.changes_seen()?)
    }

    /// Leaves the write-ahead log small, after a confirmation. Where it can't be done now, it is done another time.
    pub fn tidy(&self) {
        let _ = self.store.fold_log();
    }
}

/// The shop of this database, which must have been set up.
fn shop_of(connection: &Connection) -> Result<Shop> {
    campaigns::shop(connection)?.ok_or(DeskError::NotSetUp)
}

/// What this operation made or changed, if it was done before. Its id under another ask is a defect of the caller.
fn done_before(tx: &Connection, op: Uuid, ask: &[u8; 32]) -> Result<Option<Uuid>> {
    match operations::look_up(tx, op, ask)? {
        Known::New => Ok(None),
        Known::Done(subject) => Ok(Some(subject)),
        Known::Otherwise => Err(DeskError::OperationReused),
    }
}

/// The day of a moment in the shop.
fn day_in(shop: &Shop, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&shop.zone).date_naive()
}
