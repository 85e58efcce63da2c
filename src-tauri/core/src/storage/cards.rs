//! For whom cards are printed.

use rusqlite::Connection;

use super::Result;

/// How many Referrers never got a card.
pub fn without_card(connection: &Connection) -> Result<u32> {
    let sql = "SELECT count(*) FROM referrer WHERE NOT EXISTS (
                 SELECT 1 FROM referral_code JOIN handout ON handout.code_n = referral_code.n WHERE referrer_n = referrer.n AND how = 'card')";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
