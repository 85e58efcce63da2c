//! Stripe's own checkout, and what happens to its payments: nobody calls this over HTTP, a test or a practice session plays the shopper.

use serde_json::{Value, json};

use super::books::Books;
use super::door::Turn;

/// A shopper at a Stripe checkout.
#[derive(Clone, Debug)]
pub struct CheckoutAsk {
    /// What the shopper types as a promotion code, in any case.
    pub promotion_code: Option<String>,
    /// The shopper's e-mail, as typed.
    pub email: Option<String>,
    /// The shopper's name.
    pub name: Option<String>,
    /// The shopper's phone number.
    pub phone: Option<String>,
    /// What the basket costs before discounts, in minor units.
    pub amount: i64,
    /// The currency, in lower case.
    pub currency: String,
    /// Whether the money is there at once; otherwise by `pay_later` or `fail_later`.
    pub paid: bool,
    /// A guest leaves no customer behind.
    pub guest: bool,
    /// Pays again and again: the payment hangs on an invoice then, and the session has none of its own.
    pub subscription: bool,
}

impl CheckoutAsk {
    /// A named shopper who pays this amount of euro at once, without a code.
    pub fn new(email: &str, amount: i64) -> CheckoutAsk {
        CheckoutAsk {
            promotion_code: None,
            email: Some(email.to_owned()),
            name: None,
            phone: None,
            amount,
            currency: "eur".to_owned(),
            paid: true,
            guest: false,
            subscription: false,
        }
    }

    /// The same with a promotion code.
    #[must_use]
    pub fn code(mut self, code: &str) -> CheckoutAsk {
        self.promotion_code = Some(code.to_owned());
        self
    }
}

/// Why something could not be done by hand.
type Said<T> = Result<T, String>;

