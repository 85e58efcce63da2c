//! Fields that a Referral Factory campaign asks of its leads besides name and e-mail, and what of ours goes into each.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connect::listed_campaigns;
use super::keys;
use super::plan::LeadThing;
use super::referral_factory::{id_of, text_of};
use super::round::RoundError;
use crate::domain::money::Money;
use crate::domain::upload::Destination;
use crate::ports::{CloudError, Keyring};
use crate::settings::Settings;
use crate::storage::destinations::{self, Standing};
use crate::storage::{Store, outbox};

const HERE: Destination = Destination::ReferralFactory;

/// What of ours can go into a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// The Lead's phone number.
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

    fn of(self, lead: &LeadThing) -> Option<String> {
        match self {
            FieldValue::Phone => lead.phone.clone(),
            FieldValue::Code => lead.code.clone(),
            FieldValue::Amount => Some(Money { minor: lead.amount, currency: lead.currency }.to_string()),
            FieldValue::Currency => Some(lead.currency.code().to_owned()),
            FieldValue::Redemption => lead.redemption.map(|id| id.to_string()),
            FieldValue::Store => Some(lead.store.clone()),
        }
    }
}

/// A field of the campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CampaignField {
    /// Its label there, which is also its name in the API.
    pub label: String,
    /// The campaign takes no lead without it.
    pub required: bool,
    /// What goes into it; none: nothing.
    pub value: Option<FieldValue>,
}

/// The campaign's fields as they are there now, with what goes into each.
pub fn fields(store: &Store, keyring: &dyn Keyring, settings: &Settings) -> Result<Vec<CampaignField>, RoundError> {
    let standing = destinations::connected(store.reader(), HERE)?.ok_or(CloudError::NotConnected(HERE))?;
    let campaigns = listed_campaigns(settings.url(HERE), &keys::find(keyring, HERE)?)?;
    let ours = campaigns.iter().find(|campaign| id_of(&campaign["id"]) == standing.account).ok_or(CloudError::NoCampaign)?;
    let invited = ours["fields"]["person_invited"].as_array().into_iter().flatten();
    Ok(invited
        .filter_map(|field| {
            let label = text_of(&field["label"])?;
            // Name and e-mail have places of their own in every call.
            let own = matches!(label.to_lowercase().as_str(), "first name" | "email");
            (!own).then(|| CampaignField { value: chosen(&standing, &label), required: field["required"] == true, label })
        })
        .collect())
}

/// Keeps what goes into each field, for every Lead that goes up or changes from now on.
///
/// Whom it refused until now is tried again: a field that was empty may be the reason.
pub fn set_fields(store: &mut Store, fields: &[CampaignField], now: DateTime<Utc>) -> Result<(), RoundError> {
    store.write::<_, RoundError>(|tx| {
        let mut standing = destinations::connected(tx, HERE)?.ok_or(CloudError::NotConnected(HERE))?;
        standing.settings["meta"] = fields.iter().filter_map(|field| Some((field.label.clone(), json!(field.value?.name())))).collect();
        Ok(destinations::set_settings(tx, HERE, &standing.settings)?)
    })?;
    outbox::retry_all(store, HERE, now)?;
    Ok(())
}

fn chosen(standing: &Standing, label: &str) -> Option<FieldValue> {
    FieldValue::from_name(standing.settings["meta"][label].as_str()?)
}

/// What the fields hold for this Lead, as the API takes it. A field that nothing is known for is left out.
pub(super) fn meta(settings: &Value, lead: &LeadThing) -> Value {
    let chosen = settings["meta"].as_object().into_iter().flatten();
    chosen.filter_map(|(label, ours)| Some(json!({ "field": label, "value": FieldValue::from_name(ours.as_str()?)?.of(lead)? }))).collect()
}
