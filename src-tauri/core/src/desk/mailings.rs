//! E-mails to one or many: who gets which, handing them in one after the other, and what became of each.
//!
//! An e-mail is marked before it is handed in and after. One that was marked and never answered is *unknown*: it is not sent again
//! unless a person, who looked, says so.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::cards;
use super::generate::Watch;
use super::handout::{self, How, NewHandout};
use super::views::{Progress, moment};
use super::{Desk, DeskError, Result, asks, people, shop_of};
use crate::domain::brand::Brand;
use crate::domain::mail::MailServer;
pub use crate::domain::mail::Security;
use crate::domain::message::{Channel, Text};
use crate::ports::{Letter, NotSent, Pdf, Post, PostError, Posted};
use crate::sentences::Language;
use crate::storage::brand;
use crate::storage::campaigns::Shop;
use crate::storage::cards::{self as card_people, CardPerson, Whose};
pub use crate::storage::mail::MailState;
use crate::storage::mail::{self, Mail, Mailing};
use crate::storage::{StorageError, audit};
use crate::storage::{catalogue, lock, messages};

/// Whoever holds it sends this shop's e-mails.
const LOCK: &str = "mail.lock";
/// So many mailings are listed.
const MAILINGS_SHOWN_MAX: u32 = 50;
/// So many e-mails of one are shown; those that need a look come first.
const MAILS_SHOWN_MAX: u32 = 500;
/// One mailing reaches at most so many. Mail servers of shops allow fewer in a day.
const RECIPIENTS_MAX: usize = 50_000;

/// Draws somebody's card, to go with an e-mail.
pub(super) type Drawing<'a> = &'a dyn Fn(&Shop, &Brand, &[CardPerson]) -> Result<Pdf>;

/// The shop's mail server. Its password lies in the keyring.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailServerView {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is closed to others.
    pub security: Security,
    /// Whom it knows us as; none where it asks for nobody.
    pub user: Option<String>,
    /// The sender's name, as people see it.
    pub from_name: String,
    /// The sender's address, where answers go.
    pub from_address: String,
}

impl From<&MailServer> for MailServerView {
    fn from(server: &MailServer) -> MailServerView {
        let MailServer { host, port, security, user, from_name, from_address } = server.clone();
        MailServerView { host, port, security, user, from_name, from_address }
    }
}

/// Send a text to these people.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Who gets it.
    pub to: MailTo,
    /// With placeholders.
    pub subject: String,
    /// With placeholders.
    pub body: String,
    /// Two letters (ISO 639) of the text; none means the shop's.
    pub language: Option<String>,
    /// Each e-mail has the person's card with it, as a PDF.
    pub card: bool,
    /// Who asks for it.
    pub by: Option<String>,
}

/// Who gets an e-mail.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailTo {
    /// Everybody with an e-mail address, but for whom unsubscribed.
    All,
    /// The same, of those whose code was never handed out.
    NotHandedOut,
    /// These.
    These {
        /// Their ids.
        ids: Vec<String>,
    },
}

/// A text that was sent to one or many.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailingView {
    /// Id.
    pub id: String,
    /// When it was asked for.
    pub at: String,
    /// By whom.
    pub by: Option<String>,
    /// Its subject, with placeholders.
    pub subject: String,
    /// How many there are.
    pub total: u32,
    /// The server took so many.
    pub sent: u32,
    /// So many are not handed in yet.
    pub waiting: u32,
    /// The server took so many surely not.
    pub not_sent: u32,
    /// Of so many nobody knows.
    pub unknown: u32,
    /// Some program sends it this moment.
    pub running: bool,
}

/// A mailing with what became of each e-mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailingPage {
    /// The whole.
    pub mailing: MailingView,
    /// Those that need a look first.
    pub mails: Vec<MailView>,
}

/// One e-mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailView {
    /// Id.
    pub id: String,
    /// To whom.
    pub referrer_id: String,
    /// Their name.
    pub name: String,
    /// Where to.
    pub address: Option<String>,
    /// How far it is.
    pub state: MailState,
    /// Why it is there, in a sentence.
    pub sentence: Option<String>,
    /// When it was last tried.
    pub tried: Option<String>,
}

