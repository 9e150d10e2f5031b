//! Triggers that reject changes of ordered items, totals, events and the ledger.

use super::execute;
use crate::prelude::*;

/// Rows that are only inserted.
const APPEND_ONLY: [&str; 5] = [
    "order_taxes",
    "order_discounts",
    "payment_entries",
    "fulfillment_lines",
    "refund_lines",
];
/// Columns that keep their values, by table. Rows of these tables are never deleted.
const FIXED_COLUMNS: [(&str, &str); 3] = [
    (
        "orders",
        "id, cart_id, currency, prices_include_tax, items, discount, shipping, shipping_discount, shipping_tax, tax,
         total, placed_at",
    ),
    (
        "order_lines",
        "id, order_id, position, variant_id, product_id, name, variant_name, sku, options, image_id, attributes,
         quantity, unit_price, discount, total, tax_name, tax_ppm, tax, weight, requires_shipping, tracked",
    ),
    (
        "order_events",
        "id, order_id, kind, public, at, actor_id, data",
    ),
];

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
    if !is_sqlite {
        let function =
            "CREATE FUNCTION wares_refuse_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$";
        execute(manager, function).await?;
    }
    let action = |table: &str| {
        if is_sqlite {
            format!("BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END")
        } else {
            "FOR EACH ROW EXECUTE FUNCTION wares_refuse_order_change()".to_owned()
        }
    };
    for table in APPEND_ONLY {
        let sql = format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {}",
            action(table)
        );
        execute(manager, &sql).await?;
    }
    for (table, columns) in FIXED_COLUMNS {
        let sql = format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {columns} ON {table} {}",
            action(table)
        );
        execute(manager, &sql).await?;
    }
    let number = if is_sqlite {
        "BEFORE UPDATE OF number ON orders WHEN OLD.number IS NOT NULL AND NEW.number IS NOT OLD.number"
    } else {
        "BEFORE UPDATE OF number ON orders FOR EACH ROW
         WHEN (OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number)"
    };
    let refuse = action("orders").replace("FOR EACH ROW ", "");
    let sql = format!("CREATE TRIGGER orders_number_no_update {number} {refuse}");
    execute(manager, &sql).await?;
    for table in APPEND_ONLY.into_iter().chain([
        "orders",
        "order_lines",
        "fulfillments",
        "payments",
        "refunds",
    ]) {
        let sql = format!(
            "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {}",
            action(table)
        );
        execute(manager, &sql).await?;
    }
    Ok(())
}

/// Drops the trigger function. Dropping the tables has dropped the triggers.
pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    execute(manager, "DROP FUNCTION wares_refuse_order_change()").await
}
