//! Which column means what: by its heading in many languages, or by what stands below it.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::clean;
use super::sheet::Row;
use super::words::{FIRST_NAMES_BESIDE_NAME, NAME_BESIDE_FIRST_IS_LAST, WORDS};

/// What a column says about a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The whole name.
    Name,
    /// The first name, if the last has a column of its own.
    FirstName,
    /// The last name, if the first has a column of its own.
    LastName,
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// A referral code the person already has.
    Code,
    /// A referral link the person already has.
    Link,
}

/// What each column of a table means.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Mapping {
    /// One for each column, in the order of the file; None for those that are left out.
    pub columns: Vec<Option<Column>>,
}

impl Mapping {
    /// The column that gives this field.
    pub fn column(&self, field: Column) -> Option<usize> {
        self.columns.iter().position(|&column| column == Some(field))
    }

    fn set(&mut self, column: usize, field: Column) {
        if let Some(place) = self.columns.get_mut(column) {
            *place = Some(field);
        }
    }
}

/// A heading without case, accents, spaces and signs, so that `E-Mail`, `e_mail` and `EMAIL` are one.
pub(super) fn fold(heading: &str) -> String {
    let mut folded = String::with_capacity(heading.len());
    for c in heading.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            // These are letters of their own and do not come apart into a letter and a mark.
            'ß' => folded.push_str("ss"),
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            c if c.is_alphanumeric() => folded.push(c),
            _ => {}
        }
    }
    folded
}

/// Each heading with its field and its place among that field's words.
static RANKS: LazyLock<HashMap<&'static str, (Column, usize)>> = LazyLock::new(|| {
    let ranked = |(field, words): (Column, &'static [&'static str])| words.iter().enumerate().map(move |(rank, &word)| (word, (field, rank)));
    WORDS.into_iter().flat_map(ranked).collect()
});

/// The field that a heading names, and how plainly: less is plainer.
fn ranked(heading: &str) -> Option<(Column, usize)> {
    /// Behind every heading that needs nothing taken off.
    const WITH_REMARK: usize = 1_000;
    // A heading is a few words. A whole letter in a cell is none, and need not be folded to know that.
    const HEADING_BYTES_MAX: usize = 120;
    if heading.len() > HEADING_BYTES_MAX {
        return None;
    }
    if let Some(&found) = RANKS.get(fold(heading).as_str()) {
        return Some(found);
    }
    // "Phone (mobile)", "E-Mail [required]", "Correo / Email", "Email:"
    let cut = heading.find(['(', '[', '/', ':'])?;
    RANKS.get(fold(&heading[..cut]).as_str()).map(|&(field, rank)| (field, rank + WITH_REMARK))
}

/// How many different fields the cells of a row name, if it is a heading.
pub(super) fn hits(cells: &[String]) -> usize {
    let mut seen = [false; WORDS.len()];
    for (field, _) in cells.iter().filter_map(|cell| ranked(cell)) {
        seen[field as usize] = true;
    }
    seen.into_iter().filter(|&seen| seen).count()
}

/// The whole cell is an e-mail address, as far as a glance can tell.
pub(super) fn looks_like_email(cell: &str) -> bool {
    let email = clean::email(cell);
    matches!(email.split_once('@'), Some((user, domain)) if !user.is_empty()
        && !domain.contains('@') && !email.contains(' ')
        && domain.split_once('.').is_some_and(|(name, rest)| !name.is_empty() && !rest.is_empty()))
}

/// The whole cell is a phone number, as far as a glance can tell: 7 to 15 digits (E.164 allows no more), and no date.
pub(super) fn looks_like_phone(cell: &str) -> bool {
    let phone = clean::phone(cell);
    let digits = phone.bytes().filter(u8::is_ascii_digit).count();
    let signs = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')' | '/');
    (7..=15).contains(&digits) && phone.chars().all(signs) && !looks_like_date(&phone)
}

