//! The entry of a refund that failed after its provider had reported it as paid.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

const KINDS: &str =
    "'AUTHORIZED', 'CAPTURED', 'REFUNDED', 'DISPUTED', 'DISPUTE_WON', 'FAILED', 'CANCELED'";

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        allow(manager, &format!("{KINDS}, 'REFUND_FAILED'")).await
    }

    /// Fails if there is such an entry.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        allow(manager, KINDS).await
    }
}

/// Allows these kinds of entries.
async fn allow(manager: &SchemaManager<'_>, kinds: &str) -> Result<(), DbErr> {
    let check = format!("CONSTRAINT payment_entries_kind_check CHECK (kind IN ({kinds}))");
    let statements = if manager.get_database_backend() == DbBackend::Sqlite {
        rebuild(&check)
    } else {
        let drop = "ALTER TABLE payment_entries DROP CONSTRAINT payment_entries_kind_check";
        vec![
            drop.to_owned(),
            format!("ALTER TABLE payment_entries ADD {check}"),
        ]
    };
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(&statement)
            .await?;
    }
    Ok(())
}

/// Replaces the table with its triggers, because SQLite can't change a constraint.
fn rebuild(check: &str) -> Vec<String> {
    let create = format!(
        "CREATE TABLE payment_entries_copy (
            \"id\" uuid_text NOT NULL PRIMARY KEY, \"payment_id\" uuid_text NOT NULL, \"kind\" text NOT NULL,
            \"amount\" integer NOT NULL, \"provider_key\" text NOT NULL, \"note\" text, \"at\" integer NOT NULL,
            CONSTRAINT payment_entries_payment_id_provider_key_key UNIQUE (payment_id, provider_key),
            CONSTRAINT payment_entries_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payments (id) ON DELETE RESTRICT,
            {check},
            CONSTRAINT payment_entries_amount_check CHECK (amount >= 0))"
    );
    let columns = "id, payment_id, kind, amount, provider_key, note, at";
    let trigger = |name: &str, event: &str| {
        format!(
            "CREATE TRIGGER payment_entries_{name} BEFORE {event} ON payment_entries
             BEGIN SELECT RAISE(ABORT, 'rows of payment_entries are never changed'); END"
        )
    };
    vec![
        create,
        format!(
            "INSERT INTO payment_entries_copy ({columns}) SELECT {columns} FROM payment_entries"
        ),
        // Fires no triggers.
        "DROP TABLE payment_entries".to_owned(),
        "ALTER TABLE payment_entries_copy RENAME TO payment_entries".to_owned(),
        trigger("no_update", "UPDATE"),
        trigger("no_delete", "DELETE"),
    ]
}
