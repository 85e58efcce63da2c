//! A Referrer's page: adding and changing people, their code, and what came of it.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::asks::{self, Who};
use super::generate::Codes;
use super::handout::HandoutView;
use super::views::{Amount, LeadRow, ReferrerView, RulesView, moment};
use super::{Desk, DeskError, Result, done_before, shop_of};
use crate::domain::code::{self, ReferralCode};
use crate::domain::upload::Destination;
use crate::ports::Entropy;
use crate::print::qr;
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code, Details, Referrer};
use crate::storage::leads::{self, Show};
use crate::storage::operations;
use crate::storage::search::Words;
use crate::storage::{StorageError, audit, destinations, handouts, ledger, outbox};

/// So many Leads stand on a person's page; the rest is in the list of Leads.
const LEADS_SHOWN_MAX: u32 = 50;
/// So many Handouts stand there.
const HANDOUTS_SHOWN_MAX: u32 = 50;

/// Add this person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct NewReferrer {
    /// A UUID made before the first try.
    pub op: String,
    /// Empty means the part of the e-mail address before the @.
    pub name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
    /// Which code they get.
    pub code: NewCode,
}

/// Which code a new person gets.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NewCode {
    /// None yet: it is generated when it must be shown.
    None,
    /// A generated one.
    Generate,
    /// This one.
    Own {
        /// Letters, digits and dashes.
        text: String,
    },
}

/// Change this person.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct EditReferrer {
    /// A UUID made before the first try: repeated after somebody else's edit, it must not undo that one.
    pub op: String,
    /// Who.
    pub id: String,
    /// Their name from now on.
    pub name: String,
    /// Their e-mail address from now on.
    pub email: Option<String>,
    /// Their phone number from now on.
    pub phone: Option<String>,
}

/// Take this person's code back.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct RevokeAsk {
    /// A UUID made before the first try: repeated after a new code was generated, it must not take that one back too.
    pub op: String,
    /// Whose.
    pub referrer_id: String,
    /// Why.
    pub reason: String,
}

/// Everything on a person's page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Person {
    /// Who.
    pub referrer: ReferrerView,
    /// Their referral link.
    pub link: Option<String>,
    /// They asked at Referral Factory not to be written to.
    pub unsubscribed: bool,
    /// When they were added.
    pub added: String,
    /// Their code, if they have or had one.
    pub code: Option<PersonCode>,
    /// The latest Leads they brought.
    pub leads: Vec<LeadRow>,
    /// How many in all.
    pub leads_total: u32,
    /// What happened, latest first.
    pub history: Vec<HistoryLine>,
    /// How often their codes were used.
    pub uses: u32,
    /// What their codes took off orders.
    pub given: Amount,
    /// How their codes reached them, latest first.
    pub handouts: Vec<HandoutView>,
}

/// A code as it is handed out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PersonCode {
    /// As it is shown.
    pub code: String,
    /// What is said instead of it, where nobody can read it aloud; it counts for the same.
    pub alias: Option<String>,
    /// Their code at Referral Factory, where it is another one; it counts for the same.
    pub elsewhere: Option<String>,
    /// The words that spell what is said.
    pub spelling: Vec<String>,
    /// As it is scanned.
    pub qr: QrView,
    /// The rules on it.
    pub rules: RulesView,
    /// Taken back by a manager.
    pub revoked: bool,
    /// How often it was used.
    pub uses: u32,
    /// Made here, with a check symbol.
    pub generated: bool,
}

/// A QR code as a vector path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct QrView {
    /// Width and height in modules, quiet zone included.
    pub size: u32,
    /// In SVG's path syntax.
    pub path: String,
}