/// What a person decides about an e-mail that was not sent, or of which nobody knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MailDecision {
    /// Send it again.
    Again,
    /// It did arrive.
    Arrived,
}

/// What became of a test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct MailTested {
    /// Where it went.
    pub to: String,
    /// How far it came.
    pub state: MailState,
    /// In a sentence.
    pub sentence: String,
}

impl Desk {
    /// The shop's mail server, if one is set up.
    pub fn mail_server(&self) -> Result<Option<MailServer>> {
        Ok(messages::server(self.store.reader())?)
    }

    /// Keeps the shop's mail server.
    pub fn set_mail_server(&mut self, ask: &MailServerView) -> Result<MailServer> {
        let server = MailServer::parse(&ask.host, ask.port, ask.security, ask.user.as_deref(), &ask.from_name, &ask.from_address)?;
        self.store.write::<_, DeskError>(|tx| Ok(messages::set_server(tx, Some(&server))?))?;
        Ok(server)
    }

    /// Forgets the shop's mail server.
    pub fn forget_mail_server(&mut self) -> Result<()> {
        self.store.write(|tx| Ok(messages::set_server(tx, None)?))
    }

    /// Sends one e-mail to the shop itself, or to somebody who asked for it. It leaves no trace here.
    pub fn test_mail(&self, to: Option<&str>, post: &mut dyn Post) -> Result<MailTested> {
        let (shop, language) = (self.shop()?, self.language());
        let server = self.mail_server()?.ok_or(PostError::NotSetUp)?;
        let who = asks::who(None, Some(to.unwrap_or(&server.from_address)), None, None)?;
        let to = who.email.ok_or(DeskError::NoContact)?;
        let letter = Letter {
            id: Uuid::now_v7(),
            to_name: String::new(),
            to_address: to.clone(),
            subject: language.say("mail.test_subject", &[("shop", &shop.name)]),
            body: language.say("mail.test_body", &[("shop", &shop.name)]),
            pdf: None,
        };
        let posted = post.send(&letter)?;
        let (state, why, said) = standing(&posted);
        let sentence = match state {
            MailState::Sent => language.say("mail.test_sent", &[("address", &to)]),
            _ => explained(language, state, why, said).unwrap_or_default(),
        };
        Ok(MailTested { to, state, sentence })
    }

