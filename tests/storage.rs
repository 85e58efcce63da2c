//! The file: what the schema refuses, what `verify` finds, copies and the way back, and machines that fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::Duration;
use counterfoil_core::desk::people::NewCode;
use counterfoil_core::desk::records;
use counterfoil_core::desk::views::RulesView;
use counterfoil_core::desk::{Desk, DeskError};
use counterfoil_core::sentences::Language;
use rusqlite::Connection;

use crate::child::{self, say};
use crate::support::*;

/// A shop with something in every table that a day fills.
fn busy_shop() -> Shop {
    let mut shop = Shop::with_rules(RulesView { redemptions_max: Some(50), ..RulesView::default() });
    let (jane, code) = shop.jane();
    let omar = code_of(&shop.referrer("Omar", Some("omar@haddad.example"), None));
    let first = shop.sell(&code, 10_000, customer("Mia", "mia@brandt.example"));
    let second = shop.sell(&omar, 5_000, customer("Mia", "mia@brandt.example"));
    shop.sell(&code, 2_000, walk_in());
    shop.desk.refund(&refund(&first, Some(100), "scratch")).unwrap();
    shop.desk.void(&void(&second, "mistake")).unwrap();
    let lead = counterfoil_core::desk::leads::NewLead {
        op: op(),
        referrer_id: jane.referrer.id,
        name: "Noor".into(),
        email: Some("noor@aziz.example".into()),
        phone: None,
        note: None,
        call_back: None,
    };
    shop.desk.record_lead(&lead).unwrap();
    shop
}

/// What a person is told.
#[track_caller]
fn sentence(error: &DeskError) -> String {
    let sentence = error.fault(Language::default()).sentence;
    assert!(sentence.ends_with('.') && !sentence.starts_with("fault."), "{sentence}");
    sentence
}

// What the schema refuses

