//! For whom cards are printed: all of them, or only those on the first sheet.

use rusqlite::Connection;

use super::cards::{CardsAsk, People};
use super::{DeskError, Result, people};
use crate::storage::campaigns::{Campaign, Shop};
use crate::storage::cards::{self, CardPerson, Whose};

/// More cards than this don't go into one run: it would hold too much memory, and nobody waits for so much paper.
pub(super) const CARDS_MAX: u32 = 20_000;

/// The people for whom cards are printed, and those among them whose code was taken back.
pub(super) fn whose(connection: &Connection, shop: &Shop, ask: &CardsAsk) -> Result<Vec<CardPerson>> {
    let campaign = &shop.campaign;
    let all = |whose| {
        counted(connection, campaign, whose)?;
        Ok(cards::people(connection, campaign, whose, CARDS_MAX)?)
    };
    match &ask.people {
        People::All => all(Whose::All),
        People::NoCardYet => all(Whose::NoCardYet),
        People::These { ids } => these(connection, campaign, ids),
    }
}

/// Those of the first sheet at least, without those whose code was taken back; and how many there are in all.
pub(super) fn first(connection: &Connection, shop: &Shop, ask: &CardsAsk) -> Result<(Vec<CardPerson>, u32)> {
    let campaign = &shop.campaign;
    let some = |whose| {
        let (all, revoked) = counted(connection, campaign, whose)?;
        Ok::<_, DeskError>((cards::people(connection, campaign, whose, ask.template.per_sheet() + revoked)?, all - revoked))
    };
    let (mut people, cards) = match &ask.people {
        People::All => some(Whose::All)?,
        People::NoCardYet => some(Whose::NoCardYet)?,
        People::These { ids } => {
            let people = these(connection, campaign, ids)?;
            let cards = people.iter().filter(|person| !person.revoked).count();
            (people, cards as u32)
        }
    };
    people.retain(|person| !person.revoked);
    Ok((people, cards))
}

/// How many they are, and from how many of them the code was taken back; not more than go into one run.
fn counted(connection: &Connection, campaign: &Campaign, whose: Whose) -> Result<(u32, u32)> {
    match cards::count(connection, campaign, whose)? {
        (all, _) if all > CARDS_MAX => Err(DeskError::TooManyCards(all)),
        counted => Ok(counted),
    }
}

fn these(connection: &Connection, campaign: &Campaign, ids: &[String]) -> Result<Vec<CardPerson>> {
    if ids.len() > CARDS_MAX as usize {
        return Err(DeskError::TooManyCards(u32::try_from(ids.len()).unwrap_or(u32::MAX)));
    }
    let one = |id: &String| {
        let whose = Whose::One(people::referrer(connection, id)?.n);
        cards::people(connection, campaign, whose, 1)?.pop().ok_or(DeskError::NotFound("referrer"))
    };
    ids.iter().map(one).collect()
}
