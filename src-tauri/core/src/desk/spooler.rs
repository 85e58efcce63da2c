//! The system's printers: CUPS, asked and fed by its own commands, where it is.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use super::cards::{CardsAsk, PrinterView};
use super::{DeskError, Result};
use crate::print::template::Sheet;

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
    let asked = Command::new("lp").args(arguments(printer, title, ask, file)).stdin(Stdio::null()).stdout(Stdio::null()).output();
    match asked {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(DeskError::NotPrinted(String::from_utf8_lossy(&done.stderr).trim().to_owned())),
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
    let asked = Command::new("lpstat").arg(option).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
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
    fn the_default_printer_is_read_in_any_language() {
        assert_eq!(default_of("system default destination: Office\n").as_deref(), Some("Office"));
        assert_eq!(default_of("System-Standardzielort: Theke_2\n").as_deref(), Some("Theke_2"));
        assert_eq!(default_of("no system default destination\n"), None);
    }
}
