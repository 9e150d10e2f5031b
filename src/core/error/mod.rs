//! The one error of the application and its one way to a client. It has no `Display` on purpose: async-graphql makes a message
//! for the client of everything that has one. [`Error::message`] chooses what a client sees; the cause is logged, once.

mod code;
mod user_error;

pub use code::Code;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use user_error::{UserError, UserErrorCode, seconds};

/// What a resolver and a service give back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a nullable field gives back: an error leaves null in its own place, not in its parent's.
pub type Nullable<T> = Option<Result<T>>;

/// Why a service could not do what it was asked.
#[derive(Clone, Debug)]
pub enum Error {
    /// An argument is wrong: `field` is its path, such as `filter.price`.
    BadUserInput { field: String, message: String },
    /// What comes with the request is malformed, breaks off, or is not what was announced.
    BadRequest(&'static str),
    /// The client sends nothing, or too little, for too long.
    RequestTimeout,
    /// More comes with the request than is taken, for this argument or for the whole.
    PayloadTooLarge {
        field: Option<String>,
        message: String,
    },
    /// Nobody is signed in, and somebody must be.
    Unauthenticated,
    /// Somebody is signed in who may not do this.
    Forbidden,
    /// What was asked is refused for reasons that a form can show. A mutation gives them in its payload.
    Refused(Vec<UserError>),
    /// Asked too often; it is worth trying again after this time.
    RateLimited(Duration),
    /// Too many wrong one-time codes: the code of a new email is accepted, which can be requested after this time.
    CodesExhausted(Duration),
    /// Too much is going on; it is worth trying again soon.
    Unavailable,
    /// The request took longer than the request timeout, and was aborted.
    TimedOut,
    /// Somebody else changed the same at the same time, and the database let one of the two go on. It is worth trying again.
    Raced(Arc<Cause>),
    /// The database is gone, or has no room left: neither is for ever. The cause goes to the log; it is worth trying again.
    Database(Arc<Cause>),
    /// The object store does not do what it is asked. The cause goes to the log; it is worth trying again.
    Storage(Arc<Cause>),
    /// Another server is not to be had, as this sentence says. The log was told why; it is worth trying again.
    Unreachable(&'static str),
    /// Our fault. The cause goes to the log, never to a client.
    Internal(Arc<Cause>),
    /// A panic. The panic hook has logged its cause.
    Panicked,
}

/// The cause of an internal error, logged once however many fields it broke.
#[derive(Debug)]
pub struct Cause {
    error: anyhow::Error,
    logged: AtomicBool,
}

impl Cause {
    fn new(error: impl Into<anyhow::Error>) -> Self {
        Self {
            error: error.into(),
            logged: AtomicBool::new(false),
        }
    }

    /// Whether it was not logged yet. The first who asks logs it.
    fn is_news(&self) -> bool {
        !self.logged.swap(true, Ordering::Relaxed)
    }
}

impl Error {
    /// A refusal of one argument; `field` is its path.
    pub fn bad_input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadUserInput {
            field: field.into(),
            message: message.into(),
        }
    }

    /// A refusal of what is larger than is taken: an argument, or the whole request.
    pub fn too_large(field: Option<&str>, message: impl Into<String>) -> Self {
        Self::PayloadTooLarge {
            field: field.map(ToOwned::to_owned),
            message: message.into(),
        }
    }

    /// An error of ours, with its cause.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(Arc::new(Cause::new(cause)))
    }

    /// A failure of the database that passes, with its cause.
    pub fn database(cause: impl Into<anyhow::Error>) -> Self {
        Self::Database(Arc::new(Cause::new(cause)))
    }

    /// A serialization failure or a deadlock, with its cause.
    pub fn raced(cause: impl Into<anyhow::Error>) -> Self {
        Self::Raced(Arc::new(Cause::new(cause)))
    }

    /// An error of the object store, with its cause.
    pub fn storage(cause: impl Into<anyhow::Error>) -> Self {
        Self::Storage(Arc::new(Cause::new(cause)))
    }

