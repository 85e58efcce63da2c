//! What a practice session finds in the clouds.

use crate::{CampaignStatus, Clouds};

/// The name of the practice campaign at Referral Factory.
pub const PRACTICE_CAMPAIGN: &str = "Spring friends";

/// Fills practice data: Stripe with nothing, as a new test account; Referral Factory with a launched campaign and three referrers.
pub fn invent(clouds: &Clouds) {
    let factory = clouds.referral_factory();
    let campaign = factory.add_campaign(PRACTICE_CAMPAIGN, CampaignStatus::Launched);
    factory.set_lead_fields(campaign, &[("Phone", false), ("Store", false), ("Order total", false)]);
    factory.set_referrer_fields(campaign, &[("Phone", false)]);
    // Codes as Referral Factory makes them: eight mixed-case characters with look-alikes.
    for (name, email, code) in [
        ("Jane", "jane@salon-am-markt.com", "ueONFmUp"),
        ("Mehmet", "mehmet@radhaus-nord.com", "x0Ol1IkQ"),
        ("Chloé", "chloe@atelier-lumiere.com", "Zb7Wq2Ns"),
    ] {
        factory.add_referrer(campaign, name, email, Some(code));
    }
}
