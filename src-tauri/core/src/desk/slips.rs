//! Slips: asked for, printed as soon as there is a printer that takes them, and never in the way of a sale.
//!
//! A slip is begun in the records before its first byte is sent. Whatever happens then, a crash too, the next printing of it is
//! marked as a copy, unless it is known that nothing came out.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::handout::{self, How, NewHandout};
use super::views::moment;
use super::{Desk, DeskError, Result, asks, done_before, shop_of};
use crate::domain::money::Money;
use crate::domain::{card, people};
use crate::ports::Printer;
use crate::print::escpos::{self, Columns, DrawError};
use crate::print::fonts;
use crate::print::printers;
use crate::print::raster::Raster;
use crate::print::slip::{Receipt, Slip, YourCode};
use crate::print::slip_pdf;
use crate::sentences::{Language, offer};
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code};
use crate::storage::ledger::{self, Redemption};
use crate::storage::slips::{self, SlipRow, State};
use crate::storage::{StorageError, operations};

/// Longer than this no printing takes: all bounds of a printer together are a third of it. After a crash a slip is free again then.
const ON_ITS_WAY_MAX: Duration = Duration::seconds(60);
/// So long after it was asked for a slip is still printed by itself. Later the customer is gone, and a printer that comes back in
/// the morning must not print yesterday.
const BY_ITSELF_MAX: Duration = Duration::minutes(30);

/// Print a slip.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct SlipAsk {
    /// A UUID made before the first try and kept for every further one.
    pub op: String,
    /// Of what.
    pub of: SlipOf,
    /// Who hands it over.
    pub by: Option<String>,
}

/// What a slip is of.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SlipOf {
    /// A sale with a code.
    Receipt {
        /// Which.
        redemption_id: String,
    },
    /// Somebody's own code, which is generated if there is none yet.
    YourCode {
        /// Whose.
        referrer_id: String,
    },
}

/// A slip as a screen or a script shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct SlipView {
    /// Id.
    pub id: String,
    /// Of what.
    pub kind: SlipKind,
    /// Whether it is on paper.
    pub state: SlipState,
    /// How often it is on paper, or may be.
    pub copies: u32,
    /// A printer has it this moment.
    pub on_its_way: bool,
    /// Why the last try failed, as a sentence.
    pub trouble: Option<String>,
    /// When it was asked for.
    pub at: String,
    /// The customer's name, or that of the person whose code it is.
    pub name: Option<String>,
    /// The code as it is shown.
    pub code: String,
}

/// What a slip is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SlipKind {
    /// A sale with a code.
    Receipt,
    /// Somebody's own code.
    YourCode,
}

/// Whether a slip is on paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SlipState {
    /// Not yet.
    Waiting,
    /// Yes.
    Printed,
    /// Nobody wants it any more.
    Dropped,
}

/// What a slip is of, looked up.
enum Of {
    Receipt(Redemption),
    YourCode(Code),
}

