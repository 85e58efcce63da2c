//! Cards, their look, and QR codes.

use std::path::{Path, PathBuf};

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::brand::{BrandAsk, BrandView};
use counterfoil_core::desk::cards::{CardsAsk, People, PrintTo};
use counterfoil_core::print::template::Template;

use crate::answer::{Answer, Result};
use crate::args::{Brand, Cards, Qr};
use crate::pick;
use crate::text::{Table, count, shown};
use crate::watch::watched;

pub fn cards(desk: &mut Desk, ask: Cards) -> Result {
    let people = match (&ask.whose.all, &ask.whose.no_card_yet) {
        (true, _) => People::All,
        (_, true) => People::NoCardYet,
        _ => People::These { ids: ask.whose.referrer.iter().map(|who| pick::person(desk, who)).collect::<Result<_>>()? },
    };
    let template = Template::from(ask.template);
    let to = match (&ask.to.out, ask.to.printer) {
        (Some(file), _) => PrintTo::Save { path: whole(file).display().to_string() },
        (None, printer) => PrintTo::Spool { printer: printer.unwrap_or_default() },
    };
    let wanted = CardsAsk {
        template,
        sheet: ask.sheet.map_or(template.sheets()[0], Into::into),
        show: ask.show.into(),
        people,
        with_name: !ask.no_name && desk.brand()?.show_name,
        headline: ask.headline,
        small_print: ask.small_print,
        place: ask.place,
        printed_by: ask.by,
        skip: ask.skip,
    };
    // On paper it is too late to tell what is missing.
    if matches!(to, PrintTo::Spool { .. }) && !ask.test && !ask.anyway {
        let troubles = desk.card_troubles(&wanted, &mut |_| true)?;
        if !troubles.is_empty() {
            return Ok(Answer::troubles(&troubles, "Nothing was printed."));
        }
    }
    let printed = if ask.test { desk.test_sheet(&wanted, &to)? } else { watched(|watch| desk.print_cards(&wanted, &to, watch))? };
    let mut text = format!("{} on {}", count(printed.cards, "card", "cards"), count(printed.pages, "page", "pages"));
    if let Some(path) = &printed.path {
        text += &format!(" in {}", shown(path));
    }
    if let Some(batch) = printed.batch {
        text += &format!(", batch {batch}");
    }
    for trouble in &printed.troubles {
        text += &format!("\n  {}", shown(trouble));
    }
    Ok(Answer::done(&printed, text))
}

pub fn brand(desk: &mut Desk, change: Brand) -> Result {
    let mut brand = desk.brand()?;
    let Brand { accent, headline, small_print, show_name, logo, no_logo } = change;
    if accent.is_some() || headline.is_some() || small_print.is_some() || show_name.is_some() {
        let ask = BrandAsk {
            accent: accent.unwrap_or(brand.accent),
            headline: headline.unwrap_or(brand.headline),
            small_print: small_print.unwrap_or(brand.small_print),
            show_name: show_name.unwrap_or(brand.show_name),
        };
        brand = desk.set_brand(&ask)?;
    }
    if logo.is_some() || no_logo {
        brand = desk.set_logo(logo.as_deref())?;
    }
    let mut table = Table::plain().whole(&[1]);
    let BrandView { accent, logo, headline, small_print, show_name } = &brand;
    table.row(["Accent", accent]);
    table.row(["Logo", if logo.is_some() { "yes" } else { "none: the shop's name" }]);
    table.row(["Headline", headline]);
    table.row(["Small print", small_print]);
    table.row(["Names", if *show_name { "shown" } else { "not shown" }]);
    let lines = table.lines();
    Ok(Answer::done(&brand, lines))
}

pub fn qr(desk: &Desk, ask: &Qr) -> Result {
    let path = whole(&ask.out);
    let written = desk.write_qr(&ask.code, &path)?;
    let text = format!("{} in {}", shown(&written.says), shown(&written.path));
    Ok(Answer::done(&written, text))
}

/// The whole path, which a script can use from wherever it stands.
fn whole(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}
