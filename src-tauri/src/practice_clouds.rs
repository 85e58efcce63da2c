//! Practice has its own clouds: stand-ins inside this program that forget everything when it ends.

use std::path::{Path, PathBuf};

use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::{Clock as _, CloudError, Keyring, Secret, System};
use counterfoil_core::settings::Settings;
use counterfoil_core::storage::{Store, destinations};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::round::RoundError;
use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY, Started};

use crate::syncing::Place;

/// The practice shop's folder, and the stand-ins that it is connected to. Where they can't be started practice goes on, connected to
/// nothing.
pub struct PracticeClouds {
    folder: PathBuf,
    clouds: Option<Started>,
}

impl PracticeClouds {
    /// Starts the stand-ins and connects the practice shop in this folder.
    pub fn open(folder: PathBuf) -> PracticeClouds {
        let clouds = start().and_then(|clouds| match connect(&folder, &clouds) {
            Ok(()) => Some(clouds),
            Err(error) => {
                eprintln!("counterfoil: practice goes on without its clouds: {error}");
                None
            }
        });
        PracticeClouds { folder, clouds }
    }

    /// The practice shop's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the sync finds the practice shop: its folder, with the addresses and keys of its own clouds.
    pub fn place(&self) -> Result<Place, CloudError> {
        let mut settings = Settings::read(&self.folder)?;
        if let Some(clouds) = &self.clouds {
            settings.set_url(Destination::Stripe, clouds.stripe_url());
            settings.set_url(Destination::ReferralFactory, clouds.referral_factory_url());
        }
        Ok(Place { folder: self.folder.clone(), keyring: Box::new(PracticeKeys { known: self.clouds.is_some() }), settings })
    }
}

fn start() -> Option<Started> {
    let clouds = Clouds::new(Options { strict: false, ..Options::default() });
    practice_cloud::invent(&clouds);
    clouds.referral_factory().take_every_domain();
    Some(clouds.start_on(0).ok()?.forgiving())
}

fn connect(folder: &Path, clouds: &Started) -> Result<(), RoundError> {
    let now = System.now();
    let mut store = Store::open(folder, now)?;
    store.write::<_, RoundError>(|tx| Ok(Destination::ALL.into_iter().try_for_each(|destination| destinations::forget(tx, destination, now))?))?;
    connect::stripe(&mut store, None, &clouds.stripe_url(), STRIPE_TEST_KEY, now)?;
    connect::send_codes(&mut store, true, now)?;
    connect::referral_factory(&mut store, None, &clouds.referral_factory_url(), REFERRAL_FACTORY_TOKEN, None, now)
}

/// The keys that the stand-ins know; none where they don't stand, since nobody else may be shown them. No real key is asked for in
/// practice, and none is kept.
struct PracticeKeys {
    known: bool,
}

impl Keyring for PracticeKeys {
    fn key(&self, secret: Secret) -> Result<Option<String>, CloudError> {
        Ok(match secret {
            Secret::Key(Destination::Stripe) => self.known.then(|| STRIPE_TEST_KEY.to_owned()),
            Secret::Key(Destination::ReferralFactory) => self.known.then(|| REFERRAL_FACTORY_TOKEN.to_owned()),
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
