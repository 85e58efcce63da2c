//! What Referral Factory holds: campaigns, users, rewards.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::clock::written;

/// A campaign's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CampaignStatus {
    /// People can join.
    Launched,
    /// Not open yet.
    Draft,
    /// Nobody can join for now.
    Paused,
}

impl CampaignStatus {
    fn name(self) -> &'static str {
        match self {
            CampaignStatus::Launched => "launched",
            CampaignStatus::Draft => "draft",
            CampaignStatus::Paused => "paused",
        }
    }
}

/// One user: a referrer, or with `referrer_id` a lead.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) campaign_id: i64,
    pub(crate) referrer_id: Option<i64>,
    pub(crate) first_name: String,
    pub(crate) email: String,
    pub(crate) code: String,
    pub(crate) signed_up_at: i64,
    pub(crate) qualified_at: Option<i64>,
    pub(crate) unsubscribed_at: Option<i64>,
    pub(crate) meta: Vec<(String, String)>,
}

/// What a referrer gets for a lead.
#[derive(Clone, Debug)]
pub(crate) struct Reward {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) recipient_id: i64,
    pub(crate) lead_id: i64,
    pub(crate) state: &'static str,
}

/// A field of a campaign besides name and e-mail.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) label: String,
    pub(crate) required: bool,
}

impl Field {
    pub(crate) fn all(fields: &[(&str, bool)]) -> Vec<Field> {
        fields.iter().map(|(label, required)| Field { label: (*label).to_owned(), required: *required }).collect()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Campaign {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) status: CampaignStatus,
    pub(crate) created: i64,
    /// What `meta` of a lead may hold.
    pub(crate) lead_fields: Vec<Field>,
    /// What `meta` of a referrer may hold.
    pub(crate) referrer_fields: Vec<Field>,
    pub(crate) reward: String,
}

/// Everything that the Referral Factory stand-in knows.
#[derive(Debug)]
pub(crate) struct Factory {
    pub(crate) token: String,
    pub(crate) campaigns: BTreeMap<i64, Campaign>,
    pub(crate) users: BTreeMap<i64, User>,
    by_email: HashMap<(i64, String), i64>,
    by_code: HashMap<String, i64>,
    pub(crate) rewards: BTreeMap<i64, Reward>,
    next_id: i64,
    /// Answers 422 for a known e-mail, where the real one is said to answer with the user.
    pub(crate) refuses_known_emails: bool,
    /// Domains without a mail server, besides those that can never have one.
    pub(crate) mailless: Vec<String>,
    /// Practice people have addresses that no mail reaches, and can be uploaded all the same.
    pub(crate) takes_every_domain: bool,
}

impl Factory {
    pub(crate) fn new(token: &str) -> Factory {
        Factory {
            token: token.to_owned(),
            campaigns: BTreeMap::new(),
            users: BTreeMap::new(),
            by_email: HashMap::new(),
            by_code: HashMap::new(),
            rewards: BTreeMap::new(),
            next_id: 1000,
            refuses_known_emails: false,
            mailless: Vec::new(),
            takes_every_domain: false,
        }
    }

    pub(crate) fn next_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn add_campaign(&mut self, chance: &mut Chance, now: i64, name: &str, status: CampaignStatus) -> i64 {
        let id = self.next_id();
        let campaign = Campaign {
            id,
            name: name.to_owned(),
            code: chance.letters(8),
            status,
            created: now,
            lead_fields: Vec::new(),
            referrer_fields: Vec::new(),
            reward: "coupon".to_owned(),
        };
        self.campaigns.insert(id, campaign);
        id
    }

    pub(crate) fn by_email(&self, campaign_id: i64, email: &str) -> Option<&User> {
        self.users.get(self.by_email.get(&(campaign_id, email.to_lowercase()))?)
    }

    /// Codes are compared to the letter: whether the real one minds upper and lower case is not known.
    pub(crate) fn by_code(&self, code: &str) -> Option<&User> {
        self.users.get(self.by_code.get(code)?)
    }

    pub(crate) fn by_id_or_code(&self, text: &str) -> Option<&User> {
        text.parse().ok().and_then(|id: i64| self.users.get(&id)).or_else(|| self.by_code(text))
    }

