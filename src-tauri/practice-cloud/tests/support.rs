//! A caller with a key, a token and a clock that stands still until it is pushed.

use std::sync::Arc;

use practice_cloud::{Clouds, Options, REFERRAL_FACTORY_TOKEN, STRIPE_TEST_KEY, Started, VERSION};
use serde_json::Value;

/// When every test begins.
pub const NOW: i64 = 1_782_300_000;

pub struct Caller {
    pub clouds: Started,
    pub key: String,
    pub token: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    keys_made: std::cell::Cell<u32>,
}

#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Got {
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }

    #[track_caller]
    pub fn no(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub fn options() -> Options {
    Options { now: Some(Arc::new(|| NOW * 1000)), rates: false, ..Options::default() }
}

impl Caller {
    pub fn new() -> Caller {
        Caller::with(options())
    }

    pub fn with(options: Options) -> Caller {
        Caller {
            clouds: Clouds::start(options).unwrap(),
            key: STRIPE_TEST_KEY.to_owned(),
            token: REFERRAL_FACTORY_TOKEN.to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            keys_made: std::cell::Cell::new(0),
        }
    }

    /// For tests that provoke violations: they have to be taken before the end.
    #[track_caller]
    pub fn violated(&self, word: &str) {
        let violations = self.clouds.take_violations();
        assert!(violations.len() == 1 && violations[0].contains(word), "{word}: {violations:?}");
    }

    pub fn stripe(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.clouds.stripe_url());
        self.http.request(method.parse().unwrap(), url).bearer_auth(&self.key).header("Stripe-Version", VERSION)
    }

    pub fn get(&self, path: &str) -> Got {
        self.send(self.stripe("GET", path)).unwrap()
    }

    pub fn delete(&self, path: &str) -> Got {
        self.send(self.stripe("DELETE", path)).unwrap()
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Got {
        self.keys_made.set(self.keys_made.get() + 1);
        self.post_under(&format!("key-{}", self.keys_made.get()), path, form).unwrap()
    }

    pub fn post_under(&self, key: &str, path: &str, form: &[(&str, &str)]) -> Result<Got, reqwest::Error> {
        self.send(self.stripe("POST", path).header("Idempotency-Key", key).form(form))
    }

    pub fn factory(&self, method: &str, path: &str, body: Option<Value>) -> Got {
        self.send(self.factory_request(method, path, body)).unwrap()
    }

    pub fn factory_request(&self, method: &str, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.clouds.referral_factory_url());
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        match body {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    pub fn press(&self, button: &str, ask: Value) -> Got {
        self.send(self.http.post(format!("{}{button}", self.clouds.practice_url())).json(&ask)).unwrap()
    }

    pub fn look(&self, path: &str) -> Value {
        self.send(self.http.get(format!("{}{path}", self.clouds.practice_url()))).unwrap().ok()
    }

    pub fn send(&self, request: reqwest::RequestBuilder) -> Result<Got, reqwest::Error> {
        self.runtime.block_on(read(request))
    }

    /// Two calls at the same time.
    pub fn both(&self, one: reqwest::RequestBuilder, other: reqwest::RequestBuilder) -> [Got; 2] {
        self.runtime.block_on(async {
            let one = tokio::spawn(read(one));
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
            let other = read(other).await;
            [one.await.unwrap().unwrap(), other.unwrap()]
        })
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Got, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    Ok(Got { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}
