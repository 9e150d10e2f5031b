//! GraphQL types of fulfillments.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::OrderLine;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::sales::order::entity::Model;
use crate::sales::order::entity::fulfillment::{FulfillmentId, Model as Row};
use crate::sales::order::service::fulfillments::{self as service, FulfillmentDetails};
use crate::sales::order_id::OrderId;

/// Returns the fulfillments of an order that the viewer may see, oldest first.
pub async fn fulfillments(order: &Model, ctx: &Context<'_>) -> Result<Vec<Fulfillment>> {
    let found = ctx.load(FulfillmentsOf(order.id)).await?;
    let found = found.unwrap_or_default().into_iter();
    Ok(found.map(Fulfillment::from).collect())
}

/// A fulfillment as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Fulfillment {
    row: Row,
    /// With its lines, if they are loaded.
    loaded: Option<FulfillmentDetails>,
}

impl From<Row> for Fulfillment {
    fn from(row: Row) -> Self {
        Self { row, loaded: None }
    }
}

impl From<FulfillmentDetails> for Fulfillment {
    fn from(details: FulfillmentDetails) -> Self {
        Self {
            row: details.row.clone(),
            loaded: Some(details),
        }
    }
}

/// A shipment of some or all units of an order.
#[Object(cache_control(private))]
impl Fulfillment {
    /// Opaque, stable id: `fulfill_...`.
    async fn id(&self) -> ID {
        self.row.id.encode().into()
    }

    /// The units that were shipped, in the order of the lines.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<FulfillmentLine>> {
        let details = if let Some(loaded) = &self.loaded {
            loaded.clone()
        } else {
            let found = ctx.load(FulfillmentOf(self.row.id)).await?;
            found.ok_or(Error::Unavailable)?
        };
        let currency = ctx.state().config.shop_currency;
        let lines = details.lines.into_iter().map(|one| FulfillmentLine {
            line: OrderLine::new(one.line, currency),
            quantity: one.units,
        });
        Ok(lines.collect())
    }

    /// Name of the carrier. Null if it is not known.
    async fn tracking_company(&self) -> Option<&str> {
        self.row.tracking_company.as_deref()
    }

    /// Number of the shipment at the carrier. Null if it is not known.
    async fn tracking_number(&self) -> Option<&str> {
        self.row.tracking_number.as_deref()
    }

    /// Page that tracks the shipment, with HTTP or HTTPS. Null if it is not known.
    async fn tracking_url(&self) -> Option<&str> {
        self.row.tracking_url.as_deref()
    }

    /// Time of the shipment.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    /// Time at which the fulfillment was canceled. Null if it was not.
    async fn canceled_at(&self) -> Option<Timestamp> {
        self.row.canceled_at
    }
}

/// Units of a line in a shipment.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(cache_control(private))]
pub struct FulfillmentLine {
    /// The line of the order.
    line: OrderLine,
    /// Number of units.
    quantity: i32,
}

/// Loads the fulfillments of an order that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct FulfillmentsOf(OrderId);

impl Load<FulfillmentsOf> for LoadContext {
    type Value = Vec<FulfillmentDetails>;

    async fn load(
        &self,
        keys: &[FulfillmentsOf],
    ) -> Result<HashMap<FulfillmentsOf, Vec<FulfillmentDetails>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::of_orders(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, rows)| (FulfillmentsOf(id), rows)).collect())
    }
}

/// Loads a fulfillment of an order that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FulfillmentOf(pub FulfillmentId);

impl Load<FulfillmentOf> for LoadContext {
    type Value = FulfillmentDetails;

    async fn load(
        &self,
        keys: &[FulfillmentOf],
    ) -> Result<HashMap<FulfillmentOf, FulfillmentDetails>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::find_many(&self.state.db, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (FulfillmentOf(id), row)).collect())
    }
}
