//! Handing a code out: on record once, with a code that is generated when it has to be shown.

use counterfoil_core::desk::handout::{HandOutAsk, How};
use counterfoil_core::desk::people::NewCode;

use super::support::*;

fn ask(referrer_id: &str, how: How) -> HandOutAsk {
    HandOutAsk { op: op(), referrer_id: referrer_id.into(), how, place: Some(" Front desk ".into()), by: Some("Mina".into()) }
}

#[test]
fn a_handout_is_recorded_once_with_who_how_and_where() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let ask = ask(&jane.referrer.id, How::Screen);
    let first = shop.desk.hand_out(&ask).unwrap();
    let again = shop.desk.hand_out(&ask).unwrap();
    assert_eq!(first, again);
    let [handout] = first.handouts.as_slice() else { panic!("{:?}", first.handouts) };
    assert_eq!((handout.code.as_str(), handout.how, handout.batch), (code.as_str(), How::Screen, None));
    assert_eq!((handout.place.as_deref(), handout.by.as_deref()), (Some("Front desk"), Some("Mina")));
    assert_eq!(handout.at, "2026-05-31T12:00:00.000Z");
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE what = 'handed_out'"), 1);
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE detail LIKE '%Mina%' OR detail LIKE '%desk%'"), 0, "the trail holds no names");
    // The same id for something else is a defect of the caller, and changes nothing.
    assert_eq!(fault(shop.desk.hand_out(&HandOutAsk { how: How::Spoken, ..ask })), "operation_reused");
    assert_eq!(shop.desk.person(&jane.referrer.id).unwrap(), first);
    shop.assert_sound();
}

#[test]
fn a_code_is_generated_the_moment_it_has_to_be_shown() {
    let mut shop = Shop::open();
    let jane = shop.desk.add_referrer(&referrer("Jane", Some("jane@salon.example"), None, NewCode::None)).unwrap();
    assert_eq!(jane.code, None);
    let shown = shop.desk.hand_out(&ask(&jane.referrer.id, How::Spoken)).unwrap();
    let code = code_of(&shown);
    assert_eq!(code_of(&shop.desk.hand_out(&ask(&jane.referrer.id, How::Message)).unwrap()), code);
    let hows: Vec<How> = shop.desk.person(&jane.referrer.id).unwrap().handouts.iter().map(|handout| handout.how).collect();
    assert_eq!(hows, [How::Message, How::Spoken]);
    assert!(shop.check(&code, 5_000, walk_in()).allowed);
}

#[test]
fn a_code_that_was_taken_back_is_not_made_up_for_by_itself() {
    let mut shop = Shop::open();
    let (jane, code) = shop.jane();
    let before = ask(&jane.referrer.id, How::Screen);
    shop.desk.hand_out(&before).unwrap();
    shop.desk.revoke_code(&revoke(&jane.referrer.id, "left town")).unwrap();
    let refused = shop.desk.hand_out(&ask(&jane.referrer.id, How::Screen)).unwrap_err();
    assert_eq!(refused.code(), "code_revoked");
    assert!(refused.fault(shop.desk.language()).sentence.contains("Jane Whitfield"));
    // What was done before still answers as it did.
    assert_eq!(shop.desk.hand_out(&before).unwrap().handouts.len(), 1);
    // Somebody asks for a new one: that one is handed out.
    let anew = code_of(&shop.desk.generate_code(&jane.referrer.id).unwrap());
    assert_ne!(anew, code);
    assert_eq!(shop.desk.hand_out(&ask(&jane.referrer.id, How::Screen)).unwrap().handouts[0].code, anew);
}

#[test]
fn hostile_text_in_place_and_by_stays_text() {
    let mut shop = Shop::open();
    let (jane, _) = shop.jane();
    let hostile = "'); DROP TABLE handout; --<img src=x onerror=alert(1)>{name}";
    let said = HandOutAsk { place: Some(hostile.into()), by: Some("\u{202e}\u{0}Mina\r\n".into()), ..ask(&jane.referrer.id, How::Slip) };
    let page = shop.desk.hand_out(&said).unwrap();
    assert_eq!(page.handouts[0].place.as_deref(), Some(hostile));
    assert!(!page.handouts[0].by.as_deref().unwrap().contains(char::is_control));
    let long = HandOutAsk { place: Some("x".repeat(101)), ..ask(&jane.referrer.id, How::Slip) };
    assert_eq!(fault(shop.desk.hand_out(&long)), "too_long");
    let nobody = ask("0198c0de-0000-7000-8000-000000000001", How::Slip);
    assert_eq!(fault(shop.desk.hand_out(&nobody)), "not_found");
    assert_eq!(fault(shop.desk.hand_out(&HandOutAsk { op: "x".into(), ..nobody })), "not_an_operation");
    // Spaces alone are nothing: then it was at this till, or a message that went nobody knows where.
    let till = shop.desk.shop_view().unwrap().till;
    for (how, place) in [(How::Screen, Some(till.as_str())), (How::Spoken, Some(&till)), (How::Slip, Some(&till)), (How::Message, None)] {
        let silent = HandOutAsk { place: Some("  ".into()), by: None, ..ask(&jane.referrer.id, how) };
        assert_eq!(shop.desk.hand_out(&silent).unwrap().handouts[0].place.as_deref(), place, "{how:?}");
    }
    shop.assert_sound();
}

#[test]
fn scans_are_taken_as_they_come() {
    let mut shop = Shop::open();
    let (_, code) = shop.jane();
    for scan in [format!("counterfoil:{code}?batch=7"), format!("HTTPS://SHOP.EXAMPLE/JANE?CODE={code}&BATCH=7#top"), code.to_lowercase()] {
        assert!(shop.check(&scan, 5_000, walk_in()).allowed, "{scan}");
        assert_eq!(shop.sell(&scan, 5_000, walk_in()).code, code);
    }
    // No such batch was printed: the code counts all the same, and nothing is kept of the number.
    assert_eq!(shop.count("SELECT count(*) FROM redemption WHERE run_n IS NOT NULL"), 0);
    shop.assert_sound();
}
