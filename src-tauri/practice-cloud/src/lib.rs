//! Stripe and Referral Factory on this machine, in memory: for practice without an account, and for tests.
//!
//! Both clouds speak HTTP under one address, `/stripe/v1/…` and `/referral-factory/api/v2/…`, and are stricter than the real
//! ones: what a caller should never send is refused and remembered as a violation. What happens without a call (a shopper pays
//! at a checkout, somebody makes a new token, a month passes, the network fails) is done by hand, through [`Clouds`], or with
//! JSON at `/practice/…` from another process: `POST /practice/checkout`, `/practice/pass`, `/practice/strike` and so on.
//!
//! ```no_run
//! # use practice_cloud::{CheckoutAsk, Clouds, Options};
//! let clouds = Clouds::start(Options::default()).expect("a free port");
//! println!("{} {}", clouds.stripe_url(), clouds.referral_factory_url());
//! clouds.stripe().checkout(&CheckoutAsk::new("ann@shop.com", 2500).code("K7MQ-4RTX")).expect("the code is known there");
//! ```

mod by_hand;
mod chance;
mod clock;
mod contract;
mod door;
mod faults;
mod form;
mod invent;
mod panel;
mod rates;
mod referral_factory;
mod started;
mod stripe;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use by_hand::{ReferralFactoryByHand, StripeByHand};
pub use clock::Now;
pub use faults::{Aim, Fault, FaultPlan};
pub use invent::{PRACTICE_CAMPAIGN, invent};
pub use referral_factory::factory::CampaignStatus;
pub use started::Started;
pub use stripe::checkout::CheckoutAsk;
pub use stripe::door::Access;
pub use stripe::{EVENT_VERSION, PERMISSIONS, VERSION};

use chance::Chance;
use clock::Clock;
use faults::Faults;
use referral_factory::door::ReferralFactory;
use stripe::door::Stripe;

/// The restricted test key that the stand-in knows from the start; it may do what Counterfoil needs and no more.
pub const STRIPE_TEST_KEY: &str = "rk_test_practice4Counterfoil";
/// The same for the account's live side.
pub const STRIPE_LIVE_KEY: &str = "rk_live_practice4Counterfoil";
/// The token that Referral Factory knows from the start.
pub const REFERRAL_FACTORY_TOKEN: &str = "practice-token";

/// The log of calls forgets the oldest ones beyond this, so that a long practice session does not fill the memory.
const CALLS_KEPT_MAX: usize = 200_000;

/// How the stand-ins behave.
#[derive(Clone)]
pub struct Options {
    /// How long every answer takes at least.
    pub delay: Duration,
    /// Whether too many calls are refused with 429. They are counted anyhow. With a clock that stands still, nothing is
    /// allowed again until the clock is pushed.
    pub rates: bool,
    /// Whether what the real clouds might let pass is refused too. With the crate's feature `strict`, Stripe's own
    /// description judges every request and every answer.
    pub strict: bool,
    /// Where ids and codes start.
    pub seed: u64,
    /// A path before everything, like `/some/box`: base addresses may carry one.
    pub prefix: String,
    /// How far Stripe's customer search lags behind.
    pub search_lag: Duration,
    /// The clouds' clock in milliseconds since 1970; the operating system's when absent.
    pub now: Option<Now>,
}

impl Default for Options {
    fn default() -> Options {
        Options { delay: Duration::ZERO, rates: true, strict: true, seed: 1, prefix: String::new(), search_lag: Duration::from_secs(60), now: None }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { delay, rates, strict, seed, prefix, search_lag, now } = self;
        f.debug_struct("Options")
            .field("delay", delay)
            .field("rates", rates)
            .field("strict", strict)
            .field("seed", seed)
            .field("prefix", prefix)
            .field("search_lag", search_lag)
            .field("now", &now.is_some())
            .finish()
    }
}

/// One of the two clouds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cloud {
    /// `/stripe/…`
    Stripe,
    /// `/referral-factory/api/v2/…`
    ReferralFactory,
}

impl Cloud {
    /// Its name in the panel and in what it shows.
    pub fn name(self) -> &'static str {
        match self {
            Cloud::Stripe => "stripe",
            Cloud::ReferralFactory => "referral_factory",
        }
    }
}

/// One call that arrived, and what became of it. Never holds a key or token.
#[derive(Clone, Debug)]
pub struct Call {
    /// When, in milliseconds on the clouds' clock.
    pub at_millis: i64,
    /// Where.
    pub cloud: Cloud,
    /// `GET`, `POST`, …
    pub method: String,
    /// The cloud's own path, `/v1/customers`.
    pub path: String,
    /// What stood behind the question mark, as sent.
    pub query: String,
    /// The body, as sent.
    pub body: String,
    /// The idempotency key, if there was one.
    pub idempotency_key: Option<String>,
    /// The status that was answered; none where the connection closed instead.
    pub status: Option<u16>,
    /// The answer came from under the idempotency key.
    pub replayed: bool,
    /// What struck it.
    pub fault: Option<Fault>,
}

/// Both clouds. Cheap to clone; every clone is the same clouds.
#[derive(Clone)]
pub struct Clouds(Arc<Inner>);

