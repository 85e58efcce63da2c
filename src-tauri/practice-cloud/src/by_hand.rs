//! What happens in the clouds without a call: shoppers, banks, the shop's own people at the clouds' dashboards. For tests and practice.

use serde_json::Value;

use crate::referral_factory::factory::{Campaign, CampaignStatus, Field, NewUser, User};
use crate::stripe::books::Books;
use crate::stripe::checkout::CheckoutAsk;
use crate::stripe::door::{Access, Turn};
use crate::stripe::expand::tidy;
use crate::{Clouds, State};

/// One side of the Stripe account, by hand. See [`Clouds::stripe`].
#[derive(Clone, Copy, Debug)]
pub struct StripeByHand<'a> {
    pub(crate) clouds: &'a Clouds,
    pub(crate) live: bool,
}

impl StripeByHand<'_> {
    fn turn<T>(&self, act: impl FnOnce(&mut Books, &mut Turn<'_>) -> T) -> T {
        let now_millis = self.clouds.now_millis();
        let State { stripe, chance, .. } = &mut *self.clouds.state();
        let books = if self.live { &mut stripe.live } else { &mut stripe.test };
        let now = now_millis.div_euclid(1000);
        books.pass_time(chance, now);
        act(books, &mut Turn { now, now_millis, chance, access: Access::Full })
    }

    fn look<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        let state = self.clouds.state();
        look(if self.live { &state.stripe.live } else { &state.stripe.test })
    }

    /// All customers that are not deleted, oldest first.
    pub fn customers(&self) -> Vec<Value> {
        self.look(|books| books.customers.all().cloned().collect())
    }

    /// All promotion codes, oldest first.
    pub fn promotion_codes(&self) -> Vec<Value> {
        self.look(|books| books.promotion_codes.all().cloned().collect())
    }

    /// All coupons that are not deleted, oldest first.
    pub fn coupons(&self) -> Vec<Value> {
        self.look(|books| books.coupons.all().cloned().collect())
    }

    /// All checkout sessions, oldest first.
    pub fn sessions(&self) -> Vec<Value> {
        self.look(|books| books.sessions.all().cloned().map(shown).collect())
    }

    /// All events that can still be read, oldest first.
    pub fn events(&self) -> Vec<Value> {
        self.look(|books| books.events.all().cloned().collect())
    }

    /// How many customers and promotion codes there are, without copying them.
    pub fn counts(&self) -> (usize, usize) {
        self.look(|books| (books.customers.len(), books.promotion_codes.len()))
    }

    /// A shopper opens a checkout page and pays. Gives the session, or why Stripe's page said no.
    ///
    /// # Errors
    /// When the page refuses the promotion code.
    pub fn checkout(&self, ask: &CheckoutAsk) -> Result<Value, String> {
        let session = self.open_checkout(ask)?;
        self.complete_checkout(session["id"].as_str().unwrap_or_default(), ask.paid)
    }

    /// A shopper opens a checkout page and goes to look for the purse.
    ///
    /// # Errors
    /// When the page refuses the promotion code.
    pub fn open_checkout(&self, ask: &CheckoutAsk) -> Result<Value, String> {
        self.turn(|books, turn| books.open_checkout(turn, ask).map(shown))
    }

    /// The shopper is back and presses Pay; the money is there at once or comes later.
    ///
    /// # Errors
    /// When the session is not open or its code has ended meanwhile.
    pub fn complete_checkout(&self, session: &str, paid: bool) -> Result<Value, String> {
        self.turn(|books, turn| books.complete_checkout(turn, session, paid).map(shown))
    }

    /// The money of an unpaid session comes: `checkout.session.async_payment_succeeded`.
    ///
    /// # Errors
    /// When that session waits for none.
    pub fn pay_later(&self, session: &str) -> Result<Value, String> {
        self.turn(|books, turn| books.settle_checkout(turn, session, true).map(shown))
    }

    /// The money of an unpaid session does not come: `checkout.session.async_payment_failed`.
    ///
    /// # Errors
    /// When that session waits for none.
    pub fn fail_later(&self, session: &str) -> Result<Value, String> {
        self.turn(|books, turn| books.settle_checkout(turn, session, false).map(shown))
    }

    /// The next period of a session's subscription is paid. Gives the invoice.
    ///
    /// # Errors
    /// When that session began no subscription.
    pub fn renew(&self, session: &str, amount: i64) -> Result<Value, String> {
        self.turn(|books, turn| books.renew(turn, session, amount))
    }

    /// Gives money back: of a session, an invoice, a payment intent or a charge; a part, or with none all that is left.
    ///
    /// # Errors
    /// When nothing was paid there, or less than that is left.
    pub fn refund(&self, of: &str, amount: Option<i64>) -> Result<Value, String> {
        self.turn(|books, turn| books.refund(turn, of, amount, "succeeded"))
    }

    /// Like [`StripeByHand::refund`], but the bank takes its time: `pending`, until [`StripeByHand::settle_refund`].
    ///
    /// # Errors
    /// When nothing was paid there, or less than that is left.
    pub fn refund_pending(&self, of: &str, amount: Option<i64>) -> Result<Value, String> {
        self.turn(|books, turn| books.refund(turn, of, amount, "pending"))
    }

    /// A refund succeeds at last, or it bounces: `refund.failed`, and the money counts as paid again.
    ///
    /// # Errors
    /// When there is no such refund.
    pub fn settle_refund(&self, refund: &str, succeeded: bool) -> Result<Value, String> {
        self.turn(|books, turn| books.settle_refund(turn, refund, succeeded))
    }

    /// The cardholder's bank asks for the money. Gives the dispute; nothing is refunded by it.
    ///
    /// # Errors
    /// When nothing was paid there.
    pub fn dispute(&self, of: &str) -> Result<Value, String> {
        self.turn(|books, turn| books.dispute(turn, of))
    }

    /// Somebody switches a promotion code on or off at the dashboard.
    pub fn set_active(&self, promotion_code: &str, active: bool) {
        self.turn(|books, turn| {
            if let Some(code) = books.promotion_codes.change(promotion_code, |code| code["active"] = active.into()) {
                books.tell(turn.chance, turn.now, "promotion_code.updated", &code);
            }
        });
    }

    /// Somebody deletes a coupon at the dashboard; its codes end with it. Says whether there was one.
    pub fn delete_coupon(&self, coupon: &str) -> bool {
        self.turn(|books, turn| books.delete_coupon(turn, coupon).is_ok())
    }

    /// Somebody makes a coupon and a promotion code for it that are not ours. Gives the code's id.
    pub fn foreign_code(&self, code: &str, percent_off: f64) -> String {
        self.turn(|books, turn| {
            let coupon = turn.chance.letters(8);
            let id = turn.chance.id("promo");
            books.coupons.put(serde_json::json!({
                "id": coupon, "object": "coupon", "amount_off": null, "percent_off": percent_off, "currency": null, "created": turn.now,
                "duration": "once", "duration_in_months": null, "livemode": books.live, "max_redemptions": null, "metadata": {}, "name": null,
                "redeem_by": null, "times_redeemed": 0, "valid": true,
            }));
            books.promotion_codes.put(serde_json::json!({
                "id": id, "object": "promotion_code", "active": true, "code": code, "created": turn.now, "customer": null, "customer_account": null,
                "expires_at": null, "livemode": books.live, "max_redemptions": null, "metadata": {}, "promotion": {"type": "coupon", "coupon": coupon},
                "restrictions": {"first_time_transaction": false, "minimum_amount": null, "minimum_amount_currency": null}, "times_redeemed": 0,
            }));
            id
        })
    }

    /// Forgets an event before its time, so that a cursor names nothing any more.
    pub fn forget_event(&self, event: &str) -> bool {
        self.turn(|books, _| books.events.remove(event).is_some())
    }

    /// Forgets all events so far, as if they were older than 30 days.
    pub fn forget_events(&self) {
        self.turn(|books, _| {
            let ids: Vec<String> = books.events.all().filter_map(|event| event["id"].as_str().map(str::to_owned)).collect();
            for id in ids {
                books.events.remove(&id);
            }
        });
    }

    /// Makes a key known, test or live as its prefix says.
    pub fn add_key(&self, key: &str, access: Access) {
        self.clouds.state().stripe.keys.insert(key.to_owned(), access);
    }

    /// Makes a key unknown: from now on 401.
    pub fn revoke_key(&self, key: &str) {
        self.clouds.state().stripe.keys.remove(key);
    }

    /// Takes a permission (`rak_customer_write`) from a restricted key: from now on 403 where it is needed.
    pub fn take_permission(&self, key: &str, permission: &str) {
        if let Some(Access::Only(names)) = self.clouds.state().stripe.keys.get_mut(key) {
            names.remove(permission);
        }
    }

    /// Gives a permission to a restricted key.
    pub fn give_permission(&self, key: &str, permission: &str) {
        if let Some(Access::Only(names)) = self.clouds.state().stripe.keys.get_mut(key) {
            names.insert(permission.to_owned());
        }
    }

    /// The most calls that ever came within one second, refused ones included.
    pub fn busiest_second(&self) -> usize {
        let state = self.clouds.state();
        if self.live { state.stripe.live_rates.busiest() } else { state.stripe.test_rates.busiest() }
    }

    /// How many calls were refused for coming too fast.
    pub fn refused_for_pace(&self) -> u32 {
        let state = self.clouds.state();
        if self.live { state.stripe.live_rates.refused() } else { state.stripe.test_rates.refused() }
    }
}

