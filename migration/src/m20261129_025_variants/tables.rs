//! The tables and columns.

use crate::columns::{
    between, boolean, foreign_key, id, index, integer, length_between, reference, text, timestamp,
    unique, version,
};
use crate::prelude::*;

const MAX_PRICE: i64 = 1_000_000_000_000;
const MAX_UNITS: i64 = i32::MAX as i64;
/// The new columns of products. Their defaults are right for products in stock with one variant.
const PRODUCT_COLUMNS: [&str; 6] = [
    "price_max bigint",
    "compare_at_price bigint",
    "prior_price bigint",
    "in_stock boolean NOT NULL DEFAULT TRUE",
    "backorder boolean NOT NULL DEFAULT FALSE",
    "variant_count integer NOT NULL DEFAULT 1",
];
/// The new tables, each after those it refers to.
const TABLES: [&str; 7] = [
    "product_options",
    "product_option_values",
    "variants",
    "variant_values",
    "stock_levels",
    "stock_movements",
    "price_history",
];

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for column in PRODUCT_COLUMNS {
        let sql = format!("ALTER TABLE products ADD COLUMN {column}");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    create_options(manager).await?;
    create_variants(manager).await?;
    create_stock(manager).await?;
    let history = Table::create()
        .table("price_history")
        .col(id())
        .col(reference("variant_id"))
        .col(timestamp("since"))
        .col(ColumnDef::new("price").big_integer().not_null())
        .col(ColumnDef::new("compare_at_price").big_integer())
        .foreign_key(&mut cascade("price_history", "variant_id", "variants"))
        .take();
    manager.create_table(history).await?;
    index(
        manager,
        "price_history",
        "price_history_variant_id_idx",
        &["variant_id", "since"],
    )
    .await
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in TABLES.iter().rev() {
        manager
            .drop_table(Table::drop().table(*table).take())
            .await?;
    }
    for column in PRODUCT_COLUMNS {
        let name = column.split(' ').next().unwrap_or_default();
        let sql = format!("ALTER TABLE products DROP COLUMN {name}");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Foreign key with the name `<table>_<column>_fkey`. The rows are deleted with the row they refer to.
fn cascade(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

async fn create_options(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let options = Table::create()
        .table("product_options")
        .col(id())
        .col(reference("product_id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(integer("position"))
        .index(
            Index::create()
                .name("product_options_product_id_name_key_key")
                .col("product_id")
                .col("name_key")
                .unique(),
        )
        .foreign_key(&mut cascade("product_options", "product_id", "products"))
        .check(length_between("product_options_name_check", "name", 1, 50))
        .take();
    manager.create_table(options).await?;
    let values = Table::create()
        .table("product_option_values")
        .col(id())
        .col(reference("option_id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(integer("position"))
        .col(ColumnDef::new("swatch").text())
        .index(
            Index::create()
                .name("product_option_values_option_id_name_key_key")
                .col("option_id")
                .col("name_key")
                .unique(),
        )
        .foreign_key(&mut cascade(
            "product_option_values",
            "option_id",
            "product_options",
        ))
        .check(length_between(
            "product_option_values_name_check",
            "name",
            1,
            100,
        ))
        .take();
    manager.create_table(values).await
}

async fn create_variants(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let variants = Table::create()
        .table("variants")
        .col(id())
        .col(reference("product_id"))
        .col(integer("position"))
        .col(ColumnDef::new("sku").text())
        .col(ColumnDef::new("barcode").text())
        .col(ColumnDef::new("price").big_integer().not_null())
        .col(ColumnDef::new("compare_at_price").big_integer())
        .col(ColumnDef::new("prior_price").big_integer())
        .col(ColumnDef::new("weight").integer())
        .col(boolean("requires_shipping"))
        .col(boolean("tracked"))
        .col(ColumnDef::new("low_stock_at").integer())
        .col(ColumnDef::new("image_id").uuid())
        .col(boolean("active"))
        .col(text("combination"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("variants_sku_key", "sku"))
        .index(
            Index::create()
                .name("variants_product_id_combination_key")
                .col("product_id")
                .col("combination")
                .unique(),
        )
        .foreign_key(&mut cascade("variants", "product_id", "products"))
        .foreign_key(&mut foreign_key(
            "variants_image_id_fkey",
            ("variants", "image_id"),
            "product_images",
            ForeignKeyAction::SetNull,
        ))
        .check(between("variants_price_check", "price", 0, MAX_PRICE))
        .check(Check::named(
            "variants_compare_at_price_check",
            Expr::col("compare_at_price")
                .is_null()
                .or(Expr::col("compare_at_price")
                    .gt(Expr::col("price"))
                    .and(Expr::col("compare_at_price").lte(MAX_PRICE))),
        ))
        .check(between("variants_weight_check", "weight", 0, MAX_UNITS))
        .check(between(
            "variants_low_stock_at_check",
            "low_stock_at",
            0,
            MAX_UNITS,
        ))
        .take();
    manager.create_table(variants).await?;
    for (name, column) in [
        ("variants_barcode_idx", "barcode"),
        ("variants_image_id_idx", "image_id"),
        ("variants_low_stock_at_idx", "low_stock_at"),
    ] {
        let sparse = Index::create()
            .name(name)
            .table("variants")
            .col(column)
            .and_where(Expr::col(column).is_not_null())
            .take();
        manager.create_index(sparse).await?;
    }
    create_values(manager).await
}

/// The values of each variant.
async fn create_values(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let values = Table::create()
        .table("variant_values")
        .col(reference("variant_id"))
        .col(reference("option_id"))
        .col(reference("value_id"))
        .primary_key(
            Index::create()
                .name("variant_values_pkey")
                .col("variant_id")
                .col("option_id"),
        )
        .foreign_key(&mut cascade("variant_values", "variant_id", "variants"))
        .foreign_key(&mut cascade(
            "variant_values",
            "option_id",
            "product_options",
        ))
        .foreign_key(&mut foreign_key(
            "variant_values_value_id_fkey",
            ("variant_values", "value_id"),
            "product_option_values",
            ForeignKeyAction::Cascade,
        ))
        .take();
    manager.create_table(values).await?;
    index(
        manager,
        "product_option_values",
        "product_option_values_name_key_idx",
        &["name_key"],
    )
    .await?;
    for (name, column) in [
        ("variant_values_value_id_idx", "value_id"),
        ("variant_values_option_id_idx", "option_id"),
    ] {
        index(manager, "variant_values", name, &[column]).await?;
    }
    Ok(())
}

async fn create_stock(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let promised = Expr::col("reserved")
        .gte(0)
        .and(Expr::col("reserved").lte(Expr::col("on_hand").add(Expr::col("backorder_limit"))));
    let levels = Table::create()
        .table("stock_levels")
        .col(reference("variant_id").primary_key())
        .col(reference("product_id"))
        .col(ColumnDef::new("on_hand").big_integer().not_null())
        .col(ColumnDef::new("reserved").big_integer().not_null())
        .col(ColumnDef::new("backorder_limit").big_integer().not_null())
        .foreign_key(&mut cascade("stock_levels", "variant_id", "variants"))
        .check(between(
            "stock_levels_on_hand_check",
            "on_hand",
            0,
            MAX_UNITS,
        ))
        .check(between(
            "stock_levels_backorder_limit_check",
            "backorder_limit",
            0,
            MAX_UNITS,
        ))
        .check(Check::named("stock_levels_promised_check", promised))
        .take();
    manager.create_table(levels).await?;
    index(
        manager,
        "stock_levels",
        "stock_levels_product_id_idx",
        &["product_id"],
    )
    .await?;
    // Without foreign keys: movements outlive the variant, the order and the admin.
    let movements = Table::create()
        .table("stock_movements")
        .col(id())
        .col(reference("variant_id"))
        .col(text("kind"))
        .col(ColumnDef::new("on_hand_delta").big_integer().not_null())
        .col(ColumnDef::new("reserved_delta").big_integer().not_null())
        .col(ColumnDef::new("order_id").uuid())
        .col(ColumnDef::new("actor_id").uuid())
        .col(ColumnDef::new("note").text())
        .col(timestamp("at"))
        .take();
    manager.create_table(movements).await?;
    index(
        manager,
        "stock_movements",
        "stock_movements_variant_id_idx",
        &["variant_id", "id"],
    )
    .await
}
