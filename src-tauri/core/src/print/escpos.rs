//! A slip in the language that receipt printers speak (ESC/POS). Whole before the first byte is sent.
//!
//! Letters that every printer has go as text in code page 858. A line with any other goes as a picture, and so does the QR code:
//! a picture (`GS v 0`) is understood by nearly every printer that was ever sold as ESC/POS, while those without the younger QR
//! command print its bytes as letters; and the picture that we send is the one that we test.

use std::cell::RefCell;

use escpos::driver::Driver;
use escpos::printer::Printer;
use escpos::printer_options::PrinterOptions;
use escpos::utils::{CharacterSet, JustifyMode, PageCode, Protocol};
use thiserror::Error;

use super::bitmap::{self, Bitmap};
use super::pdf::PdfError;
use super::raster::{Face, Raster};
use super::slip::{Line, Slip};

/// Dots of one column in the printer's own letters (font A).
const COLUMN_DOTS: usize = 12;
/// The upper half of code page 858, from 128 on.
const UPPER_858: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
/// Printers for the Chinese market wake up reading bytes in pairs; this ends it (FS .). Others don't know it and do nothing.
const ONE_BYTE_A_LETTER: &[u8] = &[0x1c, b'.'];
/// A module of a QR code is at least half a millimetre (203 dots an inch), at most one.
const MODULE_DOTS: std::ops::RangeInclusive<usize> = 4..=8;
/// The largest QR code on a slip: 4 cm, which a phone reads from a comfortable distance.
const QR_DOTS_MAX: usize = 320;

/// How wide a printer prints, in columns of its own letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Columns(u32);

impl Columns {
    /// The widths there are: 58 mm paper, 80 mm paper on older printers, 80 mm paper.
    pub const ALL: [u32; 3] = [32, 42, 48];

    /// One of the widths there are.
    #[must_use]
    pub fn of(columns: u32) -> Option<Columns> {
        Columns::ALL.contains(&columns).then_some(Columns(columns))
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0
    }

    /// How wide that is in dots.
    #[must_use]
    pub fn dots(self) -> usize {
        self.0 as usize * COLUMN_DOTS
    }
}

/// What can't be put on paper.
#[derive(Debug, Error)]
pub enum DrawError {
    /// No font here has these letters.
    #[error("no font has the letters of {0:?}")]
    NoFont(String),
    /// Longer than a readable QR code holds.
    #[error("too long for a QR code on this paper")]
    QrTooLarge,
    /// The orders can't be put together: a defect of ours.
    #[error("{0}")]
    Bytes(String),
    /// The document can't be put together.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

impl From<escpos::errors::PrinterError> for DrawError {
    fn from(error: escpos::errors::PrinterError) -> DrawError {
        DrawError::Bytes(error.to_string())
    }
}

/// The bytes that print this slip and cut the paper.
pub fn bytes(slip: &Slip, columns: Columns, raster: &Raster<'_>) -> Result<Vec<u8>, DrawError> {
    let options = PrinterOptions::new(Some(PageCode::PC858), None, u8::try_from(columns.count()).unwrap_or(u8::MAX));
    let mut paper = Paper { printer: Printer::new(Kept::default(), Protocol::default(), Some(options)), columns, raster };
    // Another country's set would turn # and @ into its own letters.
    paper.printer.init()?.custom(ONE_BYTE_A_LETTER)?.character_set(CharacterSet::USA)?.reset_line_spacing()?;
    for line in &slip.lines {
        paper.line(line)?;
    }
    paper.printer.feeds(1)?.print_cut()?;
    Ok(paper.printer.driver().0.into_inner())
}

/// Keeps what the crate writes.
#[derive(Default)]
struct Kept(RefCell<Vec<u8>>);

impl Driver for Kept {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn write(&self, data: &[u8]) -> escpos::errors::Result<()> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> escpos::errors::Result<usize> {
        Ok(0)
    }

    fn flush(&self) -> escpos::errors::Result<()> {
        Ok(())
    }
}

struct Paper<'a, 'f> {
    printer: Printer<Kept>,
    columns: Columns,
    raster: &'a Raster<'f>,
}

impl Paper<'_, '_> {
    fn line(&mut self, line: &Line) -> Result<(), DrawError> {
        match line {
            Line::Title(text) => self.middle(text, (1, 2), Face { em: 40.0, bold: true }),
            Line::Strong(text) => self.middle(text, (1, 1), Face { em: 26.0, bold: true }),
            Line::Text(text) => self.middle(text, (1, 1), Face { em: 26.0, bold: false }),
            Line::Code(code) => self.middle(code, (2, 2), Face { em: 52.0, bold: true }),
            Line::Pair(name, value) => self.pair(name, value, false),
            Line::Total(name, value) => self.pair(name, value, true),
            Line::Qr(text) => self.qr(text),
            Line::Rule => {
                self.printer.justify(JustifyMode::LEFT)?;
                self.writeln(&"-".repeat(self.columns.count() as usize))?;
                Ok(())
            }
            Line::Gap => {
                self.printer.feed()?;
                Ok(())
            }
        }
    }

