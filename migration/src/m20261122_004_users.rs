//! Users and their roles.
//!
//! `email_key` is the normalized email address, so that one mailbox has one account regardless of spelling.

use crate::columns::{id, index, key_text, length_between, text, timestamp, unique};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = Table::create()
            .table("users")
            .col(id())
            .col(text("email"))
            .col(key_text("email_key", manager))
            .col(text("name"))
            .col(key_text("name_key", manager))
            .col(text("role"))
            .col(ColumnDef::new("password_hash").text())
            .col(timestamp("verified_at"))
            .col(ColumnDef::new("disabled_at").big_integer())
            .col(timestamp("created_at"))
            .col(timestamp("updated_at"))
            .index(&mut unique("users_email_key_key", "email_key"))
            .check(Check::named(
                "users_role_check",
                Expr::col("role").is_in(["CUSTOMER", "ADMIN"]),
            ))
            .check(length_between("users_name_check", "name", 1, 200))
            .check(length_between("users_email_check", "email", 3, 254))
            .take();
        manager.create_table(users).await?;
        for (name, columns) in [
            ("users_email_idx", ["email_key", "id"]),
            ("users_name_idx", ["name_key", "id"]),
            ("users_created_at_idx", ["created_at", "id"]),
            ("users_role_idx", ["role", "id"]),
        ] {
            index(manager, "users", name, &columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("users").take())
            .await
    }
}
