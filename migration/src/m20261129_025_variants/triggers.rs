//! Triggers: stock movements and prices of the past can't be changed, and what a server of the previous version writes
//! to `products` reaches the only variant.
//!
//! A server of this version writes `price_max` with each new product, which tells the two apart. Its changes of the
//! price, the SKU and the stock reach the variant first, so that the triggers find nothing to do.

use crate::prelude::*;

const SQLITE: [&str; 5] = [
    "CREATE TRIGGER stock_movements_no_update BEFORE UPDATE ON stock_movements
     BEGIN SELECT RAISE(ABORT, 'stock movements are never changed'); END",
    "CREATE TRIGGER stock_movements_no_delete BEFORE DELETE ON stock_movements
     BEGIN SELECT RAISE(ABORT, 'stock movements are never changed'); END",
    "CREATE TRIGGER price_history_no_update BEFORE UPDATE ON price_history
     BEGIN SELECT RAISE(ABORT, 'the price history is never changed'); END",
    "CREATE TRIGGER products_previous_version_insert AFTER INSERT ON products WHEN NEW.price_max IS NULL
     BEGIN
        INSERT OR IGNORE INTO variants (id, product_id, position, sku, price, requires_shipping, tracked, active,
            combination, version, created_at, updated_at)
        VALUES (NEW.id, NEW.id, 0, NEW.sku, NEW.price, TRUE, TRUE, TRUE, '', 1, NEW.created_at, NEW.updated_at);
        INSERT OR IGNORE INTO stock_levels (variant_id, product_id, on_hand, reserved, backorder_limit)
        VALUES (NEW.id, NEW.id, NEW.stock, 0, 0);
        INSERT OR IGNORE INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
        SELECT NEW.id, NEW.id, 'COUNTED', NEW.stock, 0, NEW.updated_at WHERE NEW.stock > 0;
        INSERT OR IGNORE INTO price_history (id, variant_id, since, price)
        VALUES (NEW.id, NEW.id, NEW.updated_at, NEW.price);
        UPDATE products SET in_stock = (NEW.stock > 0) WHERE id = NEW.id AND in_stock <> (NEW.stock > 0);
     END",
    "CREATE TRIGGER products_previous_version_update AFTER UPDATE OF price, sku, stock ON products
     WHEN NEW.variant_count = 1
        AND (NEW.price <> OLD.price OR NEW.sku IS NOT OLD.sku OR NEW.stock <> OLD.stock)
     BEGIN
        INSERT INTO price_history (id, variant_id, since, price)
        SELECT randomblob(16), id, NEW.updated_at, NEW.price FROM variants WHERE product_id = NEW.id AND price <> NEW.price;
        UPDATE products SET price_max = NEW.price, prior_price = NULL, compare_at_price =
            CASE WHEN compare_at_price > NEW.price THEN compare_at_price END
        WHERE id = NEW.id AND EXISTS (SELECT 1 FROM variants WHERE product_id = NEW.id AND price <> NEW.price);
        UPDATE variants SET price = NEW.price, sku = NEW.sku,
            prior_price = CASE WHEN price = NEW.price THEN prior_price END,
            compare_at_price = CASE WHEN compare_at_price > NEW.price THEN compare_at_price END
        WHERE product_id = NEW.id AND (price <> NEW.price OR sku IS NOT NEW.sku);
        INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
        SELECT randomblob(16), variant_id, 'COUNTED', NEW.stock - on_hand, 0, NEW.updated_at
        FROM stock_levels WHERE product_id = NEW.id AND on_hand <> NEW.stock;
        UPDATE products SET in_stock = (NEW.stock > 0) WHERE id = NEW.id AND in_stock <> (NEW.stock > 0)
            AND EXISTS (SELECT 1 FROM stock_levels WHERE product_id = NEW.id AND on_hand <> NEW.stock);
        UPDATE stock_levels SET on_hand = NEW.stock WHERE product_id = NEW.id AND on_hand <> NEW.stock;
     END",
];

