//! What people do while a seed runs: sales and what becomes of them, and what befalls the shop.

use std::time::Duration;

use counterfoil_core::desk::Customer;
use counterfoil_core::desk::leads::NewLead;
use counterfoil_core::desk::people::EditReferrer;
use counterfoil_core::sync::connect;

use super::bugs::Bug;
use super::template::IDAS_PHONE;
use super::truth::{Lead, Sale, USES_MAX};
use super::world::{Outcome, World, text};
use crate::support::{op, revoke, sale};

/// So many people come back; everybody else comes once.
const REGULARS: u64 = 6;
const TEN_YEARS_SECS: i64 = 315_576_000;

/// Who buys: some with e-mail, some with a phone that an e-mail joins later, some nobody knows.
pub fn regular(n: u64, mentions_email: bool) -> Customer {
    let email = Some(format!("regular{n}@post.com"));
    let phone = Some(format!("020 7946 07{n:02}"));
    let name = Some(format!("Regular {n}"));
    match n % 3 {
        0 => Customer { name, email, phone: None },
        1 => Customer { name, email, phone },
        _ => Customer { name, email: email.filter(|_| mentions_email), phone },
    }
}

impl World {
    /// Something happens in the shop or to it.
    pub fn act(&mut self) -> Outcome<()> {
        let mut act = self.dice.below(100);
        // Who wants to see what a forgotten key does must wait for more than a day, and often.
        let long = self.dice.below(if self.bug == Some(Bug::KeyTrustedForEver) { 3 } else { 40 }) == 0;
        if long {
            act = 92;
            self.sell()?;
        }
        self.say(|| format!("act {act}"));
        match act {
            0..36 => self.sell(),
            36..43 => self.shop_online(),
            43..46 => self.refund_online(),
            46..53 => self.take_back(true),
            53..62 => self.take_back(false),
            62..68 => self.note_lead(),
            68..72 => self.send_codes(),
            72..74 => self.become_referrer(),
            74..76 => {
                let now = self.wall();
                text(connect::send_referrers(&mut self.store, now)).map(drop)
            }
            76..79 => self.rename(),
            79..82 => self.learn_email(),
            82..85 => self.revoke(),
            85..89 => {
                let by = [-TEN_YEARS_SECS, TEN_YEARS_SECS, 0, 3 * 86_400, -3_600][self.dice.below(5) as usize];
                self.struck.one("clock jumps");
                self.jump_clock(by);
                // Two jumps within minutes are more than any wall clock can be asked to bear.
                self.run_to(self.now + Duration::from_secs(600))
            }
            89..92 => {
                let side = self.dice.below(2) as usize;
                self.sides[side].token_there += 1;
                self.struck.one("token rotated");
                Ok(())
            }
            92..95 => {
                // Sometimes for longer than a cloud keeps its keys.
                let hours = if long { 26 } else { [1, 1, 3, 26][self.dice.below(4) as usize] };
                self.deaf_until = self.now + Duration::from_secs(10);
                self.outage_until = self.now + Duration::from_secs(hours * 3600);
                self.bell();
                self.struck.one("outage");
                if long { self.run_to(self.outage_until + Duration::from_secs(3600)) } else { Ok(()) }
            }
            95..96 => self.hurry(),
            96..98 => self.rush(),
            _ => match self.reconnect()? {
                true => self.hurry(),
                false => Ok(()),
            },
        }?;
        self.bell();
        self.badge_is_true()
    }

    fn sell(&mut self) -> Outcome<()> {
        let n = self.dice.below(REGULARS + 3);
        if n == REGULARS {
            return self.referrer_buys();
        }
        let known = n < REGULARS;
        let customer = if known { regular(n, self.dice.below(2) == 0) } else { Customer::default() };
        self.sell_to(&customer)
    }

