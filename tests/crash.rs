//! The power goes: a process is killed in the middle, again and again, and nothing that it confirmed is lost or doubled.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use counterfoil_core::desk::import::ImportKind;
use counterfoil_core::desk::redeem::RedeemAsk;
use counterfoil_core::desk::views::{Amount, RulesView};
use counterfoil_core::desk::{Customer, Desk};
use uuid::Uuid;

use crate::child::{self, say};
use crate::support::*;

/// How many kills in all; COUNTERFOIL_KILLS asks for more.
fn kills() -> u64 {
    std::env::var("COUNTERFOIL_KILLS").ok().map_or(300, |kills| kills.parse().unwrap())
}

/// The code that children redeem.
const CODE: &str = "CRASH-1";
/// So many people stand in each list that children import.
const LIST_ROWS: u64 = 400;

/// The n-th sale of a child that began to count at `from`: the same ask, whoever asks.
fn nth_sale(n: u64) -> RedeemAsk {
    let customer = Customer { name: Some("Mia".into()), email: Some(format!("mia{}@brandt.example", n % 50)), phone: None };
    RedeemAsk {
        op: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)).to_string(),
        code: CODE.into(),
        order: Amount(10_000),
        currency: None,
        customer,
        reference: Some(n.to_string()),
        override_by: None,
        no_contact: false,
    }
}

/// The child's side: redeems and says so, until it is killed.
pub fn redeem_until_killed(mut desk: Desk, from: u64) {
    for n in from.. {
        say(&format!("try {n}"));
        let done = desk.redeem(&nth_sale(n)).unwrap();
        say(&format!("done {n} {}", done.redemption.unwrap().id));
        desk.tidy();
    }
}

fn nth_list(n: u64) -> String {
    let mut list = "Name,Email,Phone\n".to_owned();
    for row in 0..LIST_ROWS {
        writeln!(list, "Person {n} {row},p{row}.list{n}@shop.example,{}", if row % 5 == 0 { String::new() } else { format!("07{n:05}{row:04}") })
            .unwrap();
    }
    list
}

/// The child's side: imports one list after the other, until it is killed.
pub fn import_until_killed(mut desk: Desk, from: u64) {
    for n in from.. {
        let path = desk.folder().join("list.csv");
        std::fs::write(&path, nth_list(n)).unwrap();
        say(&format!("try {n}"));
        let report = desk.import(&import_ask(&path, ImportKind::Referrers), &mut |_| true).unwrap();
        say(&format!("done {n} {}", report.added));
    }
}

/// What became of a child that was killed.
struct Killed {
    /// Confirmed: number and what it said.
    done: Vec<(u64, String)>,
    /// Begun, and not confirmed.
    open: Option<u64>,
}

/// Starts a child, lets it confirm a few times, kills it at a moment that the seed decides, and reads what it said to its end.
#[track_caller]
fn kill_one(job: &str, folder: &Path, from: u64, confirmations: u64, within_micros: u64, dice: &mut Seeded) -> Killed {
    let mut running = child::start(job, folder, from);
    let (after, delay) = (dice.below(confirmations), Duration::from_micros(dice.below(within_micros)));
    let mut killed = Killed { done: Vec::new(), open: None };
    let mut hear = |line: String| {
        let mut words = line.split(' ');
        let (what, n) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        if what == "try" {
            killed.open = Some(n);
        } else {
            killed.open = None;
            killed.done.push((n, words.next().unwrap().to_owned()));
        }
        killed.done.len() as u64
    };
    // It has begun when it says so; from there on any moment is as good as another.
    loop {
        let line = running.next().expect("the child ended by itself");
        let begun = line.starts_with("try");
        if hear(line) >= after && begun {
            break;
        }
    }
    std::thread::sleep(delay);
    running.child.kill().unwrap();
    while let Some(line) = running.next() {
        hear(line);
    }
    assert_eq!(running.child.wait().unwrap().signal(), Some(9), "the child was to be killed");
    killed
}

#[test]
fn what_was_confirmed_survives_every_kill_exactly_once() {
    let mut shop = Shop::open();
    shop.desk
        .add_referrer(&referrer("Jane", Some("jane@salon.example"), None, counterfoil_core::desk::people::NewCode::Own { text: CODE.into() }))
        .unwrap();
    let mut dice = Seeded(20_260_531);
    let mut confirmed: BTreeMap<u64, String> = BTreeMap::new();
    let (mut next, mut in_the_middle, mut replayed) = (1, 0, 0);
    let kills = kills() * 2 / 3;
    for kill in 0..kills {
        // The window is open at the same time: its connection lives through the kills.
        let killed = kill_one("redeem", shop.path(), next, 6, 6_000, &mut dice);
        next += killed.done.len() as u64;
        confirmed.extend(killed.done);
        if let Some(open) = killed.open {
            assert_eq!(open, next);
            in_the_middle += 1;
            // The till starts again and asks once more under the same operation: recorded once, whether or not it had been.
            let answer = shop.desk.redeem(&nth_sale(open)).unwrap();
            replayed += u64::from(answer.replayed);
            assert!(shop.desk.redeem(&nth_sale(open)).unwrap().replayed);
            confirmed.insert(open, answer.redemption.unwrap().id);
            next += 1;
        }
        if kill % 10 == 9 {
            shop = shop.reopened();
        }
        if kill % 40 == 39 {
            shop.assert_sound();
        }
    }
    let shop = shop.reopened();
    let behind = shop.behind();
    let mut statement = behind.prepare("SELECT reference, lower(hex(id)) FROM redemption ORDER BY n").unwrap();
    let found: Vec<(String, String)> = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    let expected: Vec<(String, String)> = confirmed.iter().map(|(n, id)| (n.to_string(), id.replace('-', ""))).collect();
    assert_eq!(found, expected);
    shop.assert_sound();
    // The fault struck: sales were confirmed, and kills fell into sales that were not.
    assert!(confirmed.len() as u64 > kills, "{} confirmed in {kills} kills", confirmed.len());
    assert!(in_the_middle > kills / 4, "{in_the_middle} of {kills} kills fell into a sale");
    eprintln!("{kills} kills, {} sales confirmed, {in_the_middle} killed in the middle, {replayed} of them recorded already", confirmed.len());
}

