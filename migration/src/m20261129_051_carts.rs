//! Carts with their lines, addresses of users, and idempotency keys of clients that are not signed in.
//!
//! A cart belongs to a user or to the holder of its token. It stores no prices, except `seen_price` of a
//! line, which is compared with the current price.

mod idempotency;
mod tables;

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::create(manager).await?;
        idempotency::drop_foreign_key(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        idempotency::create_foreign_key(manager).await?;
        tables::drop(manager).await
    }
}
