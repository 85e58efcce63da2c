//! Cards: how they look, and printing them.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use counterfoil_core::desk::DeskError;
use counterfoil_core::desk::brand::{BrandAsk, BrandView};
use counterfoil_core::desk::cards::{self, CardsAsk, PreviewView, PrintTo, PrintedView, PrinterView, TemplateView};
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::spooler;
use counterfoil_core::desk::views::Progress;
use tauri::ipc::Channel;

use super::{Shared, away, tell};
use crate::outside::open_file;

/// What can be printed.
#[tauri::command]
#[specta::specta]
pub async fn card_templates() -> Result<Vec<TemplateView>, Fault> {
    Ok(cards::templates())
}

/// How the shop's cards look.
#[tauri::command]
#[specta::specta]
pub async fn brand(house: Shared<'_>) -> Result<BrandView, Fault> {
    away(house, |house| house.read(|desk| desk.brand())).await
}

/// Sets how the shop's cards look.
#[tauri::command]
#[specta::specta]
pub async fn set_brand(house: Shared<'_>, ask: BrandAsk) -> Result<BrandView, Fault> {
    away(house, move |house| house.write(|desk| desk.set_brand(&ask))).await
}

/// Puts the logo in this file on the cards, or none.
#[tauri::command]
#[specta::specta]
pub async fn set_logo(house: Shared<'_>, path: Option<String>) -> Result<BrandView, Fault> {
    away(house, move |house| house.aside(|desk| desk.set_logo(path.map(PathBuf::from).as_deref()))).await
}

/// How the cards will look.
#[tauri::command]
#[specta::specta]
pub async fn preview_cards(house: Shared<'_>, ask: CardsAsk) -> Result<PreviewView, Fault> {
    away(house, move |house| house.draw(|desk| desk.preview_cards(&ask))).await
}

/// What can't be on the cards as it should be, and whose it is. The next preview ends it.
#[tauri::command]
#[specta::specta]
pub async fn card_troubles(house: Shared<'_>, ask: CardsAsk) -> Result<Vec<String>, Fault> {
    away(house, move |house| house.check(|desk, wanted| desk.card_troubles(&ask, &mut |_| wanted()))).await
}

/// Prints them.
#[tauri::command]
#[specta::specta]
pub async fn print_cards(house: Shared<'_>, ask: CardsAsk, to: PrintTo, progress: Channel<Progress>) -> Result<PrintedView, Fault> {
    away(house, move |house| {
        house.job(|desk, cancelled| {
            let printed = desk.print_cards(&ask, &to, &mut |done| {
                tell(&progress, done);
                !cancelled.load(Ordering::SeqCst)
            })?;
            shown(printed, &to)
        })
    })
    .await
}

/// Prints one sheet to look at.
#[tauri::command]
#[specta::specta]
pub async fn test_sheet(house: Shared<'_>, ask: CardsAsk, to: PrintTo) -> Result<PrintedView, Fault> {
    away(house, move |house| house.aside(|desk| shown(desk.test_sheet(&ask, &to)?, &to))).await
}

/// Opens what was printed where somebody wants to see it.
fn shown(printed: PrintedView, to: &PrintTo) -> Result<PrintedView, DeskError> {
    if let (PrintTo::Viewer, Some(path)) = (to, &printed.path) {
        open_file(path)?;
    }
    Ok(printed)
}

/// The printers of this computer.
#[tauri::command]
#[specta::specta]
pub async fn printers(house: Shared<'_>) -> Result<Vec<PrinterView>, Fault> {
    away(house, |_| Ok(spooler::printers())).await
}
