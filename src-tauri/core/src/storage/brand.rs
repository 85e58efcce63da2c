//! How the shop's cards look: its colour, its words, its logo.

use rusqlite::{Connection, params};

use super::{Result, StorageError};

/// How the shop's cards look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brand {
    /// The one ink beside black, as red, green and blue.
    pub accent: [u8; 3],
    /// The line above the offer; none means the product's own.
    pub headline: Option<String>,
    /// What stands at the foot, beside what the rules say.
    pub small_print: String,
    /// Whether cards show who recommends.
    pub show_name: bool,
    /// The logo.
    pub logo: Option<Logo>,
}

/// A logo, as its file was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logo {
    /// PNG or SVG.
    pub kind: LogoKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a logo's file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogoKind {
    /// Pixels.
    Png,
    /// Paths.
    Svg,
}

impl Default for Brand {
    fn default() -> Brand {
        Brand { accent: [0x0e, 0x5a, 0x4b], headline: None, small_print: String::new(), show_name: true, logo: None }
    }
}

impl Brand {
    /// The colour as it is written: `#0e5a4b`.
    #[must_use]
    pub fn accent_text(&self) -> String {
        let [red, green, blue] = self.accent;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The colour written like `#0e5a4b`, in any case.
#[must_use]
pub fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some([red, green, blue])
}

/// The shop's brand, or the one that a new shop has.
pub fn brand(connection: &Connection) -> Result<Brand> {
    let mut statement = connection.prepare_cached("SELECT accent, headline, small_print, show_name, logo, logo_kind FROM brand")?;
    let mut found = statement.query([])?;
    let Some(row) = found.next()? else { return Ok(Brand::default()) };
    let accent: String = row.get("accent")?;
    let logo = match (row.get::<_, Option<String>>("logo_kind")?.as_deref(), row.get("logo")?) {
        (Some("png"), Some(bytes)) => Some(Logo { kind: LogoKind::Png, bytes }),
        (Some("svg"), Some(bytes)) => Some(Logo { kind: LogoKind::Svg, bytes }),
        (None, None) => None,
        _ => return Err(StorageError::Stored { what: "logo" }),
    };
    Ok(Brand {
        accent: colour(&accent).ok_or(StorageError::Stored { what: "colour" })?,
        headline: row.get("headline")?,
        small_print: row.get("small_print")?,
        show_name: row.get("show_name")?,
        logo,
    })
}

/// Keeps the shop's brand.
pub fn set_brand(tx: &Connection, brand: &Brand) -> Result<()> {
    let (kind, bytes) = brand.logo.as_ref().map(|logo| (if logo.kind == LogoKind::Png { "png" } else { "svg" }, logo.bytes.as_slice())).unzip();
    tx.prepare_cached(
        "INSERT OR REPLACE INTO brand (n, accent, headline, small_print, show_name, logo, logo_kind) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![brand.accent_text(), brand.headline, brand.small_print, brand.show_name, bytes, kind])?;
    Ok(())
}
