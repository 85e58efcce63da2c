//! XLSX workbooks: the first sheet that has rows, read as text.
//!
//! `calamine` hands out cells one by one, but only while it holds the whole workbook. So a thread of its own
//! holds it and sends rows in batches; the queue is short, so memory stays small whatever the length of the list.

use std::io::{BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{io, thread, vec};

use calamine::{DataRef, Reader, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use super::decode::{ReadSeek, Source};
use super::error::SheetError;
use super::sheet::Row;
use super::text::COLUMNS_MAX;

/// Rows sent at a time, so that the two threads seldom wait for each other.
const BATCH_ROWS: usize = 256;
/// Batches that may wait in the queue.
const BATCHES_MAX: usize = 4;
/// Different texts in a workbook, twenty for each row that a sheet can have.
const TEXTS_MAX: u64 = 20_000_000;
/// The number of texts stands in the first element of its part.
const PROMISE_BYTES: u64 = 4 * 1024;
/// The last serial number that Excel shows as a date (31 December 9999). A larger one is a number in a date's format.
const DATE_SERIAL_MAX: f64 = 2_958_465.0;

/// An open workbook and the sheet that holds the list.
pub(super) struct Book {
    file: Xlsx<BufReader<Box<dyn ReadSeek>>>,
    sheet: String,
    /// Rows as the sheet declares them, for the progress bar only: it may be wrong or 0.
    pub(super) rows: u64,
}

impl Book {
    /// Opens the workbook and reads its first rows, `rows_max` at most, from the first visible sheet that has any.
    pub(super) fn open(source: &Source, rows_max: usize) -> Result<(Self, Vec<Row>), SheetError> {
        check_promises(source)?;
        let file = Xlsx::new(BufReader::new(source.open()?))?;
        let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
        let names: Vec<String> = file.sheets_metadata().iter().filter(visible).map(|sheet| sheet.name.clone()).collect();
        let mut book = Self { file, sheet: String::new(), rows: 0 };
        for name in names {
            book.sheet = name;
            let mut lead = Vec::new();
            let done = book.each(&AtomicU64::new(0), |row| {
                lead.push(row);
                lead.len() < rows_max
            });
            match done {
                // Charts have no cells.
                Err(SheetError::BrokenWorkbook { source }) if matches!(*source, XlsxError::NotAWorksheet(_)) => {}
                Err(fault) => return Err(fault),
                Ok(()) if lead.is_empty() => {}
                Ok(()) => return Ok((book, lead)),
            }
        }
        Err(SheetError::Empty)
    }

    /// Hands each row that has something in it to `take`, until that says no.
    fn each(&mut self, at: &AtomicU64, mut take: impl FnMut(Row) -> bool) -> Result<(), SheetError> {
        let mut reader = self.file.worksheet_cells_reader(&self.sheet)?;
        self.rows = u64::from(reader.dimensions().end.0) + 1;
        let mut row = Row::default();
        loop {
            let cell = reader.next_cell()?;
            let number = cell.as_ref().map(|cell| u64::from(cell.get_position().0) + 1);
            if number != Some(row.number) {
                at.store(row.number, Ordering::Relaxed);
                if row.cells.iter().any(|cell| !cell.trim().is_empty()) && !take(std::mem::take(&mut row)) {
                    return Ok(());
                }
                row.cells.clear();
            }
            let (Some(cell), Some(number)) = (cell, number) else {
                return Ok(());
            };
            row.number = number;
            let column = cell.get_position().1 as usize;
            if column < COLUMNS_MAX {
                if row.cells.len() <= column {
                    row.cells.resize_with(column + 1, String::new);
                }
                row.cells[column] = shown(cell.get_value());
            }
        }
    }

    /// Starts reading from the first row, in a thread of its own.
    pub(super) fn stream(mut self, at: Arc<AtomicU64>) -> BookRows {
        let (send, batches) = sync_channel(BATCHES_MAX);
        let started = thread::Builder::new().name("workbook".into()).spawn(move || {
            let mut batch = Vec::with_capacity(BATCH_ROWS);
            let done = self.each(&at, |row| {
                batch.push(row);
                batch.len() < BATCH_ROWS || send_batch(&send, &mut batch)
            });
            if send_batch(&send, &mut batch) {
                // Nobody listens any more if this fails, and then nobody minds.
                let _ = send.send(done.map(|()| Vec::new()));
            }
        });
        BookRows { batches, batch: Vec::new().into_iter(), fault: started.err(), ended: false }
    }
}

/// Refuses a workbook that promises more texts than any list has. Room for them is made before the first is read,
/// so a number made up by a hostile file would end the whole program.
fn check_promises(source: &Source) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(BufReader::new(source.open()?)).map_err(XlsxError::Zip)?;
    for part in 0..archive.len() {
        // A part that can't be opened is reported when it is needed.
        let Ok(part) = archive.by_index(part) else { continue };
        if !part.name_raw().to_ascii_lowercase().ends_with(b"sharedstrings.xml") {
            continue;
        }
        let mut start = Vec::new();
        part.take(PROMISE_BYTES).read_to_end(&mut start)?;
        let start = String::from_utf8_lossy(&start);
        let promised = start.split("uniqueCount").nth(1).unwrap_or_default();
        let promised = promised.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '>');
        let digits = promised.find(|c: char| !c.is_ascii_digit()).unwrap_or(promised.len());
        // Too many digits for a number are too many texts as well.
        if digits > 0 && promised[..digits].parse::<u64>().map_or(true, |texts| texts > TEXTS_MAX) {
            return Err(XlsxError::Unexpected("a number of texts that no list has").into());
        }
    }
    Ok(())
}

