//! Payment providers. Each can create, look up, capture, cancel and refund a payment.
//!
//! A call runs in a task of its own: a client that disconnects does not interrupt it. It is never made inside a
//! transaction. Each call can be repeated: the id of the payment or of the refund identifies it at the provider.

mod manual;
mod test;

pub use test::{Outcome, finish as finish_test_payment};

use std::time::Duration;

use tokio::time::timeout;
use tracing::Instrument;

use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::infra::telemetry::traces;
use crate::sales::payment::entity::{Model, Provider, Status, entry, refund};
use crate::state::State;

/// The timeout of a call, including the wait for other calls.
const TIMEOUT: Duration = Duration::from_secs(8);
const UNREACHABLE: Error =
    Error::Unreachable("The payment provider can't be reached. Try again in a moment.");

/// A payment as its provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The id at the provider.
    pub reference: Option<String>,
    /// Not [`Status::New`].
    pub status: Status,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// The error code of the last attempt of the buyer, if it failed.
    pub last_error: Option<String>,
    /// All entries, including those that are in the ledger already.
    pub entries: Vec<Reported>,
}

/// An entry for the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub kind: entry::Kind,
    /// In minor units.
    pub amount: i64,
    /// Identifies the entry at the provider.
    pub key: String,
    pub note: Option<String>,
}

impl Reported {
    fn new(kind: entry::Kind, amount: i64, key: impl Into<String>) -> Self {
        Self {
            kind,
            amount,
            key: key.into(),
            note: None,
        }
    }
}

/// A call for a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Creates it, unless it exists.
    Create,
    /// Looks it up.
    Look,
    /// Captures the authorized amount.
    Capture,
    /// Cancels it, unless it is captured or a bank is processing it.
    Cancel,
}

/// A refund as the provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundSnapshot {
    /// The id at the provider.
    pub reference: Option<String>,
    pub status: refund::Status,
    pub last_error: Option<String>,
}

/// Calls the provider of a payment.
///
/// # Errors
/// `Unreachable` if the provider does not respond in time. The cause is logged.
pub async fn call(state: &State, payment: &Model, what: Call) -> Result<Snapshot> {
    let (task_state, payment) = (state.clone(), payment.clone());
    let task = async move {
        let state = &task_state;
        match payment.provider {
            Provider::Manual => Ok(manual::call(state, &payment)),
            Provider::Test => test::call(state, &payment, what).await,
        }
    };
    run(state, task).await
}

/// Asks the provider of a payment for a refund, or for the state of this refund if it was requested before.
///
/// # Errors
/// `Unreachable` if the provider does not respond in time. The cause is logged.
pub async fn refund(
    state: &State,
    payment: &Model,
    refund: &refund::Model,
) -> Result<RefundSnapshot> {
    let (task_state, refund) = (state.clone(), refund.clone());
    let provider = payment.provider;
    let task = async move {
        match provider {
            Provider::Manual => Ok(manual::refund()),
            Provider::Test => test::refund(&task_state, &refund).await,
        }
    };
    run(state, task).await
}

/// Runs a call in a task of its own, under the limit of concurrent calls.
async fn run<T: Send + 'static>(
    state: &State,
    call: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T> {
    let calls = state.payment_calls.clone();
    let limited = async move {
        let _permit = calls.acquire_owned().await;
        call.await
    };
    let task = traces::within(timeout(TIMEOUT, limited).in_current_span());
    let error = match tokio::spawn(task).await {
        Ok(Ok(Ok(done))) => return Ok(done),
        Ok(Ok(Err(Failure::Temporary(error) | Failure::Permanent(error)))) => error,
        Ok(Err(_)) => "timed out".to_owned(),
        // The panic hook has logged the cause.
        Err(_) => "panicked".to_owned(),
    };
    state.metrics.count_provider_failure();
    tracing::warn!(error, "payment provider failed");
    Err(UNREACHABLE)
}
