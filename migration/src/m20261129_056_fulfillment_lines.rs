//! An index for the fulfillments of a line of an order.

use crate::columns::index;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(
            manager,
            "fulfillment_lines",
            "fulfillment_lines_line_id_idx",
            &["line_id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP INDEX fulfillment_lines_line_id_idx")
            .await?;
        Ok(())
    }
}
