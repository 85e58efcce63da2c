//! Which person is meant by an id, a code, an e-mail address, a phone number or a name.

use counterfoil_core::desk::look_up::{HITS_MAX, Hit, Match};
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
    let those = |fits: &dyn Fn(&Hit) -> bool| hits.iter().filter(|hit| fits(hit)).cloned().collect::<Vec<Hit>>();
    // A full list may leave out another person of the same name, but nobody else with the same code or contact.
    let all_seen = hits.len() < HITS_MAX;
    let by_code_or_contact = those(&|hit| hit.matched == Match::Code || reaches(hit, text, country.as_deref()));
    let by_whole_name = those(&|hit| words(hit) == people::words(text));
    let by_part_of_name = those(&|hit| people::words(text).iter().all(|word| words(hit).contains(word)));
    let named: Vec<Hit> =
        by_code_or_contact.iter().cloned().chain(by_whole_name.iter().filter(|hit| !by_code_or_contact.contains(hit)).cloned()).collect();
    match (named.as_slice(), by_part_of_name.as_slice()) {
        _ if hits.is_empty() => Err(DeskError::NotFound("referrer").into()),
        ([one], _) if all_seen || by_code_or_contact.len() == 1 => Ok(one.referrer.id.clone()),
        ([], [one]) if all_seen && one.matched == Match::Name => Ok(one.referrer.id.clone()),
        ([_, _, ..], _) => Err(Problem::Ambiguous { text: text.to_owned(), candidates: named }),
        _ => Err(Problem::Ambiguous { text: text.to_owned(), candidates: hits }),
    }
}

/// Whether this is exactly somebody's e-mail address or phone number.
fn reaches(hit: &Hit, text: &str, country: Option<&str>) -> bool {
    let email = |text: &str| Email::parse(text).ok().map(|email| email.key().to_owned());
    let phone = |text: &str| Phone::parse(text, country).ok().and_then(|phone| phone.key().map(str::to_owned));
    let is = |theirs: &Option<String>, key: &dyn Fn(&str) -> Option<String>| {
        theirs.as_deref().and_then(key).is_some_and(|theirs| key(text).as_ref() == Some(&theirs))
    };
    is(&hit.referrer.email, &email) || is(&hit.referrer.phone, &phone)
}

fn words(hit: &Hit) -> Vec<String> {
    people::words(&hit.referrer.name)
}
