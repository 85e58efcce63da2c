//! Reading: a thread of its own turns rows into what they say about a person, while another one writes.

use std::sync::mpsc::SyncSender;

use super::ImportKind;
use crate::domain::code::ReferralCode;
use crate::domain::people::{self, Email, Phone};
use crate::sheets::{Mapping, Row, Rows, SheetError};

/// Rows that walk from the reader to the writer together.
const BATCH_ROWS: usize = 512;
/// Longest referral link that is kept.
const LINK_CHARS_MAX: usize = 500;

/// A row as the writer needs it.
pub(super) struct Understood {
    pub(super) row: Row,
    pub(super) person: Result<Incoming, &'static str>,
}

/// What a row says about a person, in the form that is kept.
pub(super) struct Incoming {
    pub(super) name: Option<String>,
    pub(super) email: Option<Email>,
    pub(super) phone: Option<Phone>,
    pub(super) code: Option<ReferralCode>,
    pub(super) link: Option<String>,
    /// Why something else of the row could not be taken.
    pub(super) not_usable: Vec<&'static str>,
}

pub(super) type Batch = Result<Vec<Understood>, SheetError>;

pub(super) fn understand_all(mut rows: Rows, mapping: &Mapping, kind: ImportKind, country: Option<&str>, send: &SyncSender<Batch>) {
    loop {
        let mut batch = Vec::with_capacity(BATCH_ROWS);
        let mut fault = None;
        for row in rows.by_ref().take(BATCH_ROWS) {
            match row {
                Ok(row) => batch.push(Understood { person: understand(mapping, &row, kind, country), row }),
                Err(error) => fault = Some(error),
            }
        }
        let last = batch.len() < BATCH_ROWS;
        if send.send(Ok(batch)).is_err() {
            return;
        }
        if let Some(error) = fault {
            let _ = send.send(Err(error));
            return;
        }
        if last {
            return;
        }
    }
}

pub(super) fn understand(mapping: &Mapping, row: &Row, kind: ImportKind, country: Option<&str>) -> Result<Incoming, &'static str> {
    let record = mapping.record(row);
    let given = record.email.is_some() || record.phone.is_some();
    let email = record.email.as_deref().map(Email::parse);
    let phone = record.phone.as_deref().map(|phone| Phone::parse(phone, country));
    let too_long = matches!(email, Some(Err(people::ContactError::TooLong))) || matches!(phone, Some(Err(people::ContactError::TooLong)));
    let (email, phone) = (email.and_then(Result::ok), phone.and_then(Result::ok));
    // A number of no plan matches nobody, so it can't be what a person is found by.
    if email.is_none() && phone.as_ref().and_then(Phone::key).is_none() {
        return Err(match given {
            _ if too_long => "too_long",
            true => "not_usable",
            false => "no_contact",
        });
    }
    // Whoever can be reached by the one is in, whatever stands as the other.
    let mut not_usable = Vec::new();
    let mut lost = |given: bool, taken: bool, why| not_usable.extend((given && !taken).then_some(why));
    lost(record.email.is_some(), email.is_some(), "email_not_usable");
    lost(record.phone.is_some(), phone.is_some(), "phone_not_usable");
    if kind == ImportKind::Customers {
        // Of a customer nothing but the contact is kept, so nothing else can be wrong with the row.
        return Ok(Incoming { name: None, email, phone, code: None, link: None, not_usable });
    }
    let name = record.name.as_deref().map(people::name).transpose().map_err(|_| "too_long")?.filter(|name| !name.is_empty());
    let code = record.code.as_deref().and_then(|code| ReferralCode::own(code).ok());
    let is_link = |link: &&str| link.chars().count() <= LINK_CHARS_MAX && (link.starts_with("https://") || link.starts_with("http://"));
    let link = record.link.as_deref().filter(is_link).map(str::to_owned);
    lost(record.code.is_some(), code.is_some(), "code_not_usable");
    lost(record.link.is_some(), link.is_some(), "link_not_usable");
    Ok(Incoming { name, email, phone, code, link, not_usable })
}

impl Incoming {
    pub(super) fn email_key(&self) -> Option<&str> {
        self.email.as_ref().map(Email::key)
    }

    pub(super) fn phone_key(&self) -> Option<&str> {
        self.phone.as_ref().and_then(Phone::key)
    }
}
