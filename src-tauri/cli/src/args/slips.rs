//! Slips and the printer of this till.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

/// One slip, or all that wait.
#[derive(Args, Debug)]
pub struct SlipArgs {
    #[command(flatten)]
    pub of: SlipOfArgs,
    /// Write it as a PDF on 80 mm paper instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["printer", "waiting"])]
    pub out: Option<PathBuf>,
    /// This printer [default: the till's]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "waiting")]
    pub printer: Option<String>,
    /// Who hands it over
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// An operation id for a script that may have to try again
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// What the slip is of.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct SlipOfArgs {
    /// The sale whose receipt it is: its id, as `foil today` shows it
    pub redemption: Option<String>,
    /// A slip with this person's own code, generated if there is none: an id, code, e-mail, phone, or a name that only one has
    #[arg(long, value_name = "WHO")]
    pub referrer: Option<String>,
    /// Everything that waits for the printer
    #[arg(long)]
    pub waiting: bool,
}

/// What can be done with the printer.
#[derive(Subcommand, Debug)]
pub enum PrinterCommand {
    /// Keep the till's printer; what is not given stays as it is
    #[command(after_help = "Examples:\n  foil printer set tcp://192.168.1.50\n  foil printer set /dev/usb/lp0 --columns 42\n  \
                            foil printer set \"serial:/dev/ttyUSB0?baud=19200\" --after-sale on\n  foil printer set none")]
    Set {
        /// tcp://host[:port], /dev/usb/lp0, serial:/dev/ttyUSB0?baud=9600, or none
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// How wide it prints: 48 on 80 mm paper, 42 on older printers, 32 on 58 mm
        #[arg(long, value_parser = PossibleValuesParser::new(["32", "42", "48"]))]
        columns: Option<String>,
        /// Print a receipt slip with each sale
        #[arg(long, value_name = "ON_OR_OFF", value_parser = PossibleValuesParser::new(["on", "off"]))]
        after_sale: Option<String>,
    },
    /// Print a slip that shows whether the printer works
    #[command(after_help = "Examples:\n  foil printer test\n  foil printer test tcp://192.168.1.50")]
    Test {
        /// This printer [default: the till's]
        #[arg(value_name = "ADDRESS")]
        address: Option<String>,
    },
    /// The printer, and the slips that wait for it
    #[command(after_help = "Examples:\n  foil printer show\n  foil printer show --json")]
    Show,
}
