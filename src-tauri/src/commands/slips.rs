//! Slips and the printer of this till.

use std::path::PathBuf;

use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::printer::{PrinterAsk, PrinterSettings};
use counterfoil_core::desk::slips::{SlipAsk, SlipView};

use super::{Shared, away};

/// Asks for a slip and prints it at once, if the printer takes it; else it waits.
#[tauri::command]
#[specta::specta]
pub async fn print_slip(house: Shared<'_>, ask: SlipAsk) -> Result<SlipView, Fault> {
    away(house, move |house| house.aside(|desk| desk.print_now(&ask, None))).await
}

/// Prints a slip once more, or one that waits.
#[tauri::command]
#[specta::specta]
pub async fn print_slip_again(house: Shared<'_>, id: String) -> Result<SlipView, Fault> {
    away(house, move |house| house.aside(|desk| desk.print_again(&id))).await
}

/// Writes a slip as a document.
#[tauri::command]
#[specta::specta]
pub async fn save_slip(house: Shared<'_>, ask: SlipAsk, path: String) -> Result<SlipView, Fault> {
    away(house, move |house| house.aside(|desk| desk.save_slip(&ask, &PathBuf::from(path)))).await
}

/// Nobody wants this slip any more.
#[tauri::command]
#[specta::specta]
pub async fn drop_slip(house: Shared<'_>, id: String) -> Result<SlipView, Fault> {
    away(house, move |house| house.write(|desk| desk.drop_slip(&id))).await
}

/// The slips that are not on paper yet.
#[tauri::command]
#[specta::specta]
pub async fn slips_waiting(house: Shared<'_>) -> Result<Vec<SlipView>, Fault> {
    away(house, |house| house.read(|desk| desk.slips_waiting())).await
}

/// The printer as it stands.
#[tauri::command]
#[specta::specta]
pub async fn printer_settings(house: Shared<'_>) -> Result<PrinterSettings, Fault> {
    away(house, |house| house.read(|desk| desk.printer_settings())).await
}

/// Keeps the printer.
#[tauri::command]
#[specta::specta]
pub async fn set_printer(house: Shared<'_>, ask: PrinterAsk) -> Result<PrinterSettings, Fault> {
    away(house, move |house| house.write(|desk| desk.set_printer(&ask))).await
}

/// Prints a slip that shows whether the printer works, as it was typed and before it is kept.
#[tauri::command]
#[specta::specta]
pub async fn test_print(house: Shared<'_>, address: String, columns: u32) -> Result<(), Fault> {
    away(house, move |house| house.aside(|desk| desk.test_print(Some(&address), Some(columns)))).await
}
