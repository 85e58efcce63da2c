//! Codes by e-mail: the shop's mail server, and one text to one or many.

use clap::{Args, Subcommand, ValueEnum};

/// What can be done about e-mails.
#[derive(Subcommand, Debug)]
pub enum MailCommand {
    /// Keep the mail server; its password is read from standard input and goes to the keyring
    #[command(after_help = "Examples:\n  foil mail set --host smtp.example.com --user salon --from hello@salon.example\n  \
                            foil mail set --host smtp.example.com --port 587 --security starttls --user salon --from hello@salon.example < password.txt\n  \
                            foil mail set --host localhost --port 25 --security plain --from hello@salon.example")]
    Set(MailSet),
    /// Send a test to the sender, or to somebody else
    #[command(after_help = "Examples:\n  foil mail test\n  foil mail test --to me@example.com")]
    Test {
        /// To whom instead
        #[arg(long, value_name = "ADDRESS")]
        to: Option<String>,
    },
    /// Send codes by e-mail in the shop's own text; nobody gets the same one twice
    #[command(after_help = "Examples:\n  foil mail send --referrer jane@salon.example\n  foil mail send --not-handed-out\n\n\
                            Stopped or without an answer, give its id again: what was sent is not sent again\n  \
                            foil mail send --all --op 0198c0de-0000-7000-8000-000000000001")]
    Send(MailSend),
    /// List what was sent, latest first; with an id, each e-mail of it
    #[command(after_help = "Examples:\n  foil mail list\n  foil mail list 0198c0de-0000-7000-8000-000000000001 --json")]
    List {
        /// Which mailing
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
}

/// A mail server.
#[derive(Args, Debug)]
pub struct MailSet {
    /// Its name
    #[arg(long)]
    pub host: String,
    /// Its port [default: 465, 587 or 25, as it is encrypted]
    #[arg(long)]
    pub port: Option<u16>,
    /// How the way there is closed to others
    #[arg(long, value_enum, default_value_t = Closed::Tls)]
    pub security: Closed,
    /// Whom it knows the shop as
    #[arg(long)]
    pub user: Option<String>,
    /// The sender's address
    #[arg(long, value_name = "ADDRESS")]
    pub from: String,
    /// The sender's name [default: the shop's]
    #[arg(long, value_name = "NAME")]
    pub from_name: Option<String>,
}

/// How the way to a mail server is closed to others.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Closed {
    /// TLS from the first byte
    Tls,
    /// TLS after STARTTLS, which must be offered
    Starttls,
    /// Open; only to this computer
    Plain,
}

/// Whom to send to.
#[derive(Args, Debug)]
#[group(skip)]
pub struct MailSend {
    /// One person: an id, code, e-mail or phone, or a name that only one has
    #[arg(long, value_name = "WHO", required_unless_present_any = ["all", "not_handed_out"], conflicts_with_all = ["all", "not_handed_out"])]
    pub referrer: Option<String>,
    /// Everybody with an e-mail address
    #[arg(long, conflicts_with = "not_handed_out")]
    pub all: bool,
    /// Everybody with an e-mail address whose code was never handed out
    #[arg(long)]
    pub not_handed_out: bool,
    /// With each person's card as a PDF
    #[arg(long)]
    pub card: bool,
    /// Send also cards on which something can't be as it should be; without this, nothing is sent and it is told
    #[arg(long, requires = "card")]
    pub anyway: bool,
    /// Who sends it
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// In this language [default: the shop's]
    #[arg(long, value_name = "TAG")]
    pub language: Option<String>,
    /// The operation's id, for scripts that may have to try again
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}
