//! The rules of reviews.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entity::{Model, ReviewId};
use super::repository;
use crate::catalog::product::ProductId;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::core::viewer::Admin;
use crate::infra::database::Database;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::jobs::service::{NewJob, enqueue};
use crate::platform::jobs::{Job, JobContext, RetryPolicy};
use crate::state::State;

/// The time after which a review is deleted.
const LIFETIME: Duration = Duration::from_hours(365 * 24);

/// The job that announces a review.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnnounceReview {
    /// The id of the review.
    review: String,
}

impl Job for AnnounceReview {
    const KIND: &'static str = "review.announce";
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT.with_max_attempts(5);

    fn subject(&self) -> Option<String> {
        Some(self.review.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        tracing::info!(job = %context.id, review = self.review, "review created");
        Ok(())
    }
}

/// Returns a review.
pub async fn find(db: &Database, id: ReviewId) -> Result<Option<Model>> {
    Ok(repository::find(db.reader(), id).await?)
}

/// Creates a review.
pub async fn create(
    state: &State,
    admin: Admin,
    product_id: ProductId,
    body: String,
) -> Result<Model> {
    if !(1..=1_000).contains(&body.chars().count()) {
        return Err(Error::bad_input(
            "body",
            "A review has 1 to 1000 characters.",
        ));
    }
    let now = state.clock.now();
    let review = Model {
        id: ReviewId::generate(now),
        product_id,
        body,
        expires_at: now.after(LIFETIME),
    };
    let job = AnnounceReview {
        review: review.id.encode(),
    };
    let entry = Entry::new("createReview").about(review.id);
    let transaction = state.db.begin().await?;
    repository::insert(&transaction, review.clone()).await?;
    enqueue(&transaction, [NewJob::new(&job)?], now).await?;
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(review)
}

/// Deletes the reviews that have expired.
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    repository::delete_expired(&transaction, state.clock.now()).await?;
    Ok(transaction.commit().await?)
}
