//! Audit log. Entries outlive the objects that they describe, so they have no foreign keys.

use crate::columns::{id, index, text, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let log = Table::create()
            .table("audit_log")
            .col(id())
            .col(timestamp("at"))
            .col(ColumnDef::new("actor_id").uuid())
            .col(text("action"))
            .col(ColumnDef::new("subject_id").text())
            .col(ColumnDef::new("subject_name").text())
            .col(text("changes"))
            .take();
        manager.create_table(log).await?;
        for (name, columns) in [
            ("audit_log_at_idx", ["at", "id"].as_slice()),
            ("audit_log_actor_id_idx", &["actor_id", "at", "id"]),
            ("audit_log_subject_id_idx", &["subject_id", "at", "id"]),
        ] {
            index(manager, "audit_log", name, columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("audit_log").take())
            .await
    }
}
