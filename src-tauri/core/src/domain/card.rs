//! Printed cards: what their QR code says, how that is read again, and what a lost card means for its code.

use std::fmt::Write as _;

use super::code;

/// More than this no scanner sends; what lies behind is not read.
const SCANNED_CHARS_MAX: usize = 4096;
/// The scheme under which this app is opened.
const SCHEME: &str = "counterfoil";
/// The field of a link that holds the code.
const CODE: &str = "code";
/// The field, right behind the code, that holds the batch.
const BATCH: &str = "batch";

/// What a scan or a typed text names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scanned {
    /// The code as it stood there.
    pub code: String,
    /// The number of the print run whose card it was.
    pub batch: Option<u32>,
}

/// What the QR code of this code says: the referral link with the code in it, or an address that opens this app. A card also says
/// of which batch it is.
#[must_use]
pub fn qr_text(link: Option<&str>, code: &str, batch: Option<u32>) -> String {
    let batch = batch.map(|batch| batch.to_string());
    let link: String = link.unwrap_or("").trim().chars().filter(|c| !c.is_control()).collect();
    if link.is_empty() {
        let batch = batch.map(|batch| format!("?{BATCH}={batch}")).unwrap_or_default();
        return format!("{SCHEME}:{code}{batch}");
    }
    // A link goes to a browser: what people put into it must not end it, nor press Enter when a scanner types it.
    let link = link.split_whitespace().collect::<Vec<_>>().join("%20");
    let (address, fragment) = link.split_once('#').map_or((link.as_str(), None), |(address, fragment)| (address, Some(fragment)));
    let mut text = address.to_owned();
    match address.split_once('?') {
        None => text.push('?'),
        Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
        Some(_) => text.push('&'),
    }
    text.push_str(&form_urlencoded::Serializer::new(String::new()).append_pair(CODE, code).finish());
    if let Some(batch) = batch {
        // Writing to a text can't fail.
        let _ = write!(text, "&{BATCH}={batch}");
    }
    if let Some(fragment) = fragment {
        text.push('#');
        text.push_str(fragment);
    }
    text
}

/// Reads what was scanned or typed: a link, an address of this app, or the bare code, in any case. Where a scanner's keyboard has
/// another layout than the computer's, `:`, `?` and `=` arrive as other signs; the words between them still tell what is what.
/// What is none of these is taken for a code as it stands.
#[must_use]
pub fn read(scanned: &str) -> Scanned {
    let text: String = scanned.trim().chars().filter(|c| !c.is_control()).take(SCANNED_CHARS_MAX).collect();
    let bare = || Scanned { code: text.clone(), batch: None };
    // Nearly everything is typed by hand, and decided here.
    if text.len() <= code::CODE_CHARS_MAX && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return bare();
    }
    link(&text).or_else(|| app_address(&text)).unwrap_or_else(bare)
}

/// `counterfoil:K7MQ-4RTX?batch=12`, also with other signs between the words.
fn app_address(text: &str) -> Option<Scanned> {
    let rest = strip_word(text, SCHEME)?;
    let body = rest.trim_start_matches(is_sign);
    // Without a sign behind it, the word begins a code of the shop's own: COUNTERFOIL10.
    if body.len() == rest.len() {
        return None;
    }
    let (code, batch) = match body.split_once(is_end_of_code) {
        Some((code, rest)) => (code, strip_word(rest.trim_start_matches(is_sign), BATCH).and_then(batch_of)),
        None => match cut_batch(body) {
            Some((code, batch)) => (code, Some(batch)),
            None => (body, None),
        },
    };
    as_code(code).map(|code| Scanned { code, batch })
}

/// A link with our code in its query. The last one counts, for it is added behind all others; the batch stands right behind it.
fn link(text: &str) -> Option<Scanned> {
    let (_, query) = text.split_once('#').map_or(text, |(address, _)| address).split_once('?')?;
    let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let at = fields.iter().rposition(|(name, value)| name.eq_ignore_ascii_case(CODE) && !value.trim().is_empty())?;
    let batch = fields.get(at + 1).filter(|(name, _)| name.eq_ignore_ascii_case(BATCH)).and_then(|(_, value)| number(value));
    Some(Scanned { code: fields.get(at)?.1.trim().to_owned(), batch })
}

/// What stands behind this word at the beginning of a text, in any case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

