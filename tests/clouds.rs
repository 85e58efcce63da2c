//! A shop connected to the stand-in clouds, through real HTTP.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::{Clock, CloudError, Keyring, Secret, System};
use counterfoil_core::storage::Store;
use counterfoil_core::sync::connect;
use counterfoil_core::sync::http::Http;
use counterfoil_core::sync::round::{self, Progress, Report, Round, RoundError, Wire};
use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY, Started};

use crate::support::Shop;

/// A keyring in memory.
#[derive(Default)]
pub struct Pocket(Mutex<std::collections::BTreeMap<Secret, String>>);

impl Keyring for Pocket {
    fn key(&self, secret: Secret) -> Result<Option<String>, CloudError> {
        Ok(self.0.lock().unwrap().get(&secret).cloned())
    }

    fn keep(&self, secret: Secret, key: &str) -> Result<(), CloudError> {
        self.0.lock().unwrap().insert(secret, key.to_owned());
        Ok(())
    }

    fn forget(&self, secret: Secret) -> Result<(), CloudError> {
        self.0.lock().unwrap().remove(&secret);
        Ok(())
    }
}

/// A clock that goes on from where a test set it.
struct Going {
    from: DateTime<Utc>,
    since: Instant,
}

impl Clock for Going {
    fn now(&self) -> DateTime<Utc> {
        self.from + chrono::Duration::from_std(self.since.elapsed()).unwrap()
    }
}

/// A shop, and the clouds that it is connected to. The till's clock is the real one here, as the clouds' is.
pub struct Connected {
    pub shop: Shop,
    pub clouds: Started,
    pub keys: Pocket,
    /// The port that leads to the clouds.
    pub port: u16,
}

/// The practice clouds, which pass over nothing.
pub fn clouds() -> Started {
    Clouds::start(Options { rates: false, search_lag: Duration::ZERO, ..Options::default() }).unwrap()
}

impl Connected {
    pub fn to_stripe() -> Connected {
        Connected::with(Shop::open(), clouds()).stripe()
    }

    pub fn to_referral_factory() -> Connected {
        let connected = Connected::with(Shop::open(), clouds());
        practice_cloud::invent(connected.clouds.clouds());
        connected.referral_factory()
    }

    pub fn with(shop: Shop, clouds: Started) -> Connected {
        shop.clock.set(&Utc::now().to_rfc3339());
        Connected { shop, port: clouds.port(), clouds, keys: Pocket::default() }
    }

    pub fn stripe(self) -> Connected {
        let began = Instant::now();
        connect::stripe(&mut self.store(), Some(&self.keys), &self.clouds.stripe_url(), STRIPE_TEST_KEY, self.now()).unwrap();
        self.shop.clock.forward(chrono::Duration::from_std(began.elapsed()).unwrap());
        self
    }

    pub fn referral_factory(self) -> Connected {
        let (url, began) = (self.clouds.referral_factory_url(), Instant::now());
        connect::referral_factory(&mut self.store(), Some(&self.keys), &url, REFERRAL_FACTORY_TOKEN, None, self.now()).unwrap();
        self.shop.clock.forward(chrono::Duration::from_std(began.elapsed()).unwrap());
        self
    }

    /// To both clouds.
    pub fn to_both() -> Connected {
        Connected::to_referral_factory().stripe()
    }

    /// Rounds until nothing waits that could go. Between two of them a few minutes pass, here and in the clouds.
    #[track_caller]
    pub fn settle(&self) {
        const ROUNDS_MAX: u32 = 60;
        for _ in 0..ROUNDS_MAX {
            self.sync();
            let to_connected = "destination IN (SELECT name FROM destination WHERE connected_at IS NOT NULL)";
            if self.shop.count(&format!("SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending') AND {to_connected}")) == 0 {
                return;
            }
            self.pass(chrono::Duration::minutes(3));
        }
        panic!("entries still wait after {ROUNDS_MAX} rounds: {:?}", self.shop.desk.sync_view().unwrap());
    }

