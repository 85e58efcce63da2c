//! A sale costs exactly one wait for the disk, also right after the log was folded: counted by the operating system, not by us.

use std::path::Path;

use counterfoil_core::desk::Desk;
use counterfoil_core::desk::people::NewCode;

use crate::child;
use crate::support::*;

/// Asking for files of these names marks a place in the trace.
const BEGIN: &str = "/counterfoil-sale-begins";
const END: &str = "/counterfoil-sale-ends";
/// Enough for the log to be folded on the way, which must cost none of them anything.
const SALES: usize = 250;

/// The child's side: a few sales, each between two marks.
pub fn sell_between_marks(mut desk: Desk) {
    // The first sale writes the head of a new write-ahead log, with a wait of its own: not how the day goes on.
    desk.redeem(&sale("ONE-FSYNC", 10_000, walk_in())).unwrap();
    for n in 0..SALES {
        let ask = sale("ONE-FSYNC", 10_000, customer("Mia", &format!("mia{n}@brandt.example")));
        let _ = Path::new(BEGIN).exists();
        desk.redeem(&ask).unwrap();
        let _ = Path::new(END).exists();
        desk.tidy();
    }
    child::say("sold");
}

#[test]
fn a_sale_waits_for_the_disk_exactly_once() {
    let mut shop = Shop::open();
    shop.desk.add_referrer(&referrer("Jane", Some("jane@salon.example"), None, NewCode::Own { text: "ONE-FSYNC".into() })).unwrap();
    let shop = shop;
    let trace = shop.path().join("trace");
    let calls = "trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync,stat,statx,newfstatat,access,faccessat,faccessat2";
    let strace = ["strace", "-f", "-o", trace.to_str().unwrap(), "-e", calls];
    let output = child::command(&strace, "one_sale", shop.path(), 0)
        .output()
        .unwrap_or_else(|error| panic!("strace is needed to count the waits for the disk ({error}): run `make test` once, which installs it"));
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));

    let mut waits = Vec::new();
    let mut folded = 0;
    let mut inside = None;
    for call in std::fs::read_to_string(&trace).unwrap().lines() {
        assert!(inside.is_none() || !call.contains(" fsync("), "fdatasync is enough and waits half as long; see .cargo/config.toml: {call}");
        let waits_for_disk = ["fsync(", "fdatasync(", "sync(", "syncfs(", "sync_file_range(", "msync("].iter().any(|name| {
            // A call that another thread interrupts is told in two lines; its name with a bracket stands in the first alone.
            call.split_whitespace().nth(1).is_some_and(|said| said.starts_with(name))
        });
        match &mut inside {
            None if call.contains(BEGIN) => inside = Some(0),
            Some(_) if call.contains(END) => waits.extend(inside.take()),
            Some(count) if waits_for_disk => *count += 1,
            None if waits_for_disk && !waits.is_empty() && waits.len() < SALES => folded += 1,
            _ => {}
        }
    }
    assert_eq!(waits, [1; SALES], "waits for the disk within each sale");
    // The log and the file, and the head of the new log: for each fold, and none after every sale.
    assert!((2..20).contains(&folded), "{folded} waits between the sales");
    assert_eq!(shop.count("SELECT count(*) FROM redemption"), SALES as i64 + 1);
}
