//! Rows of `fulfillments` and `fulfillment_lines`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::core::viewer::UserId;
use crate::sales::order_id::OrderId;

crate::typed_id!(
    /// The id of a fulfillment.
    FulfillmentId,
    "fulfill",
    "fulfillment"
);

/// A shipment of an order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fulfillments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FulfillmentId,
    pub order_id: OrderId,
    pub tracking_company: Option<String>,
    pub tracking_number: Option<String>,
    pub tracking_url: Option<String>,
    pub actor_id: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub canceled_at: Option<Timestamp>,
}

crate::no_relations!();

/// The units of a line in a shipment.
pub mod line {
    use sea_orm::entity::prelude::*;

    use super::FulfillmentId;
    use crate::sales::order_id::OrderLineId;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fulfillment_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub fulfillment_id: FulfillmentId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: OrderLineId,
        pub quantity: i32,
    }

    crate::no_relations!();
}
