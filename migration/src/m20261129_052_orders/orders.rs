//! Orders, and the counters that number them.

use super::{amount, check, execute, optional_reference, optional_text, optional_timestamp};
use crate::columns::{
    boolean, bytes, foreign_key, id, index, integer, key_text, length_between, reference, text,
    timestamp, unique, version,
};
use crate::prelude::*;

const STATUSES: [&str; 5] = ["PENDING", "CLOSING", "CONFIRMED", "CANCELED", "EXPIRED"];
const PAYMENT_STATUSES: [&str; 6] = [
    "UNPAID",
    "PROCESSING",
    "AUTHORIZED",
    "PAID",
    "PARTIALLY_REFUNDED",
    "REFUNDED",
];
const FULFILLMENT_STATUSES: [&str; 3] = ["NONE", "PARTIAL", "FULFILLED"];
const MAX_NOTE: i64 = 2_000;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let counters = Table::create()
        .table("counters")
        .col(text("name").primary_key())
        .col(ColumnDef::new("value").big_integer().not_null())
        .take();
    manager.create_table(counters).await?;
    manager.create_table(orders(manager)).await?;
    // One order of a cart that is paid or can still be paid.
    execute(
        manager,
        "CREATE UNIQUE INDEX orders_live_cart_key ON orders (cart_id)
         WHERE status IN ('PENDING', 'CLOSING', 'CONFIRMED')",
    )
    .await?;
    execute(
        manager,
        "CREATE INDEX orders_pay_until_idx ON orders (pay_until) WHERE status IN ('PENDING', 'CLOSING')",
    )
    .await?;
    for (name, columns) in [
        ("orders_user_id_idx", &["user_id", "placed_at", "id"][..]),
        ("orders_placed_at_idx", &["placed_at", "id"]),
        ("orders_status_idx", &["status", "placed_at", "id"]),
        ("orders_email_key_idx", &["email_key"]),
        ("orders_cart_token_hash_idx", &["cart_token_hash"]),
        ("orders_name_key_idx", &["name_key"]),
    ] {
        index(manager, "orders", name, columns).await?;
    }
    Ok(())
}

fn orders(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let is_in = |column: &'static str, values: &[&'static str]| {
        Expr::col(column).is_in(values.iter().copied())
    };
    Table::create()
        .table("orders")
        .col(id())
        .col(ColumnDef::new("number").big_integer())
        .col(reference("cart_id"))
        // The version of the cart at the time of the order.
        .col(integer("cart_version"))
        .col(optional_reference("user_id"))
        .col(bytes("token_hash"))
        // The hash of the token of a guest's cart, which still finds the order when the cart is gone.
        .col(ColumnDef::new("cart_token_hash").binary())
        .col(text("email"))
        .col(key_text("email_key", manager))
        .col(key_text("name_key", manager))
        .col(optional_text("phone"))
        .col(optional_text("note"))
        .col(optional_text("locale"))
        .col(text("status"))
        // The status that a closing order gets.
        .col(optional_text("closing_as"))
        .col(text("payment_status"))
        .col(text("fulfillment_status"))
        .col(boolean("disputed"))
        .col(text("currency"))
        .col(boolean("prices_include_tax"))
        .col(amount("items"))
        .col(amount("discount"))
        .col(amount("shipping"))
        .col(amount("shipping_discount"))
        .col(amount("shipping_tax"))
        .col(amount("tax"))
        .col(amount("total"))
        .col(amount("authorized"))
        .col(amount("captured"))
        .col(amount("refunded"))
        .col(amount("refund_pending"))
        .col(optional_text("shipping_address"))
        .col(optional_text("billing_address"))
        .col(optional_text("country"))
        .col(optional_reference("shipping_method_id"))
        .col(optional_text("shipping_method_name"))
        .col(version())
        .col(timestamp("placed_at"))
        .col(timestamp("pay_until"))
        .col(optional_timestamp("confirmed_at"))
        .col(optional_timestamp("closed_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("orders_number_key", "number"))
        .index(&mut unique("orders_token_hash_key", "token_hash"))
        .foreign_key(&mut foreign_key(
            "orders_user_id_fkey",
            ("orders", "user_id"),
            "users",
            ForeignKeyAction::SetNull,
        ))
        .check(Check::named("orders_status_check", is_in("status", &STATUSES)))
        .check(Check::named(
            "orders_payment_status_check",
            is_in("payment_status", &PAYMENT_STATUSES),
        ))
        .check(Check::named(
            "orders_fulfillment_status_check",
            is_in("fulfillment_status", &FULFILLMENT_STATUSES),
        ))
        .check(length_between("orders_note_check", "note", 1, MAX_NOTE))
        .check(check(
            "orders_number_check",
            "(number IS NULL) = (confirmed_at IS NULL)",
        ))
        .check(check(
            "orders_total_check",
            "total = items - discount + shipping + (CASE WHEN prices_include_tax THEN 0 ELSE tax END)",
        ))
        .check(check(
            "orders_amounts_check",
            "items >= 0 AND discount BETWEEN 0 AND items + shipping AND shipping >= 0 AND tax >= 0 AND total >= 0
             AND shipping_discount BETWEEN 0 AND shipping AND shipping_discount <= discount
             AND shipping_tax BETWEEN 0 AND tax",
        ))
        .check(check(
            "orders_captured_check",
            "refunded >= 0 AND refund_pending >= 0 AND refunded + refund_pending <= captured
             AND captured <= total AND authorized >= 0",
        ))
        .take()
}
