//! A second process: this binary starts itself again and does what an environment variable says.
//!
//! Without the variable the test below has nothing to do; a test that needs a child asserts what the child did.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use counterfoil_core::desk::Desk;

/// What the child does.
const JOB: &str = "COUNTERFOIL_CHILD_JOB";
/// In which data folder.
const FOLDER: &str = "COUNTERFOIL_CHILD_FOLDER";
/// Where it begins to count.
const FROM: &str = "COUNTERFOIL_CHILD_FROM";

#[test]
fn does_its_job_in_a_process_of_its_own() {
    let Ok(job) = std::env::var(JOB) else { return };
    let folder = std::env::var(FOLDER).unwrap();
    let from = std::env::var(FROM).unwrap().parse().unwrap();
    let desk = Desk::open(Path::new(&folder)).unwrap();
    match job.as_str() {
        "redeem" => crate::crash::redeem_until_killed(desk, from),
        "import" => crate::crash::import_until_killed(desk, from),
        "print" => crate::batches::print_until_killed(desk),
        "race" => crate::crash::race_for_codes(desk, from),
        "sync" => crate::sync::kills::sync_until_killed(Path::new(&folder), desk, from),
        "one_sale" => crate::one_fsync::sell_between_marks(desk),
        "fill_disk" => crate::storage::sell_until_the_disk_is_full(desk),
        other => panic!("no job is called {other}"),
    }
}

/// Says one line to the parent, at once and past the test runner's own capture.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAID}{line}").unwrap();
    out.flush().unwrap();
}

/// Marks our lines among those of the test runner.
const SAID: &str = "child: ";

/// The command that does a job in a folder; `before` may wrap it in another program.
pub fn command(before: &[&str], job: &str, folder: &Path, from: u64) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut command = match before {
        [] => Command::new(&this),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&this);
            command
        }
    };
    command.args(["--exact", "child::does_its_job_in_a_process_of_its_own", "--nocapture", "--test-threads=1"]);
    command.env(JOB, job).env(FOLDER, folder).env(FROM, from.to_string()).stdout(Stdio::piped());
    command
}

/// A running child, and what it says.
pub struct Running {
    pub child: Child,
    lines: BufReader<ChildStdout>,
}

#[track_caller]
pub fn start(job: &str, folder: &Path, from: u64) -> Running {
    let mut child = command(&[], job, folder, from).stdin(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    Running { child, lines }
}

impl Running {
    /// Says one line to the child. It hears the end when it is waited for.
    #[track_caller]
    pub fn tell(&mut self, line: &str) {
        self.child.stdin.as_mut().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// The next line that the child says; none at its end.
    pub fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            // A killed process leaves half a line: what was not said to its end was not said.
            if self.lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                return None;
            }
            // The test runner may have written the start of the line.
            if let Some((_, said)) = line.trim_end().split_once(SAID) {
                return Some(said.to_owned());
            }
        }
    }
}
