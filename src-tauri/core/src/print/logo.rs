//! The shop's logo, as far as it can be put on paper.

use thiserror::Error;

use crate::storage::brand::{Logo, LogoKind};

/// No shop's logo is larger; what is, is a photograph by mistake.
pub const LOGO_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Why a file is not a logo.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum LogoError {
    /// Neither PNG nor SVG.
    #[error("neither PNG nor SVG")]
    OtherKind,
    /// Too many bytes or pixels.
    #[error("too large")]
    TooLarge,
}

/// The logo in a file.
pub fn read(bytes: Vec<u8>) -> Result<Logo, LogoError> {
    if bytes.len() > LOGO_BYTES_MAX {
        return Err(LogoError::TooLarge);
    }
    let kind = match () {
        () if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => LogoKind::Png,
        () if std::str::from_utf8(&bytes).is_ok_and(|text| text.contains("<svg")) => LogoKind::Svg,
        () => return Err(LogoError::OtherKind),
    };
    Ok(Logo { kind, bytes })
}
