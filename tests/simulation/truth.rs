//! What was recorded, kept apart from the product's own books, and how the clouds must look once everything is uploaded.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::factory::Factory;
use super::stripe::Stripe;

/// A sale as the counter confirmed it.
pub struct Sale {
    pub id: String,
    pub paid: i64,
    pub refunded: i64,
    pub voided: bool,
    /// At Stripe's checkout; whatever becomes of it does so there.
    pub online: bool,
}

/// A Lead as the counter knows them.
pub struct Lead {
    pub name: String,
    pub email: Option<String>,
    /// Since when it is known.
    pub email_since: Duration,
    pub referrer: usize,
    pub sales: Vec<Sale>,
}

/// A Referrer with a code.
pub struct Referrer {
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    /// Since when it is known.
    pub email_since: Duration,
    pub code: String,
    pub revoked: bool,
    pub code_sent: bool,
    /// The code is used up now.
    pub used_up: bool,
    /// It was once: one that was not there by then is not brought there by a void.
    pub was_used_up: bool,
}

impl Referrer {
    pub fn new(id: String, code: String, name: &str, email: Option<&str>) -> Referrer {
        Referrer {
            id,
            name: name.to_owned(),
            email: email.map(str::to_owned),
            email_since: Duration::ZERO,
            code,
            revoked: false,
            code_sent: false,
            used_up: false,
            was_used_up: false,
        }
    }
}

/// So often a code may be used.
pub const USES_MAX: usize = 6;

#[derive(Default)]
pub struct Truth {
    /// By id.
    pub leads: BTreeMap<String, Lead>,
    pub referrers: Vec<Referrer>,
    /// Somebody who is another's Lead at Referral Factory, and whether a person decided to leave it so.
    pub elsewhere: Option<(String, bool)>,
}

impl Lead {
    fn standing(&self) -> impl DoubleEndedIterator<Item = &Sale> {
        self.sales.iter().filter(|sale| !sale.voided)
    }

    /// Counts while a sale stands that was not refunded whole.
    pub fn qualified(&self) -> bool {
        self.standing().any(|sale| sale.refunded == 0 || sale.refunded < sale.paid)
    }

    fn amount(&self) -> i64 {
        self.standing().map(|sale| sale.paid - sale.refunded).sum()
    }
}

fn check<T: PartialEq + std::fmt::Debug>(what: &str, of: &str, there: &T, here: &T) -> Result<(), String> {
    if there == here { Ok(()) } else { Err(format!("{of}: {what} is {there:?} there and {here:?} here")) }
}

impl Truth {
    /// Everything stands at Stripe as it stands here.
    pub fn at_stripe(&self, stripe: &Stripe) -> Result<(), String> {
        self.nothing_invented(stripe)?;
        let mut customers: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for (customer, _) in stripe.customers.values() {
            customers.entry(customer["metadata"]["lead"].as_str().unwrap_or_default()).or_default().push(customer);
        }
        for (id, lead) in &self.leads {
            let of = customers.remove(id.as_str()).unwrap_or_default();
            check("the number of customers", id, &of.len(), &1)?;
            let said = |name: &str| of[0]["metadata"][name].as_str().unwrap_or_default().to_owned();
            check("redemptions", id, &said("redemptions"), &lead.standing().count().to_string())?;
            check("amount", id, &said("amount"), &lead.amount().to_string())?;
            check("status", id, &said("status").as_str(), &if lead.qualified() { "qualified" } else { "pending" })?;
            check("redemption", id, &said("redemption"), &lead.standing().next_back().map(|sale| sale.id.clone()).unwrap_or_default())?;
            check("e-mail", id, &of[0]["email"].as_str().map(str::to_owned), &lead.email)?;
        }
        for referrer in &self.referrers {
            let of: Vec<&Value> = stripe.promotion_codes.values().filter(|code| code["code"] == referrer.code.as_str()).collect();
            let over = referrer.revoked || referrer.used_up;
            if referrer.code_sent && !over && !referrer.was_used_up {
                check("the number of promotion codes", &referrer.code, &of.len(), &1)?;
            }
            check("whether it is sent twice", &referrer.code, &(of.len() > 1), &false)?;
            // What Stripe closed because it was used up there can't be opened again.
            let closed = |code: &Value| code["max_redemptions"].as_u64().is_some_and(|most| code["times_redeemed"].as_u64() >= Some(most));
            if let Some(code) = of.first().filter(|code| over || !closed(code)) {
                check("active", &referrer.code, &code["active"].as_bool(), &Some(!over))?;
            }
        }
        Ok(())
    }

