//! What goes wrong when something is fetched, and whether to try again.

use std::error::Error;

use hyper::StatusCode;

use super::resolver::Unresolved;
use crate::core::retry::Failure;

pub(super) const PRIVATE: &str = "the address leads into a private network";
pub(super) const SLOW: &str = "the host takes too long";

pub(super) fn refusal(status: StatusCode) -> Failure {
    let story = format!("the host said {}", status.as_u16());
    if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        return Failure::Temporary(story);
    }
    Failure::Permanent(story)
}

/// What went wrong before there was an answer.
pub(super) fn story(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(Unresolved::Private) => return permanent(PRIVATE),
            Some(Unresolved::Unknown) => return temporary("the host is not known"),
            None => cause = error.source(),
        }
    }
    // It is a URL, but not a URI as HTTP takes it.
    if error.is_builder() {
        return permanent("the address is none that can be asked for");
    }
    temporary(if error.is_connect() {
        "no connection to the host"
    } else {
        "the host does not answer as a web server does"
    })
}

pub(super) fn larger(most: u64) -> Failure {
    Failure::Permanent(format!("larger than {most} bytes"))
}

pub(super) fn permanent(story: &str) -> Failure {
    Failure::Permanent(story.to_owned())
}

pub(super) fn temporary(story: &str) -> Failure {
    Failure::Temporary(story.to_owned())
}