    /// The whole story, for the operator who started a command.
    pub fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Internal(cause)
            | Self::Raced(cause)
            | Self::Database(cause)
            | Self::Storage(cause) => {
                anyhow::anyhow!(story(&cause.error))
            }
            other => anyhow::anyhow!("{}", other.message()),
        }
    }

    /// Logs the cause, unless it was logged before. Returns whether it was logged now.
    pub fn log(&self, message: &str) -> bool {
        let (Self::Internal(cause)
        | Self::Raced(cause)
        | Self::Database(cause)
        | Self::Storage(cause)) = self
        else {
            return false;
        };
        if !cause.is_news() {
            return false;
        }
        let cause = story(&cause.error);
        match self {
            Self::Raced(_) => tracing::warn!(cause, "two changed the same at once"),
            Self::Database(_) => tracing::error!(cause, "the database failed"),
            Self::Storage(_) => tracing::error!(cause, "the object store failed"),
            _ => tracing::error!(cause, "{message}"),
        }
        true
    }

    /// The cause of an error whose details only the log may have.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        match self {
            Self::Internal(cause)
            | Self::Raced(cause)
            | Self::Database(cause)
            | Self::Storage(cause) => Some(&cause.error),
            _ => None,
        }
    }

    /// The code for the client.
    pub const fn code(&self) -> Code {
        match self {
            // A mutation answers a refusal in its payload; elsewhere it is one of these.
            Self::BadUserInput { .. } | Self::Refused(_) => Code::BadUserInput,
            Self::BadRequest(_) => Code::BadRequest,
            Self::RequestTimeout => Code::RequestTimeout,
            Self::PayloadTooLarge { .. } => Code::PayloadTooLarge,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
            Self::RateLimited(_) | Self::CodesExhausted(_) => Code::RateLimited,
            Self::Unavailable
            | Self::TimedOut
            | Self::Raced(_)
            | Self::Database(_)
            | Self::Storage(_)
            | Self::Unreachable(_) => Code::ServiceUnavailable,
            Self::Internal(_) | Self::Panicked => Code::InternalServerError,
        }
    }

    /// The sentence for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::BadUserInput { message, .. } | Self::PayloadTooLarge { message, .. } => message,
            Self::BadRequest(message) | Self::Unreachable(message) => message,
            Self::RequestTimeout => "The body of the request came too slowly.",
            Self::Unauthenticated => "You must be signed in to do this.",
            Self::Forbidden => "You are not allowed to do this.",
            Self::Refused(errors) => errors.first().map_or("", |error| &error.message),
            Self::RateLimited(_) => "This was asked too often. Wait a little and try again.",
            Self::CodesExhausted(_) => {
                "Too many wrong codes were entered. Request a new code, and enter the long code of that email."
            }
            Self::Unavailable => "Too much is going on just now. Try again in a moment.",
            Self::TimedOut => {
                "This took too long and was given up. Ask for less, or try again later."
            }
            Self::Raced(_) => "Somebody else changed the same at the same moment. Try again.",
            Self::Database(_) => "The shop can't be reached just now. Try again in a moment.",
            Self::Storage(_) => "The picture store can't be reached. Try again in a moment.",
            Self::Internal(_) | Self::Panicked => INTERNAL_MESSAGE,
        }
    }

    /// How long to wait before trying again, where waiting helps.
    pub fn retry_after_seconds(&self) -> Option<i32> {
        match self {
            Self::RateLimited(wait) | Self::CodesExhausted(wait) => Some(seconds(*wait)),
            Self::Unavailable | Self::Raced(_) => Some(1),
            Self::TimedOut | Self::Database(_) | Self::Storage(_) | Self::Unreachable(_) => Some(5),
            _ => None,
        }
    }
}

/// An error and its causes on one line. A cause that a library has told already is not repeated.
pub fn story(error: &anyhow::Error) -> String {
    let mut story = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !story.contains(&cause) {
            let separator = if story.is_empty() { "" } else { ": " };
            story = format!("{story}{separator}{cause}");
        }
    }
    story.replace('\n', " ")
}

/// What a client is told of a fault of ours.
pub const INTERNAL_MESSAGE: &str =
    "Something went wrong on our side. The request id finds the cause in the server's log.";