impl QrView {
    /// The QR code that says this. Codes always fit, and so do links that were let in.
    pub(super) fn of(text: &str) -> Result<QrView> {
        let drawn = qr::encode(text).ok_or(StorageError::Stored { what: "code" })?;
        Ok(QrView { size: u32::try_from(drawn.size).unwrap_or(0), path: drawn.path })
    }
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct HistoryLine {
    /// When.
    pub at: String,
    /// What.
    pub what: Happened,
    /// A code, a reason or a name, where there is one.
    pub text: Option<String>,
    /// An amount, where there is one.
    pub amount: Option<Amount>,
}

/// What can happen to a person and their codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// They were added, by hand or from a list.
    Added,
    /// Name or contact was changed.
    Edited,
    /// A code was generated for them.
    CodeGenerated,
    /// They were given a code of the manager's choice, or brought one along.
    CodeSet,
    /// Their code was taken back.
    CodeRevoked,
    /// Their code was used.
    Redeemed,
    /// A sale with their code was undone.
    Voided,
    /// Money of a sale with their code went back.
    Refunded,
    /// It did not after all: the refund failed.
    RefundFailed,
    /// The customer disputes the payment of a sale with their code.
    Disputed,
}

impl Desk {
    /// A person's page.
    pub fn person(&self, id: &str) -> Result<Person> {
        self.store.read(|connection| page(connection, &shop_of(connection)?, referrer(connection, id)?))
    }

    /// Adds somebody, with or without a code.
    pub fn add_referrer(&mut self, ask: &NewReferrer) -> Result<Person> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let who = who(&shop, &ask.name, ask.email.as_deref(), ask.phone.as_deref())?;
            let own = match &ask.code {
                NewCode::Own { text } => Some(ReferralCode::own(text)?),
                NewCode::None | NewCode::Generate => None,
            };
            let code = match (&own, &ask.code) {
                (Some(code), _) => code.text(),
                (None, NewCode::Generate) => "generate",
                (None, _) => "",
            };
            let asked =
                operations::fingerprint("add_referrer", &[&who.name, who.email.as_deref().unwrap_or(""), who.phone.as_deref().unwrap_or(""), code]);
            if let Some(id) = done_before(tx, op, &asked)? {
                return page(tx, &shop, referrer(tx, &id.to_string())?);
            }
            taken_by_another(tx, &who, None)?;
            let details = Details { name: who.name, email: who.email, phone: who.phone, contact: who.contact, link: None };
            let added = catalogue::insert_referrer(tx, &mut Words::default(), &details, now)?;
            audit::append(tx, shop.till_id, now, "referrer_added", added.id, &json!({}))?;
            outbox::put_referrer(tx, added.id, now)?;
            match own {
                Some(code) => set_code(tx, &shop, &added, &code, now)?,
                None if ask.code == NewCode::Generate => generate(tx, &shop, &added, entropy, now)?,
                None => {}
            }
            operations::remember(tx, op, "add_referrer", &asked, added.id, now)?;
            page(tx, &shop, added)
        })
    }

    /// Changes somebody's name or contact.
    pub fn edit_referrer(&mut self, ask: &EditReferrer) -> Result<Person> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let before = referrer(tx, &ask.id)?;
            let who = who(&shop, &ask.name, ask.email.as_deref(), ask.phone.as_deref())?;
            let parts = [before.id.to_string(), who.name.clone(), who.email.clone().unwrap_or_default(), who.phone.clone().unwrap_or_default()];
            let asked = operations::fingerprint("edit_referrer", &parts.each_ref().map(String::as_str));
            if done_before(tx, op, &asked)?.is_some() {
                return page(tx, &shop, before);
            }
            taken_by_another(tx, &who, Some(&before))?;
            let details = Details { name: who.name, email: who.email, phone: who.phone, contact: who.contact, link: before.link.clone() };
            let same = (&details.name, &details.email, &details.phone) == (&before.name, &before.email, &before.phone);
            if !same {
                catalogue::update_referrer(tx, &mut Words::default(), &before, &details)?;
                let changed: Vec<&str> =
                    [("name", details.name != before.name), ("email", details.email != before.email), ("phone", details.phone != before.phone)]
                        .into_iter()
                        .filter_map(|(field, changed)| changed.then_some(field))
                        .collect();
                audit::append(tx, shop.till_id, now, "referrer_edited", before.id, &json!({ "changed": changed }))?;
                if before.email.is_none() {
                    outbox::unpark_referrer(tx, before.id)?;
                }
                outbox::look_again(tx, before.id)?;
                outbox::put_referrer(tx, before.id, now)?;
            }
            operations::remember(tx, op, "edit_referrer", &asked, before.id, now)?;
            page(tx, &shop, referrer(tx, &ask.id)?)
        })
    }

    /// Gives somebody a code, unless they have one.
    pub fn generate_code(&mut self, id: &str) -> Result<Person> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let referrer = referrer(tx, id)?;
            if catalogue::active_code(tx, &shop.campaign, referrer.n)?.is_none() {
                generate(tx, &shop, &referrer, entropy, now)?;
            }
            page(tx, &shop, referrer)
        })
    }

    /// Takes somebody's code back, with a reason. A new one can be generated then.
    pub fn revoke_code(&mut self, ask: &RevokeAsk) -> Result<Person> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let reason = asks::reason(&ask.reason)?;
            let referrer = referrer(tx, &ask.referrer_id)?;
            let asked = operations::fingerprint("revoke_code", &[&referrer.id.to_string(), &reason]);
            if done_before(tx, op, &asked)?.is_some() {
                return page(tx, &shop, referrer);
            }
            let code = catalogue::active_code(tx, &shop.campaign, referrer.n)?.ok_or_else(|| DeskError::NoCode { name: referrer.name.clone() })?;
            catalogue::revoke(tx, code.n, &reason, now)?;
            audit::append(tx, shop.till_id, now, "code_revoked", referrer.id, &json!({ "code": code.text }))?;
            outbox::put_code(tx, code.n, false, now)?;
            operations::remember(tx, op, "revoke_code", &asked, referrer.id, now)?;
            page(tx, &shop, referrer)
        })
    }
}

