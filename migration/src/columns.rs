//! Column definitions that several tables share.

use crate::prelude::*;

/// UUID primary key.
pub fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

/// UUID of another row.
pub fn reference(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// Time in microseconds since 1970.
pub fn timestamp(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// Text.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text in bytewise order on both databases: SQLite's default, `COLLATE "C"` on PostgreSQL.
pub fn key_text(name: &'static str, manager: &SchemaManager<'_>) -> ColumnDef {
    let mut column = text(name);
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// Integer.
pub fn integer(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

/// Boolean.
pub fn boolean(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// Bytes.
pub fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().take()
}

/// Version of a row. Starts at 1.
pub fn version() -> ColumnDef {
    integer("version").default(1).take()
}

/// Named check constraint for the bounds of a column.
pub fn between(rule: &'static str, column: &'static str, low: i64, high: i64) -> Check {
    Check::named(rule, Expr::col(column).between(low, high))
}

/// Named check constraint for the length of a text in characters.
pub fn length_between(rule: &'static str, column: &'static str, low: i64, high: i64) -> Check {
    let length = Func::char_length(Expr::col(column));
    Check::named(rule, Expr::expr(length).between(low, high))
}

/// Named foreign key.
pub fn foreign_key(
    name: &'static str,
    from: (&'static str, &'static str),
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(from.0, from.1)
        .to(to, "id")
        .on_delete(on_delete)
        .take()
}

/// Named unique constraint.
pub fn unique(name: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create().name(name).col(column).unique().take()
}

/// Creates an index on these columns.
pub async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}
