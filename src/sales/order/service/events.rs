//! The events of an order: its timeline.

use serde_json::Value;

use crate::core::error::Result;
use crate::core::id::uuid_v7;
use crate::core::viewer::UserId;
use crate::infra::database::Transaction;
use crate::sales::order::entity::OrderId;
use crate::sales::order::entity::event::{Kind, Model};
use crate::sales::order::repository;
use crate::state::State;

/// An event to record.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: Kind,
    /// Whether the buyer may read it.
    pub public: bool,
    /// The user who caused it. None for the server and for guests.
    pub actor: Option<UserId>,
    /// What is specific to the kind: an object.
    pub data: Value,
    /// An address before a change, as JSON.
    pub old_address: Option<String>,
}

impl NewEvent {
    /// An event that the buyer may read, without an actor and data.
    pub fn public(kind: Kind) -> Self {
        Self {
            kind,
            public: true,
            actor: None,
            data: Value::Object(serde_json::Map::new()),
            old_address: None,
        }
    }
}

/// Records an event of an order in the transaction of the change.
pub async fn record(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
    event: NewEvent,
) -> Result<()> {
    record_all(transaction, state, order, vec![event]).await
}

/// Records events of an order, in this order, in the transaction of the change.
pub async fn record_all(
    transaction: &Transaction,
    state: &State,
    order: OrderId,
    events: Vec<NewEvent>,
) -> Result<()> {
    let now = state.clock.now();
    let rows = events.into_iter().map(|event| Model {
        id: uuid_v7(now),
        order_id: order,
        kind: event.kind,
        public: event.public,
        at: now,
        actor_id: event.actor,
        data: event.data.to_string(),
        old_address: event.old_address,
    });
    Ok(repository::insert_events(transaction, rows.collect()).await?)
}
