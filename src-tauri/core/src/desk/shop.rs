//! The shop itself: setting it up, its campaign's coupon and rules, and how this till looks.

use std::path::Path;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::views::{CouponView, RulesView};
use super::{Desk, DeskError, Result, asks, done_before, shop_of};
use crate::domain::lead::Qualification;
use crate::domain::money::Currency;
use crate::domain::people;
use crate::domain::upload::What;
use crate::ports::{Clock, Entropy, System};
use crate::sentences::Language;
use crate::storage::campaigns::{self, Campaign, Shop};
use crate::storage::{StorageError, Store, audit, leads, operations, outbox, recording};

/// The time zones of the world with their country (public domain, maintained with the IANA database).
const ZONE_TAB: &str = include_str!("../../../../assets/zone.tab");

/// What a new shop is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct NewShop {
    /// What customers call it.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// A name of the IANA database; none means the computer's.
    pub timezone: Option<String>,
    /// Two letters (ISO 3166); none means the time zone's.
    pub country: Option<String>,
    /// Two letters (ISO 639).
    pub language: String,
    /// Name of the first campaign; none means the shop's.
    pub campaign: Option<String>,
    /// What the lead gets.
    pub coupon: Option<CouponView>,
    /// The rules on future codes.
    pub rules: RulesView,
}

/// What can be guessed of a new shop from the computer it stands on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Guess {
    /// A name of the IANA database.
    pub timezone: String,
    /// Two letters (ISO 3166).
    pub country: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// All currencies that can be chosen.
    pub currencies: Vec<String>,
    /// All time zones that can be chosen.
    pub timezones: Vec<String>,
}

/// The shop as the window shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ShopView {
    /// What customers call it.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// Digits after the decimal point.
    pub exponent: u32,
    /// A name of the IANA database.
    pub timezone: String,
    /// Two letters (ISO 3166).
    pub country: Option<String>,
    /// What staff call this installation.
    pub till: String,
    /// The programme that codes belong to.
    pub campaign: CampaignView,
    /// Two letters (ISO 639).
    pub language: String,
    /// Light or dark.
    pub look: LookChoice,
    /// Where the data lies.
    pub data_dir: String,
}

/// The programme that codes belong to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct CampaignView {
    /// Id.
    pub id: String,
    /// What the manager calls it.
    pub name: String,
    /// What the lead gets with future codes.
    pub coupon: Option<CouponView>,
    /// The rules on future codes.
    pub rules: RulesView,
    /// Leads count as soon as they use a code.
    pub qualify_on_use: bool,
}

impl From<&Campaign> for CampaignView {
    fn from(campaign: &Campaign) -> CampaignView {
        CampaignView {
            id: campaign.id.to_string(),
            name: campaign.name.clone(),
            coupon: campaign.coupon.as_ref().map(CouponView::from),
            rules: RulesView::from(&campaign.rules),
            qualify_on_use: campaign.qualification == Qualification::OnCodeUse,
        }
    }
}

/// How this till looks and is called.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct LookAsk {
    /// Two letters (ISO 639).
    pub language: String,
    /// Light or dark.
    pub look: LookChoice,
    /// What staff call this installation.
    pub till: String,
}

/// Light or dark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum LookChoice {
    /// As the desktop.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl LookChoice {
    fn name(self) -> &'static str {
        match self {
            LookChoice::System => "system",
            LookChoice::Light => "light",
            LookChoice::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> LookChoice {
        [LookChoice::Light, LookChoice::Dark].into_iter().find(|look| look.name() == name).unwrap_or(LookChoice::System)
    }
}

/// What of the campaign is to change; none means as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CampaignChange {
    /// A UUID made before the first try: repeated after another change, it must not undo that one.
    pub op: String,
    /// The rules on future codes.
    pub rules: Option<RulesView>,
    /// What the lead gets with future codes; within, none is no coupon any more.
    pub coupon: Option<Option<CouponView>>,
    /// Whether Leads count as soon as they use a code.
    pub qualify_on_use: Option<bool>,
}

