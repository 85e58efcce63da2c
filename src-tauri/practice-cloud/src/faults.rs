//! Faults on demand: what a network and a cloud can do to a call, struck where and when a test wants it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Cloud;
use crate::chance::Chance;

/// One thing that goes wrong with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection closes before the cloud has done anything.
    CloseBefore,
    /// The cloud does what was asked and the connection closes: the answer is lost.
    CloseAfter,
    /// The cloud does what was asked and half of the answer arrives.
    HalfBody,
    /// Some box in between answers 200 with a page instead of JSON; the cloud has seen nothing.
    Html,
    /// The cloud does what was asked and some box in between answers 200 with a page instead of JSON.
    HtmlAfter,
    /// 500 from the cloud before it has done anything. Nothing is stored under the idempotency key.
    ServerError,
    /// The cloud does what was asked, answers 500, and (at Stripe) stores that answer under the idempotency key.
    ServerErrorStored,
    /// 502 from some box in between; the cloud has seen nothing.
    BadGateway,
    /// 503 from the cloud before it has done anything.
    Unavailable,
    /// 429 with `Retry-After` in seconds.
    TooMany {
        /// What `Retry-After` says.
        retry_after_secs: u32,
    },
    /// 409: somebody else holds the object.
    Conflict,
    /// The cloud takes this long before it does what was asked. A caller that hangs up meanwhile does not stop it.
    Delay(Duration),
    /// The call arrives twice, the second answer comes back.
    Twice,
}

impl Fault {
    /// Every fault a plan draws from when nothing else is said; the delay is short.
    pub const ALL: [Fault; 13] = [
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::HalfBody,
        Fault::Html,
        Fault::HtmlAfter,
        Fault::ServerError,
        Fault::ServerErrorStored,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::TooMany { retry_after_secs: 1 },
        Fault::Conflict,
        Fault::Delay(Duration::from_millis(50)),
        Fault::Twice,
    ];

    /// Its name, under which strikes are counted.
    pub fn name(self) -> &'static str {
        match self {
            Fault::CloseBefore => "close before",
            Fault::CloseAfter => "close after",
            Fault::HalfBody => "half a body",
            Fault::Html => "html",
            Fault::HtmlAfter => "html after",
            Fault::ServerError => "500",
            Fault::ServerErrorStored => "500 stored",
            Fault::BadGateway => "502",
            Fault::Unavailable => "503",
            Fault::TooMany { .. } => "429",
            Fault::Conflict => "409",
            Fault::Delay(_) => "delay",
            Fault::Twice => "twice",
        }
    }
}

/// Which calls a fault is meant for. Paths are the cloud's own: `/v1/customers`, `/users`; `*` at the end stands for anything.
#[derive(Clone, Debug, Default)]
pub struct Aim {
    cloud: Option<Cloud>,
    method: Option<String>,
    path: Option<String>,
    skip: u32,
    times: Option<u32>,
}

impl Aim {
    /// The next call, whatever it is.
    pub fn any() -> Aim {
        Aim::default()
    }

    /// The next call to Stripe.
    pub fn stripe() -> Aim {
        Aim { cloud: Some(Cloud::Stripe), ..Aim::default() }
    }

    /// The next call to Referral Factory.
    pub fn referral_factory() -> Aim {
        Aim { cloud: Some(Cloud::ReferralFactory), ..Aim::default() }
    }

    /// Only calls with this method and path.
    #[must_use]
    pub fn call(mut self, method: &str, path: &str) -> Aim {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Lets this many fitting calls pass first.
    #[must_use]
    pub fn after(mut self, calls: u32) -> Aim {
        self.skip = calls;
        self
    }

    /// Strikes this often instead of once.
    #[must_use]
    pub fn times(mut self, times: u32) -> Aim {
        self.times = Some(times);
        self
    }

    fn fits(&self, cloud: Cloud, method: &str, path: &str) -> bool {
        self.cloud.is_none_or(|wanted| wanted == cloud)
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|wanted| match wanted.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == wanted,
            })
    }
}

