//! Rows of `refunds` and `refund_lines`.

use sea_orm::entity::prelude::*;

use super::PaymentId;
use crate::core::clock::Timestamp;
use crate::core::viewer::UserId;
use crate::sales::order_id::OrderId;

crate::typed_id!(
    /// The id of a refund.
    RefundId,
    "refund",
    "refund"
);

/// The status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefundId,
    pub order_id: OrderId,
    pub payment_id: PaymentId,
    /// In minor units.
    pub amount: i64,
    /// The part of the amount that is for shipping.
    pub shipping: i64,
    pub reason: Option<String>,
    pub status: Status,
    /// The id at the provider. None until the provider has answered.
    pub reference: Option<String>,
    pub last_error: Option<String>,
    pub actor_id: Option<UserId>,
    /// The time at which a server asks the provider again. None if the status is final.
    pub look_at: Option<Timestamp>,
    pub attempts: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// The units of a line that are refunded.
pub mod line {
    use sea_orm::entity::prelude::*;

    use super::RefundId;
    use crate::sales::order_id::OrderLineId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refund_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub refund_id: RefundId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: OrderLineId,
        pub quantity: i32,
        /// In minor units.
        pub amount: i64,
        /// Whether the units are put back into stock.
        pub restock: bool,
    }

    crate::no_relations!();
}
