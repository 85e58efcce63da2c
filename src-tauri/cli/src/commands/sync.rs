//! Uploading and bringing back without the window: once, or on the timer until somebody ends it.

use std::time::{Duration, Instant};

use chrono::Utc;
use counterfoil_core::desk::Desk;
use counterfoil_core::desk::fault::Kind;
use counterfoil_core::desk::uploads::DestinationView;
use counterfoil_core::desk::views::Progress;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::ports::{Clock as _, CloudError, System};
use counterfoil_core::settings::Settings;
use counterfoil_core::storage::{Store, destinations};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::fields::{self, CampaignField, FieldOf, FieldValue};
use counterfoil_core::sync::http::Http;
use counterfoil_core::sync::keys::{self, SystemKeyring};
use counterfoil_core::sync::round::{self, Report, Round, RoundError, Wire};
use serde::Serialize;
use serde_json::json;

use super::Place;
use super::connect::{open, referral_factory};
use crate::answer::{Answer, Exit, Problem, Result, say};
use crate::args::{CodesCommand, CouponCommand, ReferralFactoryCommand, StripeCommand, Sync};
use crate::text::{Here, Table, count, shown};
use crate::watch;

/// How often a Ctrl-C and new sales are looked for between two rounds.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Which way a round goes.
#[derive(Clone, Copy)]
struct Way<'a> {
    only: Option<Destination>,
    campaign: Option<&'a str>,
    /// A person waits for it: what failed a while ago is tried now.
    hurry: bool,
}

/// What is told of a round.
#[derive(Serialize)]
struct Done {
    settled: u32,
    calls: u32,
    cancelled: bool,
    /// Another program was at it, so nothing was done here.
    elsewhere: bool,
    destinations: Vec<Line>,
    #[serde(skip)]
    next: Option<Duration>,
    #[serde(skip)]
    exit: Exit,
}

/// How a destination stands after it.
#[derive(Serialize)]
struct Line {
    destination: &'static str,
    connected: bool,
    refused: Option<String>,
    trouble: Option<String>,
    waiting: u32,
    uploaded: u32,
    parked: u32,
    conflict: u32,
    needs_a_person: u32,
}

pub fn sync(desk: &Desk, place: &Place, ask: &Sync) -> Result {
    let stop = watch::stop();
    let person = std::io::IsTerminal::is_terminal(&std::io::stdin());
    let mut way = Way { only: ask.destination.map(Destination::from), campaign: ask.campaign.as_deref(), hurry: person };
    let mut done = once(desk, place, way)?;
    way.hurry = false;
    while !ask.once && !stop.load(std::sync::atomic::Ordering::SeqCst) {
        let answer = answer(desk, &done, None)?;
        say(if place.json { &answer.json } else { &answer.text }, answer.exit);
        // Nobody runs another command meanwhile that would make the day's copy.
        desk.tidy();
        let _ = desk.back_up_daily();
        if rest(desk, round::jittered(place.settings()?.every(), &mut System), done.next)? {
            break;
        }
        match once(desk, place, way) {
            Ok(round) => done = round,
            // It went well before: a network, a keyring or a busy database comes back.
            Err(problem) => drop(problem.told_in(desk.language()).say(place.json)),
        }
    }
    // What goes on until somebody ends it was ended.
    done.cancelled |= !ask.once;
    answer(desk, &done, None)
}

pub fn at_stripe(desk: &Desk, place: &Place, job: &StripeCommand) -> Result {
    let now = Utc::now();
    match job {
        StripeCommand::Check => super::connect::check(desk, place),
        StripeCommand::Coupon(CouponCommand::Create) => {
            let queued = connect::send_coupon(&mut open(place)?, now)?;
            push(desk, place, Destination::Stripe, usize::from(queued), "Stripe has the campaign's coupon already, or there is none.")
        }
        StripeCommand::Codes(CodesCommand::Push { each_new }) => {
            let queued = connect::send_codes(&mut open(place)?, *each_new, now)?;
            push(desk, place, Destination::Stripe, queued, "Stripe has every code already.")
        }
    }
}

pub fn at_referral_factory(desk: &Desk, place: &Place, job: &ReferralFactoryCommand) -> Result {
    match job {
        ReferralFactoryCommand::Push => {
            let queued = connect::send_referrers(&mut open(place)?, Utc::now())?;
            push(desk, place, Destination::ReferralFactory, queued, "Referral Factory has everybody already.")
        }
        ReferralFactoryCommand::Fields { set, set_referrer } => fields(desk, place, set, set_referrer),
    }
}

