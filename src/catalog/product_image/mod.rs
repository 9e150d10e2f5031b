//! Pictures of products: each has its place in the gallery of one. They come with a mutation, from a client that sends
//! them to the store by itself, or from the address that an import names.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

pub use entity::upload::ImageUploadId;

use std::time::Duration;

use crate::platform::jobs::Registry;
use crate::platform::media::service::Resize;

/// Registers the jobs and clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry
        .job::<Resize<service::ProductImages>>()
        .job::<service::FetchImages>()
        .clean_up("image_uploads", Duration::from_hours(1), async |state| {
            service::delete_expired(&state).await
        });
}
