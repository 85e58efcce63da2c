//! Print runs as stock, and what a lost card means at the counter.

use chrono::Duration;
use counterfoil_core::desk::batches::{BatchView, CardState, MarkBatch, MarkCard};
use counterfoil_core::desk::cards::{CardsAsk, People, PrintTo};
use counterfoil_core::desk::handout::How;
use counterfoil_core::desk::redeem::Override;
use counterfoil_core::desk::{Desk, DeskError};
use counterfoil_core::domain::card::qr_text;
use counterfoil_core::print::template::Template;
use counterfoil_core::storage::batches::{self, NewRun};

use super::child::{self, say};
use super::support::*;

/// Three people with codes, and a batch with one card for each.
struct Stock {
    shop: Shop,
    codes: [String; 3],
    batch: u32,
}

impl Stock {
    fn new() -> Stock {
        let mut shop = Shop::open();
        let codes = ["Jane", "Omar", "Łukasz Żak"].map(|name| {
            let email = format!("{}@salon.example", name.chars().next().unwrap());
            code_of(&shop.referrer(name, Some(&email.replace('Ł', "l")), None))
        });
        let batch = print(&shop, &codes);
        Stock { shop, codes, batch }
    }

    fn mark(&mut self, state: CardState) -> BatchView {
        self.shop.clock.forward(Duration::seconds(1));
        self.shop.desk.mark_batch(&MarkBatch { number: self.batch, state, by: Some("Mina".into()) }).unwrap()
    }

    fn mark_card(&mut self, place: usize, state: CardState) {
        self.shop.clock.forward(Duration::seconds(1));
        let id = self.shop.desk.batch(self.batch, "").unwrap().cards[place].id.clone();
        assert_eq!(self.shop.desk.mark_card(&MarkCard { id, state, by: None }).unwrap().state, state);
    }

    fn states(&self) -> Vec<CardState> {
        self.shop.desk.batch(self.batch, "").unwrap().cards.iter().map(|card| card.state).collect()
    }

    /// What the scanner sends of a card of this batch.
    fn scan(&self, place: usize) -> String {
        format!("counterfoil:{}?batch={}", self.codes[place], self.batch)
    }

    #[track_caller]
    fn asks(&self, code: &str, expected: bool) {
        let ticket = self.shop.check(code, 5_000, walk_in());
        let lost: &[&str] = if expected { &["lost_card"] } else { &[] };
        assert_eq!((reasons(&ticket), ticket.allowed), (lost.iter().map(|&name| name.to_owned()).collect(), !expected), "{code}");
    }
}

/// A print run of these codes, as the printing leaves it.
fn print(shop: &Shop, codes: &[String]) -> u32 {
    let behind = shop.behind();
    let code_ns: Vec<i64> =
        codes.iter().map(|code| behind.query_row("SELECT n FROM referral_code WHERE text = ?1", [code], |row| row.get(0)).unwrap()).collect();
    let run = NewRun { template: "business_card", sheet: "a4", show: "both", place: Some("Front desk"), printed_by: Some("Ann") };
    let number = batches::insert(&behind, 1, &run, &code_ns, NOON.parse().unwrap()).unwrap().0;
    batches::on_paper(&behind, number).unwrap();
    number
}

#[test]
fn a_lost_batch_asks_for_a_managers_yes_and_found_again_it_does_not() {
    let mut stock = Stock::new();
    let [jane, ..] = stock.codes.clone();
    stock.asks(&stock.scan(0), false);
    let marked = stock.mark(CardState::Lost);
    assert_eq!((marked.cards, marked.lost, marked.marked), (3, 3, Some(CardState::Lost)));
    // Scanned or typed: no other card with this code is about.
    stock.asks(&stock.scan(0), true);
    stock.asks(&jane, true);
    let refused = stock.shop.try_sale(&stock.scan(0), 5_000, walk_in());
    assert_eq!(refused.redemption, None);
    assert!(refused.ticket.reasons[0].sentence.contains("lost"), "{:?}", refused.ticket.reasons);
    let back = stock.mark(CardState::Printed);
    assert_eq!((back.lost, back.marked), (0, None));
    stock.asks(&stock.scan(0), false);
    stock.asks(&jane, false);
    stock.shop.assert_sound();
}

