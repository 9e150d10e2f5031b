//! Stored images: upload, resizing, deletion, and their GraphQL type.
//!
//! Neither objects without rows nor rows without objects remain. Before an image is written to the store, its
//! deletion is queued as a job, due one hour later. The transaction that stores the row cancels the job. So after a
//! failure at any point, a crash included, the object is either referenced or deleted.

pub mod entity;
pub mod graphql;
pub mod service;

pub use entity::{ImageId, StoredImage};

use crate::platform::jobs::Registry;

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::DeleteObject>();
}
