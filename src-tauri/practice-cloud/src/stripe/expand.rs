//! `expand[]`: ids become the objects that they name, and what is left out unless asked for is put in.

use serde_json::{Value, json};

use super::books::Books;
use super::door::Turn;
use super::refusal::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

/// Stripe follows no path that is longer.
const STEPS_MAX: usize = 4;

impl Books {
    /// An answer as the caller asked for it.
    pub(crate) fn render(&self, turn: &Turn<'_>, mut answer: Value, paths: &[&str]) -> Result<Value> {
        let listed = answer.get("data").is_some_and(Value::is_array);
        for path in paths {
            let steps: Vec<&str> = path.split('.').collect();
            if steps.len() > STEPS_MAX {
                return Err(cannot(path, &format!("You cannot expand more than {STEPS_MAX} levels of a property.")));
            }
            if listed && steps.first() != Some(&"data") {
                return Err(cannot(
                    path,
                    &format!("This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead."),
                ));
            }
            self.follow(turn, &mut answer, &steps, path)?;
        }
        tidy(&mut answer);
        Ok(answer)
    }

    fn follow(&self, turn: &Turn<'_>, at: &mut Value, steps: &[&str], path: &str) -> Result<()> {
        if let Some(rows) = at.as_array_mut() {
            return rows.iter_mut().try_for_each(|row| self.follow(turn, row, steps, path));
        }
        let Some((step, rest)) = steps.split_first() else { return Ok(()) };
        let refused = || cannot(path, &format!("This property cannot be expanded ({path})."));
        // Null is what stands where an object might: there is nothing to follow, and nothing to complain about.
        if at.is_null() {
            return Ok(());
        }
        if let Some(included) = self.included(at, step) {
            at[*step] = included;
            return self.follow(turn, &mut at[*step], rest, path);
        }
        let kind = match *step {
            "latest_charge" => "charge",
            "customer" | "payment_intent" | "invoice" | "charge" | "coupon" | "promotion_code" => step,
            // A group on the way to something that can be expanded.
            _ if !rest.is_empty() && at.get(*step).is_some() => return self.follow(turn, &mut at[*step], rest, path),
            _ => return Err(refused()),
        };
        let Some(id) = at.get(*step) else { return Err(refused()) };
        turn.may(&format!("rak_{kind}_read"))?;
        if let Some(id) = id.as_str() {
            let object = match kind {
                "customer" => self.customer(id),
                "payment_intent" => self.payment_intents.get(id).cloned(),
                "invoice" => self.invoices.get(id).cloned(),
                "charge" => self.charges.get(id).cloned(),
                "coupon" => self.coupons.get(id).cloned(),
                _ => self.promotion_codes.get(id).cloned(),
            };
            // A coupon that was deleted stays an id.
            if let Some(object) = object {
                at[*step] = object;
            }
        }
        if at[*step].is_object() { self.follow(turn, &mut at[*step], rest, path) } else { Ok(()) }
    }

    /// What is in an object only when asked for.
    fn included(&self, at: &Value, step: &str) -> Option<Value> {
        let id = at["id"].as_str().unwrap_or_default();
        match (at["object"].as_str(), step) {
            (Some("charge"), "refunds") => {
                let rows: Vec<&Value> = self.refunds.with(&format!("charge:{id}")).collect();
                Some(json!({"object": "list", "url": format!("/v1/charges/{id}/refunds"), "has_more": false, "data": rows}))
            }
            (Some("invoice"), "payments") => {
                let rows: Vec<&Value> = self.invoice_payments.with(&format!("invoice:{id}")).collect();
                Some(json!({"object": "list", "url": "/v1/invoice_payments", "has_more": false, "data": rows}))
            }
            // Sessions keep it beside the total, under a name that no answer shows.
            (None, "breakdown") if at.get("amount_discount").is_some() => {
                let discounts = at.get("hidden_discounts").cloned().unwrap_or_else(|| json!([]));
                Some(json!({"discounts": discounts, "taxes": []}))
            }
            _ => None,
        }
    }
}

/// Takes out what only the way to `breakdown` needed.
pub(crate) fn tidy(answer: &mut Value) {
    let tidy_one = |row: &mut Value| {
        if let Some(total) = row.get_mut("total_details").and_then(Value::as_object_mut) {
            total.remove("hidden_discounts");
        }
    };
    match answer.get_mut("data").and_then(Value::as_array_mut) {
        Some(rows) => rows.iter_mut().for_each(tidy_one),
        None => tidy_one(answer),
    }
}

fn cannot(path: &str, message: &str) -> Refusal {
    Refusal { violation: true, param: Some("expand".to_owned()), ..Refusal::invalid(path, message) }
}
