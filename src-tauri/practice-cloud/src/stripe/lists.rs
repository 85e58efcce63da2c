//! Lists: what they may be filtered by, and their pages.

use serde_json::{Value, json};

use super::books::Books;
use super::coupons::wrong;
use super::params::Params;
use super::refusal::Refusal;
use super::shelf::Shelf;

type Result<T> = std::result::Result<T, Refusal>;

/// At most so many kinds of event can be asked for at once.
const EVENT_TYPES_MAX: usize = 20;
/// What every list takes.
const COMMON: [&str; 5] = ["created", "ending_before", "expand", "limit", "starting_after"];

impl Books {
    /// The list at `/v1/{kind}`.
    pub(crate) fn list(&self, kind: &str, params: &Params) -> Result<Value> {
        let (shelf, filters): (&Shelf, &[&str]) = match kind {
            "coupons" => (&self.coupons, &[]),
            "promotion_codes" => (&self.promotion_codes, &["code", "coupon"]),
            "customers" => (&self.customers, &["email"]),
            "checkout/sessions" => (&self.sessions, &["payment_intent", "customer", "subscription", "status"]),
            "events" => (&self.events, &["type"]),
            "charges" => (&self.charges, &["payment_intent", "customer"]),
            "payment_intents" => (&self.payment_intents, &["customer"]),
            "refunds" => (&self.refunds, &["charge", "payment_intent"]),
            "invoices" => (&self.invoices, &["subscription", "customer", "status"]),
            "invoice_payments" => (&self.invoice_payments, &["invoice", "status"]),
            _ => return Err(Refusal::no_such_url("GET", kind)),
        };
        let extra: &[&str] = match kind {
            "promotion_codes" => &["active"],
            "events" => &["types"],
            "checkout/sessions" => &["customer_details"],
            _ => &[],
        };
        let known: Vec<&str> = COMMON.iter().chain(filters).chain(extra).copied().collect();
        params.only(&known)?;

        let page = params.page()?;
        let created = params.created()?;
        let active = params.boolean("active")?;
        let types = params.list("types")?;
        if types.len() > EVENT_TYPES_MAX {
            return Err(wrong("types", &format!("Array types exceeded maximum {EVENT_TYPES_MAX} allowed elements.")));
        }
        if !types.is_empty() && params.has("type") {
            return Err(wrong("types", "You may pass either type or types, but not both."));
        }
        let customer_email = params.group("customer_details")?.text("email")?.map(str::to_owned);

        let mut wanted = Vec::new();
        for filter in filters {
            if let Some(value) = params.text(filter)? {
                wanted.push((*filter, value.to_owned()));
            }
        }
        let key = wanted.iter().find(|(filter, _)| !matches!(*filter, "status" | "type")).map(|(filter, value)| match *filter {
            "code" => format!("code:{}", value.to_lowercase()),
            _ => format!("{filter}:{value}"),
        });
        let fits = |row: &Value| {
            created(row)
                && active.is_none_or(|active| row["active"] == active)
                && (types.is_empty() || types.iter().any(|kind| row["type"] == **kind))
                && customer_email.as_deref().is_none_or(|email| row["customer_details"]["email"] == email)
                && wanted.iter().all(|(filter, value)| fits(kind, row, filter, value))
        };
        let (rows, has_more) = shelf.page(&page, key.as_deref(), fits)?;
        Ok(json!({"object": "list", "url": format!("/v1/{kind}"), "has_more": has_more, "data": rows}))
    }
}

fn fits(kind: &str, row: &Value, filter: &str, value: &str) -> bool {
    match filter {
        // The only comparison that does not mind upper and lower case.
        "code" => row["code"].as_str().is_some_and(|code| code.eq_ignore_ascii_case(value)),
        "coupon" => row["promotion"]["coupon"] == value,
        "subscription" if kind == "invoices" => row["parent"]["subscription_details"]["subscription"] == value,
        "type" => match value.strip_suffix('*') {
            Some(start) => row["type"].as_str().is_some_and(|kind| kind.starts_with(start)),
            None => row["type"] == value,
        },
        _ => row[filter] == value,
    }
}
