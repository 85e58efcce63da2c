//! What the window keeps open: the shop's desk to write, the same desk to read, to draw and to look through what was drawn, and the bell.
//!
//! Each has its own connection, so that looking somebody up never waits for an import or a drawing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use counterfoil_core::desk::fault::Fault;
use counterfoil_core::desk::mailings::MailServerView;
use counterfoil_core::desk::shop::ShopView;
use counterfoil_core::desk::views::moment;
use counterfoil_core::desk::{Desk, DeskError, practice};
use counterfoil_core::mail::Smtp;
use counterfoil_core::ports::{Clock as _, PostError, Secret, System};
use counterfoil_core::sentences::Language;
use counterfoil_core::settings::{Settings, Urls};
use counterfoil_core::storage::Store;
use counterfoil_core::sync::keys::SystemKeyring;
use counterfoil_core::sync::round::RoundError;
use counterfoil_core::sync::stripe;

use crate::customer::CustomerScreen;
use crate::practice_clouds::PracticeClouds;
use crate::slipping::Slipping;
use crate::syncing::{Place, Syncing};
use crate::wire::{MailSettings, OpenShop, Opening, SyncScreen};

/// Told that something changed. Carries no data: whoever hears it asks again.
pub type Bell = Box<dyn Fn() + Send + Sync>;

/// The open shop.
pub struct House {
    folder: PathBuf,
    urls: Urls,
    /// Whether practice is shown is one value with its clouds, so that nobody finds the real shop with practice's, or the other way
    /// round. Nothing else is locked while this is.
    practice: Mutex<Option<PracticeClouds>>,
    writer: Mutex<Option<Desk>>,
    reader: Mutex<Option<Desk>>,
    drawing: Mutex<Option<Desk>>,
    checking: Mutex<Option<Desk>>,
    /// How many drawings were asked for.
    drawings: AtomicU64,
    cancelled: AtomicBool,
    bell: Bell,
    syncing: Arc<Syncing>,
    slipping: Slipping,
    customer: CustomerScreen,
    opened: Mutex<Option<String>>,
}

impl House {
    /// The house of this data folder, with other addresses of the clouds for this run; nothing is open yet.
    #[must_use]
    pub fn new(folder: PathBuf, urls: Urls, bell: Bell) -> Arc<House> {
        let closed = || Mutex::new(None);
        Arc::new(House {
            folder,
            urls,
            practice: Mutex::new(None),
            writer: closed(),
            reader: closed(),
            drawing: closed(),
            checking: closed(),
            drawings: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            bell,
            syncing: Arc::default(),
            slipping: Slipping::default(),
            customer: CustomerScreen::default(),
            opened: Mutex::new(None),
        })
    }

