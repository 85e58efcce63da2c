//! What can be typed after `foil`. Each command's help ends with examples that work as they stand.

mod clouds;
#[cfg(test)]
mod examples;
mod mail;
mod manage;
mod print;
mod sale;
mod slips;
mod stock;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use counterfoil_core::sentences::LANGUAGES;
use counterfoil_core::settings::Urls;

pub use clouds::{
    CodesCommand, ConflictsCommand, ConnectCommand, CouponCommand, Disconnect, ExportCommand, Kind, OutboxCommand, PracticeCloud,
    ReferralFactoryCommand, StripeCommand, Sync,
};
pub use mail::{Closed, MailCommand, MailSend, MailSet};
pub use manage::{CodeCommand, ImportCommand, ReferrerAdd, ReferrerCommand, ReferrerEdit, RulesCommand, RulesSet, Setting, Stretch, Switch};
pub use print::{Brand, Cards, Qr};
pub use sale::{Check, LeadAdd, LeadCallBack, LeadCommand, Leads, LeadsShow, Redeem, Refund, Void};
pub use slips::{PrinterCommand, SlipArgs};
pub use stock::{BatchCommand, HandoutAdd, HandoutCommand, Mark};

/// Counterfoil's desk in a terminal: referral codes beside any till, also with the internet down.
#[derive(Parser, Debug)]
#[command(
    name = "foil",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Exit codes:\n  0  done\n  2  what was typed makes no sense\n  3  the rules say no\n  4  the database, a file or the computer\n\n\
                  Examples:\n  foil init --shop \"Corner Shop\" --currency EUR --timezone Europe/Paris\n  \
                  foil import referrers customers.csv\n  foil code generate --all\n  \
                  foil redeem K7MQ-4RTX --order 49.90 --name \"Ann Lee\" --email ann@lee.example"
)]
pub struct Cli {
    /// The folder of the shop's data [default: this user's data folder, the same as the window's]
    #[arg(long, global = true, value_name = "DIR", env = "COUNTERFOIL_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub urls: Urls,
    /// Answer in JSON on one line, with stable field names; amounts are minor units
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the desk can be asked for.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Set a new shop up
    #[command(after_help = "Examples:\n  foil init --shop \"Corner Shop\" --currency EUR --timezone Europe/Paris\n  \
                            foil init --shop Eckladen --currency CHF --country CH --language de --data /srv/eckladen")]
    Init(Init),
    /// Import a list that the shop already has (CSV, TSV or XLSX)
    #[command(subcommand, arg_required_else_help = true)]
    Import(ImportCommand),
    /// Add, change or look at one person who recommends
    #[command(subcommand, arg_required_else_help = true)]
    Referrer(ReferrerCommand),
    /// Generate codes or take one back
    #[command(subcommand, arg_required_else_help = true)]
    Code(CodeCommand),
    /// Find a person by code, half a code, name, e-mail or phone
    #[command(after_help = "Examples:\n  foil lookup jane\n  foil lookup 4RTX\n  foil lookup +44 20 7946 0101")]
    Lookup {
        /// What the customer said, misspelt or not
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
    },
    /// May this code be used for this sale? Changes nothing; exits with 3 if not
    #[command(after_help = "Examples:\n  foil check K7MQ-4RTX --order 49.90\n  foil check k7mq4rtx --order 49.90 --email ann@lee.example --json")]
    Check(Check),
    /// Record that a code was used in a sale; exits with 3 and records nothing if the rules say no
    #[command(after_help = "Examples:\n  foil redeem K7MQ-4RTX --order 49.90 --name \"Ann Lee\" --phone \"020 7946 0701\"\n  \
                            foil redeem K7MQ-4RTX --order 12 --name \"Ann Lee\" --override-by \"M. Roy\" --override-note \"regular customer\"\n\n\
                            A script that may have to try again makes an operation id first and gives the same one each time:\n  \
                            foil redeem K7MQ-4RTX --order 49.90 --name \"Ann Lee\" --op 0198c0de-0000-7000-8000-000000000001")]
    Redeem(Redeem),
    /// Undo a sale of today as if it had never been; its trace stays
    #[command(after_help = "Example:\n  foil void 0198c0de-0000-7000-8000-000000000002 --reason \"wrong order total\"")]
    Void(Void),
    /// Record that some or all of what was paid went back to the customer
    #[command(after_help = "Examples:\n  foil refund 0198c0de-0000-7000-8000-000000000002 --reason \"brought back\"\n  \
                            foil refund 0198c0de-0000-7000-8000-000000000002 --amount 5.00 --reason \"scratched\"")]
    Refund(Refund),
    /// Record a person who was recommended by word
    #[command(subcommand, arg_required_else_help = true)]
    Lead(LeadCommand),
    /// List the people who were recommended, latest first
    #[command(after_help = "Examples:\n  foil leads\n  foil leads --show call-back\n  foil leads --search whitfield --json")]
    Leads(Leads),
    /// Why somebody who was recommended does not count yet, each point looked at now
    #[command(after_help = "Examples:\n  foil why mia@brandt.example\n  foil why \"Mia Brandt\" --json")]
    Why {
        /// Their id, or enough of their name or contact to mean nobody else
        #[arg(value_name = "LEAD")]
        lead: String,
    },
    /// How codes reached people: record it, or look at it
    #[command(subcommand, arg_required_else_help = true)]
    Handout(HandoutCommand),
    /// Printed cards as stock: how many, where, what they brought, and which are lost
    #[command(subcommand, arg_required_else_help = true)]
    Batch(BatchCommand),
    /// Send codes by e-mail
    #[command(subcommand, arg_required_else_help = true)]
    Mail(MailCommand),
    /// Today's counterfoils, or those of another day
    #[command(after_help = "Examples:\n  foil today\n  foil today --json\n  foil today --day 2026-11-20")]
    Today {
        /// Another day, as YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        day: Option<String>,
    },
    /// Print the receipt slip of a sale, or a slip with somebody's code; one that the printer does not take waits
    #[command(after_help = "Ends with 4 where the printer does not print it; the slip waits then.\n\n\
                            Examples:\n  foil slip 0198c0de-0000-7000-8000-000000000002\n  foil slip --referrer \"Jane Whitfield\" --out jane.pdf\n  \
                            foil slip --referrer K7MQ-4RTX --printer tcp://192.168.1.50\n  foil slip --waiting")]
    Slip(SlipArgs),
    /// The till's printer for slips
    #[command(subcommand, arg_required_else_help = true)]
    Printer(PrinterCommand),
    /// The coupon and the rules that future codes carry
    #[command(subcommand, arg_required_else_help = true)]
    Rules(RulesCommand),
    /// Print cards with everybody's code, ready to cut or tear; codes that do not exist yet are generated
    #[command(after_help = "Examples:\n  foil cards --all --template business-card --out cards.pdf\n  \
                            foil cards --no-card-yet --template 5371 --out cards.pdf --place \"Harbour Street\"\n  \
                            foil cards --referrer jane@salon.example --template flyer-a6 --show link --out jane.pdf")]
    Cards(Cards),
    /// How cards look: colour, logo and words; shows what is set
    #[command(after_help = "Examples:\n  foil brand\n  foil brand --accent \"#8c2f39\" --logo logo.svg --small-print \"Not with other offers.\"")]
    Brand(Brand),
    /// Draw a code's QR code
    #[command(after_help = "Examples:\n  foil qr K7MQ-4RTX --out jane.svg\n  foil qr JANA10 --out jana.png")]
    Qr(Qr),
    /// How much there is, and what is not uploaded yet
    #[command(after_help = "Examples:\n  foil status\n  foil status --json")]
    Status,
    /// Check everything that the records promise; exits with 4 if anything is wrong
    #[command(after_help = "Examples:\n  foil verify\n  foil verify --json")]
    Verify,
    /// Copy the database now; the last seven copies are kept
    #[command(after_help = "Example:\n  foil backup")]
    Backup,
    /// List the copies of the database, newest first
    #[command(after_help = "Examples:\n  foil backups\n  foil backups --json")]
    Backups,
    /// Put a copy, the newest or the one that is named, in the database's place; what was there is kept
    #[command(after_help = "Examples:\n  foil restore\n  foil restore backups/counterfoil-20260301T080000000Z-daily.db")]
    Restore(Restore),
    /// Write a list to a CSV file that every spreadsheet opens
    #[command(subcommand, arg_required_else_help = true)]
    #[command(after_help = "Examples:\n  foil export referrers referrers.csv\n  foil export redemptions march.csv\n  \
                            foil export referral-factory leads leads.csv")]
    Export(ExportCommand),
    /// Say that the last file for Referral Factory was uploaded there; what it held waits no more
    #[command(after_help = "Example:\n  foil handed-over leads")]
    HandedOver {
        /// Which file
        kind: Kind,
    },
    /// Connect Stripe or Referral Factory
    #[command(subcommand, arg_required_else_help = true)]
    Connect(ConnectCommand),
    /// Send nothing there any more; what waits goes on waiting
    #[command(after_help = "Examples:\n  foil disconnect stripe\n  foil disconnect referral-factory --forget")]
    Disconnect(Disconnect),
    /// Upload what waits and bring back what happened, until Ctrl-C; or once
    #[command(after_help = "The key comes from COUNTERFOIL_STRIPE_KEY or COUNTERFOIL_REFERRAL_FACTORY_TOKEN, or from the systemd credential\n\
                            counterfoil-stripe-key or counterfoil-referral-factory-token, and is never kept then; otherwise from the\n\
                            keyring. A key that is given connects a shop that is not connected yet.\n\n\
                            Exits with 3 where a key is missing or refused, with 4 where nothing answers; everything waits safely then.\n\n\
                            Examples:\n  foil sync\n  foil sync --once --json\n  foil sync --once --destination stripe")]
    Sync(Sync),
    /// What was recorded for upload: list it, look at it, try it again, set it aside
    #[command(subcommand, arg_required_else_help = true)]
    Outbox(OutboxCommand),
    /// What only a person can decide
    #[command(subcommand, arg_required_else_help = true)]
    Conflicts(ConflictsCommand),
    /// Coupon, promotion codes and key at Stripe
    #[command(subcommand, arg_required_else_help = true)]
    Stripe(StripeCommand),
    /// People who recommend, at Referral Factory
    #[command(subcommand, arg_required_else_help = true)]
    ReferralFactory(ReferralFactoryCommand),
    /// Serve stand-ins for Stripe and Referral Factory on this computer until Ctrl-C, to practise without an account
    #[command(after_help = "Examples:\n  foil practice-cloud\n  foil practice-cloud --port 0 --json")]
    PracticeCloud(PracticeCloud),
    /// Print what a shell needs to complete foil's commands
    #[command(after_help = "Examples:\n  foil completions bash > ~/.local/share/bash-completion/completions/foil\n  \
                            foil completions fish > ~/.config/fish/completions/foil.fish")]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// A new shop.
#[derive(Args, Debug)]
pub struct Init {
    /// What customers call it
    #[arg(long, value_name = "NAME")]
    pub shop: String,
    /// What its tills count in: three letters (ISO 4217)
    #[arg(long)]
    pub currency: String,
    /// Such as Europe/Paris [default: this computer's]
    #[arg(long, value_name = "TZ")]
    pub timezone: Option<String>,
    /// Two letters (ISO 3166), for phone numbers without a country code [default: the time zone's]
    #[arg(long, value_name = "CC")]
    pub country: Option<String>,
    /// Of the sentences that staff read aloud
    #[arg(long, value_parser = LANGUAGES, default_value = LANGUAGES[0])]
    pub language: String,
    /// The first campaign's name [default: the shop's]
    #[arg(long, value_name = "NAME")]
    pub campaign: Option<String>,
}

/// Which copy is put back.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub struct Restore {
    /// This copy [default: the newest]
    pub file: Option<PathBuf>,
    /// The newest copy, which is meant anyway where none is named
    #[arg(long)]
    pub latest: bool,
}
