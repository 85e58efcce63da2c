//! The layout as PDF.
//!
//! Text is drawn by printpdf's operations, with fonts subset and embedded by it. What is no text goes into form XObjects: what all cards
//! share once a file, the QR codes once a page, written and compressed here, since ten thousand codes as single operations would
//! take a gigabyte. Equal input gives equal bytes: printpdf's moments and random ids are taken out again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::rc::Rc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, StringFormat};
use printpdf::{
    Codepoint, Color, CurTransMat, DictItem, ExternalStream, ExternalXObject, Op, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfPage,
    PdfSaveOptions, Pt, RawImage, RawImageData, RawImageFormat, Rgb, TextItem, TextMatrix, XObject, XObjectId, XObjectTransform,
};
use thiserror::Error;

use super::fonts::{FontId, Fonts};
use super::layout::{Area, Colour, Item, Page, Placed, dashed};
use super::logo::Picture;
use super::qr::Run;
use super::text::{Glyph, Line};

/// Points in a millimetre.
const PT: f64 = 72.0 / 25.4;
/// Ink may go so far over a card's edge.
const OVER_MM: f64 = 10.0;

/// Why no PDF was made.
#[derive(Debug, Error)]
pub enum PdfError {
    /// A font that was shaped with can't be read for embedding.
    #[error("a font can't be embedded: {0}")]
    Font(String),
    /// What printpdf says.
    #[error("the PDF could not be put together: {0}")]
    Document(String),
    /// The file.
    #[error("the PDF could not be written")]
    Write(#[from] io::Error),
}

/// A PDF that grows page by page.
pub struct Pdf<'a> {
    document: PdfDocument,
    language: &'a str,
    logo: Option<XObjectId>,
    /// What cards share, by the place where it lies in memory; held so that no other takes that place.
    shared: BTreeMap<usize, (Rc<[Item]>, XObjectId)>,
    used: BTreeSet<FontId>,
}

