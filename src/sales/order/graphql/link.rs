//! The mutation that sends the link to an order.

use async_graphql::{Context, InputObject, Object};

use crate::accounts::auth::graphql::client;
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::payload;
use crate::sales::order::service;

/// Root fields that send links to orders.
#[derive(Debug, Default)]
pub struct OrderLinkMutation;

#[Object]
impl OrderLinkMutation {
    /// Sends a link to an order by email to the buyer, for buyers who are not signed in. The link opens the storefront's page
    /// with the id and the token of the order. The response is the same whether or not there is an order with this number and
    /// email address.
    ///
    /// User errors: `BAD_USER_INPUT`; `NOT_CONFIGURED` if the shop has no page for orders. Errors: `RATE_LIMITED`.
    #[graphql(directive = auth::apply(Access::Anyone))]
    async fn send_order_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the order and the email address of the buyer.")]
        input: SendOrderLinkInput,
    ) -> Result<SendOrderLinkPayload> {
        let (number, email) = (input.number, &input.email);
        into_payload(service::send_link(ctx.state(), client(ctx), number, email).await)
    }
}

/// Input of `sendOrderLink`.
#[derive(InputObject)]
pub struct SendOrderLinkInput {
    /// The number of the order.
    number: i32,
    /// The email address that the order was placed with.
    email: String,
}

payload! {
    /// Payload of `sendOrderLink`: the same whether or not an email was sent.
    SendOrderLinkPayload,
    (() as ()) {
        /// Whether the request was accepted. An email was sent if there is an order with this number and email address.
        sent: bool = true,
    }
}
