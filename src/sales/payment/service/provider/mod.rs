//! Payment providers. Each can create, look up, capture, cancel and refund a payment.
//!
//! A call runs in a task of its own: a client that disconnects does not interrupt it. It is never made inside a
//! transaction. Each call can be repeated: the id of the payment or of the refund identifies it at the provider.

mod manual;
mod stripe;
mod test;

pub use test::{Outcome, finish as finish_test_payment};

use std::time::Duration;

use tokio::time::timeout;

use crate::core::error::{Error, Result};
use crate::core::retry::Failure;
use crate::core::secret::Secret;
use crate::infra::stripe::{Event, Page, StripeError};
use crate::infra::telemetry::metrics::{CallOutcome, ProviderCall};
use crate::infra::telemetry::traces;
use crate::sales::payment::entity::{Model, Provider, Status, entry, refund};
use crate::state::State;

/// The timeout of a call, including the wait for other calls.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The end of the key of an entry of a refund that failed.
const REFUND_FAILED: &str = " FAILED";
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
    /// The field by which it is not the payment that was requested, other than the amount and the currency.
    pub mismatch: Option<&'static str>,
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

    /// Creates the entry of a refund that failed after it was entered.
    fn refund_failed(amount: i64, refund: &str) -> Self {
        Self::new(
            entry::Kind::RefundFailed,
            amount,
            format!("{refund}{REFUND_FAILED}"),
        )
    }

    /// Returns the id at the provider of the refund that failed, if this is such an entry.
    pub fn failed_refund(&self) -> Option<&str> {
        let key = Some(self.key.as_str()).filter(|_| self.kind == entry::Kind::RefundFailed);
        key.and_then(|key| key.strip_suffix(REFUND_FAILED))
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
    let provider = payment.provider;
    let (task_state, payment) = (state.clone(), payment.clone());
    let task = async move {
        let state = &task_state;
        match payment.provider {
            Provider::Manual => Ok(manual::call(state, &payment)),
            Provider::Test => test::call(state, &payment, what).await,
            Provider::Stripe => stripe::call(state, &payment, what).await,
        }
    };
    let call = match what {
        Call::Create => ProviderCall::Create,
        Call::Look => ProviderCall::Look,
        Call::Capture => ProviderCall::Capture,
        Call::Cancel => ProviderCall::Cancel,
    };
    run(state, provider, call, task).await
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
    let provider = payment.provider;
    let (task_state, payment, refund) = (state.clone(), payment.clone(), refund.clone());
    let task = async move {
        match provider {
            Provider::Manual => Ok(manual::refund()),
            Provider::Test => test::refund(&task_state, &refund).await,
            Provider::Stripe => stripe::refund(&task_state, &payment, &refund).await,
        }
    };
    run(state, provider, ProviderCall::Refund, task).await
}

/// Returns the client secret of a payment with Stripe that waits for the buyer, with which a storefront confirms it. `None`
/// for other payments. The caller must have checked that the viewer is the buyer.
///
/// # Errors
/// `Unreachable` if the provider does not respond in time. The cause is logged.
pub async fn client_secret(state: &State, payment: &Model) -> Result<Option<Secret>> {
    let is_open = payment.provider == Provider::Stripe && !payment.status.is_final();
    if !is_open || payment.reference.is_none() || payment.cancel_requested {
        return Ok(None);
    }
    let (task_state, payment) = (state.clone(), payment.clone());
    let task = async move { stripe::client_secret(&task_state, &payment).await };
    run(state, Provider::Stripe, ProviderCall::ClientSecret, task).await
}

/// Returns the next events of Stripe after one of them, newest first; without one, the newest. `None` if Stripe does not know
/// the event, or payments with Stripe are disabled.
///
/// # Errors
/// `Unreachable` if Stripe does not respond in time. The cause is logged.
pub async fn stripe_events(state: &State, after: Option<&str>) -> Result<Option<Page<Event>>> {
    let (stripe, after) = (state.stripe.clone(), after.map(ToOwned::to_owned));
    let Some(stripe) = stripe else {
        return Ok(None);
    };
    let task = async move {
        match stripe.events(after.as_deref()).await {
            Ok(page) => Ok(Some(page)),
            Err(StripeError::Refused(_)) => Ok(None),
            Err(error) => Err(Failure::Temporary(error.to_string())),
        }
    };
    run(state, Provider::Stripe, ProviderCall::Events, task).await
}

/// Runs a call in a task of its own, under the limit of concurrent calls.
async fn run<T: Send + 'static>(
    state: &State,
    provider: Provider,
    kind: ProviderCall,
    call: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T> {
    let calls = state.payment_calls.clone();
    let limited = async move {
        let _permit = calls.acquire_owned().await;
        call.await
    };
    let task = traces::spawn(timeout(TIMEOUT, limited));
    let count = |outcome| {
        if provider == Provider::Stripe {
            state.metrics.count_stripe_call(kind, outcome);
        }
    };
    let (error, outcome) = match task.await {
        Ok(Ok(Ok(done))) => {
            count(CallOutcome::Ok);
            return Ok(done);
        }
        Ok(Ok(Err(Failure::Temporary(error) | Failure::Permanent(error)))) => {
            (error, CallOutcome::Failed)
        }
        Ok(Err(_)) => ("timed out".to_owned(), CallOutcome::TimedOut),
        // The panic hook has logged the cause.
        Err(_) => ("panicked".to_owned(), CallOutcome::Failed),
    };
    count(outcome);
    state.metrics.count_provider_failure();
    log_failure(state, provider, &error);
    Err(UNREACHABLE)
}

/// Logs a failed call. For Stripe, once a minute.
fn log_failure(state: &State, provider: Provider, error: &str) {
    let stripe = state.stripe.as_ref();
    match stripe.filter(|_| provider == Provider::Stripe) {
        None => tracing::warn!(error, "payment provider failed"),
        Some(stripe) => {
            if let Some(failures) = stripe.count_failure(state.clock.now()) {
                tracing::warn!(error, failures, "payment provider failed");
            }
        }
    }
}
