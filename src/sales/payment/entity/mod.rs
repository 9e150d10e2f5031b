//! Rows of `payments`, and in the submodules those of `payment_entries`, `refunds` and of the test provider.

pub mod entry;
pub mod refund;
pub mod stripe_events;
pub mod test_provider;

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;
use crate::sales::order_id::OrderId;

crate::typed_id!(
    /// The id of a payment.
    PaymentId,
    "pay",
    "payment"
);

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Provider {
    /// On account: bank transfer, or cash on delivery. An admin records the payment.
    Manual,
    /// Simulates a provider, for development.
    Test,
    /// Cards, wallets and other ways to pay, by Stripe.
    Stripe,
}

/// The status of a payment, from the sums of its ledger and the state at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    /// The provider has not answered yet.
    New,
    /// The provider waits for the buyer.
    Pending,
    /// The provider waits for a bank.
    Processing,
    Authorized,
    Captured,
    Canceled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    pub order_id: OrderId,
    pub provider: Provider,
    /// The id at the provider. None until the provider has answered.
    pub reference: Option<String>,
    /// The total of the order in minor units.
    pub amount: i64,
    pub status: Status,
    /// The reason of the last failure, for the buyer: the code of the provider.
    pub last_error: Option<String>,
    pub cancel_requested: bool,
    pub capture_requested: bool,
    /// The time at which a server asks the provider again. None if the status is final.
    pub look_at: Option<Timestamp>,
    /// The number of times that the provider was asked without a change.
    pub attempts: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();
