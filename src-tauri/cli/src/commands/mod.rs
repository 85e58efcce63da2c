//! One file a job, one job of the desk a command.

mod connect;
mod leads;
mod lists;
mod mail;
mod outbox;
mod people;
mod practice_cloud;
mod print;
mod records;
mod sale;
mod shop;
mod slips;
mod stock;
mod sync;

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use counterfoil_core::desk::Desk;
use counterfoil_core::sentences::Language;
use counterfoil_core::settings::{Settings, Urls};
use serde_json::json;
use uuid::Uuid;

use crate::answer::{Answer, Result, Told};
use crate::args::{Cli, Command, LeadCommand, RulesCommand};

/// Where a command works, and how it answers.
pub struct Place {
    /// The shop's data folder.
    pub folder: PathBuf,
    /// Other addresses than the settings name.
    pub urls: Urls,
    /// In JSON.
    pub json: bool,
}

impl Place {
    /// The settings of the shop, with the addresses that this run names.
    fn settings(&self) -> Result<Settings> {
        Ok(Settings::of_run(&self.folder, &self.urls)?)
    }
}

/// Does what was asked for in this place.
pub fn run(command: Command, place: &Place) -> std::result::Result<Answer, Told> {
    let folder = &place.folder;
    match command {
        // These need no shop, or make one.
        Command::Completions { shell } => Ok(completions(shell)),
        Command::PracticeCloud(ask) => practice_cloud::serve(place, &ask).map_err(|problem| problem.told_in(language(folder))),
        Command::Init(new) => shop::init(folder, new).map_err(|problem| problem.told_in(language(folder))),
        Command::Backups => records::backups(folder).map_err(|problem| problem.told_in(language(folder))),
        Command::Restore(copy) => records::restore(folder, &copy).map_err(|problem| problem.told_in(language(folder))),
        command => {
            let mut desk = Desk::open(folder).map_err(|error| crate::answer::Problem::from(error).told_in(Language::default()))?;
            let answer = at_the_desk(command, &mut desk, place).map_err(|problem| problem.told_in(desk.language()));
            desk.tidy();
            // Also a shop that never opens the window has its copy a day. One that can't be made now is tried at the next command.
            let _ = desk.back_up_daily();
            answer
        }
    }
}

fn at_the_desk(command: Command, desk: &mut Desk, place: &Place) -> Result {
    match command {
        Command::Handout(job) => stock::handout(desk, job),
        Command::Batch(job) => stock::batch(desk, job),
        Command::Mail(job) => mail::mail(desk, job),
        Command::Import(list) => lists::import(desk, list),
        Command::Export(list) => lists::export(desk, &list),
        Command::HandedOver { kind } => lists::handed_over(desk, kind),
        Command::Connect(what) => connect::connect(desk, place, what),
        Command::Disconnect(what) => connect::disconnect(desk, place, &what),
        Command::Sync(ask) => sync::sync(desk, place, &ask),
        Command::Outbox(job) => outbox::outbox(desk, job),
        Command::Conflicts(job) => outbox::conflicts(desk, job),
        Command::Stripe(job) => sync::at_stripe(desk, place, &job),
        Command::ReferralFactory(job) => sync::at_referral_factory(desk, place, &job),
        Command::Referrer(job) => people::referrer(desk, job),
        Command::Code(job) => people::code(desk, job),
        Command::Lookup { text } => people::look_up(desk, &text.join(" ")),
        Command::Check(ask) => sale::check(desk, ask),
        Command::Redeem(ask) => sale::redeem(desk, ask),
        Command::Void(ask) => sale::void(desk, ask),
        Command::Refund(ask) => sale::refund(desk, ask),
        Command::Today { day } => sale::today(desk, day.as_deref()),
        Command::Slip(ask) => slips::slip(desk, ask),
        Command::Printer(job) => slips::printer(desk, job),
        Command::Lead(LeadCommand::Add(ask)) => leads::add(desk, ask),
        Command::Lead(LeadCommand::CallBack(ask)) => leads::call_back(desk, ask),
        Command::Leads(ask) => leads::list(desk, ask),
        Command::Why { lead } => leads::why(desk, place, &lead),
        Command::Rules(RulesCommand::Set(change)) => shop::set_rules(desk, change),
        Command::Rules(RulesCommand::Show) => shop::show_rules(desk),
        Command::Cards(ask) => print::cards(desk, ask),
        Command::Brand(change) => print::brand(desk, change),
        Command::Qr(ask) => print::qr(desk, &ask),
        Command::Status => records::status(desk),
        Command::Verify => records::verify(desk),
        Command::Backup => records::back_up(desk),
        Command::Init(_) | Command::Backups | Command::Restore(_) | Command::Completions { .. } | Command::PracticeCloud(_) => {
            unreachable!("these need no desk")
        }
    }
}

/// The language of the shop that stands here, if one does.
fn language(folder: &Path) -> Language {
    Desk::open(folder).map_or_else(|_| Language::default(), |desk| desk.language())
}

/// The operation's id as it was given, or a new one.
fn op(given: Option<String>) -> String {
    given.unwrap_or_else(|| Uuid::now_v7().to_string())
}

fn completions(shell: clap_complete::Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "foil", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Answer::done(&json!({ "shell": shell.to_string(), "script": script }), script)
}
