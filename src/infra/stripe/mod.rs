//! A client of Stripe's API, for the few calls that payments need.
//!
//! Neither the API key, nor client secrets, nor what Stripe writes about cards is in an error or a log.

mod calls;
pub mod currency;
mod error;
mod form;
mod objects;
mod outages;

pub use error::StripeError;
pub use form::Form;
pub use objects::{
    Account, Charge, Dispute, Event, Intent, LatestCharge, Page, PaymentError, Refund,
};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Body, Client, Method};
use serde::de::DeserializeOwned;

use self::outages::Outages;
use crate::config::{Payments, StripeKeys};
use crate::core::clock::Timestamp;
use crate::infra::http_client;

/// The version of the API that [`objects`] are read as. Stripe answers as of this version, whatever the default of the account.
const VERSION: &str = "2026-10-28.endive";
/// The maximum size of a response, in bytes. Pages are small enough.
const MAX_BYTES: usize = 256 << 10;
/// The maximum duration of a request.
const TIMEOUT: Duration = Duration::from_secs(6);

/// The client. Cheap to clone. Nothing is sent until the first call.
#[derive(Clone)]
pub struct Stripe(Arc<Parts>);

struct Parts {
    client: Client,
    url: String,
    keys: StripeKeys,
    outages: Outages,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stripe")
    }
}

impl Stripe {
    /// Creates the client of these settings. `None` if payments with Stripe are disabled.
    pub fn new(settings: &Payments) -> Option<Self> {
        // Invalid keys are refused at start.
        let keys = settings.stripe_keys().ok().flatten()?;
        Some(Self(Arc::new(Parts {
            client: http_client::pooled(TIMEOUT),
            url: settings.stripe_api_url.clone(),
            keys,
            outages: Outages::default(),
        })))
    }

    /// Returns whether the keys are live keys, so that payments move money.
    pub fn is_live(&self) -> bool {
        self.0.keys.is_live
    }

    /// Returns the publishable key.
    pub fn publishable_key(&self) -> &str {
        &self.0.keys.publishable
    }

    /// Counts a call that failed. Returns the number of failures since the last warning if it is time for another one.
    pub fn count_failure(&self, now: Timestamp) -> Option<u64> {
        self.0.outages.count(now)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &Form) -> Result<T, StripeError> {
        let path = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.encode())
        };
        self.send(Method::GET, &path, None, None).await
    }

    /// Sends a request that changes something. With an idempotency key, Stripe does it once within 24 hours.
    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &Form,
        idempotency_key: Option<&str>,
    ) -> Result<T, StripeError> {
        self.send(Method::POST, path, Some(form), idempotency_key)
            .await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        form: Option<&Form>,
        idempotency_key: Option<&str>,
    ) -> Result<T, StripeError> {
        let Parts {
            client, url, keys, ..
        } = &*self.0;
        let mut request = client
            .request(method, format!("{url}/v1/{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", keys.secret.expose()))
            .header("Stripe-Version", VERSION);
        if let Some(form) = form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.encode());
        }
        if let Some(key) = idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        let response = request.send().await.map_err(|error| no_response(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let request = error::word(header(&headers, "request-id")).to_owned();
        let body = Limited::new(Body::from(response), MAX_BYTES)
            .collect()
            .await;
        let body = body.map_err(|_| {
            let message = format!("the response was cut off or larger than 256 KiB ({request})");
            StripeError::Temporary(message)
        })?;
        let body = body.to_bytes();
        if !status.is_success() {
            let is_replayed = header(&headers, "idempotent-replayed") == "true";
            return Err(error::of_response(status, is_replayed, &request, &body));
        }
        // The error would quote the response.
        serde_json::from_slice(&body).map_err(|_| {
            StripeError::Temporary(format!("the response is not as expected ({request})"))
        })
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn no_response(error: &reqwest::Error) -> StripeError {
    let reason = if error.is_timeout() {
        Some("timed out".to_owned())
    } else {
        http_client::reason(error)
    };
    StripeError::Temporary(reason.unwrap_or_else(|| "the connection failed".to_owned()))
}
