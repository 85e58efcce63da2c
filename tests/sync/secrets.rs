//! Keys are in the keyring and on the wire to their own cloud, and nowhere else.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use counterfoil_core::desk::export::List;
use counterfoil_core::domain::upload::Destination;
use counterfoil_core::sync::call::{Call, Heard, Name};
use counterfoil_core::sync::connect;
use counterfoil_core::sync::http::Http;
use practice_cloud::{Access, Aim, Fault};

use super::truth::jana;
use crate::clouds::{Connected, Pocket};
use crate::support::customer;

const KEY: &str = "rk_test_planted4Secrets";
const TOKEN: &str = "planted-token-7f3a";

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[track_caller]
fn assert_nowhere(folder: &Path) {
    let mut found = Vec::new();
    files(folder, &mut found);
    assert!(found.iter().any(|path| path.extension().is_some_and(|end| end == "db")), "{found:?}");
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [KEY, TOKEN] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} is in {}", path.display());
        }
    }
}

/// Answers every call on one port with this, which may say the caller's own key back.
pub fn echo(answer: impl Fn(&str) -> String + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0; 1];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                head.push(byte[0]);
            }
            // The body is read too, or the caller is cut off before it hears anything.
            let head = String::from_utf8_lossy(&head).into_owned();
            let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
            stream.read_exact(&mut vec![0; length]).unwrap();
            let _ = stream.write_all(answer(&head).as_bytes());
        }
    });
    port
}

pub fn send(base: &str, destination: Destination, key: &str) -> Heard {
    let http = Http::new(destination, base, key).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(http.send(&Call::get(Name::Read, "/v1/coupons")))
}

#[test]
fn a_key_is_in_no_file_and_in_no_error() {
    let mut it = Connected::to_both();
    it.clouds.stripe().add_key(KEY, Access::counterfoil());
    it.clouds.referral_factory().rotate_token(TOKEN);
    let (stripe, factory, now) = (it.clouds.stripe_url(), it.clouds.referral_factory_url(), it.now());
    let mut store = it.store();
    connect::stripe(&mut store, Some(&it.keys), &stripe, KEY, now).unwrap();
    connect::referral_factory(&mut store, Some(&it.keys), &factory, TOKEN, None, now).unwrap();
    let code = jana(&mut it);
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.clouds.strike(Aim::stripe().call("POST", "/v1/customers"), Fault::CloseAfter);
    it.clouds.strike(Aim::referral_factory().call("POST", "/users"), Fault::HtmlAfter);
    it.settle();
    assert_eq!(it.clouds.faults_waiting(), 0);
    // Refused: both clouds say no to the key, which is noted.
    it.clouds.stripe().revoke_key(KEY);
    it.clouds.referral_factory().rotate_token("another");
    it.shop.sell(&code, 990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync();
    it.shop.desk.back_up().unwrap();
    it.shop.desk.export(List::Redemptions, &it.shop.path().join("sales.csv"), &mut |_| true).unwrap();
    assert_nowhere(it.shop.path());
    let refused = [
        connect::stripe(&mut store, None, &stripe, KEY, now).unwrap_err(),
        connect::stripe(&mut store, None, "http://127.0.0.1:9", KEY, now).unwrap_err(),
        connect::stripe(&mut store, None, "http://api.example.com", KEY, now).unwrap_err(),
        connect::referral_factory(&mut store, None, &factory, TOKEN, None, now).unwrap_err(),
        connect::referral_factory(&mut store, None, "http://127.0.0.1:9", TOKEN, None, now).unwrap_err(),
    ];
    for error in refused {
        let said = format!("{error} {error:?}");
        assert!(!said.contains(KEY) && !said.contains(TOKEN), "{said}");
    }
    let story = format!("{:?} {:?}", it.shop.desk.sync_view().unwrap(), it.shop.desk.entry("1").unwrap());
    assert!(!story.contains(KEY) && !story.contains(TOKEN), "{story}");
}

#[test]
fn a_cloud_that_says_the_key_back_does_not_bring_it_into_the_books() {
    let mut it = Connected::to_both();
    let code = jana(&mut it);
    let port = echo(|head| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with("authorization")).unwrap_or_default();
        let key = line.rsplit(' ').next().unwrap_or_default();
        let body = format!("{{\"message\":\"no to {key}\",\"error\":{{\"message\":\"no to {key}\"}}}}");
        format!("HTTP/1.1 400 Bad Request\r\nrequest-id: req_{key}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    });
    let base = format!("http://127.0.0.1:{port}");
    for (destination, key) in [(Destination::Stripe, KEY), (Destination::ReferralFactory, TOKEN)] {
        let heard = format!("{:?}", send(&base, destination, key));
        assert!(heard.contains("no to") && !heard.contains(key), "{heard}");
    }
    it.shop.sell(&code, 4990, customer("Mia Brandt", "mia@brandt-post.com"));
    it.sync_with(vec![(Destination::Stripe, base.clone(), KEY.to_owned()), (Destination::ReferralFactory, base, TOKEN.to_owned())]);
    assert!(it.shop.count("SELECT count(*) FROM attempt WHERE said LIKE 'no to%'") > 0);
    assert_nowhere(it.shop.path());
}

#[test]
fn a_redirect_never_carries_the_key_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let target = elsewhere.local_addr().unwrap().port();
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let port = echo(move |_| {
            format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:{target}/v1/coupons\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        });
        let heard = format!("{:?}", send(&format!("http://127.0.0.1:{port}"), Destination::Stripe, KEY));
        assert!(heard.contains(&status[..3]), "{heard}");
        // The call is over: whoever was called would be in the queue now.
        assert_eq!(elsewhere.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "{status}");
    }
}

#[test]
fn plain_http_is_refused_but_to_this_computer() {
    let it = Connected::to_both();
    for base in ["http://api.stripe.com", "http://127.0.0.1.example.com", "http://10.0.0.7:4242", "ftp://127.0.0.1"] {
        let error = connect::stripe(&mut it.store(), Some(&Pocket::default()), base, KEY, it.now()).unwrap_err();
        assert!(error.to_string().contains("neither https"), "{base}: {error}");
    }
}