#[test]
fn every_constraint_holds() {
    let shop = busy_shop();
    let behind = shop.behind();
    behind.pragma_update(None, "foreign_keys", true).unwrap();
    #[track_caller]
    fn refuse(behind: &Connection, sql: &str, why: &str) {
        let error = behind.execute_batch(sql).expect_err(sql).to_string();
        assert!(error.contains(why), "{sql}: {error}");
    }
    let check = "CHECK constraint failed";
    let unique = "UNIQUE constraint failed";
    for (sql, why) in [
        ("INSERT INTO shop SELECT 2, name, timezone, country, till_id, till, campaign_n, language, look, customer_key, created_at FROM shop", check),
        ("UPDATE shop SET name = ''", check),
        ("UPDATE shop SET look = 'pink'", check),
        ("UPDATE shop SET country = 'GBR'", check),
        ("UPDATE shop SET customer_key = x'00'", check),
        ("UPDATE shop SET till_id = x'00'", check),
        ("UPDATE shop SET created_at = 'today'", "cannot store TEXT value"),
        ("INSERT INTO staff (id, name, role, created_at) VALUES (randomblob(16), 'Ann', 'owner', 0)", check),
        ("UPDATE coupon SET percent = 2000", "a coupon never changes"),
        ("INSERT INTO coupon (id, percent, amount, currency, duration, created_at) VALUES (randomblob(16), 100, 100, 'EUR', 'once', 0)", check),
        ("INSERT INTO coupon (id, currency, duration, created_at) VALUES (randomblob(16), 'EUR', 'once', 0)", check),
        ("INSERT INTO coupon (id, percent, currency, duration, created_at) VALUES (randomblob(16), 10001, 'EUR', 'once', 0)", check),
        ("INSERT INTO coupon (id, percent, currency, duration, created_at) VALUES (randomblob(16), 100, 'EUR', 'repeating', 0)", check),
        ("INSERT INTO coupon (id, amount, currency, duration, created_at) VALUES (randomblob(16), 0, 'EUR', 'once', 0)", check),
        ("UPDATE code_rules SET redemptions_max = 99", "rules on codes never change"),
        ("INSERT INTO code_rules (first_time_only, redemptions_max) VALUES (0, 0)", check),
        ("INSERT INTO code_rules (first_time_only, order_min) VALUES (2, 1)", check),
        ("UPDATE campaign SET code_symbols = 5", check),
        ("UPDATE campaign SET currency = 'EURO'", check),
        ("UPDATE campaign SET coupon_n = 999", "FOREIGN KEY constraint failed"),
        ("INSERT INTO referrer (id, name, created_at) VALUES (randomblob(16), 'Nobody', 0)", check),
        ("INSERT INTO referrer (id, name, email, created_at) VALUES (randomblob(16), 'No Key', 'a@b.example', 0)", check),
        (
            "INSERT INTO referrer (id, name, phone_key, email, email_key, created_at) VALUES (randomblob(16), 'No Phone', '+1', 'a@b.example', 'a@b.example', 0)",
            check,
        ),
        (
            "INSERT INTO referrer (id, name, email, email_key, created_at) VALUES (randomblob(16), 'Twice', 'Jane@Salon.example', 'jane@salon.example', 0)",
            unique,
        ),
        (
            "INSERT INTO referrer (id, name, phone, phone_key, created_at) VALUES (randomblob(16), 'Twice', '+447911123456', '+447911123456', 0)",
            unique,
        ),
        ("UPDATE referrer SET name = ''", check),
        ("DELETE FROM referrer", "FOREIGN KEY constraint failed"),
        (
            "INSERT INTO referral_code SELECT 99, campaign_n, referrer_n, text, key, code_rules_n, coupon_n, NULL, NULL, generated, 5, NULL, 0, created_at FROM referral_code LIMIT 1",
            unique,
        ),
        (
            "INSERT INTO referral_code SELECT 99, campaign_n, referrer_n, 'OTHER', 'OTHER', code_rules_n, coupon_n, NULL, NULL, 0, NULL, NULL, 0, created_at FROM referral_code LIMIT 1",
            unique,
        ),
        ("UPDATE referral_code SET uses = -1", check),
        ("UPDATE referral_code SET revoke_reason = 'a reason for nothing'", check),
        ("UPDATE referral_code SET text = 'ab'", check),
        ("UPDATE lead SET state = 'maybe'", check),
        ("UPDATE lead SET source = 'web'", check),
        ("UPDATE lead SET email_key = 'mia@brandt.example', email = 'mia@brandt.example'", unique),
        ("UPDATE redemption SET discount = order_total + 1", check),
        ("UPDATE redemption SET paid = paid + 1", check),
        ("UPDATE redemption SET refunded = paid + 1", check),
        ("UPDATE redemption SET voided_at = 1, void_reason = NULL", check),
        ("UPDATE redemption SET override_by = 'somebody', override_note = NULL", check),
        ("UPDATE redemption SET lead_n = 999", "FOREIGN KEY constraint failed"),
        ("UPDATE refund SET amount = 0", check),
        ("UPDATE audit SET what = 'nothing'", "the audit trail never changes"),
        ("DELETE FROM audit", "the audit trail never changes"),
        ("INSERT INTO audit SELECT 99, till_id, at, what, subject, 'no json', hash FROM audit LIMIT 1", check),
        ("UPDATE outbox SET destination = 'elsewhere'", check),
        ("UPDATE outbox SET state = 'parked', why = NULL", check),
        ("UPDATE outbox SET state = 'lost'", check),
        ("INSERT INTO known_customer (hash) VALUES (x'00')", check),
        ("INSERT INTO operation SELECT op, what, x'00', subject, at FROM operation", check),
        ("INSERT INTO handout (id, code_n, how, at) VALUES (randomblob(16), 1, 'pigeon', 0)", check),
        ("INSERT INTO handout (id, code_n, how, place, at) VALUES (randomblob(16), 1, 'card', '', 0)", check),
        ("UPDATE redemption SET run_n = 999", "FOREIGN KEY constraint failed"),
        ("INSERT INTO card (id, run_n, code_n, state_at) VALUES (randomblob(16), 999, 1, 0)", "FOREIGN KEY constraint failed"),
        ("INSERT INTO print_run (id, campaign_n, template, sheet, show, cards, at) VALUES (randomblob(16), 1, 'x', 'a4', 'code', 0, 0)", check),
        (
            "INSERT INTO reward (id, lead_n, receiver, amount, currency, state, created_at) VALUES (randomblob(16), 1, 'shop', 1, 'EUR', 'due', 0)",
            check,
        ),
    ] {
        refuse(&behind, sql, why);
    }
    drop(behind);
    shop.assert_sound();
}

