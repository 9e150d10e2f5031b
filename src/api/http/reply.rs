//! Answers: GraphQL JSON for everything, errors of the transport included.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error_list::{
    code_of, limit, retry_after, set_code, set_request_id, shorten, was_executed,
};
use super::metrics::Failed;
use super::negotiation::MediaType;
use super::request_id::RequestId;
use crate::core::error::{Code, Error, INTERNAL_MESSAGE};
use crate::graphql::upload::NOT_A_FILE;
use crate::infra::telemetry::metrics::Outcome;

/// What the library says of another value in the place of a file.
const EXPECTS_FILE: &str = "expected type \"Upload\"";

/// A request that is refused before it is GraphQL, or by what GraphQL is asked.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
    /// How many seconds to wait before trying again, where waiting helps.
    pub retry_after: Option<i32>,
    /// For 405: the methods that would do.
    pub allow: Option<&'static str>,
    /// For 415: the codings of a body that would do.
    pub accept_encoding: Option<&'static str>,
    /// The variable, argument or input field that is to blame.
    pub field: Option<String>,
    /// Where in the document.
    pub locations: Vec<async_graphql::Pos>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
            allow: None,
            accept_encoding: None,
            field: None,
            locations: Vec::new(),
        }
    }

    /// A body or address that is not a GraphQL request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// A method that is not for this.
    pub fn method(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::MethodNotAllowed,
                format!("Use {allow} for this."),
            )
        }
    }

    /// A token that is there and is not good.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "Your access token is not good, or not any more. Refresh it, or sign in again.",
        )
    }

    /// What kept us from executing anything.
    pub fn internal(error: &Error) -> Self {
        let status = match error {
            Error::Unauthenticated => return Self::unauthenticated(),
            error if error.code() == Code::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            retry_after: error.retry_after_seconds(),
            ..Self::new(status, error.code(), error.message())
        }
    }

    /// The refusal that an error of the body comes to; nothing when it is of another kind.
    pub fn of_body(error: &Error) -> Option<Self> {
        let status = match error {
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Error::PayloadTooLarge { field: None, .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => return None,
        };
        Some(Self::new(status, error.code(), error.message()))
    }

    /// A well-formed HTTP request whose GraphQL can't be executed.
    pub fn request(code: Code, message: impl Into<String>, media: MediaType) -> Self {
        Self::new(request_error_status(media), code, message)
    }

    /// The answer.
    pub fn reply(self, media: MediaType) -> Response {
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        set_code(&mut error, self.code);
        if let (Some(seconds), Some(extensions)) = (self.retry_after, &mut error.extensions) {
            extensions.set("retryAfterSeconds", seconds);
        }
        if let (Some(field), Some(extensions)) = (self.field, &mut error.extensions) {
            extensions.set("field", field);
        }
        let mut response = without_data(self.status, &[error], media);
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(codings) = self.accept_encoding {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(codings));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::of_body(&error).unwrap_or_else(|| Self::internal(&error))
    }
}

/// Whether a response has the data of any root field that gives objects, as all mutations do.
pub fn has_objects(answer: &GraphqlResponse) -> bool {
    let Value::Object(fields) = &answer.data else {
        return false;
    };
    let mut values = fields.values();
    values.any(|value| matches!(value, Value::Object(_)))
}

/// The refusal of a request whose body failed with this error, when the answer tells of that and gives no data.
pub fn refusal_instead(answer: &GraphqlResponse, error: &Error) -> Option<Refusal> {
    let told = Some(error.code().as_str());
    let tells = answer.errors.iter().any(|error| code_of(error) == told);
    let refusal = (tells && !has_objects(answer)).then(|| Refusal::of_body(error));
    refusal.flatten()
}

/// The answer to a request that broke outside of a resolver.
pub fn internal_error(request: &RequestId) -> Response {
    let mut error = ServerError::new(INTERNAL_MESSAGE, None);
    set_code(&mut error, Code::InternalServerError);
    set_request_id(&mut error, request);
    without_data(StatusCode::INTERNAL_SERVER_ERROR, &[error], MediaType::Json)
}

/// An answer of errors alone.
fn without_data(status: StatusCode, errors: &[ServerError], media: MediaType) -> Response {
    let body = json!({ "errors": errors }).to_string();
    let mut response = (status, body).into_response();
    set_content_type(&mut response, media);
    response
}

/// The status of a request error: one without `data`.
const fn request_error_status(media: MediaType) -> StatusCode {
    match media {
        MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
        MediaType::Json | MediaType::Html => StatusCode::OK,
    }
}

/// The answer to what async-graphql was given: with `data` when it was executed, without when it was refused before.
pub fn graphql(mut response: GraphqlResponse, media: MediaType, request: &RequestId) -> Response {
    let executed = was_executed(&response);
    // Validation finds some faults once for each rule that they break.
    response
        .errors
        .dedup_by(|next, error| next.message == error.message && next.locations == error.locations);
    limit(&mut response.errors);
    for error in &mut response.errors {
        let no_file = error.message.ends_with(EXPECTS_FILE);
        if no_file {
            NOT_A_FILE.clone_into(&mut error.message);
        }
        let fallback = if executed || no_file {
            Code::BadUserInput
        } else {
            Code::GraphqlValidationFailed
        };
        if code_of(error).is_none() {
            set_code(error, fallback);
            shorten(&mut error.message);
        }
        if code_of(error) == Some(Code::InternalServerError.as_str()) {
            set_request_id(error, request);
        }
    }
    if !executed {
        let mut reply = without_data(request_error_status(media), &response.errors, media);
        reply.extensions_mut().insert(Failed(Outcome::Refused));
        return reply;
    }
    let wait = retry_after(&response.errors);
    let failed = response.is_err();
    let mut reply = GraphQLResponse::from(response).into_response();
    if failed {
        reply.extensions_mut().insert(Failed(Outcome::Error));
    }
    // What may be kept where is told by whoever knows who asks.
    reply.headers_mut().remove(CACHE_CONTROL);
    set_content_type(&mut reply, media);
    if let Some(seconds) = wait {
        reply.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    reply
}

/// An answer of an earlier execution, as it was.
pub fn again(body: String, media: MediaType) -> Response {
    let mut reply = body.into_response();
    set_content_type(&mut reply, media);
    reply
}

/// Says what the body of an answer is.
pub fn set_content_type(response: &mut Response, media: MediaType) {
    let value = HeaderValue::from_static(media.content_type());
    response.headers_mut().insert(CONTENT_TYPE, value);
}
