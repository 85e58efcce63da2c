//! Stripe and Referral Factory: connecting, uploading, what waits and why, and files instead.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use counterfoil_core::desk::handover::HandoverKind;
use counterfoil_core::desk::uploads::{Destination, EntryState};

/// Where to upload to.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum To {
    /// Stripe
    Stripe,
    /// Referral Factory
    ReferralFactory,
}

impl From<To> for Destination {
    fn from(to: To) -> Destination {
        match to {
            To::Stripe => Destination::Stripe,
            To::ReferralFactory => Destination::ReferralFactory,
        }
    }
}

/// What is connected.
#[derive(Subcommand, Debug)]
pub enum ConnectCommand {
    /// Connect Stripe with a restricted key, which is read from standard input
    #[command(after_help = "At a terminal the key is asked for and not shown. It is kept in this computer's keyring and nowhere else.\n\n\
                            Examples:\n  foil connect stripe\n  foil connect stripe < key.txt")]
    Stripe,
    /// Connect Referral Factory with an API token, which is read from standard input
    #[command(after_help = "Without --campaign it is the only campaign that is launched; where there are several, they are listed.\n\n\
                            Examples:\n  foil connect referral-factory\n  foil connect referral-factory --campaign 1207 < token.txt")]
    ReferralFactory {
        /// The campaign's id there
        #[arg(long, value_name = "ID")]
        campaign: Option<String>,
    },
}

/// What is disconnected.
#[derive(Args, Debug)]
pub struct Disconnect {
    /// Which
    pub from: To,
    /// Forget the account too, so that another one can be connected; everything is then uploaded anew
    #[arg(long)]
    pub forget: bool,
}

/// How much is uploaded.
#[derive(Args, Debug)]
pub struct Sync {
    /// One round, then end
    #[arg(long)]
    pub once: bool,
    /// Only to this one
    #[arg(long, value_name = "WHERE")]
    pub destination: Option<To>,
    /// Referral Factory's campaign, where this run connects it [default: the only one that is launched]
    #[arg(long, value_name = "ID", env = "COUNTERFOIL_REFERRAL_FACTORY_CAMPAIGN", hide_env_values = true)]
    pub campaign: Option<String>,
}

/// What can be done about what waits.
#[derive(Subcommand, Debug)]
pub enum OutboxCommand {
    /// List what was recorded for upload, latest first
    #[command(after_help = "Examples:\n  foil outbox list\n  foil outbox list --destination referral-factory --state parked --json")]
    List {
        /// Only to this one
        #[arg(long, value_name = "WHERE")]
        destination: Option<To>,
        /// Only what is in this state
        #[arg(long)]
        state: Option<State>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        rows: u32,
        /// Go on after this place: `next` of the answer before
        #[arg(long, value_name = "NEXT")]
        after: Option<String>,
    },
    /// Show an entry with every try and what was answered
    #[command(after_help = "Example:\n  foil outbox show 17")]
    Show {
        /// Its number, as the list shows it
        #[arg(value_name = "N")]
        id: String,
    },
    /// Try an entry again, whatever held it, or everything that needs a person
    #[command(after_help = "Examples:\n  foil outbox retry 17\n  foil outbox retry --all")]
    Retry {
        /// Its number, as the list shows it
        #[arg(value_name = "N", required_unless_present = "all")]
        id: Option<String>,
        /// Everything that needs a person, but for coupons that somebody deleted
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Decide that an entry need not be uploaded; it stays in the list and can be tried again
    #[command(after_help = "Example:\n  foil outbox set-aside 17")]
    SetAside {
        /// Its number, as the list shows it
        #[arg(value_name = "N")]
        id: String,
    },
}

/// How far an entry is.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum State {
    /// To be sent
    Waiting,
    /// On its way
    Sending,
    /// Arrived
    Uploaded,
    /// Something is missing first
    Parked,
    /// A person decides
    Conflict,
    /// Refused for good
    NeedsAPerson,
}

impl From<State> for EntryState {
    fn from(state: State) -> EntryState {
        match state {
            State::Waiting => EntryState::Waiting,
            State::Sending => EntryState::Sending,
            State::Uploaded => EntryState::Uploaded,
            State::Parked => EntryState::Parked,
            State::Conflict => EntryState::Conflict,
            State::NeedsAPerson => EntryState::NeedsAPerson,
        }
    }
}

