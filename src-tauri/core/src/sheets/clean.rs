//! Takes off what programs leave on a value and no person ever wrote: marks, wrappers, invisible characters.

use std::borrow::Cow;

/// Characters at the start of a cell that make a spreadsheet take it for a formula (OWASP, "CSV injection"),
/// with the full-width forms that some input methods and spreadsheets treat alike.
pub(super) fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Whether the first character that can be seen makes a cell a formula. Some spreadsheets drop what stands before it.
pub(super) fn begins_formula(cell: &str) -> bool {
    cell.starts_with(starts_formula) || cell.trim_start_matches(|c: char| c == ' ' || c == '\u{a0}' || is_invisible(c)).starts_with(starts_formula)
}

/// Takes off the one `'` that spreadsheets and exports put before a formula sign or a number to keep it as text.
/// Names such as `'t Hooft` keep theirs.
pub(super) fn unmarked(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '(') || begins_formula(rest) => rest,
        _ => cell,
    }
}

/// Characters that show nothing: zero-width spaces, direction marks, soft hyphens. In a name they would hide a
/// difference between two people that look the same, or turn the text around.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Letters of Persian, Hindi and others are joined or parted by these two, so they stay between such letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// The text that a person meant: one line, single spaces, no marks and nothing invisible.
pub(super) fn text(cell: &str) -> Cow<'_, str> {
    if is_plain(cell) {
        return Cow::Borrowed(cell);
    }
    let mut clean = String::with_capacity(cell.len());
    let (mut gap, mut joiner) = (false, None);
    for c in cell.chars() {
        if c.is_whitespace() || c.is_control() {
            (gap, joiner) = (true, None);
        } else if is_joiner(c) {
            let after_letter = !gap && clean.ends_with(|before: char| !before.is_ascii() && !before.is_whitespace());
            joiner = after_letter.then_some(c);
        } else if !is_invisible(c) {
            if gap && !clean.is_empty() {
                clean.push(' ');
            }
            clean.extend(joiner.take());
            clean.push(c);
            gap = false;
        }
    }
    let bare = unquoted(unmarked(unwrapped(&clean)).trim());
    if bare.len() == clean.len() { Cow::Owned(clean) } else { Cow::Owned(bare.to_owned()) }
}

/// Most cells need nothing taken off, and then nothing is copied either.
fn is_plain(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let mut before = b' ';
    for &byte in bytes {
        if !(b' '..0x7F).contains(&byte) || byte == b'"' || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    !matches!(bytes.first(), Some(b'\'' | b'=')) && (bytes.is_empty() || before != b' ')
}

/// `="0041…"` is how exports make Excel keep the zeros.
fn unwrapped(cell: &str) -> &str {
    cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
}

/// A quote that was opened and never closed belongs to the file, not to the name.
fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('"').or_else(|| cell.strip_suffix('"')) {
        Some(rest) if !rest.contains('"') && !ends_in_inches(cell) => rest.trim(),
        _ => cell,
    }
}

fn ends_in_inches(cell: &str) -> bool {
    cell.strip_suffix('"').is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
}

/// What stands in contact columns when there is no contact.
fn is_placeholder(value: &str) -> bool {
    ["-", "--", "–", "—", "?", ".", "n/a", "na", "nan", "null", "none", "0"].iter().any(|empty| value.eq_ignore_ascii_case(empty))
}

fn without_prefix<'a>(value: &'a str, prefix: &str) -> &'a str {
    match value.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => value[prefix.len()..].trim_start(),
        _ => value,
    }
}

/// An e-mail address without `mailto:`, and without the name in `Ann Lee <ann@shop.example>`.
pub(super) fn email(cell: &str) -> Cow<'_, str> {
    let text = without_joiners(text(cell));
    let mut bare = without_prefix(&text, "mailto:");
    if let Some((_, inner)) = bare.rsplit_once('<')
        && let Some(inner) = inner.strip_suffix('>')
        && inner.contains('@')
    {
        bare = without_prefix(inner, "mailto:");
    }
    bare = bare.split_once('?').map_or(bare, |(address, _)| address).trim();
    if is_placeholder(bare) { Cow::Borrowed("") } else { keep(&text, bare) }
}

