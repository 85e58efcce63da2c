//! Handing an address or a file of ours to the program that this computer has for it. Only Rust decides what is opened.

use counterfoil_core::desk::DeskError;

/// Opens an address: a page, a message to be sent.
pub fn open_address(address: &str) -> Result<(), DeskError> {
    tauri_plugin_opener::open_url(address, None::<&str>).map_err(|error| DeskError::NothingOpens(Box::new(error)))
}

/// Opens a file that we wrote.
pub fn open_file(path: &str) -> Result<(), DeskError> {
    tauri_plugin_opener::open_path(path, None::<&str>).map_err(|error| DeskError::NothingOpens(Box::new(error)))
}
