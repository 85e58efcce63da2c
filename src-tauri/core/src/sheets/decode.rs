//! From the bytes of a file to UTF-8 text: what the file is, which encoding it uses, and reading it piece by piece.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::SheetError;

/// Read at a time. Large enough to make system calls rare, small enough to show progress on any list.
const PIECE_BYTES: usize = 64 * 1024;
/// A look at the beginning decides what kind of file it is.
const HEAD_BYTES: usize = 8 * 1024;
/// The guess needs a few hundred foreign letters; a megabyte of pieces that have some is plenty.
const GUESS_BYTES_MAX: usize = 1024 * 1024;

/// Anything that can be read from and rewound.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Where the bytes are. It can be opened as often as needed: once to look, once to read.
#[derive(Clone)]
pub(super) enum Source {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl Source {
    pub(super) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Self::Path(path) => Box::new(File::open(path)?),
            Self::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        match self {
            Self::Path(path) => Ok(std::fs::metadata(path)?.len()),
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        self.open()?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Whether these bytes stand anywhere in the file.
    pub(super) fn holds(&self, sought: &[u8]) -> io::Result<bool> {
        let mut file = self.open()?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut kept = 0;
        loop {
            let filled = kept + read_full(&mut *file, &mut piece[kept..])?;
            if piece[..filled].windows(sought.len()).any(|window| window == sought) {
                return Ok(true);
            }
            if filled < piece.len() {
                return Ok(false);
            }
            // They may lie across two pieces.
            kept = sought.len();
            piece.copy_within(PIECE_BYTES - kept.., 0);
        }
    }
}

/// What a file's first bytes say it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Zip,
    /// Microsoft's container from before 2007. A workbook with a password still uses it as its envelope.
    OldContainer,
    Other(&'static str),
}

/// Tells by content, never by the name: exports are renamed, and `.csv` files hold all sorts of things.
pub(super) fn kind(head: &[u8]) -> Kind {
    const SIGNS: [(&[u8], Kind); 12] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Kind::OldContainer),
        (b"%PDF", Kind::Other("a PDF")),
        (b"{\\rtf", Kind::Other("a text document")),
        (b"\x89PNG", Kind::Other("a picture")),
        (b"\xFF\xD8\xFF", Kind::Other("a picture")),
        (b"GIF8", Kind::Other("a picture")),
        (b"\x1F\x8B", Kind::Other("a compressed file")),
        (b"7z\xBC\xAF", Kind::Other("a compressed file")),
        (b"Rar!", Kind::Other("a compressed file")),
        (b"SQLite format 3", Kind::Other("a database")),
        (b"BEGIN:VCARD", Kind::Other("an address card (vCard)")),
    ];
    for (sign, kind) in SIGNS {
        if head.starts_with(sign) {
            return kind;
        }
    }
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let start = String::from_utf8_lossy(&start[..start.len().min(16)]).to_ascii_lowercase();
    if ["<!doctype", "<html", "<?xml", "<table"].iter().any(|sign| start.starts_with(sign)) {
        return Kind::Other("a web page");
    }
    if ["{\"", "[{", "{\n", "{\r"].iter().any(|sign| start.starts_with(sign)) {
        return Kind::Other("a data file (JSON)");
    }
    // UTF-16 is full of NULs and still text. In any other text a few stray control characters are forgiven.
    if by_mark_or_nulls(head).is_none() {
        let control = head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)).count();
        if control * 20 > head.len() {
            return Kind::Other("a file of another kind");
        }
    }
    Kind::Text
}

/// UTF-16 and UTF-8 by their byte order mark, or UTF-16 by the NULs that it puts beside every Latin letter.
fn by_mark_or_nulls(head: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(encoding);
    }
    let pairs = head.len() / 2;
    let (mut even, mut odd) = (0, 0);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
    }
    // Even a list in Greek or Cyrillic has digits, separators and addresses in Latin letters: more than a quarter.
    let mostly = |many: usize, few: usize| many * 4 > pairs && few * 20 < pairs;
    match (mostly(odd, even), mostly(even, odd)) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Finds the encoding. The whole file is checked first, since the only foreign letter of a long list may be its last.
