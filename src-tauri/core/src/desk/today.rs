//! Today's counterfoils, those of an earlier day, and the truth about what is not uploaded yet.

use rusqlite::Connection;
use serde::Serialize;

use super::redeem::view;
use super::views::{Amount, Counterfoil, moment};
use super::{Desk, Result, asks, day_in, shop_of};
use crate::domain::upload::Destination;
use crate::storage::{conflicts, destinations, ledger, outbox};

/// The sales recorded today, or on an earlier day that was asked for.
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
    /// Some of it goes up in files, which a person uploads.
    pub by_file: bool,
    /// Whether there is anywhere to upload to, over the network or in files.
    pub connected: bool,
}

impl Desk {
    /// The sales of the store's day, with their totals, or of another day, YYYY-MM-DD: who brings something back names the day of the
    /// sale. None is today.
    pub fn sales_of(&self, day: Option<&str>) -> Result<Today> {
        let now = self.now();
        let asked = day.map(asks::day).transpose()?;
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let day = asked.unwrap_or_else(|| day_in(&shop, now));
            let mut counterfoils: Vec<Counterfoil> = Vec::new();
            for redemption in ledger::of_day(connection, day)? {
                counterfoils.push(Counterfoil { uploaded: outbox::everywhere(connection, redemption.lead_id)?, ..view(&shop, &redemption, now) });
            }
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

/// What is not uploaded yet, to those destinations that are connected or get files; while there is none, what would be.
fn waiting(connection: &Connection) -> Result<Waiting> {
    let mut used = Vec::new();
    for destination in Destination::ALL {
        if let Some(standing) = destinations::standing(connection, destination)?
            && (standing.connected.is_some() || standing.by_file())
        {
            used.push((destination, standing.by_file()));
        }
    }
    let connected = !used.is_empty();
    let looked_at = if connected { used } else { Destination::ALL.map(|destination| (destination, false)).to_vec() };
    let (mut waiting, mut by_file, mut needs_a_person, mut since) = (0, false, conflicts::count(connection)?, None);
    for (destination, files) in looked_at {
        let counts = outbox::open_counts(connection, destination)?;
        // One sale is one thing to upload, however many places it goes to.
        waiting = waiting.max(counts.open());
        by_file |= files && counts.open() > 0;
        needs_a_person += counts.needs_a_person;
        since = [since, outbox::waiting_since(connection, destination)?].into_iter().flatten().min();
    }
    Ok(Waiting { waiting, since: since.map(moment), needs_a_person, by_file, connected })
}
