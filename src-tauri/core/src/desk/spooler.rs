//! The system's printers: CUPS, asked and fed by its own commands, where it is.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use wait_timeout::ChildExt as _;

use super::cards::{CardsAsk, PrinterView};
use super::{DeskError, Result};
use crate::print::template::Sheet;

/// So long a queue may take to answer: one over the network takes seconds, and one that is gone never does.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// The printers of this computer, the default one first; none where there is no CUPS.
#[must_use]
pub fn printers() -> Vec<PrinterView> {
    let default = said("-d").and_then(|line| default_of(&line));
    let mut printers: Vec<PrinterView> = said("-e")
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| PrinterView { name: name.to_owned(), default: default.as_deref() == Some(name) })
        .collect();
    printers.sort_by_key(|printer| !printer.default);
    printers
}

/// The printer that `lpstat -d` names: `system default destination: Office`. Its words are translated, the name stands last.
fn default_of(line: &str) -> Option<String> {
    line.rsplit_once(':').map(|(_, name)| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Hands a PDF to a printer.
pub(super) fn print(printer: &str, title: &str, ask: &CardsAsk, file: &Path) -> Result<()> {
    handed(Command::new("lp").args(arguments(printer, title, ask, file)), ANSWER_MAX)
}

fn handed(lp: &mut Command, most: Duration) -> Result<()> {
    match answer(lp.stdout(Stdio::null()).stderr(Stdio::piped()), most) {
        Ok((status, _)) if status.success() => Ok(()),
        Ok((_, said)) => Err(DeskError::NotPrinted(said)),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(DeskError::NotPrintedInTime),
        Err(error) => Err(DeskError::NotPrinted(error.to_string())),
    }
}

/// What `lp` is told: which printer, which paper, and that nothing may be scaled. No shell reads it.
fn arguments(printer: &str, title: &str, ask: &CardsAsk, file: &Path) -> Vec<OsString> {
    let media = match ask.sheet {
        Sheet::A4 => "A4".to_owned(),
        Sheet::Letter => "Letter".to_owned(),
        Sheet::Own => {
            let (width, height) = ask.template.size();
            format!("Custom.{width}x{height}mm")
        }
    };
    // A title that begins with a dash is none of lp's options.
    let title = format!("Counterfoil: {title}");
    let mut arguments: Vec<OsString> = vec!["-d".into(), printer.into(), "-t".into(), title.into()];
    for option in [format!("media={media}"), "print-scaling=none".to_owned()] {
        arguments.extend(["-o".into(), option.into()]);
    }
    arguments.extend(["--".into(), file.into()]);
    arguments
}

fn said(option: &str) -> Option<String> {
    let (status, said) = answer(Command::new("lpstat").arg(option).stdout(Stdio::piped()).stderr(Stdio::null()), ANSWER_MAX).ok()?;
    status.success().then_some(said)
}

/// How a program ends and what it says on the line that is open for it. One that takes longer is ended.
fn answer(program: &mut Command, most: Duration) -> io::Result<(ExitStatus, String)> {
    let mut child = program.stdin(Stdio::null()).spawn()?;
    let Some(status) = child.wait_timeout(most)? else {
        child.kill()?;
        child.wait()?;
        return Err(io::ErrorKind::TimedOut.into());
    };
    let mut said = Vec::new();
    match (child.stdout, child.stderr) {
        (Some(mut out), _) => out.read_to_end(&mut said)?,
        (None, Some(mut out)) => out.read_to_end(&mut said)?,
        (None, None) => 0,
    };
    Ok((status, String::from_utf8_lossy(&said).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// tauri-apps/tauri#4917: a web view can't print by itself, so the document is handed to the system's spooler.
    #[test]
    fn the_printer_is_told_the_paper_and_nothing_is_read_by_a_shell() {
        use super::super::cards::People;
        use crate::print::template::Template;
        let ask = CardsAsk::usual(Template::Label62, People::All);
        let told = arguments("Office; rm -rf /", "-x $(id)", &ask, Path::new("-odd.pdf"));
        let expected =
            ["-d", "Office; rm -rf /", "-t", "Counterfoil: -x $(id)", "-o", "media=Custom.62x40mm", "-o", "print-scaling=none", "--", "-odd.pdf"];
        assert_eq!(told, expected.map(OsString::from));
    }

    #[test]
    fn a_queue_that_refuses_or_never_answers_is_said_to_and_ended() {
        let told = |lp: &[&str], most| handed(Command::new(lp[0]).args(&lp[1..]), most).unwrap_err();
        assert!(matches!(told(&["sh", "-c", "echo no such queue >&2; exit 1"], ANSWER_MAX), DeskError::NotPrinted(said) if said == "no such queue"));
        assert!(matches!(told(&["no such program"], ANSWER_MAX), DeskError::NotPrinted(_)));
        // It would go on for ever.
        assert!(matches!(told(&["tail", "-f", "/dev/null"], Duration::from_millis(50)), DeskError::NotPrintedInTime));
    }

    #[test]
    fn the_default_printer_is_read_in_any_language() {
        assert_eq!(default_of("system default destination: Office\n").as_deref(), Some("Office"));
        assert_eq!(default_of("System-Standardzielort: Theke_2\n").as_deref(), Some("Theke_2"));
        assert_eq!(default_of("no system default destination\n"), None);
    }
}
