//! Referrers, their codes, and the Leads they brought.

use std::sync::atomic::Ordering;

use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::handout::HandOutAsk;
use counterfoil_core::desk::leads::{CallBackAsk, LeadRecorded, LeadsAsk, LeadsPage, NewLead};
use counterfoil_core::desk::look_up::{ReferrersAsk, ReferrersPage};
use counterfoil_core::desk::people::{EditReferrer, NewReferrer, Person, RevokeAsk};
use counterfoil_core::desk::views::{LeadRow, Progress};
use tauri::ipc::Channel;

use super::{Shared, away, tell};

/// A page of the list of Referrers.
#[tauri::command]
#[specta::specta]
pub async fn referrers(house: Shared<'_>, ask: ReferrersAsk) -> Result<ReferrersPage, Fault> {
    away(house, move |house| house.read(|desk| desk.referrers(&ask))).await
}

/// A person's page.
#[tauri::command]
#[specta::specta]
pub async fn person(house: Shared<'_>, id: String) -> Result<Person, Fault> {
    away(house, move |house| house.read(|desk| desk.person(&id))).await
}

/// Adds somebody.
#[tauri::command]
#[specta::specta]
pub async fn add_referrer(house: Shared<'_>, ask: NewReferrer) -> Result<Person, Fault> {
    away(house, move |house| house.write(|desk| desk.add_referrer(&ask))).await
}

/// Changes somebody.
#[tauri::command]
#[specta::specta]
pub async fn edit_referrer(house: Shared<'_>, ask: EditReferrer) -> Result<Person, Fault> {
    away(house, move |house| house.write(|desk| desk.edit_referrer(&ask))).await
}

/// Gives somebody a code.
#[tauri::command]
#[specta::specta]
pub async fn generate_code(house: Shared<'_>, referrer_id: String) -> Result<Person, Fault> {
    away(house, move |house| house.write(|desk| desk.generate_code(&referrer_id))).await
}

/// Gives everybody without a code one.
#[tauri::command]
#[specta::specta]
pub async fn generate_all(house: Shared<'_>, progress: Channel<Progress>) -> Result<u32, Fault> {
    away(house, move |house| {
        house.job(|desk, cancelled| {
            desk.generate_all(&mut |done| {
                tell(&progress, done);
                !cancelled.load(Ordering::SeqCst)
            })
        })
    })
    .await
}

/// Takes somebody's code back.
#[tauri::command]
#[specta::specta]
pub async fn revoke_code(house: Shared<'_>, ask: RevokeAsk) -> Result<Person, Fault> {
    away(house, move |house| house.write(|desk| desk.revoke_code(&ask))).await
}

/// Records that somebody got their code.
#[tauri::command]
#[specta::specta]
pub async fn hand_out(house: Shared<'_>, ask: HandOutAsk) -> Result<Person, Fault> {
    away(house, move |house| house.write(|desk| desk.hand_out(&ask))).await
}

/// Records a Lead by phone.
#[tauri::command]
#[specta::specta]
pub async fn record_lead(house: Shared<'_>, ask: NewLead) -> Result<LeadRecorded, Fault> {
    away(house, move |house| house.write(|desk| desk.record_lead(&ask))).await
}

/// Says when a Lead is to be called back, or that it is done.
#[tauri::command]
#[specta::specta]
pub async fn call_back(house: Shared<'_>, ask: CallBackAsk) -> Result<LeadRow, Fault> {
    away(house, move |house| house.write(|desk| desk.call_back(&ask))).await
}

/// A page of the list of Leads.
#[tauri::command]
#[specta::specta]
pub async fn leads(house: Shared<'_>, ask: LeadsAsk) -> Result<LeadsPage, Fault> {
    away(house, move |house| house.read(|desk| desk.leads(&ask))).await
}
