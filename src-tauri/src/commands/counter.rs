//! At the till: the verdict, the record, and taking it back.

use counterfoil_core::desk::check::{CheckAsk, Ticket};
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::look_up::Hit;
use counterfoil_core::desk::redeem::{RedeemAsk, Redeemed};
use counterfoil_core::desk::today::Today;
use counterfoil_core::desk::undo::{RefundAsk, VoidAsk};
use counterfoil_core::desk::views::Counterfoil;

use super::{Shared, away};

/// May this code be used for this sale?
#[tauri::command]
#[specta::specta]
pub async fn check(house: Shared<'_>, ask: CheckAsk) -> Result<Ticket, Fault> {
    away(house, move |house| house.read(|desk| desk.check(&ask))).await
}

/// Records that it was.
#[tauri::command]
#[specta::specta]
pub async fn redeem(house: Shared<'_>, ask: RedeemAsk) -> Result<Redeemed, Fault> {
    away(house, move |house| house.write(|desk| desk.redeem(&ask))).await
}

/// Undoes a sale of today.
#[tauri::command]
#[specta::specta]
pub async fn void_redemption(house: Shared<'_>, ask: VoidAsk) -> Result<Counterfoil, Fault> {
    away(house, move |house| house.write(|desk| desk.void(&ask))).await
}

/// Records that money went back.
#[tauri::command]
#[specta::specta]
pub async fn refund(house: Shared<'_>, ask: RefundAsk) -> Result<Counterfoil, Fault> {
    away(house, move |house| house.write(|desk| desk.refund(&ask))).await
}

/// Today's counterfoils, or those of another day.
#[tauri::command]
#[specta::specta]
pub async fn today(house: Shared<'_>, day: Option<String>) -> Result<Today, Fault> {
    away(house, move |house| house.read(|desk| desk.sales_of(day.as_deref()))).await
}

/// Whoever fits what is typed.
#[tauri::command]
#[specta::specta]
pub async fn find(house: Shared<'_>, text: String) -> Result<Vec<Hit>, Fault> {
    away(house, move |house| house.read(|desk| desk.find(&text))).await
}
