//! Checking a code, recording its use, and taking a sale back.

use counterfoil_core::desk::check::{CheckAsk, Ticket};
use counterfoil_core::desk::redeem::{Override, RedeemAsk, Redeemed};
use counterfoil_core::desk::undo::{RefundAsk, VoidAsk};
use counterfoil_core::desk::views::{Amount, Counterfoil, CounterfoilState};
use counterfoil_core::desk::{Customer, Desk};
use counterfoil_core::domain::money::Currency;

use super::op;
use crate::answer::{Answer, Exit, Result, read};
use crate::args::{Check, Redeem, Refund, Void};
use crate::text::{Here, Table, count, or_dash, shown};

/// How a refused answer ends.
fn end(answer: Answer, yes: bool) -> Answer {
    if yes { answer } else { answer.ending(Exit::Refused) }
}

pub fn check(desk: &Desk, ask: Check) -> Result {
    let here = here_in(desk, ask.currency.as_deref())?;
    let order = amount(&here, &ask.order)?;
    let customer = Customer { name: ask.name, email: ask.email, phone: ask.phone };
    let ticket = desk.check(&CheckAsk { code: ask.code.clone(), order: Some(order), currency: ask.currency, customer })?;
    let text = ticket_lines(&ask.code, &ticket, &here);
    Ok(end(Answer::done(&ticket, text), ticket.allowed))
}

pub fn redeem(desk: &mut Desk, ask: Redeem) -> Result {
    let here = here_in(desk, ask.currency.as_deref())?;
    let order = amount(&here, &ask.order)?;
    let typed = ask.code.clone();
    let redeemed = desk.redeem(&RedeemAsk {
        op: op(ask.op),
        code: ask.code,
        order,
        currency: ask.currency,
        customer: Customer { name: Some(ask.name), email: ask.email, phone: ask.phone },
        reference: ask.reference,
        override_by: ask.override_by.zip(ask.override_note).map(|(manager, note)| Override { manager, note }),
        no_contact: ask.no_contact,
    })?;
    let Redeemed { ticket, redemption, replayed } = &redeemed;
    let mut text = ticket_lines(&typed, ticket, &here);
    match redemption {
        Some(stub) => {
            let what = if *replayed { "Recorded before, and not a second time." } else { "Recorded on this till." };
            text += &format!("\n\n{what}\n\n{}", stub_lines(stub, &here));
        }
        None => text += "\n\nNothing was recorded.",
    }
    Ok(end(Answer::done(&redeemed, text), redemption.is_some()))
}

pub fn void(desk: &mut Desk, ask: Void) -> Result {
    let here = here_in(desk, None)?;
    let stub = desk.void(&VoidAsk { op: op(ask.op), redemption_id: ask.id, reason: ask.reason })?;
    let text = format!("Undone.\n\n{}", stub_lines(&stub, &here));
    Ok(Answer::done(&stub, text))
}

pub fn refund(desk: &mut Desk, ask: Refund) -> Result {
    let here = here_in(desk, None)?;
    let back = ask.amount.as_deref().map(|text| amount(&here, text)).transpose()?;
    let stub = desk.refund(&RefundAsk { op: op(ask.op), redemption_id: ask.id, amount: back, reason: ask.reason })?;
    let text = format!("Refunded: {} of {} so far.\n\n{}", here.bare(stub.refunded), here.amount(stub.paid), stub_lines(&stub, &here));
    Ok(Answer::done(&stub, text))
}

pub fn today(desk: &Desk, day: Option<&str>) -> Result {
    let here = here_in(desk, None)?;
    let today = desk.sales_of(day)?;
    let mut text = format!("{}: {}, {} given", today.date, count(today.recorded, "sale", "sales"), here.amount(today.given));
    if !today.counterfoils.is_empty() {
        let mut table =
            Table::new(&["Time", "Code", "Customer", "Referrer", "Order", "Discount", "Paid", "State", "Id"]).right(&[4, 5, 6]).whole(&[1, 8]);
        for stub in &today.counterfoils {
            table.row([
                &here.time(&stub.at),
                &stub.code,
                &or_dash(stub.customer.as_deref()),
                &stub.referrer,
                &here.bare(stub.order),
                &here.bare(stub.discount),
                &here.bare(stub.paid),
                state(stub),
                &stub.id,
            ]);
        }
        text += &format!("\n\n{}", table.lines());
    }
    if today.waiting.waiting > 0 {
        let since = today.waiting.since.as_deref().map_or_else(String::new, |since| format!(", the oldest since {}", here.moment(since)));
        text += &format!("\n\n{} not uploaded yet{since}.", count(today.waiting.waiting, "entry", "entries"));
    }
    if today.waiting.needs_a_person > 0 {
        text += &format!(" {} a person.", count(today.waiting.needs_a_person, "needs", "need"));
    }
    Ok(Answer::done(&today, text))
}

