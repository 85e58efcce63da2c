//! Text as glyphs: shaped in any script and direction, and fitted into its place so that it never runs over.

use std::collections::BTreeSet;
use std::rc::Rc;

use rustybuzz::UnicodeBuffer;
use unicode_bidi::BidiInfo;
use unicode_segmentation::UnicodeSegmentation as _;

use super::fonts::{FontId, Fonts, Style, is_unseen};
use super::layout::LINE_HIGH;

/// A glyph where it stands on its line. Lengths are in ems.
#[derive(Clone, PartialEq, Debug)]
pub struct Glyph {
    /// From which font.
    pub font: FontId,
    /// Its number there.
    pub id: u16,
    /// From the line's start to its origin.
    pub x: f32,
    /// Above the base line.
    pub y: f32,
    /// What it stands for, so that text can be copied out of the PDF; empty where another glyph of its cluster says it.
    pub text: Rc<str>,
}

/// A line of glyphs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Line {
    /// From left to right.
    pub glyphs: Rc<[Glyph]>,
    /// How wide it is, in ems.
    pub width: f32,
}

/// Text fitted into a place.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fitted {
    /// Height of an em.
    pub size: f64,
    /// From one base line to the next, in ems.
    pub leading: f64,
    /// From above.
    pub lines: Vec<Line>,
    /// Whether its end had to be left out.
    pub cut: bool,
}

/// A place for text, in millimetres.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Room {
    /// How wide.
    pub width: f64,
    /// How high, all lines together; one line there always is.
    pub high: f64,
    /// From one base line to the next, in ems.
    pub leading: f64,
    /// The size that is wished for.
    pub size: f64,
    /// The size from which on it may stand in several lines.
    pub wrapped: f64,
    /// The size below which nobody reads it.
    pub size_min: f64,
    /// How many lines at most.
    pub lines: usize,
}

impl Room {
    /// How many lines of this size go.
    fn lines_at(&self, size: f64) -> usize {
        let below_first = (self.high / size - LINE_HIGH) / self.leading + 1e-9;
        below_first.clamp(0.0, self.lines.max(1) as f64 - 1.0) as usize + 1
    }
}

/// The text without what can't be seen or would turn its neighbours around.
#[must_use]
pub fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() && !c.is_whitespace()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffd}')
    };
    let seen = text.replace(hidden, "");
    seen.split(|c: char| c.is_whitespace() && c != '\u{a0}').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What of a text no font draws, each once; and the text without it.
pub fn drawable(fonts: &mut Fonts, text: &str, style: Style) -> (String, BTreeSet<String>) {
    let mut missing = BTreeSet::new();
    let kept = text
        .graphemes(true)
        .filter(|grapheme| {
            let drawn = grapheme.chars().all(|c| is_unseen(c) || fonts.draws(c, style).is_some());
            if !drawn {
                missing.insert((*grapheme).to_owned());
            }
            drawn
        })
        .collect::<String>();
    (clean(&kept), missing)
}

/// Shapes one line. Characters that no font draws are left out; [`drawable`] tells them beforehand.
pub fn shape(fonts: &mut Fonts, text: &str, style: Style) -> Line {
    let mut line = Shaping { glyphs: Vec::with_capacity(text.len()), pen: 0.0 };
    let plain = text.is_ascii();
    if plain {
        line.segment(fonts, text, style, false);
    } else {
        let bidi = BidiInfo::new(text, None);
        for paragraph in &bidi.paragraphs {
            let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                line.segment(fonts, &text[run.clone()], style, levels[run.start].is_rtl());
            }
        }
    }
    Line { glyphs: line.glyphs.into(), width: line.pen }
}

struct Shaping {
    glyphs: Vec<Glyph>,
    pen: f32,
}

impl Shaping {
    /// A run of one direction, font by font.
    fn segment(&mut self, fonts: &mut Fonts, text: &str, style: Style, right_to_left: bool) {
        let mut parts: Vec<(FontId, String)> = Vec::new();
        for c in text.chars() {
            // Marks and joiners stay with what they belong to, wherever that font has them.
            let of_last = parts
                .last()
                .map(|(font, _)| *font)
                .filter(|&font| is_unseen(c) || fonts.with(font, |face| is_mark(c) && face.glyph_index(c).is_some()));
            match (of_last.or_else(|| if is_unseen(c) { None } else { fonts.draws(c, style) }), parts.last_mut()) {
                (Some(font), Some((last, part))) if *last == font => part.push(c),
                (Some(font), _) => parts.push((font, c.to_string())),
                (None, _) => {}
            }
        }
        if right_to_left {
            parts.reverse();
        }
        for (font, part) in parts {
            self.part(fonts, font, &part, right_to_left);
        }
    }

