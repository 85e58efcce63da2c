//! Slips and the printer of this till.

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::printer::{PrinterAsk, PrinterSettings};
use counterfoil_core::desk::slips::{SlipAsk, SlipKind, SlipOf, SlipState, SlipView};
use serde_json::json;

use super::op;
use crate::answer::{Answer, Exit, Result};
use crate::args::{PrinterCommand, SlipArgs};
use crate::pick;
use crate::text::{Here, Table, count, or_dash, shown};

pub fn slip(desk: &mut Desk, ask: SlipArgs) -> Result {
    if ask.of.waiting {
        return waiting(desk);
    }
    let of = match (ask.of.redemption, &ask.of.referrer) {
        (Some(redemption_id), _) => SlipOf::Receipt { redemption_id },
        (None, who) => SlipOf::YourCode { referrer_id: pick::person(desk, who.as_deref().unwrap_or_default())? },
    };
    let asked = SlipAsk { op: op(ask.op), of, by: ask.by };
    let done = match &ask.out {
        Some(path) => desk.save_slip(&asked, path)?,
        None => desk.print_now(&asked, ask.printer.as_deref())?,
    };
    let what = if done.kind == SlipKind::Receipt { "receipt slip" } else { "slip with the code" };
    let text = match (done.state, &ask.out) {
        (SlipState::Printed, Some(path)) => format!("The {what} is in {}.", shown(&path.display().to_string())),
        (SlipState::Printed, None) => format!("The {what} is printed."),
        _ => {
            let why = done.trouble.as_deref().unwrap_or("Another program prints it.");
            format!("{} The {what} waits: foil slip --waiting prints it on the till's printer.", shown(why))
        }
    };
    let exit = if done.state == SlipState::Printed { Exit::Done } else { Exit::Storage };
    Ok(Answer::done(&done, text).ending(exit))
}

/// Prints what waits, however old.
fn waiting(desk: &mut Desk) -> Result {
    let (printed, _) = desk.print_waiting(false)?;
    let left = desk.slips_waiting()?;
    let mut text = format!("{} printed.", count(printed, "slip", "slips"));
    if !left.is_empty() {
        text += &format!("\n\n{}", waiting_lines(&left, &Here::of(&desk.shop_view()?)?));
    }
    let exit = if left.is_empty() { Exit::Done } else { Exit::Storage };
    Ok(Answer::done(&json!({ "printed": printed, "waiting": left }), text).ending(exit))
}

pub fn printer(desk: &mut Desk, command: PrinterCommand) -> Result {
    match command {
        PrinterCommand::Show => show(desk),
        PrinterCommand::Test { address } => {
            desk.test_print(address.as_deref(), None)?;
            Ok(Answer::done(&json!({ "printed": true }), "A test slip is printed. Can every line be read, and the code be scanned?"))
        }
        PrinterCommand::Set { address, columns, after_sale } => {
            let before = desk.printer_settings()?;
            desk.set_printer(&PrinterAsk {
                address: if address == "none" { String::new() } else { address },
                columns: columns.and_then(|columns| columns.parse().ok()).unwrap_or(before.columns),
                after_sale: after_sale.map_or(before.after_sale, |switch| switch == "on"),
            })?;
            show(desk)
        }
    }
}

fn show(desk: &Desk) -> Result {
    let settings = desk.printer_settings()?;
    let left = desk.slips_waiting()?;
    let PrinterSettings { address, columns, after_sale, .. } = &settings;
    let mut table = Table::plain().whole(&[1]);
    table.row(["Printer", address.as_deref().unwrap_or("none")]);
    table.row(["Columns", &columns.to_string()]);
    table.row(["After each sale", if *after_sale { "a receipt slip" } else { "nothing" }]);
    let mut text = table.lines();
    if !left.is_empty() {
        text += &format!("\n\n{}", waiting_lines(&left, &Here::of(&desk.shop_view()?)?));
    }
    Ok(Answer::done(&json!({ "printer": settings, "waiting": left }), text))
}

fn waiting_lines(left: &[SlipView], here: &Here) -> String {
    let mut table = Table::new(&["Since", "Slip", "Code", "Name", "Why", "Id"]).whole(&[2, 4, 5]);
    for SlipView { kind, trouble, at, name, code, id, .. } in left {
        let kind = if *kind == SlipKind::Receipt { "receipt" } else { "code" };
        table.row([&here.moment(at), kind, code, &or_dash(name.as_deref()), &or_dash(trouble.as_deref()), id]);
    }
    format!("{} to be printed:\n\n{}", count(u32::try_from(left.len()).unwrap_or(u32::MAX), "slip waits", "slips wait"), table.lines())
}