/// The campaign's fields with what goes into each, once what was asked for is kept.
fn fields(desk: &Desk, place: &Place, leads: &[String], referrers: &[String]) -> Result {
    let mut store = open(place)?;
    let mut fields = fields::fields(&store, &SystemKeyring::of_till(&desk.till_id()?), &place.settings()?)?;
    let wishes = leads.iter().map(|wish| (FieldOf::Lead, wish)).chain(referrers.iter().map(|wish| (FieldOf::Referrer, wish)));
    for (of, wish) in wishes.clone() {
        set_field(&mut fields, of, wish)?;
    }
    if wishes.count() > 0 {
        fields::set_fields(&mut store, &fields, System.now())?;
    }
    let mut table = Table::new(&["Of", "Field", "Must be filled", "Gets"]);
    for field in &fields {
        let gets = field.value.map_or("nothing", FieldValue::name);
        table.row([field.of.name(), &shown(&field.label), if field.required { "yes" } else { "" }, gets]);
    }
    let text = if fields.is_empty() { "The campaign asks for nothing but name and e-mail.".to_owned() } else { table.lines() };
    Ok(Answer::done(&fields, text))
}

fn set_field(fields: &mut [CampaignField], of: FieldOf, wish: &str) -> std::result::Result<(), Problem> {
    let (how, unknown, takes) = match of {
        FieldOf::Lead => (
            "Write --set as LABEL=VALUE, such as --set Phone=phone.",
            "The campaign asks leads for no field of that name. foil referral-factory fields lists those that it has.",
            "A lead's field takes phone, code, amount, currency, redemption, store, or nothing.",
        ),
        FieldOf::Referrer => (
            "Write --set-referrer as LABEL=VALUE, such as --set-referrer Phone=phone.",
            "The campaign asks referrers for no field of that name. foil referral-factory fields lists those that it has.",
            "A referrer's field takes phone, store, or nothing.",
        ),
    };
    let (label, value) = wish.rsplit_once('=').ok_or(Problem::Usage(how))?;
    let field = fields.iter_mut().find(|field| field.of == of && field.label == label).ok_or(Problem::Usage(unknown))?;
    field.value = match value {
        "" => None,
        name => Some(FieldValue::from_name(name).filter(|value| of.values().contains(value)).ok_or(Problem::Usage(takes))?),
    };
    Ok(())
}

/// Uploads what was just put into the queue.
fn push(desk: &Desk, place: &Place, destination: Destination, queued: usize, nothing: &str) -> Result {
    let done = once(desk, place, Way { only: Some(destination), campaign: None, hurry: true })?;
    let queued = u32::try_from(queued).unwrap_or(u32::MAX);
    let what = if queued == 0 { nothing.to_owned() } else { format!("{} for {}.", count(queued, "thing", "things"), destination.title()) };
    answer(desk, &done, Some((queued, &what)))
}

/// One round to everything that is connected, with whatever key there is.
fn once(desk: &Desk, place: &Place, way: Way<'_>) -> Result<Done> {
    let settings = place.settings()?;
    let keyring = SystemKeyring::of_till(&desk.till_id()?);
    let mut store = open(place)?;
    let (mut wires, mut held_back) = (Vec::new(), Vec::new());
    for destination in Destination::ALL.into_iter().filter(|destination| way.only.is_none_or(|only| only == *destination)) {
        match wire(&mut store, &keyring, &settings, &standing(desk, destination)?, way.campaign) {
            Ok(Some(wire)) => wires.push(wire),
            Ok(None) if way.only.is_some() => return Err(CloudError::NotConnected(destination).into()),
            Ok(None) => {}
            Err(problem) => held_back.push((destination, problem)),
        }
    }
    drop(store);
    if wires.is_empty() {
        return Err(held_back.into_iter().next().map_or(Problem::NothingConnected, |(_, problem)| problem));
    }
    let stop = watch::stop();
    let run = |tell: &mut dyn FnMut(Progress)| {
        round::run(Round {
            folder: &place.folder,
            wires,
            clock: &System,
            entropy: &mut System,
            pull_every: settings.every(),
            hurry: way.hurry,
            cancelled: stop,
            progress: &mut |round::Progress { done, total }| tell(Progress { done, total: Some(total) }),
        })
    };
    let (report, elsewhere) = match watch::told(run) {
        Err(RoundError::Cloud(CloudError::Running)) => (Report::default(), true),
        report => (report?, false),
    };
    let mut exit = if report.calls > 0 && report.reached.is_empty() && !report.cancelled { Exit::Storage } else { Exit::Done };
    let mut destinations = desk.sync_view()?.destinations.into_iter().map(Line::from).collect::<Vec<_>>();
    for (destination, problem) in held_back {
        // Out of reach is no fault where others were reached: what waits there goes on waiting.
        let unreachable = matches!(&problem, Problem::Desk(counterfoil_core::desk::DeskError::Cloud(CloudError::Unreachable { .. })));
        if problem.kind() == Kind::Rules || (!unreachable && exit == Exit::Done) {
            exit = Exit::Refused;
        }
        if let Some(line) = destinations.iter_mut().find(|line| line.destination == destination.name()) {
            let sentence = problem.told_in(desk.language()).sentence();
            *(if unreachable { &mut line.trouble } else { &mut line.refused }) = Some(sentence);
        }
    }
    if !report.refused.is_empty() || destinations.iter().any(|line| line.connected && line.refused.is_some()) {
        exit = Exit::Refused;
    }
    let Report { settled, calls, next, cancelled, .. } = report;
    Ok(Done { settled, calls, cancelled, elsewhere, destinations, next, exit })
}