pub(super) fn referrer(connection: &Connection, id: &str) -> Result<Referrer> {
    catalogue::referrer(connection, asks::id(id, "referrer")?)?.ok_or(DeskError::NotFound("referrer"))
}

/// Name and contact of a Referrer: one contact at least, and a name, if need be from the e-mail address.
fn who(shop: &Shop, name: &str, email: Option<&str>, phone: Option<&str>) -> Result<Who> {
    let mut who = asks::who(Some(name), email, phone, shop.country.as_deref())?;
    if who.email.is_none() && who.phone.is_none() {
        return Err(DeskError::NoContact);
    }
    if who.name.is_empty() {
        who.name = match &who.email {
            Some(email) => email.rsplit_once('@').map_or(email.as_str(), |(local, _)| local).to_owned(),
            None => return Err(DeskError::NoName),
        };
    }
    Ok(who)
}

fn taken_by_another(tx: &Connection, who: &Who, but: Option<&Referrer>) -> Result<()> {
    match catalogue::referrers_by_contact(tx, &who.contact)?.find(|other| but.is_none_or(|but| but.n != other.n)) {
        Some(other) => Err(DeskError::ContactTaken { name: other.name }),
        None => Ok(()),
    }
}

/// Gives somebody without an active code a generated one.
pub(super) fn generate(
    tx: &Connection,
    shop: &Shop,
    referrer: &Referrer,
    entropy: &mut dyn Entropy,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let code = Codes { entropy, drawn: Vec::new() }.give(tx, &shop.campaign, referrer.n, now)?;
    audit::append(tx, shop.till_id, now, "code_generated", referrer.id, &json!({ "code": code.text() }))?;
    upload_code(tx, shop, referrer, now)
}

fn set_code(tx: &Connection, shop: &Shop, referrer: &Referrer, code: &ReferralCode, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    if catalogue::is_anothers(tx, &shop.campaign, code.key(), referrer.n)?
        || !catalogue::insert_code(tx, &shop.campaign, referrer.n, code, false, now)?
    {
        return Err(DeskError::CodeTaken { code: code.text().to_owned() });
    }
    audit::append(tx, shop.till_id, now, "code_set", referrer.id, &json!({ "code": code.text() }))?;
    upload_code(tx, shop, referrer, now)
}

