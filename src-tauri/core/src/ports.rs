//! Questions to the outside, in our own words: what time it is, what nobody can guess, where keys lie, why a destination is out of reach.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::domain::upload::Destination;

/// What time it is.
pub trait Clock: Send {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// Bytes that nobody can guess.
pub trait Entropy: Send {
    /// Fills the whole slice, or fails and leaves nothing that may be used.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), getrandom::Error>;
}

/// The operating system's clock and random number generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

impl Entropy for System {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), getrandom::Error> {
        getrandom::fill(bytes)
    }
}

/// Why something with a destination was not done. Nothing that was recorded is touched by it.
#[derive(Debug, Error)]
pub enum CloudError {
    /// Not a key of this destination.
    #[error("not a key of {0:?}")]
    NotAKey(Destination),
    /// The destination does not know the key.
    #[error("{0:?} refused the key")]
    KeyRefused(Destination),
    /// The key may not do everything that it must.
    #[error("{destination:?}: the key lacks {permissions}")]
    Permission {
        /// Which.
        destination: Destination,
        /// What it lacks, by the destination's own names.
        permissions: String,
    },
    /// The shop is connected as another account, and the two must not be mixed.
    #[error("{0:?} is connected as another account")]
    OtherAccount(Destination),
    /// No campaign was chosen, or there is none like that.
    #[error("no such campaign")]
    NoCampaign,
    /// This computer has no keyring, or it is locked.
    #[error("no keyring: {0}")]
    NoKeyring(String),
    /// No key is known.
    #[error("no key for {0:?}")]
    NoKey(Destination),
    /// Nothing answers.
    #[error("{destination:?} does not answer: {cause}")]
    Unreachable {
        /// Which.
        destination: Destination,
        /// Why, for support.
        cause: String,
    },
    /// Keys go to https addresses and to this computer alone.
    #[error("{0} is neither https nor this computer")]
    Insecure(String),
    /// The settings can't be read.
    #[error("settings: {0}")]
    Settings(String),
    /// Another program syncs this shop now.
    #[error("another program syncs already")]
    Running,
    /// Not connected.
    #[error("{0:?} is not connected")]
    NotConnected(Destination),
}

/// Where keys lie: the operating system's keyring, never a file of ours.
pub trait Keyring: Send + Sync {
    /// The key of a destination, if one is kept.
    fn key(&self, destination: Destination) -> Result<Option<String>, CloudError>;
    /// Keeps a key.
    fn keep(&self, destination: Destination, key: &str) -> Result<(), CloudError>;
    /// Forgets a key, if one is kept.
    fn forget(&self, destination: Destination) -> Result<(), CloudError>;
}
