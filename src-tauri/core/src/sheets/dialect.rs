//! How a text file writes its table: its separator and its line breaks, found by looking at the first rows.

use std::io::Cursor;
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};

use super::columns;
use super::decode::{Decoded, Source};
use super::error::SheetError;
use super::sheet::Row;
use super::text::TextRows;

/// Rows that decide which separator the file uses.
const SNIFF_ROWS: usize = 30;

/// How a text file writes its table.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) encoding: &'static Encoding,
    pub(super) delimiter: u8,
    /// `\n`, or `\r` for files in the manner of old Macs.
    pub(super) newline: u8,
    /// The file begins with Excel's own `sep=;`.
    pub(super) sep_line: bool,
    /// How many cells a row should have, once the heading is known; 0 before.
    pub(super) cells: usize,
}

impl Dialect {
    /// Looks at the beginning of the file. `tabbed` breaks a tie for files that are called `.tsv`.
    pub(super) fn sniff(source: &Source, encoding: &'static Encoding, tabbed: bool) -> Result<Self, SheetError> {
        let mut sample = Vec::new();
        Decoded::new(source.open()?, encoding, Arc::default()).fill(&mut sample)?;
        let newline = if !sample.contains(&b'\n') && sample.contains(&b'\r') { b'\r' } else { b'\n' };
        let mut dialect = Self { encoding, delimiter: b',', newline, sep_line: false, cells: 0 };
        if let Some(delimiter) = sep_line(&sample) {
            dialect.sep_line = true;
            dialect.delimiter = delimiter;
            return Ok(dialect);
        }
        let sample: Arc<[u8]> = sample.into();
        let order: &[u8] = if tabbed { b"\t,;|" } else { b",;\t|" };
        let mut best = None;
        for &delimiter in order {
            let trial = Self { encoding: UTF_8, delimiter, ..dialect.clone() };
            let score = trial.score(&sample)?;
            // The first of equals stays.
            if score.is_some() && best.as_ref().is_none_or(|(top, _)| score > *top) {
                best = Some((score, delimiter));
            }
        }
        if let Some((_, delimiter)) = best {
            dialect.delimiter = delimiter;
        }
        Ok(dialect)
    }

    /// How well a separator fits: known headings first, then how many rows agree on their number of cells.
    /// None if it never separates anything.
    fn score(&self, sample: &Arc<[u8]>) -> Result<Option<(usize, usize, usize)>, SheetError> {
        let mut rows = TextRows::new(Box::new(Cursor::new(Arc::clone(sample))), self.clone(), Arc::default());
        let (mut row, mut counts, mut hits) = (Row::default(), Vec::new(), 0);
        while counts.len() < SNIFF_ROWS && rows.read(&mut row)? {
            hits = hits.max(columns::hits(&row.cells));
            counts.push(row.cells.len());
        }
        let agreeing = |n: usize| counts.iter().filter(|&&count| count == n).count();
        let usual = counts.iter().copied().filter(|&n| n > 1).max_by_key(|&n| (agreeing(n), n));
        Ok(usual.map(|n| (hits, agreeing(n) * 100 / counts.len(), n)))
    }
}

/// The separator that Excel's first line `sep=;` names, if the file has such a line.
fn sep_line(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|&b| b == b'\n' || b == b'\r').next()?;
    let line = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', sign] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" && *sign != b'"' => {
            (sign.is_ascii_punctuation() || matches!(sign, b'\t' | b' ')).then_some(*sign)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::tests::check;

    #[test]
    fn separators_are_found() {
        check("a,b\n1,2\n", 0, &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a;b\n1;2,5\n", 0, &[(1, &["a", "b"]), (2, &["1", "2,5"])]);
        check("a\tb\n1;\t2,\n", 0, &[(1, &["a", "b"]), (2, &["1;", "2,"])]);
        check("a|b\n1|2", 0, &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check(
            "Name;E-Mail\nRoe, Ann;ann@shop.example\nLee, Bo;bo@shop.example\n",
            2,
            &[(1, &["Name", "E-Mail"]), (2, &["Roe, Ann", "ann@shop.example"]), (3, &["Lee, Bo", "bo@shop.example"])],
        );
        check("\"a;b\",c\n\"d;e\",f\n", 0, &[(1, &["a;b", "c"]), (2, &["d;e", "f"])]);
        check("one\ntwo\n", 0, &[(1, &["one"]), (2, &["two"])]);
    }

    #[test]
    fn excels_own_first_line_is_honoured() {
        check("sep=;\na;b,c\n", 0, &[(2, &["a", "b,c"])]);
        check("SEP=|\r\na|b\r\n", 0, &[(2, &["a", "b"])]);
        check("\"sep=;\"\na;b\n", 0, &[(2, &["a", "b"])]);
    }
}
