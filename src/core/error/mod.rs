//! The error type of the application and its conversion for clients. It deliberately has no `Display`: async-graphql
//! sends the `Display` text of every error to the client. [`Error::message`] returns the client's message; the cause
//! is logged once.

mod code;
mod user_error;

pub use code::Code;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use user_error::{UserError, UserErrorCode, seconds};

/// The result of a resolver or a service.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The result of a nullable field: an error nulls the field itself, not its parent.
pub type Nullable<T> = Option<Result<T>>;

/// An error of a service.
#[derive(Clone, Debug)]
pub enum Error {
    /// An argument is invalid. `field` is its path, such as `filter.price`.
    BadUserInput { field: String, message: String },
    /// The request body is malformed, incomplete, or does not match its headers.
    BadRequest(&'static str),
    /// The client did not send its request body in time.
    RequestTimeout,
    /// The request or one of its arguments exceeds a size limit.
    PayloadTooLarge {
        field: Option<String>,
        message: String,
    },
    /// The request requires a signed-in viewer.
    Unauthenticated,
    /// The request requires a signed-in viewer or the token of a cart.
    CartTokenRequired,
    /// The signed-in viewer lacks permission.
    Forbidden,
    /// The input breaks rules; a form can show these errors. A mutation returns them in its payload.
    Refused(Vec<UserError>),
    /// The rate limit is exceeded. The value is the time until a retry can succeed.
    RateLimited(Duration),
    /// Too many wrong one-time codes. Only the code of a new email is accepted, which can be requested after this
    /// time.
    CodesExhausted(Duration),
    /// The server is overloaded; a retry soon may succeed.
    Unavailable,
    /// The request exceeded the request timeout and was aborted.
    TimedOut,
    /// A search exceeded the time limit of searches and was aborted.
    SearchTimedOut,
    /// A serialization failure or deadlock: a concurrent transaction changed the same rows. A retry may succeed.
    SerializationFailure(Arc<Cause>),
    /// The database is temporarily unreachable or full. The cause is logged; a retry may succeed.
    Database(Arc<Cause>),
    /// The object store failed. The cause is logged; a retry may succeed.
    Storage(Arc<Cause>),
    /// Another server is unreachable; the value is the message. The cause was logged; a retry may succeed.
    Unreachable(&'static str),
    /// An internal error. The cause is logged and never sent to a client.
    Internal(Arc<Cause>),
    /// A panic. The panic hook has logged its cause.
    Panicked,
}

/// The cause of an internal error. Logged once, even if it affects several fields.
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

    /// Returns whether the cause was not logged yet, and marks it as logged.
    fn mark_logged(&self) -> bool {
        !self.logged.swap(true, Ordering::Relaxed)
    }
}

impl Error {
    /// Creates an error for one argument; `field` is its path.
    pub fn bad_input(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::BadUserInput {
            field: field.into(),
            message: message.into(),
        }
    }

    /// Creates an error for an argument, or a whole request, above its size limit.
    pub fn too_large(field: Option<&str>, message: impl Into<String>) -> Self {
        Self::PayloadTooLarge {
            field: field.map(ToOwned::to_owned),
            message: message.into(),
        }
    }

    /// Creates an internal error with its cause.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(Arc::new(Cause::new(cause)))
    }

    /// Creates a temporary database error with its cause.
    pub fn database(cause: impl Into<anyhow::Error>) -> Self {
        Self::Database(Arc::new(Cause::new(cause)))
    }

    /// Creates a serialization failure or deadlock error with its cause.
    pub fn serialization_failure(cause: impl Into<anyhow::Error>) -> Self {
        Self::SerializationFailure(Arc::new(Cause::new(cause)))
    }

    /// Creates an error of the object store with its cause.
    pub fn storage(cause: impl Into<anyhow::Error>) -> Self {
        Self::Storage(Arc::new(Cause::new(cause)))
    }

    /// Returns the full error chain, for the operator of a command.
    pub fn into_cause(self) -> anyhow::Error {
        match self {
            Self::Internal(cause)
            | Self::SerializationFailure(cause)
            | Self::Database(cause)
            | Self::Storage(cause) => {
                anyhow::anyhow!(error_chain(&cause.error))
            }
            other => anyhow::anyhow!("{}", other.message()),
        }
    }