    /// Time goes by, here and in the clouds.
    pub fn pass(&self, time: chrono::Duration) {
        self.shop.clock.forward(time);
        self.clouds.pass(time.to_std().unwrap());
    }

    /// The campaign at Referral Factory.
    pub fn campaign(&self) -> i64 {
        self.clouds.clouds().referral_factory().campaigns()[0]["id"].as_i64().unwrap()
    }

    /// Whoever has this e-mail address in it.
    #[track_caller]
    pub fn user(&self, email: &str) -> serde_json::Value {
        self.clouds.clouds().referral_factory().user(self.campaign(), email).unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.shop.clock.now()
    }

    pub fn store(&self) -> Store {
        Store::open(self.shop.path(), self.now()).unwrap()
    }

    /// One round to everything that is connected.
    #[track_caller]
    pub fn sync(&self) -> Report {
        self.try_sync(true).unwrap()
    }

    /// A round that nobody asked for: what is due goes, and no more.
    #[track_caller]
    pub fn sync_calmly(&self) -> Report {
        self.try_sync(false).unwrap()
    }

    pub fn try_sync(&self, hurry: bool) -> Result<Report, RoundError> {
        self.round(self.wires(), hurry)
    }

    /// The ways to everything whose key is in the pocket.
    fn wires(&self) -> Vec<Wire> {
        let keys = self.keys.0.lock().unwrap().clone();
        let wire_of = |(secret, key): (Secret, String)| match secret {
            Secret::Key(destination) => Some(wire(destination, &self.url(destination), &key)),
            Secret::MailPassword => None,
        };
        keys.into_iter().filter_map(wire_of).collect()
    }

    /// One round to these addresses with these keys.
    #[track_caller]
    pub fn sync_with(&self, ways: Vec<(Destination, String, String)>) -> Report {
        self.round(ways.iter().map(|(destination, url, key)| wire(*destination, url, key)).collect(), true).unwrap()
    }

    /// A round that somebody stops as soon as this is so.
    #[track_caller]
    pub fn sync_until(&self, stop: impl Fn() -> bool) -> Report {
        self.round_until(self.wires(), true, &mut |_| stop()).unwrap()
    }

    /// A round, and all that it says on the way of how far it is.
    #[track_caller]
    pub fn sync_telling(&self) -> (Report, Vec<Progress>) {
        let mut told = Vec::new();
        let report = self.round_until(self.wires(), true, &mut |progress| {
            told.push(progress);
            false
        });
        (report.unwrap(), told)
    }

    fn round(&self, wires: Vec<Wire>, hurry: bool) -> Result<Report, RoundError> {
        self.round_until(wires, hurry, &mut |_| false)
    }

    fn round_until(&self, wires: Vec<Wire>, hurry: bool, stop: &mut dyn FnMut(Progress) -> bool) -> Result<Report, RoundError> {
        // The till's clock goes on during a round, or what is tried again in a second would never be.
        let clock = Going { from: self.now(), since: Instant::now() };
        let cancelled = AtomicBool::new(false);
        let report = round::run(Round {
            folder: self.shop.path(),
            wires,
            clock: &clock,
            entropy: &mut System,
            pull_every: Duration::from_secs(300),
            hurry,
            cancelled: &cancelled,
            progress: &mut |progress| cancelled.store(stop(progress), Ordering::SeqCst),
        });
        self.shop.clock.forward(clock.now() - self.now());
        report
    }

    fn url(&self, destination: Destination) -> String {
        let url = match destination {
            Destination::Stripe => self.clouds.stripe_url(),
            Destination::ReferralFactory => self.clouds.referral_factory_url(),
        };
        url.replace(&format!(":{}/", self.clouds.port()), &format!(":{}/", self.port))
    }

    /// How many entries of a destination are in a state.
    #[track_caller]
    pub fn entries(&self, destination: Destination, state: &str) -> i64 {
        self.shop.count(&format!("SELECT count(*) FROM outbox WHERE destination = '{}' AND state = '{state}'", destination.name()))
    }
}

pub fn wire(destination: Destination, url: &str, key: &str) -> Wire {
    Wire { destination, http: Http::new(destination, url, key).unwrap() }
}