    /// The data folder of the shop that is shown: the real one, or the practice shop's inside it.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        lock(&self.practice).as_ref().map_or(self.folder.as_path(), PracticeClouds::folder).to_owned()
    }

    /// The language of the desktop, until a shop says otherwise.
    #[must_use]
    pub fn desktop_language() -> Language {
        let tag = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok()).find(|tag| !tag.is_empty());
        Language::of(&tag.unwrap_or_default())
    }

    /// Opens the shop if it is not open, and says what is there.
    pub fn opening(&self) -> Opening {
        match self.read(Desk::shop_view) {
            Ok(shop) => Opening::Ready { shop: Box::new(self.shown(shop)) },
            Err(error) => Opening::not_ready(&error, &self.folder(), House::desktop_language()),
        }
    }

    /// A shop with what the window knows of it.
    pub fn shown(&self, shop: ShopView) -> OpenShop {
        OpenShop { shop, practice: self.practises(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    fn practises(&self) -> bool {
        lock(&self.practice).is_some()
    }

    /// Goes to the practice shop, or back.
    pub fn practise(&self, on: bool) -> Result<(), DeskError> {
        let language = self.read(|desk| Ok(desk.language())).unwrap_or_else(|_| House::desktop_language());
        let (desk, clouds) = if on {
            let folder = self.folder.join("practice");
            let desk = practice::open(&folder, language.tag())?;
            // New clouds know nothing of the last time, so everything goes up anew.
            (Some(desk), Some(PracticeClouds::open(folder)))
        } else {
            (None, None)
        };
        // A round of the other shop is nothing to be shown here, or to wait for.
        self.syncing.cancel();
        // The clouds from before take a moment to end: after this, and not under the lock.
        let _before = std::mem::replace(&mut *lock(&self.practice), clouds);
        self.close();
        *lock(&self.writer) = desk;
        Ok(())
    }

    /// Closes the database, so that another file can take its place.
    pub fn close(&self) {
        *lock(&self.writer) = None;
        *lock(&self.reader) = None;
        *lock(&self.drawing) = None;
        *lock(&self.checking) = None;
    }

    /// Puts a desk that was just set up behind the window.
    pub fn move_in(&self, desk: Desk) {
        self.close();
        *lock(&self.writer) = Some(desk);
    }

    /// Asks without changing anything.
    pub fn read<T>(&self, ask: impl FnOnce(&Desk) -> Result<T, DeskError>) -> Result<T, DeskError> {
        let mut reader = lock(&self.reader);
        ask(opened(&mut reader, &self.folder())?)
    }

    /// Draws what is only looked at. It has its own connection, since a list of thousands and the first search through the system's
    /// fonts take longer than somebody who looks a code up may wait.
    pub fn draw<T>(&self, ask: impl FnOnce(&Desk) -> Result<T, DeskError>) -> Result<T, DeskError> {
        self.drawings.fetch_add(1, Ordering::SeqCst);
        let mut drawing = lock(&self.drawing);
        ask(opened(&mut drawing, &self.folder())?)
    }

    /// Looks through what was drawn last, until something else is to be drawn: who types a headline sees each letter at once.
    pub fn check<T>(&self, look: impl FnOnce(&Desk, &dyn Fn() -> bool) -> Result<T, DeskError>) -> Result<T, DeskError> {
        let last = self.drawings.load(Ordering::SeqCst);
        let mut checking = lock(&self.checking);
        look(opened(&mut checking, &self.folder())?, &|| self.drawings.load(Ordering::SeqCst) == last)
    }

    /// Changes something; then the bell rings and the log is folded, both after the answer is sure.
    pub fn write<T>(&self, change: impl FnOnce(&mut Desk) -> Result<T, DeskError>) -> Result<T, DeskError> {
        let mut writer = lock(&self.writer);
        let desk = opened(&mut writer, &self.folder())?;
        let done = change(desk)?;
        (self.bell)();
        self.syncing.bell();
        self.slipping.bell();
        desk.tidy();
        Ok(done)
    }

    /// Does a long job with a desk of its own, so that sales are recorded meanwhile. It can be cancelled.
    pub fn job<T>(&self, job: impl FnOnce(&mut Desk, &AtomicBool) -> Result<T, DeskError>) -> Result<T, DeskError> {
        self.cancelled.store(false, Ordering::SeqCst);
        let done = job(&mut Desk::open(&self.folder())?, &self.cancelled)?;
        (self.bell)();
        self.syncing.bell();
        Ok(done)
    }

    /// Does something slow, such as printing, with a desk of its own, so that sales are recorded meanwhile.
    pub fn aside<T>(&self, work: impl FnOnce(&mut Desk) -> Result<T, DeskError>) -> Result<T, DeskError> {
        let done = work(&mut Desk::open(&self.folder())?)?;
        (self.bell)();
        self.slipping.bell();
        Ok(done)
    }

    /// The window's printing of slips.
    pub fn slipping(&self) -> &Slipping {
        &self.slipping
    }

    /// The folder of the shop that is open; none while there is none.
    pub fn settled_folder(&self) -> Option<PathBuf> {
        lock(&self.reader).is_some().then(|| self.folder())
    }

    /// The page that is turned towards the customer.
    pub fn customer(&self) -> &CustomerScreen {
        &self.customer
    }

    /// Keeps what was scanned elsewhere and opened this program, until the counter takes it.
    pub fn keep_opened(&self, address: String) {
        *lock(&self.opened) = Some(address);
    }

    /// Gives it once.
    pub fn take_opened(&self) -> Option<String> {
        lock(&self.opened).take()
    }

    /// The way out for e-mails.
    pub fn post(&self) -> Result<Smtp, DeskError> {
        if self.practises() {
            return Err(PostError::Practice.into());
        }
        let server = self.read(Desk::mail_server)?.ok_or(PostError::NotSetUp)?;
        let password = match server.user {
            Some(_) => self.find_place()?.keyring.key(Secret::MailPassword)?,
            None => None,
        };
        Ok(Smtp::new(server, password)?)
    }

    /// The shop's mail server.
    pub fn mail_settings(&self) -> Result<MailSettings, DeskError> {
        let server = self.read(Desk::mail_server)?;
        // A keyring that can't be opened keeps nothing for us.
        let password_kept = self.find_place()?.keyring.key(Secret::MailPassword).ok().flatten().is_some();
        Ok(MailSettings { server: server.as_ref().map(MailServerView::from), password_kept, keyring: SystemKeyring::there() })
    }

    /// Keeps the password of the mail server in the keyring, if one is given.
    pub fn keep_mail_password(&self, password: Option<&str>) -> Result<(), DeskError> {
        match password.filter(|password| !password.is_empty()) {
            Some(password) => Ok(self.find_place()?.keyring.keep(Secret::MailPassword, password)?),
            None => Ok(()),
        }
    }

    /// Forgets it.
    pub fn forget_mail_password(&self) -> Result<(), DeskError> {
        Ok(self.find_place()?.keyring.forget(Secret::MailPassword)?)
    }

    /// The window's sync.
    pub fn syncing(&self) -> &Arc<Syncing> {
        &self.syncing
    }

    /// Where the sync finds the shop that is shown; none while there is none.
    pub fn place(&self) -> Option<Place> {
        self.find_place().ok()
    }

    /// The shop's own desk may be that of the other shop for a moment while practice begins or ends, so the till is asked of the folder.
    fn find_place(&self) -> Result<Place, DeskError> {
        if let Some(practice) = &*lock(&self.practice) {
            return Ok(practice.place()?);
        }
        let till = Desk::open(&self.folder)?.till_id()?;
        Ok(Place {
            folder: self.folder.clone(),
            keyring: Box::new(SystemKeyring::of_till(&till)),
            settings: Settings::of_run(&self.folder, &self.urls)?,
        })
    }

    /// Asks the clouds something with a database of its own, so that nobody at the till waits for a network.
    pub fn at_the_clouds<T>(&self, ask: impl FnOnce(&Place, &mut Store) -> Result<T, RoundError>) -> Result<T, DeskError> {
        let place = self.find_place()?;
        let mut store = Store::open(&place.folder, System.now())?;
        ask(&place, &mut store).map_err(fault_of)
    }

    /// [`House::at_the_clouds`] for what changes something; then the bell rings and the sync begins.
    pub fn connecting<T>(&self, change: impl FnOnce(&Place, &mut Store, DateTime<Utc>) -> Result<T, RoundError>) -> Result<T, DeskError> {
        let done = self.at_the_clouds(|place, store| change(place, store, System.now()))?;
        (self.bell)();
        self.syncing.now();
        Ok(done)
    }

    /// The Sync screen.
    pub fn sync_screen(&self) -> Result<SyncScreen, DeskError> {
        let view = self.read(Desk::sync_view)?;
        let running = self.syncing.running();
        Ok(SyncScreen {
            view,
            running_since: running.map(|running| moment(running.since)),
            done: running.map_or(0, |running| running.progress.done),
            total: running.map(|running| running.progress.total),
            keyring: self.practises() || SystemKeyring::there(),
            stripe_key_page: stripe::key_page(),
        })
    }

    /// Ends the long job that runs, if any.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// Makes today's copy of the shop that is open, if there is none yet. Says whether a shop is open.
    pub fn copy_daily(&self) -> bool {
        let open = lock(&self.reader).is_some();
        if open && let Err(error) = Desk::open(&self.folder()).and_then(|desk| desk.back_up_daily()) {
            eprintln!("counterfoil: today's copy was not made: {error}");
        }
        open
    }

    /// Rings the bell if somebody else changed the database, such as `foil`.
    pub fn listen(&self, heard: &mut Option<i64>) {
        let version = lock(&self.reader).as_ref().and_then(|desk| desk.changes_seen().ok());
        if heard.is_some() && version.is_some() && *heard != version {
            (self.bell)();
        }
        *heard = version;
    }

    /// A fault in the words of the shop that is open.
    pub fn fault(&self, error: &DeskError) -> Fault {
        let language = lock(&self.reader).as_ref().map_or_else(House::desktop_language, Desk::language);
        error.fault(language)
    }
}

fn opened<'a>(desk: &'a mut Option<Desk>, folder: &Path) -> Result<&'a mut Desk, DeskError> {
    match desk {
        Some(desk) => Ok(desk),
        none => Ok(none.insert(Desk::open(folder)?)),
    }
}

