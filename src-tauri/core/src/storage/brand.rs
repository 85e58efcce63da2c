//! The shop's brand, as it is kept.

use rusqlite::{Connection, params};

use super::{Result, StorageError};
use crate::domain::brand::{Brand, Logo, LogoKind, colour};

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