impl Books {
    /// Opens a checkout page. Nothing is paid and no code is used yet.
    pub(crate) fn open_checkout(&mut self, turn: &mut Turn<'_>, ask: &CheckoutAsk) -> Said<Value> {
        let code = match &ask.promotion_code {
            None => None,
            Some(typed) => Some(self.code_at_checkout(ask, typed)?),
        };
        let discount = match &code {
            None => 0,
            Some(code) => {
                let coupon_id = code["promotion"]["coupon"].as_str().unwrap_or_default();
                let coupon = self.coupons.get(coupon_id).ok_or("the coupon is gone")?;
                amount_off(coupon, ask.amount, &ask.currency)?
            }
        };
        let id = format!("cs_{}_{}", if self.live { "live" } else { "test" }, turn.chance.letters(40));
        let discounts: Vec<Value> = code.iter().map(|code| json!({"coupon": code["promotion"]["coupon"], "promotion_code": code["id"]})).collect();
        let hidden: Vec<Value> = code
            .iter()
            .map(|code| {
                json!({"amount": discount, "discount": {
                    "id": turn.chance.id("di"), "object": "discount", "checkout_session": id, "customer": null, "customer_account": null, "end": null,
                    "invoice": null, "invoice_item": null, "promotion_code": code["id"], "source": {"type": "coupon", "coupon": code["promotion"]["coupon"]},
                    "start": turn.now, "subscription": null, "subscription_item": null,
                }})
            })
            .collect();
        let session = json!({
            "id": id, "object": "checkout.session", "amount_subtotal": ask.amount, "amount_total": ask.amount - discount, "allow_promotion_codes": true,
            "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null}, "client_reference_id": null, "created": turn.now,
            "currency": ask.currency, "custom_fields": [],
            "custom_text": {"after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null},
            "customer": null, "customer_creation": if ask.guest { "if_required" } else { "always" },
            "customer_details": {"address": null, "business_name": null, "individual_name": null, "email": ask.email, "name": ask.name, "phone": ask.phone,
                "tax_exempt": "none", "tax_ids": []},
            "customer_email": null, "discounts": discounts, "expires_at": turn.now + 86_400, "invoice": null, "livemode": self.live, "locale": null,
            "metadata": {}, "mode": if ask.subscription { "subscription" } else { "payment" }, "payment_intent": null, "payment_link": null,
            "payment_method_types": ["card", "sepa_debit"], "payment_status": "unpaid", "shipping_options": [], "status": "open", "subscription": null,
            "success_url": "https://shop.example/thanks", "ui_mode": "hosted_page", "url": "https://checkout.stripe.com/c/pay",
            "total_details": {"amount_discount": discount, "amount_shipping": 0, "amount_tax": 0, "hidden_discounts": hidden},
        });
        self.sessions.put(session.clone());
        Ok(session)
    }

    /// The shopper presses Pay.
    pub(crate) fn complete_checkout(&mut self, turn: &mut Turn<'_>, id: &str, paid: bool) -> Said<Value> {
        let mut session = self.sessions.get(id).cloned().ok_or("no such session")?;
        if session["status"] != "open" {
            return Err("this session is not open".to_owned());
        }
        if let Some(code) = session["discounts"][0]["promotion_code"].as_str().map(str::to_owned) {
            if self.promotion_codes.get(&code).is_none_or(|code| code["active"] == false) {
                return Err("the promotion code is no longer active".to_owned());
            }
            self.use_code(turn, &code);
        }
        if session["customer_creation"] == "always" {
            // A new one each time: a shopper who comes back is two customers.
            let details = &session["customer_details"];
            let customer = json!({
                "id": turn.chance.id("cus"), "object": "customer", "address": null, "balance": 0, "created": turn.now, "currency": session["currency"],
                "default_source": null, "delinquent": false, "description": null, "discount": null, "email": details["email"],
                "invoice_prefix": turn.chance.letters(8).to_uppercase(), "livemode": self.live, "metadata": {}, "name": details["name"],
                "next_invoice_sequence": 1, "phone": details["phone"], "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null,
            });
            session["customer"] = customer["id"].clone();
            self.put_customer(turn, "customer.created", customer);
        }
        let total = session["amount_total"].as_i64().unwrap_or_default();
        session["status"] = "complete".into();
        session["url"] = Value::Null;
        if session["mode"] == "subscription" {
            session["subscription"] = turn.chance.id("sub").into();
            session["payment_status"] = if total == 0 { "no_payment_required" } else { "paid" }.into();
            session["invoice"] = self.bill(turn, &session, total, "subscription_create");
        } else if total == 0 {
            session["payment_status"] = "no_payment_required".into();
        } else {
            let intent = self.intend(turn, &session, total);
            session["payment_intent"] = intent["id"].clone();
            if paid {
                session["payment_status"] = "paid".into();
                self.collect(turn, intent["id"].as_str().unwrap_or_default());
            }
        }
        self.sessions.put(session.clone());
        self.tell(turn.chance, turn.now, "checkout.session.completed", &session);
        Ok(session)
    }

    /// The money of an unpaid session comes, or it doesn't.
    pub(crate) fn settle_checkout(&mut self, turn: &mut Turn<'_>, id: &str, paid: bool) -> Said<Value> {
        let session = self.sessions.get(id).ok_or("no such session")?;
        if session["status"] != "complete" || session["payment_status"] != "unpaid" {
            return Err("this session waits for no payment".to_owned());
        }
        let intent = session["payment_intent"].as_str().unwrap_or_default().to_owned();
        if paid {
            self.collect(turn, &intent);
        } else {
            self.payment_intents.change(&intent, |intent| intent["status"] = "requires_payment_method".into());
        }
        let session = self.sessions.change(id, |session| session["payment_status"] = if paid { "paid" } else { "unpaid" }.into()).unwrap_or_default();
        let event = if paid { "checkout.session.async_payment_succeeded" } else { "checkout.session.async_payment_failed" };
        self.tell(turn.chance, turn.now, event, &session);
        Ok(session)
    }

    /// A subscription's next period is paid.
    pub(crate) fn renew(&mut self, turn: &mut Turn<'_>, session_id: &str, amount: i64) -> Said<Value> {
        let session = self.sessions.get(session_id).cloned().ok_or("no such session")?;
        if session["subscription"].is_null() {
            return Err("this session began no subscription".to_owned());
        }
        let id = self.bill(turn, &session, amount, "subscription_cycle");
        id.as_str().and_then(|id| self.invoices.get(id)).cloned().ok_or_else(|| "no invoice".to_owned())
    }

    /// Gives money back on a session's or a charge's payment; a part of it or, with none, what is left.
    pub(crate) fn refund(&mut self, turn: &mut Turn<'_>, of: &str, amount: Option<i64>, status: &str) -> Said<Value> {
        let charge = self.charge_of(of)?;
        let number = |field: &str| charge[field].as_i64().unwrap_or_default();
        let left = number("amount") - number("amount_refunded");
        let amount = amount.unwrap_or(left);
        if amount <= 0 || amount > left {
            return Err(format!("only {left} can be given back"));
        }
        let refund = json!({
            "id": turn.chance.id("re"), "object": "refund", "amount": amount, "balance_transaction": null, "charge": charge["id"], "created": turn.now,
            "currency": charge["currency"], "metadata": {}, "payment_intent": charge["payment_intent"], "reason": "requested_by_customer",
            "receipt_number": null, "source_transfer_reversal": null, "status": status, "transfer_reversal": null,
        });
        self.refunds.put(refund.clone());
        self.tell(turn.chance, turn.now, "refund.created", &refund);
        if let Some(charge) = self.recount(charge["id"].as_str().unwrap_or_default()) {
            self.tell(turn.chance, turn.now, "charge.refunded", &charge);
        }
        Ok(refund)
    }

    /// A refund that was pending succeeds, or one that had succeeded bounces.
    pub(crate) fn settle_refund(&mut self, turn: &mut Turn<'_>, id: &str, succeeded: bool) -> Said<Value> {
        let status = if succeeded { "succeeded" } else { "failed" };
        let refund = self.refunds.change(id, |refund| refund["status"] = status.into()).ok_or("no such refund")?;
        self.tell(turn.chance, turn.now, "refund.updated", &refund);
        if !succeeded {
            self.tell(turn.chance, turn.now, "refund.failed", &refund);
            // The charge says nothing of its own about that.
            self.recount(refund["charge"].as_str().unwrap_or_default());
        }
        Ok(refund)
    }

    /// The cardholder's bank asks for the money. Nothing is refunded by that.
    pub(crate) fn dispute(&mut self, turn: &mut Turn<'_>, of: &str) -> Said<Value> {
        let id = self.charge_of(of)?["id"].as_str().unwrap_or_default().to_owned();
        let charge = self.charges.change(&id, |charge| charge["disputed"] = true.into()).unwrap_or_default();
        let dispute = json!({
            "id": turn.chance.id("du"), "object": "dispute", "amount": charge["amount"], "charge": id, "created": turn.now,
            "currency": charge["currency"], "livemode": self.live, "payment_intent": charge["payment_intent"], "reason": "general", "status": "needs_response",
        });
        self.tell(turn.chance, turn.now, "charge.dispute.created", &dispute);
        Ok(dispute)
    }

    fn code_at_checkout(&self, ask: &CheckoutAsk, typed: &str) -> Said<Value> {
        let mut codes = self.promotion_codes.with(&format!("code:{}", typed.to_lowercase()));
        let code = codes.find(|code| code["active"] == true).cloned().ok_or("this code is invalid")?;
        let restrictions = &code["restrictions"];
        if let Some(minimum) = restrictions["minimum_amount"].as_i64()
            && (ask.amount < minimum || restrictions["minimum_amount_currency"] != *ask.currency)
        {
            return Err(format!("this code needs an order of {minimum}"));
        }
        // A guest is nobody that Stripe has seen before: this restriction does not stop guests.
        let paid_before = |email: &String| {
            self.customers.with(&format!("email:{email}")).any(|customer| {
                self.sessions
                    .with(&format!("customer:{}", customer["id"].as_str().unwrap_or_default()))
                    .any(|session| session["status"] == "complete")
            })
        };
        if restrictions["first_time_transaction"] == true && !ask.guest && ask.email.as_ref().is_some_and(paid_before) {
            return Err("this code is for a first order only".to_owned());
        }
        Ok(code)
    }

    fn intend(&mut self, turn: &mut Turn<'_>, session: &Value, amount: i64) -> Value {
        let id = turn.chance.id("pi");
        let intent = json!({
            "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": 0, "capture_method": "automatic_async",
            "client_secret": null, "confirmation_method": "automatic", "created": turn.now, "currency": session["currency"], "customer": session["customer"],
            "description": null, "latest_charge": null, "livemode": self.live, "metadata": {}, "next_action": null, "payment_method": null,
            "payment_method_types": ["card", "sepa_debit"], "receipt_email": null, "status": "processing",
        });
        self.payment_intents.put(intent.clone());
        intent
    }

    /// The money of a payment arrives.
    fn collect(&mut self, turn: &mut Turn<'_>, intent_id: &str) {
        let Some(intent) = self.payment_intents.get(intent_id).cloned() else { return };
        let charge = json!({
            "id": turn.chance.id("ch"), "object": "charge", "amount": intent["amount"], "amount_captured": intent["amount"], "amount_refunded": 0,
            "balance_transaction": null, "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null}, "captured": true,
            "created": turn.now, "currency": intent["currency"], "customer": intent["customer"], "description": null, "disputed": false,
            "failure_code": null, "failure_message": null, "livemode": self.live, "metadata": {}, "paid": true, "payment_intent": intent_id,
            "payment_method": null, "payment_method_details": null, "receipt_email": null, "receipt_url": null, "refunded": false, "status": "succeeded",
        });
        self.payment_intents.change(intent_id, |intent| {
            intent["status"] = "succeeded".into();
            intent["amount_received"] = intent["amount"].clone();
            intent["latest_charge"] = charge["id"].clone();
        });
        self.charges.put(charge.clone());
        self.tell(turn.chance, turn.now, "charge.succeeded", &charge);
    }

    /// A paid invoice of a session's subscription, with its payment; gives its id.
    fn bill(&mut self, turn: &mut Turn<'_>, session: &Value, amount: i64, reason: &str) -> Value {
        let id = turn.chance.id("in");
        let invoice = json!({
            "id": id, "object": "invoice", "amount_due": amount, "amount_overpaid": 0, "amount_paid": amount, "amount_paid_off_stripe": 0,
            "amount_remaining": 0, "amount_shipping": 0, "attempt_count": 1, "attempted": true, "auto_advance": false,
            "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null}, "billing_reason": reason,
            "collection_method": "charge_automatically", "created": turn.now, "currency": session["currency"],
            // An invoice always belongs to somebody; a guest's subscription makes a customer, too.
            "customer": session["customer"].as_str().map_or_else(|| turn.chance.id("cus"), str::to_owned),
            "customer_email": session["customer_details"]["email"], "customer_name": session["customer_details"]["name"], "default_tax_rates": [],
            "discounts": [], "issuer": {"type": "self"}, "lines": {"object": "list", "data": [], "has_more": false, "url": format!("/v1/invoices/{id}/lines")},
            "livemode": self.live, "metadata": {},
            "parent": {"type": "subscription_details", "quote_details": null, "subscription_details": {"metadata": {}, "subscription": session["subscription"]}},
            "payment_settings": {"default_mandate": null, "payment_method_options": null, "payment_method_types": null}, "period_end": turn.now,
            "period_start": turn.now, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "starting_balance": 0, "status": "paid",
            "status_transitions": {"finalized_at": turn.now, "marked_uncollectible_at": null, "paid_at": turn.now, "voided_at": null},
            "subtotal": amount, "total": amount,
        });
        if amount > 0 {
            let intent = self.intend(turn, session, amount);
            self.collect(turn, intent["id"].as_str().unwrap_or_default());
            self.invoice_payments.put(json!({
                "id": turn.chance.id("inpay"), "object": "invoice_payment", "amount_paid": amount, "amount_requested": amount, "created": turn.now,
                "currency": session["currency"], "invoice": id, "is_default": true, "livemode": self.live,
                "payment": {"type": "payment_intent", "payment_intent": intent["id"]}, "status": "paid",
                "status_transitions": {"canceled_at": null, "paid_at": turn.now},
            }));
        }
        self.invoices.put(invoice.clone());
        self.tell(turn.chance, turn.now, "invoice.paid", &invoice);
        id.into()
    }

    /// A charge with its refunded amount counted anew from its refunds.
    fn recount(&mut self, charge_id: &str) -> Option<Value> {
        let counts = |refund: &&Value| matches!(refund["status"].as_str(), Some("succeeded" | "pending"));
        let refunded: i64 = self.refunds.with(&format!("charge:{charge_id}")).filter(counts).filter_map(|refund| refund["amount"].as_i64()).sum();
        self.charges.change(charge_id, |charge| {
            charge["amount_refunded"] = refunded.into();
            charge["refunded"] = (charge["amount"] == refunded).into();
        })
    }

    /// The charge behind the id of a session, an invoice, a payment intent or a charge.
    fn charge_of(&self, id: &str) -> Said<Value> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let intent = if id.starts_with("cs_") {
            let session = self.sessions.get(id).ok_or("no such session")?;
            match text(&session["invoice"]) {
                Some(invoice) => self.intent_of_invoice(&invoice),
                None => text(&session["payment_intent"]),
            }
        } else if id.starts_with("in_") {
            self.intent_of_invoice(id)
        } else {
            Some(id.to_owned())
        };
        let charge = if id.starts_with("ch_") {
            Some(id.to_owned())
        } else {
            intent.and_then(|intent| text(&self.payment_intents.get(&intent)?["latest_charge"]))
        };
        charge.and_then(|id| self.charges.get(&id)).cloned().ok_or_else(|| "nothing was paid there".to_owned())
    }

    fn intent_of_invoice(&self, id: &str) -> Option<String> {
        self.invoice_payments.with(&format!("invoice:{id}")).next()?["payment"]["payment_intent"].as_str().map(str::to_owned)
    }
}

/// What a coupon takes off: half up to the minor unit, and never more than the order.
fn amount_off(coupon: &Value, amount: i64, currency: &str) -> Said<i64> {
    if let Some(off) = coupon["amount_off"].as_i64() {
        if coupon["currency"] != currency {
            return Err(format!("this coupon is not in {currency}"));
        }
        return Ok(off.min(amount));
    }
    // Stripe takes two decimals of a percent.
    let hundredths = (coupon["percent_off"].as_f64().unwrap_or_default() * 100.0).round() as i64;
    Ok(((amount * hundredths + 5000) / 10_000).min(amount))
}
