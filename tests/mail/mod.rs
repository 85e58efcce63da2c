//! Codes by e-mail, against a mail server that fails in every way: nobody gets two, and everybody who got none is named.

mod faults;
mod letters;
mod server;

use counterfoil_core::desk::DeskError;
use counterfoil_core::desk::mailings::{MailAsk, MailServerView, MailState, MailTo, MailingPage};
use counterfoil_core::ports::Post;

use crate::support::{Shop, op};
use server::Server;

/// A shop that writes through this server, and five people in it; Eve has a phone only.
fn shop(server: &Server) -> Shop {
    let mut shop = Shop::open();
    for (name, email) in
        [("Ann Lee", "ann@lee.example"), ("Bob Ray", "bob@ray.example"), ("Cid Fox", "cid@fox.example"), ("Dee Oak", "dee@oak.example")]
    {
        shop.referrer(name, Some(email), None);
    }
    shop.referrer("Eve Ash", None, Some("+44 20 7946 0199"));
    shop.desk.set_mail_server(&MailServerView::from(&server.settings())).unwrap();
    shop
}

fn ask(to: MailTo) -> MailAsk {
    MailAsk {
        op: op(),
        to,
        subject: "Your code, {name}".into(),
        body: "Hello {name}\n{code}\n{link}\n".into(),
        language: None,
        card: false,
        by: Some("Mina".into()),
    }
}

/// Asks for a mailing to everybody, and sends it as far as it goes.
fn send(shop: &mut Shop, ask: &MailAsk, post: &mut dyn Post) -> Result<MailingPage, DeskError> {
    shop.desk.begin_mailing(ask)?;
    shop.desk.send_mailing(&ask.op, post, &mut |_| true)
}

/// What became of the e-mail to this person.
#[track_caller]
fn state(page: &MailingPage, name: &str) -> MailState {
    page.mails.iter().find(|mail| mail.name == name).unwrap_or_else(|| panic!("no e-mail to {name}")).state
}

#[track_caller]
fn id(page: &MailingPage, name: &str) -> String {
    page.mails.iter().find(|mail| mail.name == name).unwrap().id.clone()
}

/// How often somebody's code was handed out by a message.
fn handed_out(shop: &Shop, name: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM handout JOIN referral_code ON referral_code.n = code_n JOIN referrer ON referrer.n = referrer_n
         WHERE how = 'message' AND referrer.name = '{name}'"
    );
    shop.count(&sql)
}
