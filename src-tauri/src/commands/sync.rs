//! Uploading and bringing back: how it stands, what a person decides, and the connections.

use std::path::PathBuf;

use counterfoil_core::desk::conflicts::ConflictView;
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::handover::HandoverKind;
use counterfoil_core::desk::uploads::{Destination, EntriesAsk, EntriesPage, EntryStory, EntryView};
use counterfoil_core::ports::{Clock as _, System};
use counterfoil_core::sync::checks::{self, CheckLine};
use counterfoil_core::sync::connect::{self, CampaignChoice};
use counterfoil_core::sync::fields::{self, CampaignField};
use counterfoil_core::sync::stripe;

use super::{Shared, away};
use crate::outside::open_address;
use crate::wire::SyncScreen;

/// How uploading stands.
#[tauri::command]
#[specta::specta]
pub async fn sync_view(house: Shared<'_>) -> Result<SyncScreen, Fault> {
    away(house, |house| house.sync_screen()).await
}

/// Uploads now, whatever waits for its time.
#[tauri::command]
#[specta::specta]
pub async fn upload_now(house: Shared<'_>) -> Result<(), Fault> {
    house.syncing().now();
    Ok(())
}

/// Ends the round that is under way.
#[tauri::command]
#[specta::specta]
pub async fn cancel_sync(house: Shared<'_>) -> Result<(), Fault> {
    house.syncing().cancel();
    Ok(())
}

/// A part of the Outbox.
#[tauri::command]
#[specta::specta]
pub async fn entries(house: Shared<'_>, ask: EntriesAsk) -> Result<EntriesPage, Fault> {
    away(house, move |house| house.read(|desk| desk.entries(&ask))).await
}

/// An entry with everything that happened to it.
#[tauri::command]
#[specta::specta]
pub async fn entry(house: Shared<'_>, id: String) -> Result<EntryStory, Fault> {
    away(house, move |house| house.read(|desk| desk.entry(&id))).await
}

/// Tries an entry again.
#[tauri::command]
#[specta::specta]
pub async fn retry_entry(house: Shared<'_>, id: String) -> Result<EntryView, Fault> {
    away(house, move |house| house.write(|desk| desk.retry_entry(&id))).await
}

/// Tries everything again that needs a person.
#[tauri::command]
#[specta::specta]
pub async fn retry_all(house: Shared<'_>, destination: Option<Destination>) -> Result<u32, Fault> {
    away(house, move |house| house.job(|desk, _| desk.retry_all(destination))).await
}

/// Decides that an entry need not be uploaded.
#[tauri::command]
#[specta::specta]
pub async fn set_entry_aside(house: Shared<'_>, id: String) -> Result<EntryView, Fault> {
    away(house, move |house| house.write(|desk| desk.set_entry_aside(&id))).await
}

/// What waits for a person.
#[tauri::command]
#[specta::specta]
pub async fn conflicts(house: Shared<'_>) -> Result<Vec<ConflictView>, Fault> {
    away(house, |house| house.read(|desk| desk.conflicts())).await
}

/// Carries a person's decision out.
#[tauri::command]
#[specta::specta]
pub async fn resolve_conflict(house: Shared<'_>, id: String, decision: String) -> Result<(), Fault> {
    away(house, move |house| house.write(|desk| desk.resolve_conflict(&id, &decision))).await
}

/// Connects Stripe with this key.
#[tauri::command]
#[specta::specta]
pub async fn connect_stripe(house: Shared<'_>, key: String) -> Result<SyncScreen, Fault> {
    away(house, move |house| {
        house.connecting(|place, store, now| {
            connect::stripe(store, Some(place.keyring.as_ref()), place.settings.url(Destination::Stripe), &key, now)
        })?;
        house.sync_screen()
    })
    .await
}

/// Opens Stripe's page for a new key, with everything that it needs filled in.
#[tauri::command]
#[specta::specta]
pub async fn open_stripe_key_page(house: Shared<'_>) -> Result<(), Fault> {
    away(house, |_| open_address(&stripe::key_page())).await
}