impl CampaignChange {
    /// A change of nothing yet.
    #[must_use]
    pub fn new(op: String) -> CampaignChange {
        CampaignChange { op, rules: None, coupon: None, qualify_on_use: None }
    }

    /// What is asked, by which a repeat is told from another change.
    fn fingerprint(&self) -> [u8; 32] {
        let what = json!([self.rules, self.coupon.is_some(), self.coupon, self.qualify_on_use]).to_string();
        operations::fingerprint("set_campaign", &[&what])
    }
}

impl Desk {
    /// Sets a new shop up in this data folder.
    pub fn set_up(folder: &Path, new: &NewShop) -> Result<Desk> {
        Desk::set_up_with(folder, new, Box::new(System), Box::new(System))
    }

    /// Sets a new shop up with another clock and other randomness.
    pub fn set_up_with(folder: &Path, new: &NewShop, clock: Box<dyn Clock>, mut entropy: Box<dyn Entropy>) -> Result<Desk> {
        let now = clock.now();
        let currency = Currency::parse(&new.currency)?;
        let (zone, country) = place(new)?;
        let name = people::name(&new.name).map_err(|error| DeskError::contact(error, "name", ""))?;
        let campaign = people::name(new.campaign.as_deref().unwrap_or("")).map_err(|error| DeskError::contact(error, "name", ""))?;
        let campaign = Some(campaign).filter(|campaign| !campaign.is_empty()).unwrap_or_else(|| name.clone());
        if name.is_empty() {
            return Err(DeskError::NoName);
        }
        let coupon = new.coupon.as_ref().map(|coupon| asks::coupon(coupon, currency)).transpose()?;
        let rules = asks::rules(&new.rules)?;
        let mut customer_key = [0; 32];
        entropy.fill(&mut customer_key).map_err(DeskError::Entropy)?;
        let language = Language::of(&new.language).tag().to_owned();
        let till = Language::of(&new.language).say("till", &[]);
        let mut store = Store::create(folder, now)?;
        store.write(|tx| {
            if campaigns::shop(tx)?.is_some() {
                return Err(DeskError::AlreadySetUp);
            }
            campaigns::open(tx, &campaigns::NewShop { name, zone, country, till, language, campaign, currency, customer_key }, now)?;
            let shop = shop_of(tx)?;
            if let Some(coupon) = &coupon {
                campaigns::set_coupon(tx, &shop.campaign, Some(coupon), now)?;
            }
            campaigns::set_rules(tx, shop.campaign.n, &rules)?;
            Ok(audit::append(tx, shop.till_id, now, "shop_opened", shop.till_id, &json!({ "currency": currency.code() }))?)
        })?;
        Ok(Desk { store, folder: folder.to_owned(), clock, entropy })
    }

    /// What can be guessed before anything is set up.
    #[must_use]
    pub fn guess() -> Guess {
        let timezone = computer_zone().name().to_owned();
        let mut timezones: Vec<String> = zones().map(|(_, zone)| zone.to_owned()).collect();
        timezones.push("UTC".to_owned());
        timezones.sort_unstable();
        let country = country_of(&timezone);
        Guess {
            currency: country.and_then(Currency::of_country).unwrap_or("EUR").to_owned(),
            country: country.map(str::to_owned),
            timezone,
            currencies: Currency::all().into_iter().map(str::to_owned).collect(),
            timezones,
        }
    }

    /// The shop as the window shows it.
    pub fn shop_view(&self) -> Result<ShopView> {
        let Shop { name, zone, country, till, language, look, campaign, .. } = self.shop()?;
        Ok(ShopView {
            name,
            currency: campaign.currency.code().to_owned(),
            exponent: campaign.currency.exponent(),
            timezone: zone.name().to_owned(),
            country,
            till,
            campaign: CampaignView::from(&campaign),
            language,
            look: LookChoice::from_name(&look),
            data_dir: self.folder.display().to_string(),
        })
    }

