//! Connecting Stripe and Referral Factory, ending a connection, and asking what a key may do.

use chrono::Utc;
use counterfoil_core::desk::Desk;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::CloudError;
use counterfoil_core::storage::Store;
use counterfoil_core::sync::keys::{self, SystemKeyring};
use counterfoil_core::sync::round::RoundError;
use counterfoil_core::sync::{connect, stripe};
use serde_json::json;

use super::Place;
use crate::answer::{Answer, Exit, Problem, Result};
use crate::args::{ConnectCommand, Disconnect};
use crate::secret;
use crate::text::{Table, shown};

pub fn connect(desk: &Desk, place: &Place, what: ConnectCommand) -> Result {
    let settings = place.settings()?;
    let keyring = SystemKeyring::of_till(&desk.till_id()?);
    let mut store = open(place)?;
    let destination = match what {
        ConnectCommand::Stripe => {
            let key = secret::read("Stripe key")?;
            connect::stripe(&mut store, Some(&keyring), settings.url(Destination::Stripe), &key, Utc::now())?;
            Destination::Stripe
        }
        ConnectCommand::ReferralFactory { campaign } => {
            let token = secret::read("Referral Factory token")?;
            referral_factory(&mut store, Some(&keyring), settings.url(Destination::ReferralFactory), &token, campaign.as_deref())?;
            Destination::ReferralFactory
        }
    };
    let view = super::sync::standing(desk, destination)?;
    let account = view.account.as_deref().unwrap_or_default();
    let as_what = match (destination, account) {
        (Destination::Stripe, "test") => "in test mode: no real money moves there".to_owned(),
        (Destination::Stripe, _) => "in live mode: what happens there is real".to_owned(),
        (Destination::ReferralFactory, id) => {
            format!("with the campaign {} ({})", view.account_name.as_deref().map_or_else(|| "–".to_owned(), shown), shown(id))
        }
    };
    let text = format!(
        "{} is connected, {as_what}.\nThe key lies in this computer's keyring.\n\nThe window uploads by itself; without it, foil sync does.",
        destination.title()
    );
    Ok(Answer::done(&json!({ "destination": destination.name(), "account": view.account, "account_name": view.account_name }), text))
}

/// Connects Referral Factory. Where the campaign is not clear, the answer lists those that there are.
pub fn referral_factory(store: &mut Store, keyring: Option<&SystemKeyring>, url: &str, token: &str, campaign: Option<&str>) -> Result<()> {
    let keyring = keyring.map(|keyring| keyring as &dyn counterfoil_core::ports::Keyring);
    match connect::referral_factory(store, keyring, url, token, campaign, Utc::now()) {
        Err(RoundError::Cloud(CloudError::NoCampaign)) => Err(Problem::Campaigns(connect::campaigns(url, token)?)),
        done => Ok(done?),
    }
}

pub fn disconnect(desk: &Desk, place: &Place, Disconnect { from, forget }: &Disconnect) -> Result {
    let destination = Destination::from(*from);
    let keyring = SystemKeyring::of_till(&desk.till_id()?);
    let forgotten = match connect::disconnect(&mut open(place)?, &keyring, destination, *forget, Utc::now()) {
        Ok(()) => true,
        // The connection has ended all the same; where there is no keyring, none has the key.
        Err(RoundError::Cloud(CloudError::NoKeyring(_))) => false,
        Err(error) => return Err(error.into()),
    };
    let mut text = format!("{} is disconnected. What was recorded waits safely.", destination.title());
    text += if *forget { "\nIts account is forgotten: connected again, it gets everything anew." } else { "" };
    text += if forgotten { "" } else { "\nNo keyring could be opened. If one is locked here that has the key, remove it there." };
    Ok(Answer::done(&json!({ "destination": destination.name(), "forgotten": forget, "key_removed": forgotten }), text))
}

/// What the key may do at Stripe, asked of Stripe.
pub fn check(desk: &Desk, place: &Place) -> Result {
    let settings = place.settings()?;
    let key = keys::find(&SystemKeyring::of_till(&desk.till_id()?), Destination::Stripe)?;
    let mode = stripe::mode(&key).ok_or(CloudError::NotAKey(Destination::Stripe))?;
    let permissions = connect::permissions(settings.url(Destination::Stripe), &key)?;
    let mut table = Table::plain().whole(&[0]);
    for permission in &permissions {
        table.row([&permission.name, if permission.given { "yes" } else { "missing" }]);
    }
    let all = permissions.iter().all(|permission| permission.given);
    let lines: Vec<_> = permissions.iter().map(|permission| json!({ "name": permission.name, "given": permission.given })).collect();
    let whether = if all { "The key may do everything that is needed." } else { "Allow what is missing at Stripe, or make a new key." };
    let answer =
        Answer::done(&json!({ "account": mode, "ok": all, "permissions": lines }), format!("Stripe, {mode} mode\n\n{}\n\n{whether}", table.lines()));
    Ok(if all { answer } else { answer.ending(Exit::Refused) })
}

pub fn open(place: &Place) -> Result<Store> {
    Ok(Store::open(&place.folder, Utc::now()).map_err(counterfoil_core::desk::DeskError::from)?)
}
