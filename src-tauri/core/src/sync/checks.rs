//! Questions that a person asks of a connection, each tested live: may the key do everything, and why did a Lead not count at once?

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::connect::{self, campaigns};
use super::keys;
use super::round::RoundError;
use crate::domain::lead::{LeadState, Qualification};
use crate::domain::upload::Destination;
use crate::ports::{CloudError, Keyring};
use crate::sentences::Language;
use crate::settings::Settings;
use crate::storage::campaigns::{Shop, shop};
use crate::storage::destinations::{self, Standing};
use crate::storage::{StorageError, Store, catalogue, leads, ledger, outbox};

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CheckLine {
    /// It is as it should be.
    pub ok: bool,
    /// A stable name.
    pub what: String,
    /// What was found, and what to do where it is not as it should be.
    pub sentence: String,
}

struct Checks {
    language: Language,
    lines: Vec<CheckLine>,
}

impl Checks {
    /// Adds a line: its sentence is `check.<what>.yes` or `check.<what>.no`.
    fn say(&mut self, what: &str, ok: bool, values: &[(&str, &str)]) {
        let sentence = self.language.say(&format!("check.{what}.{}", if ok { "yes" } else { "no" }), values);
        self.lines.push(CheckLine { ok, what: what.to_owned(), sentence });
    }
}

fn begin(store: &Store) -> Result<(Shop, Checks), RoundError> {
    let shop = shop(store.reader())?.ok_or(StorageError::Stored { what: "shop" })?;
    let language = Language::of(&shop.language);
    Ok((shop, Checks { language, lines: Vec::new() }))
}

/// Whether a connection is as it must be, asked of the destination itself.
pub fn connection(store: &Store, keyring: &dyn Keyring, settings: &Settings, destination: Destination) -> Result<Vec<CheckLine>, RoundError> {
    let (_, mut checks) = begin(store)?;
    let standing = destinations::connected(store.reader(), destination)?;
    let standing = standing.ok_or(CloudError::NotConnected(destination))?;
    key_works(&mut checks, keyring, settings, destination, &standing)?;
    Ok(checks.lines)
}

