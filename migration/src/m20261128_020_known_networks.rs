//! Networks that users have signed in from, so that an attack on an account does not lock out its owner.
//!
//! The networks are stored as keyed hashes.

use crate::columns::{bytes, foreign_key, index, reference, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let networks = Table::create()
            .table("known_networks")
            .col(reference("user_id"))
            .col(bytes("network_hash"))
            .col(timestamp("used_at"))
            .primary_key(
                Index::create()
                    .name("known_networks_pkey")
                    .col("user_id")
                    .col("network_hash"),
            )
            .foreign_key(&mut foreign_key(
                "known_networks_user_id_fkey",
                ("known_networks", "user_id"),
                "users",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(networks).await?;
        let name = "known_networks_used_at_idx";
        index(manager, "known_networks", name, &["used_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("known_networks").take())
            .await
    }
}
