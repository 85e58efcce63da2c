//! People who were recommended.

use counterfoil_core::desk::leads::{CallBackAsk, LeadsAsk, LeadsShown, NewLead};
use counterfoil_core::desk::views::LeadStateView;
use counterfoil_core::desk::{Desk, DeskError};
use counterfoil_core::ports::{Clock as _, System};
use counterfoil_core::storage::StorageError;
use counterfoil_core::sync::checks;
use counterfoil_core::sync::keys::SystemKeyring;
use counterfoil_core::sync::round::RoundError;
use serde_json::json;
use uuid::Uuid;

use super::{Place, op};
use crate::answer::{Answer, Problem, Result};
use crate::args::{LeadAdd, LeadCallBack, Leads, LeadsShow};
use crate::pick;
use crate::text::{Here, Table, count, or_dash, shown};

pub fn add(desk: &mut Desk, ask: LeadAdd) -> Result {
    let referrer_id = pick::person(desk, &ask.referrer)?;
    let LeadAdd { name, email, phone, note, call_back, .. } = ask;
    let recorded = desk.record_lead(&NewLead { op: op(ask.op), referrer_id, name, email, phone, note, call_back })?;
    let lead = &recorded.lead;
    let what = if recorded.replayed { "Recorded before, and not a second time." } else { "Recorded on this till." };
    let mut table = Table::plain().whole(&[1]);
    table.row(["Lead", &lead.name]);
    table.row(["E-mail", &or_dash(lead.email.as_deref())]);
    table.row(["Phone", &or_dash(lead.phone.as_deref())]);
    table.row(["Recommended by", &lead.referrer]);
    if let Some(day) = &lead.call_back {
        table.row(["Call back", day]);
    }
    if let Some(note) = &lead.note {
        table.row(["Note", note]);
    }
    table.row(["Id", &lead.id]);
    let mut text = format!("{what}\n\n{}", table.lines());
    if let Some(conflict) = &recorded.conflict {
        text += &format!("\n\n{}", shown(conflict));
    }
    Ok(Answer::done(&recorded, text))
}

pub fn call_back(desk: &mut Desk, ask: LeadCallBack) -> Result {
    let lead = desk.call_back(&CallBackAsk { op: op(ask.op), lead_id: one(desk, &ask.lead)?, day: ask.on })?;
    let text = match &lead.call_back {
        Some(day) => format!("{}: call back {day}.", shown(&lead.name)),
        None => format!("{}: no call-back is planned any more.", shown(&lead.name)),
    };
    Ok(Answer::done(&lead, text))
}

pub fn list(desk: &Desk, ask: Leads) -> Result {
    let show = match ask.show {
        LeadsShow::All => LeadsShown::All,
        LeadsShow::Pending => LeadsShown::Pending,
        LeadsShow::Qualified => LeadsShown::Qualified,
        LeadsShow::Disqualified => LeadsShown::Disqualified,
        LeadsShow::MissingContact => LeadsShown::MissingContact,
        LeadsShow::Conflict => LeadsShown::Conflict,
        LeadsShow::CallBack => LeadsShown::CallBack,
    };
    let page = desk.leads(&LeadsAsk { search: ask.search, show, after: ask.after, rows_max: ask.rows })?;
    let here = Here::of(&desk.shop_view()?)?;
    let mut text = count(page.total, "lead", "leads");
    if !page.rows.is_empty() {
        let mut table = Table::new(&["Name", "E-mail", "Phone", "Recommended by", "State", "Spent", "Call back"]).right(&[5]);
        for lead in &page.rows {
            let state = match lead.state {
                LeadStateView::Pending => "pending",
                LeadStateView::Qualified => "counts",
                LeadStateView::Disqualified => "does not count",
            };
            let conflict = if lead.conflict { ", conflict" } else { "" };
            let [email, phone, call_back] = [&lead.email, &lead.phone, &lead.call_back].map(|text| or_dash(text.as_deref()));
            table.row([
                &or_dash(Some(&lead.name)),
                &email,
                &phone,
                &lead.referrer,
                &format!("{state}{conflict}"),
                &here.bare(lead.spent),
                &call_back,
            ]);
        }
        text += &format!("\n\n{}", table.lines());
    }
    if let Some(next) = &page.next {
        text += &format!("\n\nGo on with --after {}", shown(next));
    }
    Ok(Answer::done(&page, text))
}

pub fn why(desk: &Desk, place: &Place, lead: &str) -> Result {
    let id = one(desk, lead)?;
    let keyring = SystemKeyring::of_till(&desk.till_id()?);
    let lines = match checks::why_not_qualified(&super::connect::open(place)?, &keyring, &place.settings()?, &id, System.now()) {
        Err(RoundError::Storage(StorageError::Stored { what: "lead" })) => return Err(DeskError::NotFound("lead").into()),
        lines => lines?,
    };
    let mut table = Table::plain().whole(&[1]);
    for line in &lines {
        table.row([if line.ok { "✓" } else { "✗" }, &line.sentence]);
    }
    Ok(Answer::done(&json!({ "lead": id, "checks": lines }), table.lines()))
}

/// The id that this text is, or that of the only lead whom it fits.
fn one(desk: &Desk, text: &str) -> Result<String> {
    if let Ok(id) = Uuid::parse_str(text.trim()) {
        return Ok(id.to_string());
    }
    let page = desk.leads(&LeadsAsk { search: text.to_owned(), show: LeadsShown::All, after: None, rows_max: 2 })?;
    match page.rows.as_slice() {
        [lead] => Ok(lead.id.clone()),
        [] => Err(DeskError::NotFound("lead").into()),
        _ => Err(Problem::Usage("Several people fit. Say who by the id, which foil leads --json shows.")),
    }
}
