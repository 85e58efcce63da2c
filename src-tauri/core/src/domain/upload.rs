//! The words of uploading: where to, what about, and how far.

use serde::{Deserialize, Serialize};

/// Where things are uploaded to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Stripe: converted customers, coupons, promotion codes.
    Stripe,
    /// Referral Factory: referrers, leads, qualification.
    ReferralFactory,
}

impl Destination {
    /// All of them.
    pub const ALL: [Destination; 2] = [Destination::Stripe, Destination::ReferralFactory];

    /// The stable name, as files, scripts and the database have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Destination::Stripe => "stripe",
            Destination::ReferralFactory => "referral_factory",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Destination::Stripe => "Stripe",
            Destination::ReferralFactory => "Referral Factory",
        }
    }

    /// The destination of this stable name; a dash is as good as an underscore.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Destination> {
        Destination::ALL.into_iter().find(|destination| destination.name() == name.replace('-', "_"))
    }

    /// Whether a person without an e-mail address can be uploaded to it.
    #[must_use]
    pub fn needs_email(self) -> bool {
        self == Destination::ReferralFactory
    }
}

/// What kind of thing an upload is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A Lead with everything that they bought.
    Lead,
    /// A Referrer.
    Referrer,
    /// A ReferralCode.
    Code,
    /// A Coupon.
    Coupon,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Lead, Kind::Referrer, Kind::Code, Kind::Coupon];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Lead => "lead",
            Kind::Referrer => "referrer",
            Kind::Code => "code",
            Kind::Coupon => "coupon",
        }
    }

    /// The kind of this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What was recorded that must be uploaded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// A Lead became known or changed.
    Lead,
    /// A code was used.
    Redemption,
    /// A sale was undone.
    Void,
    /// Money went back.
    Refund,
    /// A Referrer became known or changed.
    Referrer,
    /// A code was generated, revoked or used up.
    Code,
    /// A coupon was made.
    Coupon,
}

impl What {
    /// All of them.
    pub const ALL: [What; 7] = [What::Lead, What::Redemption, What::Void, What::Refund, What::Referrer, What::Code, What::Coupon];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            What::Lead => "lead",
            What::Redemption => "redemption",
            What::Void => "void",
            What::Refund => "refund",
            What::Referrer => "referrer",
            What::Code => "code",
            What::Coupon => "coupon",
        }
    }

    /// What has this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<What> {
        What::ALL.into_iter().find(|what| what.name() == name)
    }

    /// Whose record at the destination it changes: a sale is uploaded with its Lead.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            What::Lead | What::Redemption | What::Void | What::Refund => Kind::Lead,
            What::Referrer => Kind::Referrer,
            What::Code => Kind::Code,
            What::Coupon => Kind::Coupon,
        }
    }
}

/// The whole thing became known or changed.
impl From<Kind> for What {
    fn from(kind: Kind) -> What {
        match kind {
            Kind::Lead => What::Lead,
            Kind::Referrer => What::Referrer,
            Kind::Code => What::Code,
            Kind::Coupon => What::Coupon,
        }
    }
}

/// How far an Outbox entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// To be sent.
    Waiting,
    /// An upload carries it.
    Sending,
    /// The destination has it.
    Uploaded,
    /// Something is missing that the destination needs, or a person set it aside.
    Parked,
    /// The destination knows something else; a person decides.
    Conflict,
    /// The destination refuses it for good.
    NeedsAPerson,
}

impl EntryState {
    /// All of them.
    pub const ALL: [EntryState; 6] =
        [EntryState::Waiting, EntryState::Sending, EntryState::Uploaded, EntryState::Parked, EntryState::Conflict, EntryState::NeedsAPerson];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EntryState::Waiting => "waiting",
            EntryState::Sending => "sending",
            EntryState::Uploaded => "uploaded",
            EntryState::Parked => "parked",
            EntryState::Conflict => "conflict",
            EntryState::NeedsAPerson => "needs_a_person",
        }
    }

    /// The state of this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<EntryState> {
        EntryState::ALL.into_iter().find(|state| state.name() == name)
    }
}
