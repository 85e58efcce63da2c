//! The shop's logo, as far as it can be put on paper.

use resvg::usvg;
use thiserror::Error;
use tiny_skia::{Pixmap, Transform};

use crate::domain::brand::{Logo, LogoKind};

/// No shop's logo is larger; what is, is a photograph by mistake.
pub const LOGO_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Nor has it more dots each way.
const DOTS_MAX: u32 = 4_000;
/// A drawn logo gets so many dots on its longer side: 600 to the inch on a card, 150 on a poster.
const DRAWN_DOTS: f32 = 1_200.0;

/// Why a file is not a logo.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum LogoError {
    /// Neither PNG nor SVG.
    #[error("neither PNG nor SVG")]
    OtherKind,
    /// Too many bytes or dots.
    #[error("too large")]
    TooLarge,
    /// It says that it is one, and can't be read.
    #[error("can't be read")]
    Broken,
    /// It would run a program.
    #[error("contains a script")]
    Script,
    /// It would fetch something.
    #[error("points elsewhere")]
    Outside,
    /// Its text would look different on each computer.
    #[error("contains text")]
    Text,
}

/// A logo as dots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Dots in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue and opacity of each dot.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// Width by height.
    #[must_use]
    pub fn aspect(&self) -> f64 {
        f64::from(self.width) / f64::from(self.height.max(1))
    }
}

/// The logo in a file: one that can be drawn, and does nothing else.
pub fn read(bytes: Vec<u8>) -> Result<Logo, LogoError> {
    if bytes.len() > LOGO_BYTES_MAX {
        return Err(LogoError::TooLarge);
    }
    let kind = match () {
        () if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => LogoKind::Png,
        () if std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg")) => LogoKind::Svg,
        () => return Err(LogoError::OtherKind),
    };
    let logo = Logo { kind, bytes };
    draw(&logo)?;
    Ok(logo)
}

/// The logo as dots.
pub fn draw(logo: &Logo) -> Result<Picture, LogoError> {
    let pixmap = match logo.kind {
        LogoKind::Png => png(&logo.bytes)?,
        LogoKind::Svg => svg(&logo.bytes)?,
    };
    let rgba = pixmap.pixels().iter().map(|dot| dot.demultiply()).flat_map(|dot| [dot.red(), dot.green(), dot.blue(), dot.alpha()]).collect();
    Ok(Picture { width: pixmap.width(), height: pixmap.height(), rgba })
}

fn png(bytes: &[u8]) -> Result<Pixmap, LogoError> {
    // The header says how large it is, before anything is unpacked.
    let dots = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes).ok_or(LogoError::Broken);
    if dots(16)? > DOTS_MAX || dots(20)? > DOTS_MAX {
        return Err(LogoError::TooLarge);
    }
    Pixmap::decode_png(bytes).map_err(|_| LogoError::Broken)
}

fn svg(bytes: &[u8]) -> Result<Pixmap, LogoError> {
    let text = std::str::from_utf8(bytes).map_err(|_| LogoError::Broken)?;
    harmless(text)?;
    let mut options = usvg::Options::default();
    // Pictures inside were refused above; nothing is fetched whatever else an attribute means.
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options.resources_dir = None;
    let tree = usvg::Tree::from_str(text, &options).map_err(|_| LogoError::Broken)?;
    let size = tree.size();
    let scale = DRAWN_DOTS / size.width().max(size.height());
    let (width, height) = ((size.width() * scale).round().max(1.0), (size.height() * scale).round().max(1.0));
    let mut pixmap = Pixmap::new(width as u32, height as u32).ok_or(LogoError::Broken)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    // A logo that shows nothing is not what somebody meant to choose.
    if pixmap.pixels().iter().all(|dot| dot.alpha() == 0) {
        return Err(LogoError::Broken);
    }
    Ok(pixmap)
}

/// Refuses what a picture on paper has no use for. A document type is refused by the reader itself: it can make a file grow without end.
fn harmless(text: &str) -> Result<(), LogoError> {
    let document = roxmltree::Document::parse(text).map_err(|_| LogoError::Broken)?;
    for node in document.descendants() {
        if node.is_pi() {
            return Err(LogoError::Outside);
        }
        let name = node.tag_name().name();
        if matches!(name, "script" | "foreignObject" | "iframe" | "handler") {
            return Err(LogoError::Script);
        }
        if matches!(name, "text" | "tspan") {
            return Err(LogoError::Text);
        }
        if matches!(name, "image" | "feImage") {
            return Err(LogoError::Outside);
        }
        if name == "style" {
            leads_outside(node.text().unwrap_or(""))?;
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            if attribute.name().to_ascii_lowercase().starts_with("on") || value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
                return Err(LogoError::Script);
            }
            if matches!(attribute.name(), "href" | "src") && !value.trim_start().starts_with('#') {
                return Err(LogoError::Outside);
            }
            leads_outside(value)?;
        }
    }
    Ok(())
}

/// Refuses styles that fetch something.
fn leads_outside(style: &str) -> Result<(), LogoError> {
    let style = style.to_ascii_lowercase();
    let fetches = style.split("url(").skip(1).any(|target| !target.trim_start_matches([' ', '"', '\'']).starts_with('#'));
    if fetches || style.contains("@import") { Err(LogoError::Outside) } else { Ok(()) }
}
