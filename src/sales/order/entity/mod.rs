//! Rows of `orders`, and in the submodules those of the tables that belong to it.

pub mod counter;
pub mod detail;
pub mod event;
pub mod fulfillment;
pub mod line;

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::core::viewer::{CartId, UserId};
pub use crate::sales::order_id::OrderId;
use crate::sales::shipping::ShippingMethodId;

/// The status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    /// Its stock is reserved until it is paid or expires.
    Pending,
    /// It is being canceled or expires: its payments are being canceled at the provider. It may still turn out to be paid.
    Closing,
    /// It has a number, and is paid or will be paid on account.
    Confirmed,
    Canceled,
    Expired,
}

/// The payment status of an order, from the sums of its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PaymentStatus {
    Unpaid,
    Processing,
    Authorized,
    Paid,
    PartiallyRefunded,
    Refunded,
}

/// The fulfillment status of an order, from the sums of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum FulfillmentStatus {
    None,
    Partial,
    Fulfilled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderId,
    /// Without gaps, in the order of the confirmations. None until the order is confirmed.
    pub number: Option<i64>,
    /// The cart it was placed from, which is deleted when the order is confirmed.
    pub cart_id: CartId,
    /// The version of the cart when the order was placed.
    pub cart_version: i32,
    /// None for guests, and after the account was deleted.
    pub user_id: Option<UserId>,
    /// Keyed hash of the token that opens the order to a guest.
    pub token_hash: Vec<u8>,
    /// Keyed hash of the token of the guest's cart. None for users.
    pub cart_token_hash: Option<Vec<u8>>,
    /// Empty after the personal data was erased.
    pub email: String,
    /// The email address for comparison.
    pub email_key: String,
    /// The name of the recipient for comparison and search.
    pub name_key: String,
    pub phone: Option<String>,
    pub note: Option<String>,
    /// BCP 47 language tag.
    pub locale: Option<String>,
    pub status: Status,
    /// The status that a closing order gets if it is not paid meanwhile: canceled or expired.
    pub closing_as: Option<Status>,
    /// The time until which a closing order keeps its stock for the order that replaces it.
    pub held_until: Option<Timestamp>,
    pub payment_status: PaymentStatus,
    pub fulfillment_status: FulfillmentStatus,
    /// Whether the buyer disputes a payment.
    pub disputed: bool,
    /// ISO 4217 code.
    pub currency: String,
    pub prices_include_tax: bool,
    /// Amounts in minor units. `total` = `items` - `discount` + `shipping`, and + `tax` unless prices include it.
    pub items: i64,
    /// All discounts, including that of shipping.
    pub discount: i64,
    /// The price of shipping before free shipping.
    pub shipping: i64,
    pub shipping_discount: i64,
    /// The share of shipping in `tax`.
    pub shipping_tax: i64,
    pub tax: i64,
    pub total: i64,
    /// Sums of the ledger.
    pub authorized: i64,
    pub captured: i64,
    pub refunded: i64,
    /// The sum of the refunds that are not final.
    pub refund_pending: i64,
    /// [`PostalAddress`](crate::core::postal_address::PostalAddress) as JSON. None if nothing is shipped.
    pub shipping_address: Option<String>,
    pub billing_address: Option<String>,
    /// ISO 3166-1 code of the country that is shipped to.
    pub country: Option<String>,
    pub shipping_method_id: Option<ShippingMethodId>,
    pub shipping_method_name: Option<String>,
    pub version: i32,
    pub placed_at: Timestamp,
    /// The time until which a pending order can be paid.
    pub pay_until: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    /// The time at which it was canceled or has expired.
    pub closed_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

crate::no_relations!();
