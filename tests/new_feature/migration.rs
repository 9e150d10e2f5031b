//! Reviews of products.

use crate::columns::{foreign_key, id, length_between, reference, text, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reviews = Table::create()
            .table("reviews")
            .col(id())
            .col(reference("product_id"))
            .col(text("body"))
            .col(timestamp("expires_at"))
            .foreign_key(&mut foreign_key(
                "reviews_product_id_fkey",
                ("reviews", "product_id"),
                "products",
                ForeignKeyAction::Cascade,
            ))
            .check(length_between("reviews_body_check", "body", 1, 1_000))
            .take();
        manager.create_table(reviews).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("reviews").take())
            .await
    }
}
