//! Options, variants, stock levels, stock movements and the price history of products.
//!
//! Each product gets one variant with its own ID. `products` keeps what lists read: the lowest and the highest price,
//! the total stock, and whether it is in stock. Triggers copy what servers of the previous version write to `products`;
//! the next release removes them.

mod backfill;
mod tables;
mod triggers;

use crate::columns::index;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

/// The indexes of customers' lists, and their sort columns.
const ORDERS: [(&str, &str); 4] = [
    ("products_status_name_idx", "name_key"),
    ("products_status_price_idx", "price"),
    ("products_status_created_at_idx", "created_at"),
    ("products_status_updated_at_idx", "updated_at"),
];

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::create(manager).await?;
        backfill::run(manager).await?;
        recreate_indexes(manager, "in_stock").await?;
        triggers::create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        triggers::drop(manager).await?;
        recreate_indexes(manager, "stock").await?;
        tables::drop(manager).await
    }
}

/// Makes the indexes cover another column: a change of the stock alone does not change `in_stock`, so that it does not
/// write to them.
async fn recreate_indexes(manager: &SchemaManager<'_>, covered: &'static str) -> Result<(), DbErr> {
    for (name, key) in ORDERS {
        let old = Index::drop().name(name).table("products").to_owned();
        manager.drop_index(old).await?;
        let columns = ["status", key, "id", "category_id", covered];
        index(manager, "products", name, &columns).await?;
    }
    Ok(())
}
