//! Number of wrong one-time codes, counted over all codes of an account.

use crate::columns::{between, index, integer, text, timestamp};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let failures = Table::create()
            .table("code_failures")
            .col(text("purpose"))
            .col(text("subject"))
            .col(integer("failures"))
            .col(timestamp("failed_at"))
            .primary_key(
                Index::create()
                    .name("code_failures_pkey")
                    .col("purpose")
                    .col("subject"),
            )
            .check(Check::named(
                "code_failures_purpose_check",
                Expr::col("purpose").is_in(["VERIFY_EMAIL", "RESET_PASSWORD", "CHANGE_EMAIL"]),
            ))
            .check(between("code_failures_failures_check", "failures", 1, 100))
            .take();
        manager.create_table(failures).await?;
        let name = "code_failures_failed_at_idx";
        index(manager, "code_failures", name, &["failed_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("code_failures").take())
            .await
    }
}