impl Desk {
    /// Asks for a slip: it waits from now on. One that is on paper already is asked for once more, and then marked as a copy.
    pub fn ask_slip(&mut self, ask: &SlipAsk) -> Result<SlipView> {
        let now = self.now();
        let language = self.language();
        let entropy = self.entropy.as_mut();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let asked = match &ask.of {
                SlipOf::Receipt { redemption_id } => operations::fingerprint("receipt", &[redemption_id]),
                SlipOf::YourCode { referrer_id } => operations::fingerprint("your_code", &[referrer_id]),
            };
            if let Some(id) = done_before(tx, op, &asked)? {
                return view(tx, &slip(tx, id)?, now, language);
            }
            let id = match &ask.of {
                SlipOf::Receipt { redemption_id } => {
                    let redemption = ledger::redemption(tx, asks::id(redemption_id, "redemption")?)?.ok_or(DeskError::NotFound("redemption"))?;
                    match slips::of_redemption(tx, redemption.n)? {
                        Some(before) => {
                            slips::ask_again(tx, before.n, now)?;
                            before.id
                        }
                        None => {
                            slips::ask_receipt(tx, op, redemption.n, now)?;
                            op
                        }
                    }
                }
                SlipOf::YourCode { referrer_id } => {
                    let referrer = catalogue::referrer(tx, asks::id(referrer_id, "referrer")?)?.ok_or(DeskError::NotFound("referrer"))?;
                    let code = handout::code_to_show(tx, entropy, &shop, referrer.n, now)?;
                    slips::ask_code(tx, op, code.n, asks::note(ask.by.as_deref(), "by")?.as_deref(), now)?;
                    op
                }
            };
            operations::remember(tx, op, "slip", &asked, id, now)?;
            view(tx, &slip(tx, id)?, now, language)
        })
    }

    /// Asks for a slip and prints it at once. One that the printer does not take waits.
    pub fn print_now(&mut self, ask: &SlipAsk, elsewhere: Option<&str>) -> Result<SlipView> {
        // Without a printer nothing is left waiting for one.
        self.where_to(elsewhere, None)?;
        let slip = self.ask_slip(ask)?;
        self.print_slip(&slip.id, elsewhere)
    }

    /// Prints a slip that was asked for before: one that waits, or a copy.
    pub fn print_again(&mut self, id: &str) -> Result<SlipView> {
        let now = self.now();
        self.where_to(None, None)?;
        self.store.write::<_, DeskError>(|tx| Ok(slips::ask_again(tx, slip(tx, asks::id(id, "slip")?)?.n, now)?))?;
        self.print_slip(id, None)
    }

    /// The slips that are not on paper yet, in the order in which they were asked for.
    pub fn slips_waiting(&self) -> Result<Vec<SlipView>> {
        let now = self.now();
        let language = self.language();
        self.store.read(|connection| slips::waiting(connection)?.iter().map(|row| view(connection, row, now, language)).collect())
    }

    /// Nobody wants this slip any more.
    pub fn drop_slip(&mut self, id: &str) -> Result<SlipView> {
        let now = self.now();
        let language = self.language();
        self.store.write(|tx| {
            let row = slip(tx, asks::id(id, "slip")?)?;
            slips::dropped(tx, row.n)?;
            view(tx, &slip(tx, row.id)?, now, language)
        })
    }

    /// Prints a slip that waits, at this address or at the printer that is set up. A printer that does not print it is no fault: the
    /// slip goes on waiting, and says why.
    pub fn print_slip(&mut self, id: &str, elsewhere: Option<&str>) -> Result<SlipView> {
        let (address, columns) = self.where_to(elsewhere, None)?;
        self.print_slip_with(id, columns, &mut *printers::at(&address))
    }

    /// [`Desk::print_slip`] on any printer.
    pub fn print_slip_with(&mut self, id: &str, columns: Columns, printer: &mut dyn Printer) -> Result<SlipView> {
        let id = asks::id(id, "slip")?;
        let Some(bytes) = self.begin_slip(id, &|slip| escpos::bytes(slip, columns, &Raster::with(&mut fonts::shared())))? else {
            return self.slip_view(id);
        };
        // No transaction is open here: whoever sells does not wait for a printer.
        let done = printer.print(&bytes);
        match done {
            Ok(()) => self.settle_slip(id),
            Err(error) => {
                self.store.write::<_, DeskError>(|tx| Ok(slips::failed(tx, slip(tx, id)?.n, error.name(), error.begun())?))?;
                self.slip_view(id)
            }
        }
    }

    /// Writes a slip as a document of 80 mm paper; that counts as printing it.
    pub fn save_slip(&mut self, ask: &SlipAsk, path: &Path) -> Result<SlipView> {
        self.not_among_the_records(path)?;
        let id = asks::id(&self.ask_slip(ask)?.id, "slip")?;
        let Some(document) = self.begin_slip(id, &|slip| slip_pdf::document(slip, &mut fonts::shared()))? else {
            return self.slip_view(id);
        };
        match std::fs::write(path, document) {
            Ok(()) => self.settle_slip(id),
            Err(source) => {
                self.store.write::<_, DeskError>(|tx| Ok(slips::failed(tx, slip(tx, id)?.n, "file", false)?))?;
                Err(StorageError::File { path: path.to_owned(), source }.into())
            }
        }
    }

    /// Prints what waits, one after the other, until a printer's trouble. With `by_itself`, only what was asked for just now.
    /// Says how many are on paper now, and whether any is left that will be tried by itself.
    pub fn print_waiting(&mut self, by_itself: bool) -> Result<(u32, bool)> {
        let now = self.now();
        let fresh = |row: &SlipRow| row.trouble.as_deref() != Some(CANT_DRAW) && now - row.at < BY_ITSELF_MAX;
        let waiting = slips::waiting(self.store.reader())?;
        let mut printed = 0;
        for row in waiting.iter().filter(|row| !by_itself || fresh(row)) {
            match self.print_slip(&row.id.to_string(), None) {
                Ok(SlipView { state: SlipState::Printed, .. }) => printed += 1,
                // Another program prints this one; or this one alone can't be drawn.
                Ok(SlipView { on_its_way: true, .. }) | Err(DeskError::Draw(_)) => {}
                Ok(_) => return Ok((printed, true)),
                Err(error) => return Err(error),
            }
        }
        let left = slips::waiting(self.store.reader())?;
        Ok((printed, left.iter().any(fresh)))
    }

    fn slip_view(&self, id: Uuid) -> Result<SlipView> {
        let now = self.now();
        let language = self.language();
        self.store.read(|connection| view(connection, &slip(connection, id)?, now, language))
    }

    /// Draws a slip, then begins it. None where it does not wait, or is on its way.
    pub(super) fn begin_slip(&mut self, id: Uuid, draw: &dyn Fn(&Slip) -> std::result::Result<Vec<u8>, DrawError>) -> Result<Option<Vec<u8>>> {
        let language = self.language();
        let free = |row: &SlipRow, now| row.state == State::Waiting && !slips::on_its_way(row, now, ON_ITS_WAY_MAX);
        loop {
            let now = self.now();
            let said = self.store.read(|connection| {
                let row = slip(connection, id)?;
                free(&row, now).then(|| content(connection, &shop_of(connection)?, &row, now, language)).transpose()
            })?;
            let Some(said) = said else { return Ok(None) };
            // No transaction is open here: drawing may look through all fonts of the system, and whoever sells does not wait for it.
            let drawn = draw(&said);
            let begins = self.now();
            let begun = self.store.write(|tx| {
                let row = slip(tx, id)?;
                // Printed, taken up by another program or changed while it was drawn: looked at anew.
                if !free(&row, begins) || content(tx, &shop_of(tx)?, &row, now, language)? != said {
                    return Ok(false);
                }
                match &drawn {
                    Ok(_) => slips::begin(tx, row.n, begins)?,
                    // It was not begun, so no copy is taken back.
                    Err(_) => slips::failed(tx, row.n, CANT_DRAW, true)?,
                }
                Ok::<_, DeskError>(true)
            })?;
            if begun {
                return Ok(Some(drawn?));
            }
        }
    }

    /// A slip is on paper. A code on paper has reached its Referrer.
    fn settle_slip(&mut self, id: Uuid) -> Result<SlipView> {
        let now = self.now();
        let language = self.language();
        self.store.write(|tx| {
            let row = slip(tx, id)?;
            slips::printed(tx, row.n)?;
            if let Some(code_n) = row.code_n {
                let shop = shop_of(tx)?;
                let new = NewHandout { op: Some(id), how: How::Slip, place: Some(&shop.till), by: row.by.as_deref(), run_n: None };
                handout::record(tx, &shop, code_n, &new, now)?;
            }
            view(tx, &slip(tx, id)?, now, language)
        })
    }
}