// What verify finds

/// Falsifies the file past all guards of the schema; verify must say so in these words.
#[track_caller]
fn falsified(sql: &str, found: &str) {
    let shop = busy_shop();
    let behind = shop.behind();
    behind.pragma_update(None, "foreign_keys", false).unwrap();
    behind.execute_batch("DROP TRIGGER audit_stays_as_written; DROP TRIGGER audit_stays;").unwrap();
    let verified = shop.desk.verify().unwrap();
    assert!(verified.ok, "{:?}", verified.problems);
    behind.execute_batch(sql).unwrap();
    assert!(behind.changes() > 0, "{sql} changed nothing");
    let verified = shop.desk.verify().unwrap();
    assert!(!verified.ok && verified.problems.iter().any(|problem| problem.contains(found)), "{sql}: {:?}", verified.problems);
}

#[test]
fn a_changed_audit_entry_is_named() {
    falsified("UPDATE audit SET detail = '{}' WHERE n = 6", "entry 6");
    for column in ["at = at + 1", "what = 'voided'", "subject = randomblob(16)", "till_id = randomblob(16)", "hash = randomblob(32)"] {
        falsified(&format!("UPDATE audit SET {column} WHERE n = 4"), "entry 4");
    }
}

#[test]
fn a_missing_or_smuggled_audit_entry_is_named() {
    falsified("DELETE FROM audit WHERE n = 3", "entry 4");
    falsified("DELETE FROM audit WHERE n = 3; UPDATE audit SET n = n - 1 WHERE n > 3", "entry 3");
    falsified(
        "INSERT INTO audit SELECT 1 + (SELECT max(n) FROM audit), till_id, at, what, subject, detail, hash FROM audit WHERE n = 2",
        "broken at entry",
    );
    // The last entries gone leave a sound chain; what they told of is missed.
    falsified("DELETE FROM audit WHERE n >= (SELECT max(n) FROM audit WHERE what = 'redeemed')", "has no entry in the audit trail");
}

