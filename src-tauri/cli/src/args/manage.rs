//! What a manager sets up: people, codes, rules and lists.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, Args, Subcommand, ValueEnum};

/// Which list is imported.
#[derive(Subcommand, Debug)]
pub enum ImportCommand {
    /// People who recommend; the same list again changes nothing
    #[command(after_help = "Examples:\n  foil import referrers customers.csv --dry-run\n  foil import referrers \"Square export.xlsx\"\n\n\
                            With --json, rejected names the first 10,000 rows, rejected_total counts all, and rejected_file holds all of them.")]
    Referrers {
        /// CSV, TSV or XLSX, as Square, Shopify, Stripe, Mailchimp, Referral Factory or a spreadsheet write it
        file: PathBuf,
        /// Only tell what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// Customers who bought before, kept as keyed hashes for the first-time rule
    #[command(after_help = "Example:\n  foil import customers all-customers.csv")]
    Customers {
        /// CSV, TSV or XLSX
        file: PathBuf,
        /// Only tell what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

/// What can be done with one person.
#[derive(Subcommand, Debug)]
pub enum ReferrerCommand {
    /// Add a person who recommends
    #[command(after_help = "Examples:\n  foil referrer add --name \"Jane Whitfield\" --email jane@salon.example --generate\n  \
                            foil referrer add --name \"Omar Haddad\" --phone \"+44 20 7946 0102\" --code OMAR-10")]
    Add(ReferrerAdd),
    /// Change a person's name or contact; what is not given stays as it is
    #[command(after_help = "Examples:\n  foil referrer edit K7MQ-4RTX --phone \"+44 20 7946 0199\"\n  \
                            foil referrer edit jane@salon.example --name \"Jane Whitfield-Roy\" --phone \"\"")]
    Edit(ReferrerEdit),
    /// Show a person, their code and what came of it
    #[command(after_help = "Examples:\n  foil referrer show \"Jane Whitfield\"\n  foil referrer show K7MQ-4RTX --json")]
    Show {
        /// An id, code, e-mail or phone, or a name that only one person has
        #[arg(value_name = "WHO")]
        who: String,
    },
}

/// A new person.
#[derive(Args, Debug)]
pub struct ReferrerAdd {
    /// Their name [default: the part of the e-mail address before the @]
    #[arg(long)]
    pub name: Option<String>,
    /// Their e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// Their phone number
    #[arg(long)]
    pub phone: Option<String>,
    /// The code they get: letters, digits and dashes
    #[arg(long, value_name = "TEXT", conflicts_with = "generate")]
    pub code: Option<String>,
    /// Generate a code for them
    #[arg(long)]
    pub generate: bool,
    /// The operation's id: the same one again adds nobody twice [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// What changes about a person.
#[derive(Args, Debug)]
pub struct ReferrerEdit {
    /// An id, code, e-mail or phone, or a name that only one person has
    #[arg(value_name = "WHO")]
    pub who: String,
    #[command(flatten)]
    pub changes: Changes,
}

/// At least one of them.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct Changes {
    /// Their name from now on
    #[arg(long)]
    pub name: Option<String>,
    /// Their e-mail address from now on; "" takes it away
    #[arg(long)]
    pub email: Option<String>,
    /// Their phone number from now on; "" takes it away
    #[arg(long)]
    pub phone: Option<String>,
}

/// What can be done with codes.
#[derive(Subcommand, Debug)]
pub enum CodeCommand {
    /// Generate a code for everybody who has none, or for one person; asking twice gives the same code
    #[command(after_help = "Examples:\n  foil code generate --all\n  foil code generate --referrer jane@salon.example")]
    Generate(Generate),
    /// Take a person's code back, for good; a new one can be generated then
    #[command(after_help = "Example:\n  foil code revoke --referrer K7MQ-4RTX --reason \"posted on a coupon site\"")]
    Revoke {
        /// An id, code, e-mail or phone, or a name that only one person has
        #[arg(long, value_name = "WHO")]
        referrer: String,
        /// Why, so that tomorrow somebody understands it
        #[arg(long)]
        reason: String,
        /// The operation's id: the same one again takes no newer code back [default: a new one]
        #[arg(long, value_name = "UUID")]
        op: Option<String>,
    },
}