/// The stored name of the trouble that no printer can mend.
const CANT_DRAW: &str = "cant_draw";

fn slip(connection: &Connection, id: Uuid) -> Result<SlipRow> {
    slips::slip(connection, id)?.ok_or(DeskError::NotFound("slip"))
}

fn of(connection: &Connection, row: &SlipRow) -> Result<Of> {
    let missing = StorageError::Stored { what: "slip" };
    Ok(match (row.redemption, row.code_n) {
        (Some(id), _) => Of::Receipt(ledger::redemption(connection, id)?.ok_or(missing)?),
        (None, Some(n)) => Of::YourCode(catalogue::code_n(connection, n)?.ok_or(missing)?),
        (None, None) => return Err(missing.into()),
    })
}

/// What stands on a slip, as the records are now.
fn content(connection: &Connection, shop: &Shop, row: &SlipRow, now: DateTime<Utc>, language: Language) -> Result<Slip> {
    let local = |at: DateTime<Utc>| at.with_timezone(&shop.zone).naive_local();
    Ok(match of(connection, row)? {
        Of::Receipt(redemption) => {
            let money = |minor| Money { minor, currency: redemption.currency };
            let receipt = Receipt {
                shop: &shop.name,
                till: &shop.till,
                at: local(redemption.recorded.at),
                code: &redemption.code,
                referrer: people::first_name(&redemption.referrer),
                customer: Some(redemption.customer.as_str()).filter(|name| !name.is_empty()),
                reference: redemption.reference.as_deref(),
                order: money(redemption.order),
                discount: money(redemption.discount),
                paid: money(redemption.recorded.paid),
                refunded: money(redemption.recorded.refunded),
                undone: redemption.recorded.voided,
            };
            Slip::receipt(&receipt, row.copies, language)
        }
        Of::YourCode(code) => {
            let yours = YourCode {
                shop: &shop.name,
                at: local(now),
                name: &code.referrer.name,
                code: &code.text,
                qr: card::qr_text(code.referrer.link.as_deref(), &code.text, None),
                offer: &offer(language, &code.known.terms),
            };
            Slip::your_code(&yours, row.copies, language)
        }
    })
}

