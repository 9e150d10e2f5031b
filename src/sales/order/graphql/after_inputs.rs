//! Inputs and payloads of the mutations after an order.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::Order;
use super::fulfillments::Fulfillment;
use crate::accounts::address::graphql::PostalAddressInput;
use crate::core::patch::Patch;
use crate::core::postal_address::AddressInput;
use crate::payload;
use crate::sales::order::entity::Model;
use crate::sales::order::service::fulfillments::UpdateInput;
use crate::sales::order::service::{
    CancelLinesInput, FulfillInput, Fulfilled, TrackingInput, UnitsInput, UpdateAddressInput,
};

/// Units of a line of an order.
#[derive(Debug, InputObject)]
pub struct OrderLineUnitsInput {
    /// The id of the line: `orderline_...`.
    line_id: ID,
    /// Number of units: 1 to 10,000.
    quantity: i32,
}

/// Input of `fulfillOrder`.
#[derive(Debug, InputObject)]
pub struct FulfillOrderInput {
    /// The id of the order: `order_...`.
    order_id: ID,
    /// The units to fulfill: 1 to 100 lines. Default: all open units.
    lines: Option<Vec<OrderLineUnitsInput>>,
    /// Name of the carrier: at most 100 characters.
    tracking_company: Option<String>,
    /// Number of the shipment at the carrier: at most 100 characters.
    tracking_number: Option<String>,
    /// Page that tracks the shipment: a URL with `https` or `http`, at most 2,000 characters.
    tracking_url: Option<String>,
    /// Whether the buyer gets an email. Default: true.
    notify: Option<bool>,
    /// The version that the change is based on. Fails with `CONFLICT` if the order has another one.
    expected_version: Option<i32>,
}

/// Input of `updateFulfillment`. Absent fields stay unchanged, null clears them.
#[derive(Debug, InputObject)]
pub struct UpdateFulfillmentInput {
    /// The id of the fulfillment: `fulfill_...`.
    id: ID,
    /// Name of the carrier: at most 100 characters.
    tracking_company: MaybeUndefined<String>,
    /// Number of the shipment at the carrier: at most 100 characters.
    tracking_number: MaybeUndefined<String>,
    /// Page that tracks the shipment: a URL with `https` or `http`, at most 2,000 characters.
    tracking_url: MaybeUndefined<String>,
    /// Whether the buyer gets the email about the shipment again, with the new tracking. Default: false.
    notify: Option<bool>,
}

/// Input of `cancelFulfillment`.
#[derive(Debug, InputObject)]
pub struct CancelFulfillmentInput {
    /// The id of the fulfillment: `fulfill_...`.
    pub id: ID,
}

/// Input of `cancelOrderLines`.
#[derive(Debug, InputObject)]
pub struct CancelOrderLinesInput {
    /// The id of the order: `order_...`.
    order_id: ID,
    /// The units to cancel: 1 to 100 lines.
    lines: Vec<OrderLineUnitsInput>,
    /// Reason, which the buyer can read: at most 500 characters.
    reason: Option<String>,
    /// Refund the units, except units that were refunded before. If the order is not paid in full yet, the units are refunded
    /// when it is. Default: true.
    refund: Option<bool>,
}

/// Input of `addOrderNote`.
#[derive(Debug, InputObject)]
pub struct AddOrderNoteInput {
    /// The id of the order: `order_...`.
    pub order_id: ID,
    /// Plain text: 1 to 2,000 characters.
    pub text: String,
    /// Whether the buyer can read the note. Default: false.
    pub public: Option<bool>,
}

/// Input of `updateOrderAddress`. Absent fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateOrderAddressInput {
    /// The id of the order: `order_...`.
    order_id: ID,
    /// Address to ship to, in the same country. Replaces the whole address. Must not be null.
    shipping_address: MaybeUndefined<PostalAddressInput>,
    /// Address of the invoice. Null: the shipping address. Replaces the whole address.
    billing_address: MaybeUndefined<PostalAddressInput>,
}

impl From<OrderLineUnitsInput> for UnitsInput {
    fn from(input: OrderLineUnitsInput) -> Self {
        Self {
            line_id: input.line_id.0,
            quantity: input.quantity,
        }
    }
}

fn units(lines: Vec<OrderLineUnitsInput>) -> Vec<UnitsInput> {
    lines.into_iter().map(Into::into).collect()
}

impl From<FulfillOrderInput> for FulfillInput {
    fn from(input: FulfillOrderInput) -> Self {
        Self {
            order_id: input.order_id.0,
            lines: input.lines.map(units),
            tracking: TrackingInput {
                company: input.tracking_company.into(),
                number: input.tracking_number.into(),
                url: input.tracking_url.into(),
            },
            notify: input.notify.unwrap_or(true),
            expected_version: input.expected_version,
        }
    }
}

impl From<UpdateFulfillmentInput> for UpdateInput {
    fn from(input: UpdateFulfillmentInput) -> Self {
        Self {
            id: input.id.0,
            tracking: TrackingInput {
                company: input.tracking_company.into(),
                number: input.tracking_number.into(),
                url: input.tracking_url.into(),
            },
            notify: input.notify.unwrap_or_default(),
        }
    }
}

impl From<CancelOrderLinesInput> for CancelLinesInput {
    fn from(input: CancelOrderLinesInput) -> Self {
        Self {
            order_id: input.order_id.0,
            lines: units(input.lines),
            reason: input.reason,
            refund: input.refund.unwrap_or(true),
        }
    }
}

impl From<UpdateOrderAddressInput> for UpdateAddressInput {
    fn from(input: UpdateOrderAddressInput) -> Self {
        let address = |given: MaybeUndefined<PostalAddressInput>| -> Patch<AddressInput> {
            given.map_value(AddressInput::from).into()
        };
        Self {
            order_id: input.order_id.0,
            shipping_address: address(input.shipping_address),
            billing_address: address(input.billing_address),
        }
    }
}

payload! {
    /// Payload of `fulfillOrder`.
    FulfillOrderPayload,
    /// Payload of `updateFulfillment`.
    UpdateFulfillmentPayload,
    /// Payload of `cancelFulfillment`.
    CancelFulfillmentPayload,
    (Fulfilled as done) {
        /// The order in its new state. Null if nothing was changed.
        order: Option<Order> = Some(done.order.into()),
        /// The fulfillment in its new state. Null if nothing was changed.
        fulfillment: Option<Fulfillment> = Some(done.fulfillment.into()),
    }
}

payload! {
    /// Payload of `cancelOrderLines`.
    CancelOrderLinesPayload,
    /// Payload of `addOrderNote`.
    AddOrderNotePayload,
    /// Payload of `updateOrderAddress`.
    UpdateOrderAddressPayload,
    (Model as order) {
        /// The order in its new state. Null if nothing was changed.
        order: Option<Order> = Some(order.into()),
    }
}
