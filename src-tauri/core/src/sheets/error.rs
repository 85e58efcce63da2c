//! Why a file can't be read as a table, in words that say what to do next.

use std::io;

use calamine::XlsxError;

/// Why a file can't be read as a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// There is no file at this place.
    #[error("there is no such file")]
    NotFound {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is there, but the system refuses or fails to read it.
    #[error("the file could not be read")]
    Unreadable {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file has no row with anything in it.
    #[error("the file has no rows")]
    Empty,
    /// The file is something else: a PDF, a picture, a web page.
    #[error("this is not a table but {found}: save the list as CSV or XLSX and try again")]
    NotATable {
        /// What the file seems to be, with its article: "a PDF".
        found: &'static str,
    },
    /// A workbook in Excel's format from before 2007.
    #[error("this is an old Excel file (.xls): open it, save it as .xlsx or CSV and try again")]
    OldExcel,
    /// A workbook that opens with a password only.
    #[error("this workbook is protected by a password: save a copy without it and try again")]
    Protected,
    /// The file begins as an XLSX workbook but is damaged or cut short.
    #[error("this workbook is damaged")]
    BrokenWorkbook {
        /// What the workbook reader said.
        #[source]
        source: Box<XlsxError>,
    },
    /// A row is larger than any list has, so the file is not what it seems, and reading on would fill the memory.
    #[error("row {row} is too large")]
    RowTooLarge {
        /// The row, counted as a spreadsheet does.
        row: u64,
    },
}

impl SheetError {
    /// The name of the fault for programs and for the table of translated sentences. It never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Unreadable { .. } => "unreadable",
            Self::Empty => "empty",
            Self::NotATable { .. } => "not_a_table",
            Self::OldExcel => "old_excel",
            Self::Protected => "protected",
            Self::BrokenWorkbook { .. } => "broken_workbook",
            Self::RowTooLarge { .. } => "row_too_large",
        }
    }
}

impl From<io::Error> for SheetError {
    fn from(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { source },
            _ => Self::Unreadable { source },
        }
    }
}

impl From<XlsxError> for SheetError {
    fn from(source: XlsxError) -> Self {
        match source {
            XlsxError::Io(source) => source.into(),
            XlsxError::Password => Self::Protected,
            // A ZIP without a workbook in it: Numbers, OpenDocument, or just an archive.
            XlsxError::FileNotFound(_) => Self::NotATable { found: "an archive without an Excel workbook" },
            source => Self::BrokenWorkbook { source: Box::new(source) },
        }
    }
}