/// Neither letter nor digit of a code: whatever a layout made of `:`, `?`, `=` or `-`. German keyboards make letters of them.
fn is_sign(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Where an address as we wrote it ends its code.
fn is_end_of_code(c: char) -> bool {
    matches!(c, '?' | '&' | '#')
}

/// A code and its batch, where another layout hid what divides them: `K7MQß4RTX_batch´12`.
fn cut_batch(body: &str) -> Option<(&str, u32)> {
    // Small ASCII letters keep every place where it is.
    let at = body.to_ascii_lowercase().rfind(BATCH)?;
    let (before, rest) = body.split_at_checked(at)?;
    // A dash divides the groups of a code and is no `?` on any layout: MY-BATCH-12 is a code.
    let code = before.strip_suffix(|c| is_sign(c) && c != '-')?;
    Some((code, batch_of(strip_word(rest, BATCH)?)?))
}

/// The number behind the sign that `=` became.
fn batch_of(rest: &str) -> Option<u32> {
    let digits = rest.trim_start_matches(is_sign);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    (digits.len() < rest.len()).then(|| number(&digits[..end])).flatten()
}

fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|&number| number > 0)
}

/// A code as it stood before a layout changed its dashes. None where nothing is left of it.
fn as_code(text: &str) -> Option<String> {
    let plain: String = text.chars().map(|c| if is_sign(c) { '-' } else { c }).collect();
    let plain = plain.trim_matches('-');
    (!plain.is_empty()).then(|| plain.to_owned())
}

/// What is known of the cards on which a code was printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// The card was scanned and its batch holds this code: whether a card with it in that batch is lost.
    pub scanned_lost: Option<bool>,
    /// Some card with this code is lost.
    pub any_lost: bool,
    /// Some card with this code is not.
    pub any_safe: bool,
}

