//! The rows that can't be used, or not all of them: saved as a list beside the original.

use std::path::PathBuf;

use super::{ImportReport, Rejected};
use crate::desk::Result;
use crate::sentences::Language;
use crate::sheets::{Row, SheetWriter};
use crate::storage::StorageError;

/// The rows that can't be used: the first to be shown, all of them in a file, which gets its name once the rest is safe.
pub(super) struct Rejects {
    path: Option<PathBuf>,
    headers: Vec<String>,
    language: Language,
    sheet: Option<SheetWriter<std::io::BufWriter<std::fs::File>>>,
}

impl Rejects {
    pub(super) fn new(path: Option<PathBuf>, headers: Vec<String>, language: Language) -> Rejects {
        Rejects { path, headers, language, sheet: None }
    }

    pub(super) fn put(&mut self, row: &Row, reason: &'static str) -> Result<Rejected> {
        let sentence = self.language.say(&format!("rejected.{reason}"), &[]);
        if let Some(path) = &self.path {
            let file = |source| StorageError::File { path: path.clone(), source };
            let number = row.number.to_string();
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).chain([number.as_str(), sentence.as_str()]).collect();
            let sheet = match &mut self.sheet {
                Some(sheet) => sheet,
                none => {
                    let headers: Vec<&str> = self.headers.iter().map(String::as_str).chain(["Row", "Reason"]).collect();
                    let out = std::fs::File::create(path.with_extension("csv.part")).map_err(file)?;
                    none.insert(SheetWriter::new(std::io::BufWriter::new(out), &headers).map_err(file)?)
                }
            };
            sheet.row(&cells).map_err(file)?;
        }
        Ok(Rejected { row: u32::try_from(row.number).unwrap_or(u32::MAX), reason: reason.to_owned(), sentence })
    }

    /// Gives the file its name. The people are in by now, so where that fails it is said and no fault.
    pub(super) fn finish(mut self, mut report: ImportReport) -> ImportReport {
        if let (Some(sheet), Some(path)) = (self.sheet.take(), &self.path) {
            let part = path.with_extension("csv.part");
            let named = sheet.finish().and_then(|out| Ok(out.into_inner()?)).and_then(|_| std::fs::rename(&part, path));
            match named {
                Ok(()) => report.rejected_file = Some(path.display().to_string()),
                Err(_) => {
                    let _ = std::fs::remove_file(part);
                    report.rejected_unsaved = Some(self.language.say("rejected_unsaved", &[("path", &path.display().to_string())]));
                }
            }
        }
        report
    }
}

impl Drop for Rejects {
    fn drop(&mut self) {
        // An import that did not go through leaves no file of rejected rows.
        if let (Some(_), Some(path)) = (self.sheet.take(), &self.path) {
            let _ = std::fs::remove_file(path.with_extension("csv.part"));
        }
    }
}