impl<'a> Pdf<'a> {
    /// An empty one with this title, in this language (`en`).
    #[must_use]
    pub fn new(title: &str, language: &'a str, logo: Option<&Picture>) -> Pdf<'a> {
        let mut document = PdfDocument::new(title);
        let logo = logo.map(|picture| {
            let image = RawImage {
                pixels: RawImageData::U8(picture.rgba.clone()),
                width: picture.width as usize,
                height: picture.height as usize,
                data_format: RawImageFormat::RGBA8,
                tag: Vec::new(),
            };
            let id = XObjectId("L".to_owned());
            document.resources.xobjects.map.insert(id.clone(), XObject::Image(image));
            id
        });
        Pdf { document, language, logo, shared: BTreeMap::new(), used: BTreeSet::new() }
    }

    /// Adds a page.
    pub fn page(&mut self, fonts: &Fonts, page: &Page) {
        let mut ops = Vec::new();
        for card in &page.cards {
            ops.push(Op::SaveGraphicsState);
            ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Raw(placed(page, card)) });
            let common = self.shared(&card.common);
            ops.push(form(common));
            if let Some(logo) = &self.logo {
                for item in card.common.iter().chain(&*card.own) {
                    if let Item::Logo { area } = item {
                        let Area { x, y, width, height } = *area;
                        let matrix = [pt(width), 0.0, 0.0, pt(height), pt(x), -pt(y + height)];
                        ops.push(Op::SaveGraphicsState);
                        ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Raw(matrix) });
                        ops.push(form(logo.clone()));
                        ops.push(Op::RestoreGraphicsState);
                    }
                }
            }
            ops.push(Op::RestoreGraphicsState);
        }
        let own = self.own_graphics(page);
        ops.push(form(own));
        for card in &page.cards {
            ops.push(Op::SaveGraphicsState);
            ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Raw(placed(page, card)) });
            self.texts(&mut ops, fonts, card.common.iter().chain(&*card.own));
            ops.push(Op::RestoreGraphicsState);
        }
        if page.marks.iter().any(|mark| matches!(mark, Item::Text { .. })) {
            ops.push(Op::SaveGraphicsState);
            ops.push(Op::SetTransformationMatrix { matrix: CurTransMat::Raw([1.0, 0.0, 0.0, 1.0, 0.0, pt(page.height)]) });
            self.texts(&mut ops, fonts, page.marks.iter());
            ops.push(Op::RestoreGraphicsState);
        }
        ops.shrink_to_fit();
        self.document.pages.push(PdfPage::new(printpdf::Mm(page.width as f32), printpdf::Mm(page.height as f32), ops));
    }

    fn shared(&mut self, items: &Rc<[Item]>) -> XObjectId {
        let key = items.as_ptr() as usize;
        if let Some((_, id)) = self.shared.get(&key) {
            return id.clone();
        }
        let mut content = String::new();
        items.iter().for_each(|item| graphics(&mut content, item));
        let id = XObjectId(format!("S{}", self.shared.len()));
        let bounds = [-OVER_MM, -OVER_MM, 1_000.0, 1_000.0];
        self.document.resources.xobjects.map.insert(id.clone(), stream(content.as_bytes(), bounds, [PT, 0.0, 0.0, -PT, 0.0, 0.0]));
        self.shared.insert(key, (Rc::clone(items), id.clone()));
        id
    }

    /// What each card of a page has for itself, and the crop marks.
    fn own_graphics(&mut self, page: &Page) -> XObjectId {
        let mut content = String::with_capacity(4096 * page.cards.len());
        page.marks.iter().for_each(|item| graphics(&mut content, item));
        for card in &page.cards {
            let (turn, x, y) = if card.turned { (-1, card.x + card.width, card.y + card.height) } else { (1, card.x, card.y) };
            let _ = writeln!(content, "q {turn} 0 0 {turn} {} {} cm", number(x), number(y));
            card.own.iter().for_each(|item| graphics(&mut content, item));
            content.push_str("Q\n");
        }
        let id = XObjectId(format!("P{}", self.document.pages.len()));
        let form = stream(content.as_bytes(), [0.0, 0.0, page.width, page.height], [PT, 0.0, 0.0, -PT, 0.0, page.height * PT]);
        self.document.resources.xobjects.map.insert(id.clone(), form);
        id
    }

    fn texts<'i>(&mut self, ops: &mut Vec<Op>, fonts: &Fonts, items: impl Iterator<Item = &'i Item>) {
        ops.push(Op::StartTextSection);
        let (mut ink, mut set) = (None, None);
        for item in items {
            let Item::Text { x, y, size, line, colour } = item else { continue };
            if ink != Some(*colour) {
                ops.push(Op::SetFillColor { col: rgb(*colour) });
                ink = Some(*colour);
            }
            for run in runs(line) {
                let font = run[0].font;
                self.used.insert(font);
                let size_pt = pt(*size);
                if set != Some((font, size_pt)) {
                    ops.push(Op::SetFont { font: PdfFontHandle::External(font_name(font)), size: Pt(size_pt) });
                    set = Some((font, size_pt));
                }
                let matrix = [1.0, 0.0, 0.0, 1.0, pt(x + f64::from(run[0].x) * size), -pt(y - f64::from(run[0].y) * size)];
                ops.push(Op::SetTextMatrix { matrix: TextMatrix::Raw(matrix) });
                ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(codepoints(fonts, run))] });
            }
        }
        ops.push(Op::EndTextSection);
    }

    /// Writes the file.
    pub fn write(mut self, fonts: &Fonts, out: &mut dyn Write) -> Result<(), PdfError> {
        for &font in &self.used {
            let (bytes, index) = fonts.bytes(font);
            let mut warnings = Vec::new();
            let parsed = ParsedFont::from_bytes(bytes, index as usize, &mut warnings).ok_or_else(|| PdfError::Font(format!("{warnings:?}")))?;
            self.document.resources.fonts.map.insert(font_name(font), PdfFont::new(parsed));
        }
        let mut warnings = Vec::new();
        let mut document = printpdf::serialize::to_lopdf_doc(&self.document, &PdfSaveOptions::default(), &mut warnings);
        if let Some(wrong) = warnings.iter().find(|warning| warning.severity == printpdf::PdfParseErrorSeverity::Error) {
            return Err(PdfError::Document(wrong.msg.clone()));
        }
        let title = std::mem::take(&mut self.document.metadata.info.document_title);
        drop(self.document);
        settle(&mut document, &title, self.language).map_err(|error| PdfError::Document(error.to_string()))?;
        document.compress();
        document.save_to(&mut io::BufWriter::new(out))?;
        Ok(())
    }
}

