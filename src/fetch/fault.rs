//! What goes wrong when something is fetched, and whether to try again.

use std::error::Error;
use std::fmt;

use hyper::StatusCode;
use hyper_util::client::legacy;

use super::resolver::Unresolved;

pub(super) const PRIVATE: &str = "the address leads into a private network";
pub(super) const SLOW: &str = "the host takes too long";

/// Why something was not fetched, in words that admins may read: they name no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// Another try may go well.
    Temporary(String),
    /// None ever will.
    Permanent(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Temporary(story) | Self::Permanent(story)) = self;
        formatter.write_str(story)
    }
}

impl Error for FetchError {}

pub(super) fn refusal(status: StatusCode) -> FetchError {
    let story = format!("the host said {}", status.as_u16());
    if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        return FetchError::Temporary(story);
    }
    FetchError::Permanent(story)
}

/// What went wrong before there was an answer.
pub(super) fn story(error: &legacy::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(Unresolved::Private) => return permanent(PRIVATE),
            Some(Unresolved::Unknown) => return temporary("the host is not known"),
            None => cause = error.source(),
        }
    }
    temporary(if error.is_connect() {
        "no connection to the host"
    } else {
        "the host does not answer as a web server does"
    })
}

pub(super) fn larger(most: u64) -> FetchError {
    FetchError::Permanent(format!("larger than {most} bytes"))
}

pub(super) fn permanent(story: &str) -> FetchError {
    FetchError::Permanent(story.to_owned())
}

pub(super) fn temporary(story: &str) -> FetchError {
    FetchError::Temporary(story.to_owned())
}
