//! Calls over the real network. Keys go to https addresses and to this computer alone, and never with a redirect.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url, redirect};

use super::call::{Body, Call, Heard, Method, Reply};
use super::stripe;
use crate::domain::upload::Destination;
use crate::ports::CloudError;

/// Referral Factory was seen to take more than 25 seconds.
const ANSWER_SECS_MAX: u64 = 60;
const CONNECT_SECS_MAX: u64 = 10;
/// A page of 250 people is some hundred kilobytes; nothing that we ask for is larger than this.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// The way to one destination: its address, and who we are there.
pub struct Http {
    client: Client,
    base: String,
    headers: HeaderMap,
    key: String,
}

impl Http {
    /// The way to a destination at this address, with this key. The address may have a path of its own.
    pub fn new(destination: Destination, base: &str, key: &str) -> Result<Http, CloudError> {
        let insecure = || CloudError::Insecure(base.to_owned());
        let url = Url::parse(base).map_err(|_| insecure())?;
        let here = is_this_computer(&url);
        if !(url.scheme() == "https" || (url.scheme() == "http" && here)) || !url.username().is_empty() || url.password().is_some() {
            return Err(insecure());
        }
        let unreachable = |cause: reqwest::Error| CloudError::Unreachable { destination, cause: said(cause) };
        let mut client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECS_MAX))
            .timeout(Duration::from_secs(ANSWER_SECS_MAX))
            .user_agent(concat!("Counterfoil/", env!("CARGO_PKG_VERSION")));
        if here {
            // No proxy stands between this computer and itself.
            client = client.no_proxy();
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| CloudError::NotAKey(destination))?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
        if destination == Destination::Stripe {
            headers.insert("stripe-version", HeaderValue::from_static(stripe::VERSION));
        }
        headers.insert("accept", HeaderValue::from_static("application/json"));
        Ok(Http { client: client.build().map_err(unreachable)?, base: base.trim_end_matches('/').to_owned(), headers, key: key.to_owned() })
    }

    /// Sends a call and hears the answer, or why there is none.
    pub async fn send(&self, call: &Call) -> Heard {
        let mut heard = self.ask(call).await;
        // Answers are kept and shown. One that says our key back must not bring it there.
        match &mut heard {
            Ok(reply) => {
                self.scrub(&mut reply.body);
                if let Some(id) = &mut reply.request_id {
                    self.scrub(id);
                }
            }
            Err(silence) => self.scrub(silence),
        }
        heard
    }

    fn scrub(&self, text: &mut String) {
        if text.contains(&self.key) {
            *text = text.replace(&self.key, "…");
        }
    }

    async fn ask(&self, call: &Call) -> Heard {
        // Joined as text: an address may carry a path, which must stay.
        let url = format!("{}{}", self.base, call.path);
        let mut request = match call.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
            Method::Put => self.client.put(url),
        };
        request = request.headers(self.headers.clone());
        request = match &call.body {
            Body::Nothing => request,
            Body::Form(form) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone()),
            Body::Json(json) => request.header(CONTENT_TYPE, "application/json").body(json.clone()),
        };
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        let mut response = request.send().await.map_err(said)?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut reply = Reply {
            status: response.status().as_u16(),
            body: String::new(),
            request_id: header("request-id").or_else(|| header("x-request-id")),
            retry_after: header("retry-after").and_then(|text| wait(text.trim(), header("date").as_deref())),
            should_retry: header("stripe-should-retry").and_then(|word| word.parse().ok()),
            replayed: header("idempotent-replayed").is_some_and(|word| word == "true"),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(said)? {
            if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err("the answer does not end".to_owned());
            }
            bytes.extend_from_slice(&chunk);
        }
        reply.body = String::from_utf8_lossy(&bytes).into_owned();
        Ok(reply)
    }
}

/// How long `Retry-After` asks to wait: in seconds, or until a moment of the clock that wrote it.
fn wait(text: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(secs) = text.parse() {
        return Some(Duration::from_secs(secs));
    }
    let there = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
    Some(httpdate::parse_http_date(text).ok()?.duration_since(there).unwrap_or_default())
}

/// What went wrong on the way, with its causes and without the address, whose query may hold contacts.
fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

fn is_this_computer(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_may_ask_for_seconds_or_for_a_moment_of_its_own_clock() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(wait("120", date), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:31:30 GMT", date), Some(Duration::from_secs(210)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(wait("Wed, 21 Oct 2015 07:31:30 GMT", None), Some(Duration::ZERO));
        assert_eq!(wait("soon", date), None);
    }

    #[track_caller]
    fn check(base: &str, allowed: bool) {
        assert_eq!(Http::new(Destination::Stripe, base, "rk_test_x").is_ok(), allowed, "{base}");
    }

    #[test]
    fn keys_go_to_https_and_to_this_computer_alone() {
        check("https://api.stripe.com", true);
        check("https://proxy.shop.example/stripe", true);
        check("http://127.0.0.1:4242/stripe", true);
        check("http://localhost:4242", true);
        check("http://[::1]:4242", true);
        check("http://api.stripe.com", false);
        check("http://127.0.0.1.example.com", false);
        check("http://192.168.1.20:4242", false);
        check("ftp://127.0.0.1", false);
        check("https://somebody:secret@api.stripe.com", false);
        check("api.stripe.com", false);
    }
}
