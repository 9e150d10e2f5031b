//! Rows of `order_taxes` and `order_discounts`.

/// A tax in the breakdown of an order.
pub mod tax {
    use sea_orm::entity::prelude::*;

    use crate::sales::order_id::OrderId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_taxes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: OrderId,
        pub position: i32,
        pub name: String,
        pub ppm: i32,
        /// The amount that is taxed, without the tax, in minor units.
        pub base: i64,
        pub amount: i64,
    }

    crate::no_relations!();
}

/// A discount that was applied to an order.
pub mod discount {
    use sea_orm::entity::prelude::*;

    use crate::sales::discount::DiscountId;
    use crate::sales::order_id::OrderId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_discounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: OrderId,
        pub position: i32,
        /// The discount, which may have been deleted since.
        pub discount_id: DiscountId,
        pub name: String,
        pub code: Option<String>,
        /// In minor units.
        pub amount: i64,
    }

    crate::no_relations!();
}
