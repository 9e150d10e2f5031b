//! GraphQL types of the stock of a variant and its movements.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::accounts::user::graphql::{ById, User};
use crate::catalog::product::entity::stock::movement::{Kind, Model};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::graphql::dataloader::ContextExt;

/// A stock movement row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct StockMovement(pub Model);

/// A change of the stock of a variant. Movements are never changed or deleted.
#[Object(cache_control(private))]
impl StockMovement {
    /// Opaque, stable id: `move_...`.
    async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Why the stock changed.
    async fn kind(&self) -> StockMovementKind {
        self.0.kind.into()
    }

    /// The change of the number of units in the warehouse.
    async fn on_hand_delta(&self) -> i32 {
        i32::try_from(self.0.on_hand_delta).unwrap_or_default()
    }

    /// The change of the number of units promised to orders.
    async fn reserved_delta(&self) -> i32 {
        i32::try_from(self.0.reserved_delta).unwrap_or_default()
    }

    /// Note of the admin. Null if there is none.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The admin who made the change. Null if it was not an admin, or if the account was deleted.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.0.actor_id {
            Some(id) => Ok(ctx.load(ById(id)).await?.map(User)),
            None => Ok(None),
        }
    }

    /// Time of the change.
    async fn at(&self) -> Timestamp {
        self.0.at
    }
}

/// Why the stock of a variant changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum StockMovementKind {
    /// Units were delivered to the shop.
    Received,
    /// The units were counted, or a mistake was corrected.
    Counted,
    /// Units were promised to an order.
    Reserved,
    /// A promise to an order ended.
    Released,
    /// Units left the warehouse.
    Shipped,
    /// A customer sent units back.
    Returned,
    /// Units were damaged or lost.
    Damaged,
}

/// How the units of a variant are counted.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Inventory {
    /// Whether units are counted. A variant without counting is always in stock.
    pub tracked: bool,
    /// Number of units in the warehouse.
    pub on_hand: i32,
    /// Number of units promised to orders, at most `onHand` and `backorderLimit` together.
    pub reserved: i32,
    /// Number of units that can be sold without being in stock.
    pub backorder_limit: i32,
    /// The stock at or below which the variant is in the list `lowStock`. Null: not in the list.
    pub low_stock_at: Option<i32>,
}
