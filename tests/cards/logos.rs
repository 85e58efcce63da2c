//! Logos: those that can be put on paper, and those that are refused.

use counterfoil_core::print::template::Template;

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