    /// A line in the printer's own letters. The crate's table for this code page prints a dash as a hyphen that is not there.
    fn writeln(&mut self, text: &str) -> Result<(), DrawError> {
        let letters: Vec<u8> = text.chars().filter_map(letter).collect();
        self.printer.custom(&letters)?.feed()?;
        Ok(())
    }

    /// Lines in the middle, as many as the text needs.
    fn middle(&mut self, text: &str, size: (u8, u8), face: Face) -> Result<(), DrawError> {
        if !has(text) {
            return self.pictures(self.raster.middle(text, face, self.columns.dots())?);
        }
        let columns = self.columns.count() as usize;
        // A code that would be broken in double width is printed in single width.
        let wide = if text.chars().count() * usize::from(size.0) > columns && !text.contains(' ') { 1 } else { size.0 };
        self.printer.justify(JustifyMode::CENTER)?.bold(face.bold)?.size(wide, size.1)?;
        for line in wrapped(text, columns / usize::from(wide)) {
            self.writeln(&line)?;
        }
        self.printer.reset_size()?.bold(false)?;
        Ok(())
    }

    fn pair(&mut self, name: &str, value: &str, bold: bool) -> Result<(), DrawError> {
        if !has(name) || !has(value) {
            let face = Face { em: 26.0, bold };
            return self.pictures(self.raster.pair(name, value, face, self.columns.dots())?);
        }
        let columns = self.columns.count() as usize;
        self.printer.justify(JustifyMode::LEFT)?.bold(bold)?;
        let room = columns.checked_sub(name.chars().count() + 1 + value.chars().count());
        match room {
            Some(room) => {
                self.writeln(&format!("{name} {}{value}", " ".repeat(room)))?;
            }
            None => {
                for line in wrapped(name, columns) {
                    self.writeln(&line)?;
                }
                for line in wrapped(value, columns) {
                    self.writeln(&format!("{line:>columns$}"))?;
                }
            }
        }
        self.printer.bold(false)?;
        Ok(())
    }

    fn qr(&mut self, text: &str) -> Result<(), DrawError> {
        let drawn = bitmap::qr(text, MODULE_DOTS, QR_DOTS_MAX, self.columns.dots()).ok_or(DrawError::QrTooLarge)?;
        self.pictures(vec![drawn.centred(self.columns.dots())])
    }

    fn pictures(&mut self, pictures: Vec<Bitmap>) -> Result<(), DrawError> {
        self.printer.justify(JustifyMode::LEFT)?;
        for picture in pictures {
            self.printer.custom(&picture.command())?;
        }
        Ok(())
    }
}

/// Whether the printer's own letters have all of this text.
fn has(text: &str) -> bool {
    text.chars().all(|c| letter(c).is_some())
}

/// The byte of a letter in code page 858; none for what it lacks, and for everything that is an order.
fn letter(c: char) -> Option<u8> {
    match c {
        ' '..='~' => u8::try_from(c).ok(),
        _ => UPPER_858.chars().position(|other| other == c).and_then(|at| u8::try_from(at + 0x80).ok()),
    }
}

/// Lines of at most so many columns, broken between words where that is possible.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() <= columns {
            lines.last_mut().expect("there is always a line").push(' ');
            used += 1;
        } else if used > 0 {
            lines.push(String::new());
            used = 0;
        }
        while used + word.len() > columns {
            let rest = word.split_off(columns - used);
            lines.last_mut().expect("there is always a line").extend(word);
            lines.push(String::new());
            (word, used) = (rest, 0);
        }
        used += word.len();
        lines.last_mut().expect("there is always a line").extend(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_that_we_count_on_are_those_of_code_page_858() {
        assert_eq!(UPPER_858.chars().count(), 128);
        // From IBM's chart of the page.
        for (c, byte) in [('-', 0x2d), ('Ç', 0x80), ('é', 0x82), ('Ä', 0x8e), ('£', 0x9c), ('ñ', 0xa4), ('€', 0xd5), ('ß', 0xe1), ('\u{a0}', 0xff)]
        {
            assert_eq!(letter(c), Some(byte), "{c:?}");
        }
        assert!(has("K7MQ-4RTX Müller & Söhne, 12.00 €") && !has("Łukasz") && !has("Ann\u{1b}@") && !has("a\nb") && !has("\u{7f}"));
    }

    #[test]
    fn lines_break_between_words_and_words_only_where_they_must() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrapped("", 4), [""]);
        assert!(wrapped(&"word ".repeat(99), 10).iter().all(|line| line.chars().count() <= 10));
    }
}