/// A phone number without `tel:` and without what a spreadsheet makes of a number. Whether it is a phone number
/// at all is for the import to decide.
pub(super) fn phone(cell: &str) -> Cow<'_, str> {
    let text = without_joiners(text(cell));
    let bare = unmarked(without_prefix(&text, "tel:"));
    let bare = match bare.strip_suffix(".0") {
        Some(digits) if digits.len() > 4 && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
        _ => bare,
    };
    if is_placeholder(bare) {
        return Cow::Borrowed("");
    }
    match from_exponent(bare) {
        Some(digits) => Cow::Owned(digits),
        None => keep(&text, bare),
    }
}

/// `4.47911123456E+11` has all its digits and becomes the number again. `4.47911E+11` has lost some for good and
/// stays, so that the import refuses it rather than calls a stranger.
fn from_exponent(value: &str) -> Option<String> {
    let (number, power) = value.split_once(['E', 'e'])?;
    let (whole, part) = number.split_once(['.', ','])?;
    let power: usize = power.strip_prefix('+').unwrap_or(power).parse().ok()?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (whole.len() == 1 && digits(whole) && digits(part) && part.len() == power).then(|| format!("{whole}{part}"))
}

/// A code or a link: like any text, but never with joiners.
pub(super) fn token(cell: &str) -> Cow<'_, str> {
    without_joiners(text(cell))
}

fn without_joiners(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(is_joiner) { Cow::Owned(text.replace(is_joiner, "")) } else { text }
}

/// `bare` is a part of `text`; copies only if something was taken off.
fn keep<'a>(text: &Cow<'a, str>, bare: &str) -> Cow<'a, str> {
    if bare.len() == text.len() { text.clone() } else { Cow::Owned(bare.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_a_person_meant() {
        #[track_caller]
        fn check(cell: &str, expected: &str) {
            assert_eq!(text(cell), expected);
        }
        check("Ann Lee", "Ann Lee");
        check("", "");
        check("   ", "");
        check("  Ann \u{a0} Lee\t", "Ann Lee");
        check("Ann\r\nLee\0", "Ann Lee");
        check("A\u{200b}nn\u{202e} Lee\u{2069}\u{feff}", "Ann Lee");
        check("'+44 20 7946 0000", "+44 20 7946 0000");
        check("'0791", "0791");
        check("'=1+1", "=1+1");
        check("'t Hooft", "'t Hooft");
        check("O'Neill", "O'Neill");
        check("=\"0041\"", "0041");
        check("=\"\"", "");
        check("\"Ann", "Ann");
        check("Ann \"Annie\" Lee", "Ann \"Annie\" Lee");
        check("Pipe 6\"", "Pipe 6\"");
        check("می\u{200c}خواهم", "می\u{200c}خواهم");
        check("Ann\u{200d}", "Ann");
        check("李\u{3000}小龍", "李 小龍");
    }

    #[test]
    fn contacts_lose_their_wrappings() {
        #[track_caller]
        fn check_email(cell: &str, expected: &str) {
            assert_eq!(email(cell), expected);
        }
        #[track_caller]
        fn check_phone(cell: &str, expected: &str) {
            assert_eq!(phone(cell), expected);
        }
        check_email(" Ann@Shop.example ", "Ann@Shop.example");
        check_email("MAILTO:ann@shop.example?subject=Hi", "ann@shop.example");
        check_email("Ann Lee <ann@shop.example>", "ann@shop.example");
        check_email("N/A", "");
        check_email("<", "<");
        check_email("<b>ann@shop.example</b>", "<b>ann@shop.example</b>");
        check_phone("tel:+44-20-7946-0000", "+44-20-7946-0000");
        check_phone("'+44 7911 123456", "+44 7911 123456");
        check_phone("447911123456.0", "447911123456");
        check_phone("4.47911123456E+11", "447911123456");
        check_phone("4,47911123456E+11", "447911123456");
        check_phone("4.47911E+11", "4.47911E+11");
        check_phone("\u{202a}+44 7911 123456\u{202c}", "+44 7911 123456");
        check_phone("-", "");
        check_phone("é", "é");
    }
}
