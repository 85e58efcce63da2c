//! Cards and QR codes from a terminal.

use crate::support::Till;

fn file(till: &Till, name: &str) -> String {
    till.path(name).display().to_string()
}

#[test]
fn cards_are_printed_for_everybody_or_those_without_one() {
    let till = Till::open();
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    till.json(["referrer", "add", "--name", "Omar Haddad", "--email", "omar@radhaus-post.com"]);
    let one = till.json(["cards", "--referrer", "JANA10", "--template", "flyer-a6", "--out", &file(&till, "jana.pdf")]);
    assert_eq!((one["batch"].as_u64(), one["cards"].as_u64(), one["pages"].as_u64()), (Some(1), Some(1), Some(1)));
    // Omar has no code yet: it is generated, for it must be shown.
    let rest = till.json(["cards", "--no-card-yet", "--template", "5371", "--out", &file(&till, "rest.pdf"), "--place", "Harbour Street"]);
    assert_eq!((rest["batch"].as_u64(), rest["cards"].as_u64()), (Some(2), Some(1)));
    assert_eq!(till.fault(3, ["cards", "--no-card-yet", "--template", "l7160", "--out", &file(&till, "none.pdf")]), "nothing_to_print");
    let all = till.done(["cards", "--all", "--template", "business-card", "--sheet", "letter", "--show", "code", "--out", &file(&till, "all.pdf")]);
    assert!(all.starts_with("2 cards on 1 page in ") && all.trim_end().ends_with("batch 3"), "{all}");
    for name in ["jana.pdf", "rest.pdf", "all.pdf"] {
        assert!(std::fs::read(till.path(name)).unwrap().starts_with(b"%PDF-1.7"), "{name}");
    }
    assert_eq!(till.fault(2, ["cards", "--all", "--template", "poster-a4", "--sheet", "letter", "--out", &file(&till, "no.pdf")]), "no_such_sheet");
    assert_eq!(till.fault(3, ["cards", "--all", "--template", "5371", "--printer", "no such printer"]), "not_found");
}

#[test]
fn a_qr_code_is_drawn_as_svg_or_png() {
    let till = Till::open();
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    let drawn = till.json(["qr", "jana10", "--out", &file(&till, "jana.svg")]);
    assert_eq!(drawn["says"], "counterfoil:JANA10");
    assert!(std::fs::read_to_string(till.path("jana.svg")).unwrap().starts_with("<svg "));
    till.json(["qr", "JANA-10", "--out", &file(&till, "jana.PNG")]);
    assert!(std::fs::read(till.path("jana.PNG")).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(till.fault(2, ["qr", "JANA10", "--out", &file(&till, "jana.gif")]), "not_a_picture");
    assert_eq!(till.fault(3, ["qr", "NOBODY99", "--out", &file(&till, "nobody.svg")]), "not_found");
}

#[test]
fn the_brand_is_shown_and_changed_piece_by_piece() {
    let till = Till::open();
    let changed = till.json(["brand", "--accent", "#8C2F39", "--show-name", "off"]);
    assert_eq!((changed["accent"].as_str(), changed["show_name"].as_bool()), (Some("#8c2f39"), Some(false)));
    assert_eq!(till.json(["brand", "--small-print", "Not with other offers."])["accent"], "#8c2f39");
    assert_eq!(till.fault(2, ["brand", "--accent", "red"]), "not_a_colour");
}
