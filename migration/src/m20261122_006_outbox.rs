//! Outbox: emails to send, written in the transaction of the change that they report.

use crate::columns::{id, index, integer, text, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table("outbox")
            .col(id())
            .col(ColumnDef::new("recipient").text())
            .col(text("subject"))
            .col(text("body"))
            .col(ColumnDef::new("nonce").binary())
            .col(integer("attempts"))
            .col(timestamp("created_at"))
            .col(timestamp("due_at"))
            .col(timestamp("expires_at"))
            .take();
        manager.create_table(outbox).await?;
        index(manager, "outbox", "outbox_due_at_idx", &["due_at", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("outbox").take())
            .await
    }
}
