//! Indexes in the orders of customers' product lists, with the columns that decide whether a product is skipped. A
//! page of a category is found by an index scan that skips other products without reading their rows.

use crate::columns::index;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

/// Each index and its sort columns.
const ORDERS: [(&str, &str); 4] = [
    ("products_status_name_idx", "name_key"),
    ("products_status_price_idx", "price"),
    ("products_status_created_at_idx", "created_at"),
    ("products_status_updated_at_idx", "updated_at"),
];

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        recreate_indexes(manager, &["category_id", "stock"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        recreate_indexes(manager, &[]).await
    }
}

async fn recreate_indexes(
    manager: &SchemaManager<'_>,
    beside: &[&'static str],
) -> Result<(), DbErr> {
    for (name, key) in ORDERS {
        let old = Index::drop().name(name).table("products").to_owned();
        manager.drop_index(old).await?;
        let columns = [&["status", key, "id"], beside].concat();
        index(manager, "products", name, &columns).await?;
    }
    Ok(())
}
