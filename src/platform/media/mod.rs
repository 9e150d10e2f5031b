//! Pictures in the store, whoever they belong to: how one gets there, how its sizes are made, how it leaves, and what the
//! API shows of it.
//!
//! No object is without a row for long, and no row without an object: before a picture is written to the store, its
//! deletion is queued for an hour later. The transaction that stores the row cancels the deletion. So
//! whatever happens in between, a crash included, the object is either named or removed.

pub mod entity;
pub mod graphql;
pub mod service;

pub use entity::{ImageId, Picture};

use crate::platform::jobs::Registry;

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::DeleteObject>();
}
