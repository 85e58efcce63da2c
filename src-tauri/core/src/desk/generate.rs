//! Generating codes: for one person, or for everybody who has none. Asking twice gives the same code.

use rusqlite::Connection;
use serde_json::json;

use super::views::Progress;
use super::{Desk, DeskError, Result, shop_of};
use crate::domain::code::{CodeFormat, ReferralCode};
use crate::ports::Entropy;
use crate::storage::campaigns::Campaign;
use crate::storage::{StorageError, audit, catalogue, outbox};

/// So many people at a time: often enough for a progress bar, seldom enough to cost nothing.
const BATCH_REFERRERS: u32 = 4096;

/// From so many codes on, some indexes are built once at the end instead of kept at each code.
const MANY_CODES: u32 = 20_000;

/// Told how far a long job is; answers whether to go on.
pub type Watch<'a> = &'a mut dyn FnMut(Progress) -> bool;

impl Desk {
    /// Gives everybody without a code one, in one transaction. Returns how many were made.
    pub fn generate_all(&mut self, watch: Watch<'_>) -> Result<u32> {
        let now = self.now();
        let entropy = &mut self.entropy;
        let made = self.store.write_much(|tx| {
            let shop = shop_of(tx)?;
            let (referrers, coded) = catalogue::totals(tx, &shop.campaign)?;
            let total = referrers.saturating_sub(coded);
            let indexes = (total >= MANY_CODES).then(|| catalogue::indexes_away(tx)).transpose()?;
            let mut codes = Codes { entropy: entropy.as_mut(), drawn: Vec::new() };
            let (mut made, mut after) = (0, 0);
            loop {
                if !watch(Progress { done: made, total: Some(total) }) {
                    return Err(StorageError::Cancelled.into());
                }
                let batch = catalogue::without_code(tx, &shop.campaign, after, BATCH_REFERRERS)?;
                let Some(&last) = batch.last() else { break };
                let drawn = batch.iter().map(|_| codes.draw(&shop.campaign.format)).collect::<Result<Vec<_>>>()?;
                let mut pairs: Vec<_> = batch.iter().copied().zip(&drawn).collect();
                // In the order of their index, neighbours on one page after the other; who has which code is chance alone.
                pairs.sort_unstable_by_key(|(_, code)| code.key());
                let added = catalogue::insert_generated(tx, &shop.campaign, &pairs, now)?;
                made += added as u32;
                // Somebody whose code was taken is found once more, and draws again.
                if added == batch.len() {
                    after = last;
                }
            }
            if let Some(made_by) = indexes {
                catalogue::indexes_back(tx, &made_by)?;
            }
            if made > 0 {
                audit::append(tx, shop.till_id, now, "codes_generated", shop.campaign.id, &json!({ "codes": made }))?;
                outbox::put_new_codes(tx, shop.campaign.n, now)?;
            }
            Ok::<_, DeskError>(made)
        })?;
        self.tidy();
        Ok(made)
    }
}

/// Draws codes, many symbols at a time.
pub(super) struct Codes<'a> {
    pub entropy: &'a mut dyn Entropy,
    pub drawn: Vec<u8>,
}

impl Codes<'_> {
    /// Gives a Referrer a new code that nobody has.
    pub fn give(&mut self, tx: &Connection, campaign: &Campaign, referrer_n: i64, now: chrono::DateTime<chrono::Utc>) -> Result<ReferralCode> {
        loop {
            let code = self.draw(&campaign.format)?;
            if catalogue::insert_code(tx, campaign, referrer_n, &code, true, now)? {
                return Ok(code);
            }
        }
    }

    fn draw(&mut self, format: &CodeFormat) -> Result<ReferralCode> {
        let symbols = format.random_symbols();
        loop {
            if self.drawn.len() < symbols {
                let mut bytes = [0; 8192];
                self.entropy.fill(&mut bytes).map_err(DeskError::Entropy)?;
                // 8 × 31 is the largest multiple of 31 in a byte: what lies above would make some symbols likelier.
                self.drawn.extend(bytes.into_iter().filter(|&byte| byte < 248).map(|byte| byte % 31));
            }
            let rest = self.drawn.len() - symbols;
            if let Some(code) = format.compose(&self.drawn.split_off(rest)) {
                return Ok(code);
            }
        }
    }
}