fn fault_of(error: RoundError) -> DeskError {
    match error {
        RoundError::Storage(error) => error.into(),
        RoundError::Cloud(error) => error.into(),
    }
}

/// A job that panicked has written nothing, since its transaction was never committed: the desk can be used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use counterfoil_core::domain::upload::Destination;

    use super::*;

    #[test]
    fn the_next_drawing_ends_a_look_and_waits_for_none() {
        let folder = tempfile::tempdir().unwrap();
        drop(practice::open(folder.path(), "en").unwrap());
        let house = House::new(folder.path().to_owned(), Urls::default(), Box::new(|| ()));
        let looked = house.check(|_, wanted| {
            let before = wanted();
            // While the look still holds its own desk.
            house.draw(|desk| desk.brand()).unwrap();
            Ok((before, wanted()))
        });
        assert_eq!(looked.unwrap(), (true, false));
        assert!(house.check(|_, wanted| Ok(wanted())).unwrap());
    }

    #[test]
    fn a_place_is_all_practice_or_all_the_shop_while_practice_begins_and_ends() {
        let folder = tempfile::tempdir().unwrap();
        drop(practice::open(folder.path(), "en").unwrap());
        let house = House::new(folder.path().to_owned(), Urls::default(), Box::new(|| ()));
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            // A round may ask at any moment; this one asks at all of them.
            let rounds = scope.spawn(|| {
                while !ended.load(Ordering::SeqCst) {
                    let place = house.find_place().unwrap();
                    let practice = place.folder != folder.path();
                    for destination in Destination::ALL {
                        let url = place.settings.url(destination);
                        assert_eq!(url.starts_with("http://127.0.0.1:"), practice, "{url} for {}", place.folder.display());
                    }
                }
            });
            for _ in 0..10 {
                house.practise(true).unwrap();
                house.practise(false).unwrap();
            }
            ended.store(true, Ordering::SeqCst);
            rounds.join().unwrap();
        });
    }
}
