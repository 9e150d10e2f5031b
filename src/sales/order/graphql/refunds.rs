//! GraphQL types of refunds.

use async_graphql::{Context, Enum, ID, Object};

use super::payment_loaders::{RefundLinesOf, RefundsOf};
use super::payments::money;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::graphql::dataloader::ContextExt;
use crate::sales::order::entity::Model as OrderRow;
use crate::sales::order::service::left;
use crate::sales::payment::entity::refund::{Model, Status, line};

/// Status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum RefundStatus {
    /// The provider has not responded yet. The server repeats the request.
    Pending,
    /// Paid back. A payment on account is paid back by the shop itself.
    Succeeded,
    /// Refused by the provider, or failed after it was paid. The amount can be refunded again.
    Failed,
}

/// GraphQL object of a refund.
#[derive(Clone, Debug)]
pub struct Refund(pub Model);

/// A refund of a payment.
#[Object(cache_control(private))]
impl Refund {
    /// Opaque, stable id: `refund_...`.
    async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The amount to pay back.
    async fn amount(&self, ctx: &Context<'_>) -> Money {
        money(ctx, self.0.amount)
    }

    /// The part of the amount that is for shipping.
    async fn shipping(&self, ctx: &Context<'_>) -> Money {
        money(ctx, self.0.shipping)
    }

    /// The reason, for the buyer. Null if there is none.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Status, as the provider last reported it.
    async fn status(&self) -> RefundStatus {
        self.0.status.into()
    }

    /// The refunded units. Empty for a refund of an amount or of shipping alone. At most 100.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<RefundLine>> {
        let lines = ctx.load(RefundLinesOf(self.0.id)).await?;
        let lines = lines.unwrap_or_default().into_iter();
        Ok(lines.map(RefundLine).collect())
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }
}

/// GraphQL object of the refunded units of a line.
#[derive(Clone, Debug)]
pub struct RefundLine(pub line::Model);

/// Units of a line that are refunded.
#[Object]
impl RefundLine {
    /// The id of the line: `orderline_...`.
    async fn line_id(&self) -> ID {
        self.0.line_id.encode().into()
    }

    /// Number of units.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// The part of the amount of the refund that is for these units.
    async fn amount(&self, ctx: &Context<'_>) -> Money {
        money(ctx, self.0.amount)
    }

    /// Whether the units were put back into stock.
    async fn restock(&self) -> bool {
        self.0.restock
    }
}

/// Returns the refunds of an order, the oldest first. The caller must have checked that the viewer may see the order.
pub async fn refunds(order: &OrderRow, ctx: &Context<'_>) -> Result<Vec<Refund>> {
    let refunds = ctx.load(RefundsOf(order.id)).await?.unwrap_or_default();
    Ok(refunds.into_iter().map(Refund).collect())
}

/// Returns the amount of an order that can still be refunded.
pub fn refundable(order: &OrderRow, ctx: &Context<'_>) -> Money {
    money(ctx, left(order))
}