/// A new code goes up by itself where the manager wishes so.
fn upload_code(tx: &Connection, shop: &Shop, referrer: &Referrer, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    match catalogue::active_code(tx, &shop.campaign, referrer.n)? {
        Some(code) => Ok(outbox::put_code(tx, code.n, true, now)?),
        None => Ok(()),
    }
}

/// Whether they asked at Referral Factory not to be written to.
pub(super) fn unsubscribed(connection: &Connection, referrer: &Referrer) -> Result<bool> {
    let facts = destinations::remote(connection, Destination::ReferralFactory, referrer.id)?.facts;
    Ok(facts["unsubscribed_at"].is_string() || facts["unsubscribed_before"] == true)
}

/// A person's page.
pub(super) fn page(connection: &Connection, shop: &Shop, referrer: Referrer) -> Result<Person> {
    let code = catalogue::latest_code(connection, &shop.campaign, referrer.n)?;
    let leads = leads::page(connection, Show::All, Some(referrer.n), "", None, LEADS_SHOWN_MAX)?;
    let (given, uses) = ledger::given_by(connection, referrer.n)?;
    Ok(Person {
        referrer: ReferrerView::from(&referrer),
        link: referrer.link.clone(),
        unsubscribed: unsubscribed(connection, &referrer)?,
        added: moment(referrer.added),
        history: history(connection, &referrer)?,
        leads_total: catalogue::leads_of(connection, referrer.n)?,
        leads: leads.iter().map(LeadRow::from).collect(),
        code: code.map(|code| code_view(code, catalogue::elsewhere(connection, &shop.campaign, referrer.n)?)).transpose()?,
        uses,
        given: Amount(given),
        handouts: handouts::of_referrer(connection, referrer.n, HANDOUTS_SHOWN_MAX)?.iter().map(HandoutView::from).collect(),
    })
}

fn code_view(code: Code, elsewhere: Option<String>) -> Result<PersonCode> {
    Ok(PersonCode {
        spelling: code::spelling(code.spoken()),
        qr: QrView::of(&code.text)?,
        rules: RulesView::from(&code.known.terms.rules),
        revoked: code.known.revoked,
        uses: code.known.uses,
        generated: code.generated,
        alias: code.alias,
        elsewhere,
        code: code.text,
    })
}

/// What happened to a person and their codes, latest first.
fn history(connection: &Connection, referrer: &Referrer) -> Result<Vec<HistoryLine>> {
    let line = |at, what, text, amount| (at, HistoryLine { at: moment(at), what, text, amount });
    let mut lines = vec![line(referrer.added, Happened::Added, None, None)];
    lines.extend(audit::edits_of(connection, referrer.id)?.into_iter().map(|at| line(at, Happened::Edited, None, None)));
    for code in catalogue::codes_of(connection, referrer.n)? {
        let given = if code.generated { Happened::CodeGenerated } else { Happened::CodeSet };
        lines.push(line(code.given, given, Some(code.text.clone()), None));
        if let Some(at) = code.revoked {
            lines.push(line(at, Happened::CodeRevoked, Some(code.reason.unwrap_or(code.text)), None));
        }
    }
    for redemption in ledger::of_referrer(connection, referrer.n, LEADS_SHOWN_MAX)? {
        let customer = Some(redemption.customer.clone()).filter(|name| !name.is_empty());
        lines.push(line(redemption.recorded.at, Happened::Redeemed, customer, Some(Amount(redemption.recorded.paid))));
        if let Some(at) = redemption.disputed {
            lines.push(line(at, Happened::Disputed, None, None));
        }
        if let Some((at, reason)) = redemption.voided {
            lines.push(line(at, Happened::Voided, Some(reason), None));
        }
        for (at, amount, reason) in ledger::refunds_of(connection, redemption.n)? {
            let what = if amount < 0 { Happened::RefundFailed } else { Happened::Refunded };
            lines.push(line(at, what, Some(reason), Some(Amount(amount.abs()))));
        }
    }
    // Of what happened in the same moment, too, the first stands last.
    lines.sort_by_key(|(at, _)| *at);
    Ok(lines.into_iter().rev().map(|(_, line)| line).collect())
}
