//! Print runs as stock.

use counterfoil_core::desk::batches::{BatchPage, BatchView, CardRow, MarkBatch, MarkCard};
use counterfoil_core::desk::fault::Fault;

use super::{Shared, away};

/// All batches.
#[tauri::command]
#[specta::specta]
pub async fn batches(house: Shared<'_>) -> Result<Vec<BatchView>, Fault> {
    away(house, |house| house.read(|desk| desk.batches())).await
}

/// One batch with its cards.
#[tauri::command]
#[specta::specta]
pub async fn batch(house: Shared<'_>, number: u32, search: String) -> Result<BatchPage, Fault> {
    away(house, move |house| house.read(|desk| desk.batch(number, &search))).await
}

/// Says where a whole batch is.
#[tauri::command]
#[specta::specta]
pub async fn mark_batch(house: Shared<'_>, ask: MarkBatch) -> Result<BatchView, Fault> {
    away(house, move |house| house.write(|desk| desk.mark_batch(&ask))).await
}

/// Says where one card is.
#[tauri::command]
#[specta::specta]
pub async fn mark_card(house: Shared<'_>, ask: MarkCard) -> Result<CardRow, Fault> {
    away(house, move |house| house.write(|desk| desk.mark_card(&ask))).await
}
