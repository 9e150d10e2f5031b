//! Rows of `shipping_zones`, and in the submodules those of `zone_countries`, `shipping_methods` and `shipping_rates`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::sales::tax::TaxClassId;

crate::typed_id!(
    /// The id of a shipping zone.
    ShippingZoneId,
    "zone",
    "shipping zone"
);

crate::typed_id!(
    /// The id of a shipping method.
    ShippingMethodId,
    "ship",
    "shipping method"
);

/// How an order reaches the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
pub enum Kind {
    Ship,
    Pickup,
}

/// The measure that the price of a shipping method depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
pub enum PriceBy {
    Weight,
    Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipping_zones")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShippingZoneId,
    pub name: String,
    /// The name for comparison, unique.
    pub name_key: String,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// A country, region or range of postal codes that belongs to a zone, or is excluded from it.
pub mod country {
    use sea_orm::entity::prelude::*;

    use super::ShippingZoneId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "zone_countries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub zone_id: ShippingZoneId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub country: String,
        /// Empty for all regions.
        #[sea_orm(primary_key, auto_increment = false)]
        pub region: String,
        /// Empty for all postal codes.
        #[sea_orm(primary_key, auto_increment = false)]
        pub postal_prefix: String,
        pub excluded: bool,
    }

    crate::no_relations!();
}

/// A shipping method of a zone.
pub mod method {
    use sea_orm::entity::prelude::*;

    use super::{Kind, PriceBy, ShippingMethodId, ShippingZoneId, TaxClassId, Timestamp};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shipping_methods")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ShippingMethodId,
        pub zone_id: ShippingZoneId,
        /// Methods are sorted by it, then by id.
        pub position: i32,
        pub kind: Kind,
        pub name: String,
        pub description: String,
        pub active: bool,
        pub price_by: PriceBy,
        /// `None` is the default tax class.
        pub tax_class_id: Option<TaxClassId>,
        /// Days until delivery.
        pub min_days: Option<i32>,
        pub max_days: Option<i32>,
        pub version: i32,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    crate::no_relations!();
}

/// A price of a shipping method, from a weight or an amount on.
pub mod rate {
    use sea_orm::entity::prelude::*;

    use super::ShippingMethodId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shipping_rates")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub method_id: ShippingMethodId,
        /// In grams or in minor units.
        #[sea_orm(primary_key, auto_increment = false)]
        pub lower_bound: i64,
        /// In minor units.
        pub price: i64,
    }

    crate::no_relations!();
}
