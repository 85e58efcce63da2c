//! Leads, conflicts about them, and the customers who bought before.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::Sha256;
use uuid::Uuid;

use super::campaigns::{Campaign, Shop};
use super::catalogue::{self, Referrer};
use super::{Result, StorageError, rows};
use crate::domain::lead::LeadState;
use crate::domain::people::Contact;
use crate::domain::verdict::Bought;

/// A person who was recommended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lead {
    /// Row number.
    pub n: i64,
    /// Id.
    pub id: Uuid,
    /// May be empty for a counter sale.
    pub name: String,
    /// As it is written.
    pub email: Option<String>,
    /// E.164, or as it is written.
    pub phone: Option<String>,
    /// As they are compared.
    pub contact: Contact,
    /// Whether they count.
    pub state: LeadState,
    /// Why they do, or don't any more.
    pub why: Option<String>,
    /// Came through a code at the till (`code`) or by word to a rep (`phone`).
    pub source: String,
    /// What the rep noted.
    pub note: Option<String>,
    /// When to call back.
    pub call_back: Option<NaiveDate>,
    /// When they became known.
    pub at: DateTime<Utc>,
    /// Row number of the Referrer who keeps them.
    pub referrer_n: i64,
    /// That Referrer's id.
    pub referrer_id: Uuid,
    /// That Referrer's name.
    pub referrer: String,
    /// Somebody else claims them too, and nobody decided yet.
    pub conflict: bool,
    /// They dispute a payment.
    pub disputed: bool,
    /// What they paid so far and did not get back, in minor units.
    pub spent: i64,
}

impl Lead {
    /// What to call them in a sentence: their name, or else how they can be reached.
    #[must_use]
    pub fn called(&self) -> &str {
        let named = Some(self.name.as_str()).filter(|name| !name.is_empty());
        named.or(self.email.as_deref()).or(self.phone.as_deref()).unwrap_or_default()
    }
}

/// What becomes known of a person when they are recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// See [`Lead::name`].
    pub name: String,
    /// See [`Lead::email`].
    pub email: Option<String>,
    /// See [`Lead::phone`].
    pub phone: Option<String>,
    /// See [`Lead::contact`].
    pub contact: Contact,
    /// See [`Lead::note`].
    pub note: Option<String>,
    /// See [`Lead::call_back`].
    pub call_back: Option<NaiveDate>,
}

const LEAD: &str =
    "SELECT lead.n, lead.id, lead.name, lead.email, lead.email_key, lead.phone, lead.phone_key, lead.state, lead.why, lead.source, lead.note, lead.call_back,
    lead.created_at, lead.referrer_n, referrer.id AS referrer_id, referrer.name AS referrer,
    EXISTS (SELECT 1 FROM conflict WHERE lead_n = lead.n AND decided_at IS NULL) AS conflict,
    EXISTS (SELECT 1 FROM redemption WHERE lead_n = lead.n AND disputed_at IS NOT NULL) AS disputed,
    (SELECT coalesce(sum(paid - refunded), 0) FROM redemption WHERE lead_n = lead.n AND voided_at IS NULL) AS spent
    FROM lead JOIN referrer ON referrer.n = lead.referrer_n";