/// A session as an answer shows it.
fn shown(mut session: Value) -> Value {
    tidy(&mut session);
    session
}

/// Referral Factory, by hand. See [`Clouds::referral_factory`].
#[derive(Clone, Copy, Debug)]
pub struct ReferralFactoryByHand<'a> {
    pub(crate) clouds: &'a Clouds,
}

impl ReferralFactoryByHand<'_> {
    /// All users as the API shows them, oldest first.
    pub fn users(&self) -> Vec<Value> {
        let state = self.clouds.state();
        let factory = &state.referral_factory.factory;
        factory.users.values().map(|user| factory.shown(user)).collect()
    }

    /// The user with this e-mail in this campaign.
    pub fn user(&self, campaign: i64, email: &str) -> Option<Value> {
        let state = self.clouds.state();
        let factory = &state.referral_factory.factory;
        factory.by_email(campaign, email).map(|user| factory.shown(user))
    }

    /// How many users there are.
    pub fn users_count(&self) -> usize {
        self.clouds.state().referral_factory.factory.users.len()
    }

    /// All campaigns as the API shows them.
    pub fn campaigns(&self) -> Vec<Value> {
        self.clouds.state().referral_factory.factory.campaigns.values().map(Campaign::shown).collect()
    }

    /// Starts a campaign; gives its id.
    pub fn add_campaign(&self, name: &str, status: CampaignStatus) -> i64 {
        let now = self.clouds.now();
        let State { referral_factory, chance, .. } = &mut *self.clouds.state();
        referral_factory.factory.add_campaign(chance, now, name, status)
    }

    /// Changes a campaign's state.
    pub fn set_status(&self, campaign: i64, status: CampaignStatus) {
        if let Some(campaign) = self.clouds.state().referral_factory.factory.campaigns.get_mut(&campaign) {
            campaign.status = status;
        }
    }

    /// What a campaign's leads may carry in `meta`, each with whether it must be filled; anything else is dropped without a word.
    pub fn set_lead_fields(&self, campaign: i64, fields: &[(&str, bool)]) {
        if let Some(campaign) = self.clouds.state().referral_factory.factory.campaigns.get_mut(&campaign) {
            campaign.lead_fields = Field::all(fields);
        }
    }

    /// The same for its referrers.
    pub fn set_referrer_fields(&self, campaign: i64, fields: &[(&str, bool)]) {
        if let Some(campaign) = self.clouds.state().referral_factory.factory.campaigns.get_mut(&campaign) {
            campaign.referrer_fields = Field::all(fields);
        }
    }

    /// What referrers of this campaign get: `amount`, `commission`, `coupon` or `custom`.
    pub fn set_reward(&self, campaign: i64, kind: &str) {
        if let Some(campaign) = self.clouds.state().referral_factory.factory.campaigns.get_mut(&campaign) {
            campaign.reward = kind.to_owned();
        }
    }

    /// Somebody joins as a referrer; with no code given, a fresh one is made. Gives the user's id.
    pub fn add_referrer(&self, campaign: i64, first_name: &str, email: &str, code: Option<&str>) -> i64 {
        self.add(campaign, None, first_name, email, code)
    }

    /// Somebody joins through a referrer's link. Gives the user's id.
    pub fn add_lead(&self, campaign: i64, referrer: i64, first_name: &str, email: &str) -> i64 {
        self.add(campaign, Some(referrer), first_name, email, None)
    }

    fn add(&self, campaign_id: i64, referrer_id: Option<i64>, first_name: &str, email: &str, code: Option<&str>) -> i64 {
        let now = self.clouds.now();
        let State { referral_factory, chance, .. } = &mut *self.clouds.state();
        let user = NewUser { campaign_id, referrer_id, first_name, email, code, meta: Vec::new() };
        referral_factory.factory.add_user(chance, now, user)
    }

    /// Many referrers at once, `Referrer 1` and so on with the e-mails `referrer1@crowd.com`: 100,000 in well under a second.
    pub fn add_crowd(&self, campaign_id: i64, count: usize) {
        let now = self.clouds.now();
        let State { referral_factory, chance, .. } = &mut *self.clouds.state();
        for n in 1..=count {
            let (name, email) = (format!("Referrer {n}"), format!("referrer{n}@crowd.com"));
            let user = NewUser { campaign_id, referrer_id: None, first_name: &name, email: &email, code: None, meta: Vec::new() };
            referral_factory.factory.add_user(chance, now, user);
        }
    }

    /// Somebody qualifies a lead at the dashboard, or takes it back.
    pub fn qualify(&self, user: i64, qualified: bool) {
        let now = self.clouds.now();
        self.clouds.state().referral_factory.factory.qualify(user, qualified, now);
    }

    /// A user asks not to be written to any more.
    pub fn unsubscribe(&self, user: i64) {
        let now = self.clouds.now();
        if let Some(user) = self.clouds.state().referral_factory.factory.users.get_mut(&user) {
            user.unsubscribed_at = Some(now);
        }
    }

    /// Somebody deletes a user at the dashboard. Says whether there was one.
    pub fn delete(&self, user: i64) -> bool {
        self.clouds.state().referral_factory.factory.remove_user(user)
    }

    /// Somebody makes a new token, which ends the old one: from now on 401 for it.
    pub fn rotate_token(&self, token: &str) {
        self.clouds.state().referral_factory.factory.token = token.to_owned();
    }

    /// Whether a known e-mail is answered with 422 instead of with its user: version 2 might do either.
    pub fn refuse_known_emails(&self, refuse: bool) {
        self.clouds.state().referral_factory.factory.refuses_known_emails = refuse;
    }

    /// Takes addresses that no mail can reach, as practice people have them.
    pub fn take_every_domain(&self) {
        self.clouds.state().referral_factory.factory.takes_every_domain = true;
    }

    /// A domain loses its mail server: from now on nobody can join with it.
    pub fn add_mailless(&self, domain: &str) {
        self.clouds.state().referral_factory.factory.mailless.push(domain.to_lowercase());
    }

    /// Changes a user's first name or e-mail at the dashboard.
    pub fn change(&self, user: i64, first_name: Option<&str>, email: Option<&str>) {
        let factory = &mut self.clouds.state().referral_factory.factory;
        if let (Some(first_name), Some(user)) = (first_name, factory.users.get_mut(&user)) {
            let stored: &mut User = user;
            stored.first_name = first_name.to_owned();
        }
        if let Some(email) = email {
            factory.change_email(user, email);
        }
    }

    /// The most calls that ever came within one second, refused ones included.
    pub fn busiest_second(&self) -> usize {
        self.clouds.state().referral_factory.rates.busiest_second()
    }

    /// The same for a minute.
    pub fn busiest_minute(&self) -> usize {
        self.clouds.state().referral_factory.rates.busiest_minute()
    }

    /// How many calls were refused for coming too fast.
    pub fn refused_for_pace(&self) -> u32 {
        self.clouds.state().referral_factory.rates.refused()
    }
}
