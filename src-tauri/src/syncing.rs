//! The window's own sync: a thread that makes a round at the start, on its timer, after each change here, when somebody asks, and
//! once more at the end.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use counterfoil_core::ports::{Clock as _, CloudError, Keyring, System};
use counterfoil_core::settings::Settings;
use counterfoil_core::storage::{StorageError, Store};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::round::{self, Progress, Report, Round, RoundError};

/// Leaving waits for the last round no longer than this; what is not done waits for the next start.
const LAST_ROUND_MAX: Duration = Duration::from_secs(5);
/// How often a long round tells the screen.
const TELL_EVERY: Duration = Duration::from_millis(300);
/// The shortest wait between two rounds, so that trouble does not become a storm.
const PAUSE_MIN: Duration = Duration::from_secs(2);

/// Where a round finds the shop, its keys and its clouds.
pub struct Place {
    /// The data folder.
    pub folder: PathBuf,
    /// Where keys lie.
    pub keyring: Box<dyn Keyring>,
    /// Addresses and times.
    pub settings: Settings,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    /// Something was recorded.
    Bell,
    /// A person wants it now.
    Now,
    /// The window closes.
    End,
}

/// A round that is under way.
#[derive(Clone, Copy)]
pub struct Running {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How far it is.
    pub progress: Progress,
}

/// What the rest of the window sees of the sync.
#[derive(Default)]
pub struct Syncing {
    calls: OnceLock<Sender<Call>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    cancelled: AtomicBool,
    running: Mutex<Option<Running>>,
}

impl Syncing {
    /// Begins to sync the shop that `place` names, whenever there is one. `tell` rings the window's bell.
    pub fn begin(self: &Arc<Self>, place: impl Fn() -> Option<Place> + Send + 'static, tell: impl Fn() + Send + 'static) {
        let (calls, heard) = mpsc::channel();
        if self.calls.set(calls).is_err() {
            return;
        }
        let syncing = Arc::clone(self);
        let thread = std::thread::spawn(move || listen(&heard, |hurry| syncing.round(&place, &tell, hurry)));
        *lock(&self.thread) = Some(thread);
    }

    /// Something was recorded here.
    pub fn bell(&self) {
        self.call(Call::Bell);
    }

    /// Somebody wants it now.
    pub fn now(&self) {
        self.call(Call::Now);
    }

    /// Ends the round that is under way; what is not done waits.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    /// One more round, within its bound, before the window goes.
    pub fn end(&self) {
        self.call(Call::End);
        let Some(thread) = lock(&self.thread).take() else { return };
        let until = Instant::now() + LAST_ROUND_MAX;
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.cancel();
    }

    /// The round that is under way.
    pub fn running(&self) -> Option<Running> {
        *lock(&self.running)
    }

    fn call(&self, call: Call) {
        if let Some(calls) = self.calls.get() {
            // A thread that is gone hears nothing, and needs not.
            let _ = calls.send(call);
        }
    }

    /// Makes a round; says how long until the next one is due.
    fn round(&self, place: &impl Fn() -> Option<Place>, tell: &impl Fn(), hurry: bool) -> Duration {
        let Some(place) = place() else { return Duration::from_secs(60) };
        self.cancelled.store(false, Ordering::SeqCst);
        let made = self.make(&place, tell, hurry);
        *lock(&self.running) = None;
        let due = match made {
            Ok(report) => {
                if report.calls > 0 || report.settled > 0 {
                    tell();
                }
                report.next
            }
            // Another program does it. Nothing is set up yet. Both are no news.
            Err(RoundError::Cloud(CloudError::Running) | RoundError::Storage(StorageError::Missing(_))) => None,
            Err(error) => {
                eprintln!("counterfoil: a round of syncing ended early: {error}");
                tell();
                None
            }
        };
        wait(round::jittered(place.settings.every(), &mut System), due)
    }

    fn make(&self, place: &Place, tell: &impl Fn(), hurry: bool) -> Result<Report, RoundError> {
        let since = System.now();
        let mut store = Store::open(&place.folder, since)?;
        let wires = connect::wires(&mut store, place.keyring.as_ref(), &place.settings, None, System.now())?;
        drop(store);
        if wires.is_empty() {
            return Ok(Report::default());
        }
        let mut told = Instant::now();
        round::run(Round {
            folder: &place.folder,
            wires,
            clock: &System,
            entropy: &mut System,
            pull_every: place.settings.every(),
            hurry,
            cancelled: &self.cancelled,
            progress: &mut |progress| {
                *lock(&self.running) = Some(Running { since, progress });
                if told.elapsed() >= TELL_EVERY {
                    told = Instant::now();
                    tell();
                }
            },
        })
    }
}

