//! Keeping the records: what there is, whether it is sound, copies of it and the way back.

use std::path::{Path, PathBuf};

use chrono::Utc;
use serde::Serialize;

use super::views::moment;
use super::{Desk, Result, shop_of};
use crate::domain::upload::Destination;
use crate::storage::{StorageError, backup, catalogue, leads, ledger, outbox, verify};

/// How much there is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Status {
    /// People who recommend.
    pub referrers: u32,
    /// Active codes.
    pub codes: u32,
    /// People who were recommended.
    pub leads: u32,
    /// Sales with a code, voided ones included.
    pub redemptions: u32,
    /// E-mails and phones of existing customers that are known as hashes.
    pub known_customers: u32,
    /// What is uploaded and what is not.
    pub outbox: OutboxStatus,
}

/// What is uploaded and what is not, by destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct OutboxStatus {
    /// To Stripe.
    pub stripe: Counts,
    /// To Referral Factory.
    pub referral_factory: Counts,
}

/// Entries of the Outbox by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Counts {
    /// To be sent.
    pub waiting: u32,
    /// Confirmed.
    pub uploaded: u32,
    /// Something is missing first.
    pub parked: u32,
    /// The destination knows something else.
    pub conflict: u32,
    /// Refused for good.
    pub needs_a_person: u32,
}

impl From<outbox::Counts> for Counts {
    fn from(counts: outbox::Counts) -> Counts {
        let outbox::Counts { waiting, uploaded, parked, conflict, needs_a_person, set_aside: _ } = counts;
        Counts { waiting, uploaded, parked, conflict, needs_a_person }
    }
}

/// Whether the records are sound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Verified {
    /// Nothing is wrong.
    pub ok: bool,
    /// What is wrong, for support.
    pub problems: Vec<String>,
}

/// A copy of the database.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct BackupView {
    /// Where it lies.
    pub file: String,
    /// When it was made.
    pub at: String,
    /// Its size.
    #[cfg_attr(feature = "typescript", specta(type = specta_typescript::Number))]
    pub bytes: u64,
}

impl Desk {
    /// How much there is.
    pub fn status(&self) -> Result<Status> {
        self.store.read(|connection| {
            let (referrers, codes) = catalogue::totals(connection, &shop_of(connection)?.campaign)?;
            let counts = |destination| outbox::counts(connection, destination).map(Counts::from);
            Ok(Status {
                referrers,
                codes,
                leads: leads::count(connection, leads::Show::All, "")?,
                redemptions: ledger::count(connection)?,
                known_customers: leads::known_customers(connection)?,
                outbox: OutboxStatus { stripe: counts(Destination::Stripe)?, referral_factory: counts(Destination::ReferralFactory)? },
            })
        })
    }

    /// Checks everything that the records promise.
    pub fn verify(&self) -> Result<Verified> {
        let problems = self.store.read(verify::problems)?;
        Ok(Verified { ok: problems.is_empty(), problems })
    }

    /// Makes a copy now.
    pub fn back_up(&self) -> Result<PathBuf> {
        Ok(backup::copy(self.store.reader(), self.store.path(), self.now(), "asked")?)
    }

    /// Makes today's copy, unless there is one.
    pub fn back_up_daily(&self) -> Result<Option<PathBuf>> {
        Ok(backup::daily(&self.store, self.now())?)
    }
}

/// The copies in a data folder, newest first. Needs no database that opens.
pub fn backups(folder: &Path) -> Result<Vec<BackupView>> {
    let copies = backup::list(&folder.join(crate::storage::store::FILE))?;
    Ok(copies.into_iter().map(|copy| BackupView { file: copy.path.display().to_string(), at: moment(copy.at), bytes: copy.bytes }).collect())
}

/// The newest copy in a data folder.
pub fn newest(folder: &Path) -> Result<PathBuf> {
    let database = folder.join(crate::storage::store::FILE);
    let newest = backup::list(&database)?.into_iter().next();
    Ok(newest.map(|copy| copy.path).ok_or_else(|| StorageError::Missing(database.with_file_name(backup::FOLDER)))?)
}

/// Puts a copy in the database's place; what was there is kept, and where is returned. Needs no database that opens.
pub fn restore(folder: &Path, copy: &Path) -> Result<Option<PathBuf>> {
    Ok(backup::restore(folder, copy, Utc::now())?)
}
