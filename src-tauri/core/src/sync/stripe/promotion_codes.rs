//! A Coupon as a Stripe Coupon, a ReferralCode as a Promotion code of it.

use serde_json::{Value, json};

use super::{form_of, is, post, refused};
use crate::domain::campaign::{Duration, Off};
use crate::domain::upload::Kind;
use crate::storage::conflicts::ConflictKind;
use crate::storage::destinations::Remote;
use crate::storage::outbox::COUPON_DELETED;
use crate::sync::call::{Call, Name};
use crate::sync::plan::{Case, CodeThing, CouponThing, Effect, Learned, Next, cut};

/// Longest name of a coupon.
const COUPON_NAME_MAX: usize = 40;
/// A code that is said to exist and can't be found so often is for a person to look at.
const CLASHES_MAX: u64 = 3;

pub(super) fn next_coupon(case: &Case, coupon: &CouponThing) -> Next {
    if let Some(why) = case.remote.facts["refused"].as_str() {
        return Next::Person(why.to_owned());
    }
    if case.remote.id.is_some() {
        return case.remote.facts["codes_after"].as_i64().map_or(Next::Done, Next::Codes);
    }
    let id = coupon_id(coupon);
    if ["exists", "doubt", "deleted"].into_iter().any(|fact| case.remote.facts[fact] == true) {
        return Next::Call(Call::get(Name::Read, format!("/v1/coupons/{id}")));
    }
    let mut form = vec![("id", id), ("name", cut(&coupon.name, COUPON_NAME_MAX)), ("metadata[coupon]", coupon.id.to_string())];
    match coupon.coupon.off {
        Off::Percent(percent) => form.push(("percent_off", percent.to_string())),
        Off::Amount(amount) => form.extend([("amount_off", amount.minor.to_string()), ("currency", amount.currency.code().to_lowercase())]),
    }
    match coupon.coupon.duration {
        Duration::Once => form.push(("duration", "once".into())),
        Duration::Forever => form.push(("duration", "forever".into())),
        Duration::Months(months) => form.extend([("duration", "repeating".into()), ("duration_in_months", months.to_string())]),
    }
    Next::Call(post(Name::Create, "/v1/coupons", &form))
}

pub(super) fn learn_coupon(coupon: &CouponThing, call: &Call, status: u16, body: &Value, learned: &mut Learned) {
    let facts = &mut learned.remote.facts;
    let codes_after = facts["codes_after"].clone();
    match (call.name, status) {
        (Name::Create | Name::Read, 200) if body["id"].is_string() && body["deleted"] != true => {
            learned.remote.id = Some(coupon_id(coupon));
            // One that was deleted and made anew has the same id, and none of the codes of the one before.
            *facts = json!({ "created": body["created"], "codes_after": codes_after });
        }
        (Name::Create, 400) if is(body, "code", "resource_already_exists") => facts["exists"] = true.into(),
        (Name::Read, 404) if facts["deleted"] == true => *facts = json!({ "refused": COUPON_DELETED, "codes_after": codes_after }),
        (Name::Read, 404) => *facts = json!({ "codes_after": codes_after }),
        _ => refused(learned, body),
    }
}

/// Our own id, derived from ours: a second creation says that it exists.
fn coupon_id(coupon: &CouponThing) -> String {
    format!("counterfoil-{}", coupon.id.simple())
}

