//! Rate limits: the current use of each limit, shared by all servers.

use crate::columns::{index, text, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let throttles = Table::create()
            .table("throttles")
            .col(text("key").primary_key())
            .col(timestamp("free_at"))
            .take();
        manager.create_table(throttles).await?;
        index(manager, "throttles", "throttles_free_at_idx", &["free_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("throttles").take())
            .await
    }
}
