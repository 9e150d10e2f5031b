//! The catalog: what the shop offers.
//!
//! - [`attribute`]: typed attributes of products and variants, and product types.
//! - [`category`]: category tree.
//! - [`category_image`]: the image of each category.
//! - [`demo`]: demo catalog for an empty shop.
//! - [`import_export`]: product import and export as CSV, in our format and in those of other shops.
//! - [`product`]: products: price, stock, status, categories, facets.
//! - [`product_image`]: image galleries of products.
//! - [`search`]: full-text search on both databases.
//! - [`search_engine`]: synchronizes an external search engine.
//! - [`synonym`]: synonyms of search words.

pub mod attribute;
pub mod category;
pub mod category_image;
pub mod demo;
pub mod import_export;
pub mod product;
pub mod product_image;
pub mod search;
pub mod search_engine;
pub mod synonym;