#[test]
fn every_falsified_counter_is_found() {
    falsified("UPDATE referral_code SET uses = uses + 1 WHERE n = 1", "a code's count of uses differs");
    falsified("UPDATE redemption SET refunded = refunded - 1 WHERE refunded > 0", "refunded amount differs");
    falsified("DELETE FROM refund", "refunded amount differs");
    // The trail holds by itself when its end is cut off: what stands beside it tells.
    falsified(
        "DELETE FROM audit WHERE n >= (SELECT n FROM audit WHERE what = 'lead_recorded' ORDER BY n DESC LIMIT 1)",
        "a Lead has no entry in the audit",
    );
    falsified("DELETE FROM audit WHERE n >= (SELECT n FROM audit WHERE what = 'voided')", "a void has no entry");
    falsified("DELETE FROM audit WHERE n >= (SELECT n FROM audit WHERE what = 'refunded')", "not as many refunds as the audit");
    falsified("DELETE FROM redemption WHERE n = 1", "a Redemption that is not there");
    falsified("DELETE FROM outbox WHERE n = (SELECT max(n) FROM outbox WHERE what = 'redemption')", "no entry for upload");
    falsified("UPDATE uploaded SET entries = 1", "count of what is uploaded differs");
    falsified("DELETE FROM outbox WHERE n = (SELECT max(n) FROM outbox WHERE what = 'lead')", "a Lead has no entry for upload");
    falsified("DELETE FROM outbox WHERE n = (SELECT max(n) FROM outbox WHERE what = 'void')", "a void has no entry for upload");
    falsified("DELETE FROM outbox WHERE n = (SELECT max(n) FROM outbox WHERE what = 'refund')", "a refund has no entry for upload");
    falsified("DELETE FROM outbox", "a Lead has no entry for upload");
    falsified("DELETE FROM operation WHERE what = 'redeem'", "operation is not remembered");
    falsified("UPDATE redemption SET op = (SELECT op FROM redemption LIMIT 1)", "or is another's");
    falsified("DELETE FROM referrer_search WHERE rowid = 1", "missing in the search index");
    falsified("UPDATE redemption SET lead_n = 999 WHERE n = 1", "refers to something that is not there");
    falsified("UPDATE redemption SET voided_at = NULL, void_reason = NULL WHERE voided_at IS NOT NULL", "a code's count of uses differs");
    falsified("UPDATE lead SET state = 'qualified', why = 'code_use' WHERE source = 'phone'", "counts without a Redemption");
}

/// odoo/odoo PR#162408: one invalid old record kept the till from starting after an upgrade. Here the shop opens and sells whatever
/// one row says, and the check names it.
#[test]
fn a_row_that_no_guard_would_let_in_stops_nobody_and_is_named() {
    for (sql, found) in [
        ("UPDATE lead SET state = 'maybe' WHERE n = 1", "CHECK constraint failed in lead"),
        ("UPDATE referrer SET email = 'nobody knows', email_key = NULL WHERE n = 2", "CHECK constraint failed in referrer"),
        ("UPDATE referrer SET name = '' WHERE n = 1", "CHECK constraint failed in referrer"),
        ("UPDATE referral_code SET text = '', uses = -1 WHERE n = 2", "CHECK constraint failed in referral_code"),
        ("UPDATE redemption SET order_total = -1, discount = 7 WHERE n = 1", "CHECK constraint failed in redemption"),
        ("UPDATE redemption SET code_n = 999 WHERE n = 1", "redemption refers to something that is not there"),
        ("UPDATE redemption SET lead_n = 999 WHERE n = 1", "redemption refers to something that is not there"),
        ("UPDATE refund SET amount = 0", "CHECK constraint failed in refund"),
        ("UPDATE outbox SET state = 'parked', why = NULL WHERE n = 1", "CHECK constraint failed in outbox"),
        ("UPDATE outbox SET what = 'gossip' WHERE n = 2", "CHECK constraint failed in outbox"),
        ("UPDATE operation SET ask = x'00' WHERE what = 'redeem'", "CHECK constraint failed in operation"),
    ] {
        let mut shop = busy_shop();
        let ida = code_of(&shop.referrer("Ida Poe", Some("ida@poe.example"), None));
        let behind = shop.behind();
        behind.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
        behind.execute_batch(sql).unwrap();
        assert!(behind.changes() > 0, "{sql} changed nothing");
        drop(behind);
        let mut shop = shop.reopened();
        let stub = shop.sell(&ida, 10_000, customer("Leo", "leo@brandt.example"));
        assert!(shop.desk.sales_of(None).unwrap().counterfoils.contains(&stub), "{sql}");
        assert_eq!(shop.desk.find("ida poe").unwrap()[0].code.as_deref(), Some(ida.as_str()), "{sql}");
        let verified = shop.desk.verify().unwrap();
        assert!(!verified.ok && verified.problems.iter().any(|problem| problem.contains(found)), "{sql}: {:?}", verified.problems);
    }
}

/// What the file's own head says of the size of its pages (SQLite's file format, 1.3.2).
fn page_bytes(file: &[u8]) -> usize {
    usize::from(u16::from_be_bytes([file[16], file[17]]))
}

