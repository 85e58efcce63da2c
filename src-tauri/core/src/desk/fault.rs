//! What went wrong at the desk, told so that somebody can do something about it.

use serde::Serialize;
use thiserror::Error;

use crate::domain::code::CodeError;
use crate::domain::mail::MailServerError;
use crate::domain::message::MessageError;
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::people::ContactError;
use crate::domain::redemption::UndoError;
use crate::domain::upload::Destination;
use crate::ports::{CloudError, PostError, PrinterError};
use crate::print::escpos::DrawError;
use crate::print::logo::LogoError;
use crate::print::pdf::PdfError;
use crate::sentences::Language;
use crate::sheets::SheetError;
use crate::storage::StorageError;

/// Why a job was not done. Nothing was changed.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A list that can't be read.
    #[error("{file} can't be read")]
    Sheet {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: SheetError,
    },
    /// No shop in this folder.
    #[error("no shop is set up here")]
    NotSetUp,
    /// A shop is here already.
    #[error("a shop is set up here already")]
    AlreadySetUp,
    /// An id or name that leads nowhere.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Not an amount of money.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Not a name, e-mail address or phone number.
    #[error("{what}: {source}")]
    Contact {
        /// Which field.
        what: &'static str,
        /// What was typed, unless it is too long to be repeated.
        text: String,
        /// Why not.
        #[source]
        source: ContactError,
    },
    /// Not a code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// Not a time zone.
    #[error("no time zone is called {0:?}")]
    UnknownTimezone(String),
    /// Not a country.
    #[error("no country is called {0:?}")]
    UnknownCountry(String),
    /// Not a day.
    #[error("{0:?} is not a day")]
    NotADay(String),
    /// A day to call back on that is over.
    #[error("{0} is over")]
    DayOver(String),
    /// What can't be the id of anything.
    #[error("{text:?} is not the id of a {what}")]
    NotAnId {
        /// Of what.
        what: &'static str,
        /// What was given.
        text: String,
    },
    /// Not an operation id: a defect of whoever calls.
    #[error("{0:?} is not an operation id")]
    NotAnOperation(String),
    /// A name is missing.
    #[error("no name")]
    NoName,
    /// E-mail and phone are missing.
    #[error("no contact")]
    NoContact,
    /// Only a contact tells whether it is a first order, and nobody said that none is given.
    #[error("no contact, and nobody said so")]
    ContactNeeded,
    /// A reason is missing.
    #[error("no reason")]
    NoReason,
    /// A manager's name or note is missing.
    #[error("no manager")]
    NoManager,
    /// The list has no column to find people by.
    #[error("no column with contacts in {file}")]
    NoContactColumn {
        /// The list.
        file: String,
    },
    /// The contact is another person's.
    #[error("the contact is taken")]
    ContactTaken {
        /// Whose.
        name: String,
    },
    /// The code is another person's, or was.
    #[error("the code is taken")]
    CodeTaken {
        /// Which.
        code: String,
    },
    /// The person has no active code.
    #[error("has no code")]
    NoCode {
        /// Who.
        name: String,
    },
    /// The person's code was taken back, so there is none to hand out.
    #[error("the code was taken back")]
    CodeRevoked {
        /// Whose.
        name: String,
    },
    /// A Redemption can't be undone in this way.
    #[error("{source}")]
    Undo {
        /// Why not.
        #[source]
        source: UndoError,
        /// Of its amounts.
        currency: Currency,
    },
    /// A list would be written over one of the shop's own databases.
    #[error("the name belongs to the shop's own records")]
    AmongTheRecords,
    /// The Referrer would be their own Lead.
    #[error("the Referrer is the Lead")]
    OwnLead,
    /// Not a colour.
    #[error("{0:?} is not a colour")]
    NotAColour(String),
    /// Not a logo that can be put on paper.
    #[error(transparent)]
    Logo(#[from] LogoError),
    /// A person's QR code does not go on this template.
    #[error("the QR code would be too fine")]
    TooDense {
        /// Whose.
        name: String,
    },
    /// A picture is asked for in a file that is none.
    #[error("{0:?} is no picture's name")]
    NotAPicture(String),
    /// More cards than one file holds.
    #[error("{0} cards are too many for one file")]
    TooManyCards(u32),
    /// The template does not come on this sheet.
    #[error("the template does not come on this sheet")]
    NoSuchSheet,
    /// The spooler did not take it.
    #[error("the printer did not take it: {0}")]
    NotPrinted(String),
    /// The spooler never said whether it took it.
    #[error("the printer's queue does not answer")]
    NotPrintedInTime,
    /// Cards of this shop are being printed now.
    #[error("cards are being printed")]
    CardsRunning,
    /// The PDF could not be made.
    #[error(transparent)]
    Pdf(PdfError),
    /// Nobody's code was asked for.
    #[error("there is nothing to print")]
    NothingToPrint,
    /// Rules that end before they begin.
    #[error("the last day is before the first")]
    DaysReversed,
    /// The operation id was used for something else.
    #[error("the operation id was used for something else")]
    OperationReused,
    /// Somebody sends it this moment, or has.
    #[error("the entry is on its way")]
    OnItsWay,
    /// A destination.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// The printer of this till, or the one that was named.
    #[error("printer {address}: {source}")]
    Printer {
        /// Why not.
        #[source]
        source: PrinterError,
        /// Where it is.
        address: String,
    },
    /// No printer is set up.
    #[error("no printer is set up")]
    NoPrinter,
    /// Not where a printer can be.
    #[error("{0:?} is not where a printer can be")]
    NotAPrinter(String),
    /// Not how wide a printer prints.
    #[error("no printer is {0} columns wide")]
    NotAWidth(u32),
    /// A slip that can't be put on paper.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A text for messages can't be used.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A mail server can't be used as it was typed.
    #[error(transparent)]
    MailServer(#[from] MailServerError),
    /// No e-mail goes out.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The person has no e-mail address.
    #[error("has no e-mail address")]
    NoEmail {
        /// Who.
        name: String,
    },
    /// The person has no phone number.
    #[error("has no phone number")]
    NoPhone {
        /// Who.
        name: String,
    },
    /// Nobody who was chosen can be written to.
    #[error("nobody to write to")]
    NobodyToMail,
    /// More were chosen than one text may go to.
    #[error("more than {max} to write to")]
    TooManyToMail {
        /// The limit.
        max: usize,
    },
    /// E-mails of this shop are being sent now.
    #[error("e-mails are being sent")]
    MailRunning,
    /// This computer has no program for an address or a file.
    #[error("nothing opens it")]
    NothingOpens(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The operating system gave no random bytes.
    #[error("no randomness")]
    Entropy(#[source] getrandom::Error),
}

/// Who can do something about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Whoever stands at the till.
    Staff,
    /// Whoever may set the shop up.
    Manager,
    /// Whoever looks after the computer or the program.
    Support,
}

/// What a screen or a script is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Fault {
    /// A stable name.
    pub code: String,
    /// What happened, what is safe, and what to do.
    pub sentence: String,
    /// Who can do something about it.
    pub who: Who,
}

/// What staff are told where the program itself failed.
#[must_use]
pub fn broken(language: Language) -> Fault {
    Fault { code: "storage".to_owned(), sentence: language.say("fault.storage", &[]), who: Who::Support }
}

/// Which of a script's exits a fault is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// What was asked makes no sense.
    Usage,
    /// The rules say no.
    Rules,
    /// The database, a file or the machine.
    Storage,
}

