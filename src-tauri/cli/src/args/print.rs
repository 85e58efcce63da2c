//! What a manager prints.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use counterfoil_core::print::template;

/// Cards as PDF or on a printer.
#[derive(Args, Debug)]
pub struct Cards {
    #[command(flatten)]
    pub whose: Whose,
    /// What is printed
    #[arg(long, value_name = "NAME")]
    pub template: Template,
    /// The paper [default: the template's own or usual one]
    #[arg(long)]
    pub sheet: Option<Sheet>,
    /// What of a code is shown
    #[arg(long, default_value = "both")]
    pub show: Show,
    #[command(flatten)]
    pub to: To,
    /// Leave the name of who recommends out [default: as the brand is set]
    #[arg(long)]
    pub no_name: bool,
    /// The line above the offer, this time
    #[arg(long, value_name = "TEXT")]
    pub headline: Option<String>,
    /// The small print, this time
    #[arg(long, value_name = "TEXT")]
    pub small_print: Option<String>,
    /// Where the cards will lie
    #[arg(long)]
    pub place: Option<String>,
    /// Who prints them
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Places already used on a started sheet
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: u32,
    /// Print also what can't be on paper as it should be; without this, the printer gets nothing and it is told
    #[arg(long)]
    pub anyway: bool,
    /// Only the first sheet, marked as a test; no print run
    #[arg(long)]
    pub test: bool,
}

/// For whom.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// For everybody
    #[arg(long)]
    pub all: bool,
    /// For everybody for whom there is no card yet, lost ones apart
    #[arg(long)]
    pub no_card_yet: bool,
    /// For this person: an id, code, e-mail or phone, or a name that only one person has; may be given several times
    #[arg(long, value_name = "WHO")]
    pub referrer: Vec<String>,
}

/// Where to.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct To {
    /// Into this PDF file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// To this printer of the system
    #[arg(long, value_name = "NAME")]
    pub printer: Option<String>,
}

/// How the shop's cards look.
#[derive(Args, Debug)]
pub struct Brand {
    /// The one ink beside black, such as #0e5a4b
    #[arg(long, value_name = "COLOUR")]
    pub accent: Option<String>,
    /// The line above the offer; "" means the usual one
    #[arg(long, value_name = "TEXT")]
    pub headline: Option<String>,
    /// What stands at the foot, beside what the rules say
    #[arg(long, value_name = "TEXT")]
    pub small_print: Option<String>,
    /// Whether cards show who recommends
    #[arg(long, value_name = "on|off", value_parser = clap::builder::BoolishValueParser::new())]
    pub show_name: Option<bool>,
    /// A logo, PNG or SVG
    #[arg(long, value_name = "FILE", conflicts_with = "no_logo")]
    pub logo: Option<PathBuf>,
    /// The shop's name instead of a logo
    #[arg(long)]
    pub no_logo: bool,
}

/// A code's QR code.
#[derive(Args, Debug)]
pub struct Qr {
    /// The code, as it is typed or scanned
    pub code: String,
    /// An .svg or .png file
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// A template's name.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Template {
    /// 85 × 55 mm, ten to a sheet, cut along crop marks
    BusinessCard,
    /// Avery C32011: ten 85 × 54 mm cards, perforated
    C32011,
    /// Avery 5371: ten 3.5 × 2 inch cards, perforated
    #[value(name = "5371")]
    A5371,
    /// An A6 page
    #[value(name = "flyer-a6")]
    FlyerA6,
    /// Two panels to fold, for a table or the counter
    TableTent,
    /// 62 mm wide, from a roll
    #[value(name = "label-62")]
    Label62,
    /// Avery L7160: twenty-one 63.5 × 38.1 mm labels
    L7160,
    /// An A4 page
    #[value(name = "poster-a4")]
    PosterA4,
}

impl From<Template> for template::Template {
    fn from(template: Template) -> template::Template {
        match template {
            Template::BusinessCard => template::Template::BusinessCard,
            Template::C32011 => template::Template::PerforatedC32011,
            Template::A5371 => template::Template::Perforated5371,
            Template::FlyerA6 => template::Template::FlyerA6,
            Template::TableTent => template::Template::TableTent,
            Template::Label62 => template::Template::Label62,
            Template::L7160 => template::Template::LabelL7160,
            Template::PosterA4 => template::Template::PosterA4,
        }
    }
}

/// A paper's name.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Sheet {
    /// 210 × 297 mm
    A4,
    /// 8.5 × 11 inches
    Letter,
}

impl From<Sheet> for template::Sheet {
    fn from(sheet: Sheet) -> template::Sheet {
        match sheet {
            Sheet::A4 => template::Sheet::A4,
            Sheet::Letter => template::Sheet::Letter,
        }
    }
}

/// What is shown.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Show {
    /// The code to say or type
    Code,
    /// The QR code and the link
    Link,
    /// The code and the QR code
    Both,
}

impl From<Show> for template::Show {
    fn from(show: Show) -> template::Show {
        match show {
            Show::Code => template::Show::Code,
            Show::Link => template::Show::Link,
            Show::Both => template::Show::Both,
        }
    }
}
