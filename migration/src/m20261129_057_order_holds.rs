//! The time until which an order that is being replaced keeps its stock, and the first number of orders.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // Servers of the previous version write neither column.
        for change in [
            "ALTER TABLE orders ADD COLUMN held_until bigint",
            "CREATE INDEX orders_held_until_idx ON orders (held_until) WHERE held_until IS NOT NULL",
            "ALTER TABLE counters ADD COLUMN first_number bigint",
            "UPDATE counters SET first_number = (SELECT MIN(number) FROM orders) WHERE name = 'orders'",
        ] {
            db.execute_unprepared(change).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for change in [
            "ALTER TABLE counters DROP COLUMN first_number",
            "DROP INDEX orders_held_until_idx",
            "ALTER TABLE orders DROP COLUMN held_until",
        ] {
            db.execute_unprepared(change).await?;
        }
        Ok(())
    }
}
