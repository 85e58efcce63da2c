//! Fonts: those on board, and those of the system for the scripts that they lack.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use rustybuzz::ttf_parser::{self, GlyphId, OutlineBuilder, Permissions};

/// How text looks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Style {
    /// For reading.
    Regular,
    /// For what must be seen first.
    Bold,
    /// For codes: no two symbols look alike, all are equally wide.
    Code,
}

/// A font among [`Fonts`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FontId(pub u16);

const NEXT_REGULAR: FontId = FontId(0);
const NEXT_BOLD: FontId = FontId(1);
const MONO_BOLD: FontId = FontId(2);
const NOTO_REGULAR: FontId = FontId(3);
const NOTO_BOLD: FontId = FontId(4);

/// In the order of their ids. `assets/fonts/README.md` says where they come from and under which licence.
const ON_BOARD: [&[u8]; 5] = [
    include_bytes!("../../../../assets/fonts/AtkinsonHyperlegibleNext-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/AtkinsonHyperlegibleNext-Bold.ttf"),
    include_bytes!("../../../../assets/fonts/AtkinsonHyperlegibleMono-Bold.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../../../assets/fonts/NotoSans-Bold.ttf"),
];

/// The fonts with which this program draws single things: looking for those of the system takes longer than a preview or a slip may.
static SHARED: LazyLock<Mutex<Fonts>> = LazyLock::new(|| Mutex::new(Fonts::new()));

/// Those fonts. Nobody keeps them longer than a card or a sheet takes.
pub fn shared() -> MutexGuard<'static, Fonts> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Data {
    OnBoard(&'static [u8], Box<rustybuzz::Face<'static>>),
    OfSystem(Vec<u8>),
}

struct Font {
    data: Data,
    index: u32,
}

/// The fonts that are open.
pub struct Fonts {
    open: Vec<Font>,
    system: Option<System>,
    look_for: bool,
    /// Which font draws a character in a style; none where no font does.
    drawn_by: HashMap<(char, Style), Option<FontId>>,
}

/// The system's fonts, the likeliest first for each weight.
struct System {
    database: fontdb::Database,
    regular: Vec<fontdb::ID>,
    bold: Vec<fontdb::ID>,
    opened: HashMap<fontdb::ID, FontId>,
}

impl Default for Fonts {
    fn default() -> Fonts {
        Fonts::open(true)
    }
}

impl Fonts {
    /// The fonts on board; those of the system are looked for once a text needs them.
    #[must_use]
    pub fn new() -> Fonts {
        Fonts::default()
    }

    /// The fonts on board alone, as on a computer that has no others.
    #[must_use]
    pub fn on_board() -> Fonts {
        Fonts::open(false)
    }

