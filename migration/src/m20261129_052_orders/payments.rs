//! Payments, their ledger, and the payments of the test provider.

use super::{
    amount, check, execute, optional_text, optional_timestamp, order_key, unique_together,
};
use crate::columns::{boolean, foreign_key, id, index, integer, reference, text, timestamp};
use crate::prelude::*;

const STATUSES: [&str; 6] = [
    "NEW",
    "PENDING",
    "PROCESSING",
    "AUTHORIZED",
    "CAPTURED",
    "CANCELED",
];
const ENTRIES: [&str; 7] = [
    "AUTHORIZED",
    "CAPTURED",
    "REFUNDED",
    "DISPUTED",
    "DISPUTE_WON",
    "FAILED",
    "CANCELED",
];

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let payments = Table::create()
        .table("payments")
        .col(id())
        .col(reference("order_id"))
        .col(text("provider"))
        // The id at the provider. Null until the provider has answered.
        .col(optional_text("reference"))
        .col(amount("amount"))
        .col(text("status"))
        .col(optional_text("last_error"))
        .col(boolean("cancel_requested"))
        .col(boolean("capture_requested"))
        // The time at which a server asks the provider again. Null if the status is final.
        .col(optional_timestamp("look_at"))
        .col(integer("attempts"))
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique_together(
            "payments_provider_reference_key",
            &["provider", "reference"],
        ))
        .foreign_key(&mut order_key("payments_order_id_fkey", "payments"))
        .check(Check::named(
            "payments_status_check",
            Expr::col("status").is_in(STATUSES),
        ))
        .check(check("payments_amount_check", "amount >= 0"))
        .take();
    manager.create_table(payments).await?;
    execute(
        manager,
        "CREATE UNIQUE INDEX payments_open_key ON payments (order_id) WHERE status NOT IN ('CAPTURED', 'CANCELED')",
    )
    .await?;
    index(
        manager,
        "payments",
        "payments_order_id_idx",
        &["order_id", "id"],
    )
    .await?;
    execute(
        manager,
        "CREATE INDEX payments_look_at_idx ON payments (look_at) WHERE look_at IS NOT NULL",
    )
    .await?;
    manager.create_table(entries()).await?;
    create_test_payments(manager).await
}

fn entries() -> TableCreateStatement {
    Table::create()
        .table("payment_entries")
        .col(id())
        .col(reference("payment_id"))
        .col(text("kind"))
        .col(amount("amount"))
        // Identifies the entry at the provider, so that it is entered once.
        .col(text("provider_key"))
        .col(optional_text("note"))
        .col(timestamp("at"))
        .index(&mut unique_together(
            "payment_entries_payment_id_provider_key_key",
            &["payment_id", "provider_key"],
        ))
        .foreign_key(&mut foreign_key(
            "payment_entries_payment_id_fkey",
            ("payment_entries", "payment_id"),
            "payments",
            ForeignKeyAction::Restrict,
        ))
        .check(Check::named(
            "payment_entries_kind_check",
            Expr::col("kind").is_in(ENTRIES),
        ))
        .check(check("payment_entries_amount_check", "amount >= 0"))
        .take()
}

async fn create_test_payments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let payments = Table::create()
        .table("test_payments")
        .col(id())
        .col(amount("amount"))
        .col(text("status"))
        .col(amount("captured"))
        .col(amount("refunded"))
        .col(text("currency"))
        .col(integer("failures"))
        .col(optional_text("last_error"))
        .col(timestamp("created_at"))
        .take();
    manager.create_table(payments).await
}
