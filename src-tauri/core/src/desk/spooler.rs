//! The system's printers: CUPS, asked and fed by its own commands, where it is.

use std::process::{Command, Stdio};

use super::cards::PrinterView;

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

fn said(option: &str) -> Option<String> {
    let asked = Command::new("lpstat").arg(option).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_printer_is_read_in_any_language() {
        assert_eq!(default_of("system default destination: Office\n").as_deref(), Some("Office"));
        assert_eq!(default_of("System-Standardzielort: Theke_2\n").as_deref(), Some("Theke_2"));
        assert_eq!(default_of("no system default destination\n"), None);
    }
}