    /// Nothing is at Stripe that was not recorded.
    pub fn nothing_invented(&self, stripe: &Stripe) -> Result<(), String> {
        for (customer, _) in stripe.customers.values() {
            let Some(id) = customer["metadata"]["lead"].as_str() else { continue };
            let lead = self.leads.get(id).ok_or_else(|| format!("customer of an unknown Lead: {customer}"))?;
            let redemptions: usize = customer["metadata"]["redemptions"].as_str().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
            let amount: i64 = customer["metadata"]["amount"].as_str().and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
            let all: i64 = lead.sales.iter().map(|sale| sale.paid).sum();
            if redemptions > lead.sales.len() || amount > all {
                return Err(format!("more was uploaded of a Lead than was recorded: {customer}"));
            }
        }
        Ok(())
    }

    /// Everything stands at Referral Factory as it stands here.
    pub fn at_referral_factory(&self, factory: &Factory) -> Result<(), String> {
        let lower = |user: &Value| user["email"].as_str().unwrap_or_default().to_ascii_lowercase();
        let users: BTreeMap<String, &Value> = factory.users.values().map(|user| (lower(user), user)).collect();
        let by_email = |email: &str| users.get(&email.to_ascii_lowercase()).copied();
        let ours = |user: &Value| {
            let email = user["email"].as_str();
            user["id"].as_u64().is_some_and(|id| id < FOREIGN)
                || self.leads.values().any(|lead| lead.email.as_deref() == email)
                || self.referrers.iter().any(|referrer| referrer.email.as_deref() == email)
        };
        if let Some(user) = factory.users.values().find(|user| !ours(user)) {
            return Err(format!("a user nobody recorded: {user}"));
        }
        for lead in self.leads.values() {
            let Some(email) = &lead.email else { continue };
            let decided = match &self.elsewhere {
                Some((other, decided)) if other == email => Some(*decided),
                _ => None,
            };
            let referrer = &self.referrers[lead.referrer];
            let Some(referrer_email) = &referrer.email else { continue };
            let user = by_email(email).ok_or_else(|| format!("{email} is not there"))?;
            let both = self.as_referrer(email);
            if both.is_some() && user["referrer_id"].is_null() {
                check("qualified", email, &user["qualified_at"], &Value::Null)?;
                self.was_first_as_a_referrer(lead, user, factory)?;
                continue;
            }
            // Kept out, nothing about them is ever said there.
            let counts = decided != Some(false) && lead.qualified();
            check("qualified", email, &!user["qualified_at"].is_null(), &counts)?;
            if decided.is_none() {
                let referrer = by_email(referrer_email).ok_or_else(|| format!("{referrer_email} is not there"))?;
                check("referrer", email, &user["referrer_id"], &referrer["id"])?;
                let name = user["first_name"].as_str();
                // Of one user there are two names here; each is told as it changes.
                if both.is_none_or(|both| name != Some(&both.name)) {
                    check("first name", email, &name, &Some(lead.name.as_str()))?;
                }
            }
        }
        for referrer in &self.referrers {
            let Some(user) = referrer.email.as_deref().and_then(&by_email).filter(|user| user["referrer_id"].is_null()) else { continue };
            check("name", &referrer.id, &user["first_name"].as_str(), &Some(referrer.name.as_str()))?;
        }
        Ok(())
    }
}

/// Users with smaller ids were there before the shop was.
pub const FOREIGN: u64 = 102;
