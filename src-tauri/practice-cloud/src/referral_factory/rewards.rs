//! Rewards that are due, and what becomes of them. Issuing can't be taken back.

use serde_json::{Map, Value, json};

use super::door::{Outcome, Refusal, paged};
use super::factory::{Factory, Reward};

impl Factory {
    pub(crate) fn due_rewards(&self, kind: &str, query: &Map<String, Value>) -> Outcome {
        if !["amount", "commission", "coupon", "custom"].contains(&kind) {
            return Err(Refusal::wrong("type", "It must be one of amount, commission, coupon, custom."));
        }
        let due: Vec<&Reward> = self.rewards.values().filter(|reward| reward.state == "due" && reward.kind == kind).collect();
        let total = due.len();
        paged(&format!("rewards/due/{kind}"), due.into_iter(), total, query, shown)
    }

    pub(crate) fn settle_reward(&mut self, action: &str, id: &str) -> Outcome {
        let reward = id.parse().ok().and_then(|id: i64| self.rewards.get_mut(&id)).ok_or_else(|| Refusal::plain(404, "The reward was not found."))?;
        if reward.state != "due" {
            return Err(Refusal::plain(410, "This reward is no longer due."));
        }
        reward.state = if action == "issue" { "issued" } else { "cancelled" };
        Ok(json!({"data": shown(reward)}))
    }
}

fn shown(reward: &Reward) -> Value {
    json!({
        "id": reward.id, "reward_id": reward.id, "recipient_id": reward.recipient_id, "can_be_issued": reward.state == "due", "coupon": null,
        "count": 1, "total": 1, "status": reward.state,
    })
}
