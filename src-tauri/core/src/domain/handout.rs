//! The record that a code reached its Referrer.

use serde::{Deserialize, Serialize};

/// How a code reached its Referrer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// They read it from a screen.
    Screen,
    /// A printed card.
    Card,
    /// A slip from the till's printer.
    Slip,
    /// An e-mail, a text message and the like.
    Message,
    /// It was read to them.
    Spoken,
}

impl How {
    /// All of them.
    pub const ALL: [How; 5] = [How::Screen, How::Card, How::Slip, How::Message, How::Spoken];

    /// The stable name, as files, scripts and the database have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            How::Screen => "screen",
            How::Card => "card",
            How::Slip => "slip",
            How::Message => "message",
            How::Spoken => "spoken",
        }
    }

    /// The one with this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<How> {
        How::ALL.into_iter().find(|how| how.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_are_those_of_the_screen() {
        for how in How::ALL {
            assert_eq!(How::from_name(how.name()), Some(how));
            assert_eq!(serde_json::to_value(how).unwrap(), how.name());
        }
        assert_eq!(How::from_name("pigeon"), None);
    }
}
