//! Things as they stand, read for planning.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone as _, Utc};
use rusqlite::Connection;
use uuid::Uuid;

use super::plan::{Case, CodeThing, CouponThing, LeadThing, ReferrerThing, Thing};
use crate::domain::campaign::Off;
use crate::domain::upload::{Destination, Kind};
use crate::sentences::Language;
use crate::storage::campaigns::{self, Shop};
use crate::storage::catalogue::Referrer;
use crate::storage::destinations::{self, Remote, Standing};
use crate::storage::{Result, StorageError, catalogue, leads, ledger, outbox};

/// Everything that planning for one thing needs; none where the thing is gone.
pub(super) fn case(
    connection: &Connection,
    shop: &Shop,
    destination: Destination,
    standing: &Standing,
    kind: Kind,
    about: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Case>> {
    let thing = match kind {
        Kind::Lead => lead(connection, shop, about)?.map(Thing::Lead),
        Kind::Referrer => referrer(connection, shop, destination, about)?.map(Thing::Referrer),
        Kind::Code => code(connection, shop, about)?.map(Thing::Code),
        Kind::Coupon => coupon(connection, shop, about)?.map(Thing::Coupon),
    };
    let Some(thing) = thing else { return Ok(None) };
    let needed = match (&thing, destination) {
        (Thing::Lead(lead), Destination::ReferralFactory) => Some(lead.referrer_id),
        (Thing::Code(code), Destination::Stripe) => code.coupon_id,
        _ => None,
    };
    let (needs, needs_open) = match needed {
        Some(needed) => (destinations::remote(connection, destination, needed)?, outbox::is_open(connection, destination, needed)?),
        None => (Remote::default(), false),
    };
    Ok(Some(Case {
        thing,
        remote: destinations::remote(connection, destination, about)?,
        needs,
        needs_open,
        account: standing.account.clone().unwrap_or_default(),
        settings: standing.settings.clone(),
        now,
    }))
}

fn lead(connection: &Connection, shop: &Shop, id: Uuid) -> Result<Option<LeadThing>> {
    let Some(lead) = leads::lead(connection, id)? else { return Ok(None) };
    let referrer = catalogue::referrer_n(connection, lead.referrer_n)?.ok_or(StorageError::Stored { what: "referrer" })?;
    let (last, redemptions) = ledger::standing_of(connection, lead.n)?;
    let (redemption, code) = last.unzip();
    let code = match code {
        Some(code) => Some(code),
        None => catalogue::active_code(connection, &shop.campaign, lead.referrer_n)?.map(|code| code.text),
    };
    Ok(Some(LeadThing {
        id,
        name: lead.name,
        email: lead.email,
        phone: lead.phone,
        state: lead.state,
        campaign: shop.campaign.name.clone(),
        store: shop.name.clone(),
        referrer_id: referrer.id,
        referrer_has_email: referrer.email.is_some(),
        referrer: referrer.name,
        code,
        redemption,
        redemptions,
        amount: lead.spent,
        currency: shop.campaign.currency,
    }))
}

fn referrer(connection: &Connection, shop: &Shop, destination: Destination, id: Uuid) -> Result<Option<ReferrerThing>> {
    let Some(referrer) = catalogue::referrer(connection, id)? else { return Ok(None) };
    let is_there = |id| Ok(destinations::remote(connection, destination, id)?.id.is_some());
    let lead_first = leads::lead_first(connection, &shop.campaign, &referrer, is_there, |lead| outbox::is_open(connection, destination, lead))?;
    let Referrer { name, email, phone, .. } = referrer;
    Ok(Some(ReferrerThing { id, name, email, phone, store: shop.name.clone(), lead_first }))
}

fn code(connection: &Connection, shop: &Shop, id: Uuid) -> Result<Option<CodeThing>> {
    let Some(code) = catalogue::code_n(connection, outbox::code_n(id))? else { return Ok(None) };
    let rules = code.known.terms.rules;
    let uses = catalogue::uses_at_tills(connection, code.n)?;
    Ok(Some(CodeThing {
        id,
        uses,
        uses_there: code.known.uses.saturating_sub(uses),
        coupon_id: code.coupon_n.map(|n| campaigns::coupon_id(connection, n)).transpose()?,
        text: code.text,
        referrer_id: code.referrer.id,
        referrer: code.referrer.name,
        campaign_id: shop.campaign.id,
        revoked: code.known.revoked,
        // The whole last day counts, in the store's time zone.
        expires_at: rules.expires.and_then(|day| day.checked_add_days(Days::new(1))).and_then(|day| beginning(shop, day)),
        starts_at: rules.starts.and_then(|day| beginning(shop, day)),
        rules,
        currency: shop.campaign.currency,
    }))
}

/// The first moment of a day in the store.
fn beginning(shop: &Shop, day: NaiveDate) -> Option<DateTime<Utc>> {
    // Where summer time begins at midnight, the day begins at one.
    let local = |hour| NaiveTime::from_hms_opt(hour, 0, 0).and_then(|time| shop.zone.from_local_datetime(&day.and_time(time)).earliest());
    local(0).or_else(|| local(1)).map(|moment| moment.with_timezone(&Utc))
}

fn coupon(connection: &Connection, shop: &Shop, id: Uuid) -> Result<Option<CouponThing>> {
    let Some(coupon) = campaigns::coupon(connection, id)? else { return Ok(None) };
    let language = Language::of(&shop.language);
    let name = match coupon.off {
        Off::Percent(percent) => language.say("offer.percent", &[("percent", &percent.to_string())]),
        Off::Amount(amount) => language.say("offer.amount", &[("amount", &language.amount(amount)), ("currency", amount.currency.code())]),
    };
    Ok(Some(CouponThing { id, coupon, name }))
}
