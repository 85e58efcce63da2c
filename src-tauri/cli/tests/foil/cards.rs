//! Cards and QR codes from a terminal, and printed by a queue that is none.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Said, Till, said};

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
    till.json(["qr", "JANA-10", "--out", &file(&till, "jana.PNG")]);
    assert_eq!(scanned(&rasterised(&till.path("jana.svg"))), ["counterfoil:JANA10"]);
    assert_eq!(scanned(&till.path("jana.PNG")), ["counterfoil:JANA10"]);
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

/// An SVG as a picture in dots, as large as it says it is.
fn rasterised(svg: &Path) -> PathBuf {
    use resvg::{
        tiny_skia::{Color, Pixmap, Transform},
        usvg::{Options, Tree},
    };

    let tree = Tree::from_str(&std::fs::read_to_string(svg).unwrap(), &Options::default()).unwrap();
    let size = tree.size().to_int_size();
    let mut seen = Pixmap::new(size.width(), size.height()).unwrap();
    // What an SVG leaves out is the paper's.
    seen.fill(Color::WHITE);
    resvg::render(&tree, Transform::identity(), &mut seen.as_mut());
    let picture = svg.with_extension("svg.png");
    seen.save_png(&picture).unwrap();
    picture
}

/// What a scanner reads in a picture.
#[track_caller]
fn scanned(picture: &Path) -> Vec<String> {
    lines("zbarimg", &["--raw", "--quiet"], picture)
}

/// What a scanner reads on the first page of a document, and what a person reads there.
#[track_caller]
fn page(pdf: &Path) -> (Vec<String>, String) {
    let picture = pdf.with_extension("page");
    let drawn = Command::new("pdftoppm").args(["-r", "150", "-png", "-singlefile"]).args([pdf, &picture]).status().unwrap();
    assert!(drawn.success());
    let text = Command::new("pdftotext").arg(pdf).arg("-").output().unwrap();
    (scanned(&picture.with_extension("page.png")), String::from_utf8(text.stdout).unwrap())
}

#[track_caller]
fn lines(program: &str, arguments: &[&str], file: &Path) -> Vec<String> {
    let done =
        Command::new(program).args(arguments).arg(file).output().unwrap_or_else(|error| panic!("{program}: {error}; .ci/setup test installs it"));
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn every_flag_of_cards_does_what_it_says() {
    let till = Till::open();
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    let made = |flags: &[&str]| {
        let out = file(&till, "cards.pdf");
        let made = till.json([&["cards", "--all", "--template", "l7160", "--out", &out][..], flags].concat());
        let (codes, text) = page(&till.path("cards.pdf"));
        (made, codes, text)
    };
    // The QR code alone, by its link or none.
    let (link, codes, text) = made(&["--show", "link"]);
    assert_eq!(codes, [format!("counterfoil:JANA10?batch={}", link["batch"])]);
    assert!(!text.contains("JANA") || text.contains("Jana Weber"), "{text}");
    let (_, codes, text) = made(&["--show", "code"]);
    assert!(codes.is_empty() && text.contains("JANA10"), "{codes:?} {text}");
    assert!(text.contains("Jana Weber"));
    let (_, _, text) = made(&["--no-name"]);
    assert!(text.contains("JANA10") && !text.contains("Jana Weber"), "{text}");
    // The last place of the sheet: right at the bottom.
    made(&["--skip", "20"]);
    let words = lines("pdftotext", &["-bbox"], &till.path("cards.pdf"));
    drop(words);
    let boxes = std::fs::read_to_string(till.path("cards.html")).unwrap();
    let code = boxes.lines().find(|line| line.contains("JANA10")).unwrap();
    let at = |name: &str| code.split(name).nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap().parse::<f64>().unwrap();
    assert!(at("xMin") > 595.0 * 0.6 && at("yMin") > 842.0 * 0.8, "{code}");
    // A test is no run, and says so.
    let runs = till.json(["batch", "list"])["batches"].as_array().unwrap().len();
    let (test, codes, text) = made(&["--test"]);
    assert!(test["batch"].is_null() && codes == ["counterfoil:JANA10"] && text.contains("Test print"), "{test} {codes:?} {text}");
    assert_eq!(till.json(["batch", "list"])["batches"].as_array().unwrap().len(), runs);
}

/// Stands in for CUPS with one queue, whose `lp` does this.
fn with_queue(till: &Till, lp: &str) {
    let folder = till.path("bin");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, does) in [("lpstat", r#"[ "$1" = -e ] && echo Office || echo "system default destination: Office""#), ("lp", lp)] {
        std::fs::write(folder.join(name), format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// `foil cards` for everybody on that queue.
fn spool(till: &Till, flags: &[&str]) -> Said {
    let path = format!("{}:{}", till.path("bin").display(), std::env::var("PATH").unwrap());
    let args = [&["cards", "--all", "--template", "l7160", "--printer", "Office", "--json"][..], flags].concat();
    said(till.command(args).env("PATH", path).env("TAKEN", till.path("taken.pdf")).output().unwrap())
}

const TAKES: &str = r#"for file; do :; done; cp "$file" "$TAKEN""#;

#[test]
fn a_queue_takes_the_cards_or_they_are_no_run() {
    let till = Till::open();
    till.referrer("Jana Weber", "jana@salon-post.com", "JANA10");
    with_queue(&till, "echo 'lp: Office is not accepting jobs.' >&2; exit 1");
    let refused = spool(&till, &[]).ends(4).json();
    assert_eq!(refused["error"]["code"], "not_printed");
    assert!(refused["error"]["sentence"].as_str().unwrap().contains("Office is not accepting jobs."), "{refused}");
    assert_eq!(till.json(["batch", "list"])["batches"].as_array().map(Vec::len), Some(0));
    let left = || std::fs::read_dir(till.data().join("prints")).unwrap().count();
    assert_eq!(left(), 0, "a file with people's names was left");
    with_queue(&till, TAKES);
    let printed = spool(&till, &[]).ends(0).json();
    assert_eq!((printed["cards"].as_u64(), printed["path"].is_null(), left()), (Some(1), true, 0));
    assert_eq!(page(&till.path("taken.pdf")).0, [format!("counterfoil:JANA10?batch={}", printed["batch"])]);
}

#[test]
fn what_can_not_be_on_paper_is_told_before_and_printed_only_when_it_is_wished() {
    let till = Till::open();
    till.referrer("Jana \u{10FFFD}", "jana@salon-post.com", "JANA10");
    with_queue(&till, TAKES);
    let told = spool(&till, &[]).ends(3).json();
    assert!(told["troubles"][0].as_str().unwrap().contains("Jana"), "{told}");
    assert!(!till.path("taken.pdf").exists(), "nothing went to the queue");
    assert_eq!(till.json(["batch", "list"])["batches"].as_array().map(Vec::len), Some(0));
    let printed = spool(&till, &["--anyway"]).ends(0).json();
    assert_eq!((printed["cards"].as_u64(), printed["troubles"].as_array().map(Vec::len)), (Some(1), Some(1)));
    assert!(till.path("taken.pdf").exists());
}