/// How amounts are read and written, where the sale is in another currency as well.
fn here_in(desk: &Desk, currency: Option<&str>) -> Result<Here> {
    let here = Here::of(&desk.shop_view()?)?;
    match currency {
        Some(other) => Ok(here.counting_in(read(Currency::parse(other))?)),
        None => Ok(here),
    }
}

fn amount(here: &Here, text: &str) -> Result<Amount> {
    Ok(Amount(read(here.currency.parse_amount(text))?.minor))
}

/// The ticket: whose code it is, what comes off, or every reason why not.
fn ticket_lines(typed: &str, ticket: &Ticket, here: &Here) -> String {
    let mut text = match (&ticket.code, &ticket.referrer) {
        (Some(code), Some(referrer)) => format!("{code}  {}", shown(&referrer.name)),
        _ => shown(typed),
    };
    if let Some(offer) = &ticket.offer {
        text += &format!("\n{}", shown(offer));
    }
    text += if ticket.allowed { "\n\nYes, this code counts." } else { "\n\nNo:" };
    for reason in &ticket.reasons {
        text += &format!("\n  · {}", shown(&reason.sentence));
    }
    if let Some(order) = ticket.order.filter(|_| ticket.code.is_some()) {
        let mut table = Table::plain().right(&[1]);
        table.row(["Order", &here.amount(order)]);
        table.row(["Discount", &here.amount(Amount(-ticket.discount.0))]);
        table.row(["To pay", &here.amount(ticket.paid)]);
        text += &format!("\n\n{}", table.lines());
    }
    if !ticket.nearest.is_empty() {
        let mut table = Table::plain().whole(&[0, 2]);
        for near in &ticket.nearest {
            table.row([&near.code, &near.referrer, &near.differs]);
        }
        text += &format!("\n\nPerhaps one of these was meant:\n{}", table.lines());
    }
    if let Some(left) = ticket.redemptions_left.filter(|_| ticket.allowed) {
        text += &format!("\n\n{} left before this sale.", count(left, "use", "uses"));
    }
    if ticket.asks_contact {
        text += "\n\nWhether it is their first order can only be told with an e-mail address or a phone number.";
    }
    if let Some(customer) = &ticket.customer {
        text += &format!("\n\nThe customer is known as {}.", shown(customer));
    }
    if let Some(conflict) = &ticket.conflict {
        text += &format!("\n\n{}", shown(conflict));
    }
    text
}

/// The counterfoil: what stays with the shop.
fn stub_lines(stub: &Counterfoil, here: &Here) -> String {
    let mut table = Table::plain().whole(&[1]);
    table.row(["Sale", &stub.id]);
    table.row(["Time", &here.moment(&stub.at)]);
    table.row(["Code", &stub.code]);
    table.row(["Referrer", &stub.referrer]);
    table.row(["Customer", &or_dash(stub.customer.as_deref())]);
    table.row(["Paid", &here.amount(stub.paid)]);
    if stub.refunded.0 > 0 {
        table.row(["Went back", &here.amount(stub.refunded)]);
    }
    if let Some(reference) = &stub.reference {
        table.row(["Reference", reference]);
    }
    if let Some((manager, note)) = stub.override_by.as_ref().zip(stub.override_note.as_ref()) {
        table.row(["Approved by", &format!("{manager}: {note}")]);
    }
    if let Some(reason) = &stub.void_reason {
        table.row(["Undone", reason]);
    }
    table.lines()
}

fn state(stub: &Counterfoil) -> &'static str {
    match stub.state {
        CounterfoilState::Recorded => "recorded",
        CounterfoilState::Voided => "undone",
        CounterfoilState::Refunded => "refunded",
        CounterfoilState::PartlyRefunded => "partly refunded",
    }
}