#[test]
fn a_managers_yes_is_kept_with_its_reason_and_the_batch() {
    let mut stock = Stock::new();
    stock.mark(CardState::Lost);
    let mut ask = sale(&stock.scan(0), 10_000, walk_in());
    ask.override_by = Some(Override { manager: "Mina".into(), note: "knows the customer".into() });
    let done = stock.shop.desk.redeem(&ask).unwrap();
    let stub = done.redemption.unwrap();
    assert_eq!((stub.discount.0, stub.override_by.as_deref()), (1_500, Some("Mina")));
    // The answer was lost on its way: the same again, and recorded once.
    let again = stock.shop.desk.redeem(&ask).unwrap();
    assert!(again.replayed && again.ticket.allowed);
    assert_eq!(stock.shop.count("SELECT count(*) FROM redemption WHERE overridden = 'lost_card' AND run_n = 1"), 1);
    assert_eq!(stock.shop.desk.batches().unwrap()[0].redemptions, 1);
    assert_eq!(stock.shop.desk.batch(stock.batch, "jane").unwrap().cards[0].redemptions, 1);
    // A sale that was undone was brought by no card.
    stock.shop.desk.void(&void(&stub, "changed their mind")).unwrap();
    assert_eq!(stock.shop.desk.batches().unwrap()[0].redemptions, 0);
    stock.shop.assert_sound();
}

#[test]
fn a_code_printed_anew_may_be_typed_and_the_lost_card_still_asks() {
    let mut stock = Stock::new();
    stock.mark_card(0, CardState::Lost);
    let [jane, omar, _] = stock.codes.clone();
    stock.asks(&jane, true);
    stock.asks(&omar, false);
    stock.asks(&stock.scan(1), false);
    let anew = print(&stock.shop, std::slice::from_ref(&jane));
    stock.asks(&jane, false);
    stock.asks(&stock.scan(0), true);
    stock.asks(&format!("https://shop.example/jane?code={jane}&batch={anew}"), false);
    // A batch that is not there, or that never held this code, says nothing of it.
    stock.asks(&format!("counterfoil:{jane}?batch=99"), false);
    stock.asks(&format!("counterfoil:{omar}?batch={anew}"), false);
    stock.shop.sell(&format!("counterfoil:{omar}?batch={anew}"), 5_000, walk_in());
    assert_eq!(stock.shop.count("SELECT count(*) FROM redemption WHERE run_n IS NULL"), 1);
    // Lost as well: now none but lost ones are about.
    let id = stock.shop.desk.batch(anew, "").unwrap().cards[0].id.clone();
    stock.shop.desk.mark_card(&MarkCard { id, state: CardState::Lost, by: None }).unwrap();
    stock.asks(&jane, true);
}

#[test]
fn a_card_that_is_used_up_is_not_lost() {
    let mut stock = Stock::new();
    stock.mark(CardState::UsedUp);
    stock.asks(&stock.scan(0), false);
    stock.asks(&stock.codes[0].clone(), false);
}

#[test]
fn a_lost_card_is_said_beside_every_other_reason() {
    let mut stock = Stock::new();
    stock.mark(CardState::Lost);
    let person = stock.shop.desk.find(&stock.codes[0]).unwrap()[0].referrer.clone();
    stock.shop.desk.revoke_code(&revoke(&person.id, "left town")).unwrap();
    let ticket = stock.shop.check(&stock.scan(0), 5_000, customer("Jane", "J@salon.example"));
    assert_eq!(reasons(&ticket), ["revoked", "lost_card", "own_code"]);
}

#[test]
fn handing_a_batch_out_is_a_handout_for_each_card_once() {
    let mut stock = Stock::new();
    let first = stock.mark(CardState::HandedOut);
    let again = stock.mark(CardState::HandedOut);
    assert_eq!(first, again);
    assert_eq!((first.handed_out, first.place.as_deref()), (3, Some("Front desk")));
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 3);
    assert_eq!(stock.shop.count("SELECT count(*) FROM audit WHERE what = 'batch_marked'"), 1);
    let omar = stock.shop.desk.find("omar").unwrap()[0].referrer.id.clone();
    let page = stock.shop.desk.person(&omar).unwrap();
    let handout = &page.handouts[0];
    assert_eq!((handout.how, handout.batch, handout.by.as_deref(), handout.place.as_deref()), (How::Card, Some(1), Some("Mina"), Some("Front desk")));
    // Lost after that: it was handed out all the same. Found again: not handed out a second time.
    stock.mark(CardState::Lost);
    assert_eq!(stock.mark(CardState::Printed).handed_out, 3);
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 3);
    stock.shop.assert_sound();
}

