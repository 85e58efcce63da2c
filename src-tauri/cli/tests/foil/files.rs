//! Referral Factory by file: what is written, what a person's word does, and that nobody is there twice afterwards.

use std::time::Duration;

use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, Started};
use serde_json::{Value, json};

use crate::support::{Till, said, text};

fn shop() -> Till {
    let till = Till::open();
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    till.referrer("Omar Haddad", "omar@radhaus-post.com", "OMAR10");
    till
}

fn sell(till: &Till, code: &str, name: &str, email: &str) {
    till.json(["redeem", code, "--order", "49.90", "--name", name, "--email", email]);
}

/// The rows of a file as it is written now.
#[track_caller]
fn written(till: &Till, kind: &str) -> String {
    let file = till.path(&format!("{kind}.csv"));
    let answer = till.json(["export", "referral-factory", kind, &file.display().to_string()]);
    let sheet = std::fs::read_to_string(&file).unwrap();
    assert_eq!(answer["rows"].as_u64().unwrap() as usize, sheet.lines().count() - 1, "{answer}");
    assert!(!till.path(&format!("{kind}.csv.part")).exists());
    sheet
}

#[track_caller]
fn waiting(till: &Till) -> u64 {
    till.json(["status"])["outbox"]["referral_factory"]["waiting"].as_u64().unwrap()
}

fn clouds() -> Started {
    let clouds = Clouds::start(Options { rates: false, search_lag: Duration::ZERO, ..Options::default() }).unwrap();
    practice_cloud::invent(&clouds);
    clouds
}

#[track_caller]
fn sync(till: &Till, clouds: &Started) -> Value {
    let mut command = till.command(["sync", "--once", "--json"]);
    command.env("COUNTERFOIL_REFERRAL_FACTORY_URL", clouds.referral_factory_url()).env("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", REFERRAL_FACTORY_TOKEN);
    said(command.output().unwrap()).ends(0).json()
}

#[test]
fn the_files_are_as_referral_factory_reads_them() {
    let till = shop();
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    sell(&till, "JANA10", "=HYPERLINK(\"x\"), Zoë", "zoe@brandt-post.com");
    till.json(["lead", "add", "--referrer", "OMAR10", "--name", "Leo", "--email", "leo@sommer-post.com"]);
    // Who has no e-mail address can't be in a file.
    till.json(["redeem", "JANA10", "--order", "10", "--name", "No Address", "--phone", "020 7946 0701"]);
    assert_eq!(written(&till, "referrers"), "First Name,Email\r\nJana Weber,jana@salon-post.com\r\nOmar Haddad,omar@radhaus-post.com\r\n");
    assert_eq!(
        written(&till, "leads"),
        "First Name,Email,Referrer Email Address\r\nMia Brandt,mia@brandt-post.com,jana@salon-post.com\r\n\
         \"'=HYPERLINK(\"\"x\"\"), Zoë\",zoe@brandt-post.com,jana@salon-post.com\r\nLeo,leo@sommer-post.com,omar@radhaus-post.com\r\n"
    );
    assert_eq!(written(&till, "qualify"), "Email\r\nmia@brandt-post.com\r\nzoe@brandt-post.com\r\n");
    // Writing marks nothing: the same again.
    assert_eq!(written(&till, "qualify").lines().count(), 3);
    let shown = till.done(["export", "referral-factory", "leads", &till.path("leads.csv").display().to_string()]);
    assert!(shown.contains("goes up first") && shown.contains("foil handed-over leads"), "{shown}");
    assert_eq!(
        till.fault(2, ["export", "referral-factory", "leads", &till.data().join("counterfoil.db").display().to_string()]),
        "among_the_records"
    );
    assert_eq!(till.fault(4, ["export", "referral-factory", "leads", &till.path("no/such.csv").display().to_string()]), "file");
}

