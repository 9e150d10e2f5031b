//! Taxes. A product belongs to a tax class, and a tax class has a rate in each country or region. The default class is
//! that of products without one. Without a rate there is no tax.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::{TaxClassId, TaxRateId};
