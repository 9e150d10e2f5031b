//! Product images: the gallery of each product. Images are uploaded through the API, uploaded by clients directly to
//! the object store, or fetched from URLs in imports.

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
