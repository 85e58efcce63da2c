//! The window's own sync: a thread that makes a round at the start, on its timer, after each change here, when somebody asks, and
//! once more at the end.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use counterfoil_core::ports::{Clock as _, CloudError, Entropy as _, Keyring, System};
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

enum Call {
    /// Something was recorded.
    Bell,
    /// A person wants it now.
    Now,
    /// The window closes.
    End,
}

/// What the rest of the window sees of the sync.
#[derive(Default)]
pub struct Syncing {
    calls: OnceLock<Sender<Call>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    cancelled: AtomicBool,
    running: Mutex<Option<Progress>>,
}

impl Syncing {
    /// Begins to sync the shop that `place` names, whenever there is one. `tell` rings the window's bell.
    pub fn begin(self: &Arc<Self>, place: impl Fn() -> Option<Place> + Send + 'static, tell: impl Fn() + Send + 'static) {
        let (calls, heard) = mpsc::channel();
        if self.calls.set(calls).is_err() {
            return;
        }
        let syncing = Arc::clone(self);
        let thread = std::thread::spawn(move || {
            let mut hurry = false;
            let mut wait = Duration::ZERO;
            loop {
                match heard.recv_timeout(wait) {
                    Ok(Call::End) => {
                        syncing.round(&place, &tell, false);
                        return;
                    }
                    Ok(call) => hurry |= matches!(call, Call::Now),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                // Several sales in a row are one round.
                let ended = std::iter::from_fn(|| heard.try_recv().ok()).any(|call| {
                    hurry |= matches!(call, Call::Now);
                    matches!(call, Call::End)
                });
                wait = syncing.round(&place, &tell, std::mem::take(&mut hurry)).max(PAUSE_MIN);
                if ended {
                    return;
                }
            }
        });
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

    /// How far the round is that is under way.
    pub fn running(&self) -> Option<Progress> {
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
        let every = jittered(place.settings.every());
        match made {
            Ok(report) => {
                if report.calls > 0 || report.settled > 0 {
                    tell();
                }
                report.next.map_or(every, |next| next.min(every))
            }
            // Another program does it. Nothing is set up yet. Both are no news.
            Err(RoundError::Cloud(CloudError::Running) | RoundError::Storage(StorageError::Missing(_))) => every,
            Err(error) => {
                eprintln!("counterfoil: a round of syncing ended early: {error}");
                tell();
                every
            }
        }
    }

    fn make(&self, place: &Place, tell: &impl Fn(), hurry: bool) -> Result<Report, RoundError> {
        let mut store = Store::open(&place.folder, System.now())?;
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
                *lock(&self.running) = Some(progress);
                if told.elapsed() >= TELL_EVERY {
                    told = Instant::now();
                    tell();
                }
            },
        })
    }
}

/// Up to a tenth less: many tills that were switched on together don't all ask together.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0; 1];
    // Without randomness they do, which is no harm.
    let _ = System.fill(&mut byte);
    wait.mul_f64(1.0 - f64::from(byte[0]) / 2550.0)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
