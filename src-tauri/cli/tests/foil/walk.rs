//! The whole walk of a shop in its terminal, with every shape that scripts build on.

use serde_json::{Value, json};

use crate::support::{Till, has, text};

const OP: &str = "0198c0de-0000-7000-8000-000000000001";

#[test]
fn a_shop_from_its_first_list_to_its_last_export() {
    let till = Till::bare();
    let shop = till.json(["init", "--shop", "Corner Shop", "--currency", "eur", "--timezone", "Europe/London", "--campaign", "Spring"]);
    assert_eq!(
        (&shop["name"], &shop["currency"], &shop["timezone"], &shop["country"]),
        (&json!("Corner Shop"), &json!("EUR"), &json!("Europe/London"), &json!("GB"))
    );
    assert_eq!(shop["campaign"]["name"], "Spring");

    rules(&till);
    import(&till);
    let code = codes(&till);
    let sale = sales(&till, &code);
    leads(&till, &code);

    let today = till.json(["today"]);
    has(&today, &["date", "counterfoils", "recorded", "given", "currency", "waiting"]);
    assert_eq!(today["recorded"], 1);
    assert!(today["counterfoils"].as_array().unwrap().iter().any(|stub| stub["id"] == sale["id"]));

    let status = till.json(["status"]);
    assert_eq!((&status["referrers"], &status["codes"], &status["redemptions"], &status["leads"]), (&json!(6), &json!(6), &json!(2), &json!(2)));
    for destination in ["stripe", "referral_factory"] {
        let counts = &status["outbox"][destination];
        has(counts, &["waiting", "uploaded", "parked", "conflict", "needs_a_person"]);
        assert!(counts.as_object().unwrap().values().all(Value::is_u64));
    }
    assert_eq!(till.json(["verify"]), json!({ "ok": true, "problems": [] }));

    copies(&till);
    exports(&till, &code);
    assert_eq!(till.json(["verify"])["ok"], true);
}

fn rules(till: &Till) {
    let set =
        till.json(["rules", "set", "--percent", "10", "--min-order", "30", "--first-time-only", "--max-redemptions", "5", "--expires", "2099-12-31"]);
    assert_eq!(set["coupon"], json!({ "percent": 1000, "amount": null, "duration": "once", "months": null }));
    let rules = json!({ "first_time_only": true, "redemptions_max": 5, "starts": null, "expires": "2099-12-31", "order_min": 3000 });
    assert_eq!(set["rules"], rules);
    assert_eq!(set["qualify_on_use"], true);
    // What is not given stays; each rule can be taken away; the amount is read in the shop's currency.
    let set = till.json(["rules", "set", "--max-redemptions", "none", "--expires=none", "--qualify-on-use", "off"]);
    assert_eq!(set["rules"], json!({ "first_time_only": true, "redemptions_max": null, "starts": null, "expires": null, "order_min": 3000 }));
    assert_eq!((&set["qualify_on_use"], &set["coupon"]["percent"]), (&json!(false), &json!(1000)));
    let set = till.json(["rules", "set", "--amount", "7,50", "--duration", "repeating", "--months", "3", "--starts", "2020-01-01"]);
    assert_eq!(set["coupon"], json!({ "percent": null, "amount": 750, "duration": "repeating", "months": 3 }));
    till.done(["rules", "set", "--first-time-only=false", "--min-order", "none", "--starts", "none", "--percent", "12,5", "--duration", "forever"]);
    let shown = till.json(["rules", "show"]);
    assert_eq!(shown["rules"], json!({ "first_time_only": false, "redemptions_max": null, "starts": null, "expires": null, "order_min": null }));
    assert_eq!((&shown["coupon"]["percent"], &shown["coupon"]["duration"]), (&json!(1250), &json!("forever")));
    assert_eq!(till.json(["rules", "set", "--no-coupon"])["coupon"], Value::Null);
    assert!(till.done(["rules", "show"]).contains("none"));
    till.done(["rules", "set", "--percent", "10", "--duration", "once", "--min-order", "30.00", "--first-time-only=true", "--qualify-on-use", "on"]);
    let text = till.done(["rules", "show"]);
    assert!(text.contains("10% off") && text.contains("30.00 EUR"), "{text}");
}

