//! A table in a file: where its heading stands, its first rows, and all of them one after another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::book::{Book, BookRows};
use super::clean;
use super::columns::{self, Mapping};
use super::decode::{self, Kind, Source};
use super::dialect::Dialect;
use super::error::SheetError;
use super::text::TextRows;
use super::vendor::Vendor;

/// Rows read at once to find the heading, to guess columns, and for most previews.
const LEAD_ROWS: usize = 60;
/// A heading stands within so many rows of the top, below a title and perhaps a date.
const HEADING_ROWS: usize = 10;

/// What the envelope around a workbook with a password calls its content, in UTF-16.
const ENCRYPTED_PACKAGE: [u8; 32] = *b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// One row of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The number that a spreadsheet shows beside it: 1 is the first row of the file, blank rows count, and a line
    /// break inside a cell does not begin a new row.
    pub number: u64,
    /// The text of each cell as it stands in the file, as many as the table has columns.
    pub cells: Vec<String>,
}

enum Body {
    Text(Dialect),
    Book(Box<Book>),
}

/// A table in a file, ready to be read.
pub struct Sheet {
    source: Source,
    tabbed: bool,
    body: Body,
    headers: Vec<String>,
    /// The number of the heading row; 0 if there is none.
    heading: u64,
    /// The first rows below the heading.
    lead: Vec<Row>,
    /// There are no rows behind `lead`.
    lead_is_all: bool,
}

impl Sheet {
    /// Opens a file and finds out what it is, by its content rather than its name.
    ///
    /// # Errors
    /// When there is no such file, it can't be read, or it is not a table with something in it.
    pub fn open(path: &Path) -> Result<Self, SheetError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
        Self::look(Source::Path(path.to_owned()), tabbed(&ending))
    }

    /// Opens a file that is already in memory. `name_hint` is its name, if it has one.
    ///
    /// # Errors
    /// When the bytes are not a table with something in it.
    pub fn from_bytes(name_hint: &str, bytes: Vec<u8>) -> Result<Self, SheetError> {
        let ending = name_hint.rsplit('.').next().unwrap_or_default();
        Self::look(Source::Bytes(bytes.into()), tabbed(ending))
    }

    fn look(source: Source, tabbed: bool) -> Result<Self, SheetError> {
        let head = source.head()?;
        match decode::kind(&head) {
            Kind::Other(found) => return Err(SheetError::NotATable { found }),
            Kind::OldContainer if source.holds(&ENCRYPTED_PACKAGE)? => {
                return Err(SheetError::Protected);
            }
            Kind::OldContainer => return Err(SheetError::OldExcel),
            Kind::Zip => {
                let (book, lead) = Book::open(&source, LEAD_ROWS)?;
                return Self::with(source, tabbed, Body::Book(Box::new(book)), lead);
            }
            Kind::Text => {}
        }
        let encoding = decode::encoding(&source, &head)?;
        let mut dialect = Dialect::sniff(&source, encoding, tabbed)?;
        let lead = text_lead(&source, &dialect)?;
        // Read again now that the number of cells is known, since that tells stray quotes from real ones.
        dialect.cells = lead.get(heading(&lead).unwrap_or(0)).map_or(0, |row| row.cells.len());
        let lead = text_lead(&source, &dialect)?;
        Self::with(source, tabbed, Body::Text(dialect), lead)
    }

    fn with(source: Source, tabbed: bool, body: Body, mut lead: Vec<Row>) -> Result<Self, SheetError> {
        if lead.is_empty() {
            return Err(SheetError::Empty);
        }
        let lead_is_all = lead.len() < LEAD_ROWS;
        let heading = heading(&lead);
        let table = &lead[heading.unwrap_or(0)..];
        let used = |row: &Row| row.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        let width = table.iter().map(used).max().unwrap_or(0);
        let titles = heading.map(|at| lead[at].cells.clone()).unwrap_or_default();
        let headers = (0..width)
            .map(|n| titles.get(n).map(|title| clean::text(title).into_owned()).filter(|title| !title.is_empty()))
            .enumerate()
            .map(|(n, title)| title.unwrap_or_else(|| format!("Column {}", n + 1)))
            .collect();
        let number = heading.map_or(0, |at| lead[at].number);
        lead.drain(..heading.map_or(0, |at| at + 1));
        lead.iter_mut().for_each(|row| row.cells.resize_with(width, String::new));
        Ok(Self { source, tabbed, body, headers, heading: number, lead, lead_is_all })
    }

    /// The columns' headings, cleaned. A column without one is called "Column 3" by its place.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// What each column seems to mean: by its heading, and where that says nothing, by what stands below it.
    pub fn suggest(&self) -> Mapping {
        columns::suggest(if self.heading > 0 { &self.headers } else { &[] }, self.headers.len(), &self.lead)
    }

    /// The first rows, at most so many.
    ///
    /// # Errors
    /// When rows behind the first few are wanted and the file can't be read any more.
    pub fn preview(&self, rows_max: usize) -> Result<Vec<Row>, SheetError> {
        if self.lead_is_all || rows_max <= self.lead.len() {
            return Ok(self.lead.iter().take(rows_max).cloned().collect());
        }
        Self::look(self.source.clone(), self.tabbed)?.rows().take(rows_max).collect()
    }

    /// The program that wrote the list, if its columns give it away.
    pub fn vendor(&self) -> Option<Vendor> {
        Vendor::of(&self.headers)
    }

    /// All rows below the heading, one after another. The file is read as they are asked for.
    pub fn rows(self) -> Rows {
        let at = Arc::new(AtomicU64::new(0));
        let width = self.headers.len();
        let (total, reading) = match self.body {
            Body::Text(dialect) => {
                let opened = self.source.open().and_then(|file| Ok((file, self.source.len()?)));
                match opened {
                    Ok((file, bytes)) => {
                        let rows = TextRows::new(file, dialect, Arc::clone(&at)).with_width(width);
                        (bytes, Reading::Text(Box::new(rows)))
                    }
                    Err(fault) => (0, Reading::Failed(Some(fault.into()))),
                }
            }
            Body::Book(book) => (book.rows, Reading::Book(book.stream(Arc::clone(&at)))),
        };
        Rows { reading, width, heading: self.heading, progress: Progress { at, total }, ended: false }
    }
}