pub(super) fn encoding(source: &Source, head: &[u8]) -> io::Result<&'static Encoding> {
    if let Some(encoding) = by_mark_or_nulls(head) {
        return Ok(encoding);
    }
    let (letters, faults) = utf8_letters_and_faults(&mut *source.open()?)?;
    // Text in an older encoding is almost never valid UTF-8 by chance. So a file with many good sequences and a
    // few bad ones is UTF-8 that some program has cut, and reading it as anything else would spoil every name.
    if faults == 0 || letters > faults * 10 {
        return Ok(UTF_8);
    }
    guess(&mut *source.open()?)
}

fn utf8_letters_and_faults(file: &mut dyn ReadSeek) -> io::Result<(u64, u64)> {
    /// With this many faults and few letters the answer is settled.
    const FAULTS_ENOUGH: u64 = 1_000;
    let mut piece = vec![0; PIECE_BYTES];
    let (mut kept, mut letters, mut faults) = (0, 0, 0);
    loop {
        let read = read_full(file, &mut piece[kept..])?;
        if read == 0 {
            return Ok((letters, faults + u64::from(kept > 0)));
        }
        let filled = kept + read;
        let mut start = 0;
        kept = 0;
        while start < filled {
            let part = &piece[start..filled];
            let (good, fault) = match std::str::from_utf8(part) {
                Ok(_) => (part.len(), None),
                Err(fault) => (fault.valid_up_to(), Some(fault.error_len())),
            };
            letters += part[..good].iter().filter(|&&b| b >= 0xC0).count() as u64;
            start += good;
            match fault {
                None => {}
                Some(Some(bytes)) => {
                    faults += 1;
                    start += bytes;
                }
                // A letter cut by the end of the piece: its other half comes with the next.
                Some(None) => {
                    kept = filled - start;
                    piece.copy_within(start..filled, 0);
                    start = filled;
                }
            }
        }
        if faults > FAULTS_ENOUGH && letters < faults {
            return Ok((letters, faults));
        }
    }
}

fn guess(file: &mut dyn ReadSeek) -> io::Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut piece = vec![0; PIECE_BYTES];
    let mut fed = 0;
    while fed < GUESS_BYTES_MAX {
        let read = read_full(file, &mut piece)?;
        if read == 0 {
            break;
        }
        if !piece[..read].is_ascii() {
            detector.feed(&piece[..read], false);
            fed += read;
        }
    }
    detector.feed(&[], true);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// Reads until the buffer is full or the file ends, so that a slow drive does not cut pieces short.
fn read_full(file: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(filled)
}

/// A file as UTF-8, piece by piece, without its byte order mark. A file that is UTF-8 already comes through as it
/// is, with the few bytes that may be spoilt in it.
pub(super) struct Decoded {
    file: Box<dyn ReadSeek>,
    /// None for UTF-8, which needs no change.
    decoder: Option<Decoder>,
    piece: Vec<u8>,
    begun: bool,
    ended: bool,
    read: Arc<AtomicU64>,
}

impl Decoded {
    pub(super) fn new(file: Box<dyn ReadSeek>, encoding: &'static Encoding, read: Arc<AtomicU64>) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Self { file, decoder, piece: vec![0; PIECE_BYTES], begun: false, ended: false, read }
    }

    /// Adds the next piece to `text`; false when there is no more.
    pub(super) fn fill(&mut self, text: &mut Vec<u8>) -> Result<bool, SheetError> {
        if self.ended {
            return Ok(false);
        }
        let read = read_full(&mut *self.file, &mut self.piece)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        self.ended = read < self.piece.len();
        let piece = &self.piece[..read];
        match &mut self.decoder {
            None => {
                let marked = !std::mem::replace(&mut self.begun, true) && piece.starts_with(b"\xEF\xBB\xBF");
                text.extend_from_slice(&piece[if marked { 3 } else { 0 }..]);
            }
            Some(decoder) => {
                let mut rest = piece;
                loop {
                    let filled = text.len();
                    let room = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len() * 3 + 16);
                    text.resize(filled + room, 0);
                    let (result, used, written, _) = decoder.decode_to_utf8(rest, &mut text[filled..], self.ended);
                    text.truncate(filled + written);
                    rest = &rest[used..];
                    if result == encoding_rs::CoderResult::InputEmpty {
                        break;
                    }
                }
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::Bytes(bytes.into())
    }

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let source = source(bytes);
        let encoding = encoding(&source, &source.head().unwrap()).unwrap();
        let mut decoded = Decoded::new(source.open().unwrap(), encoding, Arc::default());
        let mut text = Vec::new();
        while decoded.fill(&mut text).unwrap() {}
        (String::from_utf8_lossy(&text).into_owned(), encoding.name())
    }

