//! What reached people: handouts, and cards as stock.

use clap::{Args, Subcommand, ValueEnum};
use counterfoil_core::domain::card::CardState;
use counterfoil_core::domain::handout::How;

/// What can be done with handouts.
#[derive(Subcommand, Debug)]
pub enum HandoutCommand {
    /// Record that somebody got their code; one that does not exist yet is generated
    #[command(after_help = "Examples:\n  foil handout add jane@salon.example --how spoken\n  \
                            foil handout add \"Jane Whitfield\" --how card --place \"spring fair\" --by Mina")]
    Add(HandoutAdd),
    /// How somebody's code reached them, latest first
    #[command(after_help = "Examples:\n  foil handout list jane@salon.example\n  foil handout list K7MQ-4RTX --json")]
    List {
        /// An id, code, e-mail or phone, or a name that only one person has
        #[arg(value_name = "WHO")]
        who: String,
    },
}

/// A code that reached its person.
#[derive(Args, Debug)]
pub struct HandoutAdd {
    /// An id, code, e-mail or phone, or a name that only one person has
    #[arg(value_name = "WHO")]
    pub who: String,
    /// How it reached them
    #[arg(long, value_enum)]
    pub how: HowArg,
    /// Where, or where to
    #[arg(long, value_name = "TEXT")]
    pub place: Option<String>,
    /// Who handed it out
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// The operation's id: the same one again records nothing twice [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// How a code reaches somebody.
#[derive(ValueEnum, Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is documented at the word it stands for")]
pub enum HowArg {
    Screen,
    Card,
    Slip,
    Message,
    Spoken,
}

impl From<HowArg> for How {
    fn from(how: HowArg) -> How {
        match how {
            HowArg::Screen => How::Screen,
            HowArg::Card => How::Card,
            HowArg::Slip => How::Slip,
            HowArg::Message => How::Message,
            HowArg::Spoken => How::Spoken,
        }
    }
}

/// What can be done with batches of cards.
#[derive(Subcommand, Debug)]
pub enum BatchCommand {
    /// All batches: how many cards, where they are, what they brought
    #[command(after_help = "Examples:\n  foil batch list\n  foil batch list --json")]
    List,
    /// A batch with its cards
    #[command(after_help = "Examples:\n  foil batch show 12\n  foil batch show 12 --search jane")]
    Show {
        /// Its number
        number: u32,
        /// Only cards with this name or part of a code
        #[arg(long, value_name = "TEXT", default_value = "")]
        search: String,
    },
    /// Say where a batch or one of its cards is; a lost card's code needs a manager's yes at the counter
    #[command(after_help = "Examples:\n  foil batch mark 12 handed-out --by Mina\n  foil batch mark 12 lost\n  \
                            foil batch mark 12 lost --card K7MQ-4RTX\n  foil batch mark 12 printed   takes the last mark on the batch back")]
    Mark(Mark),
}

/// Where a batch or a card is.
#[derive(Args, Debug)]
pub struct Mark {
    /// The batch's number
    pub number: u32,
    /// Where it is; for a whole batch, printed takes the last mark back
    #[arg(value_enum)]
    pub state: StateArg,
    /// Only this card: its id, its code, or a name that only one card of the batch has
    #[arg(long, value_name = "CARD")]
    pub card: Option<String>,
    /// Who says so
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// Where cards can be.
#[derive(ValueEnum, Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is documented at the word it stands for")]
pub enum StateArg {
    Printed,
    HandedOut,
    Lost,
    UsedUp,
}

impl From<StateArg> for CardState {
    fn from(state: StateArg) -> CardState {
        match state {
            StateArg::Printed => CardState::Printed,
            StateArg::HandedOut => CardState::HandedOut,
            StateArg::Lost => CardState::Lost,
            StateArg::UsedUp => CardState::UsedUp,
        }
    }
}
