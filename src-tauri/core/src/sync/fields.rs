//! Fields that a Referral Factory campaign asks of its leads and of its referrers besides name and e-mail, and what of ours goes into
//! each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connect::listed_campaigns;
use super::keys;
use super::plan::{LeadThing, ReferrerThing};
use super::referral_factory::{id_of, text_of};
use super::round::RoundError;
use crate::domain::money::Money;
use crate::domain::upload::Destination;
use crate::ports::{CloudError, Keyring};
use crate::settings::Settings;
use crate::storage::destinations::{self, Standing};
use crate::storage::{Store, outbox};

const HERE: Destination = Destination::ReferralFactory;

/// Whom a campaign asks for a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FieldOf {
    /// A Lead, who is invited there.
    Lead,
    /// A Referrer, who is referring there.
    Referrer,
}

impl FieldOf {
    /// Both of them.
    pub const ALL: [FieldOf; 2] = [FieldOf::Lead, FieldOf::Referrer];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FieldOf::Lead => "lead",
            FieldOf::Referrer => "referrer",
        }
    }

    /// Their fields in what the API tells of a campaign.
    fn there(self) -> &'static str {
        match self {
            FieldOf::Lead => "person_invited",
            FieldOf::Referrer => "person_referring",
        }
    }

    /// What is known of them.
    #[must_use]
    pub fn values(self) -> &'static [FieldValue] {
        match self {
            FieldOf::Lead => &FieldValue::ALL,
            FieldOf::Referrer => &[FieldValue::Phone, FieldValue::Store],
        }
    }
}

/// What of ours can go into a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// The phone number.
    Phone,
    /// The code that was used.
    Code,
    /// What was paid and not given back: `40.00`.
    Amount,
    /// ISO 4217, of the amount.
    Currency,
    /// The id of the last sale that stands.
    Redemption,
    /// The shop's name.
    Store,
}

impl FieldValue {
    /// All of them.
    pub const ALL: [FieldValue; 6] =
        [FieldValue::Phone, FieldValue::Code, FieldValue::Amount, FieldValue::Currency, FieldValue::Redemption, FieldValue::Store];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FieldValue::Phone => "phone",
            FieldValue::Code => "code",
            FieldValue::Amount => "amount",
            FieldValue::Currency => "currency",
            FieldValue::Redemption => "redemption",
            FieldValue::Store => "store",
        }
    }

    /// The value of this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<FieldValue> {
        FieldValue::ALL.into_iter().find(|value| value.name() == name)
    }

    /// What it is for this Lead, if it is known.
    pub(super) fn of_lead(self, lead: &LeadThing) -> Option<String> {
        match self {
            FieldValue::Phone => lead.phone.clone(),
            FieldValue::Code => lead.code.clone(),
            FieldValue::Amount => Some(Money { minor: lead.amount, currency: lead.currency }.to_string()),
            FieldValue::Currency => Some(lead.currency.code().to_owned()),
            FieldValue::Redemption => lead.redemption.map(|id| id.to_string()),
            FieldValue::Store => Some(lead.store.clone()),
        }
    }

    /// What it is for this Referrer, if it is known.
    pub(super) fn of_referrer(self, referrer: &ReferrerThing) -> Option<String> {
        match self {
            FieldValue::Phone => referrer.phone.clone(),
            FieldValue::Store => Some(referrer.store.clone()),
            FieldValue::Code | FieldValue::Amount | FieldValue::Currency | FieldValue::Redemption => None,
        }
    }
}

/// A field of the campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CampaignField {
    /// Of whom it is asked.
    pub of: FieldOf,
    /// Its label there, which is also its name in the API.
    pub label: String,
    /// The campaign takes nobody of them without it.
    pub required: bool,
    /// What goes into it; none: nothing.
    pub value: Option<FieldValue>,
}

/// The campaign's fields as they are there now, with what goes into each.
pub fn fields(store: &Store, keyring: &dyn Keyring, settings: &Settings) -> Result<Vec<CampaignField>, RoundError> {
    let standing = destinations::connected(store.reader(), HERE)?.ok_or(CloudError::NotConnected(HERE))?;
    let campaigns = listed_campaigns(settings.url(HERE), &keys::find(keyring, HERE)?)?;
    let ours = campaigns.iter().find(|campaign| id_of(&campaign["id"]) == standing.account).ok_or(CloudError::NoCampaign)?;
    let asked = |of: FieldOf| ours["fields"][of.there()].as_array().into_iter().flatten().map(move |field| (of, field));
    Ok(FieldOf::ALL
        .into_iter()
        .flat_map(asked)
        .filter_map(|(of, field)| {
            let label = text_of(&field["label"])?;
            // Name and e-mail have places of their own in every call.
            let own = matches!(label.to_lowercase().as_str(), "first name" | "email");
            (!own).then(|| CampaignField { of, value: chosen(&standing, of, &label), required: field["required"] == true, label })
        })
        .collect())
}

/// Keeps what goes into each field, for everybody who goes up or changes from now on.
///
/// Whom it refused until now is tried again: a field that was empty may be the reason.
pub fn set_fields(store: &mut Store, fields: &[CampaignField], now: DateTime<Utc>) -> Result<(), RoundError> {
    store.write::<_, RoundError>(|tx| {
        let mut standing = destinations::connected(tx, HERE)?.ok_or(CloudError::NotConnected(HERE))?;
        let chosen = |of: FieldOf| -> Value {
            let theirs = fields.iter().filter(|field| field.of == of);
            theirs.filter_map(|field| Some((field.label.clone(), json!(field.value?.name())))).collect()
        };
        standing.settings["meta"] = FieldOf::ALL.into_iter().map(|of| (of.name().to_owned(), chosen(of))).collect();
        Ok(destinations::set_settings(tx, HERE, &standing.settings)?)
    })?;
    outbox::retry_all(store, HERE, now)?;
    Ok(())
}

fn chosen(standing: &Standing, of: FieldOf, label: &str) -> Option<FieldValue> {
    FieldValue::from_name(standing.settings["meta"][of.name()][label].as_str()?)
}

/// Adds the fields to what is told of somebody, as the API takes them. A field that nothing is known for is left out, and with nothing
/// to say of any, what they filled in themselves there stays.
pub(super) fn fill(told: &mut Value, settings: &Value, of: FieldOf, known: impl Fn(FieldValue) -> Option<String>) {
    let chosen = settings["meta"][of.name()].as_object().into_iter().flatten();
    let filled: Vec<Value> =
        chosen.filter_map(|(label, ours)| Some(json!({ "field": label, "value": known(FieldValue::from_name(ours.as_str()?)?)? }))).collect();
    if !filled.is_empty() {
        told["meta"] = filled.into();
    }
}
