//! A sale beside a dead printer is a sale; its slip waits, is tried again, and is never doubled unmarked.

use std::time::{Duration as Real, Instant};

use chrono::Duration;
use counterfoil_core::desk::Desk;
use counterfoil_core::desk::slips::{SlipState, SlipView};
use counterfoil_core::ports::{Printer, PrinterError};
use counterfoil_core::print::escpos::Columns;
use counterfoil_core::print::printers::{self, Address};

use super::paper::Paper;
use super::records::{receipt, set_printer, your_code};
use super::stand_in::{Manner, StandIn};
use crate::support::*;

/// A printer in memory, of which a test says what becomes of it.
struct Fake(Vec<Vec<u8>>, fn() -> Result<(), PrinterError>);

impl Printer for Fake {
    fn print(&mut self, bytes: &[u8]) -> Result<(), PrinterError> {
        self.0.push(bytes.to_vec());
        (self.1)()
    }
}

fn columns() -> Columns {
    Columns::of(48).unwrap()
}

#[track_caller]
fn only(slips: Vec<SlipView>) -> SlipView {
    let [slip] = <[SlipView; 1]>::try_from(slips).expect("one slip waits");
    slip
}

#[test]
fn a_sale_beside_a_dead_printer_is_recorded_at_once_and_its_slip_waits() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let printer = StandIn::open(Manner::NoPaper);
    set_printer(&mut shop, &printer.address, 48, true);
    let before = Instant::now();
    let sale = shop.sell(&code, 10_000, walk_in());
    assert!(before.elapsed() < Real::from_millis(500), "a sale waits for no printer");
    assert_eq!(printer.struck(), 0, "a sale knows no printer");
    let slip = only(shop.desk.slips_waiting().unwrap());
    assert_eq!((slip.state, slip.copies, slip.trouble), (SlipState::Waiting, 0, None));

    // The background finds no paper: the slip stays, the sale stands.
    assert_eq!(shop.desk.print_waiting(true).unwrap(), (0, true));
    assert_eq!(printer.struck(), 1);
    let slip = only(shop.desk.slips_waiting().unwrap());
    assert_eq!((slip.copies, slip.trouble.as_deref()), (0, Some("The printer has no paper.")));
    assert_eq!(shop.desk.sales_of(None).unwrap().counterfoils[0].id, sale.id);
    shop.assert_sound();

    // Paper again: the first printing is no copy, and nothing waits any more.
    printer.becomes(Manner::Good);
    assert_eq!(shop.desk.print_waiting(true).unwrap(), (1, false));
    assert!(!Paper::read(&printer.visits(2)[1]).says("COPY"));
    assert_eq!(shop.desk.print_waiting(true).unwrap(), (0, false));
    assert_eq!(printer.visits(2).len(), 2);
}

/// The printer at an address, for a slip that is longer than all the buffers on the way: what nobody reads is stuck.
struct Long(Address);

impl Printer for Long {
    fn print(&mut self, bytes: &[u8]) -> Result<(), PrinterError> {
        printers::at(&self.0).print(&[bytes, &vec![b'\n'; 32 << 20]].concat())
    }
}

#[test]
fn a_sale_is_confirmed_while_a_slip_hangs_at_a_printer_that_never_reads() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let printer = StandIn::open(Manner::NeverReads);
    set_printer(&mut shop, &printer.address, 48, true);
    shop.sell(&code, 10_000, walk_in());
    let id = only(shop.desk.slips_waiting().unwrap()).id;
    let mut long = Long(printer.address.parse().unwrap());
    let mut beside = Desk::open_with(shop.path(), Box::new(shop.clock.clone()), Box::new(Seeded(2))).unwrap();
    let hanging = std::thread::spawn(move || beside.print_slip_with(&id, columns(), &mut long).unwrap());
    printer.ignores(1_000);

    // It has the beginning of the slip and reads nothing: the next sale is confirmed, and its own slip waits.
    let sale = shop.sell(&code, 2_000, walk_in());
    let waiting = shop.desk.slips_waiting().unwrap();
    assert_eq!(waiting.iter().map(|slip| slip.on_its_way).collect::<Vec<_>>(), [true, false]);
    assert!(!hanging.is_finished(), "the slip still hangs");
    assert_eq!(shop.desk.sales_of(None).unwrap().counterfoils[0].id, sale.id);

    printer.hangs_up();
    let slip = hanging.join().unwrap();
    assert_eq!(printer.struck(), 1);
    assert_eq!((slip.state, slip.copies, slip.on_its_way), (SlipState::Waiting, 1, false));
    assert!(slip.trouble.unwrap().starts_with("The printer stopped in the middle"));
    shop.assert_sound();
}

#[test]
fn a_slip_that_broke_off_is_printed_again_as_a_copy() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let printer = StandIn::open(Manner::GoneAfter(200));
    set_printer(&mut shop, &printer.address, 48, false);
    let sale = shop.sell(&code, 10_000, walk_in());
    let slip = shop.desk.print_now(&receipt(&sale), None).unwrap();
    assert_eq!(printer.struck(), 1);
    assert_eq!((slip.state, slip.copies, slip.on_its_way), (SlipState::Waiting, 1, false));
    printer.becomes(Manner::Good);
    let slip = shop.desk.print_again(&slip.id).unwrap();
    assert_eq!((slip.state, slip.copies), (SlipState::Printed, 2));
    assert!(Paper::read(&printer.visits(2)[1]).says("COPY 2"));
    let slip = shop.desk.print_again(&slip.id).unwrap();
    assert!(Paper::read(&printer.visits(3)[2]).says("COPY 3"), "{slip:?}");
}

