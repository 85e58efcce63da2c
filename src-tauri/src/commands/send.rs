//! Handing a code out by screen and by message, the shop's texts, and its e-mails.

use std::sync::atomic::Ordering;

use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::mailings::{MailAsk, MailDecision, MailServerView, MailTested, MailingPage, MailingView};
use counterfoil_core::desk::messages::{Channel, CustomerPage, FilledText, MessageAsk, MessageText, MessageView, ShowAsk, TextAsk};
use counterfoil_core::desk::views::Progress;
use tauri::ipc;

use super::{Shared, away, tell};
use crate::outside::open_address;
use crate::wire::{MailSettings, Shown};

/// What is written to somebody about their code.
#[tauri::command]
#[specta::specta]
pub async fn message(house: Shared<'_>, ask: MessageAsk) -> Result<MessageView, Fault> {
    away(house, move |house| house.write(|desk| desk.message(&ask))).await
}

/// Opens the program that sends it.
#[tauri::command]
#[specta::specta]
pub async fn open_message(house: Shared<'_>, ask: MessageAsk) -> Result<(), Fault> {
    away(house, move |house| {
        let message = house.write(|desk| desk.message(&ask))?;
        message.url.as_deref().map_or(Ok(()), open_address)
    })
    .await
}

/// The shop's texts.
#[tauri::command]
#[specta::specta]
pub async fn message_texts(house: Shared<'_>) -> Result<Vec<MessageText>, Fault> {
    away(house, |house| house.read(|desk| desk.message_texts())).await
}

/// Keeps one of them.
#[tauri::command]
#[specta::specta]
pub async fn set_message_text(house: Shared<'_>, ask: TextAsk) -> Result<Vec<MessageText>, Fault> {
    away(house, move |house| {
        house.write(|desk| desk.set_message_text(&ask))?;
        house.read(|desk| desk.message_texts())
    })
    .await
}

/// Goes back to the text that comes with the program.
#[tauri::command]
#[specta::specta]
pub async fn reset_message_text(house: Shared<'_>, channel: Channel, language: String) -> Result<Vec<MessageText>, Fault> {
    away(house, move |house| {
        house.write(|desk| desk.reset_message_text(channel, &language))?;
        house.read(|desk| desk.message_texts())
    })
    .await
}

/// How a text would read.
#[tauri::command]
#[specta::specta]
pub async fn try_message_text(house: Shared<'_>, ask: TextAsk) -> Result<FilledText, Fault> {
    away(house, move |house| house.read(|desk| desk.try_message_text(&ask))).await
}

/// Shows somebody their code on the page that is turned towards the customer.
#[tauri::command]
#[specta::specta]
pub async fn show_code(house: Shared<'_>, ask: ShowAsk) -> Result<Shown, Fault> {
    away(house, move |house| {
        let page = house.write(|desk| desk.show_code(&ask))?;
        Ok(Shown { second_screen: house.customer().show(page.clone()), page })
    })
    .await
}

/// Takes that page away.
#[tauri::command]
#[specta::specta]
pub async fn hide_code(house: Shared<'_>) -> Result<(), Fault> {
    house.customer().hide();
    Ok(())
}

/// What that page shows.
#[tauri::command]
#[specta::specta]
pub async fn customer_page(house: Shared<'_>) -> Result<Option<CustomerPage>, Fault> {
    Ok(house.customer().page())
}

/// What was scanned elsewhere and opened this program; once.
#[tauri::command]
#[specta::specta]
pub async fn take_opened(house: Shared<'_>) -> Result<Option<String>, Fault> {
    Ok(house.take_opened())
}

/// The shop's mail server.
#[tauri::command]
#[specta::specta]
pub async fn mail_settings(house: Shared<'_>) -> Result<MailSettings, Fault> {
    away(house, |house| house.mail_settings()).await
}

/// Keeps it, and its password in the keyring if one is given.
#[tauri::command]
#[specta::specta]
pub async fn set_mail_server(house: Shared<'_>, ask: MailServerView, password: Option<String>) -> Result<MailSettings, Fault> {
    away(house, move |house| {
        house.keep_mail_password(password.as_deref())?;
        house.write(|desk| desk.set_mail_server(&ask))?;
        house.mail_settings()
    })
    .await
}

/// Forgets it and its password.
#[tauri::command]
#[specta::specta]
pub async fn forget_mail_server(house: Shared<'_>) -> Result<MailSettings, Fault> {
    away(house, |house| {
        house.write(|desk| desk.forget_mail_server())?;
        house.forget_mail_password()?;
        house.mail_settings()
    })
    .await
}

/// Sends a test, to the sender if nobody else is named.
#[tauri::command]
#[specta::specta]
pub async fn test_mail(house: Shared<'_>, to: Option<String>) -> Result<MailTested, Fault> {
    away(house, move |house| {
        let mut post = house.post()?;
        house.aside(|desk| desk.test_mail(to.as_deref(), &mut post))
    })
    .await
}

/// What of the cards that go with e-mails can't be as it should be.
#[tauri::command]
#[specta::specta]
pub async fn mailing_troubles(house: Shared<'_>, ask: MailAsk) -> Result<Vec<String>, Fault> {
    away(house, move |house| house.check(|desk, _| desk.mailing_troubles(&ask))).await
}

/// Puts everybody who is to get a text on its list; nothing is sent yet.
#[tauri::command]
#[specta::specta]
pub async fn begin_mailing(house: Shared<'_>, ask: MailAsk) -> Result<MailingView, Fault> {
    away(house, move |house| house.job(|desk, _| desk.begin_mailing(&ask))).await
}

/// Sends whatever of a mailing waits.
#[tauri::command]
#[specta::specta]
pub async fn send_mailing(house: Shared<'_>, id: String, progress: ipc::Channel<Progress>) -> Result<MailingPage, Fault> {
    away(house, move |house| {
        let mut post = house.post()?;
        house.job(|desk, cancelled| {
            desk.send_mailing(&id, &mut post, &mut |done| {
                tell(&progress, done);
                !cancelled.load(Ordering::SeqCst)
            })
        })
    })
    .await
}

/// The latest mailings.
#[tauri::command]
#[specta::specta]
pub async fn mailings(house: Shared<'_>) -> Result<Vec<MailingView>, Fault> {
    away(house, |house| house.read(|desk| desk.mailings())).await
}

/// A mailing with what became of each e-mail.
#[tauri::command]
#[specta::specta]
pub async fn mailing(house: Shared<'_>, id: String) -> Result<MailingPage, Fault> {
    away(house, move |house| house.read(|desk| desk.mailing(&id))).await
}

/// Carries out what a person decided about an e-mail.
#[tauri::command]
#[specta::specta]
pub async fn decide_mail(house: Shared<'_>, id: String, decision: MailDecision) -> Result<MailingPage, Fault> {
    away(house, move |house| house.write(|desk| desk.decide_mail(&id, decision))).await
}