fn read(row: &Row<'_>) -> Result<Lead> {
    let state: String = row.get("state")?;
    Ok(Lead {
        n: row.get("n")?,
        id: rows::id_at(row, "id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        phone: row.get("phone")?,
        contact: Contact { email: row.get("email_key")?, phone: row.get("phone_key")? },
        state: LeadState::from_name(&state).ok_or(StorageError::Stored { what: "lead state" })?,
        why: row.get("why")?,
        source: row.get("source")?,
        note: row.get("note")?,
        call_back: rows::day_at(row, "call_back")?,
        at: rows::moment_at(row, "created_at")?,
        referrer_n: row.get("referrer_n")?,
        referrer_id: rows::id_at(row, "referrer_id")?,
        referrer: row.get("referrer")?,
        conflict: row.get("conflict")?,
        disputed: row.get("disputed")?,
        spent: row.get("spent")?,
    })
}

fn one(connection: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Option<Lead>> {
    let mut statement = connection.prepare_cached(&format!("{LEAD} {rest}"))?;
    let mut found = statement.query(values)?;
    found.next()?.map(read).transpose()
}

/// The Lead with this id.
pub fn lead(connection: &Connection, id: Uuid) -> Result<Option<Lead>> {
    one(connection, "WHERE lead.id = ?1", [id.as_bytes()])
}

/// The Lead in this row.
pub fn lead_n(connection: &Connection, n: i64) -> Result<Option<Lead>> {
    one(connection, "WHERE lead.n = ?1", [n])
}

/// The Lead with this contact. Where e-mail and phone lead to different people, the e-mail decides.
pub fn by_contact(connection: &Connection, campaign: &Campaign, contact: &Contact) -> Result<Option<Lead>> {
    if let Some(email) = &contact.email
        && let Some(lead) = one(connection, "WHERE lead.campaign_n = ?1 AND lead.email_key = ?2", params![campaign.n, email])?
    {
        return Ok(Some(lead));
    }
    match &contact.phone {
        Some(phone) => one(connection, "WHERE lead.campaign_n = ?1 AND lead.phone_key = ?2", params![campaign.n, phone]),
        None => Ok(None),
    }
}

/// The Lead who is the same person as this Referrer, where that one is to be told of first: who referred somebody is said as they are
/// created, or never. Of people who wait for each other in a circle, having recommended each other, the one who was here first goes as
/// a Referrer. `is_there`: whether a destination has somebody; `goes`: whether a Lead is on the way to it.
pub fn lead_first(
    connection: &Connection,
    campaign: &Campaign,
    referrer: &Referrer,
    is_there: impl Fn(Uuid) -> Result<bool>,
    goes: impl Fn(Uuid) -> Result<bool>,
) -> Result<Option<Uuid>> {
    let (mut first, mut passed, mut person) = (None, BTreeSet::new(), referrer.clone());
    while !is_there(person.id)?
        && passed.insert(person.n)
        && let email @ Some(_) = person.contact.email
        && let Some(lead) = by_contact(connection, campaign, &Contact { email, phone: None })?
        && !is_there(lead.id)?
        && goes(lead.id)?
    {
        first.get_or_insert(lead.id);
        person = catalogue::referrer_n(connection, lead.referrer_n)?.ok_or(StorageError::Stored { what: "referrer" })?;
        if person.n == referrer.n && passed.first() == Some(&referrer.n) {
            return Ok(None);
        }
    }
    Ok(first)
}

/// Adds a Lead; it stays with this Referrer.
pub fn insert(tx: &Connection, campaign: &Campaign, referrer: &Referrer, source: &str, details: &Details, at: DateTime<Utc>) -> Result<Lead> {
    let id = Uuid::now_v7();
    let Details { name, email, phone, contact, note, call_back } = details.clone();
    let state = LeadState::Pending;
    tx.prepare_cached(
        "INSERT INTO lead (id, campaign_n, referrer_n, name, email, email_key, phone, phone_key, state, source, note, call_back, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        id.as_bytes(),
        campaign.n,
        referrer.n,
        name,
        email,
        contact.email,
        phone,
        contact.phone,
        state.name(),
        source,
        note,
        call_back.map(|day| day.to_string()),
        rows::millis(at)
    ])?;
    // What reading it back would give.
    Ok(Lead {
        n: tx.last_insert_rowid(),
        id,
        name,
        email,
        phone,
        contact,
        state,
        why: None,
        source: source.to_owned(),
        note,
        call_back,
        at: rows::moment(rows::millis(at))?,
        referrer_n: referrer.n,
        referrer_id: referrer.id,
        referrer: referrer.name.clone(),
        conflict: false,
        disputed: false,
        spent: 0,
    })
}

/// Fills in what was not known of a Lead before; what is known stays. A contact that is another Lead's is not taken from them.
pub fn complete(tx: &Connection, campaign: &Campaign, lead: &Lead, details: &Details) -> Result<Lead> {
    let anothers = |contact: Contact| -> Result<bool> { Ok(by_contact(tx, campaign, &contact)?.is_some()) };
    let mut completed = lead.clone();
    if lead.name.is_empty() {
        completed.name.clone_from(&details.name);
    }
    if lead.email.is_none() && details.email.is_some() && !anothers(Contact { email: details.contact.email.clone(), phone: None })? {
        (completed.email, completed.contact.email) = (details.email.clone(), details.contact.email.clone());
    }
    if lead.phone.is_none() && details.phone.is_some() && !anothers(Contact { email: None, phone: details.contact.phone.clone() })? {
        (completed.phone, completed.contact.phone) = (details.phone.clone(), details.contact.phone.clone());
    }
    completed.note = match (&lead.note, &details.note) {
        (Some(before), Some(new)) => Some(format!("{before} · {new}")),
        (before, new) => before.clone().or_else(|| new.clone()),
    };
    completed.call_back = details.call_back.or(lead.call_back);
    if completed != *lead {
        let Lead { n, name, email, phone, contact, note, call_back, .. } = &completed;
        tx.prepare_cached(
            "UPDATE lead SET name = ?2, email = ?3, email_key = ?4, phone = ?5, phone_key = ?6, note = ?7, call_back = ?8 WHERE n = ?1",
        )?
        .execute(params![n, name, email, contact.email, phone, contact.phone, note, call_back.map(|day| day.to_string())])?;
    }
    Ok(completed)
}

/// Sets when to call a Lead back, or that nobody has to any more.
pub fn set_call_back(tx: &Connection, n: i64, day: Option<NaiveDate>) -> Result<()> {
    tx.execute("UPDATE lead SET call_back = ?2 WHERE n = ?1", params![n, day.map(|day| day.to_string())])?;
    Ok(())
}

/// Sets whether a Lead counts, and why.
pub fn set_state(tx: &Connection, n: i64, state: LeadState, why: &str) -> Result<()> {
    tx.prepare_cached("UPDATE lead SET state = ?2, why = ?3 WHERE n = ?1")?.execute(params![n, state.name(), why])?;
    Ok(())
}

/// All Leads with a Redemption, for when the rules of qualification change.
pub fn with_redemptions(tx: &Connection) -> Result<Vec<i64>> {
    let mut statement = tx.prepare("SELECT DISTINCT lead_n FROM redemption")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Redemptions of a Lead that were neither voided nor refunded whole.
pub fn redemptions_standing(tx: &Connection, n: i64) -> Result<u32> {
    let sql = "SELECT count(*) FROM redemption WHERE lead_n = ?1 AND voided_at IS NULL AND (refunded = 0 OR refunded < paid)";
    Ok(tx.prepare_cached(sql)?.query_row([n], |row| row.get(0))?)
}

/// A person decided that another Referrer keeps this Lead.
pub fn give_to(tx: &Connection, n: i64, referrer_n: i64) -> Result<()> {
    tx.execute("UPDATE lead SET referrer_n = ?2 WHERE n = ?1", params![n, referrer_n])?;
    Ok(())
}

/// Which Leads a list shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Show {
    /// All of them.
    All,
    /// Those in this state.
    State(LeadState),
    /// Those who can't be reached.
    MissingContact,
    /// Those whom somebody else claims too.
    Conflict,
    /// Those to be called back.
    CallBack,
}

/// A page of Leads, latest first, from before row `before` on; of one Referrer or of all; whose name or contact contains `search`.
pub fn page(connection: &Connection, show: Show, of: Option<i64>, search: &str, before: Option<i64>, most: u32) -> Result<Vec<Lead>> {
    let sql = format!("{LEAD} WHERE lead.n < ?1 AND {FILTER} ORDER BY lead.n DESC LIMIT ?5");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params![before.unwrap_or(i64::MAX), filter(show), of, pattern(search), most])?;
    let mut page = Vec::new();
    while let Some(row) = found.next()? {
        page.push(read(row)?);
    }
    Ok(page)
}

