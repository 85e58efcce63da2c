//! Handouts, and batches of cards as stock.

use chrono::Utc;
use counterfoil_core::storage::batches::{self, NewRun};
use counterfoil_core::storage::{StorageError, Store};
use serde_json::{Value, json};

use crate::support::{Till, has, text};

const OP: &str = "0198c0de-0000-7000-8000-00000000000a";

#[test]
fn a_handout_is_added_once_and_listed() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE-10");
    assert!(till.done(["handout", "list", "Jane Whitfield"]).contains("Not handed out yet"));
    let add = ["handout", "add", "JANE-10", "--how", "spoken", "--place", "phone", "--by", "Mina", "--op", OP];
    let first = till.json(add);
    assert_eq!(till.json(add), first);
    let handouts = first["handouts"].as_array().unwrap();
    assert_eq!(handouts.len(), 1);
    has(&handouts[0], &["id", "at"]);
    for (field, value) in
        [("code", json!("JANE-10")), ("how", json!("spoken")), ("place", json!("phone")), ("by", json!("Mina")), ("batch", Value::Null)]
    {
        assert_eq!(handouts[0][field], value, "{field}");
    }
    assert_eq!((&first["referrer"]["name"], &first["code"]), (&json!("Jane Whitfield"), &json!("JANE-10")));
    let shown = till.done(["handout", "list", "jane@salon.example"]);
    assert!(shown.contains("spoken") && shown.contains("phone") && shown.contains("Mina"), "{shown}");
    // The same id for something else is refused, and the other handout is not recorded.
    assert_eq!(till.fault(3, ["handout", "add", "JANE-10", "--how", "card", "--op", OP]), "operation_reused");
    assert_eq!(till.json(["handout", "list", "Jane Whitfield"])["handouts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_code_is_generated_when_it_is_handed_out_and_not_after_it_was_taken_back() {
    let till = Till::open();
    till.json(["referrer", "add", "--name", "Omar", "--email", "omar@haddad.example"]);
    let code = text(&till.json(["handout", "add", "omar", "--how", "screen"])["code"]);
    assert_eq!(till.json(["check", &code, "--order", "10"])["allowed"], true);
    till.done(["code", "revoke", "--referrer", "omar", "--reason", "left town"]);
    assert_eq!(till.fault(3, ["handout", "add", "omar", "--how", "screen"]), "code_revoked");
    assert_eq!(till.fault(3, ["handout", "add", "nobody", "--how", "screen"]), "not_found");
    assert_eq!(till.fault(2, ["handout", "add", "omar", "--how", "pigeon"]), "usage");
    assert_eq!(till.fault(2, ["handout", "add", "omar"]), "usage");
}

#[test]
fn without_cards_there_are_no_batches() {
    let till = Till::open();
    assert_eq!(till.json(["batch", "list"]), json!({ "batches": [] }));
    assert!(till.done(["batch", "list"]).contains("No cards were printed yet"));
    assert_eq!(till.fault(3, ["batch", "show", "1"]), "not_found");
    assert_eq!(till.fault(3, ["batch", "mark", "1", "lost"]), "not_found");
    assert_eq!(till.fault(2, ["batch", "mark", "1", "stolen"]), "usage");
}

/// A shop with two people and a batch of a card each, as the printing leaves it.
fn printed() -> Till {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE-10");
    till.referrer("Omar Haddad", "omar@haddad.example", "OMAR-10");
    let run = NewRun { template: "business_card", sheet: "a4", show: "both", place: Some("Front desk"), printed_by: Some("Ann") };
    let mut store = Store::open(&till.data(), Utc::now()).unwrap();
    store.write::<_, StorageError>(|tx| batches::on_paper(tx, batches::insert(tx, 1, &run, &[1, 2], Utc::now())?.0)).unwrap();
    till
}

#[test]
fn a_batch_is_marked_looked_at_and_taken_back() {
    let till = printed();
    let listed = till.json(["batch", "list"])["batches"][0].clone();
    has(
        &listed,
        &["number", "template", "sheet", "show", "cards", "place", "printed_by", "at", "handed_out", "lost", "used_up", "redemptions", "marked"],
    );
    assert_eq!(
        (&listed["number"], &listed["cards"], &listed["place"], &listed["marked"]),
        (&json!(1), &json!(2), &json!("Front desk"), &Value::Null)
    );
    let shown = till.done(["batch", "list"]);
    assert!(shown.contains("business card") && shown.contains("Front desk") && shown.contains("Ann"), "{shown}");

    let marked = till.json(["batch", "mark", "1", "handed-out", "--by", "Mina"]);
    assert_eq!((&marked["handed_out"], &marked["marked"]), (&json!(2), &json!("handed_out")));
    let handout = till.json(["handout", "list", "Jane Whitfield"])["handouts"][0].clone();
    assert_eq!(
        (&handout["how"], &handout["batch"], &handout["place"], &handout["by"]),
        (&json!("card"), &json!(1), &json!("Front desk"), &json!("Mina"))
    );
    assert_eq!(till.json(["batch", "mark", "1", "lost"])["lost"], 2);
    assert_eq!(till.json(["batch", "mark", "1", "printed"])["handed_out"], 2);

    let page = till.json(["batch", "show", "1", "--search", "omar"]);
    assert_eq!((&page["cards_total"], &page["cards"][0]["code"], &page["cards"][0]["state"]), (&json!(1), &json!("OMAR-10"), &json!("handed_out")));
    has(&page["cards"][0], &["id", "referrer", "referrer_id", "by", "redemptions"]);
    let text = till.done(["batch", "show", "1"]);
    assert!(text.contains("JANE-10") && text.contains("handed out"), "{text}");
    assert_eq!(till.json(["verify"])["ok"], true);
}

#[test]
fn a_lost_card_exits_with_3_until_a_manager_says_yes() {
    let till = printed();
    let card = till.json(["batch", "mark", "1", "lost", "--card", "jane-10"]);
    assert_eq!((&card["code"], &card["state"]), (&json!("JANE-10"), &json!("lost")));
    let sale = ["redeem", "counterfoil:JANE-10?batch=1", "--order", "50", "--name", "Ann Lee", "--email", "ann@lee.example"];
    let refused = till.ends(3, sale);
    assert_eq!((&refused["reasons"][0]["reason"], &refused["redemption"]), (&json!("lost_card"), &Value::Null));
    assert_eq!(till.json(["check", "https://shop.example/?code=OMAR-10&batch=1", "--order", "50"])["allowed"], true);
    let yes = [sale.as_slice(), &["--override-by", "M. Roy", "--override-note", "knows her"]].concat();
    assert_eq!(till.json(yes)["redemption"]["override_by"], "M. Roy");
    assert_eq!(till.json(["batch", "show", "1", "--search", "jane"])["cards"][0]["redemptions"], 1);
    // Found again, by its id.
    let id = text(&card["id"]);
    assert_eq!(till.json(["batch", "mark", "1", "printed", "--card", &id])["state"], "printed");
    assert_eq!(till.json(["check", "JANE-10", "--order", "50"])["allowed"], true);
}

#[test]
fn a_card_must_be_named_exactly() {
    let till = printed();
    // Both codes end like this.
    assert_eq!(till.fault(2, ["batch", "mark", "1", "lost", "--card", "10"]), "usage");
    assert_eq!(till.fault(3, ["batch", "mark", "1", "lost", "--card", "nobody"]), "not_found");
    let hostile = "\u{1b}[2J'; DROP TABLE card; --";
    let shown = till.done(["batch", "mark", "1", "used-up", "--by", hostile]);
    assert!(!shown.contains('\u{1b}'));
    assert!(!till.done(["batch", "show", "1"]).contains('\u{1b}'));
}
