//! Questions to the outside, in our own words: what time it is, what nobody can guess, where keys lie, why a destination is out of reach,
//! why a slip is not on paper, what became of a letter.

use std::io;

use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

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

/// What the keyring keeps for a shop.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Secret {
    /// A destination's key.
    Key(Destination),
    /// The password of the shop's mail server.
    MailPassword,
}

impl From<Destination> for Secret {
    fn from(destination: Destination) -> Secret {
        Secret::Key(destination)
    }
}

/// Where secrets lie: the operating system's keyring, never a file of ours.
pub trait Keyring: Send + Sync {
    /// A secret, if it is kept.
    fn key(&self, secret: Secret) -> Result<Option<String>, CloudError>;
    /// Keeps a secret.
    fn keep(&self, secret: Secret, text: &str) -> Result<(), CloudError>;
    /// Forgets a secret, if it is kept.
    fn forget(&self, secret: Secret) -> Result<(), CloudError>;
}

/// An e-mail to one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// The same at every try, so that whoever gets it twice can see that it is one.
    pub id: Uuid,
    /// Whose.
    pub to_name: String,
    /// Where to.
    pub to_address: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// A PDF with it.
    pub pdf: Option<Pdf>,
}

/// A PDF that goes with a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pdf {
    /// Its file's name.
    pub name: String,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// What became of a letter that was handed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Posted {
    /// The server took it.
    Sent,
    /// The server surely did not take it.
    NotSent {
        /// Why.
        why: NotSent,
        /// In the server's own words.
        said: String,
    },
    /// It was given over whole, and the server never said whether it took it.
    Unknown,
}

/// Why a server did not take one letter. It may take the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotSent {
    /// It knows no such address.
    Address,
    /// Not now, but perhaps later.
    Later,
    /// It wants no such letter.
    Letter,
}

/// Why no letter goes out at all. The one that was tried was surely not sent.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PostError {
    /// No mail server is set up.
    #[error("no mail server")]
    NotSetUp,
    /// The people of a practice shop are made up, and so is their mail.
    #[error("practice sends nothing")]
    Practice,
    /// Its password is not known.
    #[error("no password")]
    NoPassword,
    /// It does not answer, or stopped answering before anything was given over.
    #[error("{host} does not answer: {cause}")]
    Unreachable {
        /// Which.
        host: String,
        /// Why, for support.
        cause: String,
    },
    /// It refuses name or password.
    #[error("login refused: {0}")]
    Login(String),
    /// It offers no way that is closed to others.
    #[error("{0} offers no encryption")]
    InTheOpen(String),
    /// It can't prove who it is.
    #[error("{host}: {cause}")]
    Certificate {
        /// Which.
        host: String,
        /// Why, for support.
        cause: String,
    },
    /// It does not let us write as this sender.
    #[error("sender refused: {0}")]
    Sender(String),
}

/// Hands letters in, one after the other.
pub trait Post {
    /// Hands one in, and waits for the answer.
    fn send(&mut self, letter: &Letter) -> Result<Posted, PostError>;
}

/// Why a slip is not on paper, or not all of it. Nothing that was recorded is touched by it.
#[derive(Debug, Error)]
pub enum PrinterError {
    /// Nothing answers there: off, unplugged, or at another address.
    #[error("nothing answers")]
    Off(#[source] io::Error),
    /// It is there and lets nobody in: it prints for somebody else, or this user may not use it.
    #[error("refused")]
    Refused(#[source] io::Error),
    /// It said that it has no paper.
    #[error("no paper")]
    NoPaper {
        /// The slip was already on its way.
        begun: bool,
    },
    /// It said that its cover is open, or that something else keeps it.
    #[error("not ready")]
    NotReady,
    /// It went away, or stopped taking anything, in the middle of the slip.
    #[error("went away in the middle")]
    Gone(#[source] io::Error),
}

impl PrinterError {
    /// Whether some of the slip may be on paper.
    #[must_use]
    pub fn begun(&self) -> bool {
        matches!(self, PrinterError::Gone(_) | PrinterError::NoPaper { begun: true })
    }

    /// A stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            PrinterError::Off(_) => "off",
            PrinterError::Refused(_) => "refused",
            PrinterError::NoPaper { .. } => "no_paper",
            PrinterError::NotReady => "not_ready",
            PrinterError::Gone(_) => "gone",
        }
    }
}

/// A printer for slips.
pub trait Printer {
    /// Writes these bytes, within a bounded time, and says what became of them as far as the printer tells.
    fn print(&mut self, bytes: &[u8]) -> Result<(), PrinterError>;
}
