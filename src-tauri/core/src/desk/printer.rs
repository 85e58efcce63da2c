//! The printer of this till: where it is, how wide it prints, and whether it prints without being asked.

use serde::{Deserialize, Serialize};

use super::{Desk, DeskError, Result};
use crate::domain::card;
use crate::ports::Printer;
use crate::print::escpos::{self, Columns};
use crate::print::fonts;
use crate::print::printers::{self, Address};
use crate::print::raster::Raster;
use crate::print::slip::Slip;
use crate::storage::slips::{self, PrinterRow};

/// 80 mm paper, as most shops have it.
const COLUMNS_USUAL: u32 = 48;

/// The printer as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrinterSettings {
    /// Where it is; none where none is set up.
    pub address: Option<String>,
    /// How wide it prints, in columns of its own letters.
    pub columns: u32,
    /// The widths there are.
    pub columns_known: Vec<u32>,
    /// A receipt slip is printed with each sale.
    pub after_sale: bool,
    /// How many slips wait.
    pub waiting: u32,
}

/// Keep this printer.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct PrinterAsk {
    /// `tcp://host[:port]`, `/dev/usb/lp0` or `serial:/dev/ttyUSB0?baud=9600`; empty for none.
    pub address: String,
    /// One of the widths there are.
    pub columns: u32,
    /// Print a receipt slip with each sale.
    pub after_sale: bool,
}

impl Desk {
    /// The printer as it stands.
    pub fn printer_settings(&self) -> Result<PrinterSettings> {
        self.store.read(|connection| {
            let printer = slips::printer(connection)?;
            Ok(PrinterSettings {
                columns: printer.as_ref().map_or(COLUMNS_USUAL, |printer| printer.columns),
                columns_known: Columns::ALL.to_vec(),
                after_sale: printer.as_ref().is_some_and(|printer| printer.after_sale),
                address: printer.map(|printer| printer.address),
                waiting: slips::waiting_count(connection)?,
            })
        })
    }

    /// Keeps the printer, or forgets it.
    pub fn set_printer(&mut self, ask: &PrinterAsk) -> Result<PrinterSettings> {
        let printer = match ask.address.trim() {
            "" => None,
            text => {
                let columns = Columns::of(ask.columns).ok_or(DeskError::NotAWidth(ask.columns))?;
                Some(PrinterRow { address: address(text)?.to_string(), columns: columns.count(), after_sale: ask.after_sale })
            }
        };
        self.store.write::<_, DeskError>(|tx| Ok(slips::set_printer(tx, printer.as_ref())?))?;
        self.printer_settings()
    }

    /// Prints a slip that only shows that the printer works: the one at this address, or the one that is set up.
    pub fn test_print(&self, elsewhere: Option<&str>, columns: Option<u32>) -> Result<()> {
        let shop = self.shop()?;
        let (address, columns) = self.where_to(elsewhere, columns)?;
        let at = self.now().with_timezone(&shop.zone).naive_local();
        let slip = Slip::test(&shop.name, at, card::qr_text(None, "K7MQ-4RTX", None), self.language());
        let bytes = escpos::bytes(&slip, columns, &Raster::with(&mut fonts::shared()))?;
        self.print(&bytes, &address, &mut *printers::at(&address))
    }

    pub(super) fn print(&self, bytes: &[u8], address: &Address, printer: &mut dyn Printer) -> Result<()> {
        printer.print(bytes).map_err(|source| DeskError::Printer { source, address: address.to_string() })
    }

    /// The address and width that are meant: as given, or as set up.
    pub(super) fn where_to(&self, elsewhere: Option<&str>, columns: Option<u32>) -> Result<(Address, Columns)> {
        let printer = slips::printer(self.store.reader())?;
        let columns = columns.or(printer.as_ref().map(|printer| printer.columns)).unwrap_or(COLUMNS_USUAL);
        let text = elsewhere.or(printer.as_ref().map(|printer| printer.address.as_str())).ok_or(DeskError::NoPrinter)?;
        Ok((address(text)?, Columns::of(columns).ok_or(DeskError::NotAWidth(columns))?))
    }
}

fn address(text: &str) -> Result<Address> {
    text.parse().map_err(|()| DeskError::NotAPrinter(text.to_owned()))
}
