//! Covering index for the visibility of products, so that visible products are counted without reading their rows.

use crate::columns::index;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

const NAME: &str = "products_status_category_id_idx";

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "products", NAME, &["status", "category_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(NAME).to_owned())
            .await
    }
}
