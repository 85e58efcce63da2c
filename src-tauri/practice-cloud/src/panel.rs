//! `/practice/…`: what can be done by hand, over HTTP, for whoever runs the clouds in a process of their own.
//!
//! Neither cloud has such a thing. A page that a browser happens to show can't press these buttons: they take JSON only, which
//! browsers don't send elsewhere without asking first.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wire::Reply;
use crate::{Aim, CampaignStatus, CheckoutAsk, Cloud, Clouds, Fault};

type Done = Result<Value, String>;

/// What a strike by name does where the name leaves a number open.
const SLOW: Duration = Duration::from_secs(2);

pub(crate) fn answer(clouds: &Clouds, method: &str, path: &str, content_type: Option<&str>, body: &[u8]) -> Reply {
    let outcome = match (method, path) {
        ("GET", "") => Ok(summary(clouds)),
        ("GET", "/calls") => Ok(calls(clouds)),
        ("GET", "/violations") => Ok(json!(clouds.violations())),
        ("POST", _) if content_type.is_none_or(|kind| !kind.starts_with("application/json")) => Err("This takes application/json.".to_owned()),
        ("POST", _) => match serde_json::from_slice(if body.is_empty() { b"{}" } else { body }) {
            Ok(ask) => press(clouds, path, &ask),
            Err(why) => Err(format!("This is no JSON: {why}")),
        },
        _ => Err(format!("There is no {method} /practice{path}.")),
    };
    match outcome {
        Ok(value) => Reply::json(200, &value),
        Err(message) => Reply::json(400, &json!({ "message": message })),
    }
}

fn summary(clouds: &Clouds) -> Value {
    let (customers, promotion_codes) = clouds.stripe().counts();
    let factory = clouds.referral_factory();
    json!({
        "now_millis": clouds.now_millis(), "calls": clouds.calls_count(), "violations": clouds.violations(), "struck": clouds.struck(),
        "strict": cfg!(feature = "strict"),
        "stripe": {
            "customers": customers, "promotion_codes": promotion_codes,
            "busiest_second": clouds.stripe().busiest_second(), "refused_for_pace": clouds.stripe().refused_for_pace(),
        },
        "referral_factory": {
            "users": factory.users_count(), "campaigns": factory.campaigns(),
            "busiest_second": factory.busiest_second(), "busiest_minute": factory.busiest_minute(), "refused_for_pace": factory.refused_for_pace(),
        },
    })
}

fn calls(clouds: &Clouds) -> Value {
    let shown = |call: &crate::Call| {
        json!({
            "at_millis": call.at_millis, "cloud": call.cloud.name(), "method": call.method, "path": call.path, "query": call.query,
            "body": call.body, "idempotency_key": call.idempotency_key, "status": call.status, "replayed": call.replayed,
            "fault": call.fault.map(Fault::name),
        })
    };
    clouds.calls().iter().map(shown).collect()
}

fn press(clouds: &Clouds, button: &str, ask: &Value) -> Done {
    let stripe = if ask["live"] == true { clouds.stripe_live() } else { clouds.stripe() };
    let factory = clouds.referral_factory();
    match button {
        "/checkout" => stripe.checkout(&checkout(ask)?),
        "/pay-later" => stripe.pay_later(text(ask, "session")?),
        "/fail-later" => stripe.fail_later(text(ask, "session")?),
        "/renew" => stripe.renew(text(ask, "session")?, number(ask, "amount")?),
        "/refund" => stripe.refund(text(ask, "of")?, ask["amount"].as_i64()),
        "/dispute" => stripe.dispute(text(ask, "of")?),
        "/foreign-code" => Ok(json!({"id": stripe.foreign_code(text(ask, "code")?, ask["percent_off"].as_f64().unwrap_or(10.0))})),
        "/revoke-key" => {
            stripe.revoke_key(text(ask, "key")?);
            done()
        }
        "/take-permission" => {
            stripe.take_permission(text(ask, "key")?, text(ask, "permission")?);
            done()
        }
        "/rotate-token" => {
            factory.rotate_token(text(ask, "token")?);
            done()
        }
        "/campaign" => Ok(json!({"id": factory.add_campaign(text(ask, "name")?, CampaignStatus::Launched)})),
        "/referrer" => {
            let id = factory.add_referrer(number(ask, "campaign_id")?, text(ask, "first_name")?, text(ask, "email")?, ask["code"].as_str());
            Ok(json!({ "id": id }))
        }
        "/crowd" => {
            let count = usize::try_from(number(ask, "count")?).map_err(|_| "count is negative")?;
            factory.add_crowd(number(ask, "campaign_id")?, count);
            done()
        }
        "/qualify" => {
            factory.qualify(number(ask, "id")?, ask["qualified"] != false);
            done()
        }
        "/pass" => {
            let secs = u64::try_from(number(ask, "secs")?).map_err(|_| "time only passes forward")?;
            clouds.pass(Duration::from_secs(secs));
            done()
        }
        "/strike" => strike(clouds, ask).and_then(|()| done()),
        "/calm" => {
            clouds.calm();
            done()
        }
        _ => Err(format!("There is no /practice{button}.")),
    }
}

fn done() -> Done {
    Ok(json!({"done": true}))
}

fn checkout(ask: &Value) -> Result<CheckoutAsk, String> {
    let word = |name: &str| ask[name].as_str().map(str::to_owned);
    Ok(CheckoutAsk {
        promotion_code: word("code"),
        email: word("email"),
        name: word("name"),
        phone: word("phone"),
        amount: number(ask, "amount")?,
        currency: word("currency").unwrap_or_else(|| "eur".to_owned()),
        paid: ask["paid"] != false,
        guest: ask["guest"] == true,
        subscription: ask["subscription"] == true,
    })
}

fn strike(clouds: &Clouds, ask: &Value) -> Result<(), String> {
    let name = text(ask, "fault")?;
    let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name);
    let fault = match fault.ok_or_else(|| format!("Faults are: {}.", Fault::ALL.map(Fault::name).join(", ")))? {
        Fault::Delay(_) => Fault::Delay(ask["millis"].as_u64().map_or(SLOW, Duration::from_millis)),
        fault => fault,
    };
    let mut aim = match ask["cloud"].as_str() {
        None => Aim::any(),
        Some(name) if name == Cloud::Stripe.name() => Aim::stripe(),
        Some(name) if name == Cloud::ReferralFactory.name() => Aim::referral_factory(),
        Some(_) => return Err(format!("cloud is one of {}.", [Cloud::Stripe, Cloud::ReferralFactory].map(Cloud::name).join(", "))),
    };
    if let (Some(method), Some(path)) = (ask["method"].as_str(), ask["path"].as_str()) {
        aim = aim.call(method, path);
    }
    let count = |name: &str| ask[name].as_u64().and_then(|n| u32::try_from(n).ok());
    clouds.strike(aim.times(count("times").unwrap_or(1)).after(count("after").unwrap_or(0)), fault);
    Ok(())
}

fn text<'a>(ask: &'a Value, name: &str) -> Result<&'a str, String> {
    ask[name].as_str().ok_or_else(|| format!("{name} is missing"))
}

fn number(ask: &Value, name: &str) -> Result<i64, String> {
    ask[name].as_i64().ok_or_else(|| format!("{name} is missing or no whole number"))
}
