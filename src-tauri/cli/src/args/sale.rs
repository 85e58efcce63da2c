//! Sales with a code, and the people who were recommended.

use clap::{Args, Subcommand, ValueEnum};

/// A code and a sale.
#[derive(Args, Debug)]
pub struct Check {
    /// As it was said, typed or scanned
    pub code: String,
    /// The order total, such as 49.90
    #[arg(long, value_name = "AMOUNT")]
    pub order: String,
    /// Of the order [default: the shop's]
    #[arg(long)]
    pub currency: Option<String>,
    /// The customer's name
    #[arg(long)]
    pub name: Option<String>,
    /// The customer's e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// The customer's phone number
    #[arg(long)]
    pub phone: Option<String>,
}

/// A sale to be recorded.
#[derive(Args, Debug)]
pub struct Redeem {
    /// As it was said, typed or scanned
    pub code: String,
    /// The order total, such as 49.90
    #[arg(long, value_name = "AMOUNT")]
    pub order: String,
    /// Of the order [default: the shop's]
    #[arg(long)]
    pub currency: Option<String>,
    /// The customer's name
    #[arg(long)]
    pub name: String,
    /// The customer's e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// The customer's phone number
    #[arg(long)]
    pub phone: Option<String>,
    /// The customer was asked and gives neither; needed where the code is for first orders only
    #[arg(long, conflicts_with_all = ["email", "phone"])]
    pub no_contact: bool,
    /// The till's own number of the sale
    #[arg(long)]
    pub reference: Option<String>,
    /// The operation's id: the same one again records nothing twice [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
    /// The manager who says yes although the rules say no; it stays on the record
    #[arg(long, value_name = "NAME", requires = "override_note")]
    pub override_by: Option<String>,
    /// Why the manager says yes
    #[arg(long, value_name = "NOTE", requires = "override_by")]
    pub override_note: Option<String>,
}

/// A sale to be undone.
#[derive(Args, Debug)]
pub struct Void {
    /// The sale's id, as `foil today` shows it
    pub id: String,
    /// Why, so that tomorrow somebody understands it
    #[arg(long)]
    pub reason: String,
    /// The operation's id: the same one again changes nothing [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// Money that went back.
#[derive(Args, Debug)]
pub struct Refund {
    /// The sale's id, as `foil today` shows it
    pub id: String,
    /// How much, such as 5.00 [default: all that is left]
    #[arg(long)]
    pub amount: Option<String>,
    /// Why, so that tomorrow somebody understands it
    #[arg(long)]
    pub reason: String,
    /// The operation's id: the same one again changes nothing [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// What can be done with one lead.
#[derive(Subcommand, Debug)]
pub enum LeadCommand {
    /// Record a person who was recommended by word, on the phone for instance
    #[command(
        after_help = "Examples:\n  foil lead add --referrer \"Jane Whitfield\" --name \"Ann Lee\" --phone \"020 7946 0701\" --note \"asks for Tuesday\"\n  \
                      foil lead add --referrer K7MQ-4RTX --name \"Ann Lee\" --email ann@lee.example --call-back 2026-12-01"
    )]
    Add(LeadAdd),
    /// Say that a lead was called back, or will be on another day
    #[command(after_help = "Examples:\n  foil lead call-back \"Ann Lee\"\n  foil lead call-back \"020 7946 0701\" --on 2026-12-03")]
    CallBack(LeadCallBack),
}

/// A call-back that is done or put off.
#[derive(Args, Debug)]
pub struct LeadCallBack {
    /// Who: an id, or a name, e-mail or phone that only one lead has
    pub lead: String,
    /// Another day, such as 2026-12-31 [default: none, the call-back is done]
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// The operation's id: the same one again changes nothing [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// A person who was recommended by word.
#[derive(Args, Debug)]
pub struct LeadAdd {
    /// Who recommended them: an id, code, e-mail or phone, or a name that only one person has
    #[arg(long, value_name = "WHO")]
    pub referrer: String,
    /// Their name
    #[arg(long)]
    pub name: String,
    /// Their e-mail address
    #[arg(long)]
    pub email: Option<String>,
    /// Their phone number
    #[arg(long)]
    pub phone: Option<String>,
    /// What was said
    #[arg(long)]
    pub note: Option<String>,
    /// When to call back, such as 2026-12-31
    #[arg(long, value_name = "DATE")]
    pub call_back: Option<String>,
    /// The operation's id: the same one again records nothing twice [default: a new one]
    #[arg(long, value_name = "UUID")]
    pub op: Option<String>,
}

/// A part of the list of leads.
#[derive(Args, Debug)]
pub struct Leads {
    /// Which of them
    #[arg(long, default_value = "all", value_name = "WHICH")]
    pub show: LeadsShow,
    /// Only those whose name, contact or referrer contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub search: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub rows: u32,
    /// Go on after this place: `next` of the answer before
    #[arg(long, value_name = "NEXT")]
    pub after: Option<String>,
}

/// Which leads a list shows.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum LeadsShow {
    /// All of them
    All,
    /// Those who don't count yet
    Pending,
    /// Those who count
    Qualified,
    /// Those who never will
    Disqualified,
    /// Those who can't be reached
    MissingContact,
    /// Those whom two people claim
    Conflict,
    /// Those to be called back
    CallBack,
}
