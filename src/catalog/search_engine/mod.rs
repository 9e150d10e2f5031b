//! Synchronizes an external search engine, if one is configured, with the products and synonyms of the database.

pub mod service;

use std::time::Duration;

use crate::platform::jobs::Registry;

/// Registers the regular work of this feature.
pub fn register(registry: &mut Registry) {
    registry.clean_up("search_engine", Duration::from_secs(1), async |state| {
        service::feed_search_engine(&state).await
    });
}
