//! Codes by e-mail from a terminal, through a mail server on this computer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use crate::support::{Till, said};

/// A mail server that knows nobody at `nobody.example`. Gives its port, and what it takes.
fn server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let taken = Arc::<Mutex<Vec<String>>>::default();
    let keeps = Arc::clone(&taken);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut answers = stream.try_clone().unwrap();
            let mut letter = None;
            let _ = answers.write_all(b"220 here\r\n");
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let answer = match (&mut letter, line.split_once([' ', ':']).map_or(line.as_str(), |(word, _)| word)) {
                    (Some(_), _) if line == "." => {
                        keeps.lock().unwrap().extend(letter.take());
                        "250 taken"
                    }
                    (Some(text), _) => {
                        *text += &format!("{line}\n");
                        continue;
                    }
                    (None, "RCPT") if line.contains("nobody.example") => "550 no such mailbox",
                    (None, "DATA") => {
                        letter = Some(String::new());
                        "354 go on"
                    }
                    (None, "QUIT") => "221 bye",
                    (None, _) => "250 well",
                };
                let _ = answers.write_all(format!("{answer}\r\n").as_bytes());
            }
        }
    });
    (port, taken)
}

#[test]
fn codes_go_out_once_and_whoever_got_none_is_named() {
    let till = Till::open();
    assert_eq!(till.fault(3, ["mail", "test"]), "mail_not_set_up");
    let (port, taken) = server();
    till.json(["mail", "set", "--host", "localhost", "--port", &port, "--security", "plain", "--from", "hello@corner.example"]);
    let tested = till.json(["mail", "test", "--to", "me@home.example"]);
    assert_eq!((tested["to"].as_str(), tested["state"].as_str()), (Some("me@home.example"), Some("sent")));
    till.referrer("Jane Whitfield", "jane@salon.example", "JANE10");
    till.referrer("Omar Haddad", "omar@nobody.example", "OMAR10");
    let op = "0198c0de-0000-7000-8000-000000000001";
    let sent = till.ends(3, ["mail", "send", "--all", "--card", "--by", "Mina", "--op", op]);
    assert_eq!((sent["mailing"]["sent"].as_u64(), sent["mailing"]["not_sent"].as_u64()), (Some(1), Some(1)));
    let omar = sent["mails"].as_array().unwrap().iter().find(|mail| mail["name"] == "Omar Haddad").unwrap();
    assert!(omar["sentence"].as_str().unwrap().contains("no such mailbox"), "{omar}");
    let letter = taken.lock().unwrap().last().unwrap().clone();
    assert!(letter.contains("jane@salon.example") && letter.contains("JANE10") && letter.contains("application/pdf"), "{letter}");
    let handout = till.json(["referrer", "show", "JANE10"])["handouts"][0].clone();
    assert_eq!((handout["how"].as_str(), handout["by"].as_str(), handout["code"].as_str()), (Some("message"), Some("Mina"), Some("JANE10")));

    // The same operation again writes to nobody a second time.
    till.ends(3, ["mail", "send", "--all", "--card", "--op", op]);
    assert_eq!(taken.lock().unwrap().len(), 2);
    let listed = till.json(["mail", "list"]);
    assert_eq!((listed["mailings"].as_array().map(Vec::len), &listed["mailings"][0]["id"]), (Some(1), &sent["mailing"]["id"]));
    assert_eq!(till.ends(3, ["mail", "list", op])["mails"].as_array().map(Vec::len), Some(2));
    // Omar's code was never handed out.
    assert_eq!(till.ends(3, ["mail", "send", "--not-handed-out"])["mailing"]["total"], 1);
    assert_eq!(till.fault(2, ["mail", "send"]), "usage");
}

#[test]
fn what_can_not_be_on_a_card_is_told_before_it_is_sent() {
    let till = Till::open();
    let (port, taken) = server();
    till.json(["mail", "set", "--host", "localhost", "--port", &port, "--security", "plain", "--from", "hello@corner.example"]);
    till.referrer("Jane \u{10FFFD}", "jane@salon.example", "JANE10");
    let told = till.ends(3, ["mail", "send", "--all", "--card"]);
    assert!(told["troubles"][0].as_str().unwrap().contains("Jane"), "{told}");
    assert_eq!((taken.lock().unwrap().len(), till.json(["mail", "list"])["mailings"].as_array().map(Vec::len)), (0, Some(0)));
    till.json(["mail", "send", "--all", "--card", "--anyway"]);
    assert_eq!(taken.lock().unwrap().len(), 1);
    // Without a card, nothing of a card is missing.
    till.json(["mail", "send", "--all"]);
}

#[test]
fn a_password_without_a_keyring_is_kept_nowhere() {
    let till = Till::open();
    let args = ["--json", "mail", "set", "--host", "mail.shop.example", "--user", "salon", "--from", "hello@corner.example"];
    let mut command = till.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    command.stdin.take().unwrap().write_all(b"planted-password-4\n").unwrap();
    let said = said(command.wait_with_output().unwrap());
    assert_ne!(said.code, 0, "{said:?}");
    assert!(!format!("{said:?}").contains("planted-password-4"));
    let mut folders = vec![till.path(".")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert!(!String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("planted-password-4"), "{}", path.display());
            }
        }
    }
}
