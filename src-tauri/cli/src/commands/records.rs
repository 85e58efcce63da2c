//! Keeping the records: how much there is, whether it is sound, copies of it and the way back.

use std::path::Path;

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::records;
use serde_json::json;

use super::sync;
use crate::answer::{Answer, Exit, Result};
use crate::args::Restore;
use crate::text::{Here, Table, count, shown};

pub fn status(desk: &Desk) -> Result {
    let status = desk.status()?;
    let mut table = Table::plain().right(&[1]);
    for (what, n) in [
        ("Referrers", status.referrers),
        ("Active codes", status.codes),
        ("Leads", status.leads),
        ("Sales with a code", status.redemptions),
        ("Known customers", status.known_customers),
    ] {
        table.row([what, &n.to_string()]);
    }
    let view = desk.sync_view()?;
    let here = Here::of(&desk.shop_view()?)?;
    let mut text = format!("{}\n\n{}", table.lines(), sync::table(&view.destinations));
    for why in view.destinations.iter().flat_map(|view| [&view.refused, &view.trouble]).flatten() {
        text += &format!("\n\n{}", shown(why));
    }
    text += &sync::open_questions(&here, &view);
    Ok(Answer::done(&status, text))
}

pub fn verify(desk: &Desk) -> Result {
    let verified = desk.verify()?;
    if verified.ok {
        return Ok(Answer::done(&verified, "The records are sound."));
    }
    let problems: Vec<String> = verified.problems.iter().map(|problem| format!("  · {}", shown(problem))).collect();
    let n = u32::try_from(problems.len()).unwrap_or(u32::MAX);
    let text = format!("The records have {}. Send this to support:\n\n{}", count(n, "problem", "problems"), problems.join("\n"));
    Ok(Answer::done(&verified, text).ending(Exit::Storage))
}

pub fn back_up(desk: &Desk) -> Result {
    let file = desk.back_up()?.display().to_string();
    Ok(Answer::done(&json!({ "file": file }), format!("Copied to {}", shown(&file))))
}

pub fn backups(folder: &Path) -> Result {
    let copies = records::backups(folder)?;
    let mut table = Table::plain().right(&[1]).whole(&[0]);
    for copy in &copies {
        table.row([&copy.file, &format!("{} KiB", copy.bytes / 1024)]);
    }
    let text = if copies.is_empty() { "There are no copies yet. foil backup makes one.".to_owned() } else { table.lines() };
    Ok(Answer::done(&json!({ "backups": copies }), text))
}

pub fn restore(folder: &Path, copy: &Restore) -> Result {
    let copy = match &copy.file {
        Some(file) => std::path::absolute(file).unwrap_or_else(|_| file.clone()),
        None => records::newest(folder)?,
    };
    let kept = records::restore(folder, &copy)?.map(|kept| kept.display().to_string());
    let restored = copy.display().to_string();
    let mut text = format!("Restored {}", shown(&restored));
    if let Some(kept) = &kept {
        text += &format!("\nWhat was there is kept in {}", shown(kept));
    }
    Ok(Answer::done(&json!({ "restored": restored, "kept": kept }), text))
}
