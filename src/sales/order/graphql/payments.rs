//! GraphQL types of payments.

use async_graphql::{Context, Enum, ID, Object};

use super::payment_loaders::{LedgerOf, OrderOfPayment, PaymentsOf};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::graphql::dataloader::ContextExt;
use crate::sales::order::entity::Model as OrderRow;
use crate::sales::payment::entity::{Model, Provider, Status};
use crate::sales::payment::service::Ledger;
use crate::sales::payment::service::provider::client_secret;

/// Way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Provider")]
pub enum PaymentProvider {
    /// On account, such as by bank transfer or on delivery. The shop records the payment.
    Manual,
    /// Simulated payment, for development: `finishTestPayment` plays the buyer's step.
    Test,
    /// Cards, wallets and other ways to pay, by Stripe: `Payment.clientSecret` and `Shop.stripePublishableKey`.
    Stripe,
}

/// Status of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum PaymentStatus {
    /// The provider has not responded yet. The server repeats the request.
    New,
    /// Waits for the buyer; on account, for the money.
    Pending,
    /// Waits for a bank.
    Processing,
    /// The amount is reserved until an admin captures it.
    Authorized,
    /// Paid.
    Captured,
    /// Canceled. It can't be paid any more.
    Canceled,
}

/// GraphQL object of a payment.
#[derive(Clone, Debug)]
pub struct Payment(pub Model);

/// A payment of an order. Visible to the user of the order, to holders of the token of the order, and to admins.
#[Object(cache_control(private))]
impl Payment {
    /// Opaque, stable id: `pay_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Way to pay.
    async fn provider(&self) -> PaymentProvider {
        self.0.provider.into()
    }

    /// Status, as the provider last reported it.
    async fn status(&self) -> PaymentStatus {
        self.0.status.into()
    }

    /// The amount to pay: the total of the order.
    async fn amount(&self, ctx: &Context<'_>) -> Money {
        money(ctx, self.0.amount)
    }

    /// The amount that was paid.
    async fn captured(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(money(ctx, self.ledger(ctx).await?.captured))
    }

    /// The amount that was paid back.
    async fn refunded(&self, ctx: &Context<'_>) -> Result<Money> {
        Ok(money(ctx, self.ledger(ctx).await?.refunded))
    }

    /// The provider's error code of the last attempt, such as `card_declined`. The buyer can try again on the same payment.
    /// Null if the last attempt has not failed.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// How to pay, for payments on account that are not paid yet. Null for other payments.
    async fn instructions(&self, ctx: &Context<'_>) -> Option<String> {
        let is_open = self.0.provider == Provider::Manual && !self.0.status.is_final();
        let instructions = ctx.state().config.manual_payments();
        instructions.filter(|_| is_open).map(ToOwned::to_owned)
    }

    /// The client secret of a payment with Stripe that waits for the buyer, with which Stripe.js confirms it. Each selection
    /// requests it from Stripe. Null for other payments, until Stripe has created the payment, and for anyone but the buyer: also
    /// for admins. Do not log or store it.
    ///
    /// Errors: `SERVICE_UNAVAILABLE` if Stripe does not respond.
    async fn client_secret(&self, ctx: &Context<'_>) -> Nullable<String> {
        self.secret_of_buyer(ctx).await.transpose()
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

impl Payment {
    async fn secret_of_buyer(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if let Ok(admin) = ctx.viewer().admin() {
            // An admin who sees the order of somebody else. Others see their own orders only.
            let order = ctx.load(OrderOfPayment(self.0.id)).await?;
            let buyer = order.and_then(|order| order.user_id);
            if buyer != Some(admin.user()) {
                return Ok(None);
            }
        }
        let secret = client_secret(ctx.state(), &self.0).await?;
        Ok(secret.map(|secret| secret.expose().to_owned()))
    }

    async fn ledger(&self, ctx: &Context<'_>) -> Result<Ledger> {
        Ok(ctx.load(LedgerOf(self.0.id)).await?.unwrap_or_default())
    }
}

/// Returns an amount in the currency of the shop.
pub(super) fn money(ctx: &Context<'_>, minor: i64) -> Money {
    Money::new(minor, ctx.state().config.shop_currency)
}

/// Returns the payments of an order, the oldest first. The caller must have checked that the viewer may see the order.
pub async fn payments(order: &OrderRow, ctx: &Context<'_>) -> Result<Vec<Payment>> {
    let payments = ctx.load(PaymentsOf(order.id)).await?.unwrap_or_default();
    Ok(payments.into_iter().map(Payment).collect())
}
