//! Shipments of orders.

use super::{check, optional_reference, optional_text, optional_timestamp, order_key};
use crate::columns::{foreign_key, id, index, integer, reference, timestamp};
use crate::prelude::*;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let fulfillments = Table::create()
        .table("fulfillments")
        .col(id())
        .col(reference("order_id"))
        .col(optional_text("tracking_company"))
        .col(optional_text("tracking_number"))
        .col(optional_text("tracking_url"))
        .col(optional_reference("actor_id"))
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .col(optional_timestamp("canceled_at"))
        .foreign_key(&mut order_key("fulfillments_order_id_fkey", "fulfillments"))
        .take();
    manager.create_table(fulfillments).await?;
    index(
        manager,
        "fulfillments",
        "fulfillments_order_id_idx",
        &["order_id", "id"],
    )
    .await?;
    let lines = Table::create()
        .table("fulfillment_lines")
        .col(reference("fulfillment_id"))
        .col(reference("line_id"))
        .col(integer("quantity"))
        .primary_key(
            Index::create()
                .name("fulfillment_lines_pkey")
                .col("fulfillment_id")
                .col("line_id"),
        )
        .foreign_key(&mut foreign_key(
            "fulfillment_lines_fulfillment_id_fkey",
            ("fulfillment_lines", "fulfillment_id"),
            "fulfillments",
            ForeignKeyAction::Restrict,
        ))
        .foreign_key(&mut foreign_key(
            "fulfillment_lines_line_id_fkey",
            ("fulfillment_lines", "line_id"),
            "order_lines",
            ForeignKeyAction::Restrict,
        ))
        .check(check("fulfillment_lines_quantity_check", "quantity >= 1"))
        .take();
    manager.create_table(lines).await
}
