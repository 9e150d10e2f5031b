//! Scheduled publication: a draft with a time becomes active at that time.

use super::ProductFields;
use super::batch::ProductBatch;
use super::repository;
use super::variants::changes::Reason;
use crate::catalog::product::entity::Status;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::patch::Patch;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Products per transaction.
const BATCH: u64 = 500;

/// Returns an error if the fields schedule the publication of a product that will not be a draft.
pub(super) fn check_schedule(fields: &ProductFields, current: Status) -> Result<(), UserError> {
    let is_scheduled = matches!(fields.details.available_from, Patch::Set(_));
    if is_scheduled && fields.status.unwrap_or(current) != Status::Draft {
        let message = "Only the publication of a product with the status `DRAFT` can be scheduled.";
        let code = UserErrorCode::BadUserInput;
        return Err(UserError::new(code, "availableFrom", message));
    }
    Ok(())
}

/// Publishes the drafts whose time has come. Each server calls this at an interval; the lock of a product ensures that
/// one of them publishes it.
pub async fn publish_due(state: &State) -> Result<()> {
    // Without a write lock, which a long import may hold on SQLite.
    while repository::has_due(state.db.reader(), state.clock.now()).await? {
        if publish_batch(state).await? == 0 {
            // Other transactions have locked the products. They are published at the next interval.
            break;
        }
    }
    Ok(())
}

/// Publishes up to [`BATCH`] products and returns their number.
async fn publish_batch(state: &State) -> Result<usize> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let due = repository::lock_due(&transaction, now, BATCH).await?;
    let count = due.len();
    let mut batch = ProductBatch::load(&transaction, due, (now, Reason::counted(None))).await?;
    for index in 0..count {
        let fields = ProductFields {
            status: Some(Status::Active),
            ..ProductFields::default()
        };
        batch.update(index, fields);
    }
    let entries = batch.entries("publishProduct", state.config.shop_currency);
    batch.write(&transaction).await?;
    audit::record(&transaction, Actor::Server, entries, now).await?;
    transaction.commit().await?;
    Ok(count)
}
