//! Connecting: is the key good, may it do everything, whose is it; and the same questions again whenever somebody asks.

use std::ops::Range;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Value, json};

use super::call::{Call, Heard, Name};
use super::http::Http;
use super::referral_factory::{id_of, text_of};
use super::round::{RoundError, Wire};
use super::{keys, stripe};
use crate::domain::upload::Destination;
use crate::ports::{CloudError, Keyring};
use crate::settings::Settings;
use crate::storage::destinations::Standing;
use crate::storage::{Store, audit, campaigns, catalogue, destinations, outbox, uploads};

/// A campaign at Referral Factory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CampaignChoice {
    /// Its id there.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `launched`, `draft` or `paused`.
    pub status: String,
}

/// What a key may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permission {
    /// The destination's own name for it.
    pub name: String,
    /// The key has it.
    pub given: bool,
}

/// Connects Stripe with this key, and keeps the key in the keyring, if there is one to keep it in.
///
/// Nothing is kept unless the key may do everything.
pub fn stripe(store: &mut Store, keyring: Option<&dyn Keyring>, base: &str, key: &str, now: DateTime<Utc>) -> Result<(), RoundError> {
    let destination = Destination::Stripe;
    let key = key.trim();
    let mode = stripe::mode(key).ok_or(CloudError::NotAKey(destination))?;
    same_account(store, destination, mode)?;
    let began = Instant::now();
    let asked = permissions(base, key)?;
    let calls = asked.len();
    let missing: Vec<String> = asked.into_iter().filter(|permission| !permission.given).map(|permission| permission.name).collect();
    if !missing.is_empty() {
        return Err(CloudError::Permission { destination, permissions: missing.join(", ") }.into());
    }
    keep(store, keyring, destination, key, mode, None, now)?;
    called(store, destination, calls, began, now)
}

/// What a Stripe key may do, each asked of Stripe by a call that changes nothing.
pub fn permissions(base: &str, key: &str) -> Result<Vec<Permission>, CloudError> {
    let http = Http::new(Destination::Stripe, base, key)?;
    let (names, calls): (Vec<_>, Vec<_>) = stripe::permissions().into_iter().unzip();
    let heard = ask(Destination::Stripe, &http, &calls)?;
    let given = |heard: Heard| match heard {
        Ok(reply) if stripe::is_missing(&reply) => Ok(true),
        heard => match understood(Destination::Stripe, heard) {
            Ok(_) => Ok(true),
            Err(CloudError::Permission { .. }) => Ok(false),
            Err(error) => Err(error),
        },
    };
    names.into_iter().zip(heard).map(|(name, heard)| Ok(Permission { name: name.to_owned(), given: given(heard)? })).collect()
}

/// A promotion code as Stripe has it now; none if it is gone there.
pub(super) fn promotion_code(base: &str, key: &str, id: &str) -> Result<Option<Value>, CloudError> {
    let http = Http::new(Destination::Stripe, base, key)?;
    let heard = ask(Destination::Stripe, &http, &[Call::get(Name::Read, format!("/v1/promotion_codes/{id}"))])?.pop();
    match heard.unwrap_or_else(|| Err("no answer".to_owned())) {
        Ok(reply) if stripe::is_missing(&reply) => Ok(None),
        heard => understood(Destination::Stripe, heard).map(Some),
    }
}

/// The campaigns that a Referral Factory token may use.
pub fn campaigns(base: &str, token: &str) -> Result<Vec<CampaignChoice>, CloudError> {
    let choice = |campaign: &Value| {
        let text = |field: &str| text_of(&campaign[field]).unwrap_or_default();
        Some(CampaignChoice { id: id_of(&campaign["id"])?, name: text("name"), status: text("status") })
    };
    Ok(listed_campaigns(base, token)?.iter().filter_map(choice).collect())
}

