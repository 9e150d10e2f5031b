//! Rows of `test_payments` and `test_refunds`: the state at the test provider, as if it were another system.

/// A payment at the test provider.
pub mod payment {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    /// The status of a payment at the test provider.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "Text",
        rename_all = "SCREAMING_SNAKE_CASE"
    )]
    pub enum Status {
        /// Waits for the buyer.
        Waiting,
        /// Waits for the bank.
        Processing,
        Authorized,
        Captured,
        Canceled,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "test_payments")]
    pub struct Model {
        /// The id of the payment, which is the idempotency key of its creation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// In minor units.
        pub amount: i64,
        pub status: Status,
        pub captured: i64,
        pub refunded: i64,
        /// ISO 4217 code.
        pub currency: String,
        /// The number of times that the payment was declined.
        pub failures: i32,
        pub last_error: Option<String>,
        pub created_at: Timestamp,
    }

    crate::no_relations!();
}

/// A refund at the test provider.
pub mod refund {
    use sea_orm::entity::prelude::*;

    use crate::core::clock::Timestamp;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "test_refunds")]
    pub struct Model {
        /// The id of the refund, which is the idempotency key of its creation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub payment_id: Uuid,
        /// In minor units.
        pub amount: i64,
        pub created_at: Timestamp,
    }

    crate::no_relations!();
}
