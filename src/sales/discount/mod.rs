//! Discounts: percentages, amounts or free shipping, on an order or on some of its products. With a code, buyers enter it;
//! without one, the discount is automatic.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::DiscountId;
