//! Lists in and out, and keeping the records.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use counterfoil_core::desk::export::List;
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::import::{ImportAsk, ImportLook, ImportReport};
use counterfoil_core::desk::records::{self, BackupView, Verified};
use counterfoil_core::desk::views::Progress;
use tauri::ipc::Channel;

use super::{Shared, away, tell};

/// A first look at a list.
#[tauri::command]
#[specta::specta]
pub async fn import_look(house: Shared<'_>, path: String) -> Result<ImportLook, Fault> {
    away(house, move |house| house.read(|desk| desk.import_look(&PathBuf::from(path)))).await
}

/// Imports it.
#[tauri::command]
#[specta::specta]
pub async fn import_run(house: Shared<'_>, ask: ImportAsk, progress: Channel<Progress>) -> Result<ImportReport, Fault> {
    away(house, move |house| {
        house.job(|desk, cancelled| {
            desk.import(&ask, &mut |done| {
                tell(&progress, done);
                !cancelled.load(Ordering::SeqCst)
            })
        })
    })
    .await
}

/// Ends the import, the generating or the export that runs.
#[tauri::command]
#[specta::specta]
pub async fn cancel(house: Shared<'_>) -> Result<(), Fault> {
    house.cancel();
    Ok(())
}

/// Checks everything that the records promise.
#[tauri::command]
#[specta::specta]
pub async fn verify(house: Shared<'_>) -> Result<Verified, Fault> {
    away(house, |house| house.job(|desk, _| desk.verify())).await
}

/// Makes a copy now.
#[tauri::command]
#[specta::specta]
pub async fn backup(house: Shared<'_>) -> Result<String, Fault> {
    away(house, |house| house.job(|desk, _| Ok(desk.back_up()?.display().to_string()))).await
}

/// The copies that there are, newest first.
#[tauri::command]
#[specta::specta]
pub async fn backups(house: Shared<'_>) -> Result<Vec<BackupView>, Fault> {
    away(house, |house| records::backups(&house.folder())).await
}

/// Writes a list to a file.
#[tauri::command]
#[specta::specta]
pub async fn export_list(house: Shared<'_>, list: List, path: String, progress: Channel<Progress>) -> Result<u32, Fault> {
    away(house, move |house| {
        house.job(|desk, cancelled| {
            desk.export(list, &PathBuf::from(path), &mut |done| {
                tell(&progress, done);
                !cancelled.load(Ordering::SeqCst)
            })
        })
    })
    .await
}
