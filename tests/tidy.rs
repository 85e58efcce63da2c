//! The house rules, kept by machine. Each says why it is one; `src-tauri/ARCHITECTURE.md` draws the house.

use std::path::{Path, PathBuf};

use crate::support::root;

const CORE: &str = "src-tauri/core/src";
/// Longer than this nobody reads a file to its end.
const LINES_MAX: usize = 800;

/// All files below a folder with one of these endings, generated and fetched ones left out.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | "gen") && !name.starts_with("dist") && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) && name != "bindings.ts" {
                let shown = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((shown, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn rust(folder: &str) -> Vec<(String, String)> {
    let found = files(folder, &[".rs"]);
    assert!(!found.is_empty(), "no Rust below {folder}: has it moved? Then move this rule too");
    found
}

/// The code of a Rust file: lines without comments, up to its unit tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).enumerate();
    lines.map(|(n, line)| (n + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// No line of code in these files contains any of these words.
#[track_caller]
fn never(files: &[(String, String)], words: &[&str], why: &str) {
    let found: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| code(text).map(move |(n, line)| (file, n, line)))
        .filter(|(_, _, line)| words.iter().any(|word| line.contains(word)))
        .map(|(file, n, line)| format!("  {file}:{n}: {}", line.trim()))
        .collect();
    assert!(found.is_empty(), "{why}\n{}", found.join("\n"));
}

/// Words that begin SQL, and no sentence.
const SQL: [&str; 20] = [
    "SELECT ",
    "INSERT ",
    "REPLACE ",
    "UPDATE ",
    "DELETE FROM ",
    "WITH ",
    "CREATE ",
    "ALTER TABLE ",
    "DROP ",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT ",
    "RELEASE ",
    "ATTACH ",
    "VACUUM",
    "ANALYZE",
    "REINDEX",
];

/// The lines on which a text begins that can only be SQL: right after its quote, or on a line further down.
fn sql_lines(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // The text that is open, from which line on, and what ends it.
    let mut open: Option<(usize, String, String)> = None;
    for (n, line) in code(text) {
        let mut rest = line;
        loop {
            match open.take() {
                None => {
                    // A remark ends the line; a quote as a sign of its own begins no text.
                    rest = rest.split("//").next().unwrap_or("");
                    let Some(at) = rest.match_indices('"').map(|(at, _)| at).find(|&at| !rest[..at].ends_with(['\'', '\\'])) else { break };
                    let hashes = rest[..at].chars().rev().take_while(|&c| c == '#').count();
                    let raw = rest[..at - hashes].ends_with('r');
                    let end = format!("\"{}", "#".repeat(if raw { hashes } else { 0 }));
                    rest = &rest[at + 1..];
                    open = Some((n, String::new(), end));
                }
                Some((from, mut text, end)) => {
                    let plain = end.len() == 1;
                    let ends = rest.match_indices(end.as_str()).map(|(at, _)| at);
                    let escaped = |at: &usize| plain && rest[..*at].chars().rev().take_while(|&c| c == '\\').count() % 2 == 1;
                    let Some(at) = ends.into_iter().find(|at| !escaped(at)) else {
                        text.push_str(rest.trim_end_matches('\\'));
                        text.push('\n');
                        open = Some((from, text, end));
                        break;
                    };
                    text.push_str(&rest[..at]);
                    if SQL.iter().any(|begin| text.trim_start().starts_with(begin)) {
                        found.push(from);
                    }
                    rest = &rest[at + end.len()..];
                }
            }
        }
    }
    found
}

#[test]
fn sql_is_known_wherever_it_begins() {
    for (text, lines) in [
        ("connection.execute(\"SELECT 1\", [])", vec![1]),
        ("let a = 1;\nprepare(\n    \"\n    SELECT n\n    FROM lead\",\n)", vec![3]),
        ("let sql = \"\\\n    WITH all AS (SELECT 1)\\\n    SELECT 2\";", vec![1]),
        ("say(\"x\"); let s = r#\"\n  REPLACE INTO lead (note) VALUES ('\"a\"')\"#; run(\"PRAGMA user_version\")", vec![1, 2]),
        ("let quote = '\"'; let s = \"an \\\"UPDATE \\\" is none\";", vec![]),
        ("let s = \"Choose WITH care\"; // \"SELECT 1\"", vec![]),
        ("/// \"DELETE FROM lead\"\nlet s = \"Updates\";", vec![]),
    ] {
        assert_eq!(sql_lines(text), lines, "{text}");
    }
}

#[test]
fn domain_is_pure() {
    never(
        &rust(&format!("{CORE}/domain")),
        &[
            "rusqlite",
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "Utc::now",
            "Local::now",
            "SystemTime",
            "Instant::now",
            "getrandom",
            "now_v7",
            "crate::storage",
            "crate::desk",
            "crate::ports",
            "crate::sheets",
            "crate::sync",
            "crate::print",
            "crate::mail",
            "crate::sentences",
        ],
        "domain has no clock, no randomness, no SQL and no files: values in, values out, so that every rule can be tested as a table. \
         Pass the moment, the randomness or the row in as a value.",
    );
}

#[test]
fn sql_stands_under_storage_alone() {
    let mut elsewhere = Vec::new();
    for folder in [CORE, "src-tauri/src", "src-tauri/cli/src"] {
        for (file, text) in rust(folder).iter().filter(|(file, _)| !file.contains("core/src/storage/")) {
            elsewhere.extend(sql_lines(text).into_iter().map(|n| format!("  {file}:{n}")));
        }
    }
    assert!(elsewhere.is_empty(), "All SQL text stands under {CORE}/storage, where the schema is: put a function there.\n{}", elsewhere.join("\n"));
}

#[test]
fn storage_does_not_know_who_asks() {
    never(
        &rust(&format!("{CORE}/storage")),
        &["crate::desk", "crate::sync", "crate::sheets", "crate::sentences", "crate::print", "println!"],
        "storage answers whoever asks; it knows no job, no screen and no sentence. Return a value and let the desk say it.",
    );
}

#[test]
fn desk_never_names_the_sync_or_a_destination() {
    never(
        &rust(&format!("{CORE}/desk")),
        &["crate::sync", "reqwest", "super::sync"],
        "desk and sync meet at the Outbox table alone: a sale must not wait for a network or know that there is one. Write an Outbox entry.",
    );
    if root().join(CORE).join("sync").exists() {
        never(&rust(&format!("{CORE}/sync")), &["crate::desk"], "sync never calls the desk: what it must do stands in the Outbox.");
    }
}

#[test]
fn print_knows_no_database_and_no_person() {
    never(
        &rust(&format!("{CORE}/print")),
        &["crate::desk", "crate::storage", "crate::sync", "crate::mail", "rusqlite"],
        "print draws what it is given: a card or a slip is a value, so that preview and paper are the same and every layout can be tried \
         without a shop. Let the desk read the records and hand them in.",
    );
}

#[test]
fn letters_go_out_through_a_port() {
    never(
        &rust(&format!("{CORE}/mail")),
        &["crate::desk", "crate::storage", "crate::sync", "rusqlite"],
        "mail hands letters in and says what became of them; it knows no shop and no database. The desk decides who gets which, through ports::Post.",
    );
    let others: Vec<_> = rust(CORE).into_iter().filter(|(file, _)| !file.contains("core/src/mail/")).collect();
    never(
        &others,
        &["lettre::", "crate::mail"],
        "Only mail/ knows SMTP: everything else asks ports::Post, so that every fault can be tried without a network.",
    );
}

#[test]
fn commands_and_terminal_parse_call_one_function_and_shape_the_answer() {
    for folder in ["src-tauri/src", "src-tauri/cli/src"] {
        never(
            &rust(folder),
            &[
                "rusqlite",
                "counterfoil_core::storage::catalogue",
                "counterfoil_core::storage::ledger",
                "storage::leads",
                "storage::campaigns",
                "verdict::decide",
            ],
            "Window and terminal are doors: they parse, call one function of the desk, and shape its answer. \
             What they need from the tables, and every decision, belongs into core's desk.",
        );
    }
}

/// What a TypeScript or Svelte file imports, with its line.
fn imports(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(n, line)| {
        let line = line.trim_start();
        let from = line
            .split_once(" from ")
            .map(|(_, from)| from)
            .or_else(|| line.strip_prefix("import "))
            .or_else(|| line.split_once("import(").map(|(_, from)| from))?;
        let quote = from.find(['"', '\''])?;
        let rest = &from[quote + 1..];
        Some((n + 1, &rest[..rest.find(['"', '\''])?]))
    })
}

#[test]
fn only_the_api_folder_knows_tauri() {
    let mut found = Vec::new();
    for (file, text) in files("ui/src", &[".ts", ".svelte"]) {
        if !file.starts_with("ui/src/api/") && !file.starts_with("ui/src/mock/") {
            found.extend(imports(&text).filter(|(_, from)| from.starts_with("@tauri-apps")).map(|(n, from)| format!("  {file}:{n}: {from}")));
        }
    }
    assert!(
        found.is_empty(),
        "Only ui/src/api knows Tauri, so that every screen runs in a test without it: call it through api.\n{}",
        found.join("\n")
    );
}

#[test]
fn jobs_of_the_ui_do_not_know_each_other() {
    /// Not jobs: everybody may use these, and they use no job.
    const COMMON: [&str; 4] = ["shared", "api", "i18n", "mock"];
    let mut found = Vec::new();
    for (file, text) in files("ui/src", &[".ts", ".svelte"]) {
        let Some((job, _)) = file.strip_prefix("ui/src/").and_then(|rest| rest.split_once('/')) else { continue };
        if job == "mock" {
            continue;
        }
        for (n, from) in imports(&text).filter(|(_, from)| from.starts_with('.')) {
            let Some(other) = room(Path::new(&file), from) else { continue };
            if other != job && !COMMON.contains(&other.as_str()) {
                found.push(format!("  {file}:{n}: {from}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "A job's folder in ui/src imports shared, api, i18n and itself: two screens that know each other can't be changed alone, and shared \
         code that knows a job is not shared. Move what both need to shared, or let App put them together.\n{}",
        found.join("\n")
    );
}

/// The folder of ui/src that a relative import leads to; none for the files beside main.
fn room(file: &Path, from: &str) -> Option<String> {
    let mut at: PathBuf = file.parent()?.to_owned();
    for part in Path::new(from).components() {
        match part {
            std::path::Component::ParentDir => drop(at.pop()),
            std::path::Component::Normal(name) => at.push(name),
            _ => {}
        }
    }
    let below = at.strip_prefix("ui/src").ok()?;
    let mut parts = below.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

#[test]
fn what_the_map_names_is_there() {
    let map = "src-tauri/ARCHITECTURE.md";
    let text = std::fs::read_to_string(root().join(map)).unwrap_or_else(|error| panic!("{map} ({error}) is how a newcomer finds the way: write it"));
    let tops = ["src-tauri/", "ui/", "tests/", "assets/", "core/", "cli/", "src/", ".ci/", "fuzz/"];
    let mut missing = Vec::new();
    for named in text.split('`').skip(1).step_by(2) {
        let path = named.split(['#', ':']).next().unwrap_or("");
        let plain = path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
        // What is made by a build is not there before it.
        let made = ["ui/dist", "node_modules", "/gen", "target"].iter().any(|made| path.contains(made));
        if plain && !made && tops.iter().any(|top| path.starts_with(top)) {
            let places = ["", "src-tauri/", "src-tauri/core/", "src-tauri/core/src/"];
            if !places.iter().any(|place| root().join(place).join(path).exists()) {
                missing.push(format!("  {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{map} names what is not there. A map that lies is worse than none: correct it.\n{}", missing.join("\n"));
}

/// What stands between quotes after `start` and before `end` in one of our files.
#[track_caller]
fn listed(file: &str, start: &str, end: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let list = text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).unwrap_or_else(|| panic!("{file} has no {start} … {end}")).0;
    list.lines().map(|line| line.trim().trim_matches([',', '"']).to_owned()).filter(|line| !line.is_empty()).collect()
}

/// `open_shop` as TypeScript calls it: `openShop`.
fn camel(command: &str) -> String {
    let mut words = command.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

#[test]
fn the_windows_may_do_just_what_they_call() {
    let built = listed("src-tauri/build.rs", "const COMMANDS: &[&str] = &[", "];");
    let answered: Vec<_> = listed("src-tauri/src/commands/mod.rs", "collect_commands![", "])")
        .iter()
        .map(|path| path.rsplit("::").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(built, answered, "build.rs and commands/mod.rs list the same commands in the same order");

    let allowed = |window: &str| -> Vec<String> {
        let named = listed(&format!("src-tauri/capabilities/{window}.json"), "\"permissions\": [", "]");
        // A colon stands in permissions of Tauri's own.
        named.iter().filter(|name| !name.contains(':')).map(|name| name.trim_start_matches("allow-").replace('-', "_")).collect()
    };
    let (main, customer) = (allowed("main"), allowed("customer"));
    let closed: Vec<_> = built.iter().filter(|name| !main.contains(name) && !customer.contains(name)).collect();
    assert!(closed.is_empty(), "no window may call these: take them out, or let one: {closed:?}");

    let screens: Vec<_> = files("ui/src", &[".ts", ".svelte"])
        .into_iter()
        .filter(|(file, _)| !file.starts_with("ui/src/mock/") && !file.ends_with(".test.ts"))
        .collect();
    let called = |name: &str, text: &str| {
        let call = format!("desk.{}", camel(name));
        text.match_indices(&call).any(|(at, _)| !text[at + call.len()..].starts_with(|c: char| c.is_alphanumeric()))
    };
    let mut needless = Vec::new();
    for (allowed, of_customer) in [(main, false), (customer, true)] {
        let own = screens.iter().filter(|(file, _)| file.starts_with("ui/src/customer/") == of_customer).collect::<Vec<_>>();
        needless.extend(allowed.into_iter().filter(|name| !own.iter().any(|(_, text)| called(name, text))));
    }
    assert!(
        needless.is_empty(),
        "A window may do just what its screens call: whatever else it may do, hostile text that got into it could do too. \
         Take these out of src-tauri/capabilities: {needless:?}"
    );
}

#[test]
fn the_windows_run_no_script_but_their_own() {
    let conf: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(root().join("tauri.conf.json")).unwrap()).unwrap();
    let csp = conf["app"]["security"]["csp"].as_object().expect("a content security policy");
    for (what, from) in csp {
        let from = from.as_str().unwrap();
        // Tauri's own way to call us, which leaves the window no further than its own program.
        let foreign = |word: &&str| !["'self'", "'none'", "data:", "ipc:", "http://ipc.localhost"].contains(word);
        assert_eq!(from.split(' ').find(foreign), None, "{what} would let in what is not ours");
        assert!(what == "img-src" || !from.contains("data:"), "only pictures may stand in the text itself");
    }
    assert_eq!((csp["default-src"].as_str(), csp["object-src"].as_str()), (Some("'self'"), Some("'none'")));
    assert!(!csp.contains_key("script-src"), "scripts have the default");
}

fn sources() -> Vec<(String, String)> {
    let mut all = rust("src-tauri");
    all.extend(rust("tests"));
    all.extend(files("ui/src", &[".ts", ".svelte"]));
    all.extend(files("tests/e2e", &[".ts", ".js", ".mjs"]));
    all
}

#[test]
fn no_file_is_too_long_to_be_read() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("  {file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "Look again at 400 lines, split at {LINES_MAX}: a room that holds everything has no name.\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_for_later_in_silence() {
    // Taken apart, so that this file does not name them.
    let words = [
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
        concat!("db", "g!("),
        concat!("test.", "skip("),
        concat!("test.", "only("),
        concat!("describe.", "only("),
        concat!("describe.", "skip("),
    ];
    let mut found = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().enumerate().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(lines.map(|(n, line)| format!("  {file}:{}: {}", n + 1, line.trim())));
    }
    assert!(
        found.is_empty(),
        "A test that is not run proves nothing, and a gap that stops the program is a crash at a till: finish it or open an issue.\n{}",
        found.join("\n")
    );
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<String> = rust("src-tauri")
        .into_iter()
        .chain(rust("tests"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| format!("  {file}"))
        .collect();
    assert!(silent.is_empty(), "Every module opens with one line on what it is (`//! …`), so that a reader knows the room.\n{}", silent.join("\n"));
}