/// Faults by chance: the same seed and the same calls strike the same.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    /// Where chance starts.
    pub seed: u64,
    /// How many calls of a thousand are struck.
    pub per_thousand: u32,
    /// What they are struck with.
    pub kinds: Vec<Fault>,
    /// After this many strikes the plan is over, so that a test ends.
    pub strikes_max: u32,
}

impl FaultPlan {
    /// Every kind of fault, at `per_thousand` of a thousand calls, at most 1000 strikes.
    pub fn new(seed: u64, per_thousand: u32) -> FaultPlan {
        FaultPlan { seed, per_thousand, kinds: Fault::ALL.to_vec(), strikes_max: 1000 }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    aimed: Vec<(Aim, Fault)>,
    plan: Option<(FaultPlan, Chance)>,
    struck: BTreeMap<&'static str, u32>,
}

impl Faults {
    pub(crate) fn aim(&mut self, aim: Aim, fault: Fault) {
        self.aimed.push((aim, fault));
    }

    pub(crate) fn follow(&mut self, plan: FaultPlan) {
        let chance = Chance::new(plan.seed);
        self.plan = Some((plan, chance));
    }

    pub(crate) fn clear(&mut self) {
        self.aimed.clear();
        self.plan = None;
    }

    pub(crate) fn struck(&self) -> BTreeMap<&'static str, u32> {
        self.struck.clone()
    }

    /// How many aimed strikes are still to come.
    pub(crate) fn waiting(&self) -> usize {
        self.aimed.len()
    }

    /// The fault for this call, if any: aimed ones first, in the order they were aimed.
    pub(crate) fn draw(&mut self, cloud: Cloud, method: &str, path: &str) -> Option<Fault> {
        let fault = self.draw_aimed(cloud, method, path).or_else(|| self.draw_planned())?;
        *self.struck.entry(fault.name()).or_default() += 1;
        Some(fault)
    }

    fn draw_aimed(&mut self, cloud: Cloud, method: &str, path: &str) -> Option<Fault> {
        let mut drawn = None;
        for (at, (aim, fault)) in self.aimed.iter_mut().enumerate() {
            if !aim.fits(cloud, method, path) {
                continue;
            }
            if aim.skip > 0 {
                aim.skip -= 1;
                continue;
            }
            let left = aim.times.unwrap_or(1).saturating_sub(1);
            aim.times = Some(left);
            drawn = Some((at, *fault, left));
            break;
        }
        let (at, fault, left) = drawn?;
        if left == 0 {
            self.aimed.remove(at);
        }
        Some(fault)
    }

    fn draw_planned(&mut self) -> Option<Fault> {
        let (plan, chance) = self.plan.as_mut()?;
        // Both draws are made for every call, so that what is struck does not shift what comes later.
        let (dice, kind) = (chance.below(1000), chance.below(plan.kinds.len() as u64));
        if plan.strikes_max == 0 || dice >= u64::from(plan.per_thousand) {
            return None;
        }
        plan.strikes_max -= 1;
        plan.kinds.get(kind as usize).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_where_it_was_aimed() {
        let mut faults = Faults::default();
        faults.aim(Aim::stripe().call("POST", "/v1/customers*").after(1).times(2), Fault::CloseAfter);
        let mut draw = |cloud, method| faults.draw(cloud, method, "/v1/customers/cus_1");
        assert_eq!(draw(Cloud::ReferralFactory, "POST"), None);
        assert_eq!(draw(Cloud::Stripe, "GET"), None);
        assert_eq!(draw(Cloud::Stripe, "POST"), None, "the first one passes");
        assert_eq!(draw(Cloud::Stripe, "POST"), Some(Fault::CloseAfter));
        assert_eq!(draw(Cloud::Stripe, "POST"), Some(Fault::CloseAfter));
        assert_eq!(draw(Cloud::Stripe, "POST"), None);
        assert_eq!(faults.struck()["close after"], 2);
    }

    #[test]
    fn the_same_seed_strikes_the_same() {
        let run = || {
            let mut faults = Faults::default();
            faults.follow(FaultPlan::new(7, 300));
            (0..200).map(|_| faults.draw(Cloud::Stripe, "GET", "/")).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        let struck = run().iter().flatten().count();
        assert!((30..90).contains(&struck), "{struck}");
    }
}