fn view(connection: &Connection, row: &SlipRow, now: DateTime<Utc>, language: Language) -> Result<SlipView> {
    let (kind, name, code) = match of(connection, row)? {
        Of::Receipt(redemption) => (SlipKind::Receipt, redemption.customer, redemption.code),
        Of::YourCode(code) => (SlipKind::YourCode, code.referrer.name, code.text),
    };
    let address = slips::printer(connection)?.map_or_else(String::new, |printer| printer.address);
    let on_its_way = slips::on_its_way(row, now, ON_ITS_WAY_MAX);
    Ok(SlipView {
        id: row.id.to_string(),
        kind,
        state: match row.state {
            State::Waiting => SlipState::Waiting,
            State::Printed => SlipState::Printed,
            State::Dropped => SlipState::Dropped,
        },
        copies: row.copies,
        on_its_way,
        trouble: row.trouble.as_ref().map(|trouble| language.say(&format!("slip_trouble.{trouble}"), &[("address", &address)])),
        at: moment(row.at),
        name: Some(name).filter(|name| !name.is_empty()),
        code,
    })
}

/// Asks for the receipt of a sale that is being recorded, where the shop wishes one with each.
pub(super) fn after_sale(tx: &Connection, redemption_n: i64, now: DateTime<Utc>) -> Result<()> {
    if slips::printer(tx)?.is_some_and(|printer| printer.after_sale) {
        slips::ask_receipt(tx, Uuid::now_v7(), redemption_n, now)?;
    }
    Ok(())
}