/// `2024-05-01`, `01.05.2024`, `5/1/2024 10:30`: groups of a day, a month and a year.
fn looks_like_date(text: &str) -> bool {
    let date = text.split_whitespace().next().unwrap_or_default();
    ['-', '.', '/'].iter().any(|&sign| {
        let lengths: Vec<usize> = date.split(sign).map(str::len).collect();
        matches!(lengths[..], [4, 1..=2, 1..=2] | [1..=2, 1..=2, 4])
    })
}

fn looks_like_link(cell: &str) -> bool {
    let link = clean::token(cell);
    link.starts_with("https://") || link.starts_with("http://")
}

fn looks_like_name(cell: &str) -> bool {
    let name = clean::text(cell);
    name.chars().any(char::is_alphabetic) && !name.contains('@') && !name.chars().any(|c| c.is_ascii_digit())
}

/// Suggests a mapping. `headers` is empty if the table has no heading.
pub(super) fn suggest(headers: &[String], width: usize, lead: &[Row]) -> Mapping {
    let mut mapping = Mapping { columns: vec![None; width] };
    let filled = |column: usize| lead.iter().any(|row| row.cells.get(column).is_some_and(|cell| !cell.trim().is_empty()));
    for (field, _) in WORDS {
        let named = headers.iter().enumerate().filter_map(|(column, heading)| {
            let (found, rank) = ranked(heading)?;
            // The plainest heading, but not over an empty column when another has something to say.
            (found == field).then_some((!filled(column), rank, column))
        });
        if let Some((.., column)) = named.min() {
            mapping.set(column, field);
        }
    }
    settle_names(&mut mapping, headers);
    if mapping.column(Column::Email).is_none() && mapping.column(Column::Phone).is_none() {
        by_values(&mut mapping, lead);
    }
    mapping
}

/// *Vorname, Name* and *Nombre, Apellidos*: a word that means the whole name alone means a part of it beside the other.
fn settle_names(mapping: &mut Mapping, headers: &[String]) {
    let columns = [Column::Name, Column::FirstName, Column::LastName].map(|field| mapping.column(field));
    let is_in = |column: usize, words: &[&str]| headers.get(column).is_some_and(|h| words.contains(&fold(h).as_str()));
    match columns {
        [Some(name), None, Some(_)] => mapping.set(name, Column::FirstName),
        [Some(name), Some(first), None] if is_in(name, &NAME_BESIDE_FIRST_IS_LAST) && is_in(first, &FIRST_NAMES_BESIDE_NAME) => {
            mapping.set(name, Column::LastName);
        }
        _ => {}
    }
}