/// So much of what somebody typed is repeated in a sentence; a pasted page would push everything else off the screen.
const TEXT_CHARS_MAX: usize = 80;

fn shortened(name: &str, value: String) -> String {
    match value.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) if name != "path" => format!("{}…", &value[..end]),
        _ => value,
    }
}

impl DeskError {
    pub(super) fn contact(source: ContactError, what: &'static str, text: &str) -> DeskError {
        DeskError::Contact { what, text: text.to_owned(), source }
    }

    /// What staff are told.
    #[must_use]
    pub fn fault(&self, language: Language) -> Fault {
        let code = self.code();
        let named: Vec<(&str, String)> = self.values(language).into_iter().map(|(name, value)| (name, shortened(name, value))).collect();
        let values: Vec<(&str, &str)> = named.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Fault { code: code.to_owned(), sentence: language.say(&format!("fault.{code}"), &values), who: self.who() }
    }

    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DeskError::Storage(error) => match error {
                StorageError::Busy(_) => "busy",
                StorageError::InUse => "in_use",
                StorageError::Damaged(_) => "damaged",
                StorageError::ReadOnly(_) => "read_only",
                StorageError::Full(_) => "disk_full",
                StorageError::Newer { .. } => "newer",
                StorageError::Missing(_) | StorageError::File { .. } => "file",
                StorageError::Cancelled => "cancelled",
                StorageError::Stored { what: "copy" } => "copy_damaged",
                StorageError::Stored { .. } | StorageError::Migration(_) | StorageError::Sql(_) => "storage",
            },
            DeskError::Sheet { source, .. } => match source {
                SheetError::NotFound { .. } | SheetError::Unreadable { .. } => "file",
                SheetError::Empty => "sheet_empty",
                _ => "sheet_not_a_table",
            },
            DeskError::NotSetUp => "not_set_up",
            DeskError::AlreadySetUp => "already_set_up",
            DeskError::NotFound(_) => "not_found",
            DeskError::Money(MoneyError::NotAnAmount(_)) => "not_an_amount",
            DeskError::Money(MoneyError::TooLarge) => "amount_too_large",
            DeskError::Money(MoneyError::UnknownCurrency(_)) => "unknown_currency",
            DeskError::Money(MoneyError::NotAPercentage) => "not_a_percentage",
            DeskError::Contact { source: ContactError::Email, .. } => "not_an_email",
            DeskError::Contact { source: ContactError::Phone, .. } => "not_a_phone",
            DeskError::Contact { source: ContactError::TooLong, .. } => "too_long",
            DeskError::Code(_) => "code_not_usable",
            DeskError::UnknownTimezone(_) => "unknown_timezone",
            DeskError::UnknownCountry(_) => "unknown_country",
            DeskError::NotADay(_) => "not_a_day",
            DeskError::DayOver(_) => "day_over",
            DeskError::NotAnId { .. } => "not_an_id",
            DeskError::NotAnOperation(_) => "not_an_operation",
            DeskError::Printer { source, .. } => match source {
                PrinterError::Off(_) => "printer_off",
                PrinterError::Refused(_) => "printer_refused",
                PrinterError::NoPaper { .. } => "printer_no_paper",
                PrinterError::NotReady => "printer_not_ready",
                PrinterError::Gone(_) => "printer_gone",
            },
            DeskError::NoPrinter => "no_printer",
            DeskError::NotAPrinter(_) => "not_a_printer",
            DeskError::NotAWidth(_) => "not_a_width",
            DeskError::Draw(DrawError::NoFont(_)) => "no_font",
            DeskError::Draw(DrawError::QrTooLarge) => "qr_too_large",
            DeskError::Draw(DrawError::Bytes(_) | DrawError::Pdf(_)) => "storage",
            DeskError::NoName => "no_name",
            DeskError::NoContact => "no_contact",
            DeskError::ContactNeeded => "contact_needed",
            DeskError::NoReason => "no_reason",
            DeskError::NoManager => "no_manager",
            DeskError::NoContactColumn { .. } => "sheet_no_contact_column",
            DeskError::ContactTaken { .. } => "contact_taken",
            DeskError::CodeTaken { .. } => "code_taken",
            DeskError::NoCode { .. } => "no_code",
            DeskError::CodeRevoked { .. } => "code_revoked",
            DeskError::Undo { source, .. } => match source {
                UndoError::Voided => "voided",
                UndoError::EarlierDay => "earlier_day",
                UndoError::Refunded => "already_refunded",
                UndoError::Nothing => "nothing_to_refund",
                UndoError::TooMuch { .. } => "refund_too_large",
            },
            DeskError::AmongTheRecords => "among_the_records",
            DeskError::OwnLead => "own_lead",
            DeskError::NotAColour(_) => "not_a_colour",
            DeskError::Logo(LogoError::OtherKind) => "logo_other_kind",
            DeskError::Logo(LogoError::TooLarge) => "logo_too_large",
            DeskError::Logo(LogoError::Broken) => "logo_broken",
            DeskError::Logo(LogoError::Script) => "logo_script",
            DeskError::Logo(LogoError::Outside) => "logo_outside",
            DeskError::Logo(LogoError::Text) => "logo_text",
            DeskError::Logo(LogoError::TooBusy) => "logo_too_busy",
            DeskError::TooDense { .. } => "qr_too_dense",
            DeskError::NotAPicture(_) => "not_a_picture",
            DeskError::TooManyCards(_) => "too_many_cards",
            DeskError::NoSuchSheet => "no_such_sheet",
            DeskError::NotPrinted(_) => "not_printed",
            DeskError::NotPrintedInTime => "not_printed_in_time",
            DeskError::CardsRunning => "cards_running",
            DeskError::Pdf(_) => "not_drawn",
            DeskError::NothingToPrint => "nothing_to_print",
            DeskError::DaysReversed => "days_reversed",
            DeskError::OperationReused => "operation_reused",
            DeskError::OnItsWay => "on_its_way",
            DeskError::Cloud(error) => match error {
                CloudError::NotAKey(Destination::Stripe) => "not_a_key.stripe",
                CloudError::NotAKey(Destination::ReferralFactory) => "not_a_key.referral_factory",
                CloudError::KeyRefused(_) => "key_refused",
                CloudError::Permission { .. } => "permission",
                CloudError::OtherAccount(_) => "other_account",
                CloudError::NoCampaign => "no_campaign",
                CloudError::NoKeyring(_) => "no_keyring",
                CloudError::NoKey(_) => "no_key",
                CloudError::Unreachable { .. } => "unreachable",
                CloudError::Insecure(_) => "insecure",
                CloudError::Settings(_) => "settings",
                CloudError::Running => "sync_running",
                CloudError::NotConnected(_) => "not_connected",
            },
            DeskError::Message(error) => match error {
                MessageError::NoCode => "message_no_code",
                MessageError::Unknown(_) => "message_unknown",
                MessageError::TooLong(_) => "message_too_long",
                MessageError::NoSubject => "message_no_subject",
            },
            DeskError::MailServer(error) => match error {
                MailServerError::Host(_) => "mail_host",
                MailServerError::Address(_) => "mail_from",
                MailServerError::InTheOpen(_) => "mail_in_the_open",
            },
            DeskError::Post(error) => match error {
                PostError::NotSetUp => "mail_not_set_up",
                PostError::Practice => "mail_practice",
                PostError::NoPassword => "mail_no_password",
                PostError::Unreachable { .. } => "mail_unreachable",
                PostError::Login(_) => "mail_login",
                PostError::InTheOpen(_) => "mail_no_encryption",
                PostError::Certificate { .. } => "mail_certificate",
                PostError::Sender(_) => "mail_sender",
            },
            DeskError::NoEmail { .. } => "no_email",
            DeskError::NoPhone { .. } => "no_phone",
            DeskError::NobodyToMail => "nobody_to_mail",
            DeskError::TooManyToMail { .. } => "too_many_to_mail",
            DeskError::MailRunning => "mail_running",
            DeskError::NothingOpens(_) => "nothing_opens",
            DeskError::Entropy(_) => "no_randomness",
        }
    }

    /// Which exit of a script it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            DeskError::Cloud(CloudError::NotAKey(_) | CloudError::NoCampaign | CloudError::Insecure(_) | CloudError::Settings(_)) => Kind::Usage,
            DeskError::Cloud(
                CloudError::KeyRefused(_)
                | CloudError::Permission { .. }
                | CloudError::OtherAccount(_)
                | CloudError::NotConnected(_)
                | CloudError::NoKey(_)
                | CloudError::NoKeyring(_),
            ) => Kind::Rules,
            DeskError::Post(PostError::Unreachable { .. } | PostError::InTheOpen(_) | PostError::Certificate { .. }) => Kind::Storage,
            DeskError::Post(_) | DeskError::NoEmail { .. } | DeskError::NoPhone { .. } | DeskError::NobodyToMail | DeskError::MailRunning => {
                Kind::Rules
            }
            DeskError::Cloud(_)
            | DeskError::Printer { .. }
            | DeskError::Draw(_)
            | DeskError::Storage(_)
            | DeskError::Sheet { .. }
            | DeskError::NotSetUp
            | DeskError::NothingOpens(_)
            | DeskError::Pdf(_)
            | DeskError::NotPrinted(_)
            | DeskError::NotPrintedInTime
            | DeskError::Entropy(_) => Kind::Storage,
            DeskError::NotFound(_)
            | DeskError::AlreadySetUp
            | DeskError::ContactTaken { .. }
            | DeskError::CodeTaken { .. }
            | DeskError::NoCode { .. }
            | DeskError::CodeRevoked { .. }
            | DeskError::Undo { .. }
            | DeskError::OwnLead
            | DeskError::NothingToPrint
            | DeskError::TooDense { .. }
            | DeskError::TooManyCards(_)
            | DeskError::CardsRunning
            | DeskError::OnItsWay
            | DeskError::NoPrinter
            | DeskError::OperationReused => Kind::Rules,
            _ => Kind::Usage,
        }
    }

    fn who(&self) -> Who {
        match self {
            DeskError::Storage(StorageError::Busy(_) | StorageError::InUse | StorageError::Cancelled) => Who::Staff,
            DeskError::Storage(_)
            | DeskError::Draw(DrawError::Bytes(_) | DrawError::Pdf(_))
            | DeskError::Entropy(_)
            | DeskError::NotAnOperation(_)
            | DeskError::Pdf(_) => Who::Support,
            DeskError::Cloud(_)
            | DeskError::Post(_)
            | DeskError::OnItsWay
            | DeskError::NoPrinter
            | DeskError::NotSetUp
            | DeskError::AlreadySetUp
            | DeskError::Sheet { .. }
            | DeskError::NoContactColumn { .. } => Who::Manager,
            _ => Who::Staff,
        }
    }

    fn values(&self, language: Language) -> Vec<(&'static str, String)> {
        match self {
            DeskError::Storage(StorageError::Missing(path) | StorageError::File { path, .. }) => vec![("path", path.display().to_string())],
            DeskError::Sheet { file, .. } => vec![("file", file.clone()), ("path", file.clone())],
            DeskError::NoContactColumn { file } => vec![("file", file.clone())],
            DeskError::NotFound(what) => vec![("what", language.say(&format!("what.{what}"), &[]))],
            DeskError::Money(MoneyError::NotAnAmount(text) | MoneyError::UnknownCurrency(text))
            | DeskError::UnknownTimezone(text)
            | DeskError::UnknownCountry(text)
            | DeskError::NotADay(text)
            | DeskError::DayOver(text)
            | DeskError::NotAPrinter(text)
            | DeskError::Draw(DrawError::NoFont(text))
            | DeskError::NotAColour(text)
            | DeskError::NotPrinted(text)
            | DeskError::NotAPicture(text)
            | DeskError::NotAnOperation(text) => vec![("text", text.clone())],
            DeskError::Contact { what, text, .. } | DeskError::NotAnId { what, text } => {
                vec![("what", language.say(&format!("what.{what}"), &[])), ("text", text.clone())]
            }
            DeskError::ContactTaken { name } | DeskError::NoCode { name } | DeskError::CodeRevoked { name } | DeskError::TooDense { name } => {
                vec![("name", name.clone())]
            }
            DeskError::Cloud(error) => match error {
                CloudError::NotAKey(destination)
                | CloudError::KeyRefused(destination)
                | CloudError::OtherAccount(destination)
                | CloudError::NoKey(destination)
                | CloudError::NotConnected(destination)
                | CloudError::Unreachable { destination, .. } => vec![("destination", destination.title().to_owned())],
                CloudError::Permission { destination, permissions } => {
                    vec![("destination", destination.title().to_owned()), ("permissions", permissions.clone())]
                }
                CloudError::Insecure(text) | CloudError::Settings(text) => vec![("text", text.clone())],
                CloudError::NoCampaign | CloudError::NoKeyring(_) | CloudError::Running => Vec::new(),
            },
            DeskError::NoEmail { name } | DeskError::NoPhone { name } => vec![("name", name.clone())],
            DeskError::Message(MessageError::Unknown(text)) => vec![("text", text.clone())],
            DeskError::Message(MessageError::TooLong(max)) | DeskError::TooManyToMail { max } => vec![("max", max.to_string())],
            DeskError::MailServer(MailServerError::Host(text) | MailServerError::Address(text) | MailServerError::InTheOpen(text)) => {
                vec![("text", text.clone())]
            }
            DeskError::Post(error) => match error {
                PostError::Unreachable { host, .. } | PostError::InTheOpen(host) | PostError::Certificate { host, .. } => {
                    vec![("host", host.clone())]
                }
                PostError::Login(said) | PostError::Sender(said) => vec![("said", said.clone())],
                PostError::NotSetUp | PostError::Practice | PostError::NoPassword => Vec::new(),
            },
            DeskError::TooManyCards(cards) => vec![("cards", cards.to_string()), ("max", super::card_people::CARDS_MAX.to_string())],
            DeskError::CodeTaken { code } => vec![("code", code.clone())],
            DeskError::Printer { address, .. } => vec![("address", address.clone())],
            DeskError::NotAWidth(columns) => vec![("columns", columns.to_string())],
            DeskError::Undo { source: UndoError::TooMuch { left }, currency } => {
                vec![("left", language.amount(Money { minor: *left, currency: *currency }))]
            }
            _ => Vec::new(),
        }
    }
}
