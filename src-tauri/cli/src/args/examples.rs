//! The examples in the help, held against the commands themselves.

use clap::{CommandFactory as _, Parser as _};

use super::{Cli, Command};

/// Every command that does something, with the words that lead to it.
fn commands(path: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
    let below: Vec<_> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
    for one in &below {
        commands(&format!("{path} {}", one.get_name()), one, found);
    }
    // What only leads on to others is understood by theirs.
    if below.is_empty() || !command.is_subcommand_required_set() {
        found.push((path.to_owned(), command.clone()));
    }
}

/// The words of an example as a shell hands them over: up to a redirection or a remark.
fn words(line: &str) -> Vec<String> {
    let line = [" < ", " > ", "   "].iter().fold(line.trim(), |line, end| line.split(end).next().unwrap_or(line));
    let (mut words, mut quoted, mut open) = (Vec::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                open = false;
                continue;
            }
            _ => {}
        }
        if !open {
            words.push(String::new());
            open = true;
        }
        if c != '"' {
            words.last_mut().unwrap().push(c);
        }
    }
    words
}

#[test]
fn every_command_has_an_example_and_every_example_is_understood() {
    let mut all = Vec::new();
    commands("foil", &Cli::command(), &mut all);
    assert!(all.len() > 55, "only {} commands were looked at", all.len());
    for (path, mut command) in all {
        let help = command.render_help().to_string();
        let examples: Vec<_> = help.split("Example").nth(1).unwrap_or("").lines().filter(|line| line.starts_with("  foil ")).collect();
        assert!(examples.iter().any(|line| line.contains(&path)), "{path}: none of its examples shows it\n{help}");
        for line in examples {
            if let Err(error) = Cli::try_parse_from(words(line)) {
                panic!("{path}: the example {line:?} is not understood\n{error}");
            }
        }
    }
}

/// A file that people copy, below `assets/examples`.
fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../assets/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What a sample's command line asks for, from the program on.
#[track_caller]
fn asked(line: &str, program: &str) -> Cli {
    let words: Vec<String> = words(line).into_iter().skip_while(|word| word != program).collect();
    assert!(!words.is_empty(), "{line:?} does not start {program}");
    Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line:?} is not understood\n{error}"))
}

#[test]
fn the_samples_for_systemd_and_windows_make_one_round_with_what_is_installed() {
    let service = sample("counterfoil-sync.service");
    let values = |key: &'static str| service.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix('='));
    let [line] = values("ExecStart").collect::<Vec<_>>()[..] else { panic!("{service}") };
    let cli = asked(line, "/usr/bin/foil");
    assert!(matches!(&cli.command, Command::Sync(sync) if sync.once), "{line}");
    // Nothing else may be written to, and that must.
    assert_eq!(values("ReadWritePaths").next(), cli.data.as_deref().and_then(std::path::Path::to_str));
    // It is the service of the same name that a timer starts, here as often as the window makes a round.
    assert!(sample("counterfoil-sync.timer").lines().any(|line| line == "OnUnitInactiveSec=5min"));
    let task = sample("counterfoil-sync.xml");
    let line = task.split("<Arguments>").nth(1).and_then(|rest| rest.split("</Arguments>").next()).unwrap();
    let cli = asked(line, r"C:\Program Files\Counterfoil\foil.exe");
    assert!(matches!(&cli.command, Command::Sync(sync) if sync.once), "{line}");
}