    fn part(&mut self, fonts: &Fonts, font: FontId, text: &str, right_to_left: bool) {
        fonts.with(font, |face| {
            let mut buffer = UnicodeBuffer::new();
            buffer.push_str(text);
            buffer.guess_segment_properties();
            buffer.set_direction(if right_to_left { rustybuzz::Direction::RightToLeft } else { rustybuzz::Direction::LeftToRight });
            let shaped = rustybuzz::shape(face, &[], buffer);
            let em = face.units_per_em() as f32;
            let infos = shaped.glyph_infos();
            for (at, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
                self.glyphs.push(Glyph {
                    font,
                    id: info.glyph_id as u16,
                    x: self.pen + position.x_offset as f32 / em,
                    y: position.y_offset as f32 / em,
                    text: cluster(text, infos.iter().map(|info| info.cluster as usize), at),
                });
                self.pen += position.x_advance as f32 / em;
            }
        });
    }
}

/// The text of a glyph's cluster, told by the first glyph that has it.
fn cluster(text: &str, clusters: impl Iterator<Item = usize> + Clone, at: usize) -> Rc<str> {
    let Some(start) = clusters.clone().nth(at) else { return Rc::from("") };
    if clusters.clone().take(at).any(|other| other == start) {
        return Rc::from("");
    }
    let end = clusters.filter(|&other| other > start).min().unwrap_or(text.len());
    Rc::from(&text[start..end])
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Fits text into its room: first it shrinks, then it wraps, and at last its end is left out.
pub fn fit(fonts: &mut Fonts, text: &str, style: Style, room: Room) -> Fitted {
    let text = clean(text);
    let fitted = |size, lines, cut| Fitted { size, leading: room.leading, lines, cut };
    if text.is_empty() {
        return fitted(room.size, Vec::new(), false);
    }
    let line = shape(fonts, &text, style);
    let fitting = (room.width / f64::from(line.width.max(f32::EPSILON))).min(room.high / LINE_HIGH);
    // One line wins over two as long as it need not become much smaller.
    let one_line_min = if room.lines == 1 { room.size_min } else { room.wrapped.min(room.size * 0.8).max(room.size_min) };
    if fitting >= one_line_min {
        return fitted(fitting.min(room.size), vec![line], false);
    }
    let mut size = room.wrapped;
    loop {
        size = size.max(room.size_min);
        if let Some(lines) = wrap(fonts, &text, style, room.width / size, room.lines_at(size)) {
            return fitted(size, lines, false);
        }
        if size <= room.size_min {
            let (lines, cut) = cut(fonts, &text, style, room.width / size, room.lines_at(size));
            return fitted(size, lines, cut);
        }
        size *= 0.94;
    }
}

/// A code in as few lines as let it be large. It is never cut, and each line is broken at a dash where it has one.
pub fn fit_code(fonts: &mut Fonts, code: &str, room: Room) -> Fitted {
    let groups: Vec<&str> = code.split_inclusive('-').collect();
    let chars: Vec<char> = code.chars().collect();
    let in_lines = |count: usize| -> Vec<String> {
        if groups.len() >= count {
            return groups.chunks(groups.len().div_ceil(count)).map(<[&str]>::concat).collect();
        }
        chars.chunks(chars.len().div_ceil(count)).map(|line| line.iter().collect()).collect()
    };
    let mut best = Fitted::default();
    for count in 1..=room.lines.max(1) {
        let lines: Vec<Line> = in_lines(count).iter().map(|line| shape(fonts, line, Style::Code)).collect();
        let widest = lines.iter().map(|line| f64::from(line.width)).fold(f64::EPSILON, f64::max);
        let most = if count == 1 { room.size } else { room.wrapped };
        let high = LINE_HIGH + room.leading * (lines.len() - 1) as f64;
        let size = (room.width / widest).min(room.high / high).min(most);
        // Another line must be worth it.
        if best.lines.is_empty() || size > best.size * 1.4 || best.size < room.size_min {
            best = Fitted { size, leading: room.leading, lines, cut: false };
        }
    }
    best
}

/// The text in at most so many lines that none is wider, broken between words; none where it does not go.
fn wrap(fonts: &mut Fonts, text: &str, style: Style, width: f64, most: usize) -> Option<Vec<Line>> {
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for piece in pieces(text) {
        let longer = format!("{current}{piece}");
        if f64::from(shape(fonts, longer.trim_end(), style).width) <= width {
            current = longer;
            continue;
        }
        if current.trim().is_empty() || f64::from(shape(fonts, piece.trim_end(), style).width) > width {
            return None;
        }
        lines.push(std::mem::replace(&mut current, piece.to_owned()));
        if lines.len() >= most {
            return None;
        }
    }
    lines.push(current);
    Some(balanced(fonts, lines, style, width).iter().map(|line| shape(fonts, line.trim(), style)).collect())
}

/// Moves the last word of a first line down where a last line would stand there alone and short.
fn balanced(fonts: &mut Fonts, lines: Vec<String>, style: Style, width: f64) -> Vec<String> {
    let [first, second] = lines.as_slice() else { return lines };
    let mut words = pieces(first);
    let Some(last) = words.pop().filter(|_| !words.is_empty()) else { return lines };
    let (shorter, longer) = (words.concat(), format!("{last}{second}"));
    let wide = |fonts: &mut Fonts, text: &str| f64::from(shape(fonts, text.trim(), style).width);
    let worst = wide(fonts, first).max(wide(fonts, second));
    let after = wide(fonts, &shorter).max(wide(fonts, &longer));
    if after < worst && after <= width { balanced(fonts, vec![shorter, longer], style, width) } else { lines }
}

/// Where a line may break: behind spaces and dashes, and around characters of scripts that set none.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|&(_, next)| next);
        let breaks = matches!(c, ' ' | '-' | '–' | '/')
            || (is_ideograph(c) && next.is_some_and(|next| next.is_alphanumeric()))
            || next.is_some_and(is_ideograph);
        if breaks && next.is_some() && next != Some(' ') {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// As much of the text as goes, broken wherever a line is full, with an ellipsis where something is left out; and whether it is.
fn cut(fonts: &mut Fonts, text: &str, style: Style, width: f64, most: usize) -> (Vec<Line>, bool) {
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    let mut lines = Vec::new();
    let mut from = 0;
    while from < graphemes.len() && lines.len() < most {
        let last = lines.len() + 1 == most;
        let text_of = |count: usize| {
            let all = from + count == graphemes.len();
            let text = graphemes[from..from + count].concat();
            if last && !all { format!("{}…", text.trim_end()) } else { text.trim().to_owned() }
        };
        // The longest part that goes, by halves: its width grows with it, but for a little kerning.
        let (mut goes, mut too_long) = (0, graphemes.len() - from + 1);
        while too_long - goes > 1 {
            let middle = (goes + too_long) / 2;
            if f64::from(shape(fonts, &text_of(middle), style).width) <= width { goes = middle } else { too_long = middle }
        }
        let mut count = goes.max(1);
        if !last
            && from + count < graphemes.len()
            && let Some(space) = graphemes[from..from + count].iter().rposition(|&grapheme| grapheme == " " || grapheme == "-")
            && space * 2 > count
        {
            count = space + 1;
        }
        lines.push(shape(fonts, &text_of(count), style));
        from += count;
    }
    (lines, from < graphemes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { width: 40.0, high: f64::INFINITY, leading: 1.2, size: 4.0, wrapped: 3.0, size_min: 2.4, lines: 2 };

    fn widest(fitted: &Fitted) -> f64 {
        fitted.lines.iter().map(|line| f64::from(line.width) * fitted.size).fold(0.0, f64::max)
    }

    #[test]
    fn text_shrinks_then_wraps_then_ends_early_and_never_runs_over() {
        let mut fonts = Fonts::on_board();
        let mut fitted = |text: &str| fit(&mut fonts, text, Style::Bold, ROOM);
        let short = fitted("Jane");
        assert_eq!((short.size, short.lines.len(), short.cut), (4.0, 1, false));
        let longer = fitted("Jane Whitfield-Rowe Ng");
        assert!(longer.size < 4.0 && longer.lines.len() == 1, "{longer:?}");
        let two = fitted("Maximiliane Alexandrine von Hohenstein-Wittgenberg");
        assert!(two.lines.len() == 2 && !two.cut, "{two:?}");
        let names = ["x".repeat(200), "Anna ".repeat(40), "W-".repeat(100)];
        for name in &names {
            let long = fitted(name);
            assert!(long.cut && widest(&long) <= ROOM.width + 0.01, "{long:?}");
            let end = long.lines.last().unwrap().glyphs.last().unwrap();
            assert_eq!(&*end.text, "…");
        }
        // Where nothing is left out, nothing is cut, though a line has to be broken in the middle of a word.
        let broken = fitted(&"x".repeat(40));
        assert!(broken.lines.len() == 2 && !broken.cut, "{broken:?}");
        // Where there is no height for a second line, there is none.
        let low = fit(&mut Fonts::on_board(), "Maximiliane Alexandrine von Hohenstein", Style::Bold, Room { high: 4.0, ..ROOM });
        assert!(low.lines.len() == 1 && low.cut && low.size <= 4.0, "{low:?}");
        for fitted in [short, longer, two] {
            assert!(widest(&fitted) <= ROOM.width + 0.01 && fitted.lines.len() <= 2);
        }
    }

    #[test]
    fn what_turns_text_around_is_left_out() {
        assert_eq!(clean(" Jane\u{202e}\u{0007}  Doe\n\u{2066}"), "Jane Doe");
        assert_eq!(clean("<b>&amp;</b>"), "<b>&amp;</b>");
    }

    #[test]
    fn what_no_font_draws_is_named() {
        let mut fonts = Fonts::on_board();
        let (kept, missing) = drawable(&mut fonts, "Ana 👩‍🚀 漢 Löw", Style::Bold);
        assert_eq!(kept, "Ana Löw");
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), ["漢", "👩‍🚀"]);
    }

    #[test]
    fn every_glyph_says_its_text_once() {
        let mut fonts = Fonts::on_board();
        let line = shape(&mut fonts, "Αθηνά & Ørsted", Style::Regular);
        let text: String = line.glyphs.iter().map(|glyph| &*glyph.text).collect();
        assert_eq!(text, "Αθηνά & Ørsted");
        assert!(line.glyphs.iter().all(|glyph| glyph.id != 0));
    }
}
