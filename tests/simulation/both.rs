//! People who are a Lead and a Referrer: one user at Referral Factory, who is somebody's Lead if they waited as one in time.

use counterfoil_core::desk::Customer;
use counterfoil_core::desk::people::NewCode;
use serde_json::Value;

use super::acts::regular;
use super::factory::Factory;
use super::truth::{Lead, Referrer, Truth};
use super::world::{Outcome, World, text};
use crate::support::{code_of, referrer};

impl World {
    /// A regular recommends others from now on, often on the day of a first sale to them.
    pub fn become_referrer(&mut self) -> Outcome<()> {
        let customer = regular(3 + self.dice.below(2), true);
        let (email, moments) = (customer.email.clone(), self.dice.below(3));
        if moments == 0 {
            self.sell_to(&customer)?;
        }
        if self.truth.referrers.iter().all(|referrer| referrer.email != email) {
            let name = customer.name.clone().unwrap();
            let person = text(self.desk.add_referrer(&referrer(&name, email.as_deref(), None, NewCode::Generate)))?;
            let code_sent = self.truth.referrers.iter().any(|referrer| referrer.code_sent);
            let id = person.referrer.id.clone();
            self.truth.referrers.push(Referrer { code_sent, email_since: self.now, ..Referrer::new(id, code_of(&person), &name, email.as_deref()) });
            self.struck.one("somebody becomes a Referrer");
        }
        if moments == 1 { self.sell_to(&customer) } else { Ok(()) }
    }

    /// A Referrer as a customer.
    pub fn referrer_buys(&mut self) -> Outcome<()> {
        let referrer = &self.truth.referrers[1];
        self.sell_to(&Customer { name: Some(referrer.name.clone()), email: referrer.email.clone(), phone: None })
    }

    /// Counts who is one user there for two of ours, for the record of what a run has seen.
    pub fn count_both(&mut self) {
        let both: Vec<bool> = self.truth.leads.values().filter_map(|lead| self.truth.there_as_both(lead, &self.factory)).collect();
        both.into_iter().for_each(|is_lead| self.struck.one(if is_lead { "one user for two" } else { "was a Referrer there first" }));
    }
}

impl Truth {
    pub fn as_referrer(&self, email: &str) -> Option<&Referrer> {
        self.referrers.iter().find(|referrer| referrer.email.as_deref() == Some(email))
    }

    fn there_as_both(&self, lead: &Lead, factory: &Factory) -> Option<bool> {
        let email = lead.email.as_deref()?;
        self.as_referrer(email)?;
        factory.by_email(email).map(|user| !user["referrer_id"].is_null())
    }

    /// A Referrer there whom nobody referred: right only if they were given out as such before they could wait as a Lead, or if the
    /// people who referred them were referred by them in turn.
    pub fn was_first_as_a_referrer(&self, lead: &Lead, user: &Value, factory: &Factory) -> Result<(), String> {
        let could_wait = lead.email_since.max(self.referrers[lead.referrer].email_since);
        let given = factory.given[&user["id"].as_u64().unwrap()];
        if given <= could_wait || self.in_a_circle(lead) {
            return Ok(());
        }
        Err(format!("{user} went up as a Referrer at {given:?}, who waited as a Lead since {could_wait:?}"))
    }

    fn in_a_circle(&self, lead: &Lead) -> bool {
        let by = |lead: &Lead| {
            let email = self.referrers[lead.referrer].email.as_deref()?;
            self.leads.values().find(|lead| lead.email.as_deref() == Some(email))
        };
        std::iter::successors(by(lead), |lead| by(lead)).take(self.referrers.len()).any(|other| other.email == lead.email)
    }
}
