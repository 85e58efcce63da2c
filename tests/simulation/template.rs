//! The shop that every seed begins with: made once, and copied where copies cost nothing.

use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use counterfoil_core::desk::Desk;
use counterfoil_core::desk::people::NewCode;
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::storage::store::FILE;
use counterfoil_core::storage::{StorageError, Store, destinations};
use tempfile::TempDir;

use super::factory::CAMPAIGN;
use super::truth::{Referrer, Truth, USES_MAX};
use crate::support::{HandClock, NOON, Seeded, code_of, new_shop, referrer};

/// When every seed begins.
pub fn opened() -> DateTime<Utc> {
    NOON.parse().unwrap()
}

pub fn account(destination: Destination) -> &'static str {
    match destination {
        Destination::Stripe => "test",
        Destination::ReferralFactory => "7",
    }
}

/// A folder in memory where there is such a thing: a seed must not wait for a disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Three Referrers, the last one without e-mail, each with a code that may be used a few times.
const REFERRERS: [(&str, Option<&str>, Option<&str>); 3] =
    [("Jana Weber", Some("jana@salon.com"), None), ("Ole Krog", Some("ole@salon.com"), None), ("Ida Lund", None, Some(IDAS_PHONE))];
/// How to reach somebody without an e-mail address.
pub const IDAS_PHONE: &str = "+44 7911 123456";

struct Template {
    file: Vec<u8>,
    referrers: Vec<(String, String)>,
}

fn made(limited: bool) -> &'static Template {
    static TEMPLATES: [OnceLock<Template>; 2] = [OnceLock::new(), OnceLock::new()];
    TEMPLATES[usize::from(limited)].get_or_init(|| {
        assert_eq!(account(Destination::ReferralFactory), CAMPAIGN.to_string());
        let folder = folder();
        let rules = RulesView { redemptions_max: limited.then_some(USES_MAX as u32), ..RulesView::default() };
        let new = counterfoil_core::desk::shop::NewShop { rules, ..new_shop() };
        let mut desk = Desk::set_up_with(folder.path(), &new, Box::new(HandClock::at(NOON)), Box::new(Seeded(1))).unwrap();
        let mut add = |(name, email, phone): (&str, Option<&str>, Option<&str>)| {
            let person = desk.add_referrer(&referrer(name, email, phone, NewCode::Generate)).unwrap();
            (person.referrer.id.clone(), code_of(&person))
        };
        let referrers = REFERRERS.map(&mut add).into();
        drop(desk);
        let mut store = Store::open(folder.path(), opened()).unwrap();
        let connect = |tx: &rusqlite::Transaction<'_>| {
            Destination::ALL.iter().try_for_each(|there| destinations::connect(tx, *there, account(*there), opened()))
        };
        store.write::<_, StorageError>(connect).unwrap();
        // The last connection that closes folds the log into the file.
        drop(store);
        Template { file: std::fs::read(folder.path().join(FILE)).unwrap(), referrers }
    })
}

/// A shop whose codes may be used a few times, or as often as anybody likes.
pub fn shop(limited: bool) -> (TempDir, Truth) {
    let template = made(limited);
    let folder = folder();
    std::fs::write(folder.path().join(FILE), &template.file).unwrap();
    let known = template.referrers.iter().cloned().zip(REFERRERS);
    let referrers = known.map(|((id, code), (name, email, _))| Referrer::new(id, code, name, email));
    (folder, Truth { referrers: referrers.collect(), ..Truth::default() })
}
