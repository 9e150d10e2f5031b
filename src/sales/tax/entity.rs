//! Rows of `tax_classes`, and in [`rate`] those of `tax_rates`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

pub use crate::catalog::product::entity::variant::TaxClassId;

crate::typed_id!(
    /// The id of a tax rate.
    TaxRateId,
    "taxr",
    "tax rate"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tax_classes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaxClassId,
    pub name: String,
    /// The name for comparison, unique.
    pub name_key: String,
    /// Whether it is the class of products without one. True for exactly one class.
    pub is_default: bool,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// The rate of a tax class in a country or region.
pub mod rate {
    use sea_orm::entity::prelude::*;

    use super::{TaxClassId, TaxRateId, Timestamp};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tax_rates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TaxRateId,
        pub tax_class_id: TaxClassId,
        pub country: String,
        /// Empty for the country as a whole.
        pub region: String,
        /// The name on invoices.
        pub name: String,
        /// In parts per million.
        pub ppm: i32,
        pub version: i32,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    crate::no_relations!();
}
