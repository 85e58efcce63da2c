//! What goes over the wire, and what is on record of it.

use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use counterfoil_core::desk::brand::{BrandAsk, BrandView};
use counterfoil_core::desk::mailings::{MailAsk, MailDecision, MailServerView, MailState, MailTo};
use counterfoil_core::desk::people::NewCode;
use counterfoil_core::domain::card::qr_text;
use counterfoil_core::ports::{Keyring as _, Letter, Post as _, Posted, Secret};
use uuid::Uuid;

use super::server::{Fault, PASSWORD, Server, Tls, USER};
use super::{ask, handed_out, id, send, shop, state};
use crate::clouds::Pocket;
use crate::support::{Shop, code_of, fault, op, referrer, revoke};

#[test]
fn everybody_with_an_address_gets_their_own_code_once_and_it_is_on_record() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    let page = send(&mut shop, &ask, &mut server.post()).unwrap();
    assert_eq!((page.mailing.total, page.mailing.sent, page.mailing.waiting, page.mailing.running), (4, 4, 0, false));
    let taken = server.taken();
    let person = shop.desk.find("ann").unwrap()[0].referrer.id.clone();
    let ann = shop.desk.person(&person).unwrap();
    let letter = taken.iter().find(|letter| letter.to == ["ann@lee.example"]).unwrap();
    // The line with the link is left out, for she has none.
    assert_eq!(letter.body().trim_end(), format!("Hello Ann Lee\r\n{}", code_of(&ann)));
    assert_eq!((letter.from.as_str(), letter.header("From").as_str()), ("salon@shop.example", "\"Harbour Street Salon\" <salon@shop.example>"));
    assert_eq!((letter.header("To").as_str(), letter.header("Subject").as_str()), ("\"Ann Lee\" <ann@lee.example>", "Your code, Ann Lee"));
    // One connection carried them all.
    assert_eq!((server.connections(), server.logins()), (1, 1));
    assert_eq!((ann.handouts.len(), ann.handouts[0].place.as_deref(), ann.handouts[0].by.as_deref()), (1, Some("E-mail"), Some("Mina")));

    // Asked for once more, by the same operation, nothing is sent; by another text it is refused.
    let again = send(&mut shop, &ask, &mut server.post()).unwrap();
    assert_eq!((again.mailing.sent, server.taken().len(), handed_out(&shop, "Ann Lee")), (4, 4, 1));
    let other = MailAsk { subject: "Another".into(), ..ask };
    assert_eq!(fault(shop.desk.begin_mailing(&other)), "operation_reused");
    shop.assert_sound();
}

#[test]
fn the_card_goes_with_the_letter_and_scans_as_their_code() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let ann = shop.desk.find("ann").unwrap()[0].referrer.id.clone();
    let page = send(&mut shop, &MailAsk { card: true, ..ask(MailTo::These { ids: vec![ann.clone()] }) }, &mut server.post()).unwrap();
    assert_eq!(page.mailing.sent, 1);
    let [pdf, picture] = ["card.pdf", "card"].map(|name| shop.path().join(name));
    std::fs::write(&pdf, attached(&server.taken()[0].text)).unwrap();
    let done = Command::new("pdftoppm").args(["-r", "150", "-png", "-singlefile"]).args([&pdf, &picture]).status().unwrap();
    let read = Command::new("zbarimg").args(["--raw", "--quiet"]).arg(picture.with_extension("png")).output().unwrap();
    let code = code_of(&shop.desk.person(&ann).unwrap());
    assert!(done.success());
    assert_eq!(String::from_utf8(read.stdout).unwrap().trim(), qr_text(None, &code, None));
}

#[test]
fn the_card_that_goes_with_a_letter_names_nobody_where_the_shop_wants_it_so() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let ann = shop.desk.find("ann").unwrap()[0].referrer.id.clone();
    let brand = shop.desk.brand().unwrap();
    for show_name in [true, false] {
        let BrandView { accent, headline, small_print, .. } = brand.clone();
        shop.desk.set_brand(&BrandAsk { accent, headline, small_print, show_name }).unwrap();
        send(&mut shop, &MailAsk { card: true, ..ask(MailTo::These { ids: vec![ann.clone()] }) }, &mut server.post()).unwrap();
        let pdf = shop.path().join("card.pdf");
        std::fs::write(&pdf, attached(&server.taken().last().unwrap().text)).unwrap();
        let text = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains(&code_of(&shop.desk.person(&ann).unwrap())), "{text}");
        assert_eq!(text.contains("Ann Lee"), show_name, "{text}");
    }
}

