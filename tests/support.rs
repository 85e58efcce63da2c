//! A shop in a temporary folder with a clock that tests move by hand and randomness that repeats.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use counterfoil_core::desk::check::{CheckAsk, Ticket};
use counterfoil_core::desk::import::{ImportAsk, ImportKind, ImportReport};
use counterfoil_core::desk::people::{NewCode, NewReferrer, Person, RevokeAsk};
use counterfoil_core::desk::redeem::{RedeemAsk, Redeemed};
use counterfoil_core::desk::shop::NewShop;
use counterfoil_core::desk::undo::{RefundAsk, VoidAsk};
use counterfoil_core::desk::views::{Amount, Counterfoil, CouponDuration, CouponView, RulesView};
use counterfoil_core::desk::{Customer, Desk, DeskError};
use counterfoil_core::ports::{Clock, Entropy};
use counterfoil_core::storage::store::FILE;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub struct HandClock(Arc<Mutex<DateTime<Utc>>>);

impl HandClock {
    pub fn at(moment: &str) -> HandClock {
        HandClock(Arc::new(Mutex::new(moment.parse().unwrap())))
    }

    pub fn set(&self, moment: &str) {
        *self.0.lock().unwrap() = moment.parse().unwrap();
    }

    pub fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Randomness that is the same in every run: splitmix64.
#[derive(Clone)]
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `below - 1`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below.max(1)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), getrandom::Error> {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
        Ok(())
    }
}

/// A Sunday noon in London and elsewhere in Europe.
pub const NOON: &str = "2026-05-31T12:00:00Z";

/// A shop in a folder of its own that goes when the test ends.
pub struct Shop {
    pub folder: TempDir,
    pub clock: HandClock,
    pub desk: Desk,
}

/// 15 % off, no rules, euros, in London.
pub fn new_shop() -> NewShop {
    NewShop {
        name: "Harbour Street Salon".into(),
        currency: "EUR".into(),
        timezone: Some("Europe/London".into()),
        country: Some("GB".into()),
        language: "en".into(),
        campaign: None,
        coupon: Some(percent(1500)),
        rules: RulesView::default(),
    }
}

pub fn percent(hundredths: u16) -> CouponView {
    CouponView { percent: Some(hundredths), amount: None, duration: CouponDuration::Once, months: None }
}

pub fn amount_off(minor: i64) -> CouponView {
    CouponView { percent: None, amount: Some(Amount(minor)), duration: CouponDuration::Once, months: None }
}

impl Shop {
    pub fn open() -> Shop {
        Shop::with(&new_shop())
    }

    pub fn with_rules(rules: RulesView) -> Shop {
        Shop::with(&NewShop { rules, ..new_shop() })
    }

    pub fn with(new: &NewShop) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let clock = HandClock::at(NOON);
        let desk = Desk::set_up_with(folder.path(), new, Box::new(clock.clone()), Box::new(Seeded(1))).unwrap();
        Shop { folder, clock, desk }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// Closes the shop and opens it again, as after a restart.
    pub fn reopened(self) -> Shop {
        let Shop { folder, clock, desk } = self;
        drop(desk);
        let desk = Desk::open_with(folder.path(), Box::new(clock.clone()), Box::new(Seeded(2))).unwrap();
        Shop { folder, clock, desk }
    }

