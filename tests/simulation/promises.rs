//! What is held against each call as it is sent, and against the badge after every step.

use std::time::Duration;

use counterfoil_core::storage::uploads;
use counterfoil_core::sync::call::{Call, Name};
use counterfoil_core::sync::engine::Ready;
use counterfoil_core::sync::round::calls_per_second;

use super::bugs::Bug;
use super::network::{Fate, Flight};
use super::world::{Outcome, World, text};

impl World {
    pub fn send(&mut self, at: usize, ready: Ready) -> Outcome<()> {
        let side = &mut self.sides[at];
        let shown = ready.call.shown();
        if side.frozen {
            return Err(format!("{shown} with a key that is refused"));
        }
        if self.now < side.quiet_until {
            return Err(format!("{shown} although {:?} asked to be left alone", side.destination));
        }
        let most = calls_per_second(side.destination) as usize;
        side.sends.push_back(self.now);
        if side.sends.len() > most && self.now - side.sends[side.sends.len() - 1 - most] < Duration::from_secs(1) {
            return Err(format!("more than {most} calls in a second"));
        }
        if side.sends.len() > most {
            side.sends.pop_front();
        }
        let (destination, token) = (side.destination, side.token_held);
        if let Some(n) = ready.upload_n {
            self.is_stored(n, &ready.call)?;
        }
        let on_its_way = |flight: &Flight| flight.process == self.process && flight.back.is_some() && flight.destination == destination;
        if self.flights.iter().any(|flight| on_its_way(flight) && flight.ready.upload_n == ready.upload_n) {
            return Err(format!("{shown} is on its way twice"));
        }
        if let Some(n) = ready.upload_n.filter(|_| ready.call.name == Name::Search)
            && self.asked_about.insert(n)
        {
            self.struck.one("asked after 20 hours");
        }
        let fate = if self.now < self.outage_until {
            if self.now < self.deaf_until { Fate::AnswerLost } else { Fate::DropBefore }
        } else if self.dice.below(1000) < self.faults_per_mille {
            *self.dice.pick(&Fate::FAULTS)
        } else {
            Fate::Well
        };
        self.struck.fate(fate);
        self.say(|| format!("{} {} [{fate:?}] {:?} {:?}", destination.name(), shown, ready.upload_n, ready.call.body));
        let mut flight = Flight::begin(destination, self.process, ready, token, fate, self.now, &mut self.dice);
        if let Some(bug) = self.bug {
            bug.on_the_wire(&self.store, &mut flight);
        }
        self.flights.push(flight);
        self.crashes();
        Ok(())
    }

    /// Key and exact body are stored before anything is sent.
    fn is_stored(&self, n: i64, call: &Call) -> Outcome<()> {
        let stored = text(uploads::open(self.store.reader(), n))?.ok_or("an upload is sent that is not stored")?;
        let same = serde_json::from_str::<Call>(&stored.call).is_ok_and(|stored| stored == *call);
        if same && stored.first_sent_at.is_some() { Ok(()) } else { Err(format!("{} is sent and not stored so", call.shown())) }
    }

    /// The badge never says that all is well while a cloud does not know what was recorded.
    pub fn badge_is_true(&self) -> Outcome<()> {
        let waiting = text(self.desk.sales_of(None))?.waiting.waiting;
        let shown = if self.bug == Some(Bug::BadgeCountsOnlyWaiting) { self.count("state = 'waiting'") } else { i64::from(waiting) };
        let open = self.count("state <> 'uploaded' AND why IS NOT 'set_aside'");
        if shown > 0 {
            return Ok(());
        }
        if open > 0 {
            return Err(format!("the badge says 0 and {open} entries are open"));
        }
        let there = self.truth.at_stripe(&self.stripe).and_then(|()| self.truth.at_referral_factory(&self.factory));
        there.map_err(|differs| format!("the badge says 0 and {differs}"))
    }

    pub fn count(&self, filter: &str) -> i64 {
        self.store.reader().query_row(&format!("SELECT count(*) FROM outbox WHERE {filter}"), [], |row| row.get(0)).unwrap()
    }
}