impl Printed {
    /// Whether the code needs a manager's yes because its card is lost.
    ///
    /// A scan says of which batch the card is, so it alone is judged: cards of a batch that is safe never ask, and a card found in
    /// the street does, though its code was printed anew. Where a batch holds the same code several times and one of them is
    /// lost, they can't be told apart, and asking costs less than a stack of cards in the wrong hands.
    /// A code that is typed may be read from any of its cards: it asks as long as none but lost ones are about. Printing it anew
    /// ends that, which is what a shop does for a customer whose cards were lost.
    #[must_use]
    pub fn lost(self) -> bool {
        self.scanned_lost.unwrap_or(self.any_lost && !self.any_safe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(scanned: &str, code: &str, batch: Option<u32>) {
        assert_eq!(read(scanned), Scanned { code: code.to_owned(), batch }, "{scanned:?}");
    }

    #[test]
    fn what_a_qr_code_says() {
        let link = |link| qr_text(Some(link), "K7MQ-4RTX", Some(12));
        assert_eq!(qr_text(None, "K7MQ-4RTX", None), "counterfoil:K7MQ-4RTX");
        assert_eq!(qr_text(Some("  "), "K7MQ-4RTX", Some(12)), "counterfoil:K7MQ-4RTX?batch=12");
        assert_eq!(link("https://shop.example/jane"), "https://shop.example/jane?code=K7MQ-4RTX&batch=12");
        assert_eq!(link("https://shop.example/?ref=7#/join"), "https://shop.example/?ref=7&code=K7MQ-4RTX&batch=12#/join");
        assert_eq!(link("https://shop.example/jane?"), "https://shop.example/jane?code=K7MQ-4RTX&batch=12");
        assert_eq!(link("https://shop.example/#a#b?c"), "https://shop.example/?code=K7MQ-4RTX&batch=12#a#b?c");
        assert_eq!(link("https://shop.example/a b\r\nc"), "https://shop.example/a%20bc?code=K7MQ-4RTX&batch=12");
        assert_eq!(qr_text(Some("https://shop.example/jane"), "JANE10", None), "https://shop.example/jane?code=JANE10");
    }

    #[test]
    fn scans_are_read_however_they_arrive() {
        check("K7MQ-4RTX", "K7MQ-4RTX", None);
        check("  k7mq 4rtx\r\n", "k7mq 4rtx", None);
        check("counterfoil:K7MQ-4RTX", "K7MQ-4RTX", None);
        check("COUNTERFOIL:k7mq-4rtx?BATCH=12", "k7mq-4rtx", Some(12));
        check("counterfoil://K7MQ-4RTX/?batch=12", "K7MQ-4RTX", Some(12));
        check("HTTPS://SHOP.EXAMPLE/JANE?CODE=K7MQ-4RTX&BATCH=12#TOP", "K7MQ-4RTX", Some(12));
        check("https://shop.example/jane?code=K7MQ-4RTX&batch=12&utm_source=scan", "K7MQ-4RTX", Some(12));
        check("shop.example/jane?code=K7MQ%2D4RTX", "K7MQ-4RTX", None);
        // A scanner that types as in America, on German, Swiss, Spanish and Nordic computers.
        check("counterfoilÖK7MQß4RTX_batch´12", "K7MQ-4RTX", Some(12));
        check("counterfoilèK7MQ'4RTX_batch^12", "K7MQ-4RTX", Some(12));
        check("counterfoilÑK7MQ'4RTX_batch¡12", "K7MQ-4RTX", Some(12));
        check("counterfoilØK7MQ+4RTX_batch\\12", "K7MQ-4RTX", Some(12));
        check("counterfoil:MY-BATCH-12", "MY-BATCH-12", None);
        check("counterfoil.example/jane?code=JANE10&batch=3", "JANE10", Some(3));
    }

    #[test]
    fn what_only_looks_like_a_scan_is_a_code_as_it_stands() {
        check("", "", None);
        check("COUNTERFOIL10", "COUNTERFOIL10", None);
        check("BATCH-12", "BATCH-12", None);
        check("counterfoil:", "counterfoil:", None);
        check("https://shop.example/jane", "https://shop.example/jane", None);
        check("https://shop.example/jane?code=", "https://shop.example/jane?code=", None);
        check("=1+cmd|' /C calc'!A0", "=1+cmd|' /C calc'!A0", None);
    }

    #[test]
    fn a_batch_that_is_none_leaves_the_code() {
        for batch in ["0", "-1", "99999999999999", "x", "", "1e3", "%00"] {
            check(&format!("https://shop.example/?code=JANE10&batch={batch}"), "JANE10", None);
        }
        check("counterfoil:JANE10?batch=99999999999999", "JANE10", None);
        check("counterfoil:JANE10?batch=0", "JANE10", None);
        check("counterfoil:JANE10?batch", "JANE10", None);
        // A batch that the link itself had is not ours.
        check(&qr_text(Some("https://shop.example/?batch=7"), "JANE10", None), "JANE10", None);
        check(&qr_text(Some("https://shop.example/?code=OLD&batch=7"), "JANE10", Some(2)), "JANE10", Some(2));
    }

    #[test]
    fn lost_cards_ask_where_they_can_be_meant() {
        let printed = |scanned_lost, any_lost, any_safe| Printed { scanned_lost, any_lost, any_safe }.lost();
        assert!(!Printed::default().lost());
        // Scanned: the batch decides, whatever else was printed.
        assert!(printed(Some(true), true, true));
        assert!(!printed(Some(false), true, true));
        // Typed: as long as no other card is about.
        assert!(printed(None, true, false));
        assert!(!printed(None, true, true));
        assert!(!printed(None, false, true));
    }

    fn some_link() -> impl Strategy<Value = String> {
        let part = "[ -~\u{a0}-\u{ff}\u{1F600}]{0,20}";
        (prop_oneof![Just("https://"), Just("HTTP://"), Just(""), Just("counterfoil"), Just("javascript:")], part, part, part)
            .prop_map(|(scheme, path, query, fragment)| format!("{scheme}shop.example/{path}?{query}#{fragment}"))
    }

    proptest! {
        #[test]
        fn reading_gives_back_what_was_composed(
            code in "[0-9A-Za-z]{3,8}(-[0-9A-Za-z]{1,8}){0,3}",
            batch in prop::option::of(1..=u32::MAX),
            link in prop::option::of(some_link()),
        ) {
            let composed = qr_text(link.as_deref(), &code, batch);
            prop_assert!(!composed.contains(char::is_control));
            prop_assert_eq!(read(&composed), Scanned { code: code.clone(), batch }, "{}", composed);
        }

        #[test]
        fn hostile_text_is_read_without_harm(text in "\\PC{0,200}", link in "\\PC{0,60}", code in "\\PC{0,60}", batch: Option<u32>) {
            let read = read(&text);
            prop_assert!(read.code.len() <= 4 * SCANNED_CHARS_MAX);
            prop_assert!(!qr_text(Some(&link), &code, batch).contains(char::is_control) || code.contains(char::is_control));
        }

        #[test]
        fn a_bare_code_is_left_as_it_is(code in "[0-9A-Za-z-]{0,40}") {
            prop_assert_eq!(read(&code), Scanned { code: code.clone(), batch: None });
        }
    }
}