/// How many Leads such a list of all Referrers has; of one Referrer, `catalogue::leads_of` counts them by their index.
pub fn count(connection: &Connection, show: Show, search: &str) -> Result<u32> {
    let sql = format!("SELECT count(*) FROM lead JOIN referrer ON referrer.n = lead.referrer_n WHERE lead.n < ?1 AND {FILTER}");
    Ok(connection.prepare_cached(&sql)?.query_row(params![i64::MAX, filter(show), None::<i64>, pattern(search)], |row| row.get(0))?)
}

const FILTER: &str = "CASE ?2
      WHEN 'all' THEN 1
      WHEN 'missing_contact' THEN lead.email_key IS NULL AND lead.phone IS NULL
      WHEN 'conflict' THEN EXISTS (SELECT 1 FROM conflict WHERE lead_n = lead.n AND decided_at IS NULL)
      WHEN 'call_back' THEN lead.call_back IS NOT NULL
      ELSE lead.state = ?2 END
    AND (?3 IS NULL OR lead.referrer_n = ?3)
    AND (?4 IS NULL OR lead.name LIKE ?4 ESCAPE '\\' OR lead.email LIKE ?4 ESCAPE '\\' OR lead.phone LIKE ?4 ESCAPE '\\' OR referrer.name LIKE ?4 ESCAPE '\\')";

