//! The mail server fails. Each fault is seen to have struck, and nobody gets two.

use std::panic::{AssertUnwindSafe, catch_unwind};

use counterfoil_core::desk::mailings::{MailDecision, MailState, MailTo};
use counterfoil_core::mail::Smtp;
use counterfoil_core::ports::{Letter, Post, PostError, Posted};

use super::server::{Fault, PASSWORD, SHORT, Server, Tls};
use super::{ask, handed_out, id, send, shop, state};
use crate::support::fault;

const BOB: &str = "bob@ray.example";

fn bobs(fault: fn(String) -> Fault) -> Fault {
    fault(BOB.to_owned())
}

#[test]
fn an_address_that_is_refused_stops_nobody_else() {
    let server = Server::start(Tls::None, &[bobs(Fault::RefuseAddress)]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    let page = send(&mut shop, &ask, &mut server.post()).unwrap();
    assert_eq!((server.struck(), page.mailing.sent, page.mailing.not_sent), (1, 3, 1));
    let bob = page.mails.iter().find(|mail| mail.name == "Bob Ray").unwrap();
    assert_eq!(bob.state, MailState::NotSent);
    assert!(bob.sentence.as_deref().unwrap().contains("no such mailbox"), "{bob:?}");
    // It is not tried again by itself…
    send(&mut shop, &ask, &mut server.post()).unwrap();
    assert_eq!((server.struck(), server.taken().len(), handed_out(&shop, "Bob Ray")), (1, 3, 0));
    // …but when somebody says so, and then to the address that is right by now.
    server.fail(&[]);
    shop.desk.decide_mail(&bob.id, MailDecision::Again).unwrap();
    let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
    assert_eq!((page.mailing.sent, server.got(BOB), handed_out(&shop, "Bob Ray"), server.taken().len()), (4, 1, 1, 4));
}

#[test]
fn later_is_not_never() {
    let server = Server::start(Tls::None, &[bobs(Fault::Later)]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    let page = send(&mut shop, &ask, &mut server.post()).unwrap();
    assert_eq!((server.struck(), page.mailing.sent), (1, 3));
    let bob = page.mails.iter().find(|mail| mail.name == "Bob Ray").unwrap();
    assert!(bob.sentence.as_deref().unwrap().contains("try later"), "{bob:?}");
    assert_eq!(server.got(BOB), 0);
}

#[test]
fn a_refused_login_or_sender_leaves_everything_waiting() {
    for (fails, expected) in [(Fault::RefuseLogin, "mail_login"), (Fault::RefuseSender, "mail_sender")] {
        let server = Server::start(Tls::None, std::slice::from_ref(&fails));
        let mut shop = shop(&server);
        let ask = ask(MailTo::All);
        assert_eq!(fault(send(&mut shop, &ask, &mut server.post())), expected);
        let page = shop.desk.mailing(&ask.op).unwrap();
        assert_eq!((server.struck(), page.mailing.waiting, server.taken().len()), (1, 4, 0), "{fails:?}");
        server.fail(&[]);
        let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
        assert_eq!((page.mailing.sent, server.taken().len()), (4, 4));
    }
    // A wrong password is refused by the server itself; a missing one is not even tried.
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let mut wrong = Smtp::new(server.settings(), Some("guess".into())).unwrap().with_patience(SHORT);
    assert_eq!(fault(send(&mut shop, &ask(MailTo::All), &mut wrong)), "mail_login");
    assert_eq!(Smtp::new(server.settings(), None).err(), Some(PostError::NoPassword));
    assert_eq!(server.taken().len(), 0);
}

#[test]
fn silence_before_the_text_is_surely_not_sent() {
    for fails in [Fault::NeverGreets, Fault::SilentAtRecipient] {
        let server = Server::start(Tls::None, std::slice::from_ref(&fails));
        let mut shop = shop(&server);
        let ask = ask(MailTo::All);
        assert_eq!(fault(send(&mut shop, &ask, &mut server.post())), "mail_unreachable", "{fails:?}");
        let page = shop.desk.mailing(&ask.op).unwrap();
        assert_eq!((server.struck(), page.mailing.waiting, page.mailing.unknown), (1, 4, 0), "{fails:?}");
        server.fail(&[]);
        let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
        assert_eq!((page.mailing.sent, server.taken().len()), (4, 4));
    }
    // Nobody there at all.
    let mut shop = shop(&Server::start(Tls::None, &[]));
    let mut gone = shop.desk.mail_server().unwrap().unwrap();
    gone.port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut post = Smtp::new(gone, Some(PASSWORD.into())).unwrap().with_patience(SHORT);
    assert_eq!(fault(send(&mut shop, &ask(MailTo::All), &mut post)), "mail_unreachable");
}

#[test]
fn silence_from_the_text_on_is_unknown_and_never_sent_again_by_itself() {
    for (fails, arrived) in [(bobs(Fault::DropInText), 0), (bobs(Fault::DropAfterText), 1), (bobs(Fault::SilentAfterText), 1)] {
        let server = Server::start(Tls::None, std::slice::from_ref(&fails));
        let mut shop = shop(&server);
        let ask = ask(MailTo::All);
        let page = send(&mut shop, &ask, &mut server.post()).unwrap();
        assert_eq!((server.struck(), page.mailing.sent, page.mailing.unknown), (1, 3, 1), "{fails:?}");
        assert_eq!((state(&page, "Bob Ray"), server.got(BOB), handed_out(&shop, "Bob Ray")), (MailState::Unknown, arrived, 0));
        // It stands first, for it needs a look.
        assert_eq!(page.mails[0].name, "Bob Ray");
        server.fail(&[]);
        for _ in 0..3 {
            send(&mut shop, &ask, &mut server.post()).unwrap();
        }
        assert_eq!((server.got(BOB), server.taken().len()), (arrived, 3 + arrived), "{fails:?}");

        // A person looked. What arrived is on record; what did not is sent once.
        let decision = if arrived == 1 { MailDecision::Arrived } else { MailDecision::Again };
        shop.desk.decide_mail(&id(&page, "Bob Ray"), decision).unwrap();
        // Deciding twice decides once.
        shop.desk.decide_mail(&id(&page, "Bob Ray"), decision).unwrap();
        let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
        assert_eq!((page.mailing.sent, server.got(BOB), handed_out(&shop, "Bob Ray")), (4, 1, 1), "{fails:?}");
        shop.assert_sound();
    }
}

#[test]
fn a_letter_sent_again_on_purpose_can_be_known_by_its_id() {
    let server = Server::start(Tls::None, &[bobs(Fault::DropAfterText)]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    let page = send(&mut shop, &ask, &mut server.post()).unwrap();
    server.fail(&[]);
    shop.desk.decide_mail(&id(&page, "Bob Ray"), MailDecision::Again).unwrap();
    shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
    let ids: Vec<String> = server.taken().iter().filter(|letter| letter.to == [BOB]).map(|letter| letter.header("Message-ID")).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

/// A way out that ends the program in the middle of a letter.
struct Dies<'a>(&'a mut Smtp, &'static str, bool);

impl Post for Dies<'_> {
    fn send(&mut self, letter: &Letter) -> Result<Posted, PostError> {
        if letter.to_address != self.1 {
            return self.0.send(letter);
        }
        if self.2 {
            self.0.send(letter)?;
        }
        panic!("the program ends here");
    }
}

#[test]
fn a_program_that_ends_in_the_middle_sends_nobody_two() {
    for arrived in [false, true] {
        let server = Server::start(Tls::None, &[]);
        let mut shop = shop(&server);
        let ask = ask(MailTo::All);
        let mut post = server.post();
        let died = catch_unwind(AssertUnwindSafe(|| send(&mut shop, &ask, &mut Dies(&mut post, BOB, arrived))));
        assert!(died.is_err(), "the fault struck");
        let mut shop = shop.reopened();
        let page = shop.desk.mailing(&ask.op).unwrap();
        assert_eq!((page.mailing.sent, page.mailing.unknown, page.mailing.waiting), (1, 1, 2));
        assert_eq!(state(&page, "Bob Ray"), MailState::Unknown);
        let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
        assert_eq!((page.mailing.sent, page.mailing.unknown, server.got(BOB)), (3, 1, usize::from(arrived)));
        assert_eq!(server.taken().len(), 3 + usize::from(arrived));
    }
}

#[test]
fn a_server_that_hangs_up_after_each_letter_gets_all_of_them_once() {
    let server = Server::start(Tls::None, &[Fault::HangUpAfterEach]);
    let mut shop = shop(&server);
    let page = send(&mut shop, &ask(MailTo::All), &mut server.post()).unwrap();
    assert_eq!((server.struck(), page.mailing.sent, server.taken().len()), (4, 4, 4));
}

#[test]
fn encryption_that_was_taken_out_of_the_offer_is_not_done_without() {
    let server = Server::start(Tls::Starttls, &[Fault::NoStarttls]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    assert_eq!(fault(send(&mut shop, &ask, &mut server.post())), "mail_no_encryption");
    assert_eq!((server.struck(), server.logins(), server.taken().len()), (1, 0, 0));
    assert!(!server.commands().iter().any(|verb| ["AUTH", "MAIL"].contains(&verb.as_str())), "{:?}", server.commands());
    assert_eq!(shop.desk.mailing(&ask.op).unwrap().mailing.waiting, 4);
}

#[test]
fn a_server_that_cannot_prove_who_it_is_gets_no_password() {
    for tls in [Tls::Implicit, Tls::Starttls] {
        let server = Server::start(tls, &[]);
        let mut shop = shop(&server);
        let mut stranger = Smtp::new(server.settings(), Some(PASSWORD.into())).unwrap().with_patience(SHORT);
        assert_eq!(fault(send(&mut shop, &ask(MailTo::All), &mut stranger)), "mail_certificate", "{tls:?}");
        assert_eq!((server.connections(), server.logins(), server.taken().len()), (1, 0, 0));
    }
}

#[test]
fn sending_can_be_stopped_and_gone_on_with() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    shop.desk.begin_mailing(&ask).unwrap();
    let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |progress| progress.done < 2).unwrap();
    assert_eq!((page.mailing.sent, page.mailing.waiting, server.taken().len()), (2, 2, 2));
    let page = shop.desk.send_mailing(&ask.op, &mut server.post(), &mut |_| true).unwrap();
    assert_eq!((page.mailing.sent, server.taken().len()), (4, 4));
}

#[test]
fn two_programs_do_not_send_at_once() {
    let server = Server::start(Tls::None, &[]);
    let mut shop = shop(&server);
    let ask = ask(MailTo::All);
    shop.desk.begin_mailing(&ask).unwrap();
    let folder = shop.path().to_owned();
    let mut refused = 0;
    shop.desk
        .send_mailing(&ask.op, &mut server.post(), &mut |_| {
            let mut other = counterfoil_core::desk::Desk::open(&folder).unwrap();
            refused += u32::from(fault(other.send_mailing(&ask.op, &mut server.post(), &mut |_| true)) == "mail_running");
            true
        })
        .unwrap();
    assert_eq!((refused, server.taken().len()), (5, 4));
}
