//! Rows of `stock_levels` and `stock_movements`.

/// The units of a variant.
pub mod level {
    use sea_orm::entity::prelude::*;

    use crate::catalog::product::entity::ProductId;
    use crate::catalog::product::entity::variant::VariantId;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_levels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub variant_id: VariantId,
        pub product_id: ProductId,
        /// The units in the warehouse.
        pub on_hand: i64,
        /// The units promised to orders, at most `on_hand` and `backorder_limit` together.
        pub reserved: i64,
        /// The units that can be sold without being there.
        pub backorder_limit: i64,
    }

    crate::no_relations!();

    impl Model {
        /// The units for sale that are there.
        pub fn available(&self) -> i64 {
            (self.on_hand - self.reserved).max(0)
        }

        /// The units for sale, those that are not there included.
        pub const fn orderable(&self) -> i64 {
            self.on_hand + self.backorder_limit - self.reserved
        }
    }
}

/// The units of the variants of a product, as customers see them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockSummary {
    /// The units for sale that are there, of the active variants; of all, if none is active.
    pub units: i64,
    /// Whether an active variant is sold without counting.
    pub has_uncounted: bool,
}

/// A change of a level. Rows are only added.
pub mod movement {
    use sea_orm::entity::prelude::*;

    use crate::accounts::user::UserId;
    use crate::catalog::product::entity::variant::VariantId;
    use crate::core::clock::Timestamp;

    crate::typed_id!(
        /// The id of a stock movement.
        MovementId,
        "move",
        "stock movement"
    );

    /// The reason of a movement.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text")]
    pub enum Kind {
        /// Units were delivered.
        #[sea_orm(string_value = "RECEIVED")]
        Received,
        /// The units were counted, or a mistake was corrected.
        #[sea_orm(string_value = "COUNTED")]
        Counted,
        /// Units were promised to an order.
        #[sea_orm(string_value = "RESERVED")]
        Reserved,
        /// A promise to an order ended.
        #[sea_orm(string_value = "RELEASED")]
        Released,
        /// Units left the warehouse.
        #[sea_orm(string_value = "SHIPPED")]
        Shipped,
        /// A customer sent units back.
        #[sea_orm(string_value = "RETURNED")]
        Returned,
        /// Units were damaged or lost.
        #[sea_orm(string_value = "DAMAGED")]
        Damaged,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MovementId,
        pub variant_id: VariantId,
        pub kind: Kind,
        pub on_hand_delta: i64,
        pub reserved_delta: i64,
        pub order_id: Option<Uuid>,
        /// The admin. None for an import and an order.
        pub actor_id: Option<UserId>,
        pub note: Option<String>,
        pub at: Timestamp,
    }

    crate::no_relations!();
}