    /// Logs the cause unless it was already logged. Returns whether it was logged now.
    pub fn log(&self, message: &str) -> bool {
        let (Self::Internal(cause)
        | Self::SerializationFailure(cause)
        | Self::Database(cause)
        | Self::Storage(cause)) = self
        else {
            return false;
        };
        if !cause.mark_logged() {
            return false;
        }
        let cause = error_chain(&cause.error);
        match self {
            Self::SerializationFailure(_) => tracing::warn!(cause, "serialization failure"),
            Self::Database(_) => tracing::error!(cause, "database error"),
            Self::Storage(_) => tracing::error!(cause, "object store error"),
            _ => tracing::error!(cause, "{message}"),
        }
        true
    }

    /// Returns the cause of an error whose details must only be logged.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        match self {
            Self::Internal(cause)
            | Self::SerializationFailure(cause)
            | Self::Database(cause)
            | Self::Storage(cause) => Some(&cause.error),
            _ => None,
        }
    }

    /// Returns the code for clients.
    pub const fn code(&self) -> Code {
        match self {
            // A mutation returns a refusal in its payload; elsewhere it has this code.
            Self::BadUserInput { .. } | Self::Refused(_) => Code::BadUserInput,
            Self::BadRequest(_) => Code::BadRequest,
            Self::RequestTimeout => Code::RequestTimeout,
            Self::PayloadTooLarge { .. } => Code::PayloadTooLarge,
            Self::Unauthenticated | Self::CartTokenRequired => Code::Unauthenticated,
            Self::Forbidden => Code::Forbidden,
            Self::RateLimited(_) | Self::CodesExhausted(_) => Code::RateLimited,
            Self::Unavailable
            | Self::TimedOut
            | Self::SerializationFailure(_)
            | Self::Database(_)
            | Self::Storage(_)
            | Self::Unreachable(_) => Code::ServiceUnavailable,
            Self::SearchTimedOut => Code::TimedOut,
            Self::Internal(_) | Self::Panicked => Code::InternalServerError,
        }
    }

    /// Returns the message for clients.
    pub fn message(&self) -> &str {
        match self {
            Self::BadUserInput { message, .. } | Self::PayloadTooLarge { message, .. } => message,
            Self::BadRequest(message) | Self::Unreachable(message) => message,
            Self::RequestTimeout => "The request body was not received in time.",
            Self::Unauthenticated => "You must be signed in to do this.",
            Self::CartTokenRequired => {
                "There is no cart with this token. Create one with `createCart` and send its token as `Cart-Token`, or sign in."
            }
            Self::Forbidden => "You are not allowed to do this.",
            Self::Refused(errors) => errors.first().map_or("", |error| &error.message),
            Self::RateLimited(_) => "Too many requests of this kind. Wait and try again.",
            Self::CodesExhausted(_) => {
                "Too many wrong codes were entered. Request a new code, and enter the long code of that email."
            }
            Self::Unavailable => "The server is overloaded. Try again in a moment.",
            Self::TimedOut => "The request timed out. Request less, or try again later.",
            Self::SearchTimedOut => "The search took too long. Use more words, or longer ones.",
            Self::SerializationFailure(_) => {
                "A concurrent change to the same data took precedence. Try again."
            }
            Self::Database(_) => "The shop's database can't be reached. Try again in a moment.",
            Self::Storage(_) => "The image store can't be reached. Try again in a moment.",
            Self::Internal(_) | Self::Panicked => INTERNAL_MESSAGE,
        }
    }

    /// Returns the number of seconds to wait before a retry, if a retry can help.
    pub fn retry_after_seconds(&self) -> Option<i32> {
        match self {
            Self::RateLimited(wait) | Self::CodesExhausted(wait) => Some(seconds(*wait)),
            Self::Unavailable | Self::SerializationFailure(_) => Some(1),
            Self::TimedOut | Self::Database(_) | Self::Storage(_) | Self::Unreachable(_) => Some(5),
            _ => None,
        }
    }
}

/// Formats an error and its causes on one line. Omits a cause that an outer message already contains.
pub fn error_chain(error: &anyhow::Error) -> String {
    let mut error_chain = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !error_chain.contains(&cause) {
            let separator = if error_chain.is_empty() { "" } else { ": " };
            error_chain = format!("{error_chain}{separator}{cause}");
        }
    }
    error_chain.replace('\n', " ")
}

/// The client's message of an internal error.
pub const INTERNAL_MESSAGE: &str =
    "An internal error occurred. The server's log has its cause under the request id.";
