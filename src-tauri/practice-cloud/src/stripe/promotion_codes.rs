//! Promotion codes: unique regardless of case among the active ones, never deleted, hardly ever changed.

use serde_json::{Value, json};

use super::books::Books;
use super::coupons::{positive, wrong};
use super::door::Turn;
use super::params::Params;
use super::refusal::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

impl Books {
    pub(crate) fn create_promotion_code(&mut self, turn: &mut Turn<'_>, params: &Params) -> Result<Value> {
        // The older form with `coupon` beside `code` ends here: that parameter is no longer known.
        params.only(&["active", "code", "expand", "expires_at", "max_redemptions", "metadata", "promotion", "restrictions"])?;
        if !params.has("promotion") {
            return Err(Refusal::missing_parameter("promotion"));
        }
        let promotion = params.group("promotion")?;
        promotion.only(&["type", "coupon"])?;
        if promotion.needed("type")? != "coupon" {
            return Err(wrong("promotion[type]", "Invalid promotion[type]: must be coupon"));
        }
        let coupon_id = promotion.needed("coupon")?.to_owned();
        let restrictions = params.group("restrictions")?;
        restrictions.only(&["first_time_transaction", "minimum_amount", "minimum_amount_currency"])?;
        let minimum = positive(&restrictions, "minimum_amount")?;
        let minimum_currency = restrictions.text("minimum_amount_currency")?.map(str::to_lowercase);
        if minimum.is_some() != minimum_currency.is_some() {
            return Err(wrong("restrictions[minimum_amount_currency]", "minimum_amount and minimum_amount_currency go together"));
        }
        let code = match params.short("code", 500)? {
            None | Some("") => turn.chance.letters(8).to_uppercase(),
            Some(code) if !code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
                return Err(wrong("code", "Promotion codes may only contain letters, digits and dashes"));
            }
            Some(code) => code.to_owned(),
        };
        let (max_redemptions, expires_at) = (positive(params, "max_redemptions")?, params.integer("expires_at")?);
        let active = params.boolean("active")?.unwrap_or(true);
        let first_time = restrictions.boolean("first_time_transaction")?.unwrap_or(false);
        let metadata = params.metadata(&Value::Null)?;

        let coupon = self.coupons.get(&coupon_id).ok_or_else(|| Refusal::no_such("coupon", "promotion[coupon]", &coupon_id))?;
        if active && coupon["valid"] == false {
            return Err(Refusal::business(format!("The coupon `{coupon_id}` is no longer valid, so its promotion codes can't be active.")));
        }
        if expires_at.is_some_and(|at| at <= turn.now) {
            // No mistake of the caller's: a code may end between its making here and its upload.
            return Err(Refusal::invalid("expires_at", "expires_at must be in the future"));
        }
        if let (Some(at), Some(redeem_by)) = (expires_at, coupon["redeem_by"].as_i64())
            && at > redeem_by
        {
            return Err(wrong("expires_at", "expires_at can't be after the coupon's redeem_by"));
        }
        if let (Some(uses), Some(coupon_uses)) = (max_redemptions, coupon["max_redemptions"].as_i64())
            && uses > coupon_uses
        {
            return Err(wrong("max_redemptions", "max_redemptions can't be greater than the coupon's max_redemptions"));
        }
        if active {
            self.must_be_free(&code)?;
        }
        let id = turn.chance.id("promo");
        if let Some(at) = expires_at {
            self.ending.insert((at, id.clone()));
        }
        let promotion_code = json!({
            "id": id, "object": "promotion_code", "active": active, "code": code, "created": turn.now, "customer": null, "customer_account": null,
            "expires_at": expires_at, "livemode": self.live, "max_redemptions": max_redemptions, "metadata": metadata,
            "promotion": {"type": "coupon", "coupon": coupon_id},
            "restrictions": {"first_time_transaction": first_time, "minimum_amount": minimum, "minimum_amount_currency": minimum_currency},
            "times_redeemed": 0,
        });
        self.promotion_codes.put(promotion_code.clone());
        self.tell(turn.chance, turn.now, "promotion_code.created", &promotion_code);
        Ok(promotion_code)
    }

    fn must_be_free(&self, code: &str) -> Result<()> {
        if self.promotion_codes.with(&format!("code:{}", code.to_lowercase())).any(|other| other["active"] == true) {
            return Err(Refusal::business(format!("An active promotion code with `code: {code}` already exists.")));
        }
        Ok(())
    }

    pub(crate) fn update_promotion_code(&mut self, turn: &mut Turn<'_>, id: &str, params: &Params) -> Result<Value> {
        params.only(&["active", "expand", "metadata"])?;
        let before = self.promotion_codes.get(id).cloned().ok_or_else(|| Refusal::no_such("promotion code", "promotion_code", id))?;
        let metadata = params.metadata(&before["metadata"])?;
        let active = params.boolean("active")?;
        if active == Some(true) && before["active"] == false {
            let over = |at: &Value, limit: &Value| limit.as_i64().is_some_and(|limit| at.as_i64().unwrap_or_default() >= limit);
            let coupon = before["promotion"]["coupon"].as_str().and_then(|coupon| self.coupons.get(coupon));
            if over(&turn.now.into(), &before["expires_at"])
                || over(&before["times_redeemed"], &before["max_redemptions"])
                || coupon.is_none_or(|coupon| coupon["valid"] == false)
            {
                return Err(Refusal::business("This promotion code can't be active: it has expired, is used up, or its coupon is no longer valid."));
            }
            self.must_be_free(before["code"].as_str().unwrap_or_default())?;
        }
        let changed = self.promotion_codes.change(id, |code| {
            code["metadata"] = metadata;
            if let Some(active) = active {
                code["active"] = active.into();
            }
        });
        let code = changed.unwrap_or_default();
        self.tell(turn.chance, turn.now, "promotion_code.updated", &code);
        Ok(code)
    }

    /// One use at a checkout: counts it on the code and on its coupon, and closes what is used up. Only closing is told as an event:
    /// Stripe's description promises none for a use.
    pub(crate) fn use_code(&mut self, turn: &mut Turn<'_>, id: &str) {
        let one_more = |row: &mut Value| row["times_redeemed"] = (row["times_redeemed"].as_i64().unwrap_or_default() + 1).into();
        let used_up = |row: &Value| row["max_redemptions"].as_i64().is_some_and(|most| row["times_redeemed"].as_i64() >= Some(most));
        let Some(code) = self.promotion_codes.change(id, one_more) else { return };
        if used_up(&code) {
            self.close_code(turn.chance, turn.now, id);
        }
        if let Some(coupon_id) = code["promotion"]["coupon"].as_str()
            && let Some(coupon) = self.coupons.change(coupon_id, one_more)
            && used_up(&coupon)
        {
            self.close_coupon(turn.chance, turn.now, coupon_id);
        }
    }
}
