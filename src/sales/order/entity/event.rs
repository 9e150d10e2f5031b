//! Rows of `order_events`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::core::viewer::UserId;
use crate::sales::order_id::OrderId;

/// The kind of an event of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    Placed,
    Confirmed,
    Canceled,
    Expired,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentCanceled,
    PaymentRecorded,
    Fulfilled,
    FulfillmentUpdated,
    FulfillmentCanceled,
    LinesCanceled,
    RefundCreated,
    RefundSucceeded,
    RefundFailed,
    AddressUpdated,
    Note,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: OrderId,
    pub kind: Kind,
    /// Whether the buyer may read it.
    pub public: bool,
    pub at: Timestamp,
    /// The user who caused it. None for the server and for guests.
    pub actor_id: Option<UserId>,
    /// What is specific to the kind: an object as JSON, `{}` if there is nothing.
    pub data: String,
    /// An address before a change, as JSON. Erased with the other personal data of the order.
    pub old_address: Option<String>,
}

crate::no_relations!();
