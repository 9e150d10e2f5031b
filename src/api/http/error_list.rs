//! The errors of a response: bounded in number and length, each with its code.

use std::collections::HashSet;

use async_graphql::{
    ErrorExtensionValues, PathSegment, Response as GraphqlResponse, ServerError, Value,
};

use super::request_id::RequestId;
use crate::core::error::Code;
use crate::infra::database::Commits;

/// The maximum length of a message of the library, in characters.
const MAX_MESSAGE: usize = 300;
/// The maximum number of errors in a response, not counting the first of each root field.
const MAX_ERRORS: usize = 10;

/// Returns the longest `retryAfterSeconds` of the errors.
pub(super) fn retry_after(errors: &[ServerError]) -> Option<u64> {
    let seconds = |error: &ServerError| match error.extensions.as_ref()?.get("retryAfterSeconds")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    };
    errors.iter().filter_map(seconds).max()
}

/// Returns whether the operation was executed. Validation errors have neither a path nor a code, and come without
/// data.
pub(super) fn was_executed(response: &GraphqlResponse) -> bool {
    let of_execution = |error: &ServerError| !error.path.is_empty() || code_of(error).is_some();
    response.data != Value::Null || response.errors.iter().any(of_execution)
}

/// Truncates the errors, but retains the first of each root field, so that each null is explained.
pub(super) fn limit(errors: &mut Vec<ServerError>) {
    let (mut fields, mut count) = (HashSet::new(), 0);
    errors.retain(|error| {
        count += 1;
        let is_first = matches!(error.path.first(), Some(PathSegment::Field(name)) if fields.insert(name.clone()));
        is_first || count <= MAX_ERRORS
    });
}

/// Removes the client's input from a message of the library, which quotes it completely.
pub(super) fn shorten(message: &mut String) {
    const QUOTES: [(&str, &str); 3] = [
        (" (occurred while parsing ", "."),
        (", found ", "."),
        (" does not contain the value ", " has no such value."),
    ];
    for (quote, end) in QUOTES {
        if let Some(start) = message.find(quote) {
            message.replace_range(start.., end);
        }
    }
    if let Some((start, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.replace_range(start.., "...");
    }
}

pub(super) fn code_of(error: &ServerError) -> Option<&str> {
    let extensions: &ErrorExtensionValues = error.extensions.as_ref()?;
    match extensions.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

pub(super) fn set_code(error: &mut ServerError, code: Code) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code.as_str());
}

/// Whether a mutation that failed for lack of a service has changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MutationOutcome {
    /// It has changed nothing and can be sent again.
    NotDone,
    /// Its changes may have been committed. With an `Idempotency-Key` it can be sent again.
    Unknown,
}

impl MutationOutcome {
    /// Returns the outcome of a request with these commits.
    pub fn of(commits: &Commits) -> Self {
        if commits.may_have_changed() {
            Self::Unknown
        } else {
            Self::NotDone
        }
    }
}

/// Adds the outcome to an error of a mutation if clients may send it again later.
pub(super) fn set_outcome(error: &mut ServerError, outcome: MutationOutcome) {
    if !is_temporary(error) {
        return;
    }
    let extensions = error.extensions.get_or_insert_default();
    let outcome = match outcome {
        MutationOutcome::NotDone => "NOT_DONE",
        MutationOutcome::Unknown => "UNKNOWN",
    };
    extensions.set("outcome", outcome);
}

/// Returns whether a repeated request may succeed.
pub(super) fn is_temporary(error: &ServerError) -> bool {
    code_of(error) == Some(Code::ServiceUnavailable.as_str())
}

pub(super) fn set_request_id(error: &mut ServerError, request: &RequestId) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("requestId", request.as_str());
}