#[test]
fn after_a_crash_in_the_middle_nothing_is_printed_twice_without_saying_so() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, walk_in());
    for ask in [receipt(&sale), your_code(&jane.referrer.id)] {
        let slip = shop.desk.ask_slip(&ask).unwrap();
        let crash = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut printer = Fake(Vec::new(), || panic!("the computer loses power after the last byte"));
            let _ = shop.desk.print_slip_with(&slip.id, columns(), &mut printer);
        }));
        assert!(crash.is_err(), "the crash struck");
        shop = shop.reopened();

        // It may still be on its way, in a program that lives: nobody prints it beside that one.
        let mut printer = Fake(Vec::new(), || Ok(()));
        let held = shop.desk.print_slip_with(&slip.id, columns(), &mut printer).unwrap();
        assert_eq!((held.state, held.on_its_way, printer.0.len()), (SlipState::Waiting, true, 0));
        shop.clock.forward(Duration::seconds(61));
        let done = shop.desk.print_slip_with(&slip.id, columns(), &mut printer).unwrap();
        assert_eq!((done.state, done.copies), (SlipState::Printed, 2));
        assert!(Paper::read(&printer.0[0]).says("COPY 2"));
        // Once it is on paper, it is not printed again unless somebody asks.
        shop.desk.print_slip_with(&slip.id, columns(), &mut printer).unwrap();
        assert_eq!(printer.0.len(), 1);
    }
    assert_eq!(shop.desk.person(&jane.referrer.id).unwrap().handouts.len(), 1);
    shop.assert_sound();
}

#[test]
fn a_clock_that_was_set_back_holds_no_slip_for_ever() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, walk_in());
    let slip = shop.desk.ask_slip(&receipt(&sale)).unwrap();
    shop.behind().execute("UPDATE slip SET begun_at = begun_at + 86400000, copies = 1, begun_at = 4102444800000", []).unwrap();
    let mut printer = Fake(Vec::new(), || Ok(()));
    assert_eq!(shop.desk.print_slip_with(&slip.id, columns(), &mut printer).unwrap().state, SlipState::Printed);
}

#[test]
fn what_is_old_waits_for_a_person() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let printer = StandIn::open(Manner::Good);
    set_printer(&mut shop, &printer.address, 48, true);
    shop.sell(&code, 10_000, walk_in());
    shop.clock.forward(Duration::minutes(31));
    assert_eq!(shop.desk.print_waiting(true).unwrap(), (0, false));
    let slip = only(shop.desk.slips_waiting().unwrap());
    // One is dropped, one is printed.
    shop.sell(&code, 2_000, walk_in());
    shop.desk.drop_slip(&slip.id).unwrap();
    assert_eq!(shop.desk.print_waiting(false).unwrap(), (1, false));
    assert!(shop.desk.slips_waiting().unwrap().is_empty());
    assert_eq!(printer.visits(1).len(), 1);
    // A dropped slip can be asked for again all the same.
    assert_eq!(shop.desk.print_again(&slip.id).unwrap().state, SlipState::Printed);
}

#[test]
fn a_press_that_is_repeated_prints_once() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let printer = StandIn::open(Manner::Good);
    set_printer(&mut shop, &printer.address, 48, false);
    let sale = shop.sell(&code, 10_000, walk_in());
    let ask = receipt(&sale);
    for _ in 0..3 {
        assert_eq!(shop.desk.print_now(&ask, None).unwrap().copies, 1);
    }
    assert_eq!(printer.visits(1).len(), 1);
    assert_eq!(
        fault(shop.desk.print_now(&counterfoil_core::desk::slips::SlipAsk { of: your_code(&sale.referrer_id).of, ..ask }, None)),
        "operation_reused"
    );
}

#[test]
fn without_a_printer_nothing_is_left_waiting_for_one() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    let sale = shop.sell(&code, 10_000, walk_in());
    assert_eq!(fault(shop.desk.print_now(&receipt(&sale), None)), "no_printer");
    assert_eq!(shop.count("SELECT count(*) FROM slip"), 0);
    assert_eq!(fault(shop.desk.print_now(&receipt(&sale), Some("the printer"))), "not_a_printer");
    assert_eq!(fault(shop.desk.test_print(None, None)), "no_printer");
    let printer = StandIn::open(Manner::Good);
    shop.desk.test_print(Some(&printer.address), Some(32)).unwrap();
    let paper = Paper::read(&printer.visits(1)[0]);
    assert!(paper.says("TEST") && paper.says("ÄÖÜß éèêç ñ £ €") && paper.pictures.len() == 2, "{paper:#?}");
    assert_eq!(paper.pictures[1].decoded(shop.path()), "counterfoil:K7MQ-4RTX");
}
