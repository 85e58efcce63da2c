//! Settings of this installation: the defaults in `assets/defaults.toml`, what the shop's `settings.toml` says instead, and the addresses
//! that one run names.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::upload::Destination;
use crate::ports::CloudError;

/// The file in a data folder that changes settings.
pub const FILE: &str = "settings.toml";
const DEFAULTS: &str = include_str!("../../../assets/defaults.toml");

/// All settings. `assets/defaults.toml` explains each.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How often the clouds are asked.
    pub sync: SyncSettings,
    /// Stripe.
    pub stripe: AddressSettings,
    /// Referral Factory.
    pub referral_factory: AddressSettings,
}

/// See the defaults.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncSettings {
    /// See the defaults.
    pub minutes: u32,
}

/// See the defaults.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressSettings {
    /// See the defaults.
    pub url: String,
}

/// Other addresses than the settings name, for this run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct Urls {
    /// Stripe's address for this run: https, or this computer; it may carry a path
    #[cfg_attr(feature = "clap", arg(long, global = true, value_name = "URL", env = "COUNTERFOIL_STRIPE_URL", hide_env_values = true))]
    pub stripe_url: Option<String>,
    /// Referral Factory's address for this run
    #[cfg_attr(feature = "clap", arg(long, global = true, value_name = "URL", env = "COUNTERFOIL_REFERRAL_FACTORY_URL", hide_env_values = true))]
    pub referral_factory_url: Option<String>,
}

impl Settings {
    /// The settings of the shop in this folder, with the addresses that this run names.
    pub fn of_run(folder: &Path, urls: &Urls) -> Result<Settings, CloudError> {
        let mut settings = Settings::read(folder)?;
        let Urls { stripe_url, referral_factory_url } = urls;
        for (destination, url) in [(Destination::Stripe, stripe_url), (Destination::ReferralFactory, referral_factory_url)] {
            if let Some(url) = url {
                settings.set_url(destination, url.clone());
            }
        }
        Ok(settings)
    }

    /// The settings of the shop in this folder.
    pub fn read(folder: &Path) -> Result<Settings, CloudError> {
        match std::fs::read_to_string(folder.join(FILE)) {
            Ok(text) => Settings::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Settings::parse(""),
            Err(error) => Err(CloudError::Settings(error.to_string())),
        }
    }

    fn parse(text: &str) -> Result<Settings, CloudError> {
        let wrong = |error: toml::de::Error| CloudError::Settings(error.message().to_owned());
        let mut settings: toml::Table = toml::from_str(DEFAULTS).map_err(wrong)?;
        let changes: toml::Table = toml::from_str(text).map_err(wrong)?;
        for (part, values) in changes {
            match (settings.get_mut(&part), values) {
                (Some(toml::Value::Table(known)), toml::Value::Table(values)) => known.extend(values),
                (_, values) => drop(settings.insert(part, values)),
            }
        }
        settings.try_into().map_err(wrong)
    }

    /// The address of a destination.
    #[must_use]
    pub fn url(&self, destination: Destination) -> &str {
        match destination {
            Destination::Stripe => &self.stripe.url,
            Destination::ReferralFactory => &self.referral_factory.url,
        }
    }

    /// Another address for a destination, for this run.
    pub fn set_url(&mut self, destination: Destination, url: String) {
        match destination {
            Destination::Stripe => self.stripe.url = url,
            Destination::ReferralFactory => self.referral_factory.url = url,
        }
    }

    /// How long between two looks at the clouds.
    #[must_use]
    pub fn every(&self) -> Duration {
        Duration::from_secs(u64::from(self.sync.minutes.max(1)) * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_shop_does_not_say_stays_as_it_is() {
        let settings = Settings::parse("[stripe]\nurl = \"http://127.0.0.1:4242/stripe\"").unwrap();
        assert_eq!(settings.url(Destination::Stripe), "http://127.0.0.1:4242/stripe");
        assert_eq!(settings.url(Destination::ReferralFactory), "https://api.referral-factory.com/api/v2");
        assert_eq!(settings.every(), Duration::from_secs(300));
    }

    #[test]
    fn a_misspelt_setting_is_said_and_not_ignored() {
        for text in ["[stripe]\nurll = \"x\"", "[strip]\nurl = \"x\"", "minutes = 3", "[sync]\nminutes = -1", "not toml"] {
            assert!(matches!(Settings::parse(text), Err(CloudError::Settings(_))), "{text}");
        }
    }
}
