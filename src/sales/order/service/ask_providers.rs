//! The worker that asks the providers of payments and refunds until they are final.

use futures_util::future::join_all;

use super::send_refund::send_refund;
use super::settle::settle;
use crate::core::error::{Error, Result, error_chain};
use crate::core::id::TypedId;
use crate::sales::payment::service::{self as payments, Due};
use crate::state::State;

/// Settles the payments and the refunds whose time has come, in small batches.
pub async fn ask_providers(state: &State) -> Result<()> {
    loop {
        let due = payments::claim_due(state).await?;
        if due.is_empty() {
            return Ok(());
        }
        settle_all(state, &due).await;
    }
}

async fn settle_all(state: &State, due: &Due) {
    let settled = due.payments.iter().map(async |id| {
        if let Err(error) = settle(state, *id).await {
            log("payment could not be settled", &id.encode(), error);
        }
    });
    join_all(settled).await;
    let refunded = due.refunds.iter().map(async |id| {
        if let Err(error) = send_refund(state, *id).await {
            log("refund could not be settled", &id.encode(), error);
        }
    });
    join_all(refunded).await;
}

/// Logs an error. One is retried when the claim of its row ends.
fn log(message: &str, id: &str, error: Error) {
    // Logged where it happened.
    if matches!(error, Error::Unreachable(_)) {
        return;
    }
    let error = error_chain(&error.into_cause());
    tracing::error!(id, error, "{message}");
}
