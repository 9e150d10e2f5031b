//! Refunds of payments.

use super::{
    amount, check, execute, optional_reference, optional_text, optional_timestamp, order_key,
};
use crate::columns::{boolean, foreign_key, id, index, integer, reference, text, timestamp};
use crate::prelude::*;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let refunds = Table::create()
        .table("refunds")
        .col(id())
        .col(reference("order_id"))
        .col(reference("payment_id"))
        .col(amount("amount"))
        // The part of the amount that is for shipping.
        .col(amount("shipping"))
        .col(optional_text("reason"))
        .col(text("status"))
        // The id at the provider. Null until the provider has answered.
        .col(optional_text("reference"))
        .col(optional_text("last_error"))
        .col(optional_reference("actor_id"))
        // The time at which a server asks the provider again. Null if the status is final.
        .col(optional_timestamp("look_at"))
        .col(integer("attempts"))
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .foreign_key(&mut order_key("refunds_order_id_fkey", "refunds"))
        .foreign_key(&mut foreign_key(
            "refunds_payment_id_fkey",
            ("refunds", "payment_id"),
            "payments",
            ForeignKeyAction::Restrict,
        ))
        .check(Check::named(
            "refunds_status_check",
            Expr::col("status").is_in(["PENDING", "SUCCEEDED", "FAILED"]),
        ))
        .check(check(
            "refunds_amount_check",
            "amount >= 1 AND shipping BETWEEN 0 AND amount",
        ))
        .take();
    manager.create_table(refunds).await?;
    index(
        manager,
        "refunds",
        "refunds_order_id_idx",
        &["order_id", "id"],
    )
    .await?;
    execute(
        manager,
        "CREATE INDEX refunds_look_at_idx ON refunds (look_at) WHERE look_at IS NOT NULL",
    )
    .await?;
    let lines = Table::create()
        .table("refund_lines")
        .col(reference("refund_id"))
        .col(reference("line_id"))
        .col(integer("quantity"))
        .col(amount("amount"))
        .col(boolean("restock"))
        .primary_key(
            Index::create()
                .name("refund_lines_pkey")
                .col("refund_id")
                .col("line_id"),
        )
        .foreign_key(&mut foreign_key(
            "refund_lines_refund_id_fkey",
            ("refund_lines", "refund_id"),
            "refunds",
            ForeignKeyAction::Restrict,
        ))
        .foreign_key(&mut foreign_key(
            "refund_lines_line_id_fkey",
            ("refund_lines", "line_id"),
            "order_lines",
            ForeignKeyAction::Restrict,
        ))
        .check(check(
            "refund_lines_amount_check",
            "quantity >= 1 AND amount >= 0",
        ))
        .take();
    manager.create_table(lines).await?;
    let test = Table::create()
        .table("test_refunds")
        .col(id())
        .col(reference("payment_id"))
        .col(amount("amount"))
        .col(timestamp("created_at"))
        .take();
    manager.create_table(test).await
}
