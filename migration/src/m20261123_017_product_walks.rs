//! The orders in which customers read products, with what tells whether a product is passed over: a page of a category is
//! found by walking along one of them, past the products of all others, whose rows need not be read.

use sea_orm_migration::prelude::*;

use crate::columns::index;

#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

/// Each index, and what it orders by.
const ORDERS: [(&str, &str); 4] = [
    ("products_status_name_idx", "name_key"),
    ("products_status_price_idx", "price"),
    ("products_status_created_at_idx", "created_at"),
    ("products_status_updated_at_idx", "updated_at"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        remake(manager, &["category_id", "stock"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        remake(manager, &[]).await
    }
}

async fn remake(manager: &SchemaManager<'_>, beside: &[&'static str]) -> Result<(), DbErr> {
    for (name, key) in ORDERS {
        let old = Index::drop().name(name).table("products").to_owned();
        manager.drop_index(old).await?;
        let columns = [&["status", key, "id"], beside].concat();
        index(manager, "products", name, &columns).await?;
    }
    Ok(())
}
