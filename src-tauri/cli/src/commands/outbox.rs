//! What is not uploaded and why, and what a person decides about it.

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::uploads::{EntriesAsk, EntryStory, EntryView};
use counterfoil_core::domain::upload::Destination;
use serde_json::json;

use crate::answer::{Answer, Result};
use crate::args::{ConflictsCommand, OutboxCommand};
use crate::text::{Here, Table, count, or_dash, shown, words_of};

pub fn outbox(desk: &mut Desk, job: OutboxCommand) -> Result {
    let here = Here::of(&desk.shop_view()?)?;
    match job {
        OutboxCommand::List { destination, state, rows, after } => {
            let destination = destination.map(Destination::from);
            let page = desk.entries(&EntriesAsk { destination, state: state.map(Into::into), after, rows_max: rows })?;
            let mut text = if page.rows.is_empty() { "Nothing.".to_owned() } else { entries(&here, &page.rows) };
            if let Some(next) = &page.next {
                text += &format!("\n\nGo on with --after {}", shown(next));
            }
            Ok(Answer::done(&page, text))
        }
        OutboxCommand::Show { id } => {
            let story = desk.entry(&id)?;
            Ok(Answer::done(&story, told(&here, &story)))
        }
        OutboxCommand::Retry { id: None, .. } => {
            let entries = desk.retry_all(None)?;
            Ok(Answer::done(
                &json!({ "entries": entries }),
                format!("{} tried again with the next upload.", count(entries, "entry is", "entries are")),
            ))
        }
        OutboxCommand::Retry { id: Some(id), .. } => {
            let entry = desk.retry_entry(&id)?;
            Ok(Answer::done(&entry, entries(&here, std::slice::from_ref(&entry))))
        }
        OutboxCommand::SetAside { id } => {
            let entry = desk.set_entry_aside(&id)?;
            Ok(Answer::done(&entry, entries(&here, std::slice::from_ref(&entry))))
        }
    }
}

fn entries(here: &Here, rows: &[EntryView]) -> String {
    let mut table = Table::new(&["No.", "Recorded", "To", "What", "About", "State", "Why"]).right(&[0]).whole(&[6]);
    for entry in rows {
        let to = entry.destination.title();
        let why = entry.why.as_deref().unwrap_or("");
        table.row([&entry.id, &here.moment(&entry.at), to, &words_of(&entry.what), &or_dash(Some(&entry.name)), &words_of(&entry.state), why]);
    }
    table.lines()
}

/// An entry with everything that happened to it.
fn told(here: &Here, story: &EntryStory) -> String {
    let mut text = entries(here, std::slice::from_ref(&story.entry));
    if let Some(next) = &story.entry.next_try_at {
        text += &format!("\n\nTried again at {}.", here.moment(next));
    }
    if story.attempts.is_empty() {
        return text + "\n\nNothing was sent about it yet.";
    }
    let mut table = Table::new(&["Tried", "Call", "Answer", "Its number there", "Said"]).whole(&[1, 3, 4]);
    for attempt in &story.attempts {
        let status = attempt.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let [number, said] = [&attempt.request_id, &attempt.said].map(|text| text.as_deref().map(shown).unwrap_or_default());
        table.row([&here.moment(&attempt.at), &attempt.call, &status, &number, &said]);
    }
    text + "\n\n" + &table.lines()
}

pub fn conflicts(desk: &mut Desk, job: ConflictsCommand) -> Result {
    match job {
        ConflictsCommand::List => {
            let here = Here::of(&desk.shop_view()?)?;
            let conflicts = desk.conflicts()?;
            let one = |conflict: &counterfoil_core::desk::conflicts::ConflictView| {
                let mut table = Table::plain().whole(&[0, 1]);
                for decision in &conflict.decisions {
                    table.row([&decision.id, &decision.effect]);
                }
                format!("{}  {}\n{}\n\n{}", here.moment(&conflict.at), conflict.id, shown(&conflict.sentence), table.lines())
            };
            let text = match conflicts.as_slice() {
                [] => "Nothing waits for a decision.".to_owned(),
                all => format!("{}\n\nDecide with foil conflicts resolve ID DECISION", all.iter().map(one).collect::<Vec<_>>().join("\n\n")),
            };
            Ok(Answer::done(&json!({ "conflicts": conflicts }), text))
        }
        ConflictsCommand::Resolve { id, decision } => {
            desk.resolve_conflict(&id, &decision)?;
            Ok(Answer::done(&json!({ "id": id, "decision": decision }), "Decided."))
        }
    }
}