#[test]
fn handing_over_marks_what_the_last_file_held_and_nothing_else() {
    let till = shop();
    assert_eq!(till.fault(3, ["handed-over", "leads"]), "not_found");
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    till.json(["lead", "add", "--referrer", "OMAR10", "--name", "Leo", "--email", "leo@sommer-post.com"]);
    for kind in ["referrers", "leads", "qualify"] {
        written(&till, kind);
    }
    sell(&till, "OMAR10", "Ida Kern", "ida@kern-post.com");
    let before = waiting(&till);
    assert_eq!(till.json(["handed-over", "referrers"]), json!({ "list": "referrers", "people": 2 }));
    assert_eq!(till.json(["handed-over", "leads"])["people"], 2);
    // Leo is told in full; Mia counts, which only the last file says.
    assert_eq!(waiting(&till), before - 1);
    assert_eq!(till.json(["handed-over", "qualify"])["people"], 1);
    // Said a second time of the same file, it is refused, and nothing more is taken for uploaded: Ida waits.
    let before = waiting(&till);
    for kind in ["referrers", "leads", "qualify"] {
        assert_eq!(till.fault(3, ["handed-over", kind]), "not_found");
    }
    assert_eq!(waiting(&till), before);
    let rest = till.json(["outbox", "list", "--destination", "referral-factory", "--state", "waiting"]);
    assert!(rest["rows"].as_array().unwrap().iter().all(|entry| entry["name"] == "Ida Kern"), "{rest}");
    let went = till.json(["outbox", "list", "--destination", "referral-factory", "--state", "uploaded"]);
    assert!(text(&went["rows"][0]["why"]).contains("file"), "{went}");
    // What was handed over is not in the next file; who comes new is.
    assert_eq!(written(&till, "referrers"), "First Name,Email\r\n");
    assert_eq!(written(&till, "leads"), "First Name,Email,Referrer Email Address\r\nIda Kern,ida@kern-post.com,omar@radhaus-post.com\r\n");
    // A second sale to somebody who is there and counts says nothing new, and waits no longer than to the next file.
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    assert!(!written(&till, "leads").contains("mia@"));
    assert_eq!(written(&till, "qualify"), "Email\r\nida@kern-post.com\r\n");
    till.json(["handed-over", "leads"]);
    till.json(["handed-over", "qualify"]);
    assert_eq!(waiting(&till), 0);
    assert_eq!(till.json(["verify"])["ok"], true);
}

#[test]
fn what_is_recorded_between_writing_and_handing_over_still_waits() {
    let till = shop();
    till.json(["lead", "add", "--referrer", "OMAR10", "--name", "Leo", "--email", "leo@sommer-post.com"]);
    written(&till, "leads");
    // Now Leo buys, and counts.
    sell(&till, "OMAR10", "Leo", "leo@sommer-post.com");
    till.json(["handed-over", "leads"]);
    assert!(waiting(&till) > 0);
    assert_eq!(written(&till, "qualify"), "Email\r\nleo@sommer-post.com\r\n");
    till.json(["handed-over", "qualify"]);
    assert_eq!(waiting(&till), 0);
}

#[test]
fn nobody_is_there_twice_once_the_api_is_connected() {
    let (till, clouds) = (shop(), clouds());
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    till.json(["lead", "add", "--referrer", "OMAR10", "--name", "Leo", "--email", "leo@sommer-post.com"]);
    for kind in ["referrers", "leads", "qualify"] {
        written(&till, kind);
        till.json(["handed-over", kind]);
    }
    assert_eq!(waiting(&till), 0);
    // The files were uploaded, but for Leo's row, which was not taken.
    let factory = clouds.referral_factory();
    let campaign = factory.campaigns()[0]["id"].as_i64().unwrap();
    let jana = factory.add_referrer(campaign, "Jana Weber", "jana@salon-post.com", None);
    factory.add_referrer(campaign, "Omar Haddad", "omar@radhaus-post.com", None);
    let mia = factory.add_lead(campaign, jana, "Mia Brandt", "mia@brandt-post.com");
    factory.qualify(mia, true);
    let users = factory.users_count();
    sync(&till, &clouds);
    assert_eq!((factory.users_count(), clouds.calls_to("POST", "/users").len()), (users, 0));
    // Both buy again: Mia is looked up and left as she is, Leo is created.
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    sell(&till, "OMAR10", "Leo", "leo@sommer-post.com");
    let synced = sync(&till, &clouds);
    assert_eq!((factory.users_count(), clouds.calls_to("POST", "/users").len()), (users + 1, 1), "{synced}");
    assert_eq!(till.json(["conflicts", "list"]), json!({ "conflicts": [] }));
    let leo = factory.user(campaign, "leo@sommer-post.com").unwrap();
    assert!(!leo["qualified_at"].is_null());
    let counts = &till.json(["status"])["outbox"]["referral_factory"];
    assert_eq!((&counts["waiting"], &counts["conflict"], &counts["needs_a_person"]), (&json!(0), &json!(0), &json!(0)));
    sync(&till, &clouds);
    assert_eq!(clouds.calls_to("POST", "/users").len(), 1);
}

#[test]
fn what_a_file_qualified_is_taken_back_over_the_api() {
    let (till, clouds) = (shop(), clouds());
    sell(&till, "JANA10", "Mia Brandt", "mia@brandt-post.com");
    for kind in ["referrers", "leads", "qualify"] {
        written(&till, kind);
        till.json(["handed-over", kind]);
    }
    let factory = clouds.referral_factory();
    let campaign = factory.campaigns()[0]["id"].as_i64().unwrap();
    let jana = factory.add_referrer(campaign, "Jana Weber", "jana@salon-post.com", None);
    let mia = factory.add_lead(campaign, jana, "Mia Brandt", "mia@brandt-post.com");
    factory.qualify(mia, true);
    sync(&till, &clouds);
    let sale = till.json(["today"])["counterfoils"][0]["id"].clone();
    till.json(["void", &text(&sale), "--reason", "wrong total"]);
    sync(&till, &clouds);
    assert!(factory.user(campaign, "mia@brandt-post.com").unwrap()["qualified_at"].is_null());
}
