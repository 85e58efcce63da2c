//! Importing the list that a shop already has: of people who recommend, or of customers who bought before.
//!
//! One thread reads and understands rows, this one writes them, all in one transaction. As much as fits is read before the
//! database is held, so that a sale waits for the writing alone. Importing the same list twice changes nothing: within a list
//! the first row about a person decides, what is known is only replaced by what differs, and a list whose rows move phones from
//! one person to another is gone through until it changes nothing.

mod people;
mod rejects;
mod rows;

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use serde::{Deserialize, Serialize};

use self::people::Import;
use self::rejects::Rejects;
use super::generate::Watch;
use super::views::Progress;
use super::{Desk, DeskError, Result};
pub use crate::sheets::Column;
use crate::sheets::{Mapping, Sheet, SheetError};
use crate::storage::StorageError;

/// Batches that may wait for the writer: bounds memory, whatever the list's size.
const BATCHES_WAITING_MAX: usize = 8;
/// Batches that are read before the database is held: fifty thousand rows, in some 30 MiB.
const BATCHES_AHEAD_MAX: usize = 100;
/// Rows of the preview.
const PREVIEW_ROWS: usize = 5;

/// Which list it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// People who recommend.
    Referrers,
    /// Customers who bought before: kept as keyed hashes, for the first-time rule.
    Customers,
}

/// A first look at a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportLook {
    /// Where it lies.
    pub path: String,
    /// Its name.
    pub file: String,
    /// Its size.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub bytes: u64,
    /// Whose export it looks like.
    pub vendor: Option<String>,
    /// Its columns.
    pub headers: Vec<String>,
    /// What each column probably means.
    pub mapping: Vec<Option<Column>>,
    /// Its first rows.
    pub preview: Vec<Vec<String>>,
}

/// Import this list.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportAsk {
    /// Where it lies.
    pub path: String,
    /// Which list it is.
    pub kind: ImportKind,
    /// What each column means; none means as it looks.
    pub mapping: Option<Vec<Option<Column>>>,
    /// Only tell what would happen.
    pub dry_run: bool,
}

/// What an import did. `added + updated + unchanged + rejected` is `rows`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ImportReport {
    /// Rows with anything in them.
    pub rows: u32,
    /// People who are new.
    pub added: u32,
    /// People of whom something changed.
    pub updated: u32,
    /// Rows that said nothing new.
    pub unchanged: u32,
    /// The first rows that can't be used.
    pub rejected: Vec<Rejected>,
    /// How many rows can't be used.
    pub rejected_total: u32,
    /// The first rows of people who are in, but for something that could not be taken.
    pub noted: Vec<Rejected>,
    /// How many such things there are; their rows are among the added, updated and unchanged.
    pub noted_total: u32,
    /// Where all rejected and noted rows stand, with their reasons.
    pub rejected_file: Option<String>,
    /// Said where that file could not be written after all. What was imported is in.
    pub rejected_unsaved: Option<String>,
}

/// A row that can't be used, or not all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Rejected {
    /// As a spreadsheet numbers it: the heading is row 1.
    pub row: u32,
    /// A stable name.
    pub reason: String,
    /// Why, in a sentence.
    pub sentence: String,
}

impl Desk {
    /// A first look at a list, before it is imported.
    pub fn import_look(&self, path: &Path) -> Result<ImportLook> {
        let sheet = Sheet::open(path).map_err(|source| unreadable(path, source))?;
        let preview = sheet.preview(PREVIEW_ROWS).map_err(|source| unreadable(path, source))?;
        Ok(ImportLook {
            path: path.display().to_string(),
            file: file_name(path),
            bytes: std::fs::metadata(path).map_or(0, |file| file.len()),
            vendor: sheet.vendor().map(|vendor| vendor.name().to_owned()),
            mapping: sheet.suggest().columns,
            headers: sheet.headers().to_vec(),
            preview: preview.into_iter().map(|row| row.cells).collect(),
        })
    }

    /// Imports a list, all usable rows or none. Rows that can't be used are saved beside it.
    pub fn import(&mut self, ask: &ImportAsk, watch: Watch<'_>) -> Result<ImportReport> {
        let path = Path::new(&ask.path);
        let sheet = Sheet::open(path).map_err(|source| unreadable(path, source))?;
        let mapping = match &ask.mapping {
            Some(columns) => Mapping { columns: columns.clone() },
            None => sheet.suggest(),
        };
        if mapping.column(Column::Email).is_none() && mapping.column(Column::Phone).is_none() {
            return Err(DeskError::NoContactColumn { file: file_name(path) });
        }
        let headers = sheet.headers().to_vec();
        let mut rejects = Rejects::new(if ask.dry_run { None } else { Some(self.rejects_path(path)) }, headers, self.language());
        let report = self.import_sheet(sheet, &mapping, ask, &mut rejects, watch)?;
        let report = rejects.finish(report);
        self.tidy();
        Ok(report)
    }

    fn import_sheet(&mut self, sheet: Sheet, mapping: &Mapping, ask: &ImportAsk, rejects: &mut Rejects, watch: Watch<'_>) -> Result<ImportReport> {
        let now = self.now();
        let country = self.shop()?.country;
        let rows = sheet.rows();
        let progress = rows.progress();
        let store = &mut self.store;
        thread::scope(|scope| {
            let (send, receive) = sync_channel(BATCHES_WAITING_MAX);
            let dialled_in = country.as_deref();
            scope.spawn(move || rows::understand_all(rows, mapping, ask.kind, dialled_in, &send));
            let rows_in_all = |read: u32| Some(progress.done()).filter(|&share| share > 0.0).map(|share| (f64::from(read) / share) as u32);
            let (mut ahead, mut rows_ahead) = (Vec::new(), 0_u32);
            for batch in receive.iter().take(BATCHES_AHEAD_MAX) {
                rows_ahead += batch.as_ref().map_or(0, |batch| u32::try_from(batch.len()).unwrap_or(u32::MAX));
                ahead.push(batch);
                if !watch(Progress { done: 0, total: rows_in_all(rows_ahead) }) {
                    return Err(StorageError::Cancelled.into());
                }
            }
            let batches = ahead.into_iter().chain(receive.iter());
            let change = |tx: &rusqlite::Transaction<'_>| {
                let mut import = Import::begin(tx, now)?;
                import.all(batches, ask, rejects, &mut |done| watch(Progress { done, total: rows_in_all(done.max(rows_ahead)) }))?;
                import.until_nothing_moves(ask, mapping, country.as_deref())?;
                import.finish(ask.kind)?;
                Ok(import.report)
            };
            if ask.dry_run { store.rehearse(change) } else { store.write_much(change) }
        })
    }

    /// Beside the list, or in the data folder where that can't be written.
    fn rejects_path(&self, list: &Path) -> PathBuf {
        let stem = list.file_stem().unwrap_or_default().to_string_lossy();
        let probe = list.with_file_name(format!("{stem}.rejected.csv.part"));
        let writable = std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).is_ok();
        let folder = if writable { list.parent().unwrap_or(Path::new("")) } else { &self.folder };
        // A file of that name may be half mended by now: it is left alone.
        let mut path = folder.join(format!("{stem}.rejected.csv"));
        let mut number = 2;
        while path.exists() {
            path = folder.join(format!("{stem}.rejected-{number}.csv"));
            number += 1;
        }
        path
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, source: SheetError) -> DeskError {
    DeskError::Sheet { file: file_name(path), source }
}
