//! What a command answers, and how it leaves: on standard output when it was done, in one sentence when it was not.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use counterfoil_core::desk::fault::{Kind, Who};
use counterfoil_core::desk::look_up::Hit;
use counterfoil_core::desk::{DeskError, Fault};
use counterfoil_core::domain::money::MoneyError;
use counterfoil_core::ports::CloudError;
use counterfoil_core::sentences::Language;
use counterfoil_core::sync::connect::CampaignChoice;
use counterfoil_core::sync::round::RoundError;
use serde::Serialize;

use crate::text::{Table, people_table, shown};

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// What was typed makes no sense.
    Usage = 2,
    /// The rules say no.
    Refused = 3,
    /// The database, a file or the computer.
    Storage = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// A command's answer, for scripts and for people.
#[derive(Debug)]
pub struct Answer {
    /// One line, without its end.
    pub json: String,
    /// A few lines, without their last end.
    pub text: String,
    /// How the command ends.
    pub exit: Exit,
}

impl Answer {
    /// Done, with this to show.
    pub fn done(shown: &impl Serialize, text: impl Into<String>) -> Answer {
        let json = serde_json::to_string(shown).expect("what the desk gives is text, numbers and lists of them");
        Answer { json, text: text.into(), exit: Exit::Done }
    }

    /// Nothing was done yet, for this can't be as it should be.
    pub fn troubles(troubles: &[String], nothing: &str) -> Answer {
        let lines: String = troubles.iter().map(|trouble| format!("\n  {}", shown(trouble))).collect();
        let text = format!("{nothing} This can't be on the cards as it should be:{lines}\nTo do it all the same, add --anyway.");
        Answer::done(&serde_json::json!({ "troubles": troubles }), text).ending(Exit::Refused)
    }

    /// The same answer with another end, where it is a no.
    pub fn ending(self, exit: Exit) -> Answer {
        Answer { exit, ..self }
    }
}

/// Why a command gave no answer.
#[derive(Debug)]
pub enum Problem {
    /// The desk says why.
    Desk(DeskError),
    /// What was typed contradicts itself, in a way that its grammar does not catch.
    Usage(&'static str),
    /// Somebody was named in a way that fits nobody exactly, or several; those who may have been meant.
    Ambiguous {
        /// As they were named.
        text: String,
        /// Who may have been meant.
        candidates: Vec<Hit>,
    },
    /// None of these campaigns was chosen.
    Campaigns(Vec<CampaignChoice>),
    /// There is nothing to upload to.
    NothingConnected,
}

impl From<CloudError> for Problem {
    fn from(error: CloudError) -> Problem {
        Problem::Desk(error.into())
    }
}

impl From<RoundError> for Problem {
    fn from(error: RoundError) -> Problem {
        match error {
            RoundError::Storage(error) => Problem::Desk(error.into()),
            RoundError::Cloud(error) => error.into(),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Problem {
        Problem::Desk(error)
    }
}

/// What commands give.
pub type Result<T = Answer> = std::result::Result<T, Problem>;

/// Reads an amount or the like; what can't be read is a fault of whoever typed it.
pub fn read<T>(read: std::result::Result<T, MoneyError>) -> Result<T> {
    Ok(read.map_err(DeskError::from)?)
}

impl Problem {
    /// Whose problem it is.
    pub fn kind(&self) -> Kind {
        match self {
            Problem::Desk(error) => error.kind(),
            Problem::Usage(_) | Problem::Campaigns(_) => Kind::Usage,
            Problem::Ambiguous { .. } | Problem::NothingConnected => Kind::Rules,
        }
    }

    /// In the words of this language.
    pub fn told_in(self, language: Language) -> Told {
        let exit = match self.kind() {
            Kind::Usage => Exit::Usage,
            Kind::Rules => Exit::Refused,
            Kind::Storage => Exit::Storage,
        };
        match self {
            Problem::Desk(error) => Told { exit, ..Told::of(error.fault(language)) },
            Problem::Usage(sentence) => Told::usage(sentence),
            Problem::Ambiguous { text, candidates } => {
                let sentence = language.say("fault.ambiguous", &[("text", &text)]);
                let fault = Fault { code: "ambiguous".to_owned(), sentence, who: Who::Staff };
                Told { candidates, exit, ..Told::of(fault) }
            }
            Problem::Campaigns(campaigns) => Told { campaigns, exit, ..Told::of(DeskError::from(CloudError::NoCampaign).fault(language)) },
            Problem::NothingConnected => {
                let sentence = language.say("fault.nothing_connected", &[]);
                Told { exit, ..Told::of(Fault { code: "not_connected".to_owned(), sentence, who: Who::Manager }) }
            }
        }
    }
}

/// A fault in words.
#[derive(Debug, Serialize)]
pub struct Told {
    #[serde(flatten)]
    fault: Fault,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Hit>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    campaigns: Vec<CampaignChoice>,
    #[serde(skip)]
    exit: Exit,
}

impl Told {
    fn of(fault: Fault) -> Told {
        Told { fault, candidates: Vec::new(), campaigns: Vec::new(), exit: Exit::Storage }
    }

    /// Its sentence alone, where it is one of several things to tell.
    pub fn sentence(self) -> String {
        self.fault.sentence
    }

    /// What was typed makes no sense.
    pub fn usage(sentence: &str) -> Told {
        let fault = Fault { code: "usage".to_owned(), sentence: sentence.to_owned(), who: Who::Staff };
        Told { exit: Exit::Usage, ..Told::of(fault) }
    }

    /// Says it, to scripts on standard output, to people where faults belong.
    pub fn say(mut self, json: bool) -> ExitCode {
        self.fault.sentence = shown(&self.fault.sentence);
        if json {
            let line = serde_json::json!({ "error": self }).to_string();
            return say(&line, self.exit);
        }
        let mut text = self.fault.sentence;
        if !self.candidates.is_empty() {
            let _ = write!(text, "\n\n{}", people_table(&self.candidates));
        }
        if !self.campaigns.is_empty() {
            let mut table = Table::new(&["Id", "Campaign", "Status"]).whole(&[0]);
            for CampaignChoice { id, name, status } in &self.campaigns {
                table.row([id, name, status]);
            }
            let _ = write!(text, "\n\n{}", table.lines());
        }
        complain(&text);
        self.exit.into()
    }
}

/// Says this on standard output. Whoever stopped listening is not told more, and the command ends as it would have.
pub fn say(text: &str, exit: Exit) -> ExitCode {
    let mut out = io::stdout().lock();
    let newline = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    match write!(out, "{text}{newline}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("The answer could not be written: {error}. What was asked for was done; look at it again before you repeat it."));
            Exit::Storage.into()
        }
        _ => exit.into(),
    }
}

/// Says this where faults belong. Where nobody listens there is nobody left to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Answers what could not be understood, or a question for help.
pub fn usage(error: &clap::Error, json: bool) -> ExitCode {
    if !error.use_stderr() {
        // Help and version; nothing in them was typed by anybody.
        let _ = error.print();
        return Exit::Done.into();
    }
    let text = error.render().to_string();
    if json {
        let what = text.split("\n\nUsage:").next().unwrap_or_default();
        return Told::usage(what.trim_start_matches("error: ")).say(true);
    }
    // What was typed is repeated in it, and may hold what a terminal would obey. The lines keep their place.
    let lines: Vec<String> =
        text.trim_end().lines().map(|line| format!("{:indent$}{}", "", shown(line), indent = line.len() - line.trim_start().len())).collect();
    complain(&lines.join("\n"));
    Exit::Usage.into()
}