fn import(till: &Till) {
    let list = till.list("square.csv");
    let rehearsed = till.json(["import", "referrers", &list, "--dry-run"]);
    assert_eq!(till.json(["status"])["referrers"], 0);
    let report = till.json(["import", "referrers", &list]);
    has(&report, &["rows", "added", "updated", "unchanged", "rejected", "noted", "rejected_file"]);
    for field in ["rows", "added", "updated", "unchanged"] {
        assert!(report[field].is_u64());
        assert_eq!(report[field], rehearsed[field], "{field}");
    }
    assert_eq!((&report["rows"], &report["added"], &report["rejected"]), (&json!(6), &json!(6), &json!([])));
    let again = till.json(["import", "referrers", &list]);
    assert_eq!((&again["added"], &again["updated"], &again["unchanged"]), (&json!(0), &json!(0), &json!(6)));

    let broken = till.list("broken_rows.csv");
    let other = Till::open();
    let report = other.json(["import", "referrers", &broken]);
    let rejected = report["rejected"].as_array().unwrap();
    assert!(!rejected.is_empty());
    for row in rejected {
        has(row, &["row", "reason"]);
        assert!(row["row"].is_u64() && row["reason"].is_string());
    }
    let file = std::fs::read_to_string(text(&report["rejected_file"])).unwrap();
    assert!(file.lines().count() > rejected.len());
    let shown = other.done(["import", "referrers", &broken]);
    assert!(shown.contains("rejected") && shown.contains("row "), "{shown}");

    let customers = till.list("stripe.csv");
    assert!(till.json(["import", "customers", &customers])["added"].as_u64().unwrap() > 0);
}

fn codes(till: &Till) -> String {
    assert_eq!(till.json(["code", "generate", "--all"])["generated"], 6);
    assert_eq!(till.json(["code", "generate", "--all"])["generated"], 0);
    let given = till.json(["code", "generate", "--referrer", "jane whitfield"]);
    assert_eq!(given["referrer"]["name"], "Jane Whitfield");
    let code = text(&given["code"]);

    let hits = till.json(["lookup", "jane"]);
    let hit = &hits["hits"][0];
    assert_eq!((&hit["code"], &hit["match"]), (&json!(code), &json!("name")));
    has(&hit["referrer"], &["id", "name", "email", "phone"]);
    assert_eq!(hit["referrer"]["phone"], "+442079460101");
    // However the person is named, it is the same one.
    let id = text(&hit["referrer"]["id"]);
    for who in [id.as_str(), &code, &code.to_lowercase(), "JANE.whitfield@salon.example", "020 7946 0101", "Jane Whitfield", "whitfield"] {
        assert_eq!(till.json(["referrer", "show", who])["referrer"]["id"], json!(id), "{who}");
    }
    assert_eq!(till.json(["lookup", "nobody", "at", "all"]), json!({ "hits": [] }));

    let edited = till.json(["referrer", "edit", &code, "--name", "Jane Whitfield-Roy", "--phone", ""]);
    assert_eq!(edited["referrer"], json!({ "id": id, "name": "Jane Whitfield-Roy", "email": "jane.whitfield@salon.example", "phone": null }));
    code
}

/// One sale that stays and is refunded in part, one that is undone.
fn sales(till: &Till, code: &str) -> Value {
    let ticket = till.json(["check", code, "--order", "49.90", "--name", "Ann Lee", "--email", "ann@lee.example"]);
    has(&ticket, &["allowed", "discount", "paid", "currency", "reasons", "nearest"]);
    assert_eq!(
        (&ticket["allowed"], &ticket["discount"], &ticket["paid"], &ticket["currency"]),
        (&json!(true), &json!(499), &json!(4491), &json!("EUR"))
    );
    assert_eq!((&ticket["reasons"], &ticket["nearest"]), (&json!([]), &json!([])));
    let shown = till.done(["check", code, "--order", "49,90"]);
    assert!(shown.contains("44.91 EUR") && shown.contains(code), "{shown}");

    let sale = ["redeem", code, "--order", "49.90", "--name", "Ann Lee", "--email", "ann@lee.example", "--reference", "R-17", "--op", OP];
    let redeemed = till.json(sale);
    assert_eq!((&redeemed["allowed"], &redeemed["replayed"]), (&json!(true), &json!(false)));
    let stub = redeemed["redemption"].clone();
    has(&stub, &["id", "op", "code", "order", "discount", "paid", "currency", "lead_id", "referrer_id"]);
    let amounts = ["order", "discount", "paid"].map(|field| stub[field].as_i64().unwrap());
    assert_eq!((amounts, &stub["op"], &stub["code"], &stub["currency"]), ([4990, 499, 4491], &json!(OP), &json!(code), &json!("EUR")));
    let replayed = till.json(sale);
    assert_eq!((&replayed["replayed"], &replayed["redemption"]), (&json!(true), &stub));
    assert!(till.done(sale).contains("Recorded before"));
    assert_eq!(till.fault(3, ["redeem", code, "--order", "1.00", "--name", "Ann Lee", "--op", OP]), "operation_reused");

    let second = ["redeem", code, "--order", "20", "--name", "Ann", "--email", "ann@lee.example"];
    let refused = till.ends(3, second);
    let reasons: Vec<String> = refused["reasons"].as_array().unwrap().iter().map(|reason| text(&reason["reason"])).collect();
    assert_eq!((reasons, &refused["redemption"]), (vec!["below_minimum_order".to_owned(), "not_first_time".to_owned()], &Value::Null));
    let shown = till.run(second).ends(3);
    assert!(shown.err.is_empty() && shown.out.contains("10.00 more") && shown.out.contains("bought here before"), "{shown:?}");
    let approved = till.json(second.iter().chain(&["--override-by", "M. Roy", "--override-note", "regular"]));
    assert_eq!(approved["redemption"]["override_by"], "M. Roy");

    let id = text(&approved["redemption"]["id"]);
    assert_eq!(till.json(["void", &id, "--reason", "wrong total"])["state"], "voided");
    assert_eq!(till.fault(3, ["void", &id, "--reason", "again"]), "voided");
    let id = text(&stub["id"]);
    let back = ["refund", &id, "--amount", "5.00", "--reason", "scratched", "--op", "0198c0de-0000-7000-8000-000000000002"];
    for _ in 0..2 {
        let refunded = till.json(back);
        assert_eq!((&refunded["refunded"], &refunded["state"]), (&json!(500), &json!("partly_refunded")));
    }
    assert_eq!(till.fault(3, ["refund", &id, "--amount", "44.91", "--reason", "all"]), "refund_too_large");
    assert_eq!(till.json(["refund", &id, "--reason", "the rest"])["state"], "refunded");
    stub
}