    /// What can't be on the cards of these e-mails as it should be, and whose it is: told before anything is sent.
    pub fn mailing_troubles(&self, ask: &MailAsk) -> Result<Vec<String>> {
        if !ask.card {
            return Ok(Vec::new());
        }
        let (shop, brand, people) = self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let mut people = Vec::new();
            for n in chosen(connection, &shop, &ask.to)? {
                let referrer = catalogue::referrer_n(connection, n)?.ok_or(StorageError::Stored { what: "person" })?;
                let card = card_people::people(connection, &shop.campaign, Whose::One(referrer.n), 1)?;
                people.extend(card.into_iter().filter(|person| !person.revoked && referrer.email.is_some()));
            }
            Ok::<_, DeskError>((shop, brand::brand(connection)?, people))
        })?;
        cards::attached_troubles(&shop, &brand, &people)
    }

    /// Puts everybody who is to get a text on its list. Nothing is sent yet. The same operation again gives the list that it made.
    pub fn begin_mailing(&mut self, ask: &MailAsk) -> Result<MailingView> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        let id = asks::op(&ask.op)?;
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let text = Text::parse(Channel::Email, &ask.subject, &ask.body)?;
            let language = Language::of(ask.language.as_deref().unwrap_or(&shop.language));
            if let Some(before) = mail::mailing(tx, id)? {
                return if before.text == text && before.card == ask.card { Ok(before.n) } else { Err(DeskError::OperationReused) };
            }
            let by = asks::note(ask.by.as_deref(), "by")?;
            let chosen = chosen(tx, &shop, &ask.to)?;
            if chosen.is_empty() {
                return Err(DeskError::NobodyToMail);
            }
            if chosen.len() > RECIPIENTS_MAX {
                return Err(DeskError::TooManyToMail { max: RECIPIENTS_MAX });
            }
            let mailing_n = mail::begin(tx, id, language.tag(), &text, ask.card, by.as_deref(), now)?;
            for referrer_n in chosen {
                let referrer = catalogue::referrer_n(tx, referrer_n)?.ok_or(StorageError::Stored { what: "person" })?;
                // Whoever is chosen by name is written to all the same.
                let unsubscribed = !matches!(ask.to, MailTo::These { .. }) && people::unsubscribed(tx, &referrer)?;
                // The code is made now: each e-mail then says the code that the list was made for.
                let not_sent = match (&referrer.email, handout::code_to_show(tx, entropy, &shop, referrer_n, now)) {
                    (None, _) => Some("no_email"),
                    (_, Err(DeskError::CodeRevoked { .. })) => Some("revoked"),
                    (_, Err(error)) => return Err(error),
                    (Some(_), Ok(_)) => unsubscribed.then_some("unsubscribed"),
                };
                mail::add(tx, mailing_n, referrer_n, referrer.email.as_deref(), not_sent)?;
            }
            audit::append(tx, shop.till_id, now, "mailing_begun", id, &json!({ "people": total(&mail::counts(tx, mailing_n)?) }))?;
            Ok(mailing_n)
        })?;
        Ok(self.mailing(&ask.op)?.mailing)
    }

    /// Hands in whatever of a mailing waits, one after the other. `watch` may end it between two; what is left waits.
    pub fn send_mailing(&mut self, id: &str, post: &mut dyn Post, watch: Watch<'_>) -> Result<MailingPage> {
        let op = asks::op(id)?;
        let _lock = lock::hold(&self.folder, LOCK)?.ok_or(DeskError::MailRunning)?;
        let mailing = self.store.write::<_, DeskError>(|tx| {
            mail::left_behind(tx)?;
            mail::mailing(tx, op)?.ok_or(DeskError::NotFound("mailing"))
        })?;
        let all = total(&mail::counts(self.store.reader(), mailing.n)?);
        loop {
            let counts = mail::counts(self.store.reader(), mailing.n)?;
            let waiting = of(&counts, MailState::Waiting);
            if !watch(Progress { done: all - waiting, total: Some(all) }) || waiting == 0 {
                break;
            }
            let Some((mail, letter)) = self.next_letter(&mailing, &cards::attached)? else { continue };
            match post.send(&letter) {
                Ok(posted) => self.settle(&mail, &posted)?,
                Err(error) => {
                    // It surely was not sent, and neither will the next be.
                    let now = self.now();
                    self.store.write::<_, DeskError>(|tx| Ok(mail::set_state(tx, mail.n, MailState::Waiting, None, None, now)?))?;
                    return Err(error.into());
                }
            }
        }
        self.tidy();
        drop(_lock);
        self.mailing(id)
    }

    /// Composes the next e-mail and marks it as being handed in. None where it turned out that it can't be sent, or not so.
    pub(super) fn next_letter(&mut self, mailing: &Mailing, draw: Drawing<'_>) -> Result<Option<(Mail, Letter)>> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        let Some((mut next, shop, brand, referrer, code, card)) = self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let Some(next) = mail::next(tx, mailing.n)? else { return Ok(None) };
            let referrer = people::referrer(tx, &next.referrer_id.to_string())?;
            let why = match (&referrer.email, handout::code_to_show(tx, entropy, &shop, referrer.n, now)) {
                (Some(_), Ok(code)) => {
                    let card = mailing.card.then(|| card_people::people(tx, &shop.campaign, Whose::One(referrer.n), 1)).transpose()?;
                    let brand = brand::brand(tx)?;
                    return Ok(Some((next, shop, brand, referrer, code, card)));
                }
                (None, _) => "no_email",
                (_, Err(DeskError::CodeRevoked { .. })) => "revoked",
                (_, Err(error)) => return Err(error),
            };
            mail::set_state(tx, next.n, MailState::NotSent, Some(why), None, now)?;
            Ok::<_, DeskError>(None)
        })?
        else {
            return Ok(None);
        };
        // No transaction is open here: whoever sells does not wait for a drawing.
        let drawn = card.map(|person| draw(&shop, &brand, &person)).transpose();
        let Text { subject, body } = mailing.text.fill_for(&shop, &referrer, &code, Language::of(&mailing.language));
        let begun = self.store.write(|tx| {
            let same = people::referrer(tx, &next.referrer_id.to_string())?.email == referrer.email
                && catalogue::active_code(tx, &shop.campaign, referrer.n)?.is_some_and(|now| now.n == code.n);
            let Some(address) = referrer.email.as_deref().filter(|_| same) else { return Ok(false) };
            match &drawn {
                Ok(_) => mail::begin_one(tx, next.n, address, code.n, now)?,
                // What can't be drawn for one person keeps nobody else's back.
                Err(DeskError::TooDense { .. } | DeskError::Pdf(_)) => mail::set_state(tx, next.n, MailState::NotSent, Some("no_card"), None, now)?,
                Err(_) => {}
            }
            Ok::<_, DeskError>(true)
        })?;
        let pdf = match drawn {
            // Another address or code since it was composed: it waits still, and is composed anew.
            _ if !begun => return Ok(None),
            Err(DeskError::TooDense { .. } | DeskError::Pdf(_)) => return Ok(None),
            drawn => drawn?,
        };
        next.code_n = Some(code.n);
        let letter = Letter { id: next.id, to_name: referrer.name, to_address: referrer.email.unwrap_or_default(), subject, body, pdf };
        Ok(Some((next, letter)))
    }

    fn settle(&mut self, mail: &Mail, posted: &Posted) -> Result<()> {
        let now = self.now();
        self.store.write(|tx| {
            let (state, why, said) = standing(posted);
            mail::set_state(tx, mail.n, state, why, said, now)?;
            if state == MailState::Sent { handed_out(tx, mail, now) } else { Ok(()) }
        })
    }

    /// The latest mailings.
    pub fn mailings(&self) -> Result<Vec<MailingView>> {
        let running = self.mail_running()?;
        self.store
            .read(|connection| mail::mailings(connection, MAILINGS_SHOWN_MAX)?.iter().map(|mailing| summary(connection, mailing, running)).collect())
    }

    /// A mailing with what became of each e-mail.
    pub fn mailing(&self, id: &str) -> Result<MailingPage> {
        let op = asks::op(id)?;
        let running = self.mail_running()?;
        let language = self.language();
        self.store.read(|connection| {
            let mailing = mail::mailing(connection, op)?.ok_or(DeskError::NotFound("mailing"))?;
            let mails = mail::of_mailing(connection, mailing.n, MAILS_SHOWN_MAX)?;
            let mails = mails.into_iter().map(|mail| view(language, mail, running)).collect();
            Ok(MailingPage { mailing: summary(connection, &mailing, running)?, mails })
        })
    }

    /// Carries out what a person decided about an e-mail that was not sent, or of which nobody knows. About others nothing is to decide.
    pub fn decide_mail(&mut self, id: &str, decision: MailDecision) -> Result<MailingPage> {
        let id = asks::id(id, "mail")?;
        let _lock = lock::hold(&self.folder, LOCK)?.ok_or(DeskError::MailRunning)?;
        let now = self.now();
        let mailing = self.store.write::<_, DeskError>(|tx| {
            mail::left_behind(tx)?;
            let mail = mail::mail(tx, id)?.ok_or(DeskError::NotFound("mail"))?;
            let mailing = mail::mailing_n(tx, mail.mailing_n)?;
            let shop = shop_of(tx)?;
            let named = match (mail.state, decision) {
                (MailState::NotSent | MailState::Unknown, MailDecision::Again) => {
                    mail::set_state(tx, mail.n, MailState::Waiting, None, None, now)?;
                    "again"
                }
                (MailState::Unknown, MailDecision::Arrived) => {
                    mail::set_state(tx, mail.n, MailState::Sent, None, None, now)?;
                    handed_out(tx, &mail, now)?;
                    "arrived"
                }
                _ => return Ok(mailing),
            };
            audit::append(tx, shop.till_id, now, "mail_decided", mail.id, &json!({ "decision": named }))?;
            Ok(mailing)
        })?;
        drop(_lock);
        self.mailing(&mailing.id.to_string())
    }

    /// Whether some program sends e-mails of this shop now.
    fn mail_running(&self) -> Result<bool> {
        Ok(lock::hold(&self.folder, LOCK)?.is_none())
    }
}