/// Makes rounds until it is told to end: at once, when it is called, and after the time that the last one gave.
fn listen(heard: &Receiver<Call>, mut round: impl FnMut(bool) -> Duration) {
    let mut wait = Duration::ZERO;
    loop {
        let first = match heard.recv_timeout(wait) {
            Ok(call) => Some(call),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // Several sales in a row are one round.
        let calls: Vec<Call> = first.into_iter().chain(std::iter::from_fn(|| heard.try_recv().ok())).collect();
        wait = round(calls.contains(&Call::Now));
        if calls.contains(&Call::End) {
            return;
        }
    }
}

/// How long until the next round: sooner where a stored call is due, but never at once.
fn wait(every: Duration, due: Option<Duration>) -> Duration {
    due.map_or(every, |due| due.min(every)).max(PAUSE_MIN)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use counterfoil_core::settings::Urls;

    use super::*;
    use crate::house::House;

    const FIVE_MINUTES: Duration = Duration::from_secs(300);

    #[test]
    fn what_is_due_sooner_is_waited_for_and_trouble_is_no_storm() {
        assert_eq!(wait(FIVE_MINUTES, None), FIVE_MINUTES);
        assert_eq!(wait(FIVE_MINUTES, Some(Duration::from_secs(40))), Duration::from_secs(40));
        assert_eq!(wait(FIVE_MINUTES, Some(Duration::from_secs(3600))), FIVE_MINUTES);
        assert_eq!(wait(FIVE_MINUTES, Some(Duration::ZERO)), PAUSE_MIN);
    }

    /// Calls into a thread that listens; each round tells when it began and whether it was in a hurry, and asks for the next wait.
    fn listening(waits: &'static [Duration]) -> (Sender<Call>, Receiver<(Instant, bool)>, JoinHandle<()>) {
        let (calls, heard) = mpsc::channel();
        let (made, rounds) = mpsc::channel();
        let mut waits = waits.iter();
        let thread = std::thread::spawn(move || {
            listen(&heard, |hurry| {
                made.send((Instant::now(), hurry)).unwrap();
                waits.next().copied().unwrap_or(FIVE_MINUTES)
            });
        });
        (calls, rounds, thread)
    }

    /// Far longer than what should come needs, far shorter than the timer.
    const SOON: Duration = Duration::from_secs(60);

    #[test]
    fn the_timer_rings_after_its_time_and_not_earlier() {
        const WAIT: Duration = Duration::from_millis(150);
        let (calls, rounds, thread) = listening(&[WAIT, WAIT]);
        let made: Vec<_> = (0..3).map(|_| rounds.recv_timeout(SOON).unwrap()).collect();
        assert!(made.windows(2).all(|two| two[1].0 - two[0].0 >= WAIT), "{made:?}");
        assert!(rounds.try_recv().is_err(), "the third wait is five minutes");
        calls.send(Call::End).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn a_bell_and_a_person_are_heard_at_once_and_the_end_makes_one_more_round() {
        let (calls, rounds, thread) = listening(&[]);
        let hurried = || rounds.recv_timeout(SOON).unwrap().1;
        assert!(!hurried(), "the round at the start");
        calls.send(Call::Bell).unwrap();
        assert!(!hurried());
        calls.send(Call::Now).unwrap();
        assert!(hurried());
        calls.send(Call::End).unwrap();
        assert!(!hurried());
        thread.join().unwrap();
        assert!(rounds.recv().is_err(), "no round after the end");
    }

    /// Keys of a real shop, as a computer without a keyring has them.
    const GIVEN: [(&str, &str); 2] = [("COUNTERFOIL_STRIPE_KEY", "rk_live_of_the_shop"), ("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", "of the shop")];

    #[test]
    fn practice_uploads_to_its_own_clouds_whatever_keys_this_run_was_given() {
        // What a program was given can't be changed while it runs, so this test starts itself again with those keys.
        if std::env::var_os(GIVEN[0].0).is_none() {
            let this = "syncing::tests::practice_uploads_to_its_own_clouds_whatever_keys_this_run_was_given";
            let again = Command::new(std::env::current_exe().unwrap()).args(["--exact", this]).envs(GIVEN).output().unwrap();
            assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let house = House::new(folder.path().to_owned(), Urls::default(), Box::new(|| ()));
        house.practise(true).unwrap();
        let waiting = || house.read(|desk| Ok(desk.sales_of(None)?.waiting)).unwrap();
        assert!(waiting().connected && waiting().waiting > 0, "{:?}", waiting());
        let report = Syncing::default().make(&house.place().unwrap(), &|| (), true).unwrap();
        assert!(report.refused.is_empty() && report.calls > 0, "{report:?}");
        assert_eq!(waiting().waiting, 0, "{:?}", waiting());
    }
}
