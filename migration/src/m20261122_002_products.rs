//! Products, their categories, and their slug history.
//!
//! Each order of a product list has two indexes: one prefixed with the status, for customers, and one over all
//! products, for admins. `product_categories` contains the primary category (`products.category_id`) too.

use crate::columns::{
    between, foreign_key, id, index, integer, key_text, length_between, reference, text, timestamp,
    unique, version,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_products(manager).await?;

        let links = Table::create()
            .table("product_categories")
            .col(reference("product_id"))
            .col(reference("category_id"))
            .primary_key(
                Index::create()
                    .name("product_categories_pkey")
                    .col("product_id")
                    .col("category_id"),
            )
            .foreign_key(&mut foreign_key(
                "product_categories_product_id_fkey",
                ("product_categories", "product_id"),
                "products",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "product_categories_category_id_fkey",
                ("product_categories", "category_id"),
                "categories",
                ForeignKeyAction::Restrict,
            ))
            .take();
        manager.create_table(links).await?;
        index(
            manager,
            "product_categories",
            "product_categories_category_id_idx",
            &["category_id", "product_id"],
        )
        .await?;

        let slugs = Table::create()
            .table("product_slugs")
            .col(text("slug").primary_key())
            .col(reference("product_id"))
            .col(timestamp("created_at"))
            .foreign_key(&mut foreign_key(
                "product_slugs_product_id_fkey",
                ("product_slugs", "product_id"),
                "products",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(slugs).await?;
        index(
            manager,
            "product_slugs",
            "product_slugs_product_id_idx",
            &["product_id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["product_slugs", "product_categories", "products"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

async fn create_products(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let products = Table::create()
        .table("products")
        .col(id())
        .col(text("name"))
        .col(key_text("name_key", manager))
        .col(text("slug"))
        .col(ColumnDef::new("sku").text())
        .col(text("description"))
        .col(ColumnDef::new("price").big_integer().not_null())
        .col(integer("stock"))
        .col(text("status"))
        .col(reference("category_id"))
        .col(version())
        .col(timestamp("created_at"))
        .col(timestamp("updated_at"))
        .index(&mut unique("products_slug_key", "slug"))
        .index(&mut unique("products_sku_key", "sku"))
        .foreign_key(&mut foreign_key(
            "products_category_id_fkey",
            ("products", "category_id"),
            "categories",
            ForeignKeyAction::Restrict,
        ))
        .check(between(
            "products_price_check",
            "price",
            0,
            1_000_000_000_000,
        ))
        .check(between(
            "products_stock_check",
            "stock",
            0,
            i64::from(i32::MAX),
        ))
        .check(Check::named(
            "products_status_check",
            Expr::col("status").is_in(["DRAFT", "ACTIVE", "ARCHIVED"]),
        ))
        .check(length_between("products_name_check", "name", 1, 200))
        .check(length_between("products_slug_check", "slug", 1, 200))
        .take();
    manager.create_table(products).await?;

    for (name, key) in [
        ("products_status_name_idx", "name_key"),
        ("products_status_price_idx", "price"),
        ("products_status_created_at_idx", "created_at"),
        ("products_status_updated_at_idx", "updated_at"),
    ] {
        index(manager, "products", name, &["status", key, "id"]).await?;
    }
    for (name, key) in [
        ("products_name_idx", "name_key"),
        ("products_price_idx", "price"),
        ("products_created_at_idx", "created_at"),
        ("products_updated_at_idx", "updated_at"),
    ] {
        index(manager, "products", name, &[key, "id"]).await?;
    }
    index(
        manager,
        "products",
        "products_category_id_idx",
        &["category_id"],
    )
    .await
}
