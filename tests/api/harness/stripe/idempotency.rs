//! Idempotency keys: the first response to a key is stored for 24 hours and returned again.

use bytes::Bytes;

use super::errors::ApiError;
use super::params::Params;
use super::state::Account;

/// The time in seconds for which a key is stored.
const LIFETIME: i64 = 24 * 60 * 60;

/// The response that is stored with a key.
pub struct StoredResponse {
    path: String,
    params: Vec<(String, String)>,
    created: i64,
    /// None while the first request is executed.
    pub response: Option<(u16, Bytes)>,
}

/// What to do with a request.
pub enum Decision {
    Execute,
    Replay(u16, Bytes),
}

impl Account {
    /// Enters the key of a request, or finds its stored response.
    pub fn begin_key(
        &mut self,
        key: &str,
        path: &str,
        params: &Params,
    ) -> Result<Decision, ApiError> {
        let now = self.now();
        if key.is_empty() || key.len() > 255 {
            let message = "Idempotency keys have 1 to 255 characters";
            return Err(ApiError::new(400, "idempotency_error", message));
        }
        self.keys.retain(|_, stored| {
            stored.response.is_none() || now.saturating_sub(stored.created) < LIFETIME
        });
        let Some(stored) = self.keys.get(key) else {
            let stored = StoredResponse {
                path: path.to_owned(),
                params: params.sorted(),
                created: now,
                response: None,
            };
            self.keys.insert(key.to_owned(), stored);
            return Ok(Decision::Execute);
        };
        if stored.path != path {
            let message = format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{path}' vs '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
                stored.path
            );
            return Err(ApiError::new(400, "idempotency_error", message));
        }
        if stored.params != params.sorted() {
            let message = format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
            );
            return Err(ApiError::new(400, "idempotency_error", message));
        }
        if let Some((status, body)) = &stored.response {
            return Ok(Decision::Replay(*status, body.clone()));
        }
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): {key}. Please try again later."
        );
        Err(ApiError::new(409, "idempotency_error", message).code("idempotency_key_in_use"))
    }

    /// Stores the response with the key, or forgets the key if the request had not begun.
    pub fn end_key(&mut self, key: &str, response: Option<(u16, Bytes)>) {
        match response {
            None => drop(self.keys.remove(key)),
            Some(response) => {
                if let Some(stored) = self.keys.get_mut(key) {
                    stored.response = Some(response);
                }
            }
        }
    }
}
