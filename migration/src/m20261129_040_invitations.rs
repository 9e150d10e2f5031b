//! Users who were invited by an admin and have not verified their email address yet; and indexes for the filters of
//! users: role, unverified, disabled.
//!
//! Few users are unverified or disabled, so the indexes of these filters have only their rows.

use crate::columns::index;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in [
            "ALTER TABLE users ADD COLUMN invited_at BIGINT",
            "CREATE INDEX users_invited_idx ON users (created_at, id) WHERE invited_at IS NOT NULL",
            "CREATE INDEX users_disabled_idx ON users (created_at, id) WHERE disabled_at IS NOT NULL",
            "DROP INDEX users_role_idx",
        ] {
            db.execute_unprepared(statement).await?;
        }
        let columns = ["role", "created_at", "id"];
        index(manager, "users", "users_role_created_at_idx", &columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in [
            "DROP INDEX users_role_created_at_idx",
            "DROP INDEX users_disabled_idx",
            "DROP INDEX users_invited_idx",
            "ALTER TABLE users DROP COLUMN invited_at",
        ] {
            db.execute_unprepared(statement).await?;
        }
        index(manager, "users", "users_role_idx", &["role", "id"]).await
    }
}
