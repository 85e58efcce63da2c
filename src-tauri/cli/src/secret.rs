//! Keys and tokens as they come in: typed without being shown, or from a file or another program. Never as an argument, which
//! every user of the computer can read.

use std::io::{self, IsTerminal as _, Read as _};

use crate::answer::{Problem, Result};

/// No key is as long as this; whatever is was meant for another program.
const BYTES_MAX: u64 = 4096;

/// Reads a key. At a terminal it is asked for by this name.
pub fn read(name: &str) -> Result<String> {
    let stdin = io::stdin();
    let read = if stdin.is_terminal() {
        rpassword::prompt_password(format!("{name} (is not shown): "))
    } else {
        let mut text = String::new();
        stdin.lock().take(BYTES_MAX).read_to_string(&mut text).map(|_| text)
    };
    match read.map(|text| text.trim().to_owned()) {
        Ok(key) if !key.is_empty() => Ok(key),
        _ => Err(Problem::Usage("No key came in. Type it when it is asked for, or give it on standard input: foil connect stripe < key.txt")),
    }
}