// Copies and the way back

fn copies(shop: &Shop) -> Vec<String> {
    let name = |file: String| Path::new(&file).file_name().unwrap().to_string_lossy().into_owned();
    records::backups(shop.path()).unwrap().into_iter().map(|copy| name(copy.file)).collect()
}

#[test]
fn one_copy_a_day_and_the_last_seven_are_kept() {
    let mut shop = busy_shop();
    for day in 0..10 {
        assert!(shop.desk.back_up_daily().unwrap().is_some(), "day {day}");
        assert_eq!(shop.desk.back_up_daily().unwrap(), None);
        shop.clock.forward(Duration::days(1));
    }
    let kept = copies(&shop);
    assert_eq!(kept.len(), 7);
    // Ten days from 31 May on, newest first; the first three are gone.
    let days: Vec<&str> = kept.iter().map(|name| &name[12..20]).collect();
    assert_eq!(days, ["20260609", "20260608", "20260607", "20260606", "20260605", "20260604", "20260603"]);
    // The copy is complete: it opens, is sound, and has the sales.
    let folder = tempfile::tempdir().unwrap();
    let copy = shop.path().join("backups").join(&kept[0]);
    assert_eq!(records::restore(folder.path(), &copy).unwrap(), None);
    let desk = Desk::open(folder.path()).unwrap();
    assert_eq!(desk.status().unwrap(), shop.desk.status().unwrap());
    assert!(desk.verify().unwrap().ok);
    shop = shop.reopened();
    shop.assert_sound();
}

#[test]
fn the_way_back_keeps_what_was_there() {
    let mut shop = busy_shop();
    let copy = shop.desk.back_up().unwrap();
    let code = shop.desk.find("jane").unwrap()[0].code.clone().unwrap();
    shop.sell(&code, 10_000, walk_in());
    let after = shop.desk.status().unwrap();
    let Shop { folder, desk, .. } = shop;
    drop(desk);
    let kept = records::restore(folder.path(), &copy).unwrap().expect("there was a database");
    assert_eq!(Desk::open(folder.path()).unwrap().status().unwrap().redemptions, after.redemptions - 1);
    // And back again from what was kept.
    let replaced = records::restore(folder.path(), &kept).unwrap();
    assert!(replaced.is_some_and(|file| file.exists()) && kept.exists());
    assert_eq!(Desk::open(folder.path()).unwrap().status().unwrap(), after);
}

/// A window that is open would go on writing into the file that was moved away.
#[test]
fn nothing_is_restored_under_an_open_window() {
    let mut shop = busy_shop();
    let copy = shop.desk.back_up().unwrap();
    let refused = records::restore(shop.path(), &copy).unwrap_err();
    assert_eq!(refused.code(), "in_use");
    let code = shop.desk.find("jane").unwrap()[0].code.clone().unwrap();
    let stub = shop.sell(&code, 10_000, walk_in());
    let shop = shop.reopened();
    assert!(shop.desk.sales_of(None).unwrap().counterfoils.contains(&stub));
    shop.assert_sound();
}

#[test]
fn a_damaged_copy_replaces_nothing() {
    let shop = busy_shop();
    let copy = shop.desk.back_up().unwrap();
    let status = shop.desk.status().unwrap();
    let Shop { folder, desk, .. } = shop;
    drop(desk);
    let sound = std::fs::read(&copy).unwrap();
    let damage: [(&str, Vec<u8>); 4] = [
        ("cut", sound[..sound.len() / 2].to_vec()),
        ("other", b"this was a copy once".repeat(1_000)),
        ("empty", Vec::new()),
        ("page", {
            let mut bytes = sound.clone();
            let page_bytes = page_bytes(&bytes);
            let page = bytes.len() / page_bytes / 2 * page_bytes;
            bytes[page..page + page_bytes].fill(0xAA);
            bytes
        }),
    ];
    for (how, bytes) in damage {
        std::fs::write(&copy, bytes).unwrap();
        let refused = records::restore(folder.path(), &copy).unwrap_err();
        assert!(["copy_damaged", "damaged"].contains(&refused.code()), "{how}: {refused:?}");
        sentence(&refused);
        assert_eq!(Desk::open(folder.path()).unwrap().status().unwrap(), status, "{how}");
        assert!(!folder.path().join("counterfoil.incoming").exists());
    }
    assert_eq!(records::restore(folder.path(), Path::new("/nowhere/copy.db")).unwrap_err().code(), "file");
}

