//! Logos: those that can be put on paper, and those that are refused.

use std::time::{Duration, Instant};

use counterfoil_core::print::template::Template;
use tiny_skia::{Pixmap, PremultipliedColorU8};

use super::{Shop, ask, proof, said, shop};
use crate::support::fault;

const CIRCLE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40"><circle cx="20" cy="20" r="18" fill="#8c2f39"/><path d="M44 4h32v32H44z"/></svg>"##;

#[track_caller]
fn refused(shop: &mut Shop, bytes: &[u8]) -> &'static str {
    let path = shop.path().join("logo");
    std::fs::write(&path, bytes).unwrap();
    fault(shop.desk.set_logo(Some(&path)))
}

#[test]
fn a_logo_comes_onto_the_card_and_into_the_preview() {
    let mut shop = shop();
    shop.jane();
    let path = shop.path().join("logo.svg");
    std::fs::write(&path, CIRCLE).unwrap();
    let brand = shop.desk.set_logo(Some(&path)).unwrap();
    assert!(brand.logo.unwrap().starts_with("data:image/svg+xml;base64,"));
    for template in Template::ALL {
        let pdf = proof(&shop, &ask(template));
        let pictures = said("pdfimages", &["-list"], &[&pdf]);
        assert!(pictures.contains("image") && pictures.contains("smask"), "{pictures}");
        said("qpdf", &["--check"], &[&pdf]);
    }
    assert!(shop.desk.preview_cards(&ask(Template::BusinessCard)).unwrap().svg.contains("<image "));
    // What comes after does not need the file.
    std::fs::remove_file(&path).unwrap();
    proof(&shop, &ask(Template::FlyerA6));
    assert_eq!(shop.desk.set_logo(None).unwrap().logo, None);
}

#[test]
fn a_png_comes_onto_the_card_in_its_own_colours_and_proportions() {
    let mut shop = shop();
    shop.jane();
    // Three to one: orange at the left, nothing in the middle, blue at the right.
    let mut dots = Pixmap::new(300, 100).unwrap();
    for (n, dot) in dots.pixels_mut().iter_mut().enumerate() {
        let [red, green, blue, seen] = [[230, 120, 20, 255], [0; 4], [20, 60, 200, 255]][n % 300 / 100];
        *dot = PremultipliedColorU8::from_rgba(red, green, blue, seen).unwrap();
    }
    let path = shop.path().join("logo.png");
    dots.save_png(&path).unwrap();
    let brand = shop.desk.set_logo(Some(&path)).unwrap();
    assert!(brand.logo.unwrap().starts_with("data:image/png;base64,"));
    let pdf = proof(&shop, &ask(Template::BusinessCard));
    let out = pdf.with_extension("logo");
    said("pdftoppm", &["-png", "-singlefile", "-r", "254"], &[&pdf, &out]);
    let page = Pixmap::load_png(format!("{}.png", out.display())).unwrap();
    // Ten dots to the millimetre; the first card begins 15 mm from the left and 11 from above, its message 5 mm inside, where the
    // logo is 7.2 mm high and three times as wide.
    let at = |x: f64, y: f64| {
        let dot = page.pixel(((15.0 + 5.0 + x) * 10.0) as u32, ((11.0 + 5.0 + y) * 10.0) as u32).unwrap();
        [dot.red(), dot.green(), dot.blue()]
    };
    for (x, colour) in
        [(0.3, [230, 120, 20]), (6.9, [230, 120, 20]), (10.8, [255; 3]), (14.7, [20, 60, 200]), (21.3, [20, 60, 200]), (21.9, [255; 3])]
    {
        for y in [0.3, 3.6, 6.9] {
            assert_eq!(at(x, y), colour, "{x} {y}");
        }
    }
}