    #[track_caller]
    fn check(bytes: &[u8], text: &str, encoding: &str) {
        let (got, name) = decoded(bytes);
        assert_eq!(got, text);
        assert_eq!(name, encoding);
    }

    fn utf16(text: &str, mark: bool, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(order).collect()
    }

    #[test]
    fn encodings_are_told_apart() {
        check(b"a,b\n", "a,b\n", "UTF-8");
        check("Zoë,Łódź".as_bytes(), "Zoë,Łódź", "UTF-8");
        check(b"\xEF\xBB\xBFZo\xC3\xAB", "Zoë", "UTF-8");
        let list = "Name\tMail\nZoë Łuk\tzoe@shop.example\n";
        check(&utf16(list, true, u16::to_le_bytes), list, "UTF-16LE");
        check(&utf16(list, true, u16::to_be_bytes), list, "UTF-16BE");
        check(&utf16(list, false, u16::to_le_bytes), list, "UTF-16LE");
        check(&utf16(list, false, u16::to_be_bytes), list, "UTF-16BE");
        check(b"Vorname;Stra\xDFe\nJ\xF6rg;K\xF6nigsallee\nG\xFCl;M\xFCnster\n", "Vorname;Straße\nJörg;Königsallee\nGül;Münster\n", "windows-1252");
    }

    #[test]
    fn a_foreign_letter_far_behind_the_beginning_is_not_lost() {
        let mut bytes = b"Name,Email\n".to_vec();
        for n in 0..20_000 {
            bytes.extend(format!("Ann {n},ann{n}@shop.example\n").bytes());
        }
        bytes.extend(b"J\xF6rg M\xFCller,joerg@shop.example\n");
        let (text, encoding) = decoded(&bytes);
        assert_eq!(encoding, "windows-1252");
        assert!(text.ends_with("Jörg Müller,joerg@shop.example\n"));
    }

    #[test]
    fn one_spoilt_letter_does_not_spoil_the_others() {
        let mut bytes = "Zoë,Åsa,Łucja,Jörg,Gül,Søren,Ânia,Éva,Öz,Ñu,Üli,Ève".as_bytes().to_vec();
        bytes.extend(b",Bj\xF6");
        let (text, encoding) = decoded(&bytes);
        assert_eq!(encoding, "UTF-8");
        assert!(text.starts_with("Zoë,Åsa") && text.ends_with("Bj\u{fffd}"), "{text}");
    }

    #[test]
    fn letters_on_the_border_of_two_pieces_stay_whole() {
        for shift in 0..4 {
            let text = format!("{}{}", "x".repeat(shift), "€".repeat(PIECE_BYTES));
            assert_eq!(decoded(text.as_bytes()), (text, "UTF-8"));
        }
    }

    #[test]
    fn other_files_are_recognised() {
        #[track_caller]
        fn check(head: &[u8], expected: Kind) {
            assert_eq!(kind(head), expected);
        }
        check(b"PK\x03\x04....", Kind::Zip);
        check(b"%PDF-1.7", Kind::Other("a PDF"));
        check(b"  <!DOCTYPE html>", Kind::Other("a web page"));
        check(b"[{\"name\": 1}]", Kind::Other("a data file (JSON)"));
        check(&[0, 1, 2, 3, 250, 7, 9, 1, 0, 0, 0, 5], Kind::Other("a file of another kind"));
        check(b"Name,Email\0\nAnn the first of her name,ann@shop.example\n", Kind::Text);
        check(b"", Kind::Text);
    }
}