fn filter(show: Show) -> &'static str {
    match show {
        Show::All => "all",
        Show::State(state) => state.name(),
        Show::MissingContact => "missing_contact",
        Show::Conflict => "conflict",
        Show::CallBack => "call_back",
    }
}

/// A LIKE pattern that contains the text as it is, or nothing to look for.
fn pattern(search: &str) -> Option<String> {
    let search = search.trim();
    (!search.is_empty()).then(|| format!("%{}%", search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")))
}

/// An earlier sale to this contact: at this till, else by the imported list of existing customers.
///
/// An order of nothing is no sale, so that a free trial does not cost somebody their first order.
pub fn bought_before(connection: &Connection, shop: &Shop, contact: &Contact) -> Result<Option<Bought>> {
    if contact.is_empty() {
        return Ok(None);
    }
    let mut days: Vec<String> = Vec::new();
    let mut listed = false;
    // One contact after the other: asked for either at once, SQLite makes a table of its own each time.
    for (column, key) in [("email_key", &contact.email), ("phone_key", &contact.phone)] {
        let Some(key) = key else { continue };
        let hash = customer_hash(shop, key);
        let by_lead = format!(
            "SELECT min(day) FROM lead JOIN redemption ON lead_n = lead.n
             WHERE lead.campaign_n = ?1 AND lead.{column} = ?2 AND voided_at IS NULL AND order_total > 0"
        );
        days.extend(connection.prepare_cached(&by_lead)?.query_row(params![shop.campaign.n, key], |row| row.get::<_, Option<String>>(0))?);
        let by_sale = "SELECT min(day) FROM redemption_contact JOIN redemption ON redemption.n = redemption_n
                       WHERE hash = ?1 AND voided_at IS NULL AND order_total > 0";
        days.extend(connection.prepare_cached(by_sale)?.query_row([&hash], |row| row.get::<_, Option<String>>(0))?);
        listed |= connection.prepare_cached("SELECT 1 FROM known_customer WHERE hash = ?1")?.exists([&hash])?;
    }
    match days.into_iter().min() {
        Some(day) => day.parse().map(|day| Some(Bought::On(day))).map_err(|_| StorageError::Stored { what: "day" }),
        None => Ok(listed.then_some(Bought::Listed)),
    }
}

/// Remembers with which contacts a sale was made that its Lead does not keep, so that they are known as a customer's too.
pub fn know_sale(tx: &Connection, shop: &Shop, lead: &Lead, contact: &Contact, redemption_n: i64) -> Result<()> {
    let Contact { email, phone } = contact;
    let others = [email.as_ref().filter(|_| *email != lead.contact.email), phone.as_ref().filter(|_| *phone != lead.contact.phone)];
    for key in others.into_iter().flatten() {
        tx.prepare_cached("INSERT INTO redemption_contact (hash, redemption_n) VALUES (?1, ?2)")?
            .execute(params![customer_hash(shop, key), redemption_n])?;
    }
    Ok(())
}

/// Remembers an existing customer by one contact. Says whether it is new.
pub fn know_customer(tx: &Connection, shop: &Shop, contact_key: &str) -> Result<bool> {
    let added = tx.prepare_cached("INSERT OR IGNORE INTO known_customer (hash) VALUES (?1)")?.execute([customer_hash(shop, contact_key)])?;
    Ok(added == 1)
}

/// How many contacts of existing customers are known.
pub fn known_customers(connection: &Connection) -> Result<u32> {
    Ok(connection.query_row("SELECT count(*) FROM known_customer", [], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// HMAC-SHA-256 of an e-mail or phone key under the shop's own key: two shops' lists can't be compared, and no list of
/// hashes made elsewhere fits.
fn customer_hash(shop: &Shop, contact_key: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&shop.customer_key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(contact_key.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