/// The row numbers of those who are to get it.
fn chosen(connection: &Connection, shop: &Shop, to: &MailTo) -> Result<Vec<i64>> {
    match to {
        MailTo::All => Ok(mail::reachable(connection, shop.campaign.n, false)?),
        MailTo::NotHandedOut => Ok(mail::reachable(connection, shop.campaign.n, true)?),
        MailTo::These { ids } => ids.iter().map(|id| Ok(people::referrer(connection, id)?.n)).collect(),
    }
}

/// The Handout of an e-mail that arrived. Its operation is the e-mail's own id, so that it is recorded once.
fn handed_out(tx: &Connection, mail: &Mail, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    let shop = shop_of(tx)?;
    let by = mail::mailing_n(tx, mail.mailing_n)?.by;
    // The code that the letter carried, also where another has taken its place since.
    if let Some(code_n) = mail.code_n {
        let place = Language::of(&shop.language).say("mail.place", &[]);
        let new = NewHandout { op: Some(mail.id), how: How::Message, place: Some(&place), by: by.as_deref(), run_n: None };
        handout::record(tx, &shop, code_n, &new, now)?;
    }
    Ok(())
}

fn standing(posted: &Posted) -> (MailState, Option<&'static str>, Option<&str>) {
    match posted {
        Posted::Sent => (MailState::Sent, None, None),
        Posted::Unknown => (MailState::Unknown, None, None),
        Posted::NotSent { why, said } => {
            let why = match why {
                NotSent::Address => "address",
                NotSent::Later => "later",
                NotSent::Letter => "letter",
            };
            (MailState::NotSent, Some(why), Some(said.as_str()))
        }
    }
}

