//! The demo shop: what an empty development shop is filled with, so that the first query shows something.
//!
//! [`catalogue`] is the data, [`service`] makes rows of it. What stands in for photographs is drawn afterwards and goes
//! into the store.

pub mod catalogue;
mod painter;
mod pictures;
pub mod service;

use crate::platform::jobs::Registry;

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::DrawImages>();
}
