//! GraphQL types of the timeline of an order.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, Object};
use serde_json::Value;

use super::fulfillments::{Fulfillment, FulfillmentOf};
use crate::accounts::address::graphql::PostalAddress;
use crate::accounts::user::graphql::{ById as UserById, User};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::{TypedId, encode};
use crate::core::money::{Currency, Money};
use crate::core::pagination::{Connection, Count, Page, PageArgs, Sort, Total};
use crate::core::postal_address;
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::sales::order::entity::Model;
use crate::sales::order::entity::event::{Kind, Model as Row};
use crate::sales::order::entity::fulfillment::FulfillmentId;
use crate::sales::order::list::{Timeline, TimelineFilter};
use crate::sales::order::service::timeline as service;

/// Returns a page of the timeline of an order that the viewer may see.
pub async fn timeline(
    order: &Model,
    ctx: &Context<'_>,
    page: PageArgs,
) -> Result<OrderEventConnection> {
    let filter = TimelineFilter {
        order: order.id,
        only_public: ctx.viewer().admin().is_err(),
    };
    let list = Timeline::parse(filter, Sort::default(), page)?;
    let found = ctx.load(TimelineOf(list.clone())).await?;
    let found = found.unwrap_or_else(|| list.paging.page(Vec::new()));
    // Unknown only to a later version of the server.
    let currency = order.currency.parse();
    let currency = currency.unwrap_or(ctx.state().config.shop_currency);
    Ok(Connection::new(found, list, |row| {
        OrderEvent::new(row, currency)
    }))
}

/// A page of events.
pub type OrderEventConnection = Connection<OrderEvent, TimelineFilter>;

impl Count for TimelineFilter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        Ok(ctx.load(EventCountOf(*self)).await?.unwrap_or_default())
    }
}

/// An event as a GraphQL object.
#[derive(Clone, Debug)]
pub struct OrderEvent {
    row: Row,
    data: Value,
    currency: Currency,
}

impl OrderEvent {
    fn new(row: Row, currency: Currency) -> Self {
        Self {
            data: service::data(&row),
            row,
            currency,
        }
    }

    fn text_of(&self, key: &str) -> Option<&str> {
        self.data.get(key).and_then(Value::as_str)
    }
}

/// Something that happened to an order.
#[Object(cache_control(private))]
impl OrderEvent {
    /// Opaque, stable id: `event_...`.
    async fn id(&self) -> ID {
        encode("event", self.row.id).into()
    }

    /// The kind of event.
    async fn kind(&self) -> OrderEventKind {
        self.row.kind.into()
    }

    /// Whether the buyer sees the event.
    async fn public(&self) -> bool {
        self.row.public
    }

    /// The time of the event.
    async fn at(&self) -> Timestamp {
        self.row.at
    }

    /// The user who caused it. Null for the server and for buyers who were not signed in, and if the account was deleted.
    /// Only admins see it.
    async fn actor(&self, ctx: &Context<'_>) -> Nullable<User> {
        actor(&self.row, ctx).await.transpose()
    }

    /// The text of a note, and the reason that an admin gave for a cancelation or a refund. Null if there is none.
    async fn text(&self) -> Option<&str> {
        let mut keys = ["text", "reason", "note"].into_iter();
        keys.find_map(|key| self.text_of(key))
    }

    /// Number of units that were fulfilled or canceled. Null for other kinds.
    async fn units(&self) -> Option<i32> {
        let units = self.data.get("units").and_then(Value::as_i64);
        units.and_then(|units| i32::try_from(units).ok())
    }

    /// The amount of a payment or a refund. Null for other kinds.
    async fn amount(&self) -> Option<Money> {
        let amount = self.data.get("amount").and_then(Value::as_i64);
        amount.map(|minor| Money::new(minor, self.currency))
    }

    /// The fulfillment that was created, updated or canceled, in its current state. Null for other kinds.
    async fn fulfillment(&self, ctx: &Context<'_>) -> Nullable<Fulfillment> {
        self.load_fulfillment(ctx).await.transpose()
    }

    /// The address before it was changed. Null for other kinds, and if there was none. Only admins see it.
    async fn old_address(&self, ctx: &Context<'_>) -> Option<PostalAddress> {
        ctx.viewer().admin().ok()?;
        let address = self.row.old_address.as_deref();
        let address: postal_address::PostalAddress = serde_json::from_str(address?).ok()?;
        Some(address.into())
    }
}

impl OrderEvent {
    async fn load_fulfillment(&self, ctx: &Context<'_>) -> Result<Option<Fulfillment>> {
        let id = self.text_of("fulfillmentId");
        let Some(id) = id.and_then(|id| FulfillmentId::parse(id, "id").ok()) else {
            return Ok(None);
        };
        Ok(ctx.load(FulfillmentOf(id)).await?.map(Fulfillment::from))
    }
}

async fn actor(event: &Row, ctx: &Context<'_>) -> Result<Option<User>> {
    let Some(actor) = event.actor_id.filter(|_| ctx.viewer().admin().is_ok()) else {
        return Ok(None);
    };
    Ok(ctx.load(UserById(actor)).await?.map(User))
}

/// The kind of an event of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum OrderEventKind {
    /// The order was placed.
    Placed,
    /// The order was confirmed and got its number.
    Confirmed,
    /// The order was canceled.
    Canceled,
    /// The order was not paid in time.
    Expired,
    /// A payment was authorized.
    PaymentAuthorized,
    /// A payment was made.
    PaymentCaptured,
    /// A payment failed.
    PaymentFailed,
    /// A payment was canceled.
    PaymentCanceled,
    /// An admin recorded a payment.
    PaymentRecorded,
    /// Units were shipped.
    Fulfilled,
    /// The tracking of a shipment was changed.
    FulfillmentUpdated,
    /// A shipment was canceled.
    FulfillmentCanceled,
    /// Units that can't be delivered were canceled.
    LinesCanceled,
    /// A refund was ordered.
    RefundCreated,
    /// A refund was paid.
    RefundSucceeded,
    /// A refund failed.
    RefundFailed,
    /// An address was changed.
    AddressUpdated,
    /// An admin wrote a note.
    Note,
}

/// Loads a page of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TimelineOf(Timeline);

impl Load<TimelineOf> for LoadContext {
    const MAX_KEYS: usize = 100;
    type Value = Page<Row>;

    async fn load(&self, keys: &[TimelineOf]) -> Result<HashMap<TimelineOf, Page<Row>>> {
        let lists: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let pages = service::timelines(&self.state.db, &lists).await?;
        Ok(keys.iter().cloned().zip(pages).collect())
    }
}

/// Counts the events of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct EventCountOf(TimelineFilter);

impl Load<EventCountOf> for LoadContext {
    type Value = Total;

    async fn load(&self, keys: &[EventCountOf]) -> Result<HashMap<EventCountOf, Total>> {
        let filters: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = service::count_events(&self.state.db, &filters).await?;
        let found = found.into_iter();
        Ok(found
            .map(|(filter, total)| (EventCountOf(filter), total))
            .collect())
    }
}
