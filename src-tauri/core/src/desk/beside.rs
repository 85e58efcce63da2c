//! A sale beside something slow: while a stand-in draws, a second till on the same file sells. Were a transaction open then, the sale
//! would not come to be.

use std::path::Path;

use uuid::Uuid;

use super::mailings::{MailAsk, MailServerView, MailTo, Security};
use super::people::{NewCode, NewReferrer, RevokeAsk};
use super::redeem::RedeemAsk;
use super::shop::NewShop;
use super::slips::{SlipAsk, SlipOf};
use super::views::{Amount, CouponDuration, CouponView, RulesView};
use super::{Customer, Desk};
use crate::ports;
use crate::storage::mail;

fn op() -> String {
    Uuid::now_v7().to_string()
}

/// A shop with one person, whose code is given.
fn shop(folder: &Path) -> (Desk, String, String) {
    let coupon = CouponView { percent: Some(1500), amount: None, duration: CouponDuration::Once, months: None };
    let new = NewShop {
        name: "Harbour Street Salon".into(),
        currency: "EUR".into(),
        timezone: Some("Europe/London".into()),
        country: Some("GB".into()),
        language: "en".into(),
        campaign: None,
        coupon: Some(coupon),
        rules: RulesView::default(),
    };
    let mut desk = Desk::set_up(folder, &new).unwrap();
    let who = NewReferrer { op: op(), name: "王芳".into(), email: Some("fang@wang.example".into()), phone: None, code: NewCode::Generate };
    let person = desk.add_referrer(&who).unwrap();
    (desk, person.referrer.id, person.code.unwrap().code)
}

/// Somebody else sells. Were the records held, this would wait until it is refused, for whoever holds them waits for it.
fn sell(folder: &Path, code: &str) {
    let sale = RedeemAsk {
        op: op(),
        code: code.into(),
        order: Amount(10_000),
        currency: None,
        customer: Customer::default(),
        reference: None,
        override_by: None,
        no_contact: false,
    };
    Desk::open(folder).unwrap().redeem(&sale).unwrap().redemption.expect("the sale is recorded");
}

#[test]
fn a_sale_is_recorded_while_a_slip_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, id, code) = shop(folder.path());
    let slip = desk.ask_slip(&SlipAsk { op: op(), of: SlipOf::YourCode { referrer_id: id.clone() }, by: None }).unwrap();
    let begun = desk.begin_slip(slip.id.parse().unwrap(), &|_| {
        sell(folder.path(), &code);
        Ok(vec![1])
    });
    assert_eq!(begun.unwrap(), Some(vec![1]));
    assert_eq!(desk.sales_of(None).unwrap().counterfoils.len(), 1);
}

#[test]
fn a_slip_that_is_taken_up_or_changed_while_it_is_drawn_is_looked_at_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, id, code) = shop(folder.path());
    sell(folder.path(), &code);
    let sale = desk.sales_of(None).unwrap().counterfoils[0].id.clone();
    // Undone while it is drawn: what comes out says so.
    let slip = desk.ask_slip(&SlipAsk { op: op(), of: SlipOf::Receipt { redemption_id: sale.clone() }, by: None }).unwrap();
    let undo = super::undo::VoidAsk { op: op(), redemption_id: sale, reason: "wrong person".into() };
    let drawings = std::cell::RefCell::new(Vec::new());
    let begun = desk.begin_slip(slip.id.parse().unwrap(), &|slip| {
        Desk::open(folder.path()).unwrap().void(&undo).unwrap();
        drawings.borrow_mut().push(slip.clone());
        Ok(vec![drawings.borrow().len() as u8])
    });
    assert_eq!(begun.unwrap(), Some(vec![2]));
    assert_ne!(drawings.borrow()[0], drawings.borrow()[1]);
    // Another program begins it meanwhile: that one prints it.
    let slip = desk.ask_slip(&SlipAsk { op: op(), of: SlipOf::YourCode { referrer_id: id.clone() }, by: None }).unwrap();
    let slip = slip.id.parse().unwrap();
    let begun = desk.begin_slip(slip, &|_| {
        assert_eq!(Desk::open(folder.path()).unwrap().begin_slip(slip, &|_| Ok(vec![3])).unwrap(), Some(vec![3]));
        Ok(vec![4])
    });
    assert_eq!(begun.unwrap(), None);
}

#[test]
fn a_sale_is_recorded_while_the_card_of_a_letter_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, id, code) = shop(folder.path());
    let server = MailServerView {
        host: "localhost".into(),
        port: 25,
        security: Security::Plain,
        user: None,
        from_name: "Salon".into(),
        from_address: "salon@shop.example".into(),
    };
    desk.set_mail_server(&server).unwrap();
    let ask = MailAsk {
        op: op(),
        to: MailTo::These { ids: vec![id.clone()] },
        subject: "Your code".into(),
        body: "{code}".into(),
        language: None,
        card: true,
        by: None,
    };
    desk.begin_mailing(&ask).unwrap();
    let mailing = mail::mailing(desk.store.reader(), ask.op.parse().unwrap()).unwrap().unwrap();
    let pdf = || ports::Pdf { name: "card.pdf".into(), bytes: vec![1] };
    // A code that is taken back while its card is drawn goes into no letter.
    let taken_back = desk.next_letter(&mailing, &|_, _, _| {
        Desk::open(folder.path()).unwrap().revoke_code(&RevokeAsk { op: op(), referrer_id: id.clone(), reason: "lost".into() }).unwrap();
        Ok(pdf())
    });
    assert_eq!(taken_back.unwrap(), None);
    let again = desk.generate_code(&id).unwrap().code.unwrap().code;
    assert_ne!(again, code);
    let letter = desk.next_letter(&mailing, &|_, _, _| {
        sell(folder.path(), &again);
        Ok(pdf())
    });
    let (_, letter) = letter.unwrap().expect("it is sent");
    assert_eq!((letter.body.trim_end(), letter.pdf.map(|pdf| pdf.bytes)), (again.as_str(), Some(vec![1])));
    assert_eq!(desk.sales_of(None).unwrap().counterfoils.len(), 1);
}
