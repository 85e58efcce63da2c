//! Where keys come from: the environment or a systemd credential, for a machine without a keyring; else the operating system's keyring.

use crate::domain::upload::Destination;
use crate::ports::{CloudError, Keyring, Secret};

/// The keyring of the operating system, behind what was given to this run alone. Each shop has entries of its own.
pub struct SystemKeyring {
    shop: String,
}

impl SystemKeyring {
    /// The entries of the shop with this till.
    #[must_use]
    pub fn of_till(till: &str) -> SystemKeyring {
        SystemKeyring { shop: till.to_owned() }
    }

    /// Whether this computer has a keyring.
    #[must_use]
    pub fn there() -> bool {
        keyring::Entry::store_status().is_ok()
    }

    fn entry(&self, secret: Secret) -> Result<keyring::Entry, CloudError> {
        let name = match secret {
            Secret::Key(destination) => destination.name(),
            Secret::MailPassword => "mail",
        };
        keyring::Entry::new("Counterfoil", &format!("{name} {}", self.shop)).map_err(none)
    }
}

fn none(error: keyring::Error) -> CloudError {
    CloudError::NoKeyring(error.to_string())
}

impl Keyring for SystemKeyring {
    fn key(&self, secret: Secret) -> Result<Option<String>, CloudError> {
        let given = match secret {
            Secret::Key(destination) => given(destination),
            Secret::MailPassword => std::env::var(MAIL_PASSWORD).ok().filter(|password| !password.is_empty()),
        };
        if given.is_some() {
            return Ok(given);
        }
        match self.entry(secret)?.get_password() {
            Ok(key) => Ok(Some(key)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(none(error)),
        }
    }

    fn keep(&self, secret: Secret, text: &str) -> Result<(), CloudError> {
        self.entry(secret)?.set_password(text).map_err(none)
    }

    fn forget(&self, secret: Secret) -> Result<(), CloudError> {
        match self.entry(secret)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(none(error)),
        }
    }
}

/// The variable of the environment that holds a destination's key.
#[must_use]
pub fn variable(destination: Destination) -> &'static str {
    match destination {
        Destination::Stripe => "COUNTERFOIL_STRIPE_KEY",
        Destination::ReferralFactory => "COUNTERFOIL_REFERRAL_FACTORY_TOKEN",
    }
}

/// The key that was given to this run alone: by the environment, or as the systemd credential `counterfoil-stripe-key` or
/// `counterfoil-referral-factory-token`. It is never kept.
#[must_use]
pub fn given(destination: Destination) -> Option<String> {
    let variable = variable(destination);
    let from_credential = || {
        let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
        std::fs::read_to_string(std::path::Path::new(&folder).join(variable.to_lowercase().replace('_', "-"))).ok()
    };
    std::env::var(variable).ok().or_else(from_credential).map(|key| key.trim().to_owned()).filter(|key| !key.is_empty())
}

/// A destination's key; without one nothing can be asked of it.
pub fn find(keyring: &dyn Keyring, destination: Destination) -> Result<String, CloudError> {
    keyring.key(destination.into())?.ok_or(CloudError::NoKey(destination))
}

/// The variable of the environment that holds the mail server's password.
pub const MAIL_PASSWORD: &str = "COUNTERFOIL_MAIL_PASSWORD";
