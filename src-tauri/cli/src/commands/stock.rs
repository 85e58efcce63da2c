//! What reached people: handouts, and cards as stock.

use counterfoil_core::desk::batches::{BatchPage, BatchView, CardRow, CardState, MarkBatch, MarkCard};
use counterfoil_core::desk::handout::{HandOutAsk, HandoutView};
use counterfoil_core::desk::people::Person;
use counterfoil_core::desk::{Desk, DeskError};
use serde_json::json;

use super::op;
use crate::answer::{Answer, Problem, Result};
use crate::args::{BatchCommand, HandoutAdd, HandoutCommand, Mark};
use crate::pick;
use crate::text::{Here, Table, count, or_dash, shown, words_of};

pub fn handout(desk: &mut Desk, job: HandoutCommand) -> Result {
    match job {
        HandoutCommand::Add(HandoutAdd { who, how, place, by, op: id }) => {
            let referrer_id = pick::person(desk, &who)?;
            let person = desk.hand_out(&HandOutAsk { op: op(id), referrer_id, how: how.into(), place, by })?;
            handouts(desk, &person)
        }
        HandoutCommand::List { who } => {
            let person = desk.person(&pick::person(desk, &who)?)?;
            handouts(desk, &person)
        }
    }
}

fn handouts(desk: &Desk, person: &Person) -> Result {
    let here = Here::of(&desk.shop_view()?)?;
    let code = person.code.as_ref().map(|code| code.code.as_str());
    let mut text = format!("{}  {}", shown(&person.referrer.name), or_dash(code));
    if person.handouts.is_empty() {
        text += "\n\nNot handed out yet.";
    } else {
        let mut table = Table::new(&["When", "Code", "How", "Batch", "Where", "By"]).whole(&[1]).right(&[3]);
        for HandoutView { at, code, how, batch, place, by, .. } in &person.handouts {
            let batch = batch.map_or_else(|| "–".to_owned(), |batch| batch.to_string());
            table.row([&here.moment(at), code, &words_of(how), &batch, &or_dash(place.as_deref()), &or_dash(by.as_deref())]);
        }
        text += &format!("\n\n{}", table.lines());
    }
    Ok(Answer::done(&json!({ "referrer": person.referrer, "code": code, "handouts": person.handouts }), text))
}

pub fn batch(desk: &mut Desk, job: BatchCommand) -> Result {
    match job {
        BatchCommand::List => {
            let batches = desk.batches()?;
            let text = match batches.as_slice() {
                [] => "No cards were printed yet.".to_owned(),
                batches => lines(desk, batches)?,
            };
            Ok(Answer::done(&json!({ "batches": batches }), text))
        }
        BatchCommand::Show { number, search } => {
            let page = desk.batch(number, &search)?;
            let text = format!("{}\n\n{}", lines(desk, std::slice::from_ref(&page.batch))?, cards(&page));
            Ok(Answer::done(&page, text))
        }
        BatchCommand::Mark(Mark { number, state, card: None, by }) => {
            let batch = desk.mark_batch(&MarkBatch { number, state: state.into(), by })?;
            let text = lines(desk, std::slice::from_ref(&batch))?;
            Ok(Answer::done(&batch, text))
        }
        BatchCommand::Mark(Mark { number, state, card: Some(card), by }) => {
            let id = one_card(desk, number, &card)?;
            let card = desk.mark_card(&MarkCard { id, state: state.into(), by })?;
            let text = format!("{}  {}: {}", card.code, shown(&card.referrer), words_of(&card.state));
            Ok(Answer::done(&card, text))
        }
    }
}

/// The id of the only card of a batch that this names.
fn one_card(desk: &Desk, number: u32, text: &str) -> Result<String> {
    match desk.batch(number, text)?.cards.as_slice() {
        [card] => Ok(card.id.clone()),
        [] => Err(DeskError::NotFound("card").into()),
        _ => Err(Problem::Usage("Several cards of this batch fit. Say which by the id, which foil batch show --json shows.")),
    }
}

fn lines(desk: &Desk, batches: &[BatchView]) -> Result<String> {
    let here = Here::of(&desk.shop_view()?)?;
    let mut table =
        Table::new(&["Batch", "Printed", "Template", "Cards", "Handed out", "Lost", "Used up", "Sales", "For", "By"]).right(&[0, 3, 4, 5, 6, 7]);
    for batch in batches {
        let BatchView { number, at, template, cards, handed_out, lost, used_up, redemptions, place, printed_by, .. } = batch;
        let numbers = [number, cards, handed_out, lost, used_up, redemptions].map(ToString::to_string);
        let [number, cards, handed_out, lost, used_up, sales] = &numbers;
        let template = template.replace('_', " ");
        let [place, by] = [place, printed_by].map(|text| or_dash(text.as_deref()));
        table.row([number, &here.moment(at), &template, cards, handed_out, lost, used_up, sales, &place, &by]);
    }
    Ok(table.lines())
}

fn cards(page: &BatchPage) -> String {
    let mut table = Table::new(&["Code", "Name", "State", "By", "Sales", "Id"]).whole(&[0, 5]).right(&[4]);
    for CardRow { id, referrer, code, state, by, redemptions, .. } in &page.cards {
        let state = if *state == CardState::Printed { "–".to_owned() } else { words_of(state) };
        table.row([code, referrer, &state, &or_dash(by.as_deref()), &redemptions.to_string(), id]);
    }
    let left = page.cards_total - page.cards.len() as u32;
    let more = if left > 0 { format!("\n\n{} more; --search finds them.", count(left, "card", "cards")) } else { String::new() };
    table.lines() + &more
}