/// The same, in Referral Factory's own words.
pub(super) fn listed_campaigns(base: &str, token: &str) -> Result<Vec<Value>, CloudError> {
    let destination = Destination::ReferralFactory;
    let token = token.trim();
    if token.is_empty() || token.chars().any(|symbol| symbol.is_whitespace() || symbol.is_control()) {
        return Err(CloudError::NotAKey(destination));
    }
    let http = Http::new(destination, base, token)?;
    let heard = ask(destination, &http, &[Call::get(Name::Read, "/campaigns")])?.pop();
    let mut body = understood(destination, heard.unwrap_or_else(|| Err("no answer".to_owned())))?;
    Ok(body["data"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// Connects Referral Factory with this token and campaign; without one, with the only campaign that is launched.
pub fn referral_factory(
    store: &mut Store,
    keyring: Option<&dyn Keyring>,
    base: &str,
    token: &str,
    campaign: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), RoundError> {
    let destination = Destination::ReferralFactory;
    let began = Instant::now();
    let choices = campaigns(base, token)?;
    let chosen = match campaign {
        Some(id) => choices.into_iter().find(|choice| choice.id == id),
        None => {
            let mut launched = choices.into_iter().filter(|choice| choice.status == "launched");
            launched.next().filter(|_| launched.next().is_none())
        }
    };
    let chosen = chosen.ok_or(CloudError::NoCampaign)?;
    same_account(store, destination, &chosen.id)?;
    keep(store, keyring, destination, token.trim(), &chosen.id, Some(&chosen.name), now)?;
    called(store, destination, 1, began, now)
}

/// What was asked in order to connect, which began at `now`, counts for the pace of the round that follows at once.
fn called(store: &mut Store, destination: Destination, calls: usize, began: Instant, now: DateTime<Utc>) -> Result<(), RoundError> {
    let ended = now + TimeDelta::from_std(began.elapsed()).unwrap_or_default();
    store.write(|tx| Ok(destinations::called(tx, destination, calls, ended)?))
}

/// Two accounts in one database would be taken for each other.
fn same_account(store: &Store, destination: Destination, account: &str) -> Result<(), RoundError> {
    let other = destinations::standing(store.reader(), destination)?.and_then(|standing| standing.account).is_some_and(|known| known != account);
    if other { Err(CloudError::OtherAccount(destination).into()) } else { Ok(()) }
}

fn keep(
    store: &mut Store,
    keyring: Option<&dyn Keyring>,
    destination: Destination,
    key: &str,
    account: &str,
    name: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), RoundError> {
    if let Some(keyring) = keyring {
        keyring.keep(destination.into(), key)?;
    }
    store.write::<_, RoundError>(|tx| {
        destinations::connect(tx, destination, account, now)?;
        if let (Some(name), Some(mut standing)) = (name, destinations::standing(tx, destination)?) {
            standing.settings["campaign"] = name.into();
            destinations::set_settings(tx, destination, &standing.settings)?;
        }
        uploads::hurry(tx, destination, now)?;
        if let Some(shop) = campaigns::shop(tx)? {
            audit::append(tx, shop.till_id, now, "connected", shop.campaign.id, &json!({ "destination": destination.name(), "account": account }))?;
        }
        Ok(())
    })?;
    // Whatever somebody was refused for may have been put right with the key. It is connected however that goes.
    let _ = outbox::retry_all(store, destination, now);
    Ok(())
}

/// Ends a connection. `forget` also forgets everything about the account, so that another one can be connected; everything is
/// then uploaded anew.
pub fn disconnect(store: &mut Store, keyring: &dyn Keyring, destination: Destination, forget: bool, now: DateTime<Utc>) -> Result<(), RoundError> {
    store.write::<_, RoundError>(|tx| {
        if forget {
            destinations::forget(tx, destination, now)?;
        } else {
            destinations::disconnect(tx, destination)?;
        }
        if let Some(shop) = campaigns::shop(tx)? {
            audit::append(
                tx,
                shop.till_id,
                now,
                "disconnected",
                shop.campaign.id,
                &json!({ "destination": destination.name(), "forgotten": forget }),
            )?;
        }
        Ok(())
    })?;
    Ok(keyring.forget(destination.into())?)
}

/// So many rows are looked at in one transaction where there may be very many: a sale must not wait for all of them.
const ROWS_AT_ONCE: i64 = 5_000;

/// Puts every code that Stripe does not have into the queue; each new one too from now on, if so wished. Says how many.
pub fn send_codes(store: &mut Store, each_new: bool, now: DateTime<Utc>) -> Result<usize, RoundError> {
    in_turns(store, |tx, rows| {
        let destination = Destination::Stripe;
        let mut standing = destinations::connected(tx, destination)?.ok_or(CloudError::NotConnected(destination))?;
        standing.settings["codes"] = each_new.into();
        destinations::set_settings(tx, destination, &standing.settings)?;
        match campaigns::shop(tx)? {
            Some(shop) => Ok(outbox::put_all_codes(tx, shop.campaign.n, rows, now)?),
            None => Ok(0),
        }
    })
}

/// Adds up what a change puts into the queue, from the first row to the last one of now. What came before an error or a crash is in
/// the queue, and asking again goes on from there.
fn in_turns(store: &mut Store, put: impl Fn(&Connection, Range<i64>) -> Result<usize, RoundError>) -> Result<usize, RoundError> {
    let mut all = 0;
    let last = catalogue::last_row(store.reader())?;
    let parts = (0..=last / ROWS_AT_ONCE).map(|part| part * ROWS_AT_ONCE..(part + 1) * ROWS_AT_ONCE);
    store.write_in_turns::<_, RoundError>(parts, |tx, rows| {
        all += put(tx, rows)?;
        Ok(())
    })?;
    Ok(all)
}

/// Puts the campaign's coupon into the queue, unless Stripe has it. Says whether it had to be.
pub fn send_coupon(store: &mut Store, now: DateTime<Utc>) -> Result<bool, RoundError> {
    store.write(|tx| {
        let destination = Destination::Stripe;
        destinations::connected(tx, destination)?.ok_or(CloudError::NotConnected(destination))?;
        let coupon_n = campaigns::shop(tx)?.and_then(|shop| shop.campaign.coupon_n);
        let Some(id) = coupon_n.map(|n| campaigns::coupon_id(tx, n)).transpose()? else { return Ok(false) };
        if destinations::remote(tx, destination, id)?.id.is_some() || outbox::is_open(tx, destination, id)? {
            return Ok(false);
        }
        outbox::put(tx, destination, crate::domain::upload::What::Coupon, id, id, None, now)?;
        Ok(true)
    })
}

/// Puts every Referrer whom Referral Factory does not know into the queue. Says how many.
pub fn send_referrers(store: &mut Store, now: DateTime<Utc>) -> Result<usize, RoundError> {
    in_turns(store, |tx, rows| {
        let destination = Destination::ReferralFactory;
        destinations::connected(tx, destination)?.ok_or(CloudError::NotConnected(destination))?;
        Ok(outbox::put_all_referrers(tx, rows, now)?)
    })
}

/// Asks several things one after the other, on a thread that may wait.
fn ask(destination: Destination, http: &Http, calls: &[Call]) -> Result<Vec<Heard>, CloudError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CloudError::Unreachable { destination, cause: error.to_string() })?;
    Ok(runtime.block_on(async {
        let mut heard = Vec::new();
        for call in calls {
            heard.push(http.send(call).await);
            // Who is not heard, or not known, is not asked the rest.
            if heard.last().is_some_and(|heard| heard.as_ref().map_or(true, |reply| reply.status == 401)) {
                break;
            }
        }
        heard
    }))
}

/// An answer's body, or why there is none.
fn understood(destination: Destination, heard: Heard) -> Result<Value, CloudError> {
    let reply = heard.map_err(|cause| CloudError::Unreachable { destination, cause })?;
    match (reply.status, reply.json()) {
        (401, _) => Err(CloudError::KeyRefused(destination)),
        (403, _) => {
            let permissions = super::retry::permission_of(&reply).unwrap_or_else(|| "?".to_owned());
            Err(CloudError::Permission { destination, permissions })
        }
        (200..300, Some(body)) => Ok(body),
        (status, _) => Err(CloudError::Unreachable { destination, cause: format!("it answers {status}") }),
    }
}

/// The way to every destination that is connected, or to one of them. One whose key can't be had waits for a person, and says so.
pub fn wires(
    store: &mut Store,
    keyring: &dyn Keyring,
    settings: &Settings,
    only: Option<Destination>,
    now: DateTime<Utc>,
) -> Result<Vec<Wire>, RoundError> {
    let mut wires = Vec::new();
    for destination in Destination::ALL.into_iter().filter(|destination| only.is_none_or(|only| only == *destination)) {
        let Some(standing) = destinations::connected(store.reader(), destination)? else { continue };
        let trouble = match keys::find(keyring, destination) {
            Ok(key) if fits(destination, &key, &standing) => {
                if standing.refused.as_ref().is_some_and(|(why, _)| [NO_KEY, OTHER_ACCOUNT].contains(&why.as_str())) {
                    store.write::<_, RoundError>(|tx| Ok(destinations::trust_again(tx, destination)?))?;
                }
                wires.push(Wire { destination, http: Http::new(destination, settings.url(destination), &key)? });
                continue;
            }
            Ok(_) => OTHER_ACCOUNT,
            Err(CloudError::NoKey(_) | CloudError::NoKeyring(_)) => NO_KEY,
            Err(error) => return Err(error.into()),
        };
        if standing.refused.is_none() {
            store.write::<_, RoundError>(|tx| Ok(destinations::refuse(tx, destination, trouble, now)?))?;
        }
    }
    Ok(wires)
}

/// Whether a key is of the account that is connected. A live key for what was recorded as a test, or the other way round, would mix
/// the two; of Referral Factory's tokens nothing can be told by looking.
#[must_use]
pub fn fits(destination: Destination, key: &str, standing: &Standing) -> bool {
    match destination {
        Destination::Stripe => stripe::mode(key) == standing.account.as_deref(),
        Destination::ReferralFactory => true,
    }
}

/// Why nothing is sent to a destination whose key is not on this computer.
const NO_KEY: &str = "no_key";
/// Why nothing is sent where the key on this computer is of another account.
const OTHER_ACCOUNT: &str = "other_account";
