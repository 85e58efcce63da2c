//! Connecting and uploading from a terminal, against the stand-ins.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use practice_cloud::{Access, Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_LIVE_KEY, STRIPE_TEST_KEY, Started};
use serde_json::{Value, json};

use crate::support::{Said, Till, has, said, text};

/// The practice clouds, which pass over nothing.
fn clouds() -> Started {
    clouds_at("")
}

fn clouds_at(prefix: &str) -> Started {
    let clouds = Clouds::start(Options { rates: false, search_lag: Duration::ZERO, prefix: prefix.to_owned(), ..Options::default() }).unwrap();
    practice_cloud::invent(&clouds);
    clouds
}

/// A shop with one sale in it, of a person whom Referral Factory would take.
fn shop() -> Till {
    let till = Till::open();
    till.done(["rules", "set", "--percent", "10"]);
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    till.json(["redeem", "JANA10", "--order", "49.90", "--name", "Mia Brandt", "--email", "mia@brandt-post.com"]);
    till
}

/// The program, at these clouds.
fn at(till: &Till, clouds: &Started, args: &[&str]) -> Command {
    let mut command = till.command(args);
    command.env("COUNTERFOIL_STRIPE_URL", clouds.stripe_url()).env("COUNTERFOIL_REFERRAL_FACTORY_URL", clouds.referral_factory_url());
    command
}

/// The same, with the keys in the environment.
fn with_keys(till: &Till, clouds: &Started, args: &[&str]) -> Command {
    let mut command = at(till, clouds, args);
    command.env("COUNTERFOIL_STRIPE_KEY", STRIPE_TEST_KEY).env("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", REFERRAL_FACTORY_TOKEN);
    command
}

fn run(mut command: Command) -> Said {
    said(command.output().unwrap())
}

/// With this on standard input.
fn fed(mut command: Command, input: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who refuses before reading is no fault of ours.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    said(child.wait_with_output().unwrap())
}

fn of(synced: &Value, destination: &str) -> Value {
    let all = synced["destinations"].as_array().unwrap();
    all.iter().find(|line| line["destination"] == destination).unwrap_or_else(|| panic!("{synced}")).clone()
}

#[test]
fn a_machine_without_a_keyring_uploads_with_a_key_that_is_given_and_never_kept() {
    let (till, clouds) = (shop(), clouds());
    let synced = run(with_keys(&till, &clouds, &["sync", "--once", "--json"])).ends(0).json();
    has(&synced, &["settled", "calls", "cancelled", "destinations"]);
    for destination in ["stripe", "referral_factory"] {
        let line = of(&synced, destination);
        has(&line, &["connected", "refused", "trouble", "waiting", "uploaded", "parked", "conflict", "needs_a_person"]);
        assert_eq!((&line["connected"], &line["refused"], &line["trouble"]), (&json!(true), &Value::Null, &Value::Null), "{line}");
        assert_eq!((&line["waiting"], &line["conflict"], &line["needs_a_person"]), (&json!(0), &json!(0), &json!(0)), "{line}");
    }
    assert_eq!(clouds.stripe().counts().0, 1);
    assert_eq!(clouds.calls_to("POST", "/users").len(), 2);
    // Again is no second time.
    let again = run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    assert!(again.out.contains("0 entries settled") && again.err.is_empty(), "{again:?}");
    assert_eq!((clouds.stripe().counts().0, clouds.calls_to("POST", "/users").len()), (1, 2));
    let status = till.done(["status"]);
    assert!(status.contains("test") && status.contains("Spring friends"), "{status}");
    assert_eq!(till.json(["status"])["outbox"]["stripe"]["uploaded"], of(&synced, "stripe")["uploaded"]);
    // Without a key, a connected shop says what to do.
    if cfg!(target_os = "linux") {
        let said = run(at(&till, &clouds, &["sync", "--once"])).ends(3);
        assert!(said.err.contains("COUNTERFOIL_STRIPE_KEY"), "{said:?}");
    }
}

