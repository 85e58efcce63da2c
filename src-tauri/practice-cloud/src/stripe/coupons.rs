//! Coupons: made once, changed only in name and metadata.

use serde_json::{Value, json};

use super::books::Books;
use super::door::Turn;
use super::params::Params;
use super::refusal::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

/// Stripe takes no coupon that ends later than this.
const REDEEM_BY_YEARS_MAX: i64 = 5;

impl Books {
    pub(crate) fn create_coupon(&mut self, turn: &mut Turn<'_>, params: &Params) -> Result<Value> {
        params.only(&[
            "amount_off",
            "currency",
            "duration",
            "duration_in_months",
            "expand",
            "id",
            "max_redemptions",
            "metadata",
            "name",
            "percent_off",
            "redeem_by",
        ])?;
        let (amount_off, percent_off) = (params.integer("amount_off")?, params.decimal("percent_off")?);
        let currency = params.text("currency")?.map(str::to_lowercase);
        match (amount_off, percent_off) {
            (Some(_), Some(_)) => return Err(Refusal::violation("You may only specify one of these parameters: amount_off, percent_off.")),
            (None, None) => return Err(Refusal::violation("Must provide percent_off or amount_off.")),
            (Some(amount), None) if amount <= 0 => return Err(wrong("amount_off", "This value must be greater than or equal to 1.")),
            (Some(_), None) if currency.is_none() => return Err(wrong("currency", "You must pass currency when passing amount_off")),
            (None, Some(percent)) if !(percent > 0.0 && percent <= 100.0) => {
                return Err(wrong("percent_off", "percent_off must be greater than 0 and at most 100"));
            }
            _ => {}
        }
        let duration = params.text("duration")?.unwrap_or("once");
        let months = params.integer("duration_in_months")?;
        match (duration, months) {
            ("repeating", None) => return Err(Refusal::missing_parameter("duration_in_months")),
            ("repeating", Some(months)) if months < 1 => return Err(wrong("duration_in_months", "This value must be greater than or equal to 1.")),
            ("once" | "forever", Some(_)) => return Err(wrong("duration_in_months", "duration_in_months goes with duration=repeating only")),
            ("once" | "forever" | "repeating", _) => {}
            _ => return Err(wrong("duration", "Invalid duration: must be one of forever, once, or repeating")),
        }
        let redeem_by = params.integer("redeem_by")?;
        if redeem_by.is_some_and(|at| at <= turn.now || at > turn.now + REDEEM_BY_YEARS_MAX * 366 * 86_400) {
            return Err(Refusal::invalid("redeem_by", "redeem_by must be in the future and within 5 years"));
        }
        let max_redemptions = positive(params, "max_redemptions")?;
        let name = params.short("name", 40)?;
        let metadata = params.metadata(&Value::Null)?;
        let id = match params.text("id")? {
            Some(id) if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) => {
                return Err(wrong("id", "Only letters, digits, dashes and underscores make an id"));
            }
            Some(id) => id.to_owned(),
            None => turn.chance.letters(8),
        };
        if self.coupons.get(&id).is_some() {
            return Err(Refusal {
                code: Some("resource_already_exists"),
                param: Some("id".to_owned()),
                ..Refusal::business("Coupon already exists.")
            });
        }
        let coupon = json!({
            "id": id, "object": "coupon", "amount_off": amount_off, "percent_off": percent_off, "currency": amount_off.and(currency),
            "created": turn.now, "duration": duration, "duration_in_months": months, "livemode": self.live, "max_redemptions": max_redemptions,
            "metadata": metadata, "name": name, "redeem_by": redeem_by, "times_redeemed": 0, "valid": true,
        });
        if let Some(at) = redeem_by {
            self.ending.insert((at, id));
        }
        self.coupons.put(coupon.clone());
        self.tell(turn.chance, turn.now, "coupon.created", &coupon);
        Ok(coupon)
    }

    pub(crate) fn update_coupon(&mut self, turn: &mut Turn<'_>, id: &str, params: &Params) -> Result<Value> {
        params.only(&["expand", "metadata", "name"])?;
        let before = self.coupons.get(id).ok_or_else(|| Refusal::no_such("coupon", "coupon", id))?;
        let metadata = params.metadata(&before["metadata"])?;
        let name = params.short("name", 40)?.map(str::to_owned);
        let changed = self.coupons.change(id, |coupon| {
            coupon["metadata"] = metadata;
            if let Some(name) = name {
                coupon["name"] = if name.is_empty() { Value::Null } else { name.into() };
            }
        });
        let coupon = changed.unwrap_or_default();
        self.tell(turn.chance, turn.now, "coupon.updated", &coupon);
        Ok(coupon)
    }

    pub(crate) fn delete_coupon(&mut self, turn: &mut Turn<'_>, id: &str) -> Result<Value> {
        let coupon = self.coupons.get(id).cloned().ok_or_else(|| Refusal::no_such("coupon", "coupon", id))?;
        self.close_coupon(turn.chance, turn.now, id);
        self.coupons.remove(id);
        self.tell(turn.chance, turn.now, "coupon.deleted", &coupon);
        Ok(json!({"id": id, "object": "coupon", "deleted": true}))
    }
}

/// A wrong value that no caller may send.
pub(crate) fn wrong(param: &str, message: &str) -> Refusal {
    Refusal { violation: true, ..Refusal::invalid(param, message) }
}

pub(crate) fn positive(params: &Params, name: &str) -> Result<Option<i64>> {
    match params.integer(name)? {
        Some(number) if number < 1 => Err(wrong(&params.path(name), "This value must be greater than or equal to 1.")),
        number => Ok(number),
    }
}
