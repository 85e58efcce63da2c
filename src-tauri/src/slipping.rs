//! The window's printing of slips that wait: a thread beside the till, so that nobody who sells waits for a printer.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{OnceLock, PoisonError};
use std::time::Duration;

use counterfoil_core::desk::{Desk, DeskError};

/// The first wait before a printer that was in trouble is tried again; it doubles each time.
const AGAIN_FIRST: Duration = Duration::from_secs(10);
/// The longest.
const AGAIN_LAST: Duration = Duration::from_secs(120);

/// What the rest of the window sees of it.
#[derive(Default)]
pub struct Slipping {
    calls: OnceLock<std::sync::Mutex<Sender<()>>>,
}

impl Slipping {
    /// Begins to print what waits in the shop of the folder that `place` names. `tell` rings the window's bell.
    pub fn begin(&self, place: impl Fn() -> Option<PathBuf> + Send + 'static, tell: impl Fn() + Send + 'static) {
        let (calls, heard) = mpsc::channel();
        if self.calls.set(std::sync::Mutex::new(calls)).is_err() {
            return;
        }
        std::thread::spawn(move || {
            let mut wait = Some(AGAIN_FIRST);
            loop {
                let heard_one = match wait {
                    None => heard.recv().map_err(|_| RecvTimeoutError::Disconnected),
                    Some(wait) => heard.recv_timeout(wait),
                };
                match heard_one {
                    // Several changes in a row are one look.
                    Ok(()) => while heard.try_recv().is_ok() {},
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
                let Some(folder) = place() else { continue };
                wait = match Desk::open(&folder).and_then(|mut desk| desk.print_waiting(true)) {
                    Ok((printed, left)) => {
                        if printed > 0 || left {
                            tell();
                        }
                        left.then(|| wait.map_or(AGAIN_FIRST, |wait: Duration| (wait * 2).min(AGAIN_LAST)))
                    }
                    Err(DeskError::NoPrinter | DeskError::NotSetUp) => None,
                    Err(error) => {
                        eprintln!("counterfoil: slips were not printed: {error}");
                        Some(AGAIN_LAST)
                    }
                };
            }
        });
    }

    /// Something was recorded here: perhaps a slip.
    pub fn bell(&self) {
        if let Some(calls) = self.calls.get() {
            // A thread that is gone hears nothing, and needs not.
            let _ = calls.lock().unwrap_or_else(PoisonError::into_inner).send(());
        }
    }
}