#[test]
fn a_key_may_come_as_a_systemd_credential() {
    let (till, clouds) = (shop(), clouds());
    let credentials = till.path("credentials");
    std::fs::create_dir(&credentials).unwrap();
    std::fs::write(credentials.join("counterfoil-stripe-key"), format!("{STRIPE_TEST_KEY}\n")).unwrap();
    std::fs::write(credentials.join("counterfoil-referral-factory-token"), REFERRAL_FACTORY_TOKEN).unwrap();
    let mut command = at(&till, &clouds, &["sync", "--once", "--json"]);
    command.env("CREDENTIALS_DIRECTORY", &credentials);
    let synced = run(command).ends(0).json();
    assert_eq!(of(&synced, "stripe")["waiting"], 0);
    assert_eq!((clouds.stripe().counts().0, clouds.calls_to("POST", "/users").len()), (1, 2));
}

#[test]
fn while_another_program_syncs_the_shop_nothing_is_sent() {
    let (till, clouds) = (shop(), clouds());
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    till.json(["redeem", "JANA10", "--order", "10", "--name", "Leo Sommer", "--email", "leo@sommer-post.com"]);
    clouds.forget_calls();
    let lock = std::fs::File::open(till.data().join("sync.lock")).unwrap();
    lock.lock().unwrap();
    let said = run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    assert!(said.out.contains("Another Counterfoil") && clouds.calls_count() == 0, "{said:?}");
    drop(lock);
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    assert_eq!(clouds.stripe().counts().0, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn connect_says_where_there_is_no_keyring_and_keeps_nothing() {
    let (till, clouds) = (shop(), clouds());
    for (args, key) in [(["connect", "stripe"], STRIPE_TEST_KEY), (["connect", "referral-factory"], REFERRAL_FACTORY_TOKEN)] {
        let said = fed(at(&till, &clouds, &args), key).ends(3);
        assert!(said.err.contains("COUNTERFOIL_STRIPE_KEY") && said.err.contains("COUNTERFOIL_REFERRAL_FACTORY_TOKEN"), "{said:?}");
        assert!(!said.err.contains(key), "{said:?}");
    }
    let mut command = at(&till, &clouds, &["connect", "stripe"]);
    command.arg("--json");
    assert_eq!(fed(command, STRIPE_TEST_KEY).ends(3).json()["error"]["code"], "no_keyring");
    assert!(till.done(["status"]).contains("no"));
    assert_eq!(till.fault(3, ["sync", "--once"]), "not_connected");
    // What was never connected can be disconnected without harm.
    let ended = run(at(&till, &clouds, &["disconnect", "stripe", "--forget", "--json"])).ends(0).json();
    assert_eq!(ended, json!({ "destination": "stripe", "forgotten": true, "key_removed": false }));
}

#[test]
fn keys_that_are_none_are_refused_before_they_are_sent() {
    let (till, clouds) = (shop(), clouds());
    let fault = |args: &[&str], input: &str, code: i32| {
        let mut command = at(&till, &clouds, args);
        command.arg("--json");
        text(&fed(command, input).ends(code).json()["error"]["code"])
    };
    assert_eq!(fault(&["connect", "stripe"], "", 2), "usage");
    assert_eq!(fault(&["connect", "stripe"], "pk_test_123\n", 2), "not_a_key.stripe");
    assert_eq!(fault(&["connect", "referral-factory"], "two words\n", 2), "not_a_key.referral_factory");
    assert_eq!(fault(&["connect", "stripe", "--stripe-url", "http://192.168.1.20/"], STRIPE_TEST_KEY, 2), "insecure");
    assert_eq!(clouds.calls_count(), 0);
    assert_eq!(fault(&["connect", "stripe"], "rk_test_nobodyKnowsThisOne\n", 3), "key_refused");
    assert_eq!(clouds.calls_count(), 1);
    // Nothing listens on the port that a listener had a moment ago.
    let gone = format!("http://127.0.0.1:{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
    assert_eq!(fault(&["connect", "stripe", "--stripe-url", &gone], STRIPE_TEST_KEY, 4), "unreachable");
}

#[test]
fn missing_permissions_are_named() {
    let (till, clouds) = (shop(), clouds());
    clouds.stripe().take_permission(STRIPE_TEST_KEY, "rak_customer_write");
    let said = fed(at(&till, &clouds, &["connect", "stripe"]), STRIPE_TEST_KEY).ends(3);
    assert!(said.err.contains("rak_customer_write") && !said.err.contains("rak_event_read"), "{said:?}");
    let check = run(with_keys(&till, &clouds, &["stripe", "check", "--json"])).ends(3).json();
    assert_eq!((&check["account"], &check["ok"]), (&json!("test"), &json!(false)));
    let given = |name: &str| check["permissions"].as_array().unwrap().iter().any(|line| line["name"] == name && line["given"] == true);
    assert!(given("rak_event_read") && !given("rak_customer_write"), "{check}");
}

#[test]
fn live_and_test_are_never_mixed() {
    let (till, clouds) = (shop(), clouds());
    run(with_keys(&till, &clouds, &["sync", "--once", "--destination", "stripe"])).ends(0);
    let mut live = with_keys(&till, &clouds, &["sync", "--once", "--destination", "stripe", "--json"]);
    live.env("COUNTERFOIL_STRIPE_KEY", STRIPE_LIVE_KEY);
    assert_eq!(run(live).ends(3).json()["error"]["code"], "other_account");
}

#[test]
fn how_a_sync_ends() {
    let (till, clouds) = (shop(), clouds());
    // Nothing is connected.
    assert_eq!(till.fault(3, ["sync", "--once"]), "not_connected");
    assert_eq!(till.fault(3, ["sync", "--once", "--destination", "stripe"]), "not_connected");
    for args in [&["stripe", "coupon", "create"][..], &["stripe", "codes", "push"], &["referral-factory", "push"]] {
        assert_eq!(till.fault(3, args), "not_connected");
    }
    // A key that is not known, while the other destination goes on.
    let mut refused = with_keys(&till, &clouds, &["sync", "--once", "--json"]);
    refused.env("COUNTERFOIL_STRIPE_KEY", "rk_test_nobodyKnowsThisOne");
    let synced = run(refused).ends(3).json();
    assert!(of(&synced, "stripe")["refused"].is_string(), "{synced}");
    assert_eq!(of(&synced, "referral_factory")["waiting"], 0);
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    // A new token elsewhere, and the right one again.
    clouds.referral_factory().rotate_token("a-newer-token");
    till.json(["redeem", "JANA10", "--order", "10", "--name", "Leo Sommer", "--email", "leo@sommer-post.com"]);
    let synced = run(with_keys(&till, &clouds, &["sync", "--once", "--json"])).ends(3).json();
    assert!(text(&of(&synced, "referral_factory")["refused"]).contains("token"), "{synced}");
    assert_eq!(of(&synced, "stripe")["waiting"], 0);
    let mut renewed = with_keys(&till, &clouds, &["sync", "--once", "--json"]);
    renewed.env("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", "a-newer-token");
    let synced = run(renewed).ends(0).json();
    assert_eq!((&of(&synced, "referral_factory")["waiting"], &of(&synced, "referral_factory")["refused"]), (&json!(0), &Value::Null));
    // Nothing answers: it waits.
    till.json(["redeem", "JANA10", "--order", "10", "--name", "Ida Kern", "--email", "ida@kern-post.com"]);
    let gone = format!("http://127.0.0.1:{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
    let mut silent = with_keys(&till, &clouds, &["sync", "--once", "--destination", "stripe", "--json"]);
    silent.env("COUNTERFOIL_STRIPE_URL", gone);
    let synced = run(silent).ends(4).json();
    assert!(of(&synced, "stripe")["waiting"].as_u64() > Some(0), "{synced}");
}

#[test]
fn a_campaign_is_chosen_where_there_are_several() {
    let (till, clouds) = (shop(), clouds());
    clouds.referral_factory().add_campaign("Autumn", practice_cloud::CampaignStatus::Launched);
    let said = run(with_keys(&till, &clouds, &["sync", "--once", "--destination", "referral-factory"])).ends(2);
    assert!(said.err.contains("Autumn") && said.err.contains("Spring friends"), "{said:?}");
    let json = run(with_keys(&till, &clouds, &["sync", "--once", "--destination", "referral-factory", "--json"])).ends(2).json();
    let campaigns = json["error"]["campaigns"].as_array().unwrap();
    assert_eq!((json["error"]["code"].as_str(), campaigns.len()), (Some("no_campaign"), 2));
    let autumn = campaigns.iter().find(|campaign| campaign["name"] == "Autumn").unwrap();
    let mut chosen = with_keys(&till, &clouds, &["sync", "--once", "--destination", "referral-factory"]);
    chosen.env("COUNTERFOIL_REFERRAL_FACTORY_CAMPAIGN", text(&autumn["id"]));
    assert!(run(chosen).ends(0).out.contains("Autumn"));
}

#[test]
fn an_address_may_carry_a_path_and_stand_in_the_settings() {
    let (till, clouds) = (shop(), clouds_at("/some/box"));
    std::fs::write(
        till.data().join("settings.toml"),
        format!("[stripe]\nurl = \"{}\"\n\n[referral_factory]\nurl = \"{}\"\n", clouds.stripe_url(), clouds.referral_factory_url()),
    )
    .unwrap();
    let mut command = till.command(["sync", "--once", "--json"]);
    command.env("COUNTERFOIL_STRIPE_KEY", STRIPE_TEST_KEY).env("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", REFERRAL_FACTORY_TOKEN);
    run(command).ends(0);
    assert_eq!(clouds.stripe().counts().0, 1);
    let mut elsewhere = till.command(["sync", "--once", "--json", "--stripe-url", "http://example.com", "--destination", "stripe"]);
    elsewhere.env("COUNTERFOIL_STRIPE_KEY", STRIPE_TEST_KEY);
    assert_eq!(run(elsewhere).ends(2).json()["error"]["code"], "insecure");
}

#[test]
fn the_campaigns_fields_are_listed_and_filled() {
    let (till, clouds) = (shop(), clouds());
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    let fields = |more: &[&str]| with_keys(&till, &clouds, &[&["referral-factory", "fields", "--json"], more].concat());
    let gets = |of: &str, label: &str| {
        let listed = run(fields(&[])).ends(0).json();
        let field = listed.as_array().unwrap().iter().find(|field| field["of"] == of && field["label"] == label);
        field.unwrap_or_else(|| panic!("no {label} of {of} in {listed}"))["value"].clone()
    };
    run(fields(&["--set", "Order total=amount", "--set-referrer", "Phone=phone"])).ends(0);
    assert_eq!([gets("lead", "Order total"), gets("lead", "Phone"), gets("referrer", "Phone")], [json!("amount"), json!(null), json!("phone")]);
    for wrong in [["--set-referrer", "Phone=amount"], ["--set-referrer", "Order total=phone"], ["--set", "Phone=shoes"], ["--set", "Phone"]] {
        run(fields(&wrong)).ends(2);
    }
    run(fields(&["--set-referrer", "Phone="])).ends(0);
    assert_eq!([gets("lead", "Order total"), gets("referrer", "Phone")], [json!("amount"), json!(null)]);
}

#[test]
fn codes_coupon_and_referrers_go_up_when_asked() {
    let (till, clouds) = (shop(), clouds());
    till.referrer("Omar Haddad", "omar@radhaus-post.com", "OMAR10");
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    let created = run(with_keys(&till, &clouds, &["stripe", "coupon", "create", "--json"])).ends(0).json();
    assert_eq!(created["queued"], 1);
    let pushed = run(with_keys(&till, &clouds, &["stripe", "codes", "push", "--each-new", "--json"])).ends(0).json();
    assert_eq!((&pushed["queued"], &of(&pushed, "stripe")["waiting"]), (&json!(2 + 3), &json!(0)), "{pushed}");
    assert_eq!(clouds.stripe().counts().1, 5);
    let again = run(with_keys(&till, &clouds, &["stripe", "codes", "push", "--json"])).ends(0).json();
    assert_eq!(again["queued"], 0);
    let referrers = run(with_keys(&till, &clouds, &["referral-factory", "push", "--json"])).ends(0).json();
    assert_eq!((&referrers["queued"], &of(&referrers, "referral_factory")["waiting"]), (&json!(1), &json!(0)), "{referrers}");
}

#[test]
fn what_waits_can_be_looked_at_tried_again_and_set_aside() {
    let (till, clouds) = (shop(), clouds());
    till.json(["redeem", "JANA10", "--order", "12", "--name", "No Address", "--phone", "020 7946 0701"]);
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    let page = till.json(["outbox", "list", "--destination", "referral-factory", "--state", "parked"]);
    let entry = &page["rows"][0];
    assert_eq!((page["rows"].as_array().unwrap().len(), &entry["name"], &entry["set_aside"]), (1, &json!("No Address"), &json!(false)));
    let id = text(&entry["id"]);
    assert!(till.done(["outbox", "show", &id]).contains("e-mail"));
    let aside = till.json(["outbox", "set-aside", &id]);
    assert_eq!((&aside["set_aside"], &aside["state"]), (&json!(true), &json!("parked")));
    assert_eq!(till.json(["outbox", "retry", &id])["state"], "waiting");
    let sent = till.json(["outbox", "list", "--destination", "stripe", "--state", "uploaded", "--rows", "1"]);
    let sent = till.json(["outbox", "show", &text(&sent["rows"][0]["id"])]);
    let attempt = &sent["attempts"][0];
    has(attempt, &["at", "call", "status", "request_id", "said"]);
    // What Stripe's support asks for.
    assert!(attempt["status"] == 200 && text(&attempt["request_id"]).starts_with("req_"), "{sent}");
    assert_eq!(till.fault(3, ["outbox", "set-aside", &text(&sent["id"])]), "on_its_way");
    assert_eq!(till.fault(3, ["outbox", "show", "999999"]), "not_found");
    assert_eq!(till.fault(3, ["outbox", "retry", "x"]), "not_found");
    assert_eq!(till.json(["outbox", "retry", "--all"])["entries"], 0);
    assert_eq!(till.fault(2, ["outbox", "retry", "--all", &id]), "usage");
    assert!(till.done(["outbox", "list"]).contains("Mia Brandt"));
}

#[test]
fn conflicts_are_listed_with_their_decisions_and_decided() {
    let till = shop();
    till.referrer("Omar Haddad", "omar@radhaus-post.com", "OMAR10");
    till.json(["lead", "add", "--referrer", "OMAR10", "--name", "Mia Brandt", "--email", "mia@brandt-post.com"]);
    let listed = till.json(["conflicts", "list"]);
    let conflict = &listed["conflicts"][0];
    assert_eq!((&conflict["kind"], &conflict["decisions"][0]["id"]), (&json!("claimed"), &json!("keep")));
    let shown = till.done(["conflicts", "list"]);
    assert!(shown.contains("keep") && shown.contains("Omar Haddad") && shown.contains("gets the recommendation"), "{shown}");
    let id = text(&conflict["id"]);
    assert_eq!(till.fault(3, ["conflicts", "resolve", &id, "toss"]), "not_found");
    till.json(["conflicts", "resolve", &id, "move"]);
    assert_eq!(till.json(["conflicts", "list"]), json!({ "conflicts": [] }));
    assert_eq!(till.json(["leads"])["rows"][0]["referrer"], "Omar Haddad");
}

#[test]
fn why_somebody_does_not_count_is_said_point_by_point() {
    let (till, clouds) = (shop(), clouds());
    till.done(["rules", "set", "--qualify-on-use", "off"]);
    till.json(["lead", "add", "--referrer", "JANA10", "--name", "Leo Sommer", "--email", "leo@sommer-post.com"]);
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    let why = run(with_keys(&till, &clouds, &["why", "leo@sommer-post.com", "--json"])).ends(0).json();
    let ok = |what: &str| why["checks"].as_array().unwrap().iter().find(|line| line["what"] == what).unwrap_or_else(|| panic!("{why}"))["ok"].clone();
    assert_eq!((ok("still_connected"), ok("qualify_on_use"), ok("used_a_code")), (json!(true), json!(false), json!(false)));
    // Stripe itself is asked about the code that was used.
    let asked = |clouds: &Started| {
        let why = run(with_keys(&till, clouds, &["why", "mia@brandt-post.com", "--json"])).ends(0).json();
        let line = why["checks"].as_array().unwrap().iter().find(|line| text(&line["what"]).contains("at_stripe")).cloned();
        line.map(|line| (text(&line["what"]), line["ok"] == true))
    };
    let mia = || asked(&clouds);
    assert_eq!(mia(), Some(("code_at_stripe".to_owned(), false)));
    run(with_keys(&till, &clouds, &["stripe", "codes", "push"])).ends(0);
    run(with_keys(&till, &clouds, &["sync", "--once"])).ends(0);
    assert_eq!(mia(), Some(("code_at_stripe".to_owned(), true)));
    clouds.stripe().set_active(clouds.stripe().promotion_codes()[0]["id"].as_str().unwrap(), false);
    assert_eq!(mia(), Some(("code_off_at_stripe".to_owned(), false)));
    // Another account knows nothing of it.
    assert_eq!(asked(&self::clouds()), Some(("code_gone_at_stripe".to_owned(), false)));
    let id = text(&why["lead"]);
    assert!(run(with_keys(&till, &clouds, &["why", &id])).ends(0).out.contains("✗"));
    assert_eq!(till.fault(3, ["why", "nobody at all"]), "not_found");
    assert_eq!(till.fault(3, ["why", "0198c0de-0000-7000-8000-000000000001"]), "not_found");
    assert_eq!(till.fault(2, ["why", "post.com"]), "usage");
}

#[test]
fn a_key_is_found_nowhere_but_where_it_was_given() {
    const PLANTED: &str = "rk_test_planted9Pq7Zx";
    let (till, clouds) = (shop(), clouds());
    clouds.stripe().add_key(PLANTED, Access::counterfoil());
    let mut told = Vec::new();
    let mut keep = |said: Said| told.push(format!("{said:?}"));
    let with = |args: &[&str]| {
        let mut command = at(&till, &clouds, args);
        command.env("COUNTERFOIL_STRIPE_KEY", PLANTED);
        command
    };
    keep(fed(at(&till, &clouds, &["connect", "stripe"]), PLANTED));
    keep(run(with(&["sync", "--once", "--destination", "stripe"])).ends(0));
    clouds.stripe().take_permission(PLANTED, "rak_customer_write");
    till.json(["redeem", "JANA10", "--order", "10", "--name", "Leo Sommer", "--email", "leo@sommer-post.com"]);
    keep(run(with(&["sync", "--once", "--json"])).ends(3));
    keep(run(with(&["stripe", "check"])));
    keep(run(with(&["status"])));
    keep(run(with(&["outbox", "list"])));
    // An argument is what every user of the computer can read, so none takes a key.
    let refused = run(at(&till, &clouds, &["connect", "stripe", "--key", "x"]));
    assert_eq!(refused.code, 2);
    for said in told {
        assert!(!said.contains("planted9"), "{said}");
    }
    let mut folders = vec![till.path("")];
    let mut looked = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(!bytes.windows(8).any(|part| part == b"planted9"), "{}", entry.path().display());
                looked += 1;
            }
        }
    }
    assert!(looked > 0);
}

#[cfg(unix)]
#[test]
fn without_once_it_goes_on_until_ctrl_c_and_sends_what_is_new() {
    let (till, clouds) = (shop(), clouds());
    let mut command = with_keys(&till, &clouds, &["sync", "--json", "--destination", "stripe"]);
    let sync = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let customers = |n: usize| {
        let began = Instant::now();
        while clouds.stripe().counts().0 < n {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing came");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    customers(1);
    till.json(["redeem", "JANA10", "--order", "10", "--name", "Leo Sommer", "--email", "leo@sommer-post.com"]);
    customers(2);
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", sync.id())]).status().unwrap().success());
    let said = said(sync.wait_with_output().unwrap()).ends(0);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 2 && lines.last().unwrap()["cancelled"] == true, "{said:?}");
}

#[cfg(unix)]
#[test]
fn practice_clouds_stand_until_ctrl_c() {
    use std::io::{BufRead as _, BufReader};
    let till = shop();
    let mut serving = till.command(["practice-cloud", "--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let at: Value = serde_json::from_str(&line).unwrap();
    let mut sync = till.command(["sync", "--once"]);
    for (name, field) in [
        ("COUNTERFOIL_STRIPE_KEY", "stripe_key"),
        ("COUNTERFOIL_STRIPE_URL", "stripe_url"),
        ("COUNTERFOIL_REFERRAL_FACTORY_TOKEN", "referral_factory_token"),
        ("COUNTERFOIL_REFERRAL_FACTORY_URL", "referral_factory_url"),
    ] {
        sync.env(name, text(&at[field]));
    }
    run(sync).ends(0);
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", serving.id())]).status().unwrap().success());
    assert!(serving.wait().unwrap().success());
}
