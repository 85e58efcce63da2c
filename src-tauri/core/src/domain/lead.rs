//! What a Lead is at a moment, and the decision that it counts.

/// Where a Lead stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeadState {
    /// Known, but does not count yet.
    Pending,
    /// Counts.
    Qualified,
    /// A manager said that it never will.
    Disqualified,
}

impl LeadState {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LeadState::Pending => "pending",
            LeadState::Qualified => "qualified",
            LeadState::Disqualified => "disqualified",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<LeadState> {
        [LeadState::Pending, LeadState::Qualified, LeadState::Disqualified].into_iter().find(|state| state.name() == name)
    }
}

/// When a Lead of a campaign counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Qualification {
    /// With the first use of a code that stands.
    OnCodeUse,
    /// When somebody, or a rule on spend, time and refunds, says so. Those rules get their variant here.
    ByHand,
}

/// What a Lead did so far, as far as its qualification depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Conduct {
    /// Redemptions that were neither voided nor refunded whole.
    pub redemptions_standing: u32,
    /// It counts because it used a code, not because somebody said so.
    pub qualified_by_code_use: bool,
}

/// Where a Lead stands after what it did. What a manager decided against it stays decided.
#[must_use]
pub fn qualify(now: LeadState, qualification: Qualification, conduct: Conduct) -> LeadState {
    match (now, qualification) {
        (LeadState::Disqualified, _) => LeadState::Disqualified,
        (_, Qualification::OnCodeUse) if conduct.redemptions_standing > 0 => LeadState::Qualified,
        (_, Qualification::OnCodeUse) => LeadState::Pending,
        // What a use of a code gave goes with it, also after the campaign changed its mind.
        (LeadState::Qualified, Qualification::ByHand) if conduct.qualified_by_code_use && conduct.redemptions_standing == 0 => LeadState::Pending,
        (state, Qualification::ByHand) => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LeadState::{Disqualified, Pending, Qualified};

    #[test]
    fn a_lead_counts_while_a_use_of_a_code_stands() {
        let used = |redemptions_standing| Conduct { redemptions_standing, qualified_by_code_use: false };
        for (now, redemptions, expected) in [(Pending, 1, Qualified), (Qualified, 0, Pending), (Pending, 0, Pending), (Disqualified, 3, Disqualified)]
        {
            assert_eq!(qualify(now, Qualification::OnCodeUse, used(redemptions)), expected);
        }
        assert_eq!(qualify(Pending, Qualification::ByHand, used(5)), Pending);
        assert_eq!(qualify(Qualified, Qualification::ByHand, used(0)), Qualified);
        assert_eq!(qualify(Qualified, Qualification::ByHand, Conduct { redemptions_standing: 0, qualified_by_code_use: true }), Pending);
    }
}
