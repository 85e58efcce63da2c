//! Referral codes: how they are composed, read, compared and spoken.

use sha2::{Digest as _, Sha256};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

/// Digits and letters that nobody mistakes for another: no 0, 1, I, L, O. There are 31, a prime, which the check symbol needs.
pub const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// Longest text that can be a code (Stripe cuts nothing, but nobody types more).
pub const CODE_CHARS_MAX: usize = 40;

/// How the codes of a campaign are composed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeFormat {
    prefix: String,
    random_symbols: usize,
}

impl Default for CodeFormat {
    fn default() -> CodeFormat {
        CodeFormat { prefix: String::new(), random_symbols: 7 }
    }
}

impl CodeFormat {
    /// A format with up to twelve letters or digits before the random part, and 6 to 12 symbols with the check symbol.
    pub fn new(prefix: &str, symbols: usize) -> Result<CodeFormat, CodeError> {
        let prefix = prefix.trim().to_ascii_uppercase();
        let plain = prefix.len() <= 12 && prefix.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain || !(6..=12).contains(&symbols) {
            return Err(CodeError::Format);
        }
        Ok(CodeFormat { prefix, random_symbols: symbols - 1 })
    }

    /// How many random symbols a code needs before its check symbol.
    #[must_use]
    pub fn random_symbols(&self) -> usize {
        self.random_symbols
    }

    /// A code from symbol numbers below 31 that the caller has drawn, or `None` where they would spell a swear word.
    #[must_use]
    pub fn compose(&self, drawn: &[u8]) -> Option<ReferralCode> {
        debug_assert!(drawn.len() == self.random_symbols && drawn.iter().all(|&s| s < 31));
        let mut body: Vec<u8> = drawn.iter().map(|&s| ALPHABET[s as usize % 31]).collect();
        body.push(check_symbol(&body));
        let body = String::from_utf8(body).ok()?;
        let text = match self.prefix.as_str() {
            "" => grouped(&body),
            prefix => format!("{prefix}-{}", grouped(&body)),
        };
        let code = ReferralCode { key: key(&text), text };
        (!is_rude(&code.key)).then_some(code)
    }

    /// A code of this format that can be said instead of one from elsewhere: the same each time, and with each `turn` another, for when
    /// one is taken. `None` where it would spell a swear word.
    #[must_use]
    pub fn alias(&self, code: &ReferralCode, turn: u32) -> Option<ReferralCode> {
        let digest = Sha256::digest(format!("{turn} {}", code.text));
        // 8 × 31 is the largest multiple of 31 in a byte. Of 32 bytes hardly ever more than two lie above it.
        let drawn: Vec<u8> = digest.iter().filter(|&&byte| byte < 248).take(self.random_symbols).map(|byte| byte % 31).collect();
        (drawn.len() == self.random_symbols).then(|| self.compose(&drawn)).flatten()
    }

    /// Whether a key has this format and its check symbol is right.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        key.strip_prefix(self.prefix.as_str()).is_some_and(|body| body.len() == self.random_symbols + 1 && checks(body.as_bytes()))
    }

    /// The one code that is meant by a key with symbols which no generated code contains: a zero or O can only be a misread Q or D,
    /// a one, I or L a misread J, T or 7. The check symbol decides; where it leaves a choice, nothing is guessed.
    #[must_use]
    pub fn unfold(&self, key: &str) -> Option<String> {
        let body = key.strip_prefix(self.prefix.as_str())?;
        let strange: Vec<usize> = body.bytes().enumerate().filter(|(_, b)| !ALPHABET.contains(b)).map(|(at, _)| at).collect();
        if body.len() != self.random_symbols + 1 || strange.is_empty() || strange.len() > 3 {
            return None;
        }
        let mut candidates = vec![body.as_bytes().to_vec()];
        for at in strange {
            let meant: &[u8] = match body.as_bytes()[at] {
                b'0' | b'O' => b"QD",
                b'1' | b'I' | b'L' => b"JT7",
                _ => return None,
            };
            candidates = candidates
                .iter()
                .flat_map(|candidate| {
                    meant.iter().map(move |&symbol| {
                        let mut changed = candidate.clone();
                        changed[at] = symbol;
                        changed
                    })
                })
                .collect();
        }
        candidates.retain(|candidate| checks(candidate));
        match candidates.as_slice() {
            [one] => Some(format!("{}{}", self.prefix, String::from_utf8_lossy(one))),
            _ => None,
        }
    }
}