/// False when the reader of the rows has gone.
fn send_batch(send: &SyncSender<Result<Vec<Row>, SheetError>>, batch: &mut Vec<Row>) -> bool {
    batch.is_empty() || send.send(Ok(std::mem::replace(batch, Vec::with_capacity(BATCH_ROWS)))).is_ok()
}

/// The rows of a workbook as they arrive. An empty batch is the end.
pub(super) struct BookRows {
    batches: Receiver<Result<Vec<Row>, SheetError>>,
    batch: vec::IntoIter<Row>,
    fault: Option<io::Error>,
    ended: bool,
}

impl BookRows {
    pub(super) fn read(&mut self, row: &mut Row, width: usize) -> Result<bool, SheetError> {
        if let Some(fault) = self.fault.take() {
            self.ended = true;
            return Err(fault.into());
        }
        loop {
            if let Some(mut next) = self.batch.next() {
                next.cells.resize_with(width, String::new);
                *row = next;
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            let batch = match self.batches.recv() {
                Ok(batch) => batch,
                // Without its last word the thread has broken down over the file.
                Err(_) => Err(SheetError::Unreadable { source: io::Error::other("the workbook reader stopped") }),
            };
            match batch {
                Ok(rows) => {
                    self.ended = rows.is_empty();
                    self.batch = rows.into_iter();
                }
                Err(fault) => {
                    self.ended = true;
                    return Err(fault);
                }
            }
        }
    }
}

/// A cell as text. Numbers are written with all their digits: a phone number is no quantity.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Float(number) => format!("{number}"),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(date) if !(0.0..=DATE_SERIAL_MAX).contains(&date.as_f64()) => {
            format!("{}", date.as_f64())
        }
        DataRef::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        // "#N/A" says nothing about anybody.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        #[track_caller]
        fn check(value: DataRef<'_>, expected: &str) {
            assert_eq!(shown(&value), expected);
        }
        check(DataRef::Float(447_911_123_456.0), "447911123456");
        check(DataRef::Float(4.479_111e11), "447911100000");
        check(DataRef::Float(12.5), "12.5");
        check(DataRef::Int(7_911), "7911");
        check(DataRef::Bool(true), "TRUE");
        check(DataRef::Error(calamine::CellErrorType::NA), "");
        check(DataRef::Empty, "");
    }
}
