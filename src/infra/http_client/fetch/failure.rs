//! Classifies errors of fetches as temporary or permanent.

use std::error::Error;

use hyper::StatusCode;

use super::resolver::Unresolved;
use crate::core::retry::Failure;

pub(super) const PRIVATE: &str = "the URL leads to a private network";
pub(super) const SLOW: &str = "the host timed out";

pub(super) fn refusal(status: StatusCode) -> Failure {
    let reason = format!("the host returned status {}", status.as_u16());
    if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        return Failure::Temporary(reason);
    }
    Failure::Permanent(reason)
}

/// Classifies an error that occurred before a response was received.
pub(super) fn reason(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(Unresolved::Private) => return permanent(PRIVATE),
            Some(Unresolved::Unknown) => return temporary("the host name can't be resolved"),
            None => cause = error.source(),
        }
    }
    // A valid URL, but not a valid HTTP request target.
    if error.is_builder() {
        return permanent("the URL is invalid");
    }
    temporary(if error.is_connect() {
        "connection to the host failed"
    } else {
        "the host returned an invalid HTTP response"
    })
}

pub(super) fn larger(max_bytes: u64) -> Failure {
    Failure::Permanent(format!("larger than {max_bytes} bytes"))
}

pub(super) fn permanent(reason: &str) -> Failure {
    Failure::Permanent(reason.to_owned())
}

pub(super) fn temporary(reason: &str) -> Failure {
    Failure::Temporary(reason.to_owned())
}
