//! CSV and its relatives: the rows of a text file, with the numbers that a spreadsheet gives them.
//!
//! `csv_core` takes the cells apart. It is fed one line of the file at a time, because two things must be known
//! that a plain CSV reader does not tell: the number of the row (blank lines count, line breaks inside quotes do
//! not), and whether a quote was opened that belongs to nothing. Such a stray quote would otherwise swallow
//! everybody down to the next quote, hundreds of rows further on.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::decode::{Decoded, ReadSeek};
use super::dialect::Dialect;
use super::error::SheetError;
use super::sheet::Row;

/// A line this long is no row of a list of people.
const ROW_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Notes and addresses have line breaks; a cell that still has not ended after so much text never will.
const QUOTED_BYTES_MAX: usize = 256 * 1024;
/// Far more columns than any export has. More would only cost memory.
pub(super) const COLUMNS_MAX: usize = 1_024;

/// A line of the file, as offsets from the beginning of its row: without its line break, and where the next begins.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    next: usize,
}

/// The cells of one row, packed into one buffer that is used again for the next.
struct Cells {
    bytes: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    fn new() -> Self {
        Self { bytes: vec![0; 1024], filled: 0, ends: vec![0; 64], count: 0 }
    }

    fn clear(&mut self) {
        (self.filled, self.count) = (0, 0);
    }

    /// True when the row is complete; false when it goes on, inside a quote.
    fn feed(&mut self, csv: &mut Reader, mut input: &[u8]) -> bool {
        // An empty input would mean the end of the file to the reader.
        while !input.is_empty() {
            let (result, read, written, ended) = csv.read_record(input, &mut self.bytes[self.filled..], &mut self.ends[self.count..]);
            input = &input[read..];
            self.filled += written;
            self.count += ended;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return true,
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty => {}
            }
        }
        false
    }

    fn copy_to(&self, cells: &mut Vec<String>, width: usize) {
        let count = self.count.min(if width > 0 { width } else { COLUMNS_MAX });
        cells.resize_with(if width > 0 { width } else { count }, String::new);
        cells.iter_mut().for_each(String::clear);
        let mut start = 0;
        for (cell, &end) in cells.iter_mut().zip(&self.ends[..count]) {
            match std::str::from_utf8(&self.bytes[start..end]) {
                Ok(text) => cell.push_str(text),
                Err(_) => cell.push_str(&String::from_utf8_lossy(&self.bytes[start..end])),
            }
            start = end;
        }
    }
}

/// The rows of a text file, one after another, in constant memory. Rows with nothing in them are passed over.
pub(super) struct TextRows {
    decoded: Decoded,
    dialect: Dialect,
    /// Every row has exactly this many cells; 0 leaves them as they come.
    width: usize,
    text: Vec<u8>,
    /// Where in `text` the present row begins.
    at: usize,
    number: u64,
    quoted: Reader,
    plain: Reader,
    cells: Cells,
    spare: Cells,
}

impl TextRows {
    pub(super) fn new(file: Box<dyn ReadSeek>, dialect: Dialect, read: Arc<AtomicU64>) -> Self {
        let (quoted, plain) = (reader(&dialect, true), reader(&dialect, false));
        let decoded = Decoded::new(file, dialect.encoding, read);
        let (cells, spare) = (Cells::new(), Cells::new());
        Self { decoded, dialect, width: 0, text: Vec::new(), at: 0, number: 0, quoted, plain, cells, spare }
    }

    pub(super) fn with_width(mut self, width: usize) -> Self {
        self.width = width;
        self
    }

