//! Reads a GraphQL request out of an HTTP one: the JSON of a POST or the parameters of a GET.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Value as ConstValue, Variables};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::idempotency;
use super::negotiation::{BodyType, MediaType, body_type};
use super::persisted;
use super::reply::Refusal;
use crate::error::Code;

/// Headers that make a browser ask before it sends a form to another site.
const PREFLIGHT_HEADERS: [&str; 3] = [
    "x-apollo-operation-name",
    "apollo-require-preflight",
    "graphql-require-preflight",
];

/// What a client wants executed.
#[derive(Debug, Default)]
pub struct GraphqlRequest {
    /// The document; empty when it is named by its hash alone.
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// The hash that the client knows the document by.
    pub persisted: Option<persisted::Hash>,
}

/// Whether the body of a POST is one with files; otherwise it is JSON.
pub fn has_files(headers: &HeaderMap) -> Result<bool, Refusal> {
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

/// Reads the query string of a GET.
pub fn from_query(query: &str) -> Result<GraphqlRequest, Refusal> {
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match name.as_ref() {
            "query" | "operationName" => Value::String(value.into_owned()),
            "variables" | "extensions" if value.is_empty() => continue,
            "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| {
                Refusal::bad_request(format!("The parameter `{name}` is not valid JSON."))
            })?,
            _ => continue,
        };
        fields.insert(name.into_owned(), value);
    }
    from_fields(fields)
}

/// Reads a request in JSON.
pub fn from_json(bytes: &[u8]) -> Result<GraphqlRequest, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => from_fields(fields),
        Ok(Value::Array(_)) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            Code::BatchingDisabled,
            "Send one operation a request; batches are not supported.",
        )),
        Ok(_) => Err(Refusal::bad_request("The body is not a JSON object.")),
        Err(_) => Err(Refusal::bad_request("The body is not valid JSON.")),
    }
}

fn from_fields(mut fields: Map<String, Value>) -> Result<GraphqlRequest, Refusal> {
    let query = match fields.remove("query") {
        Some(Value::String(query)) => Some(query),
        Some(Value::Null) | None => None,
        Some(_) => return Err(Refusal::bad_request("`query` must be a text.")),
    };
    let operation_name = match fields.remove("operationName") {
        Some(Value::String(name)) if !name.is_empty() => Some(name),
        Some(Value::String(_) | Value::Null) | None => None,
        Some(_) => return Err(Refusal::bad_request("`operationName` must be a text.")),
    };
    let mut object = |name: &str| match fields.remove(name) {
        Some(Value::Object(object)) => Ok(object),
        Some(Value::Null) | None => Ok(Map::new()),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    };
    let variables = object("variables")?;
    let persisted = persisted::read(&object("extensions")?)?;
    if query.is_none() && persisted.is_none() {
        return Err(Refusal::bad_request("`query` is missing."));
    }
    Ok(GraphqlRequest {
        query: query.unwrap_or_default(),
        operation_name,
        variables: Variables::from_json(Value::Object(variables)),
        persisted,
    })
}

/// Whether a browser that sends this to another site has asked it first.
pub fn has_preflight_header(headers: &HeaderMap) -> bool {
    let given = |name: &&str| headers.get(*name).is_some_and(|value| !value.is_empty());
    PREFLIGHT_HEADERS.iter().any(given)
}

impl GraphqlRequest {
    /// Refuses an operation that can't be run, or not this way.
    pub fn check(
        &self,
        document: &ExecutableDocument,
        media: MediaType,
        only_queries: bool,
    ) -> Result<(), Refusal> {
        let operation = self.operation(document, media)?;
        if only_queries && operation.ty != OperationType::Query {
            return Err(Refusal::method("POST"));
        }
        if let Some(name) = missing_variable(operation, &self.variables) {
            let message = format!("The variable `${name}` must have a value.");
            return Err(Refusal::request(Code::BadUserInput, message, media));
        }
        Ok(())
    }

    /// The operation that is to be run.
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
            Refusal::request(
                Code::OperationResolutionFailure,
                "Name one of the document's operations in `operationName`.",
                media,
            )
        })
    }
}

/// The first variable that must have a value and has none. The library would run the operation, and miss it halfway.
fn missing_variable<'a>(
    operation: &'a OperationDefinition,
    variables: &Variables,
) -> Option<&'a str> {
    let missing = operation.variable_definitions.iter().find(|definition| {
        let definition = &definition.node;
        let value = variables.get(&definition.name.node);
        let absent = value.is_none_or(|value| *value == ConstValue::Null);
        absent && !definition.var_type.node.nullable && definition.default_value.is_none()
    });
    missing.map(|definition| definition.node.name.node.as_str())
}
