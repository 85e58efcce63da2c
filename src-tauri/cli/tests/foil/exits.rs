//! How each command ends, what it says then and where.

use std::process::Command;

use serde_json::json;

use crate::support::{Till, said, text};

#[test]
fn what_makes_no_sense_ends_with_two() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    for (args, fault) in [
        (&["frobnicate"][..], "usage"),
        (&["check", "JANE10"], "usage"),
        (&["redeem", "JANE10", "--order", "10"], "usage"),
        (&["redeem", "JANE10", "--order", "10", "--name", "Ann", "--override-by", "Roy"], "usage"),
        (&["check", "JANE10", "--order", "1.234"], "not_an_amount"),
        (&["check", "JANE10", "--order", "4006381333931"], "amount_too_large"),
        (&["check", "JANE10", "--order", "10", "--currency", "euro"], "unknown_currency"),
        (&["check", "JANE10", "--order", "10", "--email", "ann at lee"], "not_an_email"),
        (&["redeem", "JANE10", "--order", "10", "--name", "Ann", "--op", "1"], "not_an_operation"),
        (&["void", "not-an-id", "--reason", "x"], "not_an_id"),
        (&["refund", "not-an-id", "--reason", "x"], "not_an_id"),
        (&["referrer", "add", "--name", "Ann"], "no_contact"),
        (&["referrer", "add", "--email", "a@b.example", "--code", "x"], "code_not_usable"),
        (&["referrer", "add", "--email", "a@b.example", "--code", "ABC1", "--generate"], "usage"),
        (&["referrer", "edit", "JANE10"], "usage"),
        (&["code", "generate"], "usage"),
        (&["code", "generate", "--all", "--referrer", "JANE10"], "usage"),
        (&["code", "revoke", "--referrer", "JANE10"], "usage"),
        (&["code", "revoke", "--referrer", "JANE10", "--reason", " "], "no_reason"),
        (&["lead", "add", "--referrer", "JANE10", "--name", "Ann"], "no_contact"),
        (&["lead", "add", "--referrer", "JANE10", "--name", "Ann", "--email", "a@b.example", "--call-back", "soon"], "not_a_day"),
        (&["leads", "--show", "everyone"], "usage"),
        (&["rules", "set"], "usage"),
        (&["rules", "set", "--percent", "10", "--amount", "5"], "usage"),
        (&["rules", "set", "--percent", "10", "--no-coupon"], "usage"),
        (&["rules", "set", "--no-coupon", "--duration", "once"], "usage"),
        (&["rules", "set", "--percent", "101"], "not_a_percentage"),
        (&["rules", "set", "--max-redemptions", "0"], "usage"),
        (&["rules", "set", "--min-order", "0"], "not_an_amount"),
        (&["rules", "set", "--expires", "31.12.2026"], "not_a_day"),
        (&["rules", "set", "--percent", "10", "--duration", "repeating"], "usage"),
        (&["rules", "set", "--percent", "10", "--duration", "once", "--months", "3"], "usage"),
        (&["rules", "set", "--months", "3"], "usage"),
        (&["restore", "a.db", "--latest"], "usage"),
        (&["export", "everything", "a.csv"], "usage"),
        (&["export", "referral-factory", "everything", "a.csv"], "usage"),
        (&["handed-over"], "usage"),
        (&["connect", "hubspot"], "usage"),
        (&["sync", "--destination", "hubspot"], "usage"),
        (&["outbox", "list", "--state", "lost"], "usage"),
        (&["conflicts", "resolve", "not-an-id", "keep"], "not_an_id"),
    ] {
        assert_eq!(till.fault(2, args), fault, "{args:?}");
        let said = till.run(args).ends(2);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{said:?}");
    }
    let answer = till.ends(2, ["redeem", "JANE10", "--order", "10"]);
    assert!(text(&answer["error"]["sentence"]).ends_with("--name <NAME>"), "{answer}");
    let bare = Till::bare();
    for (args, fault) in [
        (["init", "--shop", "Shop", "--currency", "euro"], "unknown_currency"),
        (["init", "--shop", "", "--currency", "EUR"], "no_name"),
        (["init", "--shop", "Shop", "--timezone", "Mars/Base"], "usage"),
    ] {
        assert_eq!(bare.fault(2, args), fault, "{args:?}");
        assert!(!bare.data().exists());
    }
}

#[test]
fn what_the_rules_refuse_ends_with_three() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    for (args, fault) in [
        (&["init", "--shop", "Second", "--currency", "USD"][..], "already_set_up"),
        (&["referrer", "add", "--name", "Other", "--email", "jane@salon.example"], "contact_taken"),
        (&["referrer", "add", "--name", "Other", "--email", "o@o.example", "--code", "jane-10"], "code_taken"),
        (&["void", "0198c0de-0000-7000-8000-000000000001", "--reason", "x"], "not_found"),
        (&["refund", "0198c0de-0000-7000-8000-000000000001", "--reason", "x"], "not_found"),
        (&["lead", "add", "--referrer", "NOBODY", "--name", "Ann", "--email", "a@b.example"], "not_found"),
    ] {
        assert_eq!(till.fault(3, args), fault, "{args:?}");
        let said = till.run(args).ends(3);
        assert!(said.out.is_empty() && said.err.lines().count() == 1, "{said:?}");
    }
}