    /// Puts the next row that has something in it into `row`; false when there is no more.
    pub(super) fn read(&mut self, row: &mut Row) -> Result<bool, SheetError> {
        while let Some(first) = self.line(0)? {
            self.number += 1;
            if first.end == first.start {
                self.at += first.next;
                continue;
            }
            let next = if self.number == 1 && self.dialect.sep_line {
                self.cells.clear();
                first.next
            } else {
                self.split(first)?
            };
            self.at += next;
            self.cells.copy_to(&mut row.cells, self.width);
            if row.cells.iter().any(|cell| !cell.trim().is_empty()) {
                row.number = self.number;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes the row apart that begins with this line, and says where the next row begins.
    fn split(&mut self, first: Line) -> Result<usize, SheetError> {
        let newline = [self.dialect.newline];
        self.cells.clear();
        let mut line = first;
        loop {
            let text = &self.text[self.at + line.start..self.at + line.end];
            self.cells.feed(&mut self.quoted, text);
            if self.cells.feed(&mut self.quoted, &newline) {
                break;
            }
            let next = if line.next > QUOTED_BYTES_MAX { None } else { self.line(line.next)? };
            match next {
                Some(next) => line = next,
                None => {
                    // The quote is never closed: it was no quote but a character in the text.
                    self.quoted.reset();
                    self.plain(first);
                    std::mem::swap(&mut self.cells, &mut self.spare);
                    return Ok(first.next);
                }
            }
        }
        // Closed, but by a quote of another row: together they have the wrong number of cells, alone the right one.
        let expected = self.dialect.cells;
        if line.next != first.next && expected > 0 && self.cells.count != expected {
            self.plain(first);
            if self.spare.count == expected {
                std::mem::swap(&mut self.cells, &mut self.spare);
                return Ok(first.next);
            }
        }
        Ok(line.next)
    }

    /// Takes one line apart at its separators alone, into `spare`.
    fn plain(&mut self, line: Line) {
        self.spare.clear();
        self.plain.reset();
        self.spare.feed(&mut self.plain, &self.text[self.at + line.start..self.at + line.end]);
        self.spare.feed(&mut self.plain, &[self.dialect.newline]);
    }

    /// The line that begins `start` bytes after the beginning of the row.
    fn line(&mut self, start: usize) -> Result<Option<Line>, SheetError> {
        let newline = self.dialect.newline;
        let mut look = start;
        let (end, next) = loop {
            if let Some(found) = self.text[self.at + look..].iter().position(|&b| b == newline) {
                break (look + found, look + found + 1);
            }
            look = self.text.len() - self.at;
            if look - start > ROW_BYTES_MAX {
                return Err(SheetError::RowTooLarge { row: self.number + 1 });
            }
            self.text.drain(..self.at);
            self.at = 0;
            if !self.decoded.fill(&mut self.text)? {
                if look == start {
                    return Ok(None);
                }
                break (look, look);
            }
        };
        let cut = newline == b'\n' && end > start && self.text[self.at + end - 1] == b'\r';
        Ok(Some(Line { start, end: end - usize::from(cut), next }))
    }
}

fn reader(dialect: &Dialect, quoting: bool) -> Reader {
    ReaderBuilder::new().delimiter(dialect.delimiter).terminator(Terminator::Any(dialect.newline)).quoting(quoting).build()
}

#[cfg(test)]
pub(super) mod tests {
    use encoding_rs::UTF_8;

    use super::super::decode::Source;
    use super::*;

    fn rows(text: &str, cells: usize) -> Vec<(u64, Vec<String>)> {
        let source = Source::Bytes(text.as_bytes().into());
        let mut dialect = Dialect::sniff(&source, UTF_8, false).unwrap();
        dialect.cells = cells;
        let mut rows = TextRows::new(source.open().unwrap(), dialect, Arc::default());
        let (mut row, mut all) = (Row::default(), Vec::new());
        while rows.read(&mut row).unwrap() {
            all.push((row.number, row.cells.clone()));
        }
        all
    }

    #[track_caller]
    pub(in super::super) fn check(text: &str, cells: usize, expected: &[(u64, &[&str])]) {
        let rows = rows(text, cells);
        let rows: Vec<(u64, Vec<&str>)> = rows.iter().map(|(n, cells)| (*n, cells.iter().map(String::as_str).collect())).collect();
        let expected: Vec<(u64, Vec<&str>)> = expected.iter().map(|(n, cells)| (*n, cells.to_vec())).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn rows_have_the_numbers_of_the_spreadsheet() {
        check("a,b\n\n , \n\"1\n1\",2\n3,4", 2, &[(1, &["a", "b"]), (4, &["1\n1", "2"]), (5, &["3", "4"])]);
        check("a,b\r\n\r\n\"1\r\n\r\n1\",2\r\n3,4\r\n", 2, &[(1, &["a", "b"]), (3, &["1\n\n1", "2"]), (4, &["3", "4"])]);
        check("a,b\r1,2\r\r3,4\r", 2, &[(1, &["a", "b"]), (2, &["1", "2"]), (4, &["3", "4"])]);
    }

    #[test]
    fn quotes_of_all_kinds() {
        check("a,\"say \"\"hi\"\"\"\n", 0, &[(1, &["a", "say \"hi\""])]);
        check("a,6\" pipe\nb,c\n", 2, &[(1, &["a", "6\" pipe"]), (2, &["b", "c"])]);
        check("a,\"\"\n", 0, &[(1, &["a", ""])]);
    }

    #[test]
    fn a_stray_quote_costs_one_row_and_not_all_below() {
        check("a,b\n\"Ann,1\nBob,2\n", 2, &[(1, &["a", "b"]), (2, &["\"Ann", "1"]), (3, &["Bob", "2"])]);
        check(
            "a,b\n\"Ann,1\nBob,2\n\"Roe, C\",3\nDee,4\n",
            2,
            &[(1, &["a", "b"]), (2, &["\"Ann", "1"]), (3, &["Bob", "2"]), (4, &["Roe, C", "3"]), (5, &["Dee", "4"])],
        );
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let source = Source::Bytes(vec![b'x'; ROW_BYTES_MAX * 2].into());
        let dialect = Dialect { encoding: UTF_8, delimiter: b',', newline: b'\n', sep_line: false, cells: 0 };
        let mut rows = TextRows::new(source.open().unwrap(), dialect, Arc::default());
        assert_eq!(rows.read(&mut Row::default()).unwrap_err().code(), "row_too_large");
    }
}