fn leads(till: &Till, code: &str) {
    let add = ["lead", "add", "--referrer", code, "--name", "Bo Ek", "--phone", "020 7946 0999", "--note", "asks for Tuesday"];
    let more = ["--call-back", "2126-12-01", "--op", "0198c0de-0000-7000-8000-000000000003"];
    let recorded = till.json(add.iter().chain(&more));
    has(&recorded["lead"], &["id", "name", "email", "phone", "state", "referrer_id", "referrer"]);
    assert_eq!(
        (&recorded["lead"]["phone"], &recorded["lead"]["call_back"], &recorded["replayed"]),
        (&json!("+442079460999"), &json!("2126-12-01"), &json!(false))
    );
    assert_eq!(till.json(add.iter().chain(&more))["replayed"], true);
    let conflict = till.json(["lead", "add", "--referrer", "wen.li@tea.example", "--name", "Bo Ek", "--phone", "+442079460999"]);
    assert!(text(&conflict["conflict"]).contains("Jane"));

    let page = till.json(["leads"]);
    assert_eq!((&page["total"], page["rows"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(till.json(["leads", "--show", "call-back"])["rows"][0]["name"], "Bo Ek");
    assert_eq!(till.json(["lead", "call-back", "Bo Ek", "--on", "2126-12-03"])["call_back"], "2126-12-03");
    assert_eq!(till.json(["lead", "call-back", &text(&recorded["lead"]["id"])])["call_back"], json!(null));
    assert_eq!(till.json(["leads", "--show", "call-back"])["total"], 0);
    assert_eq!(till.json(["leads", "--show", "conflict"])["total"], 1);
    assert_eq!(till.json(["leads", "--search", "ann"])["rows"][0]["email"], "ann@lee.example");
    let first = till.json(["leads", "--rows", "1"]);
    let second = till.json(["leads", "--rows", "1", "--after", &text(&first["next"])]);
    assert_ne!(first["rows"][0]["id"], second["rows"][0]["id"]);
    assert!(till.done(["leads"]).contains("Bo Ek"));
}

fn copies(till: &Till) {
    let copy = text(&till.json(["backup"])["file"]);
    till.referrer("Too Late", "too@late.example", "TOO-LATE");
    assert_eq!(till.json(["status"])["referrers"], 7);
    let listed = till.json(["backups"]);
    assert_eq!(listed["backups"][0]["file"], json!(copy));
    let restored = till.json(["restore"]);
    assert_eq!(restored["restored"], json!(copy));
    assert!(std::path::Path::new(&text(&restored["kept"])).exists());
    assert_eq!(till.json(["status"])["referrers"], 6);
    assert_eq!(till.json(["restore", "--latest"])["restored"], json!(copy));
    assert!(till.done(["restore", &copy]).contains("is kept in"));
    assert_eq!(till.json(["status"])["referrers"], 6);
}

#[test]
fn a_shop_that_never_opens_the_window_has_its_copy_a_day() {
    let till = Till::open();
    let copies = || {
        let names = std::fs::read_dir(till.data().join("backups")).into_iter().flatten().map(|file| file.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with("-daily.db")).count()
    };
    assert_eq!(copies(), 0);
    // Also what is refused leaves one, and the next command of the day no second.
    till.ends(3, ["redeem", "NOBODY", "--order", "10", "--name", "Ann"]);
    assert_eq!(copies(), 1);
    till.json(["status"]);
    assert_eq!(copies(), 1);
}

fn exports(till: &Till, code: &str) {
    for (list, rows) in [("referrers", 6), ("leads", 2), ("redemptions", 2)] {
        let file = till.path(&format!("{list}.csv")).display().to_string();
        let written = till.json(["export", list, &file]);
        assert_eq!((&written["rows"], &written["file"]), (&json!(rows), &json!(file)));
        let sheet = std::fs::read_to_string(&file).unwrap();
        assert_eq!(sheet.lines().count(), rows + 1);
        // The list had a customer who is called =Evil.
        assert!(sheet.split(['\n', ',', '"']).all(|cell| !cell.starts_with(['=', '@'])), "{sheet}");
        assert!(list == "leads" || sheet.contains(code));
    }
}

#[test]
fn a_code_that_does_not_exist_names_the_nearest() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let ticket = till.ends(3, ["check", "JANE01", "--order", "10"]);
    assert_eq!(ticket["reasons"][0]["reason"], "unknown");
    assert_eq!((&ticket["nearest"][0]["code"], &ticket["nearest"][0]["referrer"]), (&json!("JANE10"), &json!("Jane Whitfield")));
    let shown = till.run(["check", "JANE01", "--order", "10"]).ends(3).out;
    assert!(shown.contains("JANE10") && shown.contains("other way round"), "{shown}");
    assert_eq!(till.ends(3, ["redeem", "JANE01", "--order", "10", "--name", "Ann"])["redemption"], Value::Null);
}

#[test]
fn no_contact_is_said_where_the_code_is_for_first_orders() {
    let till = Till::open();
    till.done(["rules", "set", "--first-time-only"]);
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let sale = ["redeem", "JANE10", "--order", "10", "--name", "Ann"];
    assert_eq!(till.fault(2, sale), "contact_needed");
    let said = till.json([sale.as_slice(), &["--no-contact"]].concat());
    assert_eq!(said["redemption"]["customer"], "Ann");
    assert_eq!(till.fault(2, [sale.as_slice(), &["--no-contact", "--email", "ann@lee.example"]].concat()), "usage");
    assert_eq!(till.json(["leads", "--show", "missing-contact"])["total"], 1);
}

#[test]
fn a_sale_in_another_currency_is_counted_in_it_and_refused() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let ticket = till.ends(3, ["check", "JANE10", "--order", "5000", "--currency", "JPY"]);
    assert_eq!((&ticket["reasons"][0]["reason"], &ticket["currency"], &ticket["order"]), (&json!("wrong_currency"), &json!("JPY"), &json!(5000)));
}

#[test]
fn a_code_taken_back_is_refused_and_replaced() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    assert_eq!(till.json(["code", "revoke", "--referrer", "JANE10", "--reason", "on a coupon site"])["code"]["revoked"], true);
    assert_eq!(till.ends(3, ["check", "JANE10", "--order", "10"])["reasons"][0]["reason"], "revoked");
    assert_ne!(till.json(["code", "generate", "--referrer", "jane@salon.example"])["code"], "JANE10");
}