/// The campaigns that a Referral Factory token may use.
#[tauri::command]
#[specta::specta]
pub async fn referral_factory_campaigns(house: Shared<'_>, token: String) -> Result<Vec<CampaignChoice>, Fault> {
    away(house, move |house| house.at_the_clouds(|place, _| Ok(connect::campaigns(place.settings.url(Destination::ReferralFactory), &token)?))).await
}

/// Connects Referral Factory with this token and campaign.
#[tauri::command]
#[specta::specta]
pub async fn connect_referral_factory(house: Shared<'_>, token: String, campaign: String) -> Result<SyncScreen, Fault> {
    away(house, move |house| {
        house.connecting(|place, store, now| {
            let base = place.settings.url(Destination::ReferralFactory);
            connect::referral_factory(store, Some(place.keyring.as_ref()), base, &token, Some(&campaign), now)
        })?;
        house.sync_screen()
    })
    .await
}

/// The fields of Referral Factory's campaign, with what goes into each.
#[tauri::command]
#[specta::specta]
pub async fn campaign_fields(house: Shared<'_>) -> Result<Vec<CampaignField>, Fault> {
    away(house, |house| house.at_the_clouds(|place, store| fields::fields(store, place.keyring.as_ref(), &place.settings))).await
}

/// Keeps what goes into each field of the campaign.
#[tauri::command]
#[specta::specta]
pub async fn set_campaign_fields(house: Shared<'_>, fields: Vec<CampaignField>) -> Result<(), Fault> {
    away(house, move |house| house.connecting(|_, store, now| fields::set_fields(store, &fields, now))).await
}

/// Whether a connection is as it must be.
#[tauri::command]
#[specta::specta]
pub async fn check_connection(house: Shared<'_>, destination: Destination) -> Result<Vec<CheckLine>, Fault> {
    away(house, move |house| house.at_the_clouds(|place, store| checks::connection(store, place.keyring.as_ref(), &place.settings, destination)))
        .await
}

/// Ends a connection.
#[tauri::command]
#[specta::specta]
pub async fn disconnect(house: Shared<'_>, destination: Destination, forget: bool) -> Result<SyncScreen, Fault> {
    away(house, move |house| {
        house.connecting(|place, store, now| connect::disconnect(store, place.keyring.as_ref(), destination, forget, now))?;
        house.sync_screen()
    })
    .await
}

/// Puts every code that Stripe does not have into the queue.
#[tauri::command]
#[specta::specta]
pub async fn send_codes(house: Shared<'_>, each_new: bool) -> Result<u32, Fault> {
    away(house, move |house| house.connecting(|_, store, now| Ok(count(connect::send_codes(store, each_new, now)?)))).await
}

/// Puts every Referrer whom Referral Factory does not know into the queue.
#[tauri::command]
#[specta::specta]
pub async fn send_referrers(house: Shared<'_>) -> Result<u32, Fault> {
    away(house, |house| house.connecting(|_, store, now| Ok(count(connect::send_referrers(store, now)?)))).await
}

/// Why a Lead did not count at once.
#[tauri::command]
#[specta::specta]
pub async fn why_not_qualified(house: Shared<'_>, lead_id: String) -> Result<Vec<CheckLine>, Fault> {
    away(house, move |house| {
        house.at_the_clouds(|place, store| checks::why_not_qualified(store, place.keyring.as_ref(), &place.settings, &lead_id, System.now()))
    })
    .await
}

/// Writes what waits for Referral Factory into a file that it takes.
#[tauri::command]
#[specta::specta]
pub async fn write_referral_factory_file(house: Shared<'_>, kind: HandoverKind, path: String) -> Result<u32, Fault> {
    away(house, move |house| house.job(|desk, _| desk.write_referral_factory_file(kind, &PathBuf::from(path)))).await
}

/// A person says that the last such file was uploaded.
#[tauri::command]
#[specta::specta]
pub async fn handed_over(house: Shared<'_>, kind: HandoverKind) -> Result<u32, Fault> {
    away(house, move |house| house.job(|desk, _| desk.handed_over(kind))).await
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
