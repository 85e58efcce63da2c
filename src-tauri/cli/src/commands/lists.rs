//! Lists in and out.

use std::path::{Path, PathBuf};

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::export::List;
use counterfoil_core::desk::handover::HandoverKind;
use counterfoil_core::desk::import::{ImportAsk, ImportKind};
use serde_json::json;

use crate::answer::{Answer, Result};
use crate::args::{ExportCommand, ImportCommand, Kind};
use crate::text::{Table, count, shown};
use crate::watch::watched;

/// So many rejected rows are told; the file beside the list has all.
const REJECTED_TOLD_MAX: usize = 10;

pub fn import(desk: &mut Desk, list: ImportCommand) -> Result {
    let (kind, file, dry_run) = match list {
        ImportCommand::Referrers { file, dry_run } => (ImportKind::Referrers, file, dry_run),
        ImportCommand::Customers { file, dry_run } => (ImportKind::Customers, file, dry_run),
    };
    let ask = ImportAsk { path: whole(&file).display().to_string(), kind, mapping: None, dry_run };
    let report = watched(|watch| desk.import(&ask, watch))?;
    let mut table = Table::plain().right(&[1]);
    for (what, rows) in [("added", report.added), ("updated", report.updated), ("unchanged", report.unchanged), ("rejected", report.rejected_total)] {
        table.row([what, &rows.to_string()]);
    }
    let name = shown(&file.file_name().unwrap_or_default().to_string_lossy());
    let mut text = format!("{name}: {}\n\n{}", count(report.rows, "row", "rows"), table.lines());
    if !report.rejected.is_empty() {
        let mut rejected = Table::plain().right(&[0]).whole(&[1]);
        for row in report.rejected.iter().take(REJECTED_TOLD_MAX) {
            rejected.row([&format!("row {}", row.row), &row.sentence]);
        }
        text += &format!("\n\n{}", rejected.lines());
    }
    if !report.noted.is_empty() {
        let mut noted = Table::plain().right(&[0]).whole(&[1]);
        for row in report.noted.iter().take(REJECTED_TOLD_MAX) {
            noted.row([&format!("row {}", row.row), &row.sentence]);
        }
        text += &format!("\n\nIn, but not all of it ({}):\n{}", count(report.noted_total, "row", "rows"), noted.lines());
    }
    if let Some(file) = &report.rejected_file {
        text += &format!("\n\nThese rows, with their reasons: {}", shown(file));
    }
    if let Some(sentence) = &report.rejected_unsaved {
        text += &format!("\n\n{}", shown(sentence));
    }
    if dry_run {
        text += "\n\nNothing was changed: this was a rehearsal.";
    }
    Ok(Answer::done(&report, text))
}

pub fn export(desk: &mut Desk, list: &ExportCommand) -> Result {
    let (list, name, file) = match list {
        ExportCommand::Referrers { file } => (List::Referrers, "referrers", file),
        ExportCommand::Leads { file } => (List::Leads, "leads", file),
        ExportCommand::Redemptions { file } => (List::Redemptions, "redemptions", file),
        ExportCommand::ReferralFactory { kind, file } => return for_referral_factory(desk, (*kind).into(), file),
    };
    let path = whole(file);
    let rows = watched(|watch| desk.export(list, &path, watch))?;
    let path = path.display().to_string();
    let text = format!("{} in {}", count(rows, "row", "rows"), shown(&path));
    Ok(Answer::done(&json!({ "list": name, "rows": rows, "file": path }), text))
}

fn for_referral_factory(desk: &mut Desk, kind: HandoverKind, file: &Path) -> Result {
    let path = whole(file);
    let rows = desk.write_referral_factory_file(kind, &path)?;
    let path = path.display().to_string();
    let mut text = format!("{} in {}", count(rows, "row", "rows"), shown(&path));
    if kind == HandoverKind::Leads && rows > 0 {
        text += "\n\nReferral Factory takes leads only of people whom it knows: the file of referrers goes up first.";
    }
    text += &format!("\n\nWho is in it still waits. Once you have uploaded it, say so: foil handed-over {}", kind.name());
    Ok(Answer::done(&json!({ "list": kind.name(), "destination": "referral_factory", "rows": rows, "file": path }), text))
}

pub fn handed_over(desk: &mut Desk, kind: Kind) -> Result {
    let kind = HandoverKind::from(kind);
    let people = desk.handed_over(kind)?;
    let mut text = format!("{} marked as uploaded by file.", count(people, "row", "rows"));
    if kind == HandoverKind::Leads && people > 0 {
        text += "\nThose of them who count wait for their second file: foil export referral-factory qualify FILE";
    }
    Ok(Answer::done(&json!({ "list": kind.name(), "people": people }), text))
}

/// The whole path, which a script can use from wherever it stands.
fn whole(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}
