//! HTTP: from a connection to a call, through faults and delays, and back.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::faults::Fault;
use crate::stripe::door::Circumstances;
use crate::stripe::refusal::Refusal;
use crate::wire::{Ask, Reply};
use crate::{Call, Cloud, Clouds};

/// Nothing that Counterfoil sends is nearly as long.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A process that has no file handles left gets some back soon.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Answers connections for ever.
pub(crate) async fn serve(clouds: Clouds, listener: TcpListener) -> io::Result<()> {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        // Small answers must not wait for more to send.
        let _ = stream.set_nodelay(true);
        let clouds = clouds.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(clouds.clone(), request));
            // A caller who hangs up, and a fault that does, are no matter here.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// What goes back: all of a body, or half of it and then a broken connection.
struct Answer {
    left: Option<Bytes>,
    then_break: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(match self.left.take() {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None if self.then_break => Some(Err(broken())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && !self.then_break
    }

    fn size_hint(&self) -> SizeHint {
        // The length of a broken body stands in its header, and is not true.
        if self.then_break { SizeHint::default() } else { SizeHint::with_exact(self.left.as_ref().map_or(0, |bytes| bytes.len() as u64)) }
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault on demand")
}

async fn handle(clouds: Clouds, request: Request<Incoming>) -> io::Result<Response<Answer>> {
    let method = request.method().as_str().to_owned();
    let (whole_path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
    let headers: BTreeMap<String, String> =
        request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    let body = match http_body_util::Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(_) => return Err(broken()),
    };

    let inner = whole_path.strip_prefix(clouds.options().prefix.as_str()).unwrap_or_default();
    if let Some(button) = inner.strip_prefix("/practice").filter(|button| button.is_empty() || button.starts_with('/')) {
        let content_type = headers.get("content-type").map(String::as_str);
        return respond(crate::panel::answer(&clouds, &method, button, content_type, &body), false);
    }
    let bases = [(Cloud::Stripe, "/stripe"), (Cloud::ReferralFactory, "/referral-factory/api/v2")];
    let found = bases.iter().find_map(|(cloud, base)| inner.strip_prefix(base).filter(|path| path.starts_with('/')).map(|path| (*cloud, path)));
    let Some((cloud, path)) = found else {
        clouds.state().violate(vec![format!("{method} {whole_path} is neither cloud's")]);
        let nobody = Reply::json(404, &serde_json::json!({"message": "Neither /stripe nor /referral-factory/api/v2 is here."}));
        return respond(nobody, false);
    };
    let ask = Ask { method, path: path.to_owned(), query, headers, body };

    if let Some(key) = ask.bearer().filter(|key| !key.is_empty())
        && (ask.path.contains(key) || ask.query.contains(key))
    {
        clouds.state().violate(vec![format!("{} carries its key in its address, where logs keep it", ask.method)]);
        return respond(Reply::json(400, &serde_json::json!({"message": "A key belongs in a header."})), false);
    }

    let fault = clouds.state().faults.draw(cloud, &ask.method, &ask.path);
    // On a task of its own: a caller who hangs up does not stop what the cloud has begun.
    let shown = format!("{} {}", ask.method, ask.path);
    let Ok(answer) = tokio::spawn(answer(clouds.clone(), cloud, ask, fault)).await else {
        clouds.state().violate(vec![format!("the stand-in itself broke over {shown}")]);
        return Err(broken());
    };
    match (answer, fault) {
        (None, _) => Err(broken()),
        (Some(reply), Some(Fault::HalfBody)) => respond(reply, true),
        (Some(reply), _) => respond(reply, false),
    }
}

/// The answer, or none where the connection closes instead.
async fn answer(clouds: Clouds, cloud: Cloud, ask: Ask, fault: Option<Fault>) -> Option<Reply> {
    let waits = clouds.options().delay + if let Some(Fault::Delay(delay)) = fault { delay } else { Duration::ZERO };
    let mut holds_key = false;
    if !waits.is_zero() {
        // A call that never reaches the cloud holds nothing there.
        let lost = matches!(fault, Some(Fault::CloseBefore | Fault::Html | Fault::BadGateway | Fault::TooMany { .. }));
        if cloud == Cloud::Stripe && !lost {
            holds_key = clouds.state().stripe.hold_key(&ask);
        }
        tokio::time::sleep(waits).await;
    }
    let reply = match fault {
        Some(Fault::CloseBefore) => None,
        Some(Fault::Html) => Some(page(200)),
        Some(Fault::BadGateway) => Some(page(502)),
        Some(Fault::TooMany { retry_after_secs }) => Some(too_many(cloud, retry_after_secs)),
        Some(Fault::Twice) => {
            meet(&clouds, cloud, &ask, fault, holds_key);
            Some(meet(&clouds, cloud, &ask, fault, false))
        }
        _ => Some(meet(&clouds, cloud, &ask, fault, holds_key)),
    };
    let reply = match fault {
        Some(Fault::CloseAfter) => None,
        Some(Fault::HtmlAfter) => Some(page(200)),
        _ => reply,
    };
    if let Some(reply) = &reply {
        judge(&clouds, cloud, &ask, reply);
    }
    let call = Call {
        at_millis: clouds.now_millis(),
        cloud,
        method: ask.method.clone(),
        path: ask.path.clone(),
        query: ask.query.clone(),
        body: String::from_utf8_lossy(&ask.body).into_owned(),
        idempotency_key: ask.header("idempotency-key").map(str::to_owned),
        status: reply.as_ref().map(|reply| reply.status),
        replayed: reply.as_ref().is_some_and(|reply| reply.headers.iter().any(|(name, _)| *name == "idempotent-replayed")),
        fault,
    };
    clouds.state().note(call);
    reply
}

/// The cloud itself meets the call.
fn meet(clouds: &Clouds, cloud: Cloud, ask: &Ask, fault: Option<Fault>, holds_key: bool) -> Reply {
    let options = clouds.options();
    let around = Circumstances { now_millis: clouds.now_millis(), rates: options.rates, strict: options.strict, fault, holds_key };
    let state = &mut *clouds.state();
    let answered = match cloud {
        Cloud::Stripe => state.stripe.answer(ask, &mut state.chance, &around),
        Cloud::ReferralFactory => state.referral_factory.answer(ask, &mut state.chance, &around),
    };
    if options.strict && !answered.violations.is_empty() && answered.reply.status < 400 {
        // Nobody looks for a mistake in a call that went well.
        let why = answered.violations.join("; ");
        state.violate(answered.violations);
        return Reply::json(400, &serde_json::json!({"error": {"type": "invalid_request_error", "message": why}}));
    }
    state.violate(answered.violations);
    answered.reply
}

/// What Stripe's stand-in itself says when it says no is held against Stripe's description, as its other answers are. A page of some box
/// in between is nobody's own.
fn judge(clouds: &Clouds, cloud: Cloud, ask: &Ask, reply: &Reply) {
    let own = reply.headers.iter().any(|(name, value)| *name == "content-type" && value == "application/json");
    if clouds.options().strict
        && cloud == Cloud::Stripe
        && own
        && reply.status >= 400
        && let Err(why) = crate::contract::check_refusal(&ask.method, &ask.path, &reply.body)
    {
        let wrong = format!("the stand-in's own refusal ({}) of {} {} is wrong: {why}", reply.status, ask.method, ask.path);
        clouds.state().violate(vec![wrong]);
    }
}

fn page(status: u16) -> Reply {
    let body = b"<html><body><h1>Welcome to the free WiFi</h1></body></html>".to_vec();
    Reply { status, headers: vec![("content-type", "text/html; charset=utf-8".to_owned())], body }
}

fn too_many(cloud: Cloud, retry_after_secs: u32) -> Reply {
    let reply = match cloud {
        Cloud::Stripe => Refusal::too_many().reply("req_limited").with("request-id", "req_limited"),
        Cloud::ReferralFactory => Reply::json(429, &serde_json::json!({"code": 429, "message": "Too Many Attempts."})),
    };
    reply.with("retry-after", retry_after_secs.to_string())
}

fn respond(reply: Reply, half: bool) -> io::Result<Response<Answer>> {
    let mut response = Response::builder().status(reply.status).header("content-length", reply.body.len());
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let bytes = Bytes::from(reply.body);
    let left = if half { bytes.slice(..bytes.len() / 2) } else { bytes };
    response.body(Answer { left: Some(left), then_break: half }).map_err(io::Error::other)
}

#[cfg(all(test, feature = "strict"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Answers a call with this and ends.
    fn refuse(path: &str, body: &Value) {
        let clouds = Clouds::start(crate::Options::default()).expect("a port is free");
        let ask = Ask { method: "POST".into(), path: path.into(), query: String::new(), headers: BTreeMap::new(), body: Vec::new() };
        judge(&clouds, Cloud::Stripe, &ask, &Reply::json(429, body));
    }

    #[test]
    fn a_refusal_as_stripe_describes_it_is_none() {
        refuse("/v1/coupons", &json!({ "error": { "type": "invalid_request_error", "message": "Too many requests." } }));
    }

    #[test]
    #[should_panic(expected = "own refusal (429) of POST /v1/coupons is wrong: /error/type")]
    fn a_kind_of_error_that_stripe_does_not_have_is_a_panic() {
        refuse("/v1/coupons", &json!({ "error": { "type": "rate_limit_error", "message": "Too many requests." } }));
    }

    #[test]
    #[should_panic(expected = "own answer to GET /v1/coupons/wrong is wrong: /created: ")]
    fn an_answer_that_stripe_would_never_give_is_a_panic() {
        let clouds = Clouds::start(crate::Options::default()).expect("a port is free");
        let coupon = json!({ "id": "wrong", "object": "coupon", "livemode": false, "created": "yesterday", "duration": "once", "times_redeemed": 0, "valid": true });
        clouds.state().stripe.test.coupons.put(coupon);
        let headers = [("authorization", format!("Bearer {}", crate::STRIPE_TEST_KEY)), ("stripe-version", crate::VERSION.to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        let ask = Ask { method: "GET".into(), path: "/v1/coupons/wrong".into(), query: String::new(), headers, body: Vec::new() };
        meet(&clouds, Cloud::Stripe, &ask, None, false);
    }

    #[test]
    #[should_panic(expected = "own refusal (429) of POST /v1/nothing is wrong")]
    fn a_refusal_without_its_error_is_a_panic() {
        refuse("/v1/nothing", &json!({ "message": "Too many requests." }));
    }
}
