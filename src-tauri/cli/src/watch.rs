//! Long jobs in a terminal: how far they are, and Ctrl-C that takes everything back.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_core::desk::generate::Watch;
use counterfoil_core::desk::views::Progress;

/// Somebody pressed Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// Whether somebody pressed Ctrl-C, or the system wants the program to end; heard from now on.
pub fn stop() -> &'static AtomicBool {
    // Where no handler can be set, Ctrl-C ends the program at once: the open transaction is taken back at the next start.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::SeqCst));
    &STOP
}

/// Does a long job that only tells how far it is.
pub fn told<T>(job: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let mut line = io::stderr().is_terminal().then(Line::default);
    let done = job(&mut |progress| {
        if let Some(line) = &mut line {
            line.show(progress);
        }
    });
    if let Some(line) = line {
        line.clear();
    }
    done
}

/// Does a long job. Ctrl-C is heard at its next step, and the job then leaves everything as it was.
pub fn watched<T>(job: impl FnOnce(Watch<'_>) -> T) -> T {
    let stop = stop();
    told(|tell| {
        job(&mut |progress| {
            tell(progress);
            !stop.load(Ordering::SeqCst)
        })
    })
}

/// The one line that tells how far it is. It is only drawn when what it says changes.
#[derive(Default)]
struct Line {
    drawn: String,
}

impl Line {
    fn show(&mut self, Progress { done, total }: Progress) {
        let text = match total {
            Some(total) if total > 0 => format!("{} %", (u64::from(done) * 100 / u64::from(total)).min(100)),
            _ => done.to_string(),
        };
        if text != self.drawn {
            draw(&format!("\r\x1b[K{text}"));
            self.drawn = text;
        }
    }

    fn clear(self) {
        draw("\r\x1b[K");
    }
}

fn draw(text: &str) {
    let mut terminal = io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}