/// What can be done about conflicts.
#[derive(Subcommand, Debug)]
pub enum ConflictsCommand {
    /// List what waits for a decision, with what can be decided and what each does
    #[command(after_help = "Examples:\n  foil conflicts list\n  foil conflicts list --json")]
    List,
    /// Decide one
    #[command(after_help = "Example:\n  foil conflicts resolve 0198c0de-0000-7000-8000-000000000004 keep")]
    Resolve {
        /// Its id, as the list shows it
        id: String,
        /// One of its decisions, as the list names them
        decision: String,
    },
}

/// What is done at Stripe.
#[derive(Subcommand, Debug)]
pub enum StripeCommand {
    /// The campaign's coupon
    #[command(subcommand, arg_required_else_help = true)]
    Coupon(CouponCommand),
    /// Referral codes as promotion codes
    #[command(subcommand, arg_required_else_help = true)]
    Codes(CodesCommand),
    /// Ask Stripe what the key may do; exits with 3 if anything is missing
    #[command(after_help = "Examples:\n  foil stripe check\n  foil stripe check --json")]
    Check,
}

/// What is done with the coupon.
#[derive(Subcommand, Debug)]
pub enum CouponCommand {
    /// Create the campaign's coupon, unless Stripe has it
    #[command(after_help = "Example:\n  foil stripe coupon create")]
    Create,
}

/// What is done with codes.
#[derive(Subcommand, Debug)]
pub enum CodesCommand {
    /// Make a promotion code of every code that has none, with its coupon and its rules
    #[command(after_help = "Examples:\n  foil stripe codes push\n  foil stripe codes push --each-new")]
    Push {
        /// From now on each new code goes up by itself; without this, none does
        #[arg(long)]
        each_new: bool,
    },
}

/// What is done at Referral Factory.
#[derive(Subcommand, Debug)]
pub enum ReferralFactoryCommand {
    /// Add every person who recommends and is not there yet
    #[command(after_help = "Example:\n  foil referral-factory push")]
    Push,
    /// What goes into the campaign's own fields, besides name and e-mail
    #[command(
        after_help = "Examples:\n  foil referral-factory fields\n  foil referral-factory fields --set Phone=phone --set \"Order total\"=amount\n  \
                            foil referral-factory fields --set-referrer Shop=store\n  foil referral-factory fields --set Phone="
    )]
    Fields {
        /// Into this field of leads goes this: phone, code, amount, currency, redemption, store, or nothing
        #[arg(long, value_name = "LABEL=VALUE")]
        set: Vec<String>,
        /// Into this field of referrers goes this: phone, store, or nothing
        #[arg(long, value_name = "LABEL=VALUE")]
        set_referrer: Vec<String>,
    },
}

/// The stand-ins for both clouds.
#[derive(Args, Debug)]
pub struct PracticeCloud {
    /// On this port of this computer; 0 takes a free one
    #[arg(long, default_value_t = 4242)]
    pub port: u16,
}

/// Which list is written.
#[derive(Subcommand, Debug)]
pub enum ExportCommand {
    /// People who recommend, with their codes
    #[command(after_help = "Example:\n  foil export referrers referrers.csv")]
    Referrers {
        /// Where to; a file that is there is replaced
        file: PathBuf,
    },
    /// People who were recommended
    #[command(after_help = "Example:\n  foil export leads leads.csv")]
    Leads {
        /// Where to; a file that is there is replaced
        file: PathBuf,
    },
    /// Sales with a code
    #[command(after_help = "Example:\n  foil export redemptions march.csv")]
    Redemptions {
        /// Where to; a file that is there is replaced
        file: PathBuf,
    },
    /// What waits for Referral Factory, and without the API every referrer, as a file to upload there by hand
    #[command(after_help = "Upload them in this order, and say of each that it went:\n  \
                            foil export referral-factory referrers referrers.csv\n  foil export referral-factory leads leads.csv\n  \
                            foil export referral-factory qualify qualify.csv\n  foil handed-over referrers\n\n\
                            Example:\n  foil export referral-factory leads leads.csv")]
    ReferralFactory {
        /// Which file
        kind: Kind,
        /// Where to; a file that is there is replaced
        file: PathBuf,
    },
}

/// Which of the files for Referral Factory.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Kind {
    /// People who recommend; goes first
    Referrers,
    /// People who were recommended; whom one of them recommended comes with the next file
    Leads,
    /// Those of them who count; goes last
    Qualify,
}

impl From<Kind> for HandoverKind {
    fn from(kind: Kind) -> HandoverKind {
        match kind {
            Kind::Referrers => HandoverKind::Referrers,
            Kind::Leads => HandoverKind::Leads,
            Kind::Qualify => HandoverKind::Qualify,
        }
    }
}