    fn open(look_for: bool) -> Fonts {
        let font = |bytes: &'static [u8]| {
            let face = rustybuzz::Face::from_slice(bytes, 0).expect("the fonts are part of the program and a test reads them");
            Font { data: Data::OnBoard(bytes, Box::new(face)), index: 0 }
        };
        Fonts { open: ON_BOARD.into_iter().map(font).collect(), system: None, look_for, drawn_by: HashMap::new() }
    }

    /// Does something with an open font.
    pub fn with<T>(&self, id: FontId, ask: impl FnOnce(&rustybuzz::Face<'_>) -> T) -> T {
        let font = &self.open[usize::from(id.0)];
        match &font.data {
            Data::OnBoard(_, face) => ask(face),
            Data::OfSystem(bytes) => {
                let face = rustybuzz::Face::from_slice(bytes, font.index).expect("it was read when it was opened");
                ask(&face)
            }
        }
    }

    /// The file of a font, and which of its faces it is.
    #[must_use]
    pub fn bytes(&self, id: FontId) -> (&[u8], u32) {
        let font = &self.open[usize::from(id.0)];
        match &font.data {
            Data::OnBoard(bytes, _) => (bytes, 0),
            Data::OfSystem(bytes) => (bytes, font.index),
        }
    }

    /// The font that draws this character in this style.
    pub fn draws(&mut self, c: char, style: Style) -> Option<FontId> {
        if let Some(&known) = self.drawn_by.get(&(c, style)) {
            return known;
        }
        let chain = match style {
            Style::Regular => [NEXT_REGULAR, NOTO_REGULAR],
            Style::Bold => [NEXT_BOLD, NOTO_BOLD],
            Style::Code => [MONO_BOLD, NOTO_BOLD],
        };
        let found = chain.into_iter().find(|&id| self.with(id, |face| has(face, c))).or_else(|| self.of_system(c, style));
        self.drawn_by.insert((c, style), found);
        found
    }

    fn of_system(&mut self, c: char, style: Style) -> Option<FontId> {
        if !self.look_for {
            return None;
        }
        let system = self.system.get_or_insert_with(System::new);
        let candidates = if style == Style::Regular { &system.regular } else { &system.bold };
        let found = candidates.iter().copied().find(|&id| {
            system
                .database
                .with_face_data(id, |data, index| ttf_parser::Face::parse(data, index).is_ok_and(|face| has(&face, c) && may_be_embedded(&face)))
                == Some(true)
        })?;
        if let Some(&opened) = system.opened.get(&found) {
            return Some(opened);
        }
        // A file that is gone since the system's fonts were listed draws nothing.
        let (data, index) = system.database.with_face_data(found, |data, index| (data.to_vec(), index))?;
        rustybuzz::Face::from_slice(&data, index)?;
        let id = FontId(u16::try_from(self.open.len()).ok()?);
        self.open.push(Font { data: Data::OfSystem(data), index });
        system.opened.insert(found, id);
        Some(id)
    }

    /// A glyph's outline, for a picture. Units are the font's own, up is up.
    pub fn outline(&self, id: FontId, glyph: u16, into: &mut dyn OutlineBuilder) {
        self.with(id, |face| face.outline_glyph(GlyphId(glyph), into));
    }

    /// Units in an em.
    #[must_use]
    pub fn units(&self, id: FontId) -> f64 {
        self.with(id, |face| f64::from(face.units_per_em()))
    }
}

impl System {
    fn new() -> System {
        let mut database = fontdb::Database::new();
        database.load_system_fonts();
        let sorted = |weight: u16| {
            let mut faces: Vec<(u32, String, fontdb::ID)> =
                database.faces().map(|face| (unlikely(face, weight), face.post_script_name.clone(), face.id)).collect();
            faces.sort();
            faces.into_iter().map(|(_, _, id)| id).collect()
        };
        let (regular, bold) = (sorted(400), sorted(700));
        System { database, regular, bold, opened: HashMap::new() }
    }
}

/// How little a font suits plain text on a card; the least is taken first, and the name decides between equals, so that every run
/// on a computer takes the same.
fn unlikely(face: &fontdb::FaceInfo, weight: u16) -> u32 {
    let family = face.families.first().map_or("", |(family, _)| family.as_str());
    let mut points = u32::from(face.weight.0.abs_diff(weight));
    points += if face.style == fontdb::Style::Normal { 0 } else { 2_000 };
    points += if face.stretch == fontdb::Stretch::Normal { 0 } else { 1_000 };
    points += if face.monospaced || family.contains("Mono") { 4_000 } else { 0 };
    points += if family.contains("Serif") { 2_000 } else { 0 };
    points += if family.starts_with("Noto Sans") { 0 } else { 1_000 };
    // One of the fonts that differ only in how they write some Chinese characters.
    points += if family.contains("CJK") && !family.contains("CJK SC") { 500 } else { 0 };
    points += if family.contains("Symbols") || family.contains("UI") { 300 } else { 0 };
    points
}

/// Whether a font draws this character: by an outline, not by a coloured picture, which paper would not show.
fn has(face: &ttf_parser::Face<'_>, c: char) -> bool {
    let Some(glyph) = face.glyph_index(c).filter(|glyph| glyph.0 != 0) else { return false };
    c.is_whitespace() || is_unseen(c) || face.glyph_bounding_box(glyph).is_some()
}

fn may_be_embedded(face: &ttf_parser::Face<'_>) -> bool {
    face.permissions() != Some(Permissions::Restricted)
}

/// Joiners and the like: they shape their neighbours and are not seen.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{ad}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_greek_and_cyrillic_are_on_board() {
        let mut fonts = Fonts::on_board();
        for style in [Style::Regular, Style::Bold, Style::Code] {
            for c in "AZaz09-%€£¥ÄßŁőğ…“„’ΑΩάώЖщѣЇ".chars() {
                assert!(fonts.draws(c, style).is_some(), "{c} {style:?}");
            }
        }
        assert_eq!(fonts.draws('漢', Style::Regular), None);
    }
}
