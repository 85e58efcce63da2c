//! Handing a code out: on the screen, on a card or slip, in a message, by word of mouth. Each is on record.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::people::{self, Person};
use super::views::moment;
use super::{Desk, DeskError, Result, asks, shop_of};
pub use crate::domain::handout::How;
use crate::ports::Entropy;
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code};
pub(super) use crate::storage::handouts::NewHandout;
use crate::storage::handouts::{self, Handout};
use crate::storage::{StorageError, audit};

/// Record that this person got their code.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct HandOutAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Who.
    pub referrer_id: String,
    /// How.
    pub how: How,
    /// Where, or where to.
    pub place: Option<String>,
    /// Who handed it out.
    pub by: Option<String>,
}

/// One handing-out of a code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct HandoutView {
    /// Id.
    pub id: String,
    /// The code as it is shown.
    pub code: String,
    /// How.
    pub how: How,
    /// Where, or where to.
    pub place: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// When.
    pub at: String,
    /// The number of the print run whose card it was.
    pub batch: Option<u32>,
}

impl From<&Handout> for HandoutView {
    fn from(handout: &Handout) -> HandoutView {
        let Handout { id, code, how, place, by, at, batch } = handout;
        HandoutView { id: id.to_string(), code: code.clone(), how: *how, place: place.clone(), by: by.clone(), at: moment(*at), batch: *batch }
    }
}

impl Desk {
    /// Records that somebody got their code; one that does not exist yet is generated. Asked twice, it is recorded once.
    pub fn hand_out(&mut self, ask: &HandOutAsk) -> Result<Person> {
        let now = self.now();
        let entropy = self.entropy.as_mut();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let (place, by) = (asks::note(ask.place.as_deref(), "place")?, asks::note(ask.by.as_deref(), "by")?);
            let referrer = people::referrer(tx, &ask.referrer_id)?;
            // What was done stands, also where the code was taken back since.
            match handouts::done_before(tx, op)? {
                Some((_, code_n, how)) if how == ask.how && handouts::receiver(tx, code_n)? == referrer.id => {}
                Some(_) => return Err(DeskError::OperationReused),
                None => {
                    let code = code_to_show(tx, entropy, &shop, referrer.n, now)?;
                    // What happens at the till happens there, unless somebody says where else.
                    let here = (ask.how != How::Message).then_some(shop.till.as_str());
                    let new = NewHandout { op: Some(op), how: ask.how, place: place.as_deref().or(here), by: by.as_deref(), run_n: None };
                    record(tx, &shop, code.n, &new, now)?;
                }
            }
            people::page(tx, &shop, referrer)
        })
    }
}

/// Records a Handout with its audit entry. The same operation again gives the Handout that it made.
pub(super) fn record(tx: &Connection, shop: &Shop, code_n: i64, handout: &NewHandout<'_>, now: DateTime<Utc>) -> Result<Uuid> {
    if let Some(op) = handout.op
        && let Some((id, before, how)) = handouts::done_before(tx, op)?
    {
        return if (before, how) == (code_n, handout.how) { Ok(id) } else { Err(DeskError::OperationReused) };
    }
    let id = handouts::insert(tx, code_n, handout, now)?;
    let referrer = handouts::receiver(tx, code_n)?;
    let detail = json!({ "referrer": referrer.to_string(), "how": handout.how.name(), "batch": handout.run_n });
    audit::append(tx, shop.till_id, now, "handed_out", id, &detail)?;
    Ok(id)
}

/// The code of somebody to whom it must be shown now: the active one, generated where there was none. One that a manager took back
/// is not made up for by itself: somebody must want that.
pub(super) fn code_to_show(tx: &Connection, entropy: &mut dyn Entropy, shop: &Shop, referrer_n: i64, now: DateTime<Utc>) -> Result<Code> {
    let latest = catalogue::latest_code(tx, &shop.campaign, referrer_n)?;
    match latest {
        Some(code) if code.known.revoked => Err(DeskError::CodeRevoked { name: code.referrer.name }),
        Some(code) => Ok(code),
        None => {
            let referrer = catalogue::referrer_n(tx, referrer_n)?.ok_or(DeskError::NotFound("referrer"))?;
            people::generate(tx, shop, &referrer, entropy, now)?;
            Ok(catalogue::active_code(tx, &shop.campaign, referrer_n)?.ok_or(StorageError::Stored { what: "code" })?)
        }
    }
}
