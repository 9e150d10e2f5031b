//! GraphQL type of an order.

use async_graphql::{Context, Enum, ID, Object};

use super::OrderLine;
use super::fulfillments::{self, Fulfillment};
use super::loaders::{DiscountsOf, LinesOf};
use super::payments::{Payment, payments};
use super::refunds::{Refund, refundable, refunds};
use super::timeline::{self, OrderEventConnection};
use super::totals::{OrderDiscount, OrderTotals};
use crate::accounts::address::graphql::PostalAddress;
use crate::accounts::user::graphql::{ById as UserById, User};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::money::{Currency, Money};
use crate::core::pagination::PageArgs;
use crate::core::postal_address;
use crate::graphql::dataloader::ContextExt;
use crate::sales::order::entity::{FulfillmentStatus, Model, PaymentStatus, Status};

/// An order row as a GraphQL object.
#[derive(Clone, Debug)]
pub struct Order(Model);

impl From<Model> for Order {
    fn from(order: Model) -> Self {
        Self(order)
    }
}

impl Order {
    /// Returns the currency of its amounts.
    fn currency(&self, ctx: &Context<'_>) -> Currency {
        let own = self.0.currency.parse();
        own.unwrap_or(ctx.state().config.shop_currency)
    }

    fn money(&self, ctx: &Context<'_>, minor: i64) -> Money {
        Money::new(minor, self.currency(ctx))
    }
}

/// An order. Its items and totals never change, even if the products are changed or deleted.
///
/// Visible to its buyer, to clients with its token, and to admins.
#[Object(cache_control(private))]
impl Order {
    /// Opaque, stable id: `order_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The number that buyers and the shop call it by. Numbers have no gaps. Null until the order is confirmed.
    async fn number(&self) -> Option<i64> {
        self.0.number
    }

    /// Status.
    async fn status(&self) -> OrderStatus {
        self.0.status.into()
    }

    /// Payment status.
    async fn payment_status(&self) -> OrderPaymentStatus {
        self.0.payment_status.into()
    }

    /// Fulfillment status.
    async fn fulfillment_status(&self) -> OrderFulfillmentStatus {
        self.0.fulfillment_status.into()
    }

    /// Whether the buyer disputes a payment at the provider.
    async fn disputed(&self) -> bool {
        self.0.disputed
    }

    /// Email address of the buyer. Empty after the personal data was erased.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Phone number. Null if there is none.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// Note to the shop. Null if there is none.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Language of the buyer: a BCP 47 tag such as `pt-BR`. Null if it is unknown.
    async fn locale(&self) -> Option<&str> {
        self.0.locale.as_deref()
    }

    /// Lines, in the order of the cart. At most 100.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<OrderLine>> {
        let found = ctx.load(LinesOf(self.0.id)).await?;
        let currency = self.currency(ctx);
        let found = found.unwrap_or_default().into_iter();
        Ok(found.map(|row| OrderLine::new(row, currency)).collect())
    }

    /// The totals.
    async fn totals(&self, ctx: &Context<'_>) -> OrderTotals {
        OrderTotals {
            order: self.0.clone(),
            currency: self.currency(ctx),
        }
    }

    /// The discounts that were applied, in the order of their calculation.
    async fn discounts(&self, ctx: &Context<'_>) -> Result<Vec<OrderDiscount>> {
        let found = ctx.load(DiscountsOf(self.0.id)).await?;
        let currency = self.currency(ctx);
        let found = found.unwrap_or_default().into_iter();
        Ok(found.map(|row| OrderDiscount::new(row, currency)).collect())
    }

    /// Address that is shipped to. Null if nothing is shipped, and after the personal data was erased.
    async fn shipping_address(&self) -> Option<PostalAddress> {
        address(self.0.shipping_address.as_deref())
    }

    /// Address of the invoice. Null if it is the shipping address, and after the personal data was erased.
    async fn billing_address(&self) -> Option<PostalAddress> {
        address(self.0.billing_address.as_deref())
    }

    /// Name of the shipping method. Null if nothing is shipped.
    async fn shipping_method_name(&self) -> Option<&str> {
        self.0.shipping_method_name.as_deref()
    }

    /// The amount that was paid.
    async fn captured(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.0.captured)
    }

    /// The amount that was paid back.
    async fn refunded(&self, ctx: &Context<'_>) -> Money {
        self.money(ctx, self.0.refunded)
    }

    /// The amount that can be refunded: the captured amount without succeeded and pending refunds.
    async fn refundable(&self, ctx: &Context<'_>) -> Money {
        refundable(&self.0, ctx)
    }

    /// The payments, the oldest first.
    async fn payments(&self, ctx: &Context<'_>) -> Result<Vec<Payment>> {
        payments(&self.0, ctx).await
    }

    /// The refunds, the oldest first.
    async fn refunds(&self, ctx: &Context<'_>) -> Result<Vec<Refund>> {
        refunds(&self.0, ctx).await
    }

    /// The shipments, oldest first.
    async fn fulfillments(&self, ctx: &Context<'_>) -> Result<Vec<Fulfillment>> {
        fulfillments::fulfillments(&self.0, ctx).await
    }

    /// What happened to the order, oldest event first. Buyers see the events that concern them.
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
    ) -> Result<OrderEventConnection> {
        let page = PageArgs::new(first, after, last, before);
        timeline::timeline(&self.0, ctx, page).await
    }

    /// The time until which a pending order can be paid. Its stock is reserved until then.
    async fn pay_until(&self) -> Timestamp {
        self.0.pay_until
    }

    /// The time at which it was placed.
    async fn placed_at(&self) -> Timestamp {
        self.0.placed_at
    }

    /// The time at which it was confirmed. Null if it was not.
    async fn confirmed_at(&self) -> Option<Timestamp> {
        self.0.confirmed_at
    }

    /// The time at which it was canceled or has expired. Null if it was not.
    async fn closed_at(&self) -> Option<Timestamp> {
        self.0.closed_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The account that ordered. Null for guests, after the account was deleted, and unless you may see the account.
    async fn user(&self, ctx: &Context<'_>) -> Nullable<User> {
        let user = self.0.user_id?;
        if !ctx.viewer().may_see_user(user) {
            return None;
        }
        let found = ctx.load(UserById(user)).await;
        found.map(|found| found.map(User)).transpose()
    }
}

/// Reads a stored address. One that this version can't read counts as absent.
fn address(json: Option<&str>) -> Option<PostalAddress> {
    let address: postal_address::PostalAddress = serde_json::from_str(json?).ok()?;
    Some(address.into())
}

/// The status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum OrderStatus {
    /// Its stock is reserved until it is paid or expires.
    Pending,
    /// It is being canceled or expires: its payment is being canceled. It may still turn out to be paid.
    Closing,
    /// It has a number, and is paid or will be paid on account.
    Confirmed,
    /// It was canceled.
    Canceled,
    /// It was not paid in time.
    Expired,
}

/// The payment status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PaymentStatus")]
pub enum OrderPaymentStatus {
    /// Nothing is paid.
    Unpaid,
    /// The payment is being processed, for example by a bank.
    Processing,
    /// The amount is authorized, and captured later.
    Authorized,
    /// It is paid.
    Paid,
    /// The captured amount is refunded in part.
    PartiallyRefunded,
    /// The captured amount is refunded in full.
    Refunded,
}

/// The fulfillment status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FulfillmentStatus")]
pub enum OrderFulfillmentStatus {
    /// Nothing is fulfilled.
    None,
    /// A part is fulfilled.
    Partial,
    /// All that was not canceled is fulfilled.
    Fulfilled,
}