#[test]
fn a_small_file_that_would_be_drawn_for_ever_is_refused_at_once() {
    let mut shop = shop();
    let wrap = |inside: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>"#);
    // Ten to the twelfth squares, by groups that use the group before ten times.
    let mut uses = String::from(r#"<g id="g0"><path d="M0 0h9v9z"/></g>"#);
    for n in 1..=12 {
        uses.push_str(&format!(r##"<g id="g{n}">{}</g>"##, format!(r##"<use href="#g{}"/>"##, n - 1).repeat(10)));
    }
    // A thousand squares, each blurred on a surface of its own; and clips and masks inside each other.
    let blurred = format!(
        r##"<filter id="f" x="-9" y="-9" width="99" height="99"><feGaussianBlur stdDeviation="999"/><feTurbulence numOctaves="99"/></filter>{}"##,
        r##"<path filter="url(#f)" d="M0 0h9v9z"/>"##.repeat(1_000)
    );
    let itself = r##"<g id="a"><path d="M0 0h9v9z"/><use href="#a"/></g>"##;
    let deep = format!("{}<path d='M0 0h9v9z'/>{}", "<g opacity='.99'>".repeat(20_000), "</g>".repeat(20_000));
    // Ten squares, each filled, clipped or masked by ten squares, each …, twelve deep, by a style sheet.
    let nested = |what: &str, property: &str| {
        let mut text = String::from("<style>");
        (0..12).for_each(|n| text.push_str(&format!(".c{n}{{{property}:url(#p{n})}}")));
        text.push_str(&format!(r#"</style><{what} id="p0" width="9" height="9"><path d="M0 0h9v9z"/></{what}>"#));
        for n in 1..12 {
            let squares = format!(r#"<path class="c{}" d="M0 0h9v9z"/>"#, n - 1).repeat(10);
            text.push_str(&format!(r#"<{what} id="p{n}" width="9" height="9">{squares}</{what}>"#));
        }
        wrap(&format!(r#"{text}<path class="c11" d="M0 0h9v9z"/>"#))
    };
    for (name, bomb) in [
        ("uses", wrap(&uses)),
        ("patterns", nested("pattern", "fill")),
        ("clips", nested("clipPath", "clip-path")),
        ("masks", nested("mask", "mask")),
        ("blurred", wrap(&blurred)),
        ("itself", wrap(itself)),
        ("deep", wrap(&deep)),
    ] {
        let path = shop.path().join("bomb.svg");
        std::fs::write(&path, bomb).unwrap();
        let begun = Instant::now();
        let answer = shop.desk.set_logo(Some(&path));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(5), "{name}: {took:?}");
        assert_eq!(fault(answer), "logo_too_busy", "{name}");
    }
}

#[test]
fn what_is_no_logo_is_refused_and_the_old_one_stays() {
    let mut shop = shop();
    let path = shop.path().join("logo.svg");
    std::fs::write(&path, CIRCLE).unwrap();
    let before = shop.desk.set_logo(Some(&path)).unwrap();
    let svg = |inside: &str| {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{inside}</svg>"#)
    };
    for script in [
        "<script>alert(1)</script><path d='M0 0h9v9z'/>",
        "<path onload='x()' d='M0 0h9v9z'/>",
        "<a href='javascript:x()'><path d='M0 0h9v9z'/></a>",
        "<foreignObject/>",
    ] {
        assert_eq!(refused(&mut shop, svg(script).as_bytes()), "logo_script", "{script}");
    }
    for outside in [
        "<image href='https://x.example/a.png' width='9' height='9'/>",
        "<image xlink:href='file:///etc/passwd' width='9' height='9'/>",
        "<use href='other.svg#a'/>",
        "<path fill='url(https://x.example/a)' d='M0 0h9v9z'/>",
        "<style>@import 'https://x.example/a.css';</style><path d='M0 0h9v9z'/>",
    ] {
        assert_eq!(refused(&mut shop, svg(outside).as_bytes()), "logo_outside", "{outside}");
    }
    assert_eq!(refused(&mut shop, svg("<text>Salon</text>").as_bytes()), "logo_text");
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><title>&b;</title></svg>"#;
    for broken in [bomb.as_bytes(), svg("").as_bytes(), b"<svg", b"\x89PNG\r\n\x1a\nrubbish"] {
        assert_eq!(refused(&mut shop, broken), "logo_broken", "{}", String::from_utf8_lossy(broken));
    }
    assert_eq!(refused(&mut shop, b"GIF89a"), "logo_other_kind");
    assert_eq!(refused(&mut shop, &vec![0; 3 << 20]), "logo_too_large");
    // A small file that says it has a thousand million dots.
    let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x80\0\0\0\x80\0\x08\x06\0\0\0".to_vec();
    huge.extend([0; 16]);
    assert_eq!(refused(&mut shop, &huge), "logo_too_large");
    assert_eq!(fault(shop.desk.set_logo(Some(&shop.folder.path().join("not there")))), "file");
    assert_eq!(shop.desk.brand().unwrap(), before);
}