pub(super) fn next(case: &Case, code: &CodeThing) -> Next {
    let Remote { id, facts } = &case.remote;
    if let Some(why) = facts["refused"].as_str() {
        return Next::Person(why.to_owned());
    }
    if facts["clash"]["with"].is_string() {
        return Next::Conflict;
    }
    let limit = code.rules.redemptions_max;
    let expired = code.expires_at.is_some_and(|end| end <= case.now);
    let over = code.revoked || expired || limit.is_some_and(|limit| together(code, facts) >= u64::from(limit));
    // A promotion code ended with its coupon; before that one is asked for, nobody knows.
    let unsure = id.is_some() && case.needs.id.is_none() && case.needs.facts["refused"].is_null();
    let lasts = case.needs.id.is_some() && facts["coupon"] == case.needs.facts["created"];
    let Some(id) = id.as_ref().filter(|_| lasts) else {
        let find = || {
            let query = form_of(&[("code", code.text.clone()), ("active", "true".into()), ("limit", "1".into())]);
            Next::Call(Call::get(Name::Find, format!("/v1/promotion_codes?{query}")))
        };
        // It may have been made by a call whose answer never came; then it must be found even to be withdrawn.
        if facts["doubt"] == true {
            return find();
        }
        // What is not there need not be withdrawn.
        if over && !unsure {
            return Next::Done;
        }
        let Some(coupon) = code.coupon_id else {
            return Next::Park("coupon");
        };
        let Some(coupon_there) = &case.needs.id else {
            return if case.needs_open || case.needs.facts["refused"].is_null() { Next::After(Kind::Coupon, coupon) } else { Next::Park("coupon") };
        };
        if facts["clash"]["said"] == true {
            return find();
        }
        // Stripe can't begin on a day; a code that has not begun waits for it.
        if code.starts_at.is_some_and(|start| start > case.now) {
            return Next::Park("start");
        }
        return Next::Call(create(code, facts, coupon_there));
    };
    // What we switched off because it was used up goes on again with a void. Whatever else is off stays so.
    let off = facts["active"] == false;
    if off && (over || facts["off_by_limit"] != true) {
        return Next::Done;
    }
    // Our own uses and Stripe's count together, and only Stripe knows Stripe's.
    if let Some(limit) = limit
        && !code.revoked
        && facts["uses_told"].as_u64() != Some(known(code))
    {
        if facts["uses_asked"].as_u64() != Some(known(code)) {
            return Next::Call(Call::get(Name::Read, format!("/v1/promotion_codes/{id}")));
        }
        return if together(code, facts) >= u64::from(limit) { Next::Call(deactivate(id)) } else { Next::Done };
    }
    if off {
        return Next::Call(post(Name::Update, format!("/v1/promotion_codes/{id}"), &[("active", "true".into())]));
    }
    if code.revoked { Next::Call(deactivate(id)) } else { Next::Done }
}

/// All uses that are known here. Whenever that changes Stripe is asked anew: it need not say that a code was used.
fn known(code: &CodeThing) -> u64 {
    u64::from(code.uses) + u64::from(code.uses_there)
}

/// All uses, by what Stripe said; that may be older than a checkout that came back since.
fn together(code: &CodeThing, facts: &Value) -> u64 {
    u64::from(code.uses) + there(code, facts)
}

/// The uses at Stripe: of its promotion code, and of those that it had before.
fn there(code: &CodeThing, facts: &Value) -> u64 {
    let said = |fact: &str| facts[fact].as_u64().unwrap_or(0);
    (said("times_redeemed") + said("times_before")).max(u64::from(code.uses_there))
}

fn deactivate(id: &str) -> Call {
    post(Name::Deactivate, format!("/v1/promotion_codes/{id}"), &[("active", "false".into())])
}

fn create(code: &CodeThing, facts: &Value, coupon: &str) -> Call {
    let mut form = vec![
        ("promotion[type]", "coupon".to_owned()),
        ("promotion[coupon]", coupon.to_owned()),
        ("code", code.text.clone()),
        ("metadata[campaign]", code.campaign_id.to_string()),
        ("metadata[referrer]", code.referrer_id.to_string()),
        ("metadata[code]", code.text.clone()),
    ];
    form.extend(code.expires_at.map(|end| ("expires_at", end.timestamp().to_string())));
    form.extend(
        code.rules.redemptions_max.map(|limit| ("max_redemptions", u64::from(limit).saturating_sub(together(code, facts)).max(1).to_string())),
    );
    if code.rules.first_time_only {
        form.push(("restrictions[first_time_transaction]", "true".to_owned()));
    }
    if let Some(least) = code.rules.order_min {
        form.push(("restrictions[minimum_amount]", least.to_string()));
        form.push(("restrictions[minimum_amount_currency]", code.currency.code().to_lowercase()));
    }
    post(Name::Create, "/v1/promotion_codes", &form)
}