#[test]
fn handed_out_by_mistake_never_was() {
    let mut stock = Stock::new();
    stock.mark(CardState::HandedOut);
    assert_eq!(stock.mark(CardState::Printed).handed_out, 0);
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 0);
    // Nothing is left to be taken back.
    assert_eq!(stock.mark(CardState::Printed).marked, None);
    assert_eq!(stock.shop.count("SELECT count(*) FROM audit WHERE what = 'batch_marked'"), 2);
    stock.shop.assert_sound();
}

/// What is known of one card stands against what is said of all, and comes through an undo as it was.
#[test]
fn marks_on_a_batch_leave_what_was_said_of_single_cards() {
    use CardState::{HandedOut, Lost, Printed, UsedUp};
    let mut stock = Stock::new();
    stock.mark_card(0, Lost);
    stock.mark_card(1, UsedUp);
    stock.mark(HandedOut);
    assert_eq!(stock.states(), [Lost, UsedUp, HandedOut]);
    stock.mark(Lost);
    assert_eq!(stock.states(), [Lost, UsedUp, Lost]);
    stock.mark(Printed);
    assert_eq!(stock.states(), [Lost, UsedUp, HandedOut]);
    // Somebody has the card in hand.
    stock.mark_card(0, Printed);
    assert_eq!(stock.states(), [Printed, UsedUp, HandedOut]);
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 1);
    stock.mark_card(0, HandedOut);
    stock.mark_card(0, HandedOut);
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 2);
    assert_eq!(stock.shop.count("SELECT count(*) FROM audit WHERE what = 'card_marked'"), 4);
    stock.shop.assert_sound();
}

#[test]
fn two_tills_see_the_mark_of_the_other() {
    let mut stock = Stock::new();
    let mut other = Desk::open_with(stock.shop.path(), Box::new(stock.shop.clock.clone()), Box::new(Seeded(9))).unwrap();
    stock.asks(&stock.scan(0), false);
    other.mark_batch(&MarkBatch { number: stock.batch, state: CardState::Lost, by: None }).unwrap();
    // Between the check and the sale the box went missing: the sale is what counts.
    assert_eq!(stock.shop.try_sale(&stock.scan(0), 5_000, walk_in()).redemption, None);
    // Both say so: it is marked once.
    assert_eq!(stock.mark(CardState::Lost).lost, 3);
    assert_eq!(stock.shop.count("SELECT count(*) FROM audit WHERE what = 'batch_marked'"), 1);
    stock.shop.assert_sound();
}

#[test]
fn the_same_code_many_times_in_a_batch() {
    let mut stock = Stock::new();
    let jane = stock.codes[0].clone();
    stock.batch = print(&stock.shop, &vec![jane.clone(); 4]);
    stock.mark_card(2, CardState::Lost);
    // Its cards can't be told apart, so each asks; typed, the three others and the first batch are still about.
    stock.asks(&stock.scan(0), true);
    stock.asks(&jane, false);
    stock.mark(CardState::HandedOut);
    assert_eq!(stock.shop.count("SELECT count(*) FROM handout"), 3);
    stock.shop.assert_sound();
}

#[test]
fn cards_are_found_by_name_and_by_part_of_a_code() {
    let stock = Stock::new();
    let found = |search: &str| -> Vec<String> {
        stock.shop.desk.batch(stock.batch, search).unwrap().cards.iter().map(|card| card.referrer.clone()).collect()
    };
    assert_eq!(found(""), ["Jane", "Omar", "Łukasz Żak"]);
    assert_eq!(found("lukasz za"), ["Łukasz Żak"]);
    assert_eq!(found(&stock.codes[1].to_lowercase()[3..]), ["Omar"]);
    assert_eq!(found("nobody"), [""; 0]);
    assert_eq!(found("'; DROP TABLE card; --"), [""; 0]);
}