    pub fn sell_to(&mut self, customer: &Customer) -> Outcome<()> {
        let at = self.dice.below(self.truth.referrers.len() as u64) as usize;
        let ask = sale(&self.truth.referrers[at].code, 100 + self.dice.below(10_000) as i64, customer.clone());
        let Some(done) = text(self.desk.redeem(&ask))?.redemption else { return Ok(()) };
        let lead = self.lead_of("SELECT lead.id FROM lead JOIN redemption ON lead.n = lead_n WHERE redemption.id = ?1", &done.id);
        self.know(lead, customer, at).sales.push(Sale { id: done.id, paid: done.paid.0, refunded: 0, voided: false, online: false });
        self.count_uses();
        Ok(())
    }

    pub fn count_uses(&mut self) {
        if self.crowded {
            return;
        }
        for referrer in &mut self.truth.referrers {
            let sql = "SELECT count(*) FROM redemption JOIN referral_code ON referral_code.n = code_n WHERE text = ?1 AND voided_at IS NULL";
            let uses: u32 = self.store.reader().query_row(sql, [&referrer.code], |row| row.get(0)).unwrap();
            referrer.used_up = uses as usize >= USES_MAX;
            referrer.was_used_up |= referrer.used_up;
        }
    }

    fn lead_of(&self, sql: &str, id: &str) -> String {
        let id: uuid::Uuid = id.parse().unwrap();
        let lead: Vec<u8> = self.store.reader().query_row(sql, [id.as_bytes()], |row| row.get(0)).unwrap();
        uuid::Uuid::from_slice(&lead).unwrap().to_string()
    }

    /// The first Referrer keeps a Lead; what is told of them first stays.
    pub fn know(&mut self, id: String, customer: &Customer, referrer: usize) -> &mut Lead {
        let now = self.now;
        let lead =
            self.truth.leads.entry(id).or_insert_with(|| Lead { name: String::new(), email: None, email_since: now, referrer, sales: Vec::new() });
        if lead.email.is_none() {
            (lead.email, lead.email_since) = (customer.email.clone(), now);
        }
        if lead.name.is_empty() {
            lead.name = customer.name.clone().unwrap_or_default();
        }
        lead
    }

    fn take_back(&mut self, voids: bool) -> Outcome<()> {
        let Some(lead) = self.some_lead() else { return Ok(()) };
        let sales = &self.truth.leads[&lead].sales;
        let at: Vec<usize> = (0..sales.len()).filter(|at| !sales[*at].online).collect();
        if at.is_empty() {
            return Ok(());
        }
        let at = *self.dice.pick(&at);
        let (id, paid, whole) = (sales[at].id.clone(), sales[at].paid, self.dice.below(2) == 0);
        if voids {
            // Only sales of the till's own day may be voided, and its clock may be anywhere.
            let ask = counterfoil_core::desk::undo::VoidAsk { op: op(), redemption_id: id, reason: "wrong total".into() };
            let done = self.desk.void(&ask).is_ok();
            self.truth.leads.get_mut(&lead).unwrap().sales[at].voided |= done;
            self.count_uses();
            return Ok(());
        }
        let mut ask = counterfoil_core::desk::undo::RefundAsk { op: op(), redemption_id: id, amount: None, reason: "scratched".into() };
        ask.amount = (!whole).then_some(counterfoil_core::desk::views::Amount(1 + paid / 3));
        if let Ok(after) = self.desk.refund(&ask) {
            let sale = &mut self.truth.leads.get_mut(&lead).unwrap().sales[at];
            sale.refunded = after.refunded.0;
            assert!(sale.refunded <= paid);
        }
        Ok(())
    }

    fn some_lead(&mut self) -> Option<String> {
        let leads: Vec<&String> = self.truth.leads.keys().collect();
        if leads.is_empty() { None } else { Some((*self.dice.pick(&leads)).clone()) }
    }