struct Inner {
    options: Options,
    clock: Clock,
    state: Mutex<State>,
}

/// The truth of both clouds.
pub(crate) struct State {
    pub(crate) stripe: Stripe,
    pub(crate) referral_factory: ReferralFactory,
    pub(crate) chance: Chance,
    pub(crate) faults: Faults,
    calls: VecDeque<Call>,
    violations: Vec<String>,
}

impl State {
    pub(crate) fn note(&mut self, call: Call) {
        if self.calls.len() == CALLS_KEPT_MAX {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    pub(crate) fn violate(&mut self, violations: Vec<String>) {
        self.violations.extend(violations);
    }
}

impl Clouds {
    /// Clouds that hold nothing but the known keys.
    pub fn new(options: Options) -> Clouds {
        let clock = Clock::new(options.now.clone());
        let lag = i64::try_from(options.search_lag.as_millis()).unwrap_or(i64::MAX);
        let mut stripe = Stripe::new(lag);
        for key in [STRIPE_TEST_KEY, STRIPE_LIVE_KEY] {
            stripe.keys.insert(key.to_owned(), Access::counterfoil());
        }
        let state = State {
            stripe,
            referral_factory: ReferralFactory::new(REFERRAL_FACTORY_TOKEN),
            chance: Chance::new(options.seed),
            faults: Faults::default(),
            calls: VecDeque::new(),
            violations: Vec::new(),
        };
        Clouds(Arc::new(Inner { options, clock, state: Mutex::new(state) }))
    }

    /// Answers on this listener until the runtime ends.
    ///
    /// # Errors
    /// When the listener can't be used any more.
    pub async fn serve(self, listener: tokio::net::TcpListener) -> io::Result<()> {
        door::serve(self, listener).await
    }

    /// Starts on a free port of this machine, on a thread of its own, until dropped.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub fn start(options: Options) -> io::Result<Started> {
        Started::begin(Clouds::new(options), 0)
    }

    /// Starts these clouds on a port of this machine (0 for a free one), on a thread of its own, until dropped.
    ///
    /// # Errors
    /// When the port is taken or there is no thread to be had.
    pub fn start_on(self, port: u16) -> io::Result<Started> {
        Started::begin(self, port)
    }

    /// What happens at Stripe without a call, on the account's test side.
    pub fn stripe(&self) -> StripeByHand<'_> {
        StripeByHand { clouds: self, live: false }
    }

    /// What happens at Stripe without a call, on the account's live side.
    pub fn stripe_live(&self) -> StripeByHand<'_> {
        StripeByHand { clouds: self, live: true }
    }

    /// What happens at Referral Factory without a call.
    pub fn referral_factory(&self) -> ReferralFactoryByHand<'_> {
        ReferralFactoryByHand { clouds: self }
    }

    /// Strikes calls that fit with a fault. Several faults for the same call strike one after the other.
    pub fn strike(&self, aim: Aim, fault: Fault) {
        self.state().faults.aim(aim, fault);
    }

    /// Strikes the very next call, whatever it is.
    pub fn next_fault(&self, fault: Fault) {
        self.strike(Aim::any(), fault);
    }

    /// Strikes calls by seeded chance from now on.
    pub fn follow_plan(&self, plan: FaultPlan) {
        self.state().faults.follow(plan);
    }

    /// No more faults: neither aimed nor planned ones.
    pub fn calm(&self) {
        self.state().faults.clear();
    }

    /// How often each kind of fault has struck, by [`Fault::name`].
    pub fn struck(&self) -> BTreeMap<&'static str, u32> {
        self.state().faults.struck()
    }

    /// How many faults have struck in all: a fault test asserts that its fault did.
    pub fn struck_total(&self) -> u32 {
        self.struck().values().sum()
    }

    /// How many aimed faults have not struck yet.
    pub fn faults_waiting(&self) -> usize {
        self.state().faults.waiting()
    }

    /// Calls so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.iter().cloned().collect()
    }

    /// How many calls there were, as far as they are kept.
    pub fn calls_count(&self) -> usize {
        self.state().calls.len()
    }

    /// Calls so far with this method and path; `*` at the path's end stands for anything.
    pub fn calls_to(&self, method: &str, path: &str) -> Vec<Call> {
        let fits = |call: &&Call| call.method == method && path.strip_suffix('*').map_or(call.path == path, |start| call.path.starts_with(start));
        self.state().calls.iter().filter(fits).cloned().collect()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// What callers did that they should never do, and what the stand-ins answered that they never should.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// The violations so far, which are forgotten by this: for a test that provokes one.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.state().violations)
    }

    /// Pushes the clouds' clock ahead.
    pub fn pass(&self, time: Duration) {
        self.0.clock.push_ahead(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// The clouds' clock, in milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        self.0.clock.millis()
    }

    pub(crate) fn now(&self) -> i64 {
        self.now_millis().div_euclid(1000)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// A panic in a test that held the state is no reason to hide what the state was.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clouds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clouds").field("options", &self.0.options).finish_non_exhaustive()
    }
}
