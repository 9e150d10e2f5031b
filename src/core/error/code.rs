//! Stable error codes that clients may depend on.

/// The stable `extensions.code` of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    BadRequest,
    BadUserInput,
    BatchingDisabled,
    Forbidden,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    IdempotencyAnswerLost,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InternalServerError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    OperationResolutionFailure,
    PayloadTooLarge,
    PersistedQueryNotFound,
    PreflightRequired,
    QueryLimitExceeded,
    RateLimited,
    RequestTimeout,
    ServiceUnavailable,
    TimedOut,
    Unauthenticated,
    UnsupportedMediaType,
}

impl Code {
    /// All codes, by name.
    pub const ALL: [Self; 24] = [
        Self::BadRequest,
        Self::BadUserInput,
        Self::BatchingDisabled,
        Self::Forbidden,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::IdempotencyAnswerLost,
        Self::IdempotencyKeyInUse,
        Self::IdempotencyKeyReused,
        Self::InternalServerError,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::NotFound,
        Self::OperationResolutionFailure,
        Self::PayloadTooLarge,
        Self::PersistedQueryNotFound,
        Self::PreflightRequired,
        Self::QueryLimitExceeded,
        Self::RateLimited,
        Self::RequestTimeout,
        Self::ServiceUnavailable,
        Self::TimedOut,
        Self::Unauthenticated,
        Self::UnsupportedMediaType,
    ];

    /// The code as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BatchingDisabled => "BATCHING_DISABLED",
            Self::Forbidden => "FORBIDDEN",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::IdempotencyAnswerLost => "IDEMPOTENCY_ANSWER_LOST",
            Self::IdempotencyKeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::NotFound => "NOT_FOUND",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PreflightRequired => "PREFLIGHT_REQUIRED",
            Self::QueryLimitExceeded => "QUERY_LIMIT_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::TimedOut => "TIMED_OUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
        }
    }

    /// The meaning of the code for a client, as `docs/reference/errors.md` shows it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BadRequest => {
                "The request is not valid HTTP, JSON or multipart, or lacks a required part. Status 400."
            }
            Self::BadUserInput => "An argument or variable is invalid; `field` names it.",
            Self::BatchingDisabled => "The body is a list of requests. Send one request.",
            Self::Forbidden => "The signed-in user does not have the role that the field requires.",
            Self::GraphqlParseFailed => "The document has a syntax error.",
            Self::GraphqlValidationFailed => "The document does not match the schema.",
            Self::IdempotencyAnswerLost => {
                "The mutation was executed under this `Idempotency-Key`, but its response is not stored. Query the result. Status 409."
            }
            Self::IdempotencyKeyInUse => {
                "The first request with this `Idempotency-Key` is still being executed. Repeat after `Retry-After`. Status 409."
            }
            Self::IdempotencyKeyReused => {
                "The `Idempotency-Key` was used with another request. Status 422."
            }
            Self::InternalServerError => {
                "An internal error. The server's log has the cause under the `requestId`."
            }
            Self::MethodNotAllowed => {
                "The HTTP method is not allowed, or a mutation was sent over GET. Status 405."
            }
            Self::NotAcceptable => {
                "`Accept` allows no media type that the server can produce. Status 406."
            }
            Self::NotFound => "The URL is unknown. Status 404.",
            Self::OperationResolutionFailure => {
                "`operationName` names no operation of the document, or is absent although there are several."
            }
            Self::PayloadTooLarge => {
                "The request, its variables or a file exceeds its size limit. Status 413 when the whole request is refused."
            }
            Self::PersistedQueryNotFound => {
                "The server does not know the hash. Send it with the document."
            }
            Self::PreflightRequired => {
                "A browser could have sent this request for another site without a CORS preflight. Add the header `apollo-require-preflight: true`. Status 400."
            }
            Self::QueryLimitExceeded => {
                "The document exceeds one of the query limits, which the message names."
            }
            Self::RateLimited => "Too many attempts. Repeat after `retryAfterSeconds`.",
            Self::RequestTimeout => "The body arrives too slowly, or incompletely. Status 408.",
            Self::ServiceUnavailable => {
                "The server is overloaded or stopping, a service that it needs does not respond, or the execution took too long. Repeat after `Retry-After`."
            }
            Self::TimedOut => {
                "A search took longer than searches of clients that are not admins may take. Use more or longer words."
            }
            Self::Unauthenticated => {
                "The field requires a signed-in user, or the access token is invalid or expired. Sign in again or refresh it."
            }
            Self::UnsupportedMediaType => {
                "The `Content-Type` or `Content-Encoding` is not supported. Status 415."
            }
        }
    }
}
