//! What Stripe says when it says no.

use serde_json::{Value, json};

use super::shelf::CursorGone;
use crate::wire::Reply;

/// An error answer of Stripe.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) param: Option<String>,
    pub(crate) message: String,
    /// Whether the operation had begun: only then is the answer kept under the idempotency key.
    pub(crate) begun: bool,
    /// The caller did what no caller of the real cloud may do, too.
    pub(crate) violation: bool,
}

impl Refusal {
    fn new(status: u16, message: impl Into<String>) -> Refusal {
        Refusal { status, kind: "invalid_request_error", code: None, param: None, message: message.into(), begun: false, violation: false }
    }

    /// The request itself is wrong.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Refusal {
        Refusal { param: Some(param.to_owned()), ..Refusal::new(400, message) }
    }

    /// The request is well formed, but what it asks for is not possible as things stand.
    pub(crate) fn business(message: impl Into<String>) -> Refusal {
        Refusal { begun: true, ..Refusal::new(400, message) }
    }

    pub(crate) fn unknown_parameter(param: &str) -> Refusal {
        Refusal { code: Some("parameter_unknown"), violation: true, ..Refusal::invalid(param, format!("Received unknown parameter: {param}")) }
    }

    pub(crate) fn missing_parameter(param: &str) -> Refusal {
        Refusal { code: Some("parameter_missing"), violation: true, ..Refusal::invalid(param, format!("Missing required param: {param}.")) }
    }

    pub(crate) fn no_such(kind: &str, param: &str, id: &str) -> Refusal {
        let status = if matches!(param, "id" | "customer" | "coupon" | "promotion_code" | "session" | "invoice" | "charge" | "refund" | "intent") {
            404
        } else {
            400
        };
        Refusal {
            status,
            code: Some("resource_missing"),
            begun: true,
            ..Refusal::invalid(param, format!("No such {}: '{id}'", kind.replace(['_', '.'], " ")))
        }
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Refusal {
        Refusal::new(401, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Refusal {
        Refusal { code: Some("more_permissions_required"), ..Refusal::new(403, message) }
    }

    pub(crate) fn too_many() -> Refusal {
        Refusal {
            code: Some("rate_limit"),
            ..Refusal::new(429, "Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.")
        }
    }

    pub(crate) fn key_reused(key: &str) -> Refusal {
        Refusal {
            kind: "idempotency_error",
            violation: true,
            ..Refusal::new(
                400,
                format!(
                    "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                     Try using a key other than '{key}' if you meant to execute a different request."
                ),
            )
        }
    }

    pub(crate) fn key_in_flight(key: &str) -> Refusal {
        Refusal {
            kind: "idempotency_error",
            code: Some("idempotency_key_in_use"),
            ..Refusal::new(409, format!("There is currently another in-progress request using this Idempotent Key: {key}"))
        }
    }

    pub(crate) fn locked() -> Refusal {
        Refusal {
            code: Some("lock_timeout"),
            ..Refusal::new(409, "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.")
        }
    }

    pub(crate) fn server_error() -> Refusal {
        Refusal { kind: "api_error", ..Refusal::new(500, "An unknown error occurred") }
    }

    pub(crate) fn unavailable() -> Refusal {
        Refusal { kind: "api_error", ..Refusal::new(503, "Stripe is temporarily unavailable. Please try again.") }
    }

    pub(crate) fn no_such_url(method: &str, path: &str) -> Refusal {
        Refusal { violation: true, ..Refusal::new(404, format!("Unrecognized request URL ({method}: {path}).")) }
    }

    /// A mistake of the caller that the real cloud might let pass.
    pub(crate) fn violation(message: impl Into<String>) -> Refusal {
        Refusal { violation: true, ..Refusal::new(400, message) }
    }

    fn body(&self, request_id: &str) -> Value {
        let mut error = json!({"type": self.kind, "message": self.message});
        if let Some(code) = self.code {
            error["code"] = code.into();
            error["doc_url"] = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        if self.status != 401 {
            error["request_log_url"] = format!("https://dashboard.stripe.com/test/logs/{request_id}").into();
        }
        json!({ "error": error })
    }

    pub(crate) fn reply(&self, request_id: &str) -> Reply {
        let reply = Reply::json(self.status, &self.body(request_id));
        match self.status {
            409 | 429 => reply.with("stripe-should-retry", "true"),
            status if status < 500 => reply.with("stripe-should-retry", "false"),
            _ => reply,
        }
    }
}

impl From<CursorGone> for Refusal {
    fn from(CursorGone(param, id): CursorGone) -> Refusal {
        let kind = if id.starts_with("evt_") { "event" } else { "object" };
        Refusal { status: 400, ..Refusal::no_such(kind, param, &id) }
    }
}
