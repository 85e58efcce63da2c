//! Slips and the printer: set up, printed, waiting, saved.

use std::io::Read as _;
use std::net::TcpListener;

use serde_json::json;

use crate::paper::Paper;
use crate::stand_in::{Manner, StandIn};
use crate::support::Till;

/// A printer that answers no questions; gives its address and, at the end, what it got in so many visits.
fn printer(visits: usize) -> (String, std::thread::JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let took = std::thread::spawn(move || {
        let visit = |_| {
            let mut bytes = Vec::new();
            listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
            bytes
        };
        (0..visits).map(visit).collect()
    });
    (address, took)
}

#[test]
fn a_slip_waits_for_its_printer_and_is_printed_when_it_is_there() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let sale = till.json(["redeem", "JANE10", "--order", "10", "--name", "Ann"]);
    let id = sale["redemption"]["id"].as_str().unwrap().to_owned();

    assert_eq!(till.fault(3, ["slip", &id]), "no_printer");
    assert_eq!(till.fault(2, ["printer", "set", "the printer"]), "not_a_printer");
    // A port at which nothing listens any more.
    let (gone, _) = printer(0);
    let shown = till.json(["printer", "set", &gone, "--columns", "42", "--after-sale", "on"]);
    assert_eq!((&shown["printer"]["address"], &shown["printer"]["columns"]), (&json!(gone), &json!(42)));
    assert_eq!(till.fault(4, ["printer", "test"]), "printer_refused");
    let waits = till.ends(4, ["slip", &id]);
    assert_eq!((&waits["state"], &waits["copies"]), (&json!("waiting"), &json!(0)));
    till.json(["redeem", "JANE10", "--order", "12", "--name", "Bo"]);
    let shown = till.done(["printer", "show"]);
    assert!(shown.contains("2 slips wait") && shown.contains("Ann") && shown.contains("Bo"), "{shown}");

    let (address, took) = printer(3);
    till.done(["printer", "set", &address]);
    let done = till.json(["slip", "--waiting"]);
    assert_eq!((&done["printed"], &done["waiting"]), (&json!(2), &json!([])));
    assert_eq!(till.json(["slip", &id])["copies"], 2);
    let took = took.join().unwrap();
    assert!(took.iter().all(|bytes| bytes.windows(3).any(|cut| cut == [0x1d, b'V', b'A'])));
    let copies = |bytes: &Vec<u8>| bytes.windows(6).filter(|text| text == b"COPY 2").count();
    assert_eq!(took.iter().map(copies).collect::<Vec<_>>(), [0, 0, 1]);
    till.done(["printer", "set", "none"]);
    assert_eq!(till.json(["printer", "show"])["printer"]["address"], json!(null));
}

/// Ann has bought with Jane's code; gives the Redemption's id.
fn sale_to_ann(till: &Till) -> String {
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let sale = till.json(["redeem", "JANE10", "--order", "10", "--name", "Ann"]);
    sale["redemption"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_slip_with_a_code_is_saved_and_the_code_is_made_for_it() {
    let till = Till::open();
    till.json(["referrer", "add", "--name", "Wen Li", "--email", "wen@tea.example"]);
    let file = till.path("wen.pdf").display().to_string();
    let slip = till.json(["slip", "--referrer", "wen li", "--out", &file]);
    assert_eq!((&slip["kind"], &slip["state"]), (&json!("your_code"), &json!("printed")));
    assert!(std::fs::read(&file).unwrap().starts_with(b"%PDF-"));
    assert_eq!(till.json(["referrer", "show", "wen li"])["handouts"][0]["how"], "slip");
    let receipt = till.json(["slip", &sale_to_ann(&till), "--out", &till.path("receipt.pdf").display().to_string()]);
    assert_eq!(receipt["kind"], "receipt");
    assert!(std::fs::read(till.path("receipt.pdf")).unwrap().starts_with(b"%PDF-"));
    assert_eq!(till.fault(2, ["slip"]), "usage");
    assert_eq!(till.fault(2, ["slip", "x", "--waiting"]), "usage");
    assert_eq!(till.fault(4, ["slip", "--referrer", "wen li", "--out", "/no/such/folder/x.pdf"]), "file");
}

#[test]
fn a_slip_is_printed_on_the_printer_that_is_named() {
    let till = Till::open();
    let id = &sale_to_ann(&till);
    let printer = StandIn::open(Manner::Good);
    let receipt = till.json(["slip", id, "--printer", &printer.address]);
    assert_eq!((&receipt["kind"], &receipt["state"], &receipt["copies"]), (&json!("receipt"), &json!("printed"), &json!(1)));
    till.json(["slip", "--referrer", "JANE10", "--printer", &printer.address]);
    let papers: Vec<Paper> = printer.visits(2).iter().map(|bytes| Paper::read(bytes)).collect();
    assert!(papers.iter().all(|paper| paper.cuts == 1), "{papers:#?}");
    assert!(papers[0].says("JANE10") && papers[0].says("Ann") && !papers[0].says("COPY"), "{:#?}", papers[0].lines);
    assert!(papers[1].says("JANE10"), "{:#?}", papers[1].lines);
    assert_eq!(papers[1].pictures.last().unwrap().decoded(&till.path("")), "counterfoil:JANE10");
    assert_eq!(till.json(["printer", "show"])["printer"]["address"], json!(null), "the till has none of its own");
}

#[test]
fn a_named_printer_that_is_off_costs_neither_the_sale_nor_its_slip() {
    let till = Till::open();
    let id = &sale_to_ann(&till);
    let off = StandIn::open(Manner::Good).address.clone();
    let said = till.run(["slip", id, "--printer", &off]).ends(4);
    let sentence = "The printer takes nothing from here. The receipt slip waits: foil slip --waiting prints it on the till's printer.";
    assert_eq!((said.out.trim_end(), said.err.as_str()), (sentence, ""));
    assert_eq!(till.json(["today"])["counterfoils"][0]["id"], json!(id));
    till.done(["verify"]);
    let waiting = &till.json(["printer", "show"])["waiting"];
    assert_eq!((waiting.as_array().map(Vec::len), &waiting[0]["copies"]), (Some(1), &json!(0)));
    // Nothing of it is on paper, so the first one is no copy; and it waits no more.
    let printer = StandIn::open(Manner::Good);
    till.json(["slip", id, "--printer", &printer.address]);
    let paper = Paper::read(&printer.visits(1)[0]);
    assert!(paper.says("JANE10") && !paper.says("COPY"), "{:#?}", paper.lines);
    assert_eq!(till.json(["printer", "show"])["waiting"], json!([]));
}
