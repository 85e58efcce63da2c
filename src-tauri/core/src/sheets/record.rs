//! What one row says about a person.

use std::borrow::Cow;

use super::clean;
use super::columns::{Column, Mapping};
use super::sheet::Row;

/// What one row says about a person: trimmed, without the marks that programs leave, and nothing where the row
/// says nothing. Whether an address or a code is valid is not decided here, and nothing is cut short.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// First and last name together, or the name in one column.
    pub name: Option<String>,
    /// The e-mail address, in the case the file has.
    pub email: Option<String>,
    /// The phone number as written, with its spaces and signs.
    pub phone: Option<String>,
    /// The referral code, in the case the file has.
    pub code: Option<String>,
    /// The referral link.
    pub link: Option<String>,
}

impl Mapping {
    /// Reads a row by this mapping. If two columns claim one field, the first that says anything counts.
    pub fn record(&self, row: &Row) -> Record {
        let mut record = Record::default();
        let (mut first, mut last) = (None, None);
        for (field, cell) in self.columns.iter().zip(&row.cells) {
            let Some(field) = *field else { continue };
            let (place, value) = match field {
                Column::Name => (&mut record.name, clean::text(cell)),
                Column::FirstName => (&mut first, clean::text(cell)),
                Column::LastName => (&mut last, clean::text(cell)),
                Column::Email => (&mut record.email, clean::email(cell)),
                Column::Phone => (&mut record.phone, clean::phone(cell)),
                Column::Code => (&mut record.code, clean::token(cell)),
                Column::Link => (&mut record.link, clean::token(cell)),
            };
            if place.is_none() && !value.is_empty() {
                *place = Some(Cow::into_owned(value));
            }
        }
        record.name = match (first, last, record.name.take()) {
            // Some lists hold the whole name in "Name" and the last name once more beside it.
            (Some(first), Some(last), _) if ends_with_word(&first, &last) => Some(first),
            (Some(first), Some(last), _) => Some(format!("{first} {last}")),
            // One part alone says less than the whole name, but more than nothing.
            (_, _, Some(whole)) => Some(whole),
            (first, last, None) => first.or(last),
        };
        record
    }
}

fn ends_with_word(name: &str, last: &str) -> bool {
    name.strip_suffix(last).is_some_and(|before| before.ends_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined() {
        #[track_caller]
        fn check(whole: &str, first: &str, last: &str, expected: Option<&str>) {
            let mapping = Mapping { columns: vec![Some(Column::Name), Some(Column::FirstName), Some(Column::LastName)] };
            let row = Row { number: 2, cells: [whole, first, last].map(str::to_owned).to_vec() };
            assert_eq!(mapping.record(&row).name.as_deref(), expected);
        }
        check("", "Ann", "Lee", Some("Ann Lee"));
        check("A. Lee", "Ann", "Lee", Some("Ann Lee"));
        check("Ann Lee", "Ann", "", Some("Ann Lee"));
        check("Ann Lee", "", "", Some("Ann Lee"));
        check("", "", "Lee", Some("Lee"));
        check("", "Ann Lee", "Lee", Some("Ann Lee"));
        check(" ", "", "\u{200b}", None);
    }

    #[test]
    fn a_mapping_may_be_longer_or_shorter_than_the_row() {
        let row = Row { number: 2, cells: vec!["ann@shop.example".into(), "x".into()] };
        let email = Some("ann@shop.example".to_owned());
        assert_eq!(Mapping { columns: vec![Some(Column::Email)] }.record(&row).email, email);
        assert_eq!(Mapping { columns: vec![Some(Column::Email), None, Some(Column::Phone)] }.record(&row).email, email);
        assert_eq!(Mapping { columns: vec![] }.record(&row), Record::default());
    }

    #[test]
    fn nothing_is_cut_short() {
        let long = "x".repeat(12_000);
        let row = Row { number: 2, cells: vec![long.clone()] };
        assert_eq!(Mapping { columns: vec![Some(Column::Name)] }.record(&row).name, Some(long));
    }
}
