//! Which program wrote a list, for the sentence "Looks like a Shopify export". Nothing else depends on it.

use super::columns::fold;

/// A program whose exports are recognised by their columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Square's customer directory.
    Square,
    /// Shopify's customers.
    Shopify,
    /// Stripe's customers.
    Stripe,
    /// A Mailchimp audience.
    Mailchimp,
    /// Referral Factory's users.
    ReferralFactory,
}

impl Vendor {
    /// The name the vendor goes by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Square => "Square",
            Self::Shopify => "Shopify",
            Self::Stripe => "Stripe",
            Self::Mailchimp => "Mailchimp",
            Self::ReferralFactory => "Referral Factory",
        }
    }

    pub(super) fn of(headers: &[String]) -> Option<Self> {
        let headers: Vec<String> = headers.iter().map(|header| fold(header)).collect();
        let has = |names: &[&str]| names.iter().any(|name| headers.iter().any(|header| header == name));
        if has(&["squarecustomerid"]) || (has(&["referenceid"]) && has(&["nickname", "instantprofile", "creationsource"])) {
            Some(Self::Square)
        } else if has(&["acceptsemailmarketing", "acceptsmarketing"]) && has(&["totalspent", "taxexempt", "defaultaddressphone"]) {
            Some(Self::Shopify)
        } else if has(&["memberrating"]) || (has(&["leid"]) && has(&["euid"])) {
            Some(Self::Mailchimp)
        } else if has(&["id"]) && has(&["createdutc"]) && has(&["email", "customeremail", "delinquent"]) {
            Some(Self::Stripe)
        } else if has(&["email"])
            && has(&["code", "referralcode"])
            && has(&["url", "referrallink", "referralurl"])
            && has(&["source", "campaignid", "campaign", "firstname"])
        {
            Some(Self::ReferralFactory)
        } else {
            None
        }
    }
}