/// Fills the fields that no heading names from columns whose values mostly look like them.
fn by_values(mapping: &mut Mapping, lead: &[Row]) {
    type Look = (Column, fn(&str) -> bool);
    const LOOKS: [Look; 4] =
        [(Column::Email, looks_like_email), (Column::Link, looks_like_link), (Column::Phone, looks_like_phone), (Column::Name, looks_like_name)];
    let named = [Column::Name, Column::FirstName, Column::LastName].iter().any(|&field| mapping.column(field).is_some());
    for (field, looks) in LOOKS {
        if mapping.column(field).is_some() || (field == Column::Name && named) {
            continue;
        }
        let mut best: Option<(usize, usize)> = None;
        for column in 0..mapping.columns.len() {
            if mapping.columns[column].is_some() {
                continue;
            }
            let cells = || lead.iter().filter_map(|row| row.cells.get(column)).filter(|cell| !cell.trim().is_empty());
            let (all, alike) = (cells().count(), cells().filter(|cell| looks(cell)).count());
            // A customer number looks like a phone number, but phone numbers begin with + or 0.
            let sure = cells().filter(|cell| field != Column::Phone || clean::phone(cell).starts_with(['+', '0', '('])).count();
            if alike * 2 > all && best.is_none_or(|(top, _)| alike + sure > top) {
                best = Some((alike + sure, column));
            }
        }
        if let Some((_, column)) = best {
            mapping.set(column, field);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Column::{Code, Email, FirstName, LastName, Link, Name, Phone};
    use super::*;

    #[track_caller]
    fn check(headings: &str, expected: &[Option<Column>]) {
        let headers: Vec<String> = headings.split(',').map(str::to_owned).collect();
        assert_eq!(suggest(&headers, headers.len(), &[]).columns, expected, "{headings}");
    }

    #[track_caller]
    fn check_values(rows: &[&str], expected: &[Option<Column>]) {
        let row = |text: &&str| Row { number: 1, cells: text.split(',').map(str::to_owned).collect() };
        let lead: Vec<Row> = rows.iter().map(row).collect();
        assert_eq!(suggest(&[], expected.len(), &lead).columns, expected);
    }

    #[test]
    fn headings_in_many_languages() {
        check("First Name,LAST_NAME,E-Mail,phone number", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Kunde,E-Mail-Adresse,Telefon-Nr.,Straße", &[Some(Name), Some(Email), Some(Phone), None]);
        check("Vorname,Name,Handy", &[Some(FirstName), Some(LastName), Some(Phone)]);
        check("Prénom,Nom,Courriel,Téléphone portable", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Nom,Adresse e-mail", &[Some(Name), Some(Email)]);
        check("Nombre,Apellidos,Correo electrónico,Móvil", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Nome,Cognome,Indirizzo e-mail,Cellulare", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Voornaam,Achternaam,E-mailadres,Telefoonnummer", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Nome completo,Correio eletrónico,Telemóvel", &[Some(Name), Some(Email), Some(Phone)]);
        check("Imię,Nazwisko,Adres e-mail,Nr telefonu", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Förnamn,Efternamn,E-postadress,Mobilnummer", &[Some(FirstName), Some(LastName), Some(Email), Some(Phone)]);
        check("Name,Surname,Referral Code,Referral link", &[Some(FirstName), Some(LastName), Some(Code), Some(Link)]);
        check("First Name,Name,Email", &[Some(FirstName), Some(Name), Some(Email)]);
    }

    #[test]
    fn the_plainest_heading_wins_and_no_field_comes_twice() {
        check("Default Address Phone,Phone,Email", &[None, Some(Phone), Some(Email)]);
        check("Email,E-Mail,Telefon,Mobil", &[Some(Email), None, None, Some(Phone)]);
        check("Card Name,Business Name,Name,Company Name", &[None, None, Some(Name), None]);
        check("Postal Code,Country Code,Address,First Visit", &[None, None, None, None]);
        check("Phone (home),Email [required]", &[Some(Phone), Some(Email)]);
    }

    #[test]
    fn an_empty_column_gives_way_to_a_filled_one() {
        let headers = ["Phone", "Default Address Phone"].map(str::to_owned);
        let lead = [Row { number: 2, cells: vec![String::new(), "+44 20 7946 0000".into()] }];
        assert_eq!(suggest(&headers, 2, &lead).columns, [None, Some(Phone)]);
    }

    #[test]
    fn values_speak_where_no_heading_does() {
        check_values(
            &["1000001,Ann Lee,ann@shop.example,+44 20 7946 0000", "1000002,Bo Roe,bo@shop.example,020 7946 0001"],
            &[None, Some(Name), Some(Email), Some(Phone)],
        );
        check_values(&["2024-05-01,ann@shop.example,https://go.example/a"], &[None, Some(Email), Some(Link)]);
        check_values(&["a,b", "c,d"], &[Some(Name), None]);
    }

    #[test]
    fn a_glance_at_values() {
        assert!(looks_like_email("mailto:ann@shop.example"));
        assert!(!looks_like_email("ann@shop"));
        assert!(!looks_like_email("write to ann@shop.example"));
        assert!(looks_like_phone("'+44 (0)20 7946-0000"));
        assert!(!looks_like_phone("01.05.2024"));
        assert!(!looks_like_phone("12345"));
    }
}