// Other versions

/// Every schema that was released, as a file that this program wrote then, with a day's work in it.
#[test]
fn every_released_schema_opens_and_keeps_its_sales() {
    let schemas = fixture("schemas");
    let mut opened = 0;
    for entry in
        std::fs::read_dir(&schemas).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|ending| ending == "db"))
    {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&entry, folder.path().join("counterfoil.db")).unwrap();
        let mut desk = Desk::open(folder.path()).unwrap();
        let status = desk.status().unwrap();
        assert_eq!((status.referrers, status.codes, status.leads, status.redemptions), (2, 2, 3, 3), "{}", entry.display());
        assert_eq!(desk.verify().unwrap().problems, [""; 0], "{}", entry.display());
        let code = desk.find("jane").unwrap()[0].code.clone().unwrap();
        assert!(desk.redeem(&sale(&code, 10_000, walk_in())).unwrap().redemption.is_some());
        opened += 1;
    }
    let migrations = std::fs::read_dir(root().join("src-tauri/core/src/storage/migrations")).unwrap().count();
    assert_eq!(opened, migrations, "keep a file of each schema in {}: run with COUNTERFOIL_KEEP_SCHEMA=1 before changing it", schemas.display());
}

/// Writes the file for the test above when somebody asks for it, once for each schema before it is released.
#[test]
fn a_days_work_can_be_kept_as_a_file_of_this_schema() {
    let shop = busy_shop();
    let copy = shop.desk.back_up().unwrap();
    let version = shop.count("PRAGMA user_version");
    assert!(std::fs::metadata(&copy).unwrap().len() < 1 << 20, "small enough to be kept");
    if std::env::var_os("COUNTERFOIL_KEEP_SCHEMA").is_some() {
        std::fs::create_dir_all(fixture("schemas")).unwrap();
        std::fs::copy(copy, fixture("schemas").join(format!("{version:04}.db"))).unwrap();
    }
}