fn of(counts: &[(MailState, u32)], state: MailState) -> u32 {
    counts.iter().find(|(other, _)| *other == state).map_or(0, |(_, count)| *count)
}

fn total(counts: &[(MailState, u32)]) -> u32 {
    counts.iter().map(|(_, count)| count).sum()
}

fn summary(connection: &Connection, mailing: &Mailing, running: bool) -> Result<MailingView> {
    let counts = mail::counts(connection, mailing.n)?;
    let sending = of(&counts, MailState::Sending);
    Ok(MailingView {
        id: mailing.id.to_string(),
        at: moment(mailing.at),
        by: mailing.by.clone(),
        subject: mailing.text.subject.clone(),
        total: total(&counts),
        sent: of(&counts, MailState::Sent),
        waiting: of(&counts, MailState::Waiting) + if running { sending } else { 0 },
        not_sent: of(&counts, MailState::NotSent),
        unknown: of(&counts, MailState::Unknown) + if running { 0 } else { sending },
        running: running && sending > 0,
    })
}

fn explained(language: Language, state: MailState, why: Option<&str>, said: Option<&str>) -> Option<String> {
    match (state, why) {
        (MailState::Unknown, _) => Some(language.say("mail.unknown", &[])),
        (MailState::NotSent, Some(why)) => Some(language.say(&format!("mail.why.{why}"), &[("said", said.unwrap_or(""))])),
        _ => None,
    }
}

fn view(language: Language, mail: Mail, running: bool) -> MailView {
    // Whoever sent it is gone, and nobody knows what became of it.
    let state = if mail.state == MailState::Sending && !running { MailState::Unknown } else { mail.state };
    MailView {
        id: mail.id.to_string(),
        referrer_id: mail.referrer_id.to_string(),
        sentence: explained(language, state, mail.why.as_deref(), mail.said.as_deref()),
        name: mail.name,
        address: mail.address,
        state,
        tried: mail.tried.map(moment),
    }
}