/// The PDF that goes with a letter.
#[track_caller]
fn attached(letter: &str) -> Vec<u8> {
    let attached = letter.split("application/pdf").nth(1).and_then(|rest| rest.split("\r\n\r\n").nth(1)).unwrap();
    STANDARD.decode(attached.split("\r\n--").next().unwrap().replace("\r\n", "")).unwrap()
}

#[test]
fn the_handout_names_the_code_that_the_letter_carried_however_late_it_is_known() {
    // The server has the text and is gone.
    let server = Server::start(Tls::None, &[Fault::DropAfterText("ann@lee.example".into())]);
    let mut shop = shop(&server);
    let ann = shop.desk.find("ann").unwrap()[0].referrer.id.clone();
    let page = send(&mut shop, &ask(MailTo::These { ids: vec![ann.clone()] }), &mut server.post()).unwrap();
    assert_eq!((server.struck(), state(&page, "Ann Lee")), (1, MailState::Unknown));
    let carried = code_of(&shop.desk.person(&ann).unwrap());
    shop.desk.revoke_code(&revoke(&ann, "lost")).unwrap();
    let now = code_of(&shop.desk.generate_code(&ann).unwrap());
    assert_ne!(now, carried);
    shop.desk.decide_mail(&id(&page, "Ann Lee"), MailDecision::Arrived).unwrap();
    let handouts = shop.desk.person(&ann).unwrap().handouts;
    assert_eq!(handouts.iter().map(|handout| handout.code.as_str()).collect::<Vec<_>>(), [carried]);
}

#[test]
fn a_code_is_made_when_it_must_be_written_and_the_unreachable_are_named() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let fay = shop.desk.add_referrer(&referrer("Fay Elm", Some("fay@elm.example"), None, NewCode::None)).unwrap();
    let gil = shop.referrer("Gil Yew", Some("gil@yew.example"), None);
    shop.desk.revoke_code(&revoke(&gil.referrer.id, "gone")).unwrap();
    let eve = shop.desk.find("eve").unwrap()[0].referrer.id.clone();
    let these = MailTo::These { ids: vec![fay.referrer.id.clone(), gil.referrer.id, eve] };
    let page = send(&mut shop, &ask(these), &mut server.post()).unwrap();
    assert_eq!(state(&page, "Fay Elm"), MailState::Sent);
    let code = code_of(&shop.desk.person(&fay.referrer.id).unwrap());
    assert!(server.taken()[0].body().contains(&code));
    for (name, sentence) in [("Gil Yew", "taken back"), ("Eve Ash", "no e-mail address")] {
        let mail = page.mails.iter().find(|mail| mail.name == name).unwrap();
        assert_eq!(mail.state, MailState::NotSent);
        assert!(mail.sentence.as_deref().unwrap().contains(sentence), "{mail:?}");
    }
    assert_eq!(server.taken().len(), 1);

    // Those whose code was never handed out: all but Fay now.
    let page = send(&mut shop, &ask(MailTo::NotHandedOut), &mut server.post()).unwrap();
    assert_eq!((page.mailing.sent, server.got("fay@elm.example")), (4, 1));
    assert_eq!(fault(shop.desk.begin_mailing(&ask(MailTo::These { ids: vec![] }))), "nobody_to_mail");
}

#[test]
fn adding_and_importing_people_writes_to_nobody() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    shop.import("more.csv", "Name,Email\nHal Fir,hal@fir.example\n");
    shop.desk.generate_all(&mut |_| true).unwrap();
    assert_eq!((server.connections(), shop.count("SELECT count(*) FROM mail"), shop.count("SELECT count(*) FROM handout")), (0, 0, 0));
}

#[test]
fn no_name_and_no_text_begins_another_header() {
    let server = Server::start(Tls::None, &[]);
    let evil = "Eve\r\nBcc: everybody@shop.example\r\n\r\nAll yours\u{2028}x";
    let letter = |subject: &str, to_name: &str| Letter {
        id: Uuid::now_v7(),
        to_name: to_name.into(),
        to_address: "ann@lee.example".into(),
        subject: subject.into(),
        body: ".\r\nRCPT TO:<x@y.example>\n..\n.\nQUIT\n".into(),
        pdf: None,
    };
    let mut post = server.post();
    for (subject, name) in
        [(evil, "Ann"), ("Code", evil), ("Grüße \u{1F600} an {name}", "Зоя, \"Łu\" <x@y.example>"), (&"long ".repeat(40), "\u{202e}Ann")]
    {
        assert_eq!(post.send(&letter(subject, name)), Ok(Posted::Sent));
    }
    assert_eq!(server.taken().len(), 4);
    for taken in server.taken() {
        let names: Vec<String> = taken.headers().into_iter().map(|(name, _)| name.to_lowercase()).collect();
        assert_eq!(taken.to, ["ann@lee.example"]);
        assert!(
            names.iter().all(|name| ["from", "to", "subject", "message-id", "date", "mime-version", "content-type", "content-transfer-encoding"]
                .contains(&name.as_str())),
            "{names:?}"
        );
        assert!(taken.header("To").ends_with("<ann@lee.example>"));
        // A line with a dot alone did not end it, and what looks like a command was none.
        assert!(taken.body().contains("QUIT") && taken.body().starts_with(".\r\n"), "{:?}", taken.body());
    }
}

