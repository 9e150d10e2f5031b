//! Reviews of products.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::ReviewId;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the jobs and clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::AnnounceReview>().clean_up(
        "reviews",
        Duration::from_hours(1),
        async |state| service::delete_expired(&state).await,
    );
}
