//! Products of a shop.
//!
//! A product has one primary category and optional additional ones. Customers see it if its status is active and its
//! primary category is visible. Every query takes the [`Audience`](crate::core::viewer::Audience) to filter by.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::{ProductId, Status};

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the regular work of this feature.
pub fn register(registry: &mut Registry) {
    const INTERVAL: Duration = Duration::from_secs(30);
    registry.clean_up("scheduled_publications", INTERVAL, async |state| {
        service::publish_due(&state).await
    });
    registry.poll("search_index", service::search_index_due, async |state| {
        service::maintain_search_index(&state).await
    });
}