/// The text that identifies a Referrer in a Campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReferralCode {
    text: String,
    key: String,
}

impl ReferralCode {
    /// A code that a manager typed or a list brought: letters, digits and dashes (Stripe's alphabet), kept as it is.
    pub fn own(text: &str) -> Result<ReferralCode, CodeError> {
        let text = text.trim();
        let key = key(text);
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plain || key.len() < 3 {
            return Err(CodeError::Alphabet);
        }
        if text.len() > CODE_CHARS_MAX {
            return Err(CodeError::TooLong);
        }
        Ok(ReferralCode { text: text.to_owned(), key })
    }

    /// As it is shown, printed and uploaded: `K7MQ-4RTX`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nobody can read it aloud: it mixes capital and small letters, as Referral Factory's codes do.
    #[must_use]
    pub fn unspeakable(&self) -> bool {
        self.text.bytes().any(|b| b.is_ascii_uppercase()) && self.text.bytes().any(|b| b.is_ascii_lowercase())
    }

    /// As it is compared: capital letters and digits alone. Unique in a campaign.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What is left of typed, pasted or scanned text when a code is compared: full-width forms made plain, capitals, no spaces or dashes.
#[must_use]
pub fn key(typed: &str) -> String {
    typed.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).take(CODE_CHARS_MAX).collect()
}