#[test]
fn an_import_is_there_whole_or_not_at_all_after_every_kill() {
    let mut shop = Shop::open();
    let mut dice = Seeded(8);
    let (mut next, mut in_the_middle, mut lists) = (1, 0, 0);
    let kills = kills() / 3;
    for kill in 0..kills {
        let killed = kill_one("import", shop.path(), next, 2, 40_000, &mut dice);
        next += killed.done.len() as u64;
        lists += killed.done.len() as u64;
        for (_, added) in &killed.done {
            assert_eq!(*added, LIST_ROWS.to_string());
        }
        let there = shop.count("SELECT count(*) FROM referrer") as u64;
        if let Some(open) = killed.open {
            in_the_middle += 1;
            assert!(there == lists * LIST_ROWS || there == (lists + 1) * LIST_ROWS, "{there} people after {lists} lists");
            // The same list again makes it whole and doubles nobody.
            let again = shop.import("list.csv", &nth_list(open));
            assert_eq!(again.added + again.unchanged, LIST_ROWS as u32);
            assert!(again.added == 0 || again.unchanged == 0);
            (next, lists) = (next + 1, lists + 1);
        }
        assert_eq!(shop.count("SELECT count(*) FROM referrer") as u64, lists * LIST_ROWS);
        if kill % 25 == 24 {
            shop = shop.reopened();
            shop.assert_sound();
        }
    }
    shop.assert_sound();
    assert_eq!(shop.desk.find(&format!("p7.list{}@", next - 1)).unwrap().len(), 1);
    assert!(in_the_middle > kills / 4, "{in_the_middle} of {kills} kills fell into an import");
    eprintln!("{kills} kills, {lists} lists, {in_the_middle} killed in the middle");
}

/// So many one-use codes are fought for.
const RACED: u64 = 1_000;

/// The child's side: tries one code each time it is told to, and says whether it was the one, and from when to when it tried.
pub fn race_for_codes(mut desk: Desk, from: u64) {
    let micros = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
    say("ready");
    for told in std::io::stdin().lines() {
        let n = told.unwrap().strip_prefix("go ").unwrap().to_owned();
        let ask = sale(&format!("RACE-{n}"), 10_000, customer("Racer", &format!("racer{from}.{n}@brandt.example")));
        let began = micros();
        let won = desk.redeem(&ask).unwrap().redemption.is_some();
        say(&format!("{} {began} {}", u8::from(won), micros()));
        desk.tidy();
    }
}

#[test]
fn two_processes_redeem_a_thousand_one_use_codes_exactly_once_each() {
    let mut shop = Shop::with_rules(RulesView { redemptions_max: Some(1), ..RulesView::default() });
    let list: String = (0..RACED).map(|n| format!("Racer {n},r{n}@salon.example,RACE-{n}\n")).collect();
    assert_eq!(u64::from(shop.import("race.csv", &format!("Name,Email,Code\n{list}")).added), RACED);
    let mut racers = [child::start("race", shop.path(), 1), child::start("race", shop.path(), 2)];
    for racer in &mut racers {
        assert_eq!(racer.next().as_deref(), Some("ready"));
    }
    let (mut won, mut at_once) = ([0, 0], 0);
    for n in 0..RACED {
        // Both stand at the line for every code, and are told in turn first, so that neither has the better place.
        for at in [n % 2, 1 - n % 2] {
            racers[at as usize].tell(&format!("go {n}"));
        }
        let tries = racers.each_mut().map(|racer| {
            let said = racer.next().expect("a racer failed");
            let numbers: Vec<u64> = said.split(' ').map(|number| number.parse().unwrap()).collect();
            (numbers[0], numbers[1], numbers[2])
        });
        let [(one, one_began, one_ended), (other, other_began, other_ended)] = tries;
        assert_eq!(one + other, 1, "RACE-{n} was won by {} of two", one + other);
        (won[0], won[1]) = (won[0] + one, won[1] + other);
        at_once += u64::from(one_began < other_ended && other_began < one_ended);
    }
    for racer in &mut racers {
        assert!(racer.child.wait().unwrap().success());
    }
    // They fought: each won some, and many tries were under way at the same time.
    assert!(won.iter().all(|&won| won >= RACED / 20) && at_once >= RACED / 10, "{won:?}, {at_once} at once");
    eprintln!("{won:?} won, {at_once} of {RACED} at once");
    assert_eq!(shop.count("SELECT count(*) FROM redemption"), RACED as i64);
    assert_eq!(shop.count("SELECT count(DISTINCT code_n) FROM redemption"), RACED as i64);
    assert_eq!(shop.count("SELECT count(*) FROM referral_code WHERE uses <> 1"), 0);
    shop.assert_sound();
}
