//! The catalog: what the shop offers.
//!
//! - [`category`]: the tree of categories.
//! - [`demo`]: the demo catalog that fills an empty shop.
//! - [`import_export`]: product files: CSV of ours and of other shops.
//! - [`product`]: products: price, stock, status, categories, facets.
//! - [`product_image`]: the image gallery of a product.
//! - [`search`]: full-text search of both databases.
//! - [`shop`]: the settings of the shop that clients need: name, currency, limits of forms.

pub mod category;
pub mod demo;
pub mod import_export;
pub mod product;
pub mod product_image;
pub mod search;
pub mod shop;
