//! Adds the JSON payload and the failure of jobs, and allows any kind. The previous release can still use the table: it reads and writes the columns that it knows, and only the rows of its own kinds.

use crate::columns::{id, integer, text, timestamp};
use crate::prelude::*;

/// The columns of the previous release.
const OLD: &str =
    "id, kind, recipient, subject, body, nonce, attempts, created_at, due_at, expires_at";

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut new = table(text("kind"));
        new.col(ColumnDef::new("payload").text())
            .col(ColumnDef::new("failed_at").big_integer())
            .col(ColumnDef::new("last_error").text());
        let statements = [
            "ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check",
            "ALTER TABLE outbox ALTER COLUMN kind DROP DEFAULT",
            "ALTER TABLE outbox ADD COLUMN payload TEXT",
            "ALTER TABLE outbox ADD COLUMN failed_at BIGINT",
            "ALTER TABLE outbox ADD COLUMN last_error TEXT",
        ];
        change(manager, new, &statements).await?;
        let index = "CREATE INDEX outbox_failed_at_idx ON outbox (failed_at)";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in [
            "DROP INDEX outbox_failed_at_idx",
            "DELETE FROM outbox WHERE failed_at IS NOT NULL \
             OR kind NOT IN ('LETTER', 'DELETE', 'RESIZE', 'FETCH', 'DEMO')",
        ] {
            db.execute_unprepared(statement).await?;
        }
        // A constraint of the column, so that the migration before can drop both.
        let check = "CONSTRAINT outbox_kind_check CHECK (kind IN ('LETTER', 'DELETE', 'RESIZE', 'FETCH', 'DEMO'))";
        let kind = text("kind").default("LETTER").extra(check).take();
        let old = table(kind);
        let statements = [
            "ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check \
             CHECK (kind IN ('LETTER', 'DELETE', 'RESIZE', 'FETCH', 'DEMO'))",
            "ALTER TABLE outbox ALTER COLUMN kind SET DEFAULT 'LETTER'",
            "ALTER TABLE outbox DROP COLUMN last_error",
            "ALTER TABLE outbox DROP COLUMN failed_at",
            "ALTER TABLE outbox DROP COLUMN payload",
        ];
        change(manager, old, &statements).await
    }
}

fn table(kind: ColumnDef) -> TableCreateStatement {
    Table::create()
        .table("new_outbox")
        .col(id())
        .col(kind)
        .col(ColumnDef::new("recipient").text())
        .col(text("subject"))
        .col(text("body"))
        .col(ColumnDef::new("nonce").binary())
        .col(integer("attempts"))
        .col(timestamp("created_at"))
        .col(timestamp("due_at"))
        .col(timestamp("expires_at"))
        .take()
}

/// Changes the table by statements on PostgreSQL. SQLite can't change a constraint, so the table is copied there.
async fn change(
    manager: &SchemaManager<'_>,
    new: TableCreateStatement,
    statements: &[&str],
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        for statement in statements {
            db.execute_unprepared(statement).await?;
        }
        return Ok(());
    }
    manager.create_table(new).await?;
    for statement in [
        format!("INSERT INTO new_outbox ({OLD}) SELECT {OLD} FROM outbox").as_str(),
        "DROP TABLE outbox",
        "ALTER TABLE new_outbox RENAME TO outbox",
        "CREATE INDEX outbox_kind_due_at_idx ON outbox (kind, due_at, id)",
    ] {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}
