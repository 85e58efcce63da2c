//! Customers: never merged by e-mail; two of them may have the same.

use serde_json::{Value, json};

use super::books::Books;
use super::coupons::wrong;
use super::door::Turn;
use super::params::Params;
use super::refusal::Refusal;

type Result<T> = std::result::Result<T, Refusal>;

const FIELDS: [(&str, usize); 4] = [("email", 512), ("name", 256), ("phone", 20), ("description", 5000)];

impl Books {
    pub(crate) fn create_customer(&mut self, turn: &mut Turn<'_>, params: &Params) -> Result<Value> {
        params.only(&["description", "email", "expand", "metadata", "name", "phone"])?;
        let mut customer = json!({
            "id": turn.chance.id("cus"), "object": "customer", "address": null, "balance": 0, "created": turn.now, "currency": null,
            "default_source": null, "delinquent": false, "description": null, "discount": null, "email": null,
            "invoice_prefix": turn.chance.letters(8).to_uppercase(), "livemode": self.live, "name": null, "next_invoice_sequence": 1, "phone": null,
            "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null,
        });
        set_fields(&mut customer, params)?;
        self.put_customer(turn, "customer.created", customer.clone());
        Ok(customer)
    }

    pub(crate) fn update_customer(&mut self, turn: &mut Turn<'_>, id: &str, params: &Params) -> Result<Value> {
        params.only(&["description", "email", "expand", "metadata", "name", "phone"])?;
        let mut customer = self.customers.get(id).cloned().ok_or_else(|| Refusal::no_such("customer", "id", id))?;
        set_fields(&mut customer, params)?;
        self.put_customer(turn, "customer.updated", customer.clone());
        Ok(customer)
    }

    pub(crate) fn delete_customer(&mut self, turn: &mut Turn<'_>, id: &str) -> Result<Value> {
        let customer = self.customers.remove(id).ok_or_else(|| Refusal::no_such("customer", "id", id))?;
        self.deleted_customers.insert(id.to_owned());
        self.search.hear(turn.now_millis, id, None);
        self.tell(turn.chance, turn.now, "customer.deleted", &customer);
        Ok(deleted(id))
    }

    /// A deleted customer still answers, with `deleted`.
    pub(crate) fn customer(&self, id: &str) -> Option<Value> {
        self.customers.get(id).cloned().or_else(|| self.deleted_customers.contains(id).then(|| deleted(id)))
    }

    pub(crate) fn put_customer(&mut self, turn: &mut Turn<'_>, event: &str, customer: Value) {
        self.search.hear(turn.now_millis, customer["id"].as_str().unwrap_or_default(), Some(&customer));
        self.tell(turn.chance, turn.now, event, &customer);
        self.customers.put(customer);
    }

    pub(crate) fn search_customers(&mut self, turn: &Turn<'_>, params: &Params) -> Result<Value> {
        params.only(&["expand", "limit", "page", "query"])?;
        let limit = params.page()?.limit;
        let from: usize = match params.text("page")? {
            None => 0,
            Some(page) => page.parse().map_err(|_| wrong("page", "Invalid page"))?,
        };
        let found = self.search.find(turn.now_millis, params.needed("query")?)?;
        let more = found.len() > from + limit;
        let rows: Vec<Value> = found.into_iter().skip(from).take(limit).collect();
        let next = more.then(|| (from + limit).to_string());
        Ok(json!({"object": "search_result", "url": "/v1/customers/search", "has_more": more, "next_page": next, "data": rows}))
    }
}

fn deleted(id: &str) -> Value {
    json!({"id": id, "object": "customer", "deleted": true})
}

fn set_fields(customer: &mut Value, params: &Params) -> Result<()> {
    for (field, chars_max) in FIELDS {
        if let Some(text) = params.short(field, chars_max)? {
            if field == "email" && !text.is_empty() && !looks_like_email(text) {
                let refusal = Refusal::invalid("email", format!("Invalid email address: {text}"));
                return Err(Refusal { code: Some("email_invalid"), ..refusal });
            }
            customer[field] = if text.is_empty() { Value::Null } else { text.into() };
        }
    }
    customer["metadata"] = params.metadata(&customer["metadata"])?;
    Ok(())
}

pub(crate) fn looks_like_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    !name.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}
