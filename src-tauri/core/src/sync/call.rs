//! One call to a destination and what comes back, as values.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A verb of HTTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or changes.
    Post,
    /// Changes.
    Put,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

/// What a call carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Nothing.
    Nothing,
    /// `application/x-www-form-urlencoded`.
    Form(String),
    /// `application/json`.
    Json(String),
}

/// A call exactly as it is sent; only who sends it, which lies in the keyring, is not in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// What is asked, by which its answer is understood.
    pub name: Name,
    /// The verb.
    pub method: Method,
    /// Below the destination's address, with its query.
    pub path: String,
    /// The body.
    pub body: Body,
    /// The idempotency key, where the destination knows such.
    pub key: Option<String>,
    /// The fingerprint of what the destination knows once it has accepted this.
    pub print: Option<String>,
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Name {
    /// Is it there already?
    Find,
    /// Was it made by a call whose answer never came?
    Search,
    /// Make it.
    Create,
    /// Read it.
    Read,
    /// Change it.
    Update,
    /// Switch it off.
    Deactivate,
    /// The Lead counts, or counts no more.
    Qualify,
    /// What happened there.
    Pull,
}

impl Call {
    /// A call that only reads.
    #[must_use]
    pub fn get(name: Name, path: impl Into<String>) -> Call {
        Call { name, method: Method::Get, path: path.into(), body: Body::Nothing, key: None, print: None }
    }

    /// The verb and the path without its query, which may hold contacts.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} {}", self.method.name(), self.path.split('?').next().unwrap_or_default())
    }
}

/// What a destination answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
    /// The destination's own number of the call.
    pub request_id: Option<String>,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Its own word on whether trying again makes sense.
    pub should_retry: Option<bool>,
    /// It is the answer that it gave to this key before.
    pub replayed: bool,
}

impl Reply {
    /// A bare answer.
    #[must_use]
    pub fn new(status: u16, body: impl Into<String>) -> Reply {
        Reply { status, body: body.into(), request_id: None, retry_after: None, should_retry: None, replayed: false }
    }

    /// The body as JSON, if it is an object: a gateway on the way may answer in HTML, and half an answer is none.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.body).ok().filter(serde_json::Value::is_object)
    }
}

/// An answer, or why there was none.
pub type Heard = Result<Reply, String>;

/// Text from a destination as it may be kept and shown: short, and without anything that looks like a key.
#[must_use]
pub fn redacted(text: &str) -> String {
    const LENGTH_MAX: usize = 300;
    // Also in the middle of an address or of somebody's JSON.
    let begins_a_key = |part: &str| ["sk_", "rk_", "pk_", "whsec_"].iter().any(|start| part.starts_with(start));
    let secret = |word: &str| {
        let bare = word.trim_matches(|symbol: char| !symbol.is_ascii_alphanumeric());
        word.split(|symbol: char| !(symbol.is_ascii_alphanumeric() || symbol == '_')).any(begins_a_key)
            || (bare.len() >= 40 && bare.chars().all(|symbol| symbol.is_ascii_graphic()))
    };
    let words: Vec<&str> = text.split_whitespace().map(|word| if secret(word) { "…" } else { word }).collect();
    let mut text = words.join(" ");
    if let Some((end, _)) = text.char_indices().nth(LENGTH_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(redacted(text), expected);
    }

    #[test]
    fn what_looks_like_a_key_is_kept_nowhere() {
        check("No such customer: cus_1", "No such customer: cus_1");
        for key in ["sk_test_4eC39", "rk_live_4eC39", "pk_live_4eC39", "whsec_4eC39"] {
            check(&format!("No to {key} today"), "No to … today");
            check(&format!("No to '{key}', ({key}) or {key}."), "No to … … or …");
            check(&format!("https://proxy/?key={key}&a=1 or {{\"key\":\"{key}\"}}"), "… or …");
        }
        // A token has no beginning to know it by, but it is long.
        check(&format!("Bearer {}", "a1".repeat(20)), "Bearer …");
        check(&"a1".repeat(19), &"a1".repeat(19));
        check("rak_customer_write, task_list and desk_id stay", "rak_customer_write, task_list and desk_id stay");
    }

    #[test]
    fn what_is_kept_is_one_short_line_however_wide_its_letters() {
        check("one\n\ttwo  three", "one two three");
        let most = "ä ".repeat(150).trim_end().to_owned();
        check(&most, &most);
        check(&format!("{most} ö and much more"), &format!("{most} …"));
    }
}
