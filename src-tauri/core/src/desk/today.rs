//! Today's counterfoils, and the truth about what is not uploaded yet.

use rusqlite::Connection;
use serde::Serialize;

use super::redeem::view;
use super::views::{Amount, Counterfoil, moment};
use super::{Desk, Result, day_in, shop_of};
use crate::storage::{ledger, outbox};

/// The sales recorded today.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Today {
    /// The day in the store, YYYY-MM-DD.
    pub date: String,
    /// Latest first.
    pub counterfoils: Vec<Counterfoil>,
    /// How many stand.
    pub recorded: u32,
    /// What came off them.
    pub given: Amount,
    /// ISO 4217.
    pub currency: String,
    /// What is not uploaded yet.
    pub waiting: Waiting,
}

/// What is not uploaded yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Waiting {
    /// How many Leads and sales.
    pub waiting: u32,
    /// Since when.
    pub since: Option<String>,
    /// How many of them need a person.
    pub needs_a_person: u32,
    /// Whether there is anywhere to upload to.
    pub connected: bool,
}

impl Desk {
    /// The sales of the store's day, with their totals.
    pub fn today(&self) -> Result<Today> {
        let now = self.now();
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let day = day_in(&shop, now);
            let counterfoils: Vec<Counterfoil> = ledger::of_day(connection, day)?.iter().map(|redemption| view(&shop, redemption, now)).collect();
            let standing = counterfoils.iter().filter(|counterfoil| counterfoil.voided_at.is_none());
            Ok(Today {
                date: day.to_string(),
                recorded: u32::try_from(standing.clone().count()).unwrap_or(u32::MAX),
                given: Amount(standing.map(|counterfoil| counterfoil.discount.0).sum()),
                counterfoils,
                currency: shop.campaign.currency.code().to_owned(),
                waiting: waiting(connection)?,
            })
        })
    }
}

/// What is not uploaded yet. No destination can be connected so far.
fn waiting(connection: &Connection) -> Result<Waiting> {
    let (waiting, since, needs_a_person) = outbox::open(connection)?;
    Ok(Waiting { waiting, since: since.map(moment), needs_a_person, connected: false })
}