/// Whose codes.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Generate {
    /// Everybody who has none
    #[arg(long)]
    pub all: bool,
    /// One person: an id, code, e-mail or phone, or a name that only one person has
    #[arg(long, value_name = "WHO")]
    pub referrer: Option<String>,
}

/// What can be done with the rules.
#[derive(Subcommand, Debug)]
pub enum RulesCommand {
    /// Change what future codes carry; codes that exist keep theirs, and what is not given stays as it is
    #[command(
        arg_required_else_help = true,
        // Written out, it would name every option twice.
        override_usage = "foil rules set [OPTIONS]",
        after_help = "Examples:\n  foil rules set --percent 10 --min-order 30.00\n  \
                      foil rules set --amount 5.00 --first-time-only --expires 2026-12-31\n  \
                      foil rules set --first-time-only=false --expires none --max-redemptions none\n  \
                      foil rules set --percent 20 --duration repeating --months 3\n  foil rules set --no-coupon"
    )]
    Set(RulesSet),
    /// Show what future codes carry
    #[command(after_help = "Examples:\n  foil rules show\n  foil rules show --json")]
    Show,
}

/// What changes about the rules: at least one of them.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub struct RulesSet {
    /// Only for people who never bought here
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
    pub first_time_only: Option<bool>,
    /// How often a code may be used in all, or "none"
    #[arg(long, value_name = "N", value_parser = setting::<std::num::NonZeroU32>)]
    pub max_redemptions: Option<Setting<std::num::NonZeroU32>>,
    /// Last day a code counts, such as 2026-12-31, or "none"
    #[arg(long, value_name = "DATE", value_parser = setting::<String>)]
    pub expires: Option<Setting<String>>,
    /// First day a code counts, or "none"
    #[arg(long, value_name = "DATE", value_parser = setting::<String>)]
    pub starts: Option<Setting<String>>,
    /// Smallest order a code may be used for, such as 30.00, or "none"
    #[arg(long, value_name = "AMOUNT", value_parser = setting::<String>)]
    pub min_order: Option<Setting<String>>,
    /// The coupon: so much of the order comes off, such as 10 or 12.5
    #[arg(long, group = "coupon")]
    pub percent: Option<String>,
    /// The coupon: this amount comes off, such as 5.00
    #[arg(long, group = "coupon")]
    pub amount: Option<String>,
    /// No coupon any more: a code is only counted
    #[arg(long, conflicts_with = "coupon")]
    pub no_coupon: bool,
    /// For how long the coupon goes on, where purchases repeat
    #[arg(long, requires = "coupon", default_value_if("months", clap::builder::ArgPredicate::IsPresent, "repeating"))]
    pub duration: Option<Stretch>,
    /// For how many months, where it is repeating
    #[arg(long, value_name = "N", requires = "coupon", required_if_eq("duration", "repeating"), value_parser = clap::value_parser!(u32).range(1..=120))]
    pub months: Option<u32>,
    /// Whether people who were recommended count as soon as they use a code
    #[arg(long, value_name = "on|off")]
    pub qualify_on_use: Option<Switch>,
}

/// A rule that is given or taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Setting<T> {
    /// There is no such rule from now on.
    None,
    /// This from now on.
    To(T),
}

impl<T> From<Setting<T>> for Option<T> {
    fn from(setting: Setting<T>) -> Option<T> {
        match setting {
            Setting::None => None,
            Setting::To(value) => Some(value),
        }
    }
}

fn setting<T: FromStr>(text: &str) -> Result<Setting<T>, T::Err> {
    match text.trim() {
        none if none.eq_ignore_ascii_case("none") => Ok(Setting::None),
        value => value.parse().map(Setting::To),
    }
}

/// For how long a coupon goes on.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stretch {
    /// One order
    Once,
    /// Every order
    Forever,
    /// Every order for some months
    Repeating,
}

/// On or off.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// They count when they use a code
    On,
    /// A manager decides
    Off,
}
