//! For whom cards are printed.

use rusqlite::{Connection, named_params};

use super::Result;
use super::campaigns::Campaign;
use super::rows::{CODE_RULES, COUPON, InOrder};
use crate::domain::campaign::Terms;

/// Somebody for whom a card can be printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardPerson {
    /// Row number of the Referrer.
    pub referrer_n: i64,
    /// As it is written.
    pub name: String,
    /// Their referral link.
    pub link: Option<String>,
    /// Their active code with what it promises, if they have one.
    pub code: Option<CardCode>,
    /// They have no active code, for a manager took it back.
    pub revoked: bool,
}

/// The code on a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardCode {
    /// Row number.
    pub n: i64,
    /// As it is shown.
    pub text: String,
    /// What it promises.
    pub terms: Terms,
}

/// Whose cards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Of those for whom there is no card that is not lost.
    NoCardYet,
    /// Of the Referrer in this row.
    One(i64),
}

const FROM: &str = "FROM referrer LEFT JOIN referral_code ON referrer_n = referrer.n AND referral_code.campaign_n = :campaign AND revoked_at IS NULL
    LEFT JOIN code_rules ON code_rules.n = referral_code.code_rules_n
    LEFT JOIN coupon ON coupon.n = coalesce(referral_code.coupon_n, :coupon)
    WHERE referrer.n BETWEEN :first AND :last
      AND (:without = 0 OR NOT EXISTS (SELECT 1 FROM referral_code AS own JOIN card ON card.code_n = own.n AND state <> 'lost'
                                       JOIN print_run ON print_run.n = run_n AND on_paper = 1
                                       WHERE own.referrer_n = referrer.n AND own.campaign_n = :campaign))";

const REVOKED: &str = "referral_code.n IS NULL
    AND EXISTS (SELECT 1 FROM referral_code AS old WHERE old.referrer_n = referrer.n AND old.campaign_n = :campaign)";

/// These people, in the order in which they were added; at most `most`.
pub fn people(connection: &Connection, campaign: &Campaign, whose: Whose, most: u32) -> Result<Vec<CardPerson>> {
    let sql = format!(
        "SELECT referrer.n, referrer.name, referrer.link, {REVOKED}, referral_code.n, referral_code.text, {COUPON}, {CODE_RULES} {FROM}
         ORDER BY referrer.n LIMIT :most"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let (first, last, without) = parts(whose);
    let values =
        named_params! { ":campaign": campaign.n, ":coupon": campaign.coupon_n, ":first": first, ":last": last, ":without": without, ":most": most };
    let mut found = statement.query(values)?;
    let mut people = Vec::new();
    while let Some(row) = found.next()? {
        people.push(read(&mut InOrder::of(row), campaign)?);
    }
    Ok(people)
}

/// How many they are, and from how many of them the code was taken back.
pub fn count(connection: &Connection, campaign: &Campaign, whose: Whose) -> Result<(u32, u32)> {
    let (first, last, without) = parts(whose);
    let values = named_params! { ":campaign": campaign.n, ":coupon": campaign.coupon_n, ":first": first, ":last": last, ":without": without };
    let sql = format!("SELECT count(*), count(*) FILTER (WHERE {REVOKED}) {FROM}");
    Ok(connection.prepare_cached(&sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// From which row of people to which, and whether only those without a card.
fn parts(whose: Whose) -> (i64, i64, bool) {
    match whose {
        Whose::All => (0, i64::MAX, false),
        Whose::NoCardYet => (0, i64::MAX, true),
        Whose::One(n) => (n, n, false),
    }
}

fn read(row: &mut InOrder<'_, '_>, campaign: &Campaign) -> Result<CardPerson> {
    let (referrer_n, name, link, revoked) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let code = match row.take::<Option<i64>>()? {
        Some(n) => {
            let text = row.take()?;
            Some(CardCode { n, text, terms: Terms { currency: campaign.currency, coupon: row.coupon()?, rules: row.code_rules()? } })
        }
        None => None,
    };
    Ok(CardPerson { referrer_n, name, link, code, revoked })
}
