//! Opening a shop: the first time, for practice, from a copy; and how it looks.

use std::path::PathBuf;

use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::shop::{LookAsk, NewShop};
use counterfoil_core::desk::{Desk, records};

use super::{Shared, away};
use crate::wire::{OpenShop, Opening};

/// What stands behind the window.
#[tauri::command]
#[specta::specta]
pub async fn opening(house: Shared<'_>) -> Result<Opening, Fault> {
    away(house, |house| Ok(house.opening())).await
}

/// Sets the shop up.
#[tauri::command]
#[specta::specta]
pub async fn open_shop(house: Shared<'_>, ask: NewShop) -> Result<Opening, Fault> {
    away(house, move |house| {
        house.move_in(Desk::set_up(&house.folder(), &ask)?);
        Ok(house.opening())
    })
    .await
}

/// Goes to the practice shop, or back.
#[tauri::command]
#[specta::specta]
pub async fn practice(house: Shared<'_>, on: bool) -> Result<Opening, Fault> {
    away(house, move |house| {
        house.practise(on)?;
        Ok(house.opening())
    })
    .await
}

/// Puts a copy in the database's place.
#[tauri::command]
#[specta::specta]
pub async fn restore(house: Shared<'_>, file: String) -> Result<Opening, Fault> {
    away(house, move |house| {
        house.close();
        records::restore(&house.folder(), &PathBuf::from(file))?;
        Ok(house.opening())
    })
    .await
}

/// Keeps language, look and the till's name.
#[tauri::command]
#[specta::specta]
pub async fn save_look(house: Shared<'_>, ask: LookAsk) -> Result<OpenShop, Fault> {
    away(house, move |house| {
        let shop = house.write(|desk| desk.set_look(&ask))?;
        Ok(house.shown(shop))
    })
    .await
}