/// A key in which 0 and O, and 1, I and L, are the same: for codes from elsewhere that contain them.
#[must_use]
pub fn look_alike_key(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// A key in which symbols that sound alike on a bad phone line are the same.
///
/// Groups after the "E-set" and its neighbours, the letters that speech recognition confuses most.
#[must_use]
pub fn sound_key(key: &str) -> String {
    key.chars()
        .map(|c| match c {
            'B' | 'C' | 'D' | 'E' | 'G' | 'P' | 'T' | 'V' | 'Z' | '3' => 'E',
            'A' | 'H' | 'J' | 'K' | '8' => 'A',
            'F' | 'S' | 'X' => 'S',
            'M' | 'N' => 'M',
            'Q' | 'U' | 'W' | '2' => 'U',
            'I' | 'Y' | '5' | '9' => 'I',
            other => other,
        })
        .collect()
}

/// All keys one edit away: one symbol wrong, missing, too many, or two neighbours swapped. Those that exist are the nearest codes.
#[must_use]
pub fn one_edit_away(key: &str) -> Vec<String> {
    const TYPED: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let key: Vec<char> = key.chars().collect();
    let mut near = Vec::with_capacity((key.len() + 1) * 74);
    let mut keep = |candidate: Vec<char>| near.push(candidate.into_iter().collect::<String>());
    for at in 0..=key.len() {
        if at < key.len() {
            let mut shorter = key.clone();
            shorter.remove(at);
            keep(shorter);
        }
        if at + 1 < key.len() && key[at] != key[at + 1] {
            let mut swapped = key.clone();
            swapped.swap(at, at + 1);
            keep(swapped);
        }
        for &symbol in TYPED {
            let symbol = char::from(symbol);
            if at < key.len() && key[at] != symbol {
                let mut other = key.clone();
                other[at] = symbol;
                keep(other);
            }
            let mut longer = key.clone();
            longer.insert(at, symbol);
            keep(longer);
        }
    }
    near
}

/// How a typed key differs from the code that was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the variants' docs name the fields")]
pub enum Difference {
    /// At this place (from 1) `meant` stands instead of `typed`.
    Wrong { place: usize, typed: char, meant: char },
    /// Two neighbours, the first at this place, change places.
    Swapped { place: usize },
    /// This symbol is missing at this place.
    Missing { place: usize, meant: char },
    /// The symbol at this place is too many.
    Extra { place: usize, typed: char },
    /// Several symbols differ but sound alike.
    Sound,
}

/// Says what differs between a typed key and an existing one.
#[must_use]
pub fn difference(typed: &str, meant: &str) -> Difference {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let at = typed.iter().zip(&meant).take_while(|(a, b)| a == b).count();
    let place = at + 1;
    let rest = |from: &[char], skip: usize| from.get(at + skip..).map(<[char]>::to_vec).unwrap_or_default();
    match (typed.get(at), meant.get(at)) {
        (Some(&t), Some(&m)) if rest(&typed, 1) == rest(&meant, 1) => Difference::Wrong { place, typed: t, meant: m },
        (Some(t), Some(m)) if typed.get(at + 1) == Some(m) && meant.get(at + 1) == Some(t) && rest(&typed, 2) == rest(&meant, 2) => {
            Difference::Swapped { place }
        }
        (_, Some(&m)) if rest(&typed, 0) == rest(&meant, 1) => Difference::Missing { place, meant: m },
        (Some(&t), _) if rest(&typed, 1) == rest(&meant, 0) => Difference::Extra { place, typed: t },
        _ => Difference::Sound,
    }
}

/// A key in groups of at most four, as even as can be, with dashes: eight symbols as 4-4, seven as 4-3, six as 3-3.
#[must_use]
pub fn grouped(key: &str) -> String {
    let symbols: Vec<char> = key.chars().collect();
    let size = symbols.len().div_ceil(symbols.len().div_ceil(4).max(1)).max(1);
    symbols.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The words that spell a code aloud, one a symbol, in the radio alphabet of ICAO Annex 10; digits stay digits, a dash becomes `·`.
#[must_use]
pub fn spelling(text: &str) -> Vec<String> {
    const WORDS: [&str; 26] = [
        "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima", "Mike", "November", "Oscar",
        "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
    ];
    text.chars()
        .map(|c| match c.to_ascii_uppercase() {
            letter @ 'A'..='Z' => WORDS[letter as usize - 'A' as usize].to_owned(),
            '-' => "·".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

/// The symbol that makes the weighted sum a multiple of 31.
///
/// The check symbol weighs 1 and its left neighbours 2, 3, 4…: all distinct and below 31, so with a prime modulus any single
/// wrong symbol and any swap of two neighbours changes the sum.
fn check_symbol(body: &[u8]) -> u8 {
    let sum = weighted_sum(body.iter().rev().zip(2..));
    ALPHABET[(31 - sum) % 31]
}

fn checks(symbols: &[u8]) -> bool {
    symbols.iter().all(|symbol| ALPHABET.contains(symbol)) && weighted_sum(symbols.iter().rev().zip(1..)) == 0
}

fn weighted_sum<'a>(weighted: impl Iterator<Item = (&'a u8, usize)>) -> usize {
    weighted.map(|(symbol, weight)| weight * ALPHABET.iter().position(|s| s == symbol).unwrap_or(0)).sum::<usize>() % 31
}

/// Words of three letters or more that the alphabet can spell, directly or through a look-alike, in the languages of the shops we
/// know. Short on purpose: each entry costs a few codes in a thousand million.
const RUDE: &[&str] = &[
    "ANUS", "ARSCH", "ARSE", "ASS", "BASTARD", "CACA", "CAGA", "CAZZ", "CRAP", "CUNT", "CUM", "DAMN", "FAG", "FART", "FUCK", "FUK", "GAY", "HURE",
    "KACK", "KKK", "KURWA", "KUT", "MERDA", "MERDE", "NAZ", "NEGR", "NUTTE", "PUSSY", "PUTA", "PUTE", "RAPE", "RETARD", "SATAN", "SAU", "SEX",
    "SHAT", "SPAST", "SUCK", "TURD", "TWAT", "VAG", "WANK",
];

/// Whether the symbols spell a word that no shop wants on a card, also with digits for letters and V for U.
fn is_rude(key: &str) -> bool {
    let spelt: Vec<u8> = key.bytes().map(letter_meant).collect();
    let begins = |at: usize, word: &str| word.bytes().enumerate().all(|(n, letter)| spelt.get(at + n) == Some(&letter_meant(letter)));
    (0..spelt.len()).any(|at| RUDE.iter().any(|word| begins(at, word)))
}

/// The letter that a symbol looks like.
fn letter_meant(symbol: u8) -> u8 {
    match symbol {
        b'2' => b'Z',
        b'3' => b'E',
        b'4' => b'A',
        b'5' => b'S',
        b'6' | b'9' => b'G',
        b'7' => b'T',
        b'8' => b'B',
        b'V' => b'U',
        other => other,
    }
}

/// Why a text can't be a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum CodeError {
    /// Something else than letters, digits and dashes, or fewer than three of them.
    #[error("a code has at least three letters or digits, and dashes between them")]
    Alphabet,
    /// Longer than [`CODE_CHARS_MAX`].
    #[error("a code has at most {CODE_CHARS_MAX} characters")]
    TooLong,
    /// A format outside what [`CodeFormat::new`] takes.
    #[error("a code format has a prefix of up to 12 letters or digits, and 6 to 12 symbols")]
    Format,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reproducible symbols: the rules under test don't depend on where they come from.
    fn codes(count: usize) -> impl Iterator<Item = ReferralCode> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 32) % 31) as u8
        };
        std::iter::repeat_with(move || (0..7).map(|_| next()).collect::<Vec<_>>())
            .filter_map(|drawn| CodeFormat::default().compose(&drawn))
            .take(count)
    }

    #[test]
    fn every_wrong_symbol_and_every_neighbour_swap_is_caught() {
        let format = CodeFormat::default();
        let (mut wrong, mut swapped) = (0, 0);
        for code in codes(10_000) {
            assert!(format.holds(code.key()), "{code:?}");
            let symbols = code.key().as_bytes();
            for at in 0..symbols.len() {
                for &other in ALPHABET.iter().filter(|&&s| s != symbols[at]) {
                    let mut changed = symbols.to_vec();
                    changed[at] = other;
                    assert!(!checks(&changed));
                    wrong += 1;
                }
                if at + 1 < symbols.len() && symbols[at] != symbols[at + 1] {
                    let mut changed = symbols.to_vec();
                    changed.swap(at, at + 1);
                    assert!(!checks(&changed));
                    swapped += 1;
                }
            }
        }
        assert_eq!(wrong, 10_000 * 8 * 30);
        assert!(swapped > 60_000);
    }

    #[test]
    fn the_check_symbol_is_the_one_worked_out_by_hand() {
        // Symbols 0..6 are 2345678; weights from the left 8 7 6 5 4 3 2; sum 0*8+1*7+2*6+3*5+4*4+5*3+6*2 = 77 = 2*31+15; 31-15 = 16 is K... the 17th symbol.
        let code = CodeFormat::default().compose(&[0, 1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(code.text(), format!("2345-678{}", ALPHABET[16] as char));
        // With a format of six symbols the same rule holds.
        let short = CodeFormat::new("spring", 6).unwrap();
        let code = short.compose(&[30, 0, 0, 0, 1]).unwrap();
        // 30*6 + 1*2 = 182 = 5*31+27; 31-27 = 4 -> '6'.
        assert_eq!(code.text(), "SPRING-Z22-236");
        assert!(short.holds(code.key()));
    }

    #[test]
    fn codes_are_read_however_they_are_typed() {
        for typed in ["K7MQ-4RTX", "k7mq4rtx", " k7mq 4rtx ", "K7MQ–4RTX", "Ｋ７ＭＱ４ＲＴＸ", "k7mq.4rtx\u{200b}"] {
            assert_eq!(key(typed), "K7MQ4RTX", "{typed:?}");
        }
        assert_eq!(key("  - "), "");
        assert_eq!(key(&"x".repeat(10_000)).len(), CODE_CHARS_MAX);
    }

    #[test]
    fn symbols_that_no_code_has_are_unfolded_when_one_code_is_meant() {
        let format = CodeFormat::default();
        let mut unfolded = 0;
        for code in codes(2_000) {
            for (real, typed) in [('Q', '0'), ('D', 'O'), ('J', 'I'), ('T', '1'), ('7', 'L')] {
                if code.key().matches(real).count() == 1 {
                    assert_eq!(format.unfold(&code.key().replace(real, &typed.to_string())).as_deref(), Some(code.key()));
                    unfolded += 1;
                }
            }
        }
        assert!(unfolded > 1_000);
        assert_eq!(format.unfold("K7MQ4RTX"), None);
        assert_eq!(format.unfold("000"), None);
    }

    #[test]
    fn own_codes_keep_their_text_and_compare_regardless_of_case() {
        assert_eq!(ReferralCode::own(" ueONFmUp ").unwrap().text(), "ueONFmUp");
        assert_eq!(ReferralCode::own("ueONFmUp").unwrap().key(), "UEONFMUP");
        for wrong in ["ab", "--a--", "jane doe", "=cmd()", "Zoë10", "", "<b>code</b>"] {
            assert_eq!(ReferralCode::own(wrong), Err(CodeError::Alphabet), "{wrong:?}");
        }
        assert_eq!(ReferralCode::own(&"A".repeat(41)), Err(CodeError::TooLong));
        assert_eq!(look_alike_key(&key("lOO1")), look_alike_key(&key("I0Ol")));
    }

    #[test]
    fn groups_are_even() {
        for (key, expected) in
            [("K7MQ4RTX", "K7MQ-4RTX"), ("ABCDEFG", "ABCD-EFG"), ("ABCDEF", "ABC-DEF"), ("ABCD", "ABCD"), ("ABCDEFGHJ", "ABC-DEF-GHJ"), ("", "")]
        {
            assert_eq!(grouped(key), expected);
        }
    }

    #[test]
    fn codes_are_spelt_in_the_radio_alphabet() {
        assert_eq!(spelling("K7MQ-4RTX").join(" "), "Kilo 7 Mike Quebec · 4 Romeo Tango X-ray");
    }

    #[test]
    fn what_differs_is_named() {
        use Difference::{Extra, Missing, Sound, Swapped, Wrong};
        assert_eq!(difference("K7MQ4RTX", "K7MB4RTX"), Wrong { place: 4, typed: 'Q', meant: 'B' });
        assert_eq!(difference("K7QM4RTX", "K7MQ4RTX"), Swapped { place: 3 });
        assert_eq!(difference("K7MQ4RT", "K7MQ4RTX"), Missing { place: 8, meant: 'X' });
        assert_eq!(difference("K7MQQ4RTX", "K7MQ4RTX"), Extra { place: 5, typed: 'Q' });
        assert_eq!(difference("P7NQ4RTX", "B7MQ4RTX"), Sound);
        assert_eq!(sound_key("P7NQ4RTX"), sound_key("B7MQ4RTX"));
    }

    /// Every symbol of a code that may be read as this letter.
    fn written(letter: u8) -> Vec<u8> {
        let others = match letter {
            b'A' => "4",
            b'B' => "8",
            b'E' => "3",
            b'G' => "69",
            b'S' => "5",
            b'T' => "7",
            b'U' => "V",
            b'Z' => "2",
            _ => "",
        };
        std::iter::once(letter).chain(others.bytes()).collect()
    }

    #[test]
    fn no_code_is_rude() {
        let format = CodeFormat::default();
        let mut tried = 0;
        for word in RUDE {
            let ways = word.bytes().map(written).fold(vec![Vec::new()], |ways, symbols| {
                ways.iter().flat_map(|way: &Vec<u8>| symbols.iter().map(|&symbol| [way.as_slice(), &[symbol]].concat())).collect()
            });
            for (way, place) in ways.iter().flat_map(|way| (0..=format.random_symbols() - word.len()).map(move |place| (way, place))) {
                let mut key = vec![b'K'; format.random_symbols()];
                key[place..place + way.len()].copy_from_slice(way);
                let draw: Vec<u8> = key.iter().map(|&b| ALPHABET.iter().position(|&s| s == b).unwrap() as u8).collect();
                assert_eq!(format.compose(&draw), None, "{}", String::from_utf8_lossy(&key));
                tried += 1;
            }
        }
        assert!(tried > 500, "{tried} tried");
        // A word may end in the check symbol, or begin in a campaign's prefix.
        assert!(is_rude("KKXKFVCK") && is_rude("SEXK2345") && !is_rude("K7MQ4RTX"));
    }

    #[test]
    fn a_code_from_elsewhere_can_be_said_as_one_of_ours() {
        let (format, theirs) = (CodeFormat::default(), ReferralCode::own("ueONFmUp").unwrap());
        assert!(theirs.unspeakable() && !ReferralCode::own("JANE-10").unwrap().unspeakable());
        let said: Vec<_> = (0..4).filter_map(|turn| format.alias(&theirs, turn)).collect();
        assert!(said.len() >= 3 && said.iter().all(|alias| format.holds(alias.key())));
        assert_ne!(said[0], said[1]);
        assert_eq!(format.alias(&theirs, 0), format.alias(&theirs, 0));
    }

    proptest! {
        #[test]
        fn one_edit_and_its_name_agree(drawn in proptest::collection::vec(0..31_u8, 7), pick in 0..10_000_usize) {
            if let Some(code) = CodeFormat::default().compose(&drawn) {
                let near = one_edit_away(code.key());
                let typed = &near[pick % near.len()];
                prop_assume!(typed != code.key());
                prop_assert_ne!(difference(typed, code.key()), Difference::Sound);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", other in "\\PC{0,60}") {
            let typed = key(&text);
            let _ = (CodeFormat::default().holds(&typed), CodeFormat::default().unfold(&typed), ReferralCode::own(&text));
            let _ = (difference(&typed, &key(&other)), spelling(&text), grouped(&typed), sound_key(&typed), one_edit_away(&typed));
        }
    }
}
