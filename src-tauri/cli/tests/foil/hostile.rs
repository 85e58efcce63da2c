//! Text that wants to be something else, in every place where text goes in.

use crate::support::{Till, text};

const HOSTILE: [&str; 9] = [
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "@SUM(A1:A9)|cmd",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31mred",
    "\u{202e}evil\u{2066}\u{200b}\u{feff}",
    "'; DROP TABLE lead; --",
    "{day} {text} %s %n \\x1b \"quoted\"\r\n\tnext",
    "--json",
    "",
];

/// Every place for text. `{}` is where it goes.
const PLACES: [&str; 49] = [
    "lookup -- {}",
    "check --order=1 -- {}",
    "check JANE10 --order={}",
    "check JANE10 --order=1 --currency={}",
    "check JANE10 --order=1 --name={}",
    "check JANE10 --order=1 --email={}",
    "check JANE10 --order=1 --phone={}",
    "redeem --order=1 --name=Ann -- {}",
    "redeem JANE10 --name=Ann --order={}",
    "redeem JANE10 --order=1 --name={}",
    "redeem JANE10 --order=1 --name=Ann --currency={}",
    "redeem JANE10 --order=1 --name=Ann --email={}",
    "redeem JANE10 --order=1 --name=Ann --phone={}",
    "redeem JANE10 --order=1 --name=Ann --reference={}",
    "redeem JANE10 --order=1 --name=Ann --op={}",
    "redeem JANE10 --order=1 --name=Ann --override-by=Roy --override-note={}",
    "redeem JANE10 --order=1 --name=Ann --override-note=ok --override-by={}",
    "void --reason=x -- {}",
    "void 0198c0de-0000-7000-8000-000000000001 --reason={}",
    "refund --reason=x -- {}",
    "refund 0198c0de-0000-7000-8000-000000000001 --reason=x --amount={}",
    "lead add --name=Ann --email=a@b.example --referrer={}",
    "lead add --referrer=JANE10 --email=a@b.example --name={}",
    "lead add --referrer=JANE10 --name=Ann --email={}",
    "lead add --referrer=JANE10 --name=Ann --phone={}",
    "lead add --referrer=JANE10 --name=Ann --email=a@b.example --note={}",
    "lead add --referrer=JANE10 --name=Ann --email=a@b.example --call-back={}",
    "leads --search={}",
    "leads --after={}",
    "referrer add --email=x{n}@b.example --name={}",
    "referrer add --name=Ann --email={}",
    "referrer add --name=Ann --phone={}",
    "referrer add --name=Ann --email=y{n}@b.example --code={}",
    "referrer edit JANE10 --name={}",
    "referrer edit JANE10 --email={}",
    "referrer show -- {}",
    "code generate --referrer={}",
    "code revoke --referrer=NOBODY --reason={}",
    "rules set --min-order={}",
    "rules set --expires={}",
    "rules set --percent={}",
    "rules set --max-redemptions={}",
    "import referrers -- {}",
    "restore -- {}",
    "outbox show -- {}",
    "outbox list --after={}",
    "conflicts resolve --json 0198c0de-0000-7000-8000-000000000001 -- {}",
    "sync --once --campaign={}",
    "connect stripe --stripe-url={}",
];

#[test]
fn hostile_text_is_kept_as_text_or_refused() {
    let till = Till::open();
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    let long = "名".repeat(3_400);
    for (n, hostile) in HOSTILE.into_iter().chain([long.as_str()]).enumerate() {
        for place in PLACES {
            let args: Vec<String> = place.split(' ').map(|arg| arg.replace("{}", hostile).replace("{n}", &n.to_string())).collect();
            let said = till.run(&args);
            assert!([0, 2, 3].contains(&said.code) || (said.code == 4 && place.ends_with("-- {}")), "{args:?}: {said:?}");
            for shown in [&said.out, &said.err] {
                let obeyed = |c: char| {
                    (c.is_control() && c != '\n') || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
                };
                assert!(!shown.contains(obeyed), "{args:?}: {said:?}");
            }
        }
    }
    // It is all still there, sound, and readable.
    for list in ["today", "leads", "status"] {
        till.done([list]);
        till.json([list]);
    }
    assert_eq!(till.json(["verify"])["ok"], true);
    let file = till.path("out.csv").display().to_string();
    for list in ["referrers", "leads", "redemptions"] {
        till.done(["export", list, &file]);
        let sheet = std::fs::read_to_string(&file).unwrap();
        let cells = sheet.split(['\n', ',']).map(|cell| cell.trim_start_matches(['"', '\u{feff}']));
        assert!(cells.clone().all(|cell| !cell.starts_with(['=', '@', '\t', '\u{1b}'])), "{sheet}");
    }
}

#[test]
fn a_shop_may_have_any_name_but_an_endless_one() {
    for hostile in HOSTILE.into_iter().filter(|text| !text.is_empty()) {
        let till = Till::bare();
        let init = [format!("--shop={hostile}"), format!("--campaign={hostile}"), "--currency=EUR".to_owned(), "init".to_owned()];
        let said = till.run([&init[3], &init[0], &init[1], &init[2]]);
        // A name of nothing but marks that can't be seen is none.
        assert!([0, 2].contains(&said.code) && !said.out.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{said:?}");
    }
    let till = Till::bare();
    let long = "x".repeat(10_000);
    for name in [["--shop", &long, "--campaign", "Spring"], ["--shop", "Shop", "--campaign", &long]] {
        assert_eq!(till.fault(2, ["init", "--currency", "EUR"].iter().chain(&name)), "too_long");
    }
    for option in ["--currency", "--timezone", "--country"] {
        let said = till.run(
            ["init", "--shop", "Shop", "--currency", "EUR"]
                .into_iter()
                .filter(|arg| option != "--currency" || !["--currency", "EUR"].contains(arg))
                .chain([option, &long]),
        );
        assert!(said.ends(2).err.len() < 300);
    }
}

#[test]
fn a_list_with_a_hostile_name_and_hostile_rows_goes_in_as_text() {
    let till = Till::open();
    let list = till.path("=cmd\u{1b}[2J \u{202e}.csv");
    let rows =
        HOSTILE.iter().filter(|text| !text.is_empty()).enumerate().map(|(n, name)| format!("\"{}\",p{n}@b.example\r\n", name.replace('"', "\"\"")));
    std::fs::write(&list, format!("Name,Email\r\n{}nobody,\r\n", rows.collect::<String>())).unwrap();
    let said = till.run([std::ffi::OsStr::new("import"), "referrers".as_ref(), list.as_os_str()]).ends(0);
    assert!(!said.out.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    assert_eq!(till.json(["status"])["referrers"], 8);
    for n in 0..8 {
        let person = till.json(["referrer", "show", &format!("p{n}@b.example")]);
        assert!(!text(&person["referrer"]["name"]).contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{7}']), "{person}");
    }
}
