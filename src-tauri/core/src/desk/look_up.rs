//! Finding somebody: while typing at the till, and through the whole list.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::views::{ReferrerView, moment};
use super::{Desk, Result, shop_of};
use crate::domain::code;
use crate::storage::campaigns::Shop;
use crate::storage::catalogue::{self, Code, Listed};
use crate::storage::search;
pub use crate::storage::search::Match;

/// More hits than this nobody reads in a queue.
pub const HITS_MAX: usize = 20;
/// Most rows of one page.
const PAGE_ROWS_MAX: u32 = 500;
/// A search through the list shows at most this many.
const SEARCH_ROWS_MAX: usize = 200;

/// With fewer symbols a code is only half typed.
const WRONG_CODE_CHARS_MIN: usize = 6;

/// Somebody who fits what was typed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct Hit {
    /// Who.
    pub referrer: ReferrerView,
    /// Their active code.
    pub code: Option<String>,
    /// Why they fit.
    #[serde(rename = "match")]
    pub matched: Match,
}

/// A part of the list of Referrers.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ReferrersAsk {
    /// Only those who fit this; empty means all.
    pub search: String,
    /// Only those without a code.
    pub without_code: bool,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most rows to give.
    pub rows_max: u32,
}

/// A part of the list of Referrers, latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ReferrersPage {
    /// The rows.
    pub rows: Vec<ReferrerRow>,
    /// How many Referrers there are.
    pub total: u32,
    /// How many of them have no code.
    pub without_code: u32,
    /// Where the next page goes on; none at the end.
    pub next: Option<String>,
}

/// One line of the list of Referrers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
pub struct ReferrerRow {
    /// Who.
    pub referrer: ReferrerView,
    /// Their active code.
    pub code: Option<String>,
    /// How many Leads they brought.
    pub leads: u32,
    /// When they were added.
    pub added: String,
}

impl From<&Listed> for ReferrerRow {
    fn from(listed: &Listed) -> ReferrerRow {
        ReferrerRow {
            referrer: ReferrerView::from(&listed.referrer),
            code: listed.code.clone(),
            leads: listed.leads,
            added: moment(listed.referrer.added),
        }
    }
}

impl Desk {
    /// Whoever fits a code, half a code, a name, an e-mail address or a phone number; best first, at most [`HITS_MAX`].
    pub fn find(&self, text: &str) -> Result<Vec<Hit>> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let found = find(connection, &shop, text, HITS_MAX)?;
            Ok(found
                .into_iter()
                .map(|(listed, matched)| Hit { referrer: ReferrerView::from(&listed.referrer), code: listed.code, matched })
                .collect())
        })
    }

    /// A page of the list.
    pub fn referrers(&self, ask: &ReferrersAsk) -> Result<ReferrersPage> {
        self.store.read(|connection| {
            let shop = shop_of(connection)?;
            let (total, coded) = catalogue::totals(connection, &shop.campaign)?;
            let most = ask.rows_max.clamp(1, PAGE_ROWS_MAX);
            let (rows, next) = if ask.search.trim().is_empty() {
                let before = ask.after.as_deref().and_then(|after| after.parse().ok());
                let page = catalogue::page(connection, &shop.campaign, ask.without_code, before, most)?;
                let more = page.len() == most as usize;
                let next = page.last().filter(|_| more).map(|listed| listed.referrer.n.to_string());
                (page, next)
            } else {
                let found = find(connection, &shop, &ask.search, SEARCH_ROWS_MAX)?;
                (found.into_iter().map(|(listed, _)| listed).filter(|listed| !ask.without_code || listed.code.is_none()).collect(), None)
            };
            Ok(ReferrersPage { rows: rows.iter().map(ReferrerRow::from).collect(), total, without_code: total - coded.min(total), next })
        })
    }
}

fn find(connection: &Connection, shop: &Shop, text: &str, most: usize) -> Result<Vec<(Listed, Match)>> {
    let mut found = Vec::new();
    for (n, matched) in search::find(connection, &shop.campaign, shop.country.as_deref(), text, most)? {
        if let Some(listed) = catalogue::listed(connection, &shop.campaign, n)? {
            found.push((listed, matched));
        }
    }
    if found.is_empty() {
        found = by_wrong_code(connection, shop, text, most)?;
    }
    Ok(found)
}

/// Whose code this can be, where look-alikes were mixed up or one symbol is wrong.
fn by_wrong_code(connection: &Connection, shop: &Shop, text: &str, most: usize) -> Result<Vec<(Listed, Match)>> {
    let key = code::key(text);
    if key.chars().count() < WRONG_CODE_CHARS_MIN || text.contains('@') {
        return Ok(Vec::new());
    }
    let (codes, why) = match catalogue::meant(connection, &shop.campaign, &key, None)? {
        Some(code) => (vec![code], Match::Code),
        None => (catalogue::nearest(connection, &shop.campaign, &key, most)?, Match::SoundsLike),
    };
    let listed = |code: Code| Ok(catalogue::listed(connection, &shop.campaign, code.referrer.n)?.map(|listed| (listed, why)));
    codes.into_iter().filter_map(|code| listed(code).transpose()).collect()
}