/// Says what the file is, and takes out what would differ the next time.
fn settle(document: &mut lopdf::Document, title: &str, language: &str) -> Result<(), lopdf::Error> {
    "1.7".clone_into(&mut document.version);
    let text = |text: &str| {
        let utf16 = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        Object::String(utf16, StringFormat::Hexadecimal)
    };
    let info = document.trailer.get(b"Info")?.as_reference()?;
    let said = [("Title", text(title)), ("Creator", text("Counterfoil")), ("Producer", text("Counterfoil, printpdf"))];
    document.set_object(info, Dictionary::from_iter(said));
    document.trailer.remove(b"ID");
    let catalog = document.catalog_mut()?;
    catalog.set("Lang", Object::string_literal(language));
    // Cards must come out in their own size.
    let preferences = [("PrintScaling", Object::Name(b"None".to_vec())), ("DisplayDocTitle", Object::Boolean(true))];
    catalog.set("ViewerPreferences", Dictionary::from_iter(preferences));
    Ok(())
}

fn pt(mm: f64) -> f32 {
    // A thousandth of a point is a third of a micrometre; more digits only make the file larger.
    ((mm * PT * 1_000.0).round() / 1_000.0) as f32
}

fn rgb([r, g, b]: Colour) -> Color {
    let part = |part: u8| f32::from(part) / 255.0;
    Color::Rgb(Rgb { r: part(r), g: part(g), b: part(b), icc_profile: None })
}

/// From a card's own upper left corner to the page's lower left one.
fn placed(page: &Page, card: &Placed) -> [f32; 6] {
    match card.turned {
        false => [1.0, 0.0, 0.0, 1.0, pt(card.x), pt(page.height - card.y)],
        true => [-1.0, 0.0, 0.0, -1.0, pt(card.x + card.width), pt(page.height - card.y - card.height)],
    }
}

fn form(id: XObjectId) -> Op {
    Op::UseXobject { id, transform: XObjectTransform { no_auto_scale: true, ..XObjectTransform::default() } }
}

/// A form XObject, compressed.
fn stream(content: &[u8], bounds: [f64; 4], matrix: [f64; 6]) -> XObject {
    let mut compressed = ZlibEncoder::new(Vec::with_capacity(content.len() / 4), Compression::default());
    // Writing into memory does not fail.
    let _ = compressed.write_all(content);
    let content = compressed.finish().unwrap_or_default();
    let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
    let numbers = |numbers: &[f64]| DictItem::Array(numbers.iter().map(|&number| DictItem::Real(number as f32)).collect());
    let dict = [
        ("Type", name("XObject")),
        ("Subtype", name("Form")),
        ("Filter", name("FlateDecode")),
        ("BBox", numbers(&bounds)),
        ("Matrix", numbers(&matrix)),
    ];
    let dict = dict.into_iter().map(|(key, item)| (key.to_owned(), item)).collect();
    XObject::External(ExternalXObject { stream: ExternalStream { dict, content, compress: false }, width: None, height: None, dpi: None })
}

