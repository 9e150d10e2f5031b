//! Inputs and payloads of mutations on orders.

use async_graphql::{ID, InputObject, SimpleObject};

use super::Order;
use super::payments::{Payment, PaymentProvider};
use crate::core::error::UserError;
use crate::core::money::Decimal;
use crate::payload;
use crate::sales::cart::graphql::Cart;
use crate::sales::order::entity::Model;
use crate::sales::order::service::Outcome;

/// Input of `placeOrder`.
#[derive(Debug, InputObject)]
pub struct PlaceOrderInput {
    /// The total that the buyer has seen: `Cart.totals.total`. An order that costs something else is refused.
    pub expected_total: Decimal,
    /// How the order is paid.
    pub payment: PlaceOrderPaymentInput,
}

/// How an order is paid.
#[derive(Debug, InputObject)]
pub struct PlaceOrderPaymentInput {
    /// The way to pay: one of `Shop.paymentMethods`.
    pub provider: PaymentProvider,
}

/// Payload of `placeOrder`.
#[derive(SimpleObject)]
pub struct PlaceOrderPayload {
    /// The order. Null if it was refused; with `ALREADY_PAID` the earlier order.
    order: Option<Order>,
    /// The token of the order, for `order` and for its payment. It opens the order to whoever has it: store it like a
    /// password. Null if there is no order.
    order_token: Option<String>,
    /// The payment. Null if there is no order or nothing to pay.
    payment: Option<Payment>,
    /// The cart with its prices and problems of now. Null after the order is confirmed, which deletes the cart.
    cart: Option<Cart>,
    /// The reasons why the order was refused. Empty on success.
    user_errors: Vec<UserError>,
}

impl From<Outcome> for PlaceOrderPayload {
    fn from(outcome: Outcome) -> Self {
        Self {
            order: outcome.order.map(Order::from),
            order_token: outcome.token.map(|token| token.expose().to_owned()),
            payment: outcome.payment.map(Payment),
            cart: outcome.cart.map(Into::into),
            user_errors: outcome.errors,
        }
    }
}

impl From<Vec<UserError>> for PlaceOrderPayload {
    fn from(errors: Vec<UserError>) -> Self {
        Outcome {
            errors,
            ..Outcome::default()
        }
        .into()
    }
}

/// Input of `cancelOrder`.
#[derive(Debug, InputObject)]
pub struct CancelOrderInput {
    /// The id of the order: `order_...`.
    pub id: ID,
    /// The token of the order. Default: none, for an order of the signed-in user and for admins.
    pub token: Option<String>,
    /// Reason: at most 500 characters. The buyer can read it.
    pub reason: Option<String>,
}

payload! {
    /// Payload of `cancelOrder`.
    CancelOrderPayload,
    (Model as order) {
        /// The order in its new state. Null if nothing was changed.
        order: Option<Order> = Some(order.into()),
    }
}
