//! The front door: each command asks one job of the desk, away from the window's own thread, and shapes faults.

pub mod batches;
pub mod cards;
pub mod counter;
pub mod lists;
pub mod opening;
pub mod people;
pub mod send;
pub mod slips;
pub mod sync;

use std::sync::Arc;

use counterfoil_core::desk::DeskError;
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::views::Progress;
use tauri::ipc::Channel;
use tauri_specta::{Builder, collect_commands};

use crate::house::House;

/// Every command with its types.
#[must_use]
pub fn all<R: tauri::Runtime>() -> Builder<R> {
    Builder::<R>::new().disable_serde_phases().commands(collect_commands![
        opening::opening,
        opening::open_shop,
        opening::practice,
        opening::restore,
        counter::check,
        counter::redeem,
        counter::void_redemption,
        counter::refund,
        counter::today,
        counter::find,
        people::referrers,
        people::person,
        people::add_referrer,
        people::edit_referrer,
        people::generate_code,
        people::generate_all,
        people::revoke_code,
        people::hand_out,
        batches::batches,
        batches::batch,
        batches::mark_batch,
        batches::mark_card,
        people::record_lead,
        people::call_back,
        people::leads,
        lists::import_look,
        lists::import_run,
        lists::cancel,
        opening::save_look,
        lists::verify,
        lists::backup,
        lists::backups,
        lists::export_list,
        cards::card_templates,
        cards::brand,
        cards::set_brand,
        cards::set_logo,
        cards::preview_cards,
        cards::card_troubles,
        cards::print_cards,
        cards::test_sheet,
        cards::printers,
        sync::sync_view,
        sync::upload_now,
        sync::cancel_sync,
        sync::entries,
        sync::entry,
        sync::retry_entry,
        sync::retry_all,
        sync::set_entry_aside,
        sync::conflicts,
        sync::resolve_conflict,
        sync::connect_stripe,
        sync::open_stripe_key_page,
        sync::referral_factory_campaigns,
        sync::connect_referral_factory,
        sync::campaign_fields,
        sync::set_campaign_fields,
        sync::check_connection,
        sync::disconnect,
        sync::send_codes,
        sync::send_referrers,
        sync::why_not_qualified,
        sync::write_referral_factory_file,
        sync::handed_over,
        slips::print_slip,
        slips::print_slip_again,
        slips::save_slip,
        slips::drop_slip,
        slips::slips_waiting,
        slips::printer_settings,
        slips::set_printer,
        slips::test_print,
        send::message,
        send::open_message,
        send::message_texts,
        send::set_message_text,
        send::reset_message_text,
        send::try_message_text,
        send::show_code,
        send::hide_code,
        send::customer_page,
        send::take_opened,
        send::mail_settings,
        send::set_mail_server,
        send::forget_mail_server,
        send::test_mail,
        send::mailing_troubles,
        send::begin_mailing,
        send::send_mailing,
        send::mailings,
        send::mailing,
        send::decide_mail,
    ])
}

/// What the window manages for its commands.
pub type Shared<'a> = tauri::State<'a, Arc<House>>;

/// Does something with the house on a thread that may wait for the disk.
async fn away<T: Send + 'static>(house: Shared<'_>, work: impl FnOnce(&House) -> Result<T, DeskError> + Send + 'static) -> Result<T, Fault> {
    let house = Arc::clone(&house);
    let done = tauri::async_runtime::spawn_blocking(move || work(&house).map_err(|error| report(&house, &error))).await;
    // The thread ended without an answer: a defect of ours, and nothing was committed by it.
    done.unwrap_or_else(|error| {
        eprintln!("counterfoil: a job ended without an answer: {error}");
        Err(counterfoil_core::desk::fault::broken(House::desktop_language()))
    })
}

/// What staff are told; the cause goes to the log, for support.
fn report(house: &House, error: &DeskError) -> Fault {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    let mut causes = Vec::new();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    eprintln!("counterfoil: {}", causes.join(": "));
    house.fault(error)
}

/// Passes progress on to the screen. A screen that went away stops nothing.
fn tell(progress: &Channel<Progress>, done: Progress) {
    let _ = progress.send(done);
}
