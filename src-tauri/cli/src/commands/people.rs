//! People who recommend, and their codes.

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::people::{EditReferrer, NewCode, NewReferrer, Person, PersonCode, RevokeAsk};
use serde_json::json;

use super::op;
use super::shop::rules_lines;
use crate::answer::{Answer, Result};
use crate::args::{CodeCommand, ReferrerAdd, ReferrerCommand, ReferrerEdit};
use crate::pick;
use crate::text::{Here, Table, count, or_dash, people_table, shown, words_of};
use crate::watch::watched;

pub fn look_up(desk: &Desk, text: &str) -> Result {
    let hits = desk.find(text)?;
    let lines = if hits.is_empty() { "Nobody fits.".to_owned() } else { people_table(&hits) };
    Ok(Answer::done(&json!({ "hits": hits }), lines))
}

pub fn referrer(desk: &mut Desk, job: ReferrerCommand) -> Result {
    let person = match job {
        ReferrerCommand::Add(new) => add(desk, new)?,
        ReferrerCommand::Edit(change) => edit(desk, change)?,
        ReferrerCommand::Show { who } => desk.person(&pick::person(desk, &who)?)?,
    };
    page(desk, &person)
}

fn add(desk: &mut Desk, new: ReferrerAdd) -> Result<Person> {
    let code = match new.code {
        Some(text) => NewCode::Own { text },
        None if new.generate => NewCode::Generate,
        None => NewCode::None,
    };
    let name = new.name.unwrap_or_default();
    Ok(desk.add_referrer(&NewReferrer { op: op(new.op), name, email: new.email, phone: new.phone, code })?)
}

fn edit(desk: &mut Desk, ReferrerEdit { who, changes }: ReferrerEdit) -> Result<Person> {
    let before = desk.person(&pick::person(desk, &who)?)?.referrer;
    Ok(desk.edit_referrer(&EditReferrer {
        op: op(None),
        id: before.id,
        name: changes.name.unwrap_or(before.name),
        email: changes.email.or(before.email),
        phone: changes.phone.or(before.phone),
    })?)
}

pub fn code(desk: &mut Desk, job: CodeCommand) -> Result {
    match job {
        CodeCommand::Generate(whose) => match whose.referrer {
            Some(who) => {
                let person = desk.generate_code(&pick::person(desk, &who)?)?;
                let code = person.code.as_ref().map(|code| code.code.as_str());
                let spelling = person.code.as_ref().map_or(&[][..], |code| &code.spelling);
                let text = format!("{}  {}\n\n  {}", or_dash(code), shown(&person.referrer.name), spelling.join(" "));
                Ok(Answer::done(&json!({ "referrer": person.referrer, "code": code, "spelling": spelling }), text))
            }
            None => {
                let generated = watched(|watch| desk.generate_all(watch))?;
                let text = match generated {
                    0 => "Everybody has a code already.".to_owned(),
                    made => format!("{} generated.", count(made, "code", "codes")),
                };
                Ok(Answer::done(&json!({ "generated": generated }), text))
            }
        },
        CodeCommand::Revoke { referrer, reason, op: given } => {
            let person = desk.revoke_code(&RevokeAsk { op: op(given), referrer_id: pick::person(desk, &referrer)?, reason })?;
            page(desk, &person)
        }
    }
}

/// A person's page.
fn page(desk: &Desk, person: &Person) -> Result {
    let here = Here::of(&desk.shop_view()?)?;
    let mut table = Table::plain().whole(&[1]);
    table.row(["E-mail", &or_dash(person.referrer.email.as_deref())]);
    table.row(["Phone", &or_dash(person.referrer.phone.as_deref())]);
    if let Some(link) = &person.link {
        table.row(["Link", link]);
    }
    table.row(["Id", &person.referrer.id]);
    table.row(["Added", &here.moment(&person.added)]);
    match &person.code {
        Some(code) => code_lines(code, &here, &mut table),
        None => table.row(["Code", "none yet"]),
    }
    table.row(["Uses in all", &person.uses.to_string()]);
    table.row(["Given in all", &here.amount(person.given)]);
    table.row(["People brought", &person.leads_total.to_string()]);
    let mut text = format!("{}\n\n{}", shown(&person.referrer.name), table.lines());
    if !person.history.is_empty() {
        let mut history = Table::plain();
        for line in &person.history {
            let amount = line.amount.map_or_else(String::new, |amount| here.amount(amount));
            history.row([&here.moment(&line.at), &words_of(&line.what), line.text.as_deref().unwrap_or(""), &amount]);
        }
        text += &format!("\n\n{}", history.right(&[3]).lines());
    }
    Ok(Answer::done(person, text))
}

fn code_lines(code: &PersonCode, here: &Here, table: &mut Table) {
    let revoked = if code.revoked { "  (taken back)" } else { "" };
    table.row(["Code", &format!("{}{revoked}", code.code)]);
    if let Some(alias) = &code.alias {
        table.row(["Or", alias]);
    }
    if let Some(theirs) = &code.elsewhere {
        table.row(["At Referral Factory", theirs]);
    }
    table.row(["Said as", &code.spelling.join(" ")]);
    table.row(["Uses", &code.uses.to_string()]);
    for (what, value) in rules_lines(&code.rules, here) {
        table.row([what, &value]);
    }
}