#[test]
fn without_a_shop_the_way_to_one_is_named() {
    let till = Till::bare();
    for args in [&["lookup", "jane"][..], &["status"], &["redeem", "JANE10", "--order", "1", "--name", "Ann"], &["import", "referrers", "a.csv"]] {
        assert_eq!(till.fault(4, args), "not_set_up");
        assert!(till.run(args).ends(4).err.contains("foil init"));
    }
    assert_eq!(till.fault(4, ["restore"]), "file");
    assert_eq!(till.fault(4, ["restore", "--latest"]), "file");
    assert_eq!(till.json(["backups"]), json!({ "backups": [] }));
    assert!(!till.data().exists());
}

#[test]
fn files_that_fail_end_with_four_and_change_nothing() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let file = |name: &str, text: &str| {
        std::fs::write(till.path(name), text).unwrap();
        till.path(name).display().to_string()
    };
    let nowhere = till.path("no/such/list.csv").display().to_string();
    for (args, fault) in [
        (["import", "referrers", &nowhere], "file"),
        (["import", "referrers", &file("empty.csv", "")], "sheet_empty"),
        (["export", "leads", &nowhere], "file"),
        (["export", "leads", &till.data().display().to_string()], "file"),
    ] {
        assert_eq!(till.fault(4, args), fault, "{args:?}");
    }
    assert_eq!(till.fault(2, ["import", "referrers", &file("colours.csv", "Name,Colour\nAnn,blue\n")]), "sheet_no_contact_column");
    assert_eq!(till.fault(4, ["restore", &nowhere]), "file");
    assert_eq!(till.fault(4, ["restore", &file("list.db", "Name,Email\n")]), "copy_damaged");
    assert_eq!(till.json(["status"])["referrers"], 1);
    let beside = std::fs::read_dir(till.path("")).unwrap().flatten().filter(|entry| entry.file_name().to_string_lossy().contains(".part")).count();
    assert_eq!(beside, 0);
}

#[test]
fn a_damaged_database_is_said_to_be_and_can_be_replaced() {
    let till = Till::open();
    till.json(["backup"]);
    std::fs::write(till.data().join("counterfoil.db"), "no database ".repeat(1000)).unwrap();
    assert_eq!(till.fault(4, ["status"]), "damaged");
    assert!(till.run(["verify"]).ends(4).err.contains("foil restore"));
    till.json(["restore", "--latest"]);
    assert_eq!(till.json(["verify"])["ok"], true);
}

#[test]
fn records_that_do_not_hold_end_with_four() {
    let till = Till::open();
    let copy = text(&till.json(["backup"])["file"]);
    // One letter of what the audit trail tells of the shop's beginning.
    let mut bytes = std::fs::read(&copy).unwrap();
    let at = bytes.windows(11).position(|part| part == b"shop_opened").unwrap();
    bytes[at] = b'S';
    std::fs::write(&copy, bytes).unwrap();
    till.json(["restore", &copy]);
    let verified = till.ends(4, ["verify"]);
    assert_eq!(verified["ok"], false);
    assert!(text(&verified["problems"][0]).contains("audit trail"), "{verified}");
    assert!(till.run(["verify"]).ends(4).out.contains("audit trail"));
}

#[test]
fn faults_speak_the_shops_language() {
    let till = Till::bare();
    till.done(["init", "--shop", "Eckladen", "--currency", "EUR", "--timezone", "Europe/Berlin", "--language", "de"]);
    assert!(till.run(["check", "NOCODE", "--order", "zehn"]).ends(2).err.contains("ist kein Betrag"));
    assert!(till.run(["init", "--shop", "Eckladen", "--currency", "EUR"]).ends(3).err.contains("schon ein Geschäft"));
    assert!(till.run(["check", "NOCODE", "--order", "1,50"]).ends(3).out.contains("gibt es nicht"));
}

#[test]
fn the_data_folder_is_as_given_or_the_windows() {
    let till = Till::bare();
    let init = ["init", "--shop", "Shop", "--currency", "EUR"];
    let run = |with: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_foil"));
        command.env_remove("COUNTERFOIL_DATA").env("HOME", till.path("")).env("XDG_DATA_HOME", till.path("share")).args(init).arg("--json");
        if let Some(folder) = with {
            command.env("COUNTERFOIL_DATA", till.path(folder));
        }
        std::path::PathBuf::from(text(&said(command.output().unwrap()).ends(0).json()["data_dir"]))
    };
    assert_eq!(run(Some("given")), till.path("given"));
    assert!(run(None).ends_with("app.counterfoil.desktop"));
    if cfg!(target_os = "linux") {
        assert!(till.path("share/app.counterfoil.desktop/counterfoil.db").exists());
    }
}

#[test]
fn help_shows_examples_and_shells_complete() {
    let till = Till::bare();
    for command in ["redeem", "export"] {
        let help = till.done([command, "--help"]);
        assert!(help.contains("Examples:") && help.contains(&format!("foil {command}")), "{command}: {help}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(till.done(["completions", shell]).contains("redeem"));
    }
    assert!(text(&till.json(["completions", "bash"])["script"]).contains("redeem"));
    assert!(till.done(["--version"]).starts_with("foil "));
}
