//! Sessions, unverified registrations, and one-time codes.
//!
//! Rows of ended sessions are deleted. Refresh tokens are stored as hashes, one-time codes as the nonce from which
//! the server's key derives them. A registration without a password was repeated with a different password.

use crate::columns::{
    between, boolean, bytes, foreign_key, id, index, integer, reference, text, timestamp,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = Table::create()
            .table("sessions")
            .col(id())
            .col(reference("user_id"))
            .col(integer("generation"))
            .col(bytes("current_hash"))
            .col(ColumnDef::new("previous_hash").binary())
            .col(boolean("confirmed"))
            .col(boolean("in_cookie"))
            .col(ColumnDef::new("user_agent").text())
            .col(text("address"))
            .col(timestamp("created_at"))
            .col(timestamp("refreshed_at"))
            .col(timestamp("expires_at"))
            .foreign_key(&mut foreign_key(
                "sessions_user_id_fkey",
                ("sessions", "user_id"),
                "users",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(sessions).await?;
        for (name, columns) in [
            (
                "sessions_user_id_idx",
                ["user_id", "refreshed_at"].as_slice(),
            ),
            ("sessions_expires_at_idx", &["expires_at"]),
            ("sessions_refreshed_at_idx", &["refreshed_at"]),
        ] {
            index(manager, "sessions", name, columns).await?;
        }

        let registrations = Table::create()
            .table("registrations")
            .col(text("email_key").primary_key())
            .col(text("email"))
            .col(text("name"))
            .col(ColumnDef::new("password_hash").text())
            .col(timestamp("created_at"))
            .col(timestamp("expires_at"))
            .take();
        manager.create_table(registrations).await?;
        index(
            manager,
            "registrations",
            "registrations_expires_at_idx",
            &["expires_at"],
        )
        .await?;

        let codes = Table::create()
            .table("one_time_codes")
            .col(text("purpose"))
            .col(text("subject"))
            .col(boolean("live"))
            .col(ColumnDef::new("user_id").uuid())
            .col(text("client"))
            .col(bytes("nonce"))
            .col(integer("attempts_left"))
            .col(integer("attempts_left_to_others"))
            .col(ColumnDef::new("payload").text())
            .col(timestamp("created_at"))
            .col(timestamp("expires_at"))
            .primary_key(
                Index::create()
                    .name("one_time_codes_pkey")
                    .col("purpose")
                    .col("subject"),
            )
            .foreign_key(&mut foreign_key(
                "one_time_codes_user_id_fkey",
                ("one_time_codes", "user_id"),
                "users",
                ForeignKeyAction::Cascade,
            ))
            .check(Check::named(
                "one_time_codes_purpose_check",
                Expr::col("purpose").is_in(["VERIFY_EMAIL", "RESET_PASSWORD", "CHANGE_EMAIL"]),
            ))
            .check(between(
                "one_time_codes_attempts_left_check",
                "attempts_left",
                0,
                100,
            ))
            .check(between(
                "one_time_codes_attempts_left_to_others_check",
                "attempts_left_to_others",
                0,
                100,
            ))
            .take();
        manager.create_table(codes).await?;
        for (name, column) in [
            ("one_time_codes_user_id_idx", "user_id"),
            ("one_time_codes_expires_at_idx", "expires_at"),
        ] {
            index(manager, "one_time_codes", name, &[column]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["one_time_codes", "registrations", "sessions"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}
