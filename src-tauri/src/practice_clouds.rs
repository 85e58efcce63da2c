//! Practice has its own clouds: stand-ins inside this program that forget everything when it ends.

use std::path::Path;

use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::{Clock as _, CloudError, Keyring, Secret, System};
use counterfoil_core::settings::Settings;
use counterfoil_core::storage::{Store, destinations};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::round::RoundError;
use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY, Started};

/// The stand-ins that practice is connected to.
pub struct PracticeClouds(Started);

impl PracticeClouds {
    /// Starts the stand-ins and connects the practice shop in this folder. Without them practice goes on, connected to nothing.
    pub fn open(folder: &Path) -> Option<PracticeClouds> {
        let clouds = Clouds::new(Options { strict: false, ..Options::default() });
        practice_cloud::invent(&clouds);
        clouds.referral_factory().take_every_domain();
        let clouds = PracticeClouds(clouds.start_on(0).ok()?.forgiving());
        match clouds.connect(folder) {
            Ok(()) => Some(clouds),
            Err(error) => {
                eprintln!("counterfoil: practice goes on without its clouds: {error}");
                None
            }
        }
    }

    fn connect(&self, folder: &Path) -> Result<(), RoundError> {
        let now = System.now();
        let mut store = Store::open(folder, now)?;
        store.write::<_, RoundError>(|tx| {
            Ok(Destination::ALL.into_iter().try_for_each(|destination| destinations::forget(tx, destination, now))?)
        })?;
        connect::stripe(&mut store, None, &self.0.stripe_url(), STRIPE_TEST_KEY, now)?;
        connect::send_codes(&mut store, true, now)?;
        connect::referral_factory(&mut store, None, &self.0.referral_factory_url(), REFERRAL_FACTORY_TOKEN, None, now)
    }

    /// Points the settings to the stand-ins; gives the keys that they know.
    pub fn place(&self, settings: &mut Settings) -> Box<dyn Keyring> {
        settings.set_url(Destination::Stripe, self.0.stripe_url());
        settings.set_url(Destination::ReferralFactory, self.0.referral_factory_url());
        Box::new(PracticeKeys)
    }
}

/// The keys that the stand-ins know. No real key is asked for in practice, and none is kept.
struct PracticeKeys;

impl Keyring for PracticeKeys {
    fn key(&self, secret: Secret) -> Result<Option<String>, CloudError> {
        Ok(match secret {
            Secret::Key(Destination::Stripe) => Some(STRIPE_TEST_KEY.to_owned()),
            Secret::Key(Destination::ReferralFactory) => Some(REFERRAL_FACTORY_TOKEN.to_owned()),
            // No real letter leaves practice.
            Secret::MailPassword => None,
        })
    }

    fn keep(&self, _: Secret, _: &str) -> Result<(), CloudError> {
        Ok(())
    }

    fn forget(&self, _: Secret) -> Result<(), CloudError> {
        Ok(())
    }
}
