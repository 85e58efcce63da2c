//! `foil`: Counterfoil's desk in a terminal, for imports, scripts and shops without a screen.
//!
//! Each command is parsed, asked of one job of the desk, and answered in a few lines or in JSON. What the shop's rules
//! are, the desk knows; nothing here does.

mod answer;
mod args;
mod commands;
mod pick;
mod secret;
mod text;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use answer::{Answer, Told};
use args::Cli;
use commands::Place;

/// The folder of this app inside the user's data folder, under the name by which the desktop knows the window.
const APP_FOLDER: &str = "app.counterfoil.desktop";

fn main() -> ExitCode {
    let json = asks_for_json(std::env::args_os());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer::usage(&error, json),
    };
    let answer = match folder(cli.data) {
        Some(folder) => commands::run(cli.command, &Place { folder, urls: cli.urls, json }),
        None => Err(Told::usage("This user has no data folder. Name one with --data DIR.")),
    };
    match answer {
        Ok(Answer { json: _, text, exit }) if !json => answer::say(&text, exit),
        Ok(Answer { json, text: _, exit }) => answer::say(&json, exit),
        Err(told) => told.say(json),
    }
}

/// Where the shop's data lies: as given, whatever folder a job walks to, or where the window keeps it.
fn folder(given: Option<PathBuf>) -> Option<PathBuf> {
    match given {
        Some(folder) => Some(std::path::absolute(&folder).unwrap_or(folder)),
        None => dirs::data_dir().map(|data| data.join(APP_FOLDER)),
    }
}

/// Whether the answer must be JSON, also where the rest can't be understood.
fn asks_for_json(args: impl Iterator<Item = OsString>) -> bool {
    args.skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json")
}
