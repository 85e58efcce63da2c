//! Messages about a code: the shop's own texts, and the addresses that open another program with one.

use counterfoil_core::desk::DeskError;
use counterfoil_core::desk::messages::{Channel, FilledText, MessageAsk, MessageText, MessageView, TextAsk};
use counterfoil_core::desk::people::NewCode;

use super::support::*;

/// A text of the shop's own.
fn own(channel: Channel, language: &str, body: &str) -> TextAsk {
    TextAsk { channel, language: language.into(), subject: "50 % & {shop}?".into(), body: body.into() }
}

fn to(referrer_id: &str, channel: Channel, language: Option<&str>) -> MessageAsk {
    MessageAsk { referrer_id: referrer_id.into(), channel, language: language.map(str::to_owned) }
}

#[track_caller]
fn message(shop: &mut Shop, referrer_id: &str, channel: Channel, language: Option<&str>) -> MessageView {
    shop.desk.message(&to(referrer_id, channel, language)).unwrap()
}

/// Which texts are not ours.
fn changed(shop: &Shop) -> Vec<(String, Channel)> {
    let texts = shop.desk.message_texts().unwrap();
    assert_eq!(texts.len(), 8, "two languages, four channels");
    texts.into_iter().filter(|text| !text.ours).map(|MessageText { language, channel, .. }| (language, channel)).collect()
}

#[test]
fn the_shops_own_german_sms_is_kept_and_ours_comes_back_when_asked_for() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let id = jane.referrer.id;
    assert_eq!(changed(&shop), []);
    let ours = format!("Ihr Empfehlungscode für Harbour Street Salon: {code}\nWer ihn nennt, bekommt 15\u{a0}% Rabatt auf Ihren Einkauf.");
    assert_eq!(message(&mut shop, &id, Channel::Sms, Some("de")).body, ours);

    shop.desk.set_message_text(&own(Channel::Sms, "de", "Servus {name}, Dein Code bei {shop}: {code}\nLink: {link}\n")).unwrap();
    let mut shop = shop.reopened();
    assert_eq!(changed(&shop), [("de".to_owned(), Channel::Sms)]);
    let mine = message(&mut shop, &id, Channel::Sms, Some("de"));
    // She has no link, so its line is left out; and a text message has no subject.
    assert_eq!(mine.body, format!("Servus Jane Whitfield, Dein Code bei Harbour Street Salon: {code}\n"));
    assert_eq!(mine.subject, "");
    // Another channel, and another language, which is the shop's own.
    let whatsapp = message(&mut shop, &id, Channel::Whatsapp, Some("de")).body;
    assert!(whatsapp.starts_with(&format!("Guten Tag Jane Whitfield, das ist Ihr Empfehlungscode für Harbour Street Salon: {code}\n")), "{whatsapp}");
    let english = message(&mut shop, &id, Channel::Sms, None).body;
    assert_eq!(english, format!("Your referral code for Harbour Street Salon: {code}\n15% off your order for whoever uses it."));

    shop.desk.reset_message_text(Channel::Sms, "de").unwrap();
    let mut shop = shop.reopened();
    assert_eq!(changed(&shop), []);
    assert_eq!(message(&mut shop, &id, Channel::Sms, Some("de")).body, ours);

    // Who types ours has ours: it goes along when we better it.
    let [english, german] = ["en", "de"].map(|language| {
        let texts = shop.desk.message_texts().unwrap();
        texts.into_iter().find(|text| text.channel == Channel::Sms && text.language == language).unwrap()
    });
    shop.desk.set_message_text(&own(Channel::Sms, "de", &german.body)).unwrap();
    assert_eq!(changed(&shop), []);
    shop.desk.set_message_text(&own(Channel::Sms, "de", &english.body)).unwrap();
    assert_eq!(changed(&shop), [("de".to_owned(), Channel::Sms)], "our English is no German of ours");
    // What can't be used changes nothing.
    assert_eq!(fault(shop.desk.set_message_text(&own(Channel::Sms, "de", "Servus {name}"))), "message_no_code");
    assert_eq!(
        message(&mut shop, &id, Channel::Sms, Some("de")).body.lines().next().unwrap(),
        format!("Your referral code for Harbour Street Salon: {code}")
    );
    shop.assert_sound();
}

#[test]
fn a_text_is_tried_with_everything_it_can_name() {
    let shop = Shop::open();
    let ask = own(Channel::Email, "de", "{name} {code}\n{link}\n{offer}\nbis {expires}");
    let FilledText { subject, body } = shop.desk.try_message_text(&ask).unwrap();
    assert_eq!(subject, "50 % & Harbour Street Salon?");
    // This shop's codes do not expire, so nobody would read that line.
    assert_eq!(body, "Jane Doyle K7MQ-4RTX\nhttps://example.com/?code=K7MQ-4RTX\n15\u{a0}% Rabatt auf Ihren Einkauf");
    assert_eq!(fault(shop.desk.try_message_text(&own(Channel::Copy, "de", "{code} {nmae}"))), "message_unknown");
    assert_eq!(changed(&shop), [], "trying keeps nothing");
}

