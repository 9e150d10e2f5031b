//! Category images: at most one of each category.

pub mod entity;
pub mod graphql;
pub mod repository;
pub mod service;

use crate::platform::jobs::Registry;
use crate::platform::media::service::Resize;

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<Resize<service::CategoryImages>>();
}