    /// The id of this till: under it the keyring keeps what belongs to this shop.
    pub fn till_id(&self) -> Result<String> {
        Ok(self.shop()?.till_id.to_string())
    }

    /// Keeps how this till looks and is called.
    pub fn set_look(&mut self, ask: &LookAsk) -> Result<ShopView> {
        let till = people::name(&ask.till).map_err(|error| DeskError::contact(error, "name", ""))?;
        if till.is_empty() {
            return Err(DeskError::NoName);
        }
        self.store.write::<_, DeskError>(|tx| Ok(campaigns::set_look(tx, Language::of(&ask.language).tag(), ask.look.name(), &till)?))?;
        self.shop_view()
    }

    /// Changes what future codes carry. Codes that exist keep their rules and their coupon.
    pub fn set_campaign(&mut self, change: &CampaignChange) -> Result<CampaignView> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let campaign = &shop.campaign;
            let (op, asked) = (asks::op(&change.op)?, change.fingerprint());
            if done_before(tx, op, &asked)?.is_some() {
                return Ok(CampaignView::from(campaign));
            }
            if let Some(rules) = &change.rules {
                campaigns::set_rules(tx, campaign.n, &asks::rules(rules)?)?;
            }
            if let Some(coupon) = &change.coupon {
                let coupon = coupon.as_ref().map(|coupon| asks::coupon(coupon, campaign.currency)).transpose()?;
                if campaign.coupon != coupon {
                    campaigns::set_coupon(tx, campaign, coupon.as_ref(), now)?;
                }
            }
            if let Some(on_use) = change.qualify_on_use {
                campaigns::set_qualification(tx, campaign.n, if on_use { Qualification::OnCodeUse } else { Qualification::ByHand })?;
            }
            let changed = shop_of(tx)?;
            if changed.campaign.qualification != campaign.qualification {
                for lead_n in leads::with_redemptions(tx)? {
                    if recording::requalify(tx, &changed, lead_n, now)? {
                        let lead = leads::lead_n(tx, lead_n)?.ok_or(StorageError::Stored { what: "lead" })?;
                        outbox::put_lead(tx, What::Lead, lead.id, lead.id, lead.contact.email.is_some(), now)?;
                    }
                }
            }
            let view = CampaignView::from(&changed.campaign);
            if view != CampaignView::from(campaign) {
                let detail = json!({ "rules": view.rules, "coupon": view.coupon, "qualify_on_use": view.qualify_on_use });
                audit::append(tx, shop.till_id, now, "campaign_changed", campaign.id, &detail)?;
            }
            operations::remember(tx, op, "set_campaign", &asked, campaign.id, now)?;
            Ok(view)
        })
    }
}

/// Time zone and country of a new shop, each from the other or from the computer where it is not given.
fn place(new: &NewShop) -> Result<(Tz, Option<String>)> {
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let zone: Tz = match given(&new.timezone) {
        Some(name) => name.parse().map_err(|_| DeskError::UnknownTimezone(name))?,
        None => computer_zone(),
    };
    let country = match given(&new.country) {
        Some(code) if people::calling_code(&code).is_some() => Some(code.to_ascii_uppercase()),
        Some(code) => return Err(DeskError::UnknownCountry(code)),
        None => country_of(zone.name()).map(str::to_owned),
    };
    Ok((zone, country))
}

fn computer_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

fn country_of(zone: &str) -> Option<&'static str> {
    zones().find(|(_, name)| *name == zone).map(|(country, _)| country)
}

/// Country and name of each zone: the first and third column of the table.
fn zones() -> impl Iterator<Item = (&'static str, &'static str)> {
    ZONE_TAB.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t');
        let country = columns.next()?.get(..2)?;
        Some((country, columns.nth(1)?))
    })
}
