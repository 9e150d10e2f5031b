//! The variant, the stock level and the first price of each existing product.

use crate::prelude::*;

const STATEMENTS: [&str; 5] = [
    // The default is TRUE, so that only these rows are written.
    "UPDATE products SET in_stock = FALSE WHERE stock = 0",
    "INSERT INTO variants (id, product_id, position, sku, price, requires_shipping, tracked, active, combination,
        version, created_at, updated_at)
     SELECT id, id, 0, sku, price, TRUE, TRUE, TRUE, '', 1, created_at, updated_at FROM products",
    "INSERT INTO stock_levels (variant_id, product_id, on_hand, reserved, backorder_limit)
     SELECT id, id, stock, 0, 0 FROM products",
    // The first movement and the first price have the ID of the product.
    "INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
     SELECT id, id, 'COUNTED', stock, 0, updated_at FROM products WHERE stock > 0",
    "INSERT INTO price_history (id, variant_id, since, price) SELECT id, id, updated_at, price FROM products",
];

pub(super) async fn run(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for statement in STATEMENTS {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
