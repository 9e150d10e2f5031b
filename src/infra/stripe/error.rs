//! Errors of Stripe's API, without its messages, which may quote a key or a card.

use std::fmt;

use hyper::StatusCode;
use serde::Deserialize;

/// Why a request has no result. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StripeError {
    /// A retry may succeed: no response in time, an unusable one, an overload, a refused API key.
    Temporary(String),
    /// The idempotency key can't be used any more: it has a stored server error, or belongs to other parameters.
    KeySpent(String),
    /// Stripe refuses the request. The code is that of Stripe, such as `amount_too_small`.
    Refused(String),
}

impl fmt::Display for StripeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temporary(reason) | Self::KeySpent(reason) => formatter.write_str(reason),
            Self::Refused(code) => write!(formatter, "the request was refused: {code}"),
        }
    }
}

impl std::error::Error for StripeError {}

/// Returns the error of a response. `request` is its `Request-Id`.
pub(super) fn of_response(
    status: StatusCode,
    is_replayed: bool,
    request: &str,
    body: &[u8],
) -> StripeError {
    let number = status.as_u16();
    let described = |what: &str| format!("HTTP {number}{what} ({request})");
    if status.is_server_error() && is_replayed {
        return StripeError::KeySpent(described(", stored under the idempotency key"));
    }
    let error = serde_json::from_slice::<Body>(body).map(|body| body.error);
    match (status, error) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            StripeError::Temporary(described(": the API key is refused"))
        }
        (
            StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED | StatusCode::NOT_FOUND,
            Ok(error),
        ) => {
            if error.kind == "idempotency_error" {
                return StripeError::KeySpent(described(": other parameters"));
            }
            let code = error.code.unwrap_or(error.kind);
            StripeError::Refused(word(&code).to_owned())
        }
        _ => StripeError::Temporary(described("")),
    }
}

/// Returns a code if it looks like one. Anything else is not logged.
pub(super) fn word(code: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_word = (1..=64).contains(&code.len()) && code.bytes().all(is_plain);
    if is_word { code } else { "unknown" }
}

#[derive(Deserialize)]
struct Body {
    error: Description,
}

#[derive(Deserialize)]
struct Description {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
}