/// The way to a destination, with the key that was given to this run or the one in the keyring; none where it is not connected and
/// no key was given. A given key connects by itself, also anew after a refusal, and is not kept.
fn wire(store: &mut Store, keyring: &SystemKeyring, settings: &Settings, view: &DestinationView, campaign: Option<&str>) -> Result<Option<Wire>> {
    let destination = view.name;
    let url = settings.url(destination);
    let connected = view.connected_at.is_some();
    let key = match keys::given(destination) {
        None if !connected => return Ok(None),
        None => keys::find(keyring, destination)?,
        Some(key) => {
            if !connected || view.refused.is_some() {
                match destination {
                    Destination::Stripe => connect::stripe(store, None, url, &key, Utc::now())?,
                    Destination::ReferralFactory => referral_factory(store, None, url, &key, campaign.or(view.account.as_deref()))?,
                }
            }
            key
        }
    };
    let standing = destinations::connected(store.reader(), destination).map_err(RoundError::from)?.ok_or(CloudError::NotConnected(destination))?;
    if !connect::fits(destination, &key, &standing) {
        return Err(CloudError::OtherAccount(destination).into());
    }
    Ok(Some(Wire { destination, http: Http::new(destination, url, &key)? }))
}

/// How a destination stands.
pub fn standing(desk: &Desk, destination: Destination) -> Result<DestinationView> {
    let view = desk.sync_view()?.destinations.into_iter().find(|view| view.name == destination);
    Ok(view.ok_or(CloudError::NotConnected(destination))?)
}

impl From<DestinationView> for Line {
    fn from(view: DestinationView) -> Line {
        let DestinationView { refused, trouble, waiting, uploaded, parked, conflict, needs_a_person, .. } = view;
        let destination = view.name.name();
        Line { destination, connected: view.connected_at.is_some(), refused, trouble, waiting, uploaded, parked, conflict, needs_a_person }
    }
}

/// Waits for the next round: until it is time, until something new waits here, or until somebody ends it, which it says.
fn rest(desk: &Desk, every: Duration, next: Option<Duration>) -> Result<bool> {
    let (began, until) = (Instant::now(), next.map_or(every, |next| next.min(every)));
    let stop = watch::stop();
    let mut seen = desk.changes_seen()?;
    let mut waited = waiting(desk)?;
    while began.elapsed() < until {
        if stop.load(std::sync::atomic::Ordering::SeqCst) {
            return Ok(true);
        }
        std::thread::sleep(LOOK_EVERY.min(until.saturating_sub(began.elapsed())));
        let changes = desk.changes_seen()?;
        if changes != seen {
            seen = changes;
            let waits = waiting(desk)?;
            if waits > waited {
                return Ok(false);
            }
            waited = waits;
        }
    }
    Ok(false)
}

/// How much waits for what is connected.
fn waiting(desk: &Desk) -> Result<u32> {
    let destinations = desk.sync_view()?.destinations;
    Ok(destinations.iter().filter(|view| view.connected_at.is_some()).map(|view| view.waiting).sum())
}

