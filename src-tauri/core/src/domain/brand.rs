//! How a shop's cards look, as a manager chose it: a colour, words and a logo.

/// How the shop's cards look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brand {
    /// The one ink beside black, as red, green and blue.
    pub accent: [u8; 3],
    /// The line above the offer; none means the product's own.
    pub headline: Option<String>,
    /// What stands at the foot, beside what the rules say.
    pub small_print: String,
    /// Whether cards show who recommends.
    pub show_name: bool,
    /// The logo.
    pub logo: Option<Logo>,
}

/// A logo, as its file was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logo {
    /// PNG or SVG.
    pub kind: LogoKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a logo's file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogoKind {
    /// Pixels.
    Png,
    /// Paths.
    Svg,
}

impl Default for Brand {
    fn default() -> Brand {
        Brand { accent: [0x0e, 0x5a, 0x4b], headline: None, small_print: String::new(), show_name: true, logo: None }
    }
}

impl Brand {
    /// The colour as it is written: `#0e5a4b`.
    #[must_use]
    pub fn accent_text(&self) -> String {
        let [red, green, blue] = self.accent;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The colour written like `#0e5a4b`, in any case.
#[must_use]
pub fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some([red, green, blue])
}
