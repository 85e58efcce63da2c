//! Codes by e-mail.

use counterfoil_core::desk::mailings::{MailAsk, MailServerView, MailState, MailTo, MailingPage, MailingView, Security};
use counterfoil_core::desk::messages::Channel;
use counterfoil_core::desk::{Desk, DeskError};
use counterfoil_core::mail::Smtp;
use counterfoil_core::ports::{Keyring as _, PostError, Secret};
use counterfoil_core::sync::keys::SystemKeyring;
use serde_json::json;

use super::op;
use crate::answer::{Answer, Exit, Result};
use crate::args::{Closed, MailCommand, MailSend, MailSet};
use crate::text::{Table, count, or_dash, shown, words_of};
use crate::watch::watched;
use crate::{pick, secret};

pub fn mail(desk: &mut Desk, job: MailCommand) -> Result {
    match job {
        MailCommand::Set(server) => set(desk, server),
        MailCommand::Test { to } => {
            let tested = desk.test_mail(to.as_deref(), &mut post(desk)?)?;
            let answer = Answer::done(&tested, shown(&tested.sentence));
            Ok(if tested.state == MailState::Sent { answer } else { answer.ending(Exit::Refused) })
        }
        MailCommand::Send(whom) => send(desk, whom),
        MailCommand::List { id: Some(id) } => Ok(told(&desk.mailing(&id)?)),
        MailCommand::List { id: None } => list(&desk.mailings()?),
    }
}

fn set(desk: &mut Desk, MailSet { host, port, security, user, from, from_name }: MailSet) -> Result {
    let (security, usual) = match security {
        Closed::Tls => (Security::Tls, 465),
        Closed::Starttls => (Security::Starttls, 587),
        Closed::Plain => (Security::Plain, 25),
    };
    let from_name = match from_name {
        Some(name) => name,
        None => desk.shop_view()?.name,
    };
    let server = MailServerView { host, port: port.unwrap_or(usual), security, user, from_name, from_address: from };
    let server = MailServerView::from(&desk.set_mail_server(&server)?);
    let mut text = format!("E-mails go out through {}, port {}, as {}.", shown(&server.host), server.port, shown(&server.from_address));
    if server.user.is_some() {
        let password = secret::read("Password of the mail server")?;
        SystemKeyring::of_till(&desk.till_id()?).keep(Secret::MailPassword, &password)?;
        text += "\nIts password lies in this computer's keyring.";
    }
    Ok(Answer::done(&server, text + "\n\nTry it: foil mail test"))
}

fn send(desk: &mut Desk, MailSend { referrer, all, not_handed_out: _, card, anyway, by, language, op: given }: MailSend) -> Result {
    let mut post = post(desk)?;
    let language = language.unwrap_or_else(|| desk.language().tag().to_owned());
    let texts = desk.message_texts()?;
    let text = texts.into_iter().find(|text| text.channel == Channel::Email && text.language == language);
    let text = text.ok_or(DeskError::NotFound("language"))?;
    let to = match referrer {
        Some(who) => MailTo::These { ids: vec![pick::person(desk, &who)?] },
        None if all => MailTo::All,
        None => MailTo::NotHandedOut,
    };
    let ask = MailAsk { op: op(given), to, subject: text.subject, body: text.body, language: Some(language), card, by };
    let troubles = if anyway { Vec::new() } else { desk.mailing_troubles(&ask)? };
    if !troubles.is_empty() {
        return Ok(Answer::troubles(&troubles, "Nothing was sent."));
    }
    desk.begin_mailing(&ask)?;
    Ok(told(&watched(|watch| desk.send_mailing(&ask.op, &mut post, watch))?))
}

/// The way out, with the password that was given to this run or lies in the keyring.
fn post(desk: &Desk) -> Result<Smtp> {
    let server = desk.mail_server()?.ok_or(DeskError::Post(PostError::NotSetUp))?;
    let password = match server.user {
        Some(_) => SystemKeyring::of_till(&desk.till_id()?).key(Secret::MailPassword)?,
        None => None,
    };
    Ok(Smtp::new(server, password).map_err(DeskError::from)?)
}

fn told(page: &MailingPage) -> Answer {
    let mailing = &page.mailing;
    let mut text = summary(mailing);
    let open = page.mails.iter().filter(|mail| mail.state != MailState::Sent);
    let mut table = Table::new(&["Person", "Address", "State", "Why"]);
    for mail in open.clone() {
        table.row([&mail.name, &or_dash(mail.address.as_deref()), &words_of(&mail.state), mail.sentence.as_deref().unwrap_or("")]);
    }
    if open.count() > 0 {
        text += &format!("\n\n{}", table.lines());
    }
    if mailing.waiting > 0 {
        text += &format!("\n\nThe rest waits. To go on: foil mail send --all --op {}", mailing.id);
    }
    let answer = Answer::done(page, text);
    if mailing.sent == mailing.total { answer } else { answer.ending(Exit::Refused) }
}

fn summary(mailing: &MailingView) -> String {
    let mut parts = vec![format!("{} sent", count(mailing.sent, "e-mail", "e-mails"))];
    for (number, what) in [(mailing.waiting, "waiting"), (mailing.not_sent, "not sent"), (mailing.unknown, "unknown")] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    format!("{}.", parts.join(", "))
}

fn list(mailings: &[MailingView]) -> Result {
    let mut table = Table::new(&["Id", "Subject", "What became of it"]).whole(&[0]);
    for mailing in mailings {
        table.row([mailing.id.as_str(), &mailing.subject, &summary(mailing)]);
    }
    let text = if mailings.is_empty() { "Nothing was sent by e-mail yet.".to_owned() } else { table.lines() };
    Ok(Answer::done(&json!({ "mailings": mailings }), text))
}
