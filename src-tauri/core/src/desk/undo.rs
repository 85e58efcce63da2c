//! Taking a sale back: a void on its day, refunds in part or whole, each with a reason and a trace.

use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;

use super::redeem::view;
use super::views::{Amount, Counterfoil};
use super::{Desk, DeskError, Result, asks, done_before, shop_of};
use crate::domain::redemption::UndoError;
use crate::domain::upload::What;
use crate::storage::ledger::{self, Redemption};
use crate::storage::operations;
use crate::storage::{audit, catalogue, outbox, recording};

/// Undo this sale.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct VoidAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Which.
    pub redemption_id: String,
    /// Why.
    pub reason: String,
}

/// Record that money went back.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct RefundAsk {
    /// A UUID made before the first try.
    pub op: String,
    /// Which sale.
    pub redemption_id: String,
    /// How much; none means all that is left.
    pub amount: Option<Amount>,
    /// Why.
    pub reason: String,
}

impl Desk {
    /// Undoes a sale of today as if it had never been; its trace stays.
    pub fn void(&mut self, ask: &VoidAsk) -> Result<Counterfoil> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let reason = asks::reason(&ask.reason)?;
            let redemption = sale(tx, &ask.redemption_id)?;
            let asked = operations::fingerprint("void", &[&redemption.id.to_string(), &reason]);
            if done_before(tx, op, &asked)?.is_some() {
                return Ok(view(&shop, &redemption, now));
            }
            redemption.recorded.may_void(now, shop.zone).map_err(|source| undo(source, &redemption))?;
            ledger::void(tx, redemption.n, &reason, now)?;
            catalogue::count_use(tx, redemption.code_n, -1)?;
            audit::append(tx, shop.till_id, now, "voided", redemption.id, &json!({}))?;
            outbox::put_lead(tx, What::Void, redemption.id, redemption.lead_id, redemption.has_email, now)?;
            // The use that it gives back counts at Stripe too.
            outbox::put_code(tx, redemption.code_n, false, now)?;
            recording::requalify(tx, &shop, redemption.lead_n, now)?;
            operations::remember(tx, op, "void", &asked, redemption.id, now)?;
            Ok(view(&shop, &sale(tx, &ask.redemption_id)?, now))
        })
    }

    /// Records that some or all of what was paid went back to the customer.
    pub fn refund(&mut self, ask: &RefundAsk) -> Result<Counterfoil> {
        let now = self.now();
        self.store.write(|tx| {
            let shop = shop_of(tx)?;
            let op = asks::op(&ask.op)?;
            let reason = asks::reason(&ask.reason)?;
            let redemption = sale(tx, &ask.redemption_id)?;
            let asked_amount = ask.amount.map_or_else(|| "rest".to_owned(), |amount| amount.0.to_string());
            let asked = operations::fingerprint("refund", &[&redemption.id.to_string(), &asked_amount, &reason]);
            if done_before(tx, op, &asked)?.is_some() {
                return Ok(view(&shop, &redemption, now));
            }
            let amount = redemption.recorded.refund(ask.amount.map(|amount| amount.0)).map_err(|source| undo(source, &redemption))?;
            ledger::refund(tx, op, redemption.n, amount, &reason, now)?;
            audit::append(tx, shop.till_id, now, "refunded", redemption.id, &json!({ "amount": amount }))?;
            outbox::put_lead(tx, What::Refund, redemption.id, redemption.lead_id, redemption.has_email, now)?;
            recording::requalify(tx, &shop, redemption.lead_n, now)?;
            operations::remember(tx, op, "refund", &asked, redemption.id, now)?;
            Ok(view(&shop, &sale(tx, &ask.redemption_id)?, now))
        })
    }
}

fn sale(tx: &Connection, id: &str) -> Result<Redemption> {
    ledger::redemption(tx, asks::id(id, "redemption")?)?.ok_or(DeskError::NotFound("redemption"))
}

fn undo(source: UndoError, redemption: &Redemption) -> DeskError {
    DeskError::Undo { source, currency: redemption.currency }
}