    /// A new user with a fresh code, or with the one that is given.
    pub(crate) fn add_user(&mut self, chance: &mut Chance, now: i64, user: NewUser<'_>) -> i64 {
        let id = self.next_id();
        let mut code = user.code.map_or_else(|| chance.letters(8), str::to_owned);
        while self.by_code.contains_key(&code) {
            code = chance.letters(8);
        }
        self.by_email.insert((user.campaign_id, user.email.to_lowercase()), id);
        self.by_code.insert(code.clone(), id);
        let user = User {
            id,
            campaign_id: user.campaign_id,
            referrer_id: user.referrer_id,
            first_name: user.first_name.to_owned(),
            email: user.email.to_owned(),
            code,
            signed_up_at: now,
            qualified_at: None,
            unsubscribed_at: None,
            meta: user.meta,
        };
        self.users.insert(id, user);
        id
    }

    pub(crate) fn change_email(&mut self, id: i64, email: &str) {
        let Some(user) = self.users.get_mut(&id) else { return };
        self.by_email.remove(&(user.campaign_id, user.email.to_lowercase()));
        user.email = email.to_owned();
        self.by_email.insert((user.campaign_id, email.to_lowercase()), id);
    }

    pub(crate) fn remove_user(&mut self, id: i64) -> bool {
        let Some(user) = self.users.remove(&id) else { return false };
        self.by_email.remove(&(user.campaign_id, user.email.to_lowercase()));
        self.by_code.remove(&user.code);
        true
    }

    /// Qualifies a lead or takes it back; its referrer's reward follows, unless it is issued already.
    pub(crate) fn qualify(&mut self, id: i64, qualified: bool, now: i64) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let (referrer, campaign_id) = (user.referrer_id, user.campaign_id);
        if qualified == user.qualified_at.is_some() {
            return;
        }
        user.qualified_at = qualified.then_some(now);
        let Some(recipient_id) = referrer else { return };
        if qualified {
            let reward_id = self.next_id();
            let kind = self.campaigns.get(&campaign_id).map_or_else(|| "coupon".to_owned(), |campaign| campaign.reward.clone());
            self.rewards.insert(reward_id, Reward { id: reward_id, kind, recipient_id, lead_id: id, state: "due" });
        } else {
            for reward in self.rewards.values_mut().filter(|reward| reward.lead_id == id && reward.state == "due") {
                reward.state = "cancelled";
            }
        }
    }

    pub(crate) fn shown(&self, user: &User) -> Value {
        let meta: Vec<Value> = user.meta.iter().map(|(field, value)| json!({"field": field, "value": value})).collect();
        json!({
            "id": user.id, "campaign_id": user.campaign_id, "referrer_id": user.referrer_id, "first_name": user.first_name, "email": user.email,
            "code": user.code, "source": "api", "type": if user.referrer_id.is_some() { "person_invited" } else { "person_referring" },
            "url": format!("https://referral-factory.com/{}", user.code), "promotion": {"code": null}, "qr": {"src": null},
            "signed_up_at": written(user.signed_up_at), "qualified_at": user.qualified_at.map(written),
            "unsubscribed_at": user.unsubscribed_at.map(written), "meta": meta,
        })
    }
}

/// What a new user is made of.
pub(crate) struct NewUser<'a> {
    pub(crate) campaign_id: i64,
    pub(crate) referrer_id: Option<i64>,
    pub(crate) first_name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) code: Option<&'a str>,
    pub(crate) meta: Vec<(String, String)>,
}

impl Campaign {
    /// What is asked of somebody whom somebody referred, or nobody.
    pub(crate) fn fields(&self, referrer_id: Option<i64>) -> &[Field] {
        if referrer_id.is_some() { &self.lead_fields } else { &self.referrer_fields }
    }

    pub(crate) fn shown(&self) -> Value {
        let field =
            |(id, label, required): (usize, &str, bool)| json!({"id": id, "type": "text", "label": label, "value": null, "required": required});
        let with = |own: &[Field]| -> Vec<Value> {
            let own = own.iter().enumerate().map(|(n, own)| (n + 3, own.label.as_str(), own.required));
            [(1, "First Name", true), (2, "Email", true)].into_iter().chain(own).map(field).collect()
        };
        json!({
            "id": self.id, "name": self.name, "code": self.code, "lang": "en", "url": format!("https://referral-factory.com/{}", self.code),
            "status": self.status.name(), "starts_at": written(self.created), "ends_at": null,
            "fields": {"person_referring": with(&self.referrer_fields), "person_invited": with(&self.lead_fields)},
        })
    }
}
