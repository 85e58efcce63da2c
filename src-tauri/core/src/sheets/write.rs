//! Our own lists as CSV that every spreadsheet opens and none takes for a program.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::clean::{begins_formula, unmarked};

/// Makes a cell safe to open in a spreadsheet.
///
/// A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break may be run as a formula, and a formula in a
/// customer's name can send the whole list to a stranger (OWASP, "CSV injection"). A `'` before it makes it text.
/// Where `+` or `-` is followed by digits, spaces and `.()-/` alone, as in a phone number or an amount, there is no
/// name, cell or function in it that could do harm, so it stays as it is and other programs can read it.
/// A cell that already begins with `'` is text to a spreadsheet and gets no second one.
pub fn guard(cell: &str) -> Cow<'_, str> {
    if !begins_formula(cell) {
        return Cow::Borrowed(cell);
    }
    let number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | '(' | ')' | '-' | '/');
    if cell.strip_prefix(['+', '-']).is_some_and(|rest| rest.chars().all(number)) { Cow::Borrowed(cell) } else { Cow::Owned(format!("'{cell}")) }
}

/// Takes off what [`guard`] and spreadsheets put before a formula sign or a number. Reading does it by itself.
pub fn unguard(cell: &str) -> &str {
    unmarked(cell)
}

/// Writes a list as CSV: UTF-8 with the byte order mark that Excel needs to show "Zoë", quoted as RFC 4180 says,
/// every cell guarded against being read as a formula.
pub struct SheetWriter<W: Write> {
    csv: Writer<W>,
}

impl<W: Write> SheetWriter<W> {
    /// Begins a list with its headings.
    ///
    /// # Errors
    /// When the place it is written to fails.
    pub fn new(mut to: W, headers: &[&str]) -> io::Result<Self> {
        to.write_all("\u{feff}".as_bytes())?;
        Self::unmarked(to, headers)
    }

    /// Begins a list for a program, which may take the byte order mark for a part of the first heading.
    ///
    /// # Errors
    /// When the place it is written to fails.
    pub fn unmarked(to: W, headers: &[&str]) -> io::Result<Self> {
        let csv = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(to);
        let mut writer = Self { csv };
        writer.row(headers)?;
        Ok(writer)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the place it is written to fails.
    pub fn row(&mut self, cells: &[&str]) -> io::Result<()> {
        for cell in cells {
            self.csv.write_field(guard(cell).as_bytes())?;
        }
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// Writes what is still held back and returns the place written to, which may want to be synced.
    ///
    /// # Errors
    /// When the place it is written to fails.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_numbers_are_not() {
        #[track_caller]
        fn check(cell: &str, expected: &str) {
            assert_eq!(guard(cell), expected);
            assert_eq!(unguard(expected), cell);
        }
        check("Ann Lee", "Ann Lee");
        check("", "");
        check("=1+1", "'=1+1");
        check("=HYPERLINK(\"https://evil.example\")", "'=HYPERLINK(\"https://evil.example\")");
        check("@SUM(A1)", "'@SUM(A1)");
        check("+A1", "'+A1");
        check("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0");
        check("\t=1", "'\t=1");
        check("\r=1", "'\r=1");
        check("＝1+1", "'＝1+1");
        check("＋1", "'＋1");
        check("+44 (0)20 7946-0000", "+44 (0)20 7946-0000");
        check("-12.50", "-12.50");
        check("+44,1", "'+44,1");
        check(" =1+1", "' =1+1");
        check("\u{feff}\u{200b} @SUM(A1)", "'\u{feff}\u{200b} @SUM(A1)");
        check(" 12", " 12");
        check("O'Neill", "O'Neill");
        check("'t Hooft", "'t Hooft");
    }

    #[test]
    fn lists_are_written_as_spreadsheets_want_them() {
        let mut list = SheetWriter::new(Vec::new(), &["Name", "Note"]).unwrap();
        list.row(&["Zoë", "said \"hi\", twice\nand left"]).unwrap();
        list.row(&["", ""]).unwrap();
        list.row(&["=A1"]).unwrap();
        let text = String::from_utf8(list.finish().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}Name,Note\r\nZoë,\"said \"\"hi\"\", twice\nand left\"\r\n,\r\n'=A1\r\n");
    }
}
