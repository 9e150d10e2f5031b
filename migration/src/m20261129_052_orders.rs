//! Orders with their lines, taxes, discounts, events and fulfillments; payments with their ledger; refunds.
//!
//! Triggers reject changes of the items and totals of an order. Checks reject totals that are not the sum of their parts.

mod fulfillments;
mod order_details;
mod order_lists;
mod orders;
mod payments;
mod refunds;
mod triggers;

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

/// The tables, each after those it refers to.
const TABLES: [&str; 15] = [
    "counters",
    "orders",
    "order_lines",
    "order_taxes",
    "order_discounts",
    "order_events",
    "discount_uses",
    "fulfillments",
    "fulfillment_lines",
    "payments",
    "payment_entries",
    "test_payments",
    "refunds",
    "refund_lines",
    "test_refunds",
];

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        orders::create(manager).await?;
        order_lists::create(manager).await?;
        order_details::create(manager).await?;
        fulfillments::create(manager).await?;
        payments::create(manager).await?;
        refunds::create(manager).await?;
        triggers::create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager
                .drop_table(Table::drop().table(*table).take())
                .await?;
        }
        triggers::drop(manager).await
    }
}

/// Amount in minor units.
fn amount(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// Text that may be absent.
fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// UUID of another row, which may be absent.
fn optional_reference(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

/// Time that may be absent.
fn optional_timestamp(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// Named check constraint in SQL.
fn check(name: &'static str, sql: &'static str) -> Check {
    Check::named(name, Expr::cust(sql))
}

/// Named unique constraint on several columns.
fn unique_together(name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).unique().take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// Foreign key to `orders`. Orders are never deleted.
fn order_key(name: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    crate::columns::foreign_key(
        name,
        (table, "order_id"),
        "orders",
        ForeignKeyAction::Restrict,
    )
}

/// Executes a statement that the builder has no words for.
async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}
