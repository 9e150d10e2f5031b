//! `idempotency_keys.user_id` may also be the id of a cart, so it has no foreign key. Servers of the previous version
//! keep writing to the column under this name.

use crate::columns::{boolean, bytes, foreign_key, index, reference, timestamp};
use crate::prelude::*;

const TABLE: &str = "idempotency_keys";
const COPY: &str = "idempotency_keys_copy";

pub(super) async fn drop_foreign_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        return rebuild(manager, false).await;
    }
    let drop = "ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_user_id_fkey";
    manager.get_connection().execute_unprepared(drop).await?;
    Ok(())
}

pub(super) async fn create_foreign_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let clean_up = "DELETE FROM idempotency_keys WHERE user_id NOT IN (SELECT id FROM users)";
    db.execute_unprepared(clean_up).await?;
    if manager.get_database_backend() == DbBackend::Sqlite {
        return rebuild(manager, true).await;
    }
    let create = "ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE";
    db.execute_unprepared(create).await?;
    Ok(())
}

/// Replaces the table, because SQLite can't change a foreign key.
async fn rebuild(manager: &SchemaManager<'_>, has_foreign_key: bool) -> Result<(), DbErr> {
    let mut copy = Table::create()
        .table(COPY)
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
        .take();
    if has_foreign_key {
        copy.foreign_key(&mut foreign_key(
            "idempotency_keys_user_id_fkey",
            (COPY, "user_id"),
            "users",
            ForeignKeyAction::Cascade,
        ));
    }
    manager.create_table(copy).await?;
    let columns =
        "user_id, key_hash, fingerprint, claim, claimed_until, committed, answer, expires_at";
    let db = manager.get_connection();
    for statement in [
        format!("INSERT INTO {COPY} ({columns}) SELECT {columns} FROM {TABLE}"),
        format!("DROP TABLE {TABLE}"),
        format!("ALTER TABLE {COPY} RENAME TO {TABLE}"),
    ] {
        db.execute_unprepared(&statement).await?;
    }
    let expires_at = ["expires_at"];
    index(
        manager,
        TABLE,
        "idempotency_keys_expires_at_idx",
        &expires_at,
    )
    .await
}
