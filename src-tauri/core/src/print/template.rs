//! What can be printed: templates, the sheets they come on, and what a card shows.

use serde::{Deserialize, Serialize};

/// What is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// 85 × 55 mm, ten to a sheet, cut along crop marks.
    BusinessCard,
    /// Avery C32011: ten 85 × 54 mm cards, perforated.
    PerforatedC32011,
    /// Avery 5371: ten 3.5 × 2 inch cards, perforated.
    #[serde(rename = "perforated_5371")]
    Perforated5371,
    /// A6, alone on its paper.
    FlyerA6,
    /// Two panels to fold, for a table or the counter.
    TableTent,
    /// 62 mm wide, from a roll.
    #[serde(rename = "label_62")]
    Label62,
    /// Avery L7160: twenty-one 63.5 × 38.1 mm labels.
    LabelL7160,
    /// One A4 page for wall or window.
    PosterA4,
}

/// The paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// 210 × 297 mm.
    A4,
    /// 8.5 × 11 inches.
    Letter,
    /// The template's own size.
    Own,
}

/// What of a code is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// The code to say or type, without a QR code.
    Code,
    /// The QR code to scan, and the link, without the code.
    Link,
    /// The code and the QR code.
    Both,
}

impl Template {
    /// Every template, as they are offered.
    pub const ALL: [Template; 8] = [
        Template::BusinessCard,
        Template::PerforatedC32011,
        Template::Perforated5371,
        Template::FlyerA6,
        Template::TableTent,
        Template::Label62,
        Template::LabelL7160,
        Template::PosterA4,
    ];

    /// The name that files and scripts use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Template::BusinessCard => "business_card",
            Template::PerforatedC32011 => "perforated_c32011",
            Template::Perforated5371 => "perforated_5371",
            Template::FlyerA6 => "flyer_a6",
            Template::TableTent => "table_tent",
            Template::Label62 => "label_62",
            Template::LabelL7160 => "label_l7160",
            Template::PosterA4 => "poster_a4",
        }
    }

    /// The sheets it comes on, the usual one first.
    #[must_use]
    pub fn sheets(self) -> &'static [Sheet] {
        match self {
            Template::BusinessCard | Template::TableTent => &[Sheet::A4, Sheet::Letter],
            Template::PerforatedC32011 | Template::LabelL7160 | Template::PosterA4 => &[Sheet::A4],
            Template::Perforated5371 => &[Sheet::Letter],
            Template::FlyerA6 | Template::Label62 => &[Sheet::Own],
        }
    }

    /// Width and height of one card in millimetres.
    #[must_use]
    pub fn size(self) -> (f64, f64) {
        match self {
            Template::BusinessCard => (85.0, 55.0),
            Template::PerforatedC32011 => (85.0, 54.0),
            Template::Perforated5371 => (3.5 * 25.4, 2.0 * 25.4),
            Template::FlyerA6 => (105.0, 148.0),
            Template::TableTent => (148.0, 105.0),
            Template::Label62 => (62.0, 40.0),
            Template::LabelL7160 => (63.5, 38.1),
            Template::PosterA4 => (210.0, 297.0),
        }
    }

    /// How many cards stand on a sheet.
    #[must_use]
    pub fn per_sheet(self) -> u32 {
        match self {
            Template::BusinessCard | Template::PerforatedC32011 | Template::Perforated5371 => 10,
            Template::LabelL7160 => 21,
            Template::FlyerA6 | Template::TableTent | Template::Label62 | Template::PosterA4 => 1,
        }
    }
}

impl Sheet {
    /// The name that files and scripts use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sheet::A4 => "a4",
            Sheet::Letter => "letter",
            Sheet::Own => "own",
        }
    }
}

impl Show {
    /// The name that files and scripts use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Show::Code => "code",
            Show::Link => "link",
            Show::Both => "both",
        }
    }
}
