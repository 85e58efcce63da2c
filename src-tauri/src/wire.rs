//! What only the window asks and answers, beside the desk's own words.

use std::path::Path;

use counterfoil_core::desk::fault::{DeskError, Fault};
use counterfoil_core::desk::mailings::MailServerView;
use counterfoil_core::desk::messages::CustomerPage;
use counterfoil_core::desk::records::{self, BackupView};
use counterfoil_core::desk::shop::{Guess, ShopView};
use counterfoil_core::desk::uploads::SyncView;
use counterfoil_core::sentences::Language;
use serde::Serialize;

/// What stands behind the window when it opens.
#[derive(Debug, Serialize, specta::Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Opening {
    /// A shop.
    Ready {
        /// Which.
        shop: Box<OpenShop>,
    },
    /// Nothing yet.
    FirstRun {
        /// What the page starts with.
        guess: FirstGuess,
    },
    /// A database that can't be used as it is.
    Trouble {
        /// Why.
        fault: Fault,
        /// The copies that can take its place, newest first.
        backups: Vec<BackupView>,
    },
}

/// The shop that the window shows.
#[derive(Debug, Serialize, specta::Type)]
pub struct OpenShop {
    /// The shop.
    #[serde(flatten)]
    pub shop: ShopView,
    /// A practice shop with made-up people.
    pub practice: bool,
    /// Of this program.
    pub version: String,
}

/// What the first page starts with.
#[derive(Debug, Serialize, specta::Type)]
pub struct FirstGuess {
    /// From the computer's time zone.
    #[serde(flatten)]
    pub guess: Guess,
    /// Of the desktop, as far as it is one of ours.
    pub language: String,
}

impl Opening {
    /// What to show where no shop opens.
    #[must_use]
    pub fn not_ready(error: &DeskError, folder: &Path, language: Language) -> Opening {
        match error {
            DeskError::NotSetUp => {
                Opening::FirstRun { guess: FirstGuess { guess: counterfoil_core::desk::Desk::guess(), language: language.tag().to_owned() } }
            }
            // Copies that can't be listed can't be offered either.
            other => Opening::Trouble { fault: other.fault(language), backups: records::backups(folder).unwrap_or_default() },
        }
    }
}

/// The Sync screen.
#[derive(Debug, Serialize, specta::Type)]
pub struct SyncScreen {
    /// How uploading stands.
    pub view: SyncView,
    /// Since when a round is under way.
    pub running_since: Option<String>,
    /// Entries settled in it.
    pub done: u32,
    /// Of so many.
    pub total: Option<u32>,
    /// This computer has a keyring that can be used.
    pub keyring: bool,
    /// Stripe's page for a new key, with everything that it needs filled in.
    pub stripe_key_page: String,
}

/// A code that is shown to somebody.
#[derive(Debug, Serialize, specta::Type)]
pub struct Shown {
    /// What they see.
    pub page: CustomerPage,
    /// On a screen of their own; else the window itself must show it.
    pub second_screen: bool,
}

/// The shop's mail server.
#[derive(Debug, Serialize, specta::Type)]
pub struct MailSettings {
    /// None while none is set up.
    pub server: Option<MailServerView>,
    /// Its password lies in the keyring.
    pub password_kept: bool,
    /// This computer has a keyring that can be used.
    pub keyring: bool,
}
