//! Responses: GraphQL JSON, including transport errors.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error_list::{
    MutationOutcome, code_of, limit, retry_after, set_code, set_outcome, set_request_id, shorten,
    was_executed,
};
use super::metrics::Failed;
use super::negotiation::MediaType;
use super::request_id::RequestId;
use crate::core::error::{Code, Error, INTERNAL_MESSAGE};
use crate::graphql::upload::NOT_A_FILE;
use crate::infra::database::is_unreachable;
use crate::infra::telemetry::metrics::Outcome;
use crate::infra::telemetry::traces;

/// The library's message about a value that is not a file.
const EXPECTS_FILE: &str = "expected type \"Upload\"";

/// A request that is refused before or instead of execution.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
    /// The number of seconds to wait before a retry, if waiting helps.
    pub retry_after: Option<i32>,
    /// For 405: the allowed methods.
    pub allow: Option<&'static str>,
    /// For 415: the accepted content codings.
    pub accept_encoding: Option<&'static str>,
    /// The invalid variable, argument or input field.
    pub field: Option<Box<str>>,
    /// Positions in the document.
    pub locations: Vec<async_graphql::Pos>,
    /// Whether a mutation has changed anything.
    pub outcome: Option<MutationOutcome>,
    /// The error of a lost connection to the database. Logged with the response, because the request may be executed
    /// again before.
    pub connection_lost: Option<Box<Error>>,
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
            outcome: None,
            connection_lost: None,
        }
    }

    /// Creates the error of a malformed HTTP request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// Creates the error of an unsupported method.
    pub fn method(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::MethodNotAllowed,
                format!("This method is not allowed. Use {allow}."),
            )
        }
    }

    /// Creates the error of an invalid or expired token.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "The access token is invalid or expired. Sign in again or refresh it.",
        )
    }

    /// Creates the error of a request that could not be executed.
    pub fn internal(error: &Error) -> Self {
        let status = match error {
            Error::Unauthenticated => return Self::unauthenticated(),
            error if error.code() == Code::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            retry_after: error.retry_after_seconds(),
            connection_lost: is_unreachable(error).then(|| Box::new(error.clone())),
            ..Self::new(status, error.code(), error.message())
        }
    }

    /// Returns the refusal for an error of the body, or `None` for other errors.
    pub fn of_body(error: &Error) -> Option<Self> {
        let status = match error {
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Error::PayloadTooLarge { field: None, .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => return None,
        };
        Some(Self::new(status, error.code(), error.message()))
    }

    /// Creates the error of a well-formed HTTP request whose GraphQL request is invalid.
    pub fn request(code: Code, message: impl Into<String>, media: MediaType) -> Self {
        Self::new(request_error_status(media), code, message)
    }

    /// Creates the response.
    pub fn reply(self, media: MediaType) -> Response {
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        set_code(&mut error, self.code);
        if let (Some(seconds), Some(extensions)) = (self.retry_after, &mut error.extensions) {
            extensions.set("retryAfterSeconds", seconds);
        }
        if let (Some(field), Some(extensions)) = (self.field, &mut error.extensions) {
            extensions.set("field", field.as_ref());
        }
        if let Some(outcome) = self.outcome {
            set_outcome(&mut error, outcome);
        }
        if let Some(error) = &self.connection_lost {
            traces::log_failure(error, "internal error");
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

/// Returns whether a response has data of a root field that returns objects, as all mutations do.
pub fn has_objects(response: &GraphqlResponse) -> bool {
    let Value::Object(fields) = &response.data else {
        return false;
    };
    let mut values = fields.values();
    values.any(|value| matches!(value, Value::Object(_)))
}

/// Returns the refusal for an error of the body, if the response reports this error and has no data.
pub fn refusal_instead(response: &GraphqlResponse, error: &Error) -> Option<Refusal> {
    let code = Some(error.code().as_str());
    let tells = response.errors.iter().any(|error| code_of(error) == code);
    let refusal = (tells && !has_objects(response)).then(|| Refusal::of_body(error));
    refusal.flatten()
}

/// Creates the response to a request that failed outside of a resolver.
pub fn internal_error(request: &RequestId) -> Response {
    let mut error = ServerError::new(INTERNAL_MESSAGE, None);
    set_code(&mut error, Code::InternalServerError);
    set_request_id(&mut error, request);
    without_data(StatusCode::INTERNAL_SERVER_ERROR, &[error], MediaType::Json)
}

/// Creates a response with errors only.
fn without_data(status: StatusCode, errors: &[ServerError], media: MediaType) -> Response {
    let body = json!({ "errors": errors }).to_string();
    let mut response = (status, body).into_response();
    set_content_type(&mut response, media);
    response
}

/// Returns the status of a request error: a response without `data`.
const fn request_error_status(media: MediaType) -> StatusCode {
    match media {
        MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
        MediaType::Json | MediaType::Html => StatusCode::OK,
    }
}

/// Creates the response of an execution: with `data` if the operation was executed, without if it was refused before.
pub fn graphql(mut response: GraphqlResponse, media: MediaType, request: &RequestId) -> Response {
    let executed = was_executed(&response);
    // Validation reports some errors once per violated rule.
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
    // The caching headers are set by the endpoint, which knows the viewer.
    reply.headers_mut().remove(CACHE_CONTROL);
    set_content_type(&mut reply, media);
    if let Some(seconds) = wait {
        reply.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    reply
}

/// Creates a response from the stored body of an earlier execution.
pub fn again(body: String, media: MediaType) -> Response {
    let mut reply = body.into_response();
    set_content_type(&mut reply, media);
    reply
}

/// Sets the `Content-Type` of a response.
pub fn set_content_type(response: &mut Response, media: MediaType) {
    let value = HeaderValue::from_static(media.content_type());
    response.headers_mut().insert(CONTENT_TYPE, value);
}
