//! Errors in Stripe's form.

use serde_json::{Map, Value, json};

/// An error response.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: u16,
    /// Whether the request had begun to execute. Only such errors are stored with an idempotency key.
    pub has_begun: bool,
    /// Whether the header `Stripe-Should-Retry` is sent, and its value.
    pub should_retry: Option<bool>,
    fields: Map<String, Value>,
}

impl ApiError {
    /// Creates an error of this type, such as `card_error`.
    pub fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("message".to_owned(), message.into().into());
        fields.insert("type".to_owned(), kind.into());
        Self {
            status,
            has_begun: false,
            should_retry: None,
            fields,
        }
    }

    /// Creates an error of invalid parameters: status 400, `invalid_request_error`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// Creates an error of an object that cannot do this in its state. It is stored with the idempotency key.
    pub fn state(code: &str, message: impl Into<String>) -> Self {
        Self::invalid(message).code(code).begun()
    }

    /// Creates an error of an unknown object. Objects in the path answer 404, those in parameters 400.
    pub fn missing(status: u16, object: &str, id: &str, param: &str) -> Self {
        let message = format!("No such {object}: '{id}'");
        Self::new(status, "invalid_request_error", message)
            .code("resource_missing")
            .param(param)
    }

    /// Creates the error of an unknown path.
    pub fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::new(404, "invalid_request_error", message)
    }

    /// Creates an error with this status that does not depend on the request.
    pub fn of_status(status: u16) -> Self {
        match status {
            429 => Self::new(429, "invalid_request_error", "Request rate limit exceeded.")
                .code("rate_limit"),
            409 => Self::new(
                409,
                "invalid_request_error",
                "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
            )
            .code("lock_timeout"),
            401 => Self::new(401, "invalid_request_error", "Invalid API Key provided: sk_test_****"),
            403 => Self::new(403, "invalid_request_error", "The provided key does not have the required permissions."),
            _ => Self::new(
                status,
                "api_error",
                "Sorry! There was an error while talking to one of our backends.",
            ),
        }
    }

    /// Adds the code and the address of its documentation.
    pub fn code(mut self, code: &str) -> Self {
        let url = format!(
            "https://stripe.com/docs/error-codes/{}",
            code.replace('_', "-")
        );
        self.fields.insert("code".to_owned(), code.into());
        self.with("doc_url", url.into())
    }

    /// Adds the name of the parameter.
    pub fn param(self, name: &str) -> Self {
        self.with("param", name.into())
    }

    /// Adds a field.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// Marks the request as begun, so that the error is stored with its idempotency key.
    pub fn begun(mut self) -> Self {
        self.has_begun = true;
        self
    }

    /// Sets the header `Stripe-Should-Retry`.
    pub fn retry(mut self, should_retry: bool) -> Self {
        self.should_retry = Some(should_retry);
        self
    }

    /// Returns the fields.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns the body of the response.
    pub fn body(&self) -> Value {
        json!({ "error": self.fields })
    }
}
