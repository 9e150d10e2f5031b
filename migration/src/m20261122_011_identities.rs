//! Identities at OpenID providers, and short-lived state of browser sign-ins.
//!
//! Codes and used sign-ins are stored as hashes. A code represents verified claims, not a user: no user is created or
//! changed before it is redeemed.

use crate::columns::{
    bytes, foreign_key, id, index, length_between, reference, text, timestamp, unique,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [identities(), codes(), flows()] {
            manager.create_table(table).await?;
        }
        for (name, table) in [
            ("oauth_codes_expires_at_idx", "oauth_codes"),
            ("used_oauth_flows_expires_at_idx", "used_oauth_flows"),
        ] {
            index(manager, table, name, &["expires_at"]).await?;
        }
        let since = "ALTER TABLE users ADD COLUMN identities_since BIGINT";
        let db = manager.get_connection();
        db.execute_unprepared(since).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let since = "ALTER TABLE users DROP COLUMN identities_since";
        manager.get_connection().execute_unprepared(since).await?;
        for table in ["used_oauth_flows", "oauth_codes", "identities"] {
            manager
                .drop_table(Table::drop().table(table).take())
                .await?;
        }
        Ok(())
    }
}

fn identities() -> TableCreateStatement {
    Table::create()
        .table("identities")
        .col(id())
        .col(reference("user_id"))
        .col(text("provider"))
        .col(text("issuer"))
        .col(text("subject"))
        .col(text("email"))
        .col(timestamp("created_at"))
        .col(timestamp("last_used_at"))
        // A subject is unique only within its issuer.
        .index(unique("identities_issuer_subject_key", "issuer").col("subject"))
        .index(unique("identities_user_id_provider_key", "user_id").col("provider"))
        .foreign_key(&mut foreign_key(
            "identities_user_id_fkey",
            ("identities", "user_id"),
            "users",
            ForeignKeyAction::Cascade,
        ))
        .check(Check::named(
            "identities_provider_check",
            Expr::col("provider").is_in(["GOOGLE"]),
        ))
        .check(length_between(
            "identities_subject_check",
            "subject",
            1,
            255,
        ))
        .check(length_between("identities_email_check", "email", 3, 254))
        .take()
}

fn codes() -> TableCreateStatement {
    Table::create()
        .table("oauth_codes")
        .col(bytes("code_hash").primary_key())
        .col(text("intent"))
        .col(ColumnDef::new("challenge").text())
        .col(text("claims"))
        .col(timestamp("expires_at"))
        .check(Check::named(
            "oauth_codes_intent_check",
            Expr::col("intent").is_in(["SIGN_IN", "LINK"]),
        ))
        // Without it, a stolen code could link an identity to another signed-in account.
        .check(Check::named(
            "oauth_codes_challenge_check",
            Expr::col("intent")
                .eq("SIGN_IN")
                .or(Expr::col("challenge").is_not_null()),
        ))
        .take()
}

fn flows() -> TableCreateStatement {
    Table::create()
        .table("used_oauth_flows")
        .col(bytes("hash").primary_key())
        .col(timestamp("expires_at"))
        .take()
}
