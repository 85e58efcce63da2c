//! A shop in a temporary folder, and the program run on it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::{Timelike as _, Utc};
use serde_json::Value;
use tempfile::TempDir;

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// It ended like this, and said nothing where it should not have.
    #[track_caller]
    pub fn ends(self, code: i32) -> Said {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// The one line of JSON it answered with.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!((self.err.as_str(), self.out.lines().count()), ("", 1), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A data folder, with a shop or without.
pub struct Till {
    folder: TempDir,
}

impl Till {
    /// No shop yet.
    pub fn bare() -> Till {
        Till { folder: tempfile::tempdir().unwrap() }
    }

    /// A shop that counts in euros, whose clock stands around noon, so that no test runs over the end of its day.
    pub fn open() -> Till {
        let till = Till::bare();
        till.done(["init", "--shop", "Corner Shop", "--currency", "EUR", "--country", "GB", "--timezone", &zone_at_noon()]);
        till
    }

    /// Where this test keeps its files. The shop's data lies in `data` inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A list from the fixtures, in a place where something may be written beside it.
    pub fn list(&self, name: &str) -> String {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/lists").join(name);
        std::fs::copy(from, self.path(name)).unwrap();
        self.path(name).display().to_string()
    }

    /// The program on this folder, with nothing of the surroundings that could lead it elsewhere.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_foil"));
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.path("share"));
        // Neither the keyring of whoever runs the tests nor a key that they have at hand.
        command.env("XDG_RUNTIME_DIR", self.folder.path());
        for name in [
            "COUNTERFOIL_DATA",
            "COUNTERFOIL_STRIPE_KEY",
            "COUNTERFOIL_REFERRAL_FACTORY_TOKEN",
            "COUNTERFOIL_REFERRAL_FACTORY_CAMPAIGN",
            "COUNTERFOIL_STRIPE_URL",
            "COUNTERFOIL_REFERRAL_FACTORY_URL",
            "CREDENTIALS_DIRECTORY",
            "DBUS_SESSION_BUS_ADDRESS",
        ] {
            command.env_remove(name);
        }
        command.arg("--data").arg(self.data()).args(args).stdin(Stdio::null());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Said {
        said(self.command(args).output().unwrap())
    }

    /// It must go well; what it said to a person.
    #[track_caller]
    pub fn done<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let said = self.run(args).ends(0);
        assert_eq!(said.err, "");
        said.out
    }

    /// It must end like this; what it said to a script.
    #[track_caller]
    pub fn ends<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) -> Value {
        let mut command = self.command(args);
        said(command.arg("--json").output().unwrap()).ends(code).json()
    }

    /// It must go well; what it said to a script.
    #[track_caller]
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        self.ends(0, args)
    }

    /// The stable name of the fault that it must end with.
    #[track_caller]
    pub fn fault<S: AsRef<OsStr>>(&self, code: i32, args: impl IntoIterator<Item = S>) -> String {
        let answer = self.ends(code, args);
        let error = &answer["error"];
        assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
        assert!(error["sentence"].as_str().is_some_and(|sentence| sentence.ends_with(['.', '?']) || error["code"] == "usage"), "{answer}");
        assert!(["staff", "manager", "support"].contains(&error["who"].as_str().unwrap()), "{answer}");
        text(&error["code"])
    }

    /// Adds a person with this code.
    pub fn referrer(&self, name: &str, email: &str, code: &str) -> Value {
        self.json(["referrer", "add", "--name", name, "--email", email, "--code", code])["referrer"].clone()
    }
}

pub fn said(output: Output) -> Said {
    let Output { status, stdout, stderr } = output;
    // A signal has no code; none of the program's is negative.
    let code = status.code().unwrap_or(-1);
    Said { code, out: String::from_utf8(stdout).unwrap(), err: String::from_utf8(stderr).unwrap() }
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The fields of an object, which must be there whatever else is.
#[track_caller]
pub fn has(object: &Value, fields: &[&str]) {
    for field in fields {
        assert!(object.get(field).is_some(), "{field} is missing in {object}");
    }
}

fn zone_at_noon() -> String {
    // The names of these zones count westwards: Etc/GMT-5 is five hours east.
    match i64::from(Utc::now().hour()) - 12 {
        0 => "Etc/UTC".to_owned(),
        west @ 1.. => format!("Etc/GMT+{west}"),
        east => format!("Etc/GMT{east}"),
    }
}