const POSTGRES: [&str; 8] = [
    "CREATE FUNCTION wares_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER stock_movements_no_change BEFORE UPDATE OR DELETE ON stock_movements
     FOR EACH ROW EXECUTE FUNCTION wares_refuse_change()",
    "CREATE TRIGGER price_history_no_update BEFORE UPDATE ON price_history
     FOR EACH ROW EXECUTE FUNCTION wares_refuse_change()",
    "CREATE FUNCTION wares_previous_version_insert() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
        INSERT INTO variants (id, product_id, position, sku, price, requires_shipping, tracked, active, combination,
            version, created_at, updated_at)
        VALUES (NEW.id, NEW.id, 0, NEW.sku, NEW.price, TRUE, TRUE, TRUE, '', 1, NEW.created_at, NEW.updated_at)
        ON CONFLICT (id) DO NOTHING;
        INSERT INTO stock_levels (variant_id, product_id, on_hand, reserved, backorder_limit)
        VALUES (NEW.id, NEW.id, NEW.stock, 0, 0) ON CONFLICT DO NOTHING;
        INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
        SELECT NEW.id, NEW.id, 'COUNTED', NEW.stock, 0, NEW.updated_at WHERE NEW.stock > 0 ON CONFLICT DO NOTHING;
        INSERT INTO price_history (id, variant_id, since, price) VALUES (NEW.id, NEW.id, NEW.updated_at, NEW.price)
        ON CONFLICT DO NOTHING;
        UPDATE products SET in_stock = (NEW.stock > 0) WHERE id = NEW.id AND in_stock <> (NEW.stock > 0);
        RETURN NULL;
     END $$",
    "CREATE TRIGGER products_previous_version_insert AFTER INSERT ON products
     FOR EACH ROW WHEN (NEW.price_max IS NULL) EXECUTE FUNCTION wares_previous_version_insert()",
    "CREATE FUNCTION wares_previous_version_update() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE counted bigint;
     BEGIN
        INSERT INTO price_history (id, variant_id, since, price)
        SELECT gen_random_uuid(), id, NEW.updated_at, NEW.price FROM variants
        WHERE product_id = NEW.id AND price <> NEW.price;
        UPDATE products SET price_max = NEW.price, prior_price = NULL, compare_at_price =
            CASE WHEN compare_at_price > NEW.price THEN compare_at_price END
        WHERE id = NEW.id AND EXISTS (SELECT 1 FROM variants WHERE product_id = NEW.id AND price <> NEW.price);
        UPDATE variants SET price = NEW.price, sku = NEW.sku,
            prior_price = CASE WHEN price = NEW.price THEN prior_price END,
            compare_at_price = CASE WHEN compare_at_price > NEW.price THEN compare_at_price END
        WHERE product_id = NEW.id AND (price <> NEW.price OR sku IS DISTINCT FROM NEW.sku);
        INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
        SELECT gen_random_uuid(), variant_id, 'COUNTED', NEW.stock - on_hand, 0, NEW.updated_at
        FROM stock_levels WHERE product_id = NEW.id AND on_hand <> NEW.stock;
        GET DIAGNOSTICS counted = ROW_COUNT;
        IF counted > 0 THEN
            UPDATE stock_levels SET on_hand = NEW.stock WHERE product_id = NEW.id;
            UPDATE products SET in_stock = (NEW.stock > 0) WHERE id = NEW.id AND in_stock <> (NEW.stock > 0);
        END IF;
        RETURN NULL;
     END $$",
    "CREATE TRIGGER products_previous_version_update AFTER UPDATE OF price, sku, stock ON products
     FOR EACH ROW WHEN (NEW.variant_count = 1 AND (NEW.price <> OLD.price OR NEW.sku IS DISTINCT FROM OLD.sku
        OR NEW.stock <> OLD.stock)) EXECUTE FUNCTION wares_previous_version_update()",
    // PostgreSQL plans with the sizes of the tables.
    "ANALYZE variants, stock_levels, price_history",
];

const DROP_SQLITE: [&str; 5] = [
    "DROP TRIGGER products_previous_version_update",
    "DROP TRIGGER products_previous_version_insert",
    "DROP TRIGGER price_history_no_update",
    "DROP TRIGGER stock_movements_no_delete",
    "DROP TRIGGER stock_movements_no_update",
];
const DROP_POSTGRES: [&str; 3] = [
    "DROP FUNCTION wares_previous_version_update() CASCADE",
    "DROP FUNCTION wares_previous_version_insert() CASCADE",
    "DROP FUNCTION wares_refuse_change() CASCADE",
];

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    execute(manager, &SQLITE, &POSTGRES).await
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    execute(manager, &DROP_SQLITE, &DROP_POSTGRES).await
}

async fn execute(
    manager: &SchemaManager<'_>,
    sqlite: &[&str],
    postgres: &[&str],
) -> Result<(), DbErr> {
    let statements = match manager.get_database_backend() {
        DbBackend::Sqlite => sqlite,
        _ => postgres,
    };
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}
