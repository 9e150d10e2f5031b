//! Rows of `discounts`, and in the submodules those of `discount_targets` and `discount_uses`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a discount.
    DiscountId,
    "disc",
    "discount"
);

/// The kind of a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Kind {
    #[sea_orm(string_value = "PERCENT")]
    Percent,
    #[sea_orm(string_value = "FIXED")]
    Fixed,
    #[sea_orm(string_value = "FREE_SHIPPING")]
    FreeShipping,
}

/// The part of an order that a discount applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Target {
    #[sea_orm(string_value = "ORDER")]
    Order,
    #[sea_orm(string_value = "CATEGORIES")]
    Categories,
    #[sea_orm(string_value = "PRODUCTS")]
    Products,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DiscountId,
    /// `None` for an automatic discount.
    pub code: Option<String>,
    /// The code for comparison, unique.
    pub code_key: Option<String>,
    pub name: String,
    pub name_key: String,
    pub kind: Kind,
    /// Parts per million of [`Kind::Percent`], minor units of [`Kind::Fixed`], 0 of [`Kind::FreeShipping`].
    pub value: i64,
    pub target: Target,
    /// The minimum amount of the lines it applies to, before discounts.
    pub min_amount: Option<i64>,
    /// The minimum number of units of the lines it applies to.
    pub min_quantity: Option<i32>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// Whether it applies together with other combinable discounts.
    pub combinable: bool,
    pub active: bool,
    pub usage_limit: Option<i32>,
    /// The number of orders that use it.
    pub used: i32,
    pub per_customer_limit: Option<i32>,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// A category or a product that a discount applies to. One of both is set.
pub mod target {
    use sea_orm::entity::prelude::*;

    use super::DiscountId;
    use crate::catalog::category::CategoryId;
    use crate::catalog::product::ProductId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "discount_targets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub discount_id: DiscountId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub category_id: Option<CategoryId>,
        pub product_id: Option<ProductId>,
    }

    crate::no_relations!();
}

/// An order that uses a discount.
pub mod usage {
    use sea_orm::entity::prelude::*;

    use super::{DiscountId, Timestamp};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "discount_uses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub discount_id: DiscountId,
        pub order_id: Uuid,
        /// Identifies the customer, for the limit per customer.
        pub customer_key: String,
        pub created_at: Timestamp,
    }

    crate::no_relations!();
}
