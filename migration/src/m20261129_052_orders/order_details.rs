//! What an order consists of, and what happened to it.

use super::{amount, check, optional_reference, optional_text, order_key, unique_together};
use crate::columns::{
    boolean, foreign_key, id, index, integer, key_text, reference, text, timestamp,
};
use crate::prelude::*;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager.create_table(lines()).await?;
    let taxes = Table::create()
        .table("order_taxes")
        .col(id())
        .col(reference("order_id"))
        .col(integer("position"))
        .col(text("name"))
        .col(integer("ppm"))
        .col(amount("base"))
        .col(amount("amount"))
        .index(&mut unique_together(
            "order_taxes_order_id_position_key",
            &["order_id", "position"],
        ))
        .foreign_key(&mut order_key("order_taxes_order_id_fkey", "order_taxes"))
        .take();
    manager.create_table(taxes).await?;
    let discounts = Table::create()
        .table("order_discounts")
        .col(id())
        .col(reference("order_id"))
        .col(integer("position"))
        .col(reference("discount_id"))
        .col(text("name"))
        .col(optional_text("code"))
        .col(amount("amount"))
        .index(&mut unique_together(
            "order_discounts_order_id_position_key",
            &["order_id", "position"],
        ))
        .foreign_key(&mut order_key(
            "order_discounts_order_id_fkey",
            "order_discounts",
        ))
        .check(check("order_discounts_amount_check", "amount >= 0"))
        .take();
    manager.create_table(discounts).await?;
    create_events(manager).await?;
    create_uses(manager).await?;
    // For the products and variants that were ordered.
    index(
        manager,
        "order_lines",
        "order_lines_variant_id_idx",
        &["variant_id"],
    )
    .await
}

fn lines() -> TableCreateStatement {
    Table::create()
        .table("order_lines")
        .col(id())
        .col(reference("order_id"))
        .col(integer("position"))
        // Without foreign keys: an order outlives its products.
        .col(reference("variant_id"))
        .col(reference("product_id"))
        .col(text("name"))
        .col(text("variant_name"))
        .col(optional_text("sku"))
        .col(text("options"))
        .col(optional_reference("image_id"))
        .col(text("attributes"))
        .col(integer("quantity"))
        .col(amount("unit_price"))
        .col(amount("discount"))
        .col(amount("total"))
        .col(optional_text("tax_name"))
        .col(integer("tax_ppm"))
        .col(amount("tax"))
        .col(ColumnDef::new("weight").integer())
        .col(boolean("requires_shipping"))
        // Whether the stock level counts its units as reserved until they are shipped.
        .col(boolean("tracked"))
        .col(integer("canceled"))
        .col(integer("fulfilled"))
        .col(integer("returned"))
        .index(&mut unique_together(
            "order_lines_order_id_position_key",
            &["order_id", "position"],
        ))
        .foreign_key(&mut order_key("order_lines_order_id_fkey", "order_lines"))
        .check(check(
            "order_lines_total_check",
            "total = unit_price * quantity - discount AND total >= 0 AND discount >= 0 AND tax >= 0
             AND quantity >= 1 AND unit_price >= 0",
        ))
        .check(check(
            "order_lines_units_check",
            "canceled >= 0 AND fulfilled >= 0 AND fulfilled + canceled <= quantity
             AND returned >= 0 AND returned <= fulfilled",
        ))
        .take()
}

async fn create_events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let events = Table::create()
        .table("order_events")
        .col(id())
        .col(reference("order_id"))
        .col(text("kind"))
        // Whether the buyer may read it.
        .col(boolean("public"))
        .col(timestamp("at"))
        .col(optional_reference("actor_id"))
        .col(text("data"))
        // An address before a change. Erased with the other personal data of the order.
        .col(optional_text("old_address"))
        .foreign_key(&mut order_key("order_events_order_id_fkey", "order_events"))
        .take();
    manager.create_table(events).await?;
    index(
        manager,
        "order_events",
        "order_events_order_id_idx",
        &["order_id", "id"],
    )
    .await
}

async fn create_uses(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let uses = Table::create()
        .table("discount_uses")
        .col(id())
        .col(reference("discount_id"))
        .col(reference("order_id"))
        .col(key_text("customer_key", manager))
        .col(timestamp("created_at"))
        .index(&mut unique_together(
            "discount_uses_order_id_discount_id_key",
            &["order_id", "discount_id"],
        ))
        .foreign_key(&mut foreign_key(
            "discount_uses_discount_id_fkey",
            ("discount_uses", "discount_id"),
            "discounts",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut order_key(
            "discount_uses_order_id_fkey",
            "discount_uses",
        ))
        .take();
    manager.create_table(uses).await?;
    index(
        manager,
        "discount_uses",
        "discount_uses_discount_id_customer_key_idx",
        &["discount_id", "customer_key"],
    )
    .await
}