pub(super) fn learn(case: &Case, code: &CodeThing, call: &Call, status: u16, body: &Value, learned: &mut Learned) {
    let facts = &mut learned.remote.facts;
    let coupon = &case.needs.facts["created"];
    let is_ours = |promotion: &Value| {
        promotion["metadata"]["referrer"].as_str() == Some(&code.referrer_id.to_string())
            && promotion["metadata"]["campaign"].as_str() == Some(&code.campaign_id.to_string())
    };
    match (call.name, status) {
        (Name::Create, 200) if body["id"].is_string() => {
            let before = there(code, facts);
            learned.effects.extend(learned.remote.id.take().map(Effect::Had));
            learned.remote.id = body["id"].as_str().map(str::to_owned);
            // The call may have been stored before the latest sale: what counts is what it said.
            let told = code.rules.redemptions_max.and_then(|limit| Some(u64::from(limit).saturating_sub(body["max_redemptions"].as_u64()?)));
            *facts = json!({ "active": true, "uses_told": told, "times_before": before, "coupon": coupon });
        }
        // The only sign of a clash is the message.
        (Name::Create, 400) if body["error"]["message"].as_str().is_some_and(|message| message.contains("already exists")) => {
            let times = facts["clash"]["times"].as_u64().unwrap_or(0) + 1;
            facts["clash"] = json!({ "said": true, "times": times });
            if times > CLASHES_MAX {
                refused(learned, body);
            }
        }
        // Its coupon was deleted, and no event said so yet. Said a second time of a coupon that is there, it is for a person.
        (Name::Create, 400 | 404) if is(body, "code", "resource_missing") && (case.needs.id.is_none() || facts["no_coupon"] != *coupon) => {
            facts["no_coupon"] = coupon.clone();
            learned.effects.extend(case.needs.id.clone().map(Effect::Gone));
        }
        (Name::Find, 200) => {
            facts["doubt"] = false.into();
            match body["data"].as_array().and_then(|found| found.first()) {
                Some(ours) if is_ours(ours) || facts["clash"]["adopt"] == true => {
                    let before = learned.remote.id.as_ref().map(|_| there(code, facts));
                    learned.effects.extend(learned.remote.id.take().map(Effect::Had));
                    learned.remote.id = ours["id"].as_str().map(str::to_owned);
                    *facts = json!({ "active": true, "times_redeemed": ours["times_redeemed"], "times_before": before, "coupon": coupon });
                }
                Some(theirs) => {
                    let with = json!({ "promotion_code": theirs["id"], "coupon": theirs["promotion"]["coupon"], "code": code.text });
                    facts["clash"] = json!({ "with": theirs["id"] });
                    learned.effects.push(Effect::Conflict(ConflictKind::CodeClash, with));
                }
                None => facts["clash"]["said"] = false.into(),
            }
        }
        (Name::Read, 200) => {
            facts["times_redeemed"] = body["times_redeemed"].clone();
            facts["active"] = body["active"].clone();
            // One that Stripe counts as used up itself can't be switched on again.
            if body["max_redemptions"].as_u64().is_some_and(|most| body["times_redeemed"].as_u64() >= Some(most)) {
                facts["off_by_limit"] = false.into();
            }
            facts["uses_asked"] = known(code).into();
            let together = together(code, facts);
            if let Some(limit) = code.rules.redemptions_max {
                if together < u64::from(limit) {
                    facts["uses_told"] = known(code).into();
                } else if together > u64::from(limit) {
                    let detail = json!({ "code": code.text, "here": code.uses, "there": there(code, facts), "limit": limit });
                    learned.effects.push(Effect::Conflict(ConflictKind::LimitOverrun, detail));
                }
            }
        }
        (Name::Deactivate, 200) => {
            facts["active"] = false.into();
            facts["off_by_limit"] = (!code.revoked).into();
            // Before it goes on again, its uses are asked about anew.
            facts["uses_told"] = Value::Null;
        }
        // The call may have been stored before the latest sale, which is asked about next.
        (Name::Update, 200) => facts["active"] = true.into(),
        (_, 404) if learned.remote.id.is_some() => learned.remote = Remote { id: None, facts: json!({}) },
        _ => refused(learned, body),
    }
}
