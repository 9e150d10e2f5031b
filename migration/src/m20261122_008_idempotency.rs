//! Idempotency keys with their requests and responses.
//!
//! Keys and requests are stored as hashes.

use crate::columns::{boolean, bytes, foreign_key, index, reference, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("idempotency_keys")
            .col(reference("user_id"))
            .col(bytes("key_hash"))
            .col(bytes("fingerprint"))
            .col(reference("claim"))
            .col(timestamp("claimed_until"))
            .col(boolean("committed"))
            .col(ColumnDef::new("answer").text())
            .col(timestamp("expires_at"))
            .primary_key(
                Index::create()
                    .name("idempotency_keys_pkey")
                    .col("user_id")
                    .col("key_hash"),
            )
            .foreign_key(&mut foreign_key(
                "idempotency_keys_user_id_fkey",
                ("idempotency_keys", "user_id"),
                "users",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(keys).await?;
        index(
            manager,
            "idempotency_keys",
            "idempotency_keys_expires_at_idx",
            &["expires_at"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("idempotency_keys").take())
            .await
    }
}