/// Expected from RFC 6068 (5: `%0D%0A` for a line break), RFC 5724 (2.2: the number in its global form) and WhatsApp's description
/// of wa.me (the number without plus and zeros), by hand. What stands for itself in none of them is a space, `&`, `+`, `#`, `?`, `%`.
#[test]
fn a_person_with_a_link_is_written_to_with_it() {
    let mut shop = Shop::open();
    shop.import(
        "jane.csv",
        "Name,Email,Phone,Link,Code\nJane & Co,jane+salon@post.example,+44 7911 123456,https://salon.example/r?via=shop#top,JANE-10\n",
    );
    let id = shop.desk.find("jane").unwrap()[0].referrer.id.clone();
    for channel in [Channel::Email, Channel::Sms, Channel::Whatsapp, Channel::Copy] {
        shop.desk.set_message_text(&own(channel, "en", "Für {name}: {code}\n{link} + 50 %")).unwrap();
    }
    let text = "Für Jane & Co: JANE-10\nhttps://salon.example/r?via=shop&code=JANE-10#top + 50 %";
    let [first, second] =
        ["F%C3%BCr%20Jane%20%26%20Co%3A%20JANE-10", "https%3A%2F%2Fsalon.example%2Fr%3Fvia%3Dshop%26code%3DJANE-10%23top%20%2B%2050%20%25"];
    let mailto = format!("mailto:jane%2Bsalon@post.example?subject=50%20%25%20%26%20Harbour%20Street%20Salon%3F&body={first}%0D%0A{second}");
    for (channel, url) in [
        (Channel::Email, Some(mailto)),
        (Channel::Sms, Some(format!("sms:+447911123456?body={first}%0A{second}"))),
        (Channel::Whatsapp, Some(format!("https://wa.me/447911123456?text={first}%0A{second}"))),
        (Channel::Copy, None),
    ] {
        let said = message(&mut shop, &id, channel, None);
        assert_eq!((said.body.as_str(), &said.url), (text, &url), "{channel:?}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM handout"), 0, "writing a message is not yet sending it");
}

#[test]
fn a_code_is_made_the_moment_it_must_be_written() {
    for channel in [Channel::Email, Channel::Sms, Channel::Whatsapp, Channel::Copy] {
        let mut shop = Shop::open();
        shop.desk.set_message_text(&own(channel, "en", "{code}")).unwrap();
        let fay = shop.desk.add_referrer(&referrer("Fay", Some("fay@elm.example"), Some("+44 7911 123456"), NewCode::None)).unwrap();
        assert_eq!(fay.code, None);
        let said = message(&mut shop, &fay.referrer.id, channel, None);
        let code = code_of(&shop.desk.person(&fay.referrer.id).unwrap());
        assert_eq!(said.body, code);
        let address = match channel {
            Channel::Email => Some(format!("mailto:fay@elm.example?subject=50%20%25%20%26%20Harbour%20Street%20Salon%3F&body={code}")),
            Channel::Sms => Some(format!("sms:+447911123456?body={code}")),
            Channel::Whatsapp => Some(format!("https://wa.me/447911123456?text={code}")),
            Channel::Copy => None,
        };
        assert_eq!(said.url, address, "{channel:?}");
        assert_eq!(message(&mut shop, &fay.referrer.id, channel, None), said, "asked twice it is the same code");
        assert!(shop.check(&code, 5_000, walk_in()).allowed);
        shop.assert_sound();
    }
}

#[test]
fn who_can_not_be_reached_or_lost_their_code_is_named_and_gets_no_code() {
    let mut shop = Shop::open();
    let [ann, bob] = [("Ann Lee", Some("ann@lee.example"), None), ("Bob Ray", None, Some("+44 7911 123456"))]
        .map(|(name, email, phone)| shop.desk.add_referrer(&referrer(name, email, phone, NewCode::None)).unwrap().referrer.id);
    let mut refused = |id: &str, channel| {
        let error: DeskError = shop.desk.message(&to(id, channel, None)).unwrap_err();
        (error.code(), error.fault(shop.desk.language()).sentence)
    };
    for (id, channel, code, name) in [(&ann, Channel::Sms, "no_phone", "Ann Lee"), (&bob, Channel::Email, "no_email", "Bob Ray")] {
        let (said, sentence) = refused(id, channel);
        assert_eq!(said, code);
        assert!(sentence.contains(name), "{sentence}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM referral_code"), 0);
    // WhatsApp asks whom to send it to, and what is copied needs no contact.
    let ours = message(&mut shop, &ann, Channel::Whatsapp, None);
    assert!(ours.url.unwrap().starts_with("https://wa.me/?text=Hello%20Ann%20Lee%2C"));
    let code = code_of(&shop.desk.person(&ann).unwrap());
    assert!(message(&mut shop, &ann, Channel::Copy, None).body.contains(&code));

    shop.desk.revoke_code(&revoke(&ann, "left town")).unwrap();
    for channel in [Channel::Email, Channel::Whatsapp, Channel::Copy] {
        let error = shop.desk.message(&to(&ann, channel, None)).unwrap_err();
        assert_eq!(error.code(), "code_revoked", "{channel:?}");
        assert!(error.fault(shop.desk.language()).sentence.contains("Ann Lee"));
    }
    assert_eq!(shop.count("SELECT count(*) FROM referral_code"), 1, "none is made up for by itself");
}
