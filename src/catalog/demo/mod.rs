//! Demo catalog for empty development shops, so that the first query returns something.
//!
//! The CSV files are the data, and [`service`] inserts it. A job draws and stores placeholder images afterwards.

mod attributes;
mod images;
mod painter;
pub mod service;

use crate::platform::jobs::Registry;

const CATEGORIES: &str = include_str!("categories.csv");
const PRODUCTS: &str = include_str!("products.csv");
const ATTRIBUTES: &str = include_str!("attributes.csv");
const VALUES: &str = include_str!("values.csv");
const IMAGES: &str = include_str!("images.csv");

/// Registers the jobs of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::DrawImages>();
}
