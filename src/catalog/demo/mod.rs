//! Demo catalog for empty development shops, so that the first query returns something.
//!
//! [`catalogue`] is the data, and [`service`] inserts it. Placeholder images are drawn and stored afterwards.

pub mod catalogue;
mod painter;
mod pictures;
pub mod service;

use crate::platform::jobs::Registry;

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::DrawImages>();
}