/// Tries the key; says what it may do and may not. Says whether it is good for anything.
fn key_works(
    checks: &mut Checks,
    keyring: &dyn Keyring,
    settings: &Settings,
    destination: Destination,
    standing: &Standing,
) -> Result<bool, RoundError> {
    let title = [("destination", destination.title())];
    let key = match keys::find(keyring, destination) {
        Ok(key) => key,
        Err(CloudError::NoKey(_) | CloudError::NoKeyring(_)) => {
            checks.say("key_kept", false, &title);
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };
    checks.say("key_kept", true, &title);
    let base = settings.url(destination);
    let found = match destination {
        Destination::Stripe => connect::permissions(base, &key).map(|permissions| {
            for permission in permissions {
                checks.say("permission", permission.given, &[("permission", &permission.name)]);
            }
        }),
        Destination::ReferralFactory => campaigns(base, &key).map(|choices| {
            let ours = choices.iter().find(|choice| Some(&choice.id) == standing.account.as_ref());
            let name = standing.settings["campaign"].as_str().unwrap_or_default();
            checks.say("campaign_there", ours.is_some(), &[("campaign", name)]);
            if let Some(campaign) = ours {
                checks.say("campaign_launched", campaign.status == "launched", &[("campaign", &campaign.name)]);
            }
        }),
    };
    match found {
        Ok(()) => {
            checks.say("answers", true, &title);
            Ok(true)
        }
        Err(CloudError::KeyRefused(_)) => {
            checks.say("key_accepted", false, &title);
            Ok(false)
        }
        Err(CloudError::Permission { permissions, .. }) => {
            checks.say("permission", false, &[("permission", &permissions)]);
            Ok(true)
        }
        Err(CloudError::Unreachable { .. }) => {
            checks.say("answers", false, &title);
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Why a Lead did not count at once: the points that a manager would go through by hand, in the order of Referral Factory's own list.
pub fn why_not_qualified(
    store: &Store,
    keyring: &dyn Keyring,
    settings: &Settings,
    lead: &str,
    now: DateTime<Utc>,
) -> Result<Vec<CheckLine>, RoundError> {
    let (shop, mut checks) = begin(store)?;
    let connection = store.reader();
    let lead = lead.parse().ok().map(|id| leads::lead(connection, id)).transpose()?.flatten();
    let lead = lead.ok_or(StorageError::Stored { what: "lead" })?;
    checks.say("qualified", lead.state == LeadState::Qualified, &[("name", &lead.name)]);
    if lead.state == LeadState::Disqualified && lead.why.as_deref() == Some(Destination::ReferralFactory.name()) {
        checks.say("not_taken_back", false, &[("destination", Destination::ReferralFactory.title())]);
    }
    let known = destinations::standing(connection, Destination::Stripe)?;
    let stripe = known.as_ref().filter(|standing| standing.connected.is_some());
    let mut answers = false;
    match stripe {
        Some(standing) => {
            let mut tried = Checks { language: checks.language, lines: Vec::new() };
            let works = key_works(&mut tried, keyring, settings, Destination::Stripe, standing)? && standing.refused.is_none();
            checks.say("still_connected", works, &[("destination", "Stripe")]);
            answers = works;
            checks.lines.extend(tried.lines.into_iter().filter(|line| !line.ok));
        }
        None if known.is_some() => checks.say("still_connected", false, &[("destination", "Stripe")]),
        // A shop that never had it misses nothing there.
        None => {}
    }
    checks.say("qualify_on_use", shop.campaign.qualification == Qualification::OnCodeUse, &[]);
    let (last, standing) = ledger::standing_of(connection, lead.n)?;
    checks.say("used_a_code", standing > 0, &[]);
    if let Some((redemption, text)) = last {
        let code = catalogue::code(connection, &shop.campaign, &crate::domain::code::key(&text))?;
        let there = code.map(|code| destinations::remote(connection, Destination::Stripe, outbox::code_id(code.n))).transpose()?;
        match there.and_then(|remote| remote.id) {
            Some(id) if answers => {
                let trouble = code_at_stripe(settings.url(Destination::Stripe), &keys::find(keyring, Destination::Stripe)?, &id, now)?;
                checks.say(trouble.unwrap_or("code_at_stripe"), trouble.is_none(), &[("code", &text)]);
            }
            None if stripe.is_some() => checks.say("code_at_stripe", false, &[("code", &text)]),
            // Nobody there can be asked.
            _ => {}
        }
        let broken = ledger::overridden(connection, redemption)?;
        let named: Vec<String> = broken.iter().map(|reason| checks.language.say(&format!("rule.{reason}"), &[])).collect();
        checks.say("rules_met", broken.is_empty(), &[("code", &text), ("rules", &named.join(", "))]);
    }
    Ok(checks.lines)
}

/// Why a code that Stripe has does not work there, if it does not: asked now, since it may have been changed at Stripe by hand.
fn code_at_stripe(base: &str, key: &str, id: &str, now: DateTime<Utc>) -> Result<Option<&'static str>, CloudError> {
    let Some(promotion) = connect::promotion_code(base, key, id)? else { return Ok(Some("code_gone_at_stripe")) };
    let reached = |limit: &serde_json::Value, by: i64| limit.as_i64().is_some_and(|limit| by >= limit);
    Ok(match &promotion {
        _ if reached(&promotion["expires_at"], now.timestamp()) => Some("code_expired_at_stripe"),
        _ if reached(&promotion["max_redemptions"], promotion["times_redeemed"].as_i64().unwrap_or(0)) => Some("code_used_up_at_stripe"),
        _ if promotion["active"] != true => Some("code_off_at_stripe"),
        _ => None,
    })
}
