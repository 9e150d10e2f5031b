//! Parses a GraphQL request from an HTTP request: the JSON of a POST or the parameters of a GET.

use async_graphql::Variables;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;

use super::idempotency;
use super::inputs::is_name;
use super::json::{self, Extensions, Members};
use super::negotiation::{BodyType, MediaType, body_type};
use super::persisted;
use super::reply::Refusal;
use crate::config::Limits;
use crate::core::error::Code;

/// Headers that make a browser send a CORS preflight.
const PREFLIGHT_HEADERS: [&str; 3] = [
    "x-apollo-operation-name",
    "apollo-require-preflight",
    "graphql-require-preflight",
];

/// A GraphQL request.
#[derive(Debug, Default)]
pub struct GraphqlRequest {
    /// The document; empty if only its hash was sent.
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// The hash of the document, if sent.
    pub persisted: Option<persisted::Hash>,
}

/// Returns whether the body of a POST has files; otherwise it is JSON.
pub fn has_files(headers: &HeaderMap) -> Result<bool, Refusal> {
    if is_encoded(headers) {
        return Err(Refusal {
            accept_encoding: Some("identity"),
            ..Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::UnsupportedMediaType,
                "Send the body without a Content-Encoding: compressed bodies are not supported.",
            )
        });
    }
    match body_type(headers) {
        BodyType::Json => Ok(false),
        BodyType::Multipart if !has_preflight_header(headers) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            Code::PreflightRequired,
            "A multipart request needs a header such as `apollo-require-preflight: true`.",
        )),
        BodyType::Multipart if headers.contains_key(idempotency::KEY) => {
            Err(idempotency::no_uploads())
        }
        BodyType::Multipart => Ok(true),
        BodyType::Other => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::UnsupportedMediaType,
            "Send the request as application/json in UTF-8, or with files as multipart/form-data.",
        )),
    }
}

/// Returns whether a body has another content coding than `identity`.
fn is_encoded(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    codings.any(|coding| {
        let coding = coding.trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    })
}

/// Parses the query string of a GET.
pub fn from_query(query: &str, limits: &Limits) -> Result<GraphqlRequest, Refusal> {
    let mut parts = Parts::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "query" => parts.query = Some(value.into_owned()),
            "operationName" => parts.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => {
                parts.variables = json::variables(&value, limits)?;
            }
            "extensions" if !value.is_empty() => {
                parts.extensions = json::extensions(&value, limits)?;
            }
            _ => {}
        }
    }
    parts.request()
}

/// Parses a JSON request.
pub fn from_json(bytes: &[u8], limits: &Limits) -> Result<GraphqlRequest, Refusal> {
    let members = Members::read(bytes)?;
    let text = |name, member: Option<&RawValue>| match member {
        Some(member) => json::text(name, member.get()),
        None => Ok(None),
    };
    let mut parts = Parts {
        query: text("query", members.query)?,
        operation_name: text("operationName", members.operation_name)?,
        ..Parts::default()
    };
    if let Some(variables) = members.variables {
        parts.variables = json::variables(variables.get(), limits)?;
    }
    if let Some(extensions) = members.extensions {
        parts.extensions = json::extensions(extensions.get(), limits)?;
    }
    parts.request()
}

/// The members of a request as sent.
#[derive(Default)]
struct Parts {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Variables,
    extensions: Extensions,
}

impl Parts {
    fn request(self) -> Result<GraphqlRequest, Refusal> {
        let persisted = persisted::read(self.extensions.persisted_query.as_ref())?;
        if self.query.is_none() && persisted.is_none() {
            return Err(Refusal::bad_request("`query` is missing."));
        }
        Ok(GraphqlRequest {
            query: self.query.unwrap_or_default(),
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: self.variables,
            persisted,
        })
    }
}

/// Returns whether a request has a header that makes browsers send a CORS preflight.
pub fn has_preflight_header(headers: &HeaderMap) -> bool {
    let given = |name: &&str| headers.get(*name).is_some_and(|value| !value.is_empty());
    PREFLIGHT_HEADERS.iter().any(given)
}

impl GraphqlRequest {
    /// Whether the request registers a persisted query. It is always executed: the query may have been evicted
    /// meanwhile.
    pub const fn registers(&self) -> bool {
        self.persisted.is_some() && !self.query.is_empty()
    }

    /// Returns the operation to execute, selected by `operationName`.
    ///
    /// # Errors
    /// The document has no operation of this name, or several and no name was sent.
    pub fn operation<'a>(
        &self,
        document: &'a ExecutableDocument,
        media: MediaType,
    ) -> Result<&'a OperationDefinition, Refusal> {
        let operation = match (&document.operations, &self.operation_name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name.as_str()),
            (DocumentOperations::Multiple(operations), None) => {
                let mut all = operations.values();
                all.next().filter(|_| all.next().is_none())
            }
        };
        operation.map(|operation| &operation.node).ok_or_else(|| {
            let mut message = "Set `operationName` to one of the document's operations.".to_owned();
            if let Some(name) = self.operation_name.as_deref() {
                let named = if is_name(name) {
                    format!("`{name}`")
                } else {
                    "of the sent name".to_owned()
                };
                message = format!("The document has no operation {named}. {message}");
            }
            Refusal {
                field: Some("operationName".into()),
                ..Refusal::request(Code::OperationResolutionFailure, message, media)
            }
        })
    }
}
