//! Discounts, and the categories and products they apply to.

use super::{MAX_AMOUNT, MILLION, drop_tables};
use crate::columns::{
    between, boolean, foreign_key, id, index, integer, key_text, length_between, reference, text,
    timestamp, version,
};
use crate::prelude::*;

const MAX_COUNT: i64 = i32::MAX as i64;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create_discounts(manager).await?;
    create_targets(manager).await
}

async fn create_discounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let column = |name: &'static str| Expr::col(name);
    let value = Expr::cust(format!(
        "(kind = 'PERCENT' AND value BETWEEN 1 AND {MILLION}) OR (kind = 'FIXED' AND value BETWEEN 1 AND \
         {MAX_AMOUNT}) OR (kind = 'FREE_SHIPPING' AND value = 0)"
    ));
    let discounts = Table::create()
        .table("discounts")
        .col(id())
        .col(ColumnDef::new("code").text())
        .col(ColumnDef::new("code_key").text())
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(text("kind"))
        .col(ColumnDef::new("value").big_integer().not_null())
        .col(text("target"))
        .col(ColumnDef::new("min_amount").big_integer())
        .col(ColumnDef::new("min_quantity").integer())
        .col(ColumnDef::new("starts_at").big_integer())
        .col(ColumnDef::new("ends_at").big_integer())
        .col(boolean("combinable"))
        .col(boolean("active"))
        .col(ColumnDef::new("usage_limit").integer())
        .col(integer("used").default(0))
        .col(ColumnDef::new("per_customer_limit").integer())
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(
            Index::create()
                .name("discounts_code_key_key")
                .col("code_key")
                .unique(),
        )
        .check(length_between("discounts_name_check", "name", 1, 100))
        .check(Check::named("discounts_value_check", value))
        .check(Check::named(
            "discounts_target_check",
            column("target").is_in(["ORDER", "CATEGORIES", "PRODUCTS"]),
        ))
        .check(between(
            "discounts_min_amount_check",
            "min_amount",
            0,
            MAX_AMOUNT,
        ))
        .check(between(
            "discounts_min_quantity_check",
            "min_quantity",
            0,
            MAX_COUNT,
        ))
        .check(Check::named(
            "discounts_ends_at_check",
            column("ends_at").gt(column("starts_at")),
        ))
        .check(between(
            "discounts_usage_limit_check",
            "usage_limit",
            0,
            MAX_COUNT,
        ))
        .check(Check::named(
            "discounts_used_check",
            column("used").gte(0).and(
                column("usage_limit")
                    .is_null()
                    .or(column("used").lte(column("usage_limit"))),
            ),
        ))
        .check(between(
            "discounts_per_customer_limit_check",
            "per_customer_limit",
            1,
            MAX_COUNT,
        ))
        .take();
    manager.create_table(discounts).await?;
    let created = ["created_at", "id"];
    index(manager, "discounts", "discounts_created_at_idx", &created).await?;
    // Those without a code are read for each cart.
    let automatic = Index::create()
        .name("discounts_automatic_idx")
        .table("discounts")
        .col("id")
        .and_where(column("code_key").is_null())
        .take();
    manager.create_index(automatic).await
}

async fn create_targets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let cascade = |name, column, to| {
        let from = ("discount_targets", column);
        foreign_key(name, from, to, ForeignKeyAction::Cascade)
    };
    let one_of_both = Expr::cust("(category_id IS NULL) <> (product_id IS NULL)");
    let targets = Table::create()
        .table("discount_targets")
        .col(reference("discount_id"))
        .col(integer("position"))
        .col(ColumnDef::new("category_id").uuid())
        .col(ColumnDef::new("product_id").uuid())
        .primary_key(
            Index::create()
                .name("discount_targets_pkey")
                .col("discount_id")
                .col("position"),
        )
        .foreign_key(&mut cascade(
            "discount_targets_discount_id_fkey",
            "discount_id",
            "discounts",
        ))
        .foreign_key(&mut cascade(
            "discount_targets_category_id_fkey",
            "category_id",
            "categories",
        ))
        .foreign_key(&mut cascade(
            "discount_targets_product_id_fkey",
            "product_id",
            "products",
        ))
        .check(Check::named("discount_targets_target_check", one_of_both))
        .take();
    manager.create_table(targets).await?;
    for (name, column) in [
        (
            "discount_targets_discount_id_category_id_key",
            "category_id",
        ),
        ("discount_targets_discount_id_product_id_key", "product_id"),
    ] {
        let once = Index::create()
            .name(name)
            .table("discount_targets")
            .col("discount_id")
            .col(column)
            .unique()
            .take();
        manager.create_index(once).await?;
    }
    for (name, column) in [
        ("discount_targets_category_id_idx", "category_id"),
        ("discount_targets_product_id_idx", "product_id"),
    ] {
        index(manager, "discount_targets", name, &[column]).await?;
    }
    Ok(())
}

pub(super) async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    drop_tables(manager, &["discount_targets", "discounts"]).await
}