#[test]
fn encrypted_from_the_start_or_by_starttls() {
    for tls in [Tls::Implicit, Tls::Starttls] {
        let server = Server::start(tls, &[]);
        let mut shop = shop(&server);
        let page = send(&mut shop, &ask(MailTo::All), &mut server.post()).unwrap();
        assert_eq!((page.mailing.sent, server.taken().len()), (4, 4), "{tls:?}");
    }
}

#[test]
fn a_test_goes_to_the_sender_or_to_whom_it_is_meant_for_and_leaves_no_trace() {
    let server = Server::start(Tls::None, &[]);
    let shop = shop(&server);
    let tested = shop.desk.test_mail(None, &mut server.post()).unwrap();
    assert_eq!((tested.to.as_str(), tested.state), ("salon@shop.example", MailState::Sent));
    shop.desk.test_mail(Some("me@home.example"), &mut server.post()).unwrap();
    assert_eq!(server.taken().iter().map(|letter| letter.to[0].clone()).collect::<Vec<_>>(), ["salon@shop.example", "me@home.example"]);
    assert_eq!(fault(shop.desk.test_mail(Some("me"), &mut server.post())), "not_an_email");
    assert_eq!(shop.count("SELECT count(*) FROM mail"), 0);
}

#[test]
fn nothing_is_sent_without_a_server_or_in_the_open() {
    let mut shop = Shop::open();
    shop.jane();
    let view = |host: &str, security| MailServerView {
        host: host.into(),
        port: 25,
        security,
        user: None,
        from_name: "Salon".into(),
        from_address: "salon@shop.example".into(),
    };
    let plain = counterfoil_core::desk::mailings::Security::Plain;
    assert_eq!(fault(shop.desk.set_mail_server(&view("mail.shop.example", plain))), "mail_in_the_open");
    assert_eq!(shop.desk.mail_server().unwrap(), None);
    let text = MailAsk { op: op(), to: MailTo::All, subject: "Hi".into(), body: "no code".into(), language: None, card: false, by: None };
    assert_eq!(fault(shop.desk.begin_mailing(&text)), "message_no_code");
}

#[test]
fn the_password_is_in_the_keyring_and_in_nothing_that_is_kept_or_said() {
    let keys = Pocket::default();
    keys.keep(Secret::MailPassword, PASSWORD).unwrap();
    assert_eq!(keys.key(Secret::MailPassword).unwrap().as_deref(), Some(PASSWORD));
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    send(&mut shop, &ask(MailTo::All), &mut server.post()).unwrap();
    assert_eq!(server.logins(), 1, "the password was used");
    server.fail(&[Fault::RefuseLogin]);
    let refused = shop.desk.test_mail(None, &mut server.post()).unwrap_err();
    assert_eq!(server.struck(), 1);
    shop.desk.back_up().unwrap();
    let said = format!("{refused} {refused:?} {:?} {:?}", shop.desk.mail_server().unwrap(), shop.desk.mailings().unwrap());
    let mut kept = vec![said.into_bytes()];
    let mut folders = vec![shop.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { kept.push(std::fs::read(path).unwrap()) }
        }
    }
    assert!(kept.len() > 3, "the records and a copy of them were looked at");
    // As it is, and as it went over the wire.
    for secret in [PASSWORD.to_owned(), STANDARD.encode(PASSWORD), STANDARD.encode(format!("\0{USER}\0{PASSWORD}"))] {
        assert!(kept.iter().all(|bytes| !bytes.windows(secret.len()).any(|window| window == secret.as_bytes())), "{secret}");
    }
    keys.forget(Secret::MailPassword).unwrap();
    assert_eq!(keys.key(Secret::MailPassword).unwrap(), None);
}
