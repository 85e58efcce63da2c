//! Which person is meant by an id, a code, an e-mail address, a phone number or a name.

use counterfoil_core::desk::look_up::{HITS_MAX, Hit};
use counterfoil_core::desk::{Desk, DeskError};
use counterfoil_core::domain::people::{self, Email, Phone};
use uuid::Uuid;

use crate::answer::{Problem, Result};

/// The id of the one person who is meant. A likeness is not enough: what follows may take a code back.
pub fn person(desk: &Desk, text: &str) -> Result<String> {
    if let Ok(id) = Uuid::parse_str(text.trim()) {
        return Ok(desk.person(&id.to_string())?.referrer.id);
    }
    let country = desk.shop_view()?.country;
    let hits = desk.find(text)?;
    let named: Vec<&Hit> = hits.iter().filter(|hit| names(hit, text, country.as_deref())).collect();
    // A full list may leave out another person of the same name, but not another one with the same contact.
    let all_seen = hits.len() < HITS_MAX;
    match (named.as_slice(), hits.as_slice()) {
        ([one], _) if all_seen || !same_name(one, text) => Ok(one.referrer.id.clone()),
        ([], [one]) if one.matched == "name" => Ok(one.referrer.id.clone()),
        (_, []) => Err(DeskError::NotFound("referrer").into()),
        ([], _) => Err(Problem::Ambiguous { text: text.to_owned(), candidates: hits }),
        (several, _) => Err(Problem::Ambiguous { text: text.to_owned(), candidates: several.iter().copied().cloned().collect() }),
    }
}

/// Whether this is exactly somebody's code, e-mail address, phone number or name.
fn names(hit: &Hit, text: &str, country: Option<&str>) -> bool {
    let email = |text: &str| Email::parse(text).ok().map(|email| email.key().to_owned());
    let phone = |text: &str| Phone::parse(text, country).ok().and_then(|phone| phone.key().map(str::to_owned));
    let same = |theirs: &Option<String>, key: &dyn Fn(&str) -> Option<String>| {
        theirs.as_deref().and_then(key).is_some_and(|theirs| key(text) == Some(theirs))
    };
    hit.matched == "code" || same(&hit.referrer.email, &email) || same(&hit.referrer.phone, &phone) || same_name(hit, text)
}

fn same_name(hit: &Hit, text: &str) -> bool {
    let words = people::words(text);
    !words.is_empty() && words == people::words(&hit.referrer.name)
}