#[test]
fn what_is_not_there_can_t_be_marked_and_hostile_text_stays_text() {
    let mut stock = Stock::new();
    let hostile = "<script>alert(1)</script>'); DROP TABLE card; --";
    let by = |text: &str| MarkBatch { number: 1, state: CardState::UsedUp, by: Some(text.into()) };
    stock.shop.desk.mark_batch(&by(hostile)).unwrap();
    assert!(stock.shop.desk.batch(1, "").unwrap().cards.iter().all(|card| card.by.as_deref() == Some(hostile)));
    assert_eq!(fault(stock.shop.desk.mark_batch(&by(&"x".repeat(101)))), "too_long");
    assert_eq!(fault(stock.shop.desk.mark_batch(&MarkBatch { number: 99, ..by("") })), "not_found");
    assert_eq!(fault(stock.shop.desk.batch(99, "")), "not_found");
    let card = |id: &str| MarkCard { id: id.into(), state: CardState::Lost, by: None };
    assert_eq!(fault(stock.shop.desk.mark_card(&card("0198c0de-0000-7000-8000-000000000001"))), "not_found");
    assert!(matches!(stock.shop.desk.mark_card(&card("'; --")), Err(DeskError::NotAnId { .. })));
    assert_eq!(stock.shop.count("SELECT count(*) FROM audit WHERE detail LIKE '%script%'"), 0, "the trail holds no names");
    stock.shop.assert_sound();
}

#[test]
fn verify_counts_cards_and_finds_a_sale_in_the_wrong_batch() {
    let mut stock = Stock::new();
    stock.shop.sell(&stock.scan(0), 5_000, walk_in());
    let behind = stock.shop.behind();
    behind.execute("UPDATE redemption SET code_n = 2", []).unwrap();
    behind.execute("DELETE FROM card WHERE code_n = 2", []).unwrap();
    let problems = stock.shop.desk.verify().unwrap().problems.join("\n");
    assert!(problems.contains("as many cards") && problems.contains("does not hold its code"), "{problems}");
}

/// The child's side: prints for everybody without a card, and is killed when all of it is drawn and none of it is a file.
pub fn print_until_killed(mut desk: Desk) {
    let to = PrintTo::Save { path: desk.folder().join("killed.pdf").display().to_string() };
    let ask = CardsAsk::usual(Template::LabelL7160, People::NoCardYet);
    desk.print_cards(&ask, &to, &mut |progress| {
        if Some(progress.done) == progress.total {
            say("drawn");
            loop {
                std::thread::park();
            }
        }
        true
    })
    .unwrap();
}

#[test]
fn a_run_whose_program_was_killed_is_no_stock_and_leaves_nobody_out() {
    let mut shop = Shop::open();
    shop.jane();
    shop.referrer("Omar", Some("o@x.example"), None);
    let ask = CardsAsk::usual(Template::LabelL7160, People::NoCardYet);
    let mut running = child::start("print", shop.path(), 0);
    assert_eq!(running.next().as_deref(), Some("drawn"));
    // Beside it nobody prints, and nobody takes its run for one that was left.
    shop = shop.reopened();
    let save = |name: &str| PrintTo::Save { path: shop.path().join(name).display().to_string() };
    let (beside, again) = (save("beside.pdf"), save("again.pdf"));
    assert_eq!(fault(shop.desk.print_cards(&ask, &beside, &mut |_| true)), "cards_running");
    assert_eq!(shop.count("SELECT count(*) FROM card"), 2, "the child was in the middle");
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    // Whoever is open already counts nobody as somebody with a card; whoever opens takes the run back.
    assert_eq!(shop.desk.preview_cards(&ask).unwrap().cards, 2);
    shop = shop.reopened();
    assert_eq!((shop.desk.batches().unwrap().len(), shop.count("SELECT count(*) FROM card")), (0, 0));
    let printed = shop.desk.print_cards(&ask, &again, &mut |_| true).unwrap();
    assert_eq!((printed.batch, printed.cards), (Some(2), 2), "its number is not given again");
    shop.assert_sound();
}

#[test]
fn a_card_that_was_used_was_printed() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let ask = CardsAsk::usual(Template::LabelL7160, People::NoCardYet);
    let save = PrintTo::Save { path: shop.path().join("cards.pdf").display().to_string() };
    let batch = shop.desk.print_cards(&ask, &save, &mut |_| true).unwrap().batch.unwrap();
    // The power went after the file was there and before that was on record; then the card was scanned.
    shop.sell(&qr_text(None, &code, Some(batch)), 10_000, walk_in());
    shop.behind().execute("UPDATE print_run SET on_paper = 0", []).unwrap();
    shop = shop.reopened();
    assert_eq!(shop.desk.batches().unwrap()[0].redemptions, 1);
    assert_eq!(shop.count("SELECT on_paper FROM print_run"), 1);
    shop.assert_sound();
}