#[test]
fn people_of_one_name_are_told_apart() {
    let till = Till::open();
    for email in ["ann@one.example", "ann@two.example"] {
        till.json(["referrer", "add", "--name", "Ann Lee", "--email", email, "--generate"]);
    }
    let answer = till.ends(3, ["code", "revoke", "--referrer", "ann lee", "--reason", "test"]);
    assert_eq!(answer["error"]["code"], "ambiguous");
    let candidates = answer["error"]["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2);
    has(&candidates[0]["referrer"], &["id", "name", "email", "phone"]);
    let said = till.run(["code", "revoke", "--referrer", "ann lee", "--reason", "test"]).ends(3);
    assert!(said.out.is_empty() && said.err.contains("ann@one.example") && said.err.contains("ann@two.example"), "{said:?}");
    // Something alike, or the beginning of something, is offered and never taken.
    till.referrer("Wen Li", "wen@tea.example", "WENLI");
    for alike in ["wenn li", "we", "W", "wenl", "wen@tea"] {
        let answer = till.ends(3, ["referrer", "show", alike]);
        assert_eq!((&answer["error"]["code"], &answer["error"]["candidates"][0]["code"]), (&json!("ambiguous"), &json!("WENLI")), "{alike}");
    }
    assert_eq!(till.json(["referrer", "show", "wen"])["referrer"]["name"], "Wen Li");
    assert_eq!(till.fault(3, ["referrer", "show", "Zebedee"]), "not_found");
    assert_eq!(till.json(["referrer", "show", "ANN@one.example"])["referrer"]["email"], "ann@one.example");
}