/// A number with as many digits as paper can show.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// What is no text, in millimetres from the upper left corner.
fn graphics(content: &mut String, item: &Item) {
    let ink = |[r, g, b]: Colour| [r, g, b].map(|part| number(f64::from(part) / 255.0)).join(" ");
    // Writing into a string does not fail.
    let _ = match item {
        Item::Fill { area, radius, colour } => {
            let _ = write!(content, "{} rg ", ink(*colour));
            rectangle(content, area, *radius);
            writeln!(content, "f")
        }
        Item::Rule { from, to, width, colour } => {
            let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
            writeln!(content, "{} RG {} w {x1} {y1} m {x2} {y2} l S", ink(*colour), number(*width))
        }
        Item::Perforation { from, to, discs, radius, colour } => {
            // Dashes of no length with round ends are discs.
            let (pitch, end) = dashed(*from, *to, *discs);
            let [x1, y1, x2, y2] = [from.0, from.1, end.0, end.1].map(number);
            let (width, pitch) = (number(radius * 2.0), number(pitch));
            writeln!(content, "q {} RG {width} w 1 J [0 {pitch}] 0 d {x1} {y1} m {x2} {y2} l S Q", ink(*colour))
        }
        Item::Qr { x, y, module, modules } => {
            let size = format!("{module:.5}");
            let _ = writeln!(content, "q 0 g {size} 0 0 {size} {} {} cm", number(*x), number(*y));
            for Run { x, y, length } in &modules.runs {
                let _ = writeln!(content, "{x} {y} {length} 1 re");
            }
            writeln!(content, "f Q")
        }
        Item::Text { .. } | Item::Logo { .. } => Ok(()),
    };
}

fn rectangle(content: &mut String, area: &Area, radius: f64) {
    let Area { x, y, width, height } = *area;
    if radius <= 0.0 {
        let _ = write!(content, "{} {} {} {} re ", number(x), number(y), number(width), number(height));
        return;
    }
    // How far a Bézier's handles stand for a quarter of a circle.
    let handle = radius * 0.552_284_75;
    let (left, top, right, bottom) = (x, y, x + width, y + height);
    let mut points = |what: &str, points: &[f64]| {
        let points: Vec<String> = points.iter().map(|&point| number(point)).collect();
        let _ = write!(content, "{} {what} ", points.join(" "));
    };
    points("m", &[left + radius, top]);
    points("l", &[right - radius, top]);
    points("c", &[right - radius + handle, top, right, top + radius - handle, right, top + radius]);
    points("l", &[right, bottom - radius]);
    points("c", &[right, bottom - radius + handle, right - radius + handle, bottom, right - radius, bottom]);
    points("l", &[left + radius, bottom]);
    points("c", &[left + radius - handle, bottom, left, bottom - radius + handle, left, bottom - radius]);
    points("l", &[left, top + radius]);
    points("c", &[left, top + radius - handle, left + radius - handle, top, left + radius, top]);
}

/// Six capitals: they also are the tag that a subset font bears.
fn font_name(font: FontId) -> printpdf::FontId {
    let letter = |n: u16| char::from(b'A' + (n % 26) as u8);
    printpdf::FontId(format!("CARD{}{}", letter(font.0 / 26), letter(font.0)))
}

/// Glyphs of one font and one height, one after the other.
fn runs(line: &Line) -> impl Iterator<Item = &[Glyph]> {
    line.glyphs.chunk_by(|a, b| a.font == b.font && a.y == b.y)
}

/// Glyphs with what moves the pen from where the font leaves it to where the shaper wants it.
fn codepoints(fonts: &Fonts, run: &[Glyph]) -> Vec<Codepoint> {
    fonts.with(run[0].font, |face| {
        let em = f64::from(face.units_per_em());
        let mut pen = f64::from(run[0].x) * 1_000.0;
        let next = run.iter().skip(1).map(|glyph| Some(f64::from(glyph.x) * 1_000.0)).chain(std::iter::once(None));
        let coded = run.iter().zip(next).map(|(glyph, next)| {
            let width =
                face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph.id)).map_or(0.0, |width| (f64::from(width) * 1_000.0 / em).round());
            pen += width;
            let kern = next.map_or(0.0, |next| (pen - next).round());
            pen -= kern;
            Codepoint { gid: glyph.id, offset: kern as f32, cid: Some(&*glyph.text).filter(|text| !text.is_empty()).map(str::to_owned) }
        });
        coded.collect()
    })
}
