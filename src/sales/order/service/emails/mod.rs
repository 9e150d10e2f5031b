//! Emails about orders. A job writes the email when it is sent, so that the database stores neither its text nor the token
//! in its link.

mod content;
mod tables;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::content::{Content, Shop};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::retry::Failure;
use crate::core::secret::Secret;
use crate::infra::database::Transaction;
use crate::infra::mail::EmailMessage;
use crate::platform::jobs::service::{NewJob, enqueue, send_email};
use crate::platform::jobs::{Job, JobContext, Queue, RetryPolicy};
use crate::sales::order::entity::fulfillment::FulfillmentId;
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository;
use crate::sales::order::token::OrderToken;
use crate::sales::payment::entity::refund::RefundId;
use crate::state::State;

/// The time after which an email is no longer sent.
const LIFETIME: Duration = Duration::from_hours(72);

/// An email about an order. Each is sent once, because the change that it belongs to happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEmail {
    Confirmed,
    PaymentFailed,
    Expired,
    Canceled,
    Shipped(#[serde(with = "encoded")] FulfillmentId),
    /// The provider has paid it back.
    Refunded(#[serde(with = "encoded")] RefundId),
    /// An amount, in minor units, was refunded in the dashboard of the provider.
    RefundedAtProvider(i64),
    /// The link to the order, as requested by the buyer.
    Link,
}

/// Queues an email about an order in the transaction of the change.
pub async fn queue_email(
    transaction: &Transaction,
    state: &State,
    order: &Model,
    email: OrderEmail,
) -> Result<()> {
    let order = Some(order).filter(|order| !order.email.is_empty());
    let Some(order) = order else {
        return Ok(());
    };
    queue(transaction, state, Some(order.id), email).await
}

/// Queues an email about an order. Without one nothing is sent, and queueing takes as long as with one.
pub async fn queue(
    transaction: &Transaction,
    state: &State,
    order: Option<OrderId>,
    email: OrderEmail,
) -> Result<()> {
    let order = order.map(TypedId::encode);
    let job = NewJob::new(&SendOrderEmail { order, email })?;
    enqueue(transaction, [job], state.clock.now()).await?;
    Ok(())
}

/// The job that sends an email about an order.
#[derive(Serialize, Deserialize)]
pub struct SendOrderEmail {
    order: Option<String>,
    email: OrderEmail,
}

impl Job for SendOrderEmail {
    const KIND: &'static str = "order.email";
    const QUEUE: Queue = Queue::EMAILS;
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT.for_at_most(LIFETIME);

    fn subject(&self) -> Option<String> {
        self.order.clone()
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        let Some(order) = self.order else {
            return Ok(());
        };
        let state = &context.state;
        let written = async {
            let id = OrderId::parse(&order, "order")?;
            write(state, context.id, id, self.email).await
        };
        let written = written.await.map_err(|error| {
            error.log("the email about an order could not be written");
            Failure::Temporary("it could not be written".to_owned())
        });
        match written? {
            Some(message) => send_email(state, message).await,
            None => Ok(()),
        }
    }
}

/// Writes an email. `None` if there is nothing to send any more.
async fn write(
    state: &State,
    id: Uuid,
    order: OrderId,
    email: OrderEmail,
) -> Result<Option<EmailMessage>> {
    let db = state.db.reader();
    let order = repository::find(db, order).await?;
    let Some(order) = order.filter(|order| !order.email.is_empty()) else {
        return Ok(None);
    };
    let shop = Shop {
        name: &state.config.shop_name,
        link: link(state, &order).await?,
        payment_instructions: state.config.manual_payments(),
    };
    let to = order.email.clone();
    let content = Content::read(db, &shop, &order, email).await?;
    Ok(content.map(|content| EmailMessage {
        id,
        to,
        subject: content.subject,
        blocks: content.blocks,
        code: None,
    }))
}

/// Returns the URL at which the storefront shows an order, if one is configured.
async fn link(state: &State, order: &Model) -> Result<Option<String>> {
    let Some(page) = &state.config.orders.order_link_url else {
        return Ok(None);
    };
    let token = match OrderToken::of(&state.keys, order) {
        Some(token) => token,
        None => renew_token(state, order.id).await?,
    };
    let id = order.id.encode();
    // In the fragment, which browsers send to no server.
    Ok(Some(format!("{page}#id={id}&token={}", token.expose())))
}

/// Stores the hash of a token of the current key: the key of the former one is no longer configured.
async fn renew_token(state: &State, id: OrderId) -> Result<Secret> {
    let (token, hash) = OrderToken::derive(&state.keys, id);
    let transaction = state.db.begin().await?;
    let order = repository::lock(&transaction, id).await?;
    let order = order.ok_or_else(|| Error::internal(anyhow::anyhow!("the order is gone")))?;
    let order = Model {
        token_hash: hash,
        ..order
    };
    repository::update(&transaction, order).await?;
    transaction.commit().await?;
    Ok(token)
}

/// Ids in the payload, in their text form.
mod encoded {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::core::id::TypedId;

    pub fn serialize<I: TypedId, S: Serializer>(id: &I, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&id.encode())
    }

    pub fn deserialize<'de, I: TypedId, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<I, D::Error> {
        let text = String::deserialize(deserializer)?;
        I::parse(&text, "id").map_err(|_| D::Error::custom("not an id"))
    }
}
