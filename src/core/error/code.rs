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
    Unauthenticated,
    UnsupportedMediaType,
}

impl Code {
    /// Returns the code in its API form.
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
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
        }
    }
}
