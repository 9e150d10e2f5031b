//! Rows of `payment_entries`: the ledger, which is only appended to.

use sea_orm::entity::prelude::*;

use super::PaymentId;
use crate::core::clock::Timestamp;

/// The kind of an entry of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    Authorized,
    Captured,
    Refunded,
    /// Takes back a `Refunded` entry: the refund failed later, and its amount is again the shop's.
    RefundFailed,
    Disputed,
    DisputeWon,
    /// A failed attempt of the buyer, with the amount 0 and the provider's error code as the note.
    Failed,
    Canceled,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub payment_id: PaymentId,
    pub kind: Kind,
    /// In minor units.
    pub amount: i64,
    /// Identifies the entry at the provider, so that it is entered once.
    pub provider_key: String,
    /// Text of an admin who recorded it.
    pub note: Option<String>,
    pub at: Timestamp,
}

crate::no_relations!();