fn tabbed(ending: &str) -> bool {
    ["tsv", "tab"].iter().any(|tabbed| ending.eq_ignore_ascii_case(tabbed))
}

fn text_lead(source: &Source, dialect: &Dialect) -> Result<Vec<Row>, SheetError> {
    let mut rows = TextRows::new(source.open()?, dialect.clone(), Arc::default());
    let (mut lead, mut row) = (Vec::new(), Row::default());
    while lead.len() < LEAD_ROWS && rows.read(&mut row)? {
        lead.push(row.clone());
    }
    Ok(lead)
}

/// Where in the first rows the heading stands; None if the table begins with a person.
fn heading(lead: &[Row]) -> Option<usize> {
    let first = &lead.first()?.cells;
    let filled = first.iter().filter(|cell| !cell.trim().is_empty()).count();
    // A title above the table fills one cell, and a row of known headings follows.
    if filled == 1 {
        let titled = lead.iter().take(HEADING_ROWS).position(|row| columns::hits(&row.cells) >= 2);
        if titled.is_some() {
            return titled;
        }
    }
    let email = first.iter().any(|cell| columns::looks_like_email(cell));
    let phone = first.iter().any(|cell| columns::looks_like_phone(cell));
    match columns::hits(first) {
        0 if email || phone => None,
        // Somebody may be called Link or Kunde, but a heading is no e-mail address.
        1 if email => None,
        _ => Some(0),
    }
}

enum Reading {
    Text(Box<TextRows>),
    Book(BookRows),
    Failed(Option<SheetError>),
}

/// How much of a file has been read, to be asked from elsewhere while the rows are being used.
#[derive(Clone, Debug)]
pub struct Progress {
    at: Arc<AtomicU64>,
    total: u64,
}

impl Progress {
    /// The share of the file that has been read, from 0 to 1.
    pub fn done(&self) -> f64 {
        let at = self.at.load(Ordering::Relaxed);
        if at >= self.total.max(1) { 1.0 } else { at as f64 / self.total.max(1) as f64 }
    }
}

/// All rows of a table below its heading. After a fault it ends.
pub struct Rows {
    reading: Reading,
    width: usize,
    heading: u64,
    progress: Progress,
    ended: bool,
}

impl Rows {
    /// Puts the next row into `row`, using its memory again; false when there is no more. Faster than the
    /// iterator for long lists.
    ///
    /// # Errors
    /// When the file can't be read further. There are no more rows after that.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, SheetError> {
        while !self.ended {
            let more = match &mut self.reading {
                Reading::Text(rows) => rows.read(row),
                Reading::Book(rows) => rows.read(row, self.width),
                Reading::Failed(fault) => fault.take().map_or(Ok(false), Err),
            };
            match more {
                Ok(true) if row.number <= self.heading => {}
                Ok(true) => return Ok(true),
                Ok(false) => {
                    self.ended = true;
                    self.progress.at.store(self.progress.total.max(1), Ordering::Relaxed);
                }
                Err(fault) => {
                    self.ended = true;
                    return Err(fault);
                }
            }
        }
        Ok(false)
    }

    /// The share of the file that has been read, from 0 to 1.
    pub fn done(&self) -> f64 {
        self.progress.done()
    }

    /// The same answer for another thread, while this one uses the rows.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Row::default();
        match self.read(&mut row) {
            Ok(true) => Some(Ok(row)),
            Ok(false) => None,
            Err(fault) => Some(Err(fault)),
        }
    }
}
