//! Long jobs in a terminal: how far they are, and Ctrl-C that takes everything back.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_core::desk::generate::Watch;
use counterfoil_core::desk::views::Progress;

/// Somebody pressed Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// Does a long job. Ctrl-C is heard at its next step, and the job then leaves everything as it was.
pub fn watched<T>(job: impl FnOnce(Watch<'_>) -> T) -> T {
    // Where no handler can be set, Ctrl-C ends the program at once: the open transaction is taken back at the next start.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let mut line = io::stderr().is_terminal().then(Line::default);
    let done = job(&mut |progress| {
        if let Some(line) = &mut line {
            line.show(progress);
        }
        !STOP.load(Ordering::Relaxed)
    });
    if let Some(line) = line {
        line.clear();
    }
    done
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