    fn note_lead(&mut self) -> Outcome<()> {
        let (n, at) = (self.dice.below(REGULARS), self.dice.below(self.truth.referrers.len() as u64) as usize);
        let customer = regular(n, self.dice.below(2) == 0);
        // Nobody recommends themselves.
        if customer.email.is_some() && self.truth.referrers[at].email == customer.email {
            return Ok(());
        }
        let ask = NewLead {
            op: op(),
            referrer_id: self.truth.referrers[at].id.clone(),
            name: customer.name.clone().unwrap(),
            email: customer.email.clone(),
            phone: customer.phone.clone(),
            note: None,
            call_back: None,
        };
        let id = text(self.desk.record_lead(&ask))?.lead.id;
        self.know(id, &customer, at);
        Ok(())
    }

    pub fn send_codes(&mut self) -> Outcome<()> {
        let now = self.wall();
        text(connect::send_codes(&mut self.store, true, now))?;
        self.truth.referrers.iter_mut().for_each(|referrer| referrer.code_sent = true);
        Ok(())
    }

    fn rename(&mut self) -> Outcome<()> {
        let (at, n) = (self.dice.below(2) as usize, self.dice.below(1000));
        self.truth.referrers[at].name = format!("Weber {n}");
        self.edit(at)
    }

    /// The Referrer without an e-mail address gives one: their Leads may go up.
    fn learn_email(&mut self) -> Outcome<()> {
        let ida = &mut self.truth.referrers[2];
        if ida.email.is_none() {
            (ida.email, ida.email_since) = (Some("ida@salon.com".into()), self.now);
        }
        self.edit(2)
    }

    pub fn edit(&mut self, at: usize) -> Outcome<()> {
        let referrer = &self.truth.referrers[at];
        let ask = EditReferrer {
            op: op(),
            id: referrer.id.clone(),
            name: referrer.name.clone(),
            email: referrer.email.clone(),
            phone: (at == 2).then(|| IDAS_PHONE.to_owned()),
        };
        text(self.desk.edit_referrer(&ask)).map(drop)
    }

    fn revoke(&mut self) -> Outcome<()> {
        let at = self.dice.below(3) as usize;
        if !self.truth.referrers[at].revoked {
            text(self.desk.revoke_code(&revoke(&self.truth.referrers[at].id, "moved away")))?;
            self.truth.referrers[at].revoked = true;
        }
        Ok(())
    }

    /// A queue at the counter: more things wait at once than a second allows calls.
    fn rush(&mut self) -> Outcome<()> {
        (0..40).try_for_each(|n| {
            let phone = Some(format!("07911 1{n:05}"));
            let ask = NewLead {
                op: op(),
                referrer_id: self.truth.referrers[0].id.clone(),
                name: format!("Caller {n}"),
                email: None,
                phone,
                note: None,
                call_back: None,
            };
            let id = text(self.desk.record_lead(&ask))?.lead.id;
            self.know(id, &Customer { name: Some(ask.name), ..Customer::default() }, 0);
            Ok::<_, String>(())
        })?;
        // One round may follow the other at once.
        self.bell();
        self.run_to(self.now + Duration::from_millis(500))?;
        self.hurry()
    }

    /// At Referral Factory, one of the regulars is another's Lead already.
    pub fn somebody_was_first(&mut self) {
        let other = self.factory.join("Mehmet", "mehmet@radhaus.com", None);
        self.factory.join("Regular 0", "regular0@post.com", Some(other));
        self.truth.elsewhere = Some(("regular0@post.com".into(), false));
    }

    /// Whoever was first stays so; the rest of our word about them goes up.
    pub fn decide(&mut self) -> Outcome<()> {
        let Some((_, decided)) = &mut self.truth.elsewhere else { return Ok(()) };
        for conflict in text(self.desk.conflicts())?.iter().filter(|conflict| conflict.kind == "lead_elsewhere") {
            text(self.desk.resolve_conflict(&conflict.id, "leave"))?;
            *decided = true;
            self.struck.one("conflict decided");
        }
        self.bell();
        Ok(())
    }
}