fn answer(desk: &Desk, done: &Done, pushed: Option<(u32, &str)>) -> Result {
    let view = desk.sync_view()?;
    let here = Here::of(&desk.shop_view()?)?;
    let mut text = pushed.map_or_else(String::new, |(_, what)| format!("{what}\n"));
    text += &match done {
        Done { elsewhere: true, .. } => "Another Counterfoil uploads for this shop at this moment. Nothing is lost.".to_owned(),
        Done { cancelled: true, .. } => format!("Ended. {} settled; what waits is safe.", count(done.settled, "entry", "entries")),
        Done { settled: 0, exit: Exit::Storage, .. } => "Nothing answers. What was recorded waits safely and goes up later.".to_owned(),
        Done { settled, .. } => format!("{} settled.", count(*settled, "entry", "entries")),
    };
    text += &format!("\n\n{}", table(&view.destinations));
    for line in done.destinations.iter().flat_map(|line| [&line.refused, &line.trouble]).flatten() {
        text += &format!("\n\n{}", shown(line));
    }
    text += &open_questions(&here, &view);
    let mut json = json!(done);
    if let Some((queued, _)) = pushed {
        json["queued"] = queued.into();
    }
    Ok(Answer::done(&json, text).ending(done.exit))
}

/// What is connected, and how much is uploaded and is not.
pub fn table(destinations: &[DestinationView]) -> String {
    let mut table = Table::new(&["For upload", "Connected", "Waiting", "Uploaded", "Parked", "Conflict", "Needs a person"]).right(&[2, 3, 4, 5, 6]);
    for view in destinations {
        let connected = match (&view.connected_at, &view.account_name, &view.account) {
            (None, ..) if view.by_file => "by file",
            (None, ..) => "no",
            (_, Some(name), _) => name,
            (_, None, account) => account.as_deref().unwrap_or("yes"),
        };
        let numbers = [view.waiting, view.uploaded, view.parked, view.conflict, view.needs_a_person].map(|n| n.to_string());
        let [waiting, uploaded, parked, conflict, person] = &numbers;
        table.row([&view.title, connected, waiting, uploaded, parked, conflict, person]);
    }
    table.lines()
}

/// Since when something waits, and whether a person is asked.
pub fn open_questions(here: &Here, view: &counterfoil_core::desk::uploads::SyncView) -> String {
    let mut text = String::new();
    for view in view.destinations.iter().filter(|view| view.connected_at.is_some() || view.by_file) {
        if let Some(since) = &view.waiting_since {
            text += &format!("\n\n{}: the oldest waits since {}. foil outbox list tells why.", view.title, here.moment(since));
        }
    }
    if view.conflicts > 0 {
        text += &format!("\n\n{} for a decision: foil conflicts list.", count(view.conflicts, "conflict waits", "conflicts wait"));
    }
    text
}

#[cfg(test)]
mod tests {
    use counterfoil_core::desk::shop::NewShop;
    use counterfoil_core::desk::views::RulesView;

    use super::*;

    /// What rests for this long, by its timer and by what is due, and the longest that a busy computer may take for it.
    #[track_caller]
    fn rests(every_ms: u64, next_ms: Option<u64>, expected_ms: u64) {
        let folder = tempfile::tempdir().expect("a folder");
        let shop = NewShop {
            name: "Harbour Street Salon".into(),
            currency: "EUR".into(),
            timezone: Some("Europe/London".into()),
            country: None,
            language: "en".into(),
            campaign: None,
            coupon: None,
            rules: RulesView::default(),
        };
        let desk = Desk::set_up(folder.path(), &shop).expect("a shop");
        let began = Instant::now();
        let ended = rest(&desk, Duration::from_millis(every_ms), next_ms.map(Duration::from_millis)).expect("a rest");
        assert!(!ended, "nobody ended it");
        let (took, expected) = (began.elapsed(), Duration::from_millis(expected_ms));
        assert!(took >= expected && took < expected + Duration::from_secs(30), "{took:?}");
    }

    #[test]
    fn the_timer_rings_after_its_time_and_sooner_where_something_is_due() {
        const FIVE_MINUTES_MS: u64 = 300_000;
        rests(150, None, 150);
        rests(FIVE_MINUTES_MS, Some(100), 100);
        // What is due later than the timer does not hold it up.
        rests(150, Some(FIVE_MINUTES_MS), 150);
        rests(FIVE_MINUTES_MS, Some(0), 0);
    }
}