#[test]
fn a_later_schema_is_said_and_left_alone() {
    let shop = busy_shop();
    shop.behind().pragma_update(None, "user_version", 99).unwrap();
    let Shop { folder, desk, .. } = shop;
    drop(desk);
    let file = folder.path().join("counterfoil.db");
    let before = std::fs::read(&file).unwrap();
    let error = Desk::open(folder.path()).err().unwrap();
    assert_eq!(error.code(), "newer");
    sentence(&error);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

// Damaged files

#[test]
fn damage_in_any_page_is_found_and_nothing_is_made_worse() {
    let shop = busy_shop();
    let whole = shop.desk.back_up().unwrap();
    let sound = std::fs::read(&whole).unwrap();
    let mut dice = Seeded(4);
    let (mut said, mut unseen) = (0, Vec::new());
    let page_bytes = page_bytes(&sound);
    let pages = sound.len() / page_bytes;
    assert_eq!(sound.len(), pages * page_bytes);
    for page in 0..pages {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("counterfoil.db");
        let mut bytes = sound.clone();
        // The head of the page and a stretch of it, as a failing disk leaves them.
        let head = page * page_bytes + if page == 0 { 100 } else { 0 };
        bytes[head..head + 16].iter_mut().for_each(|byte| *byte ^= 0xFF);
        let at = page * page_bytes + 200 + dice.below(page_bytes as u64 - 264) as usize;
        bytes[at..at + 64].iter_mut().for_each(|byte| *byte ^= 0x55);
        std::fs::write(&file, &bytes).unwrap();
        let verified = Desk::open(folder.path()).and_then(|desk| desk.verify());
        match verified {
            Ok(verified) if verified.ok => unseen.push(page),
            Ok(_) => said += 1,
            Err(error) => {
                assert!(["damaged", "storage", "not_set_up"].contains(&error.code()), "page {page}: {error:?}");
                sentence(&error);
                said += 1;
            }
        }
    }
    // A page that holds nothing can't be damaged.
    assert!(said > 20 && unseen.len() <= 2, "{said} said, unseen in {unseen:?}");
}

#[test]
fn a_file_that_is_no_database_is_left_alone_and_the_way_back_works() {
    let shop = busy_shop();
    let copy = shop.desk.back_up().unwrap();
    let status = shop.desk.status().unwrap();
    let Shop { folder, desk, .. } = shop;
    drop(desk);
    let file = folder.path().join("counterfoil.db");
    for log in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(file.with_extension(log));
    }
    let noise = "this was a database once ".repeat(400);
    std::fs::write(&file, &noise).unwrap();
    let error = Desk::open(folder.path()).err().unwrap();
    assert_eq!(error.code(), "damaged");
    assert!(sentence(&error).to_lowercase().contains("restore"), "the way back is named: {}", sentence(&error));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), noise);
    let kept = records::restore(folder.path(), &copy).unwrap().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), noise);
    assert_eq!(Desk::open(folder.path()).unwrap().status().unwrap(), status);
}

// Files that can't be written

/// Makes files unwritable also for root, by the file system's immutable flag where rights alone don't hold. Undone when dropped.
struct Frozen(Vec<PathBuf>);

