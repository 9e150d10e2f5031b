//! The demo shop: fills an empty development shop, so that the first query returns something.
//!
//! The data is invented but consistent, and covers what a real shop has: three levels of categories, unpublished
//! branches, old slugs, drafts, empty stock, equal prices and names in many scripts. It is in three CSV files, in which
//! rows refer to each other by slug, and lists are separated by `|`:
//!
//! - `categories.csv`: a parent stands before its children, siblings in their order;
//! - `products.csv`: prices are hundredths of the shop's currency; the first category is the primary one;
//! - `images.csv`: images are drawn, as a motif in two colours; a background job stores them.

mod images;
mod painter;
pub mod service;

const CATEGORIES: &str = include_str!("categories.csv");
const PRODUCTS: &str = include_str!("products.csv");
const IMAGES: &str = include_str!("images.csv");
