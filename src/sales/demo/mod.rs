//! The demo shop: the demo catalog with shipping zones, shipping methods, taxes and discounts.

pub mod service;