impl Frozen {
    #[track_caller]
    fn freeze(paths: &[PathBuf]) -> Frozen {
        use std::os::unix::fs::PermissionsExt as _;
        let frozen = Frozen(paths.to_vec());
        for path in paths {
            let _ = Command::new("chattr").arg("+i").arg(path).output();
            let mode = if path.is_dir() { 0o555 } else { 0o444 };
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
        }
        // The fault struck: nobody can write.
        for path in paths {
            let writable = if path.is_dir() {
                std::fs::File::create(path.join("probe")).is_ok()
            } else {
                std::fs::OpenOptions::new().write(true).open(path).is_ok()
            };
            assert!(
                !writable,
                "{} can still be written: run the tests as another user than root, or on a file system that knows chattr",
                path.display()
            );
        }
        frozen
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        use std::os::unix::fs::PermissionsExt as _;
        for path in self.0.iter().rev() {
            let _ = Command::new("chattr").arg("-i").arg(path).output();
            let mode = if path.is_dir() { 0o755 } else { 0o644 };
            let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_is_said_and_works_again_later() {
    for with_folder in [false, true] {
        let mut shop = busy_shop();
        let status = shop.desk.status().unwrap();
        let Shop { folder, desk, clock } = shop;
        drop(desk);
        let file = folder.path().join("counterfoil.db");
        let before = std::fs::read(&file).unwrap();
        let mut paths = vec![file.clone()];
        paths.extend(with_folder.then(|| folder.path().to_owned()));
        let frozen = Frozen::freeze(&paths);
        // Opening may go through; writing may not, and neither may pretend.
        let outcome = Desk::open_with(folder.path(), Box::new(clock.clone()), Box::new(Seeded(1)))
            .and_then(|mut desk| desk.add_referrer(&referrer("Ida", Some("ida@poe.example"), None, NewCode::Generate)).map(|_| ()));
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "read_only", "{error:?}");
        sentence(&error);
        drop(frozen);
        assert_eq!(std::fs::read(&file).unwrap(), before);
        let desk = Desk::open_with(folder.path(), Box::new(clock.clone()), Box::new(Seeded(1))).unwrap();
        shop = Shop { folder, clock, desk };
        assert_eq!(shop.desk.status().unwrap(), status);
        shop.jane_again();
        shop.assert_sound();
    }
}

impl Shop {
    /// Another write, to see that writing works.
    #[track_caller]
    fn jane_again(&mut self) {
        let code = self.desk.find("jane").unwrap()[0].code.clone().unwrap();
        self.sell(&code, 10_000, walk_in());
    }
}

// A disk that is full

/// The child's side, on a small disk of its own: sells until there is no room, makes room, sells again.
pub fn sell_until_the_disk_is_full(mut desk: Desk) {
    let mut recorded = 0;
    let error = loop {
        match desk.redeem(&sale("FULL-1", 10_000, customer("Mia", &format!("mia{recorded}@brandt.example")))) {
            Ok(done) => recorded += i64::from(done.redemption.is_some()),
            Err(error) => break error,
        }
        desk.tidy();
    };
    assert_eq!(error.code(), "disk_full", "{error:?}");
    sentence(&error);
    // An import that needs far more room than there is leaves nothing either, its file of rejected rows included.
    let list = desk.folder().join("list.csv");
    let rows: String = (0..20_000).map(|n| format!("Person {n},person{n}@shop.example\n")).collect();
    let elsewhere = tempfile::tempdir().unwrap();
    let list = if std::fs::write(&list, &rows).is_ok() { list } else { elsewhere.path().join("list.csv") };
    std::fs::write(&list, format!("Name,Email\n{rows}")).unwrap();
    let import = import_ask(&list, counterfoil_core::desk::import::ImportKind::Referrers);
    assert_eq!(desk.import(&import, &mut |_| true).unwrap_err().code(), "disk_full");

    let status = desk.status().unwrap();
    assert_eq!((i64::from(status.redemptions), status.referrers), (recorded, 1));
    let verified = desk.verify().unwrap();
    assert!(verified.ok, "{:?}", verified.problems);
    // Somebody makes room, and the till goes on without a restart.
    std::fs::remove_file(desk.folder().join("ballast")).unwrap();
    let _ = std::fs::remove_file(desk.folder().join("list.csv"));
    assert!(desk.redeem(&sale("FULL-1", 10_000, walk_in())).unwrap().redemption.is_some());
    drop(desk);
    let again = std::env::var("COUNTERFOIL_CHILD_FOLDER").unwrap();
    let desk = Desk::open(Path::new(&again)).unwrap();
    assert_eq!(i64::from(desk.status().unwrap().redemptions), recorded + 1);
    assert!(desk.verify().unwrap().ok);
    say(&format!("recorded {recorded}"));
}

#[test]
fn a_full_disk_is_said_loses_nothing_and_is_over_when_there_is_room() {
    let mut shop = Shop::open();
    shop.desk.add_referrer(&referrer("Jane", Some("jane@salon.example"), None, NewCode::Own { text: "FULL-1".into() })).unwrap();
    let copy = shop.desk.back_up().unwrap();
    let disk = tempfile::tempdir().unwrap();
    // A disk of three megabytes in a world of its own: nobody else sees it, and it goes with the process.
    let script = "mount -t tmpfs -o size=3m none \"$1\" && cp \"$2\" \"$1/counterfoil.db\" && head -c 1000000 /dev/zero > \"$1/ballast\" && shift 2 && exec \"$@\"";
    let (disk_path, copy_path) = (disk.path().to_str().unwrap(), copy.to_str().unwrap());
    let before = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", disk_path, copy_path];
    let output = child::command(&before, "fill_disk", disk.path(), 0).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "the sale on a full disk failed, or no disk could be mounted (user namespaces are needed):\n{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The fault struck after some sales, and not at the first.
    let recorded: i64 = said.split("recorded ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().parse().unwrap();
    assert!(recorded > 5, "{recorded} sales fitted");
}