    /// A connection past the desk, to look at the file or to falsify it.
    pub fn behind(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    /// One number from the file.
    #[track_caller]
    pub fn count(&self, sql: &str) -> i64 {
        self.behind().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Adds somebody with a generated code; gives their page.
    #[track_caller]
    pub fn referrer(&mut self, name: &str, email: Option<&str>, phone: Option<&str>) -> Person {
        self.desk.add_referrer(&referrer(name, email, phone, NewCode::Generate)).unwrap()
    }

    /// Jane with her code.
    #[track_caller]
    pub fn jane(&mut self) -> (Person, String) {
        let jane = self.referrer("Jane Whitfield", Some("jane@salon.example"), Some("+44 7911 123456"));
        let code = code_of(&jane);
        (jane, code)
    }

    #[track_caller]
    pub fn check(&self, code: &str, order: i64, customer: Customer) -> Ticket {
        self.desk.check(&CheckAsk { code: code.into(), order: Some(Amount(order)), currency: None, customer }).unwrap()
    }

    /// Records a sale that must be allowed.
    #[track_caller]
    pub fn sell(&mut self, code: &str, order: i64, customer: Customer) -> Counterfoil {
        let done = self.desk.redeem(&sale(code, order, customer)).unwrap();
        assert!(done.ticket.allowed && !done.replayed, "{:?}", done.ticket.reasons);
        done.redemption.expect("an allowed sale is recorded")
    }

    /// Tries a sale; gives the answer.
    #[track_caller]
    pub fn try_sale(&mut self, code: &str, order: i64, customer: Customer) -> Redeemed {
        self.desk.redeem(&sale(code, order, customer)).unwrap()
    }

    /// Writes a list into the shop's folder and imports it.
    #[track_caller]
    pub fn import(&mut self, name: &str, text: &str) -> ImportReport {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        self.import_file(&path, ImportKind::Referrers)
    }

    #[track_caller]
    pub fn import_file(&mut self, path: &Path, kind: ImportKind) -> ImportReport {
        self.desk.import(&import_ask(path, kind), &mut |_| true).unwrap()
    }

    /// Nothing in the file is wrong.
    #[track_caller]
    pub fn assert_sound(&self) {
        let verified = self.desk.verify().unwrap();
        assert!(verified.ok, "{:#?}", verified.problems);
    }
}

pub fn import_ask(path: &Path, kind: ImportKind) -> ImportAsk {
    ImportAsk { path: path.display().to_string(), kind, mapping: None, dry_run: false }
}

pub fn referrer(name: &str, email: Option<&str>, phone: Option<&str>, code: NewCode) -> NewReferrer {
    NewReferrer { op: op(), name: name.into(), email: email.map(str::to_owned), phone: phone.map(str::to_owned), code }
}

pub fn sale(code: &str, order: i64, customer: Customer) -> RedeemAsk {
    RedeemAsk { op: op(), code: code.into(), order: Amount(order), currency: None, customer, reference: None, override_by: None, no_contact: false }
}

pub fn void(redemption: &Counterfoil, reason: &str) -> VoidAsk {
    VoidAsk { op: op(), redemption_id: redemption.id.clone(), reason: reason.into() }
}

pub fn refund(redemption: &Counterfoil, amount: Option<i64>, reason: &str) -> RefundAsk {
    RefundAsk { op: op(), redemption_id: redemption.id.clone(), amount: amount.map(Amount), reason: reason.into() }
}

pub fn revoke(referrer_id: &str, reason: &str) -> RevokeAsk {
    RevokeAsk { op: op(), referrer_id: referrer_id.into(), reason: reason.into() }
}

/// A new operation id.
pub fn op() -> String {
    Uuid::now_v7().to_string()
}

#[track_caller]
pub fn code_of(person: &Person) -> String {
    person.code.as_ref().expect("a code was generated").code.clone()
}

/// Nobody in particular.
pub fn walk_in() -> Customer {
    Customer::default()
}

pub fn customer(name: &str, email: &str) -> Customer {
    Customer { name: Some(name.into()), email: Some(email.into()), phone: None }
}

pub fn caller(name: &str, phone: &str) -> Customer {
    Customer { name: Some(name.into()), email: None, phone: Some(phone.into()) }
}

/// The stable names of the reasons on a ticket.
pub fn reasons(ticket: &Ticket) -> Vec<String> {
    ticket.reasons.iter().map(|reason| serde_json::to_value(reason.reason).unwrap().as_str().unwrap().to_owned()).collect()
}

/// The stable name of the fault that this must have ended in.
#[track_caller]
pub fn fault<T: std::fmt::Debug>(result: Result<T, DeskError>) -> &'static str {
    result.expect_err("this must be refused").code()
}

/// A file of the shop's lists that stand beside the tests.
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// Where the project begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
