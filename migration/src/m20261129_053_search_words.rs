//! Search by meaning: the products that are to be indexed again because something they are found by has changed
//! elsewhere, such as the name of a category.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = if manager.get_database_backend() == DbBackend::Postgres {
            "UUID"
        } else {
            "BLOB"
        };
        let create = format!(
            "CREATE TABLE search_queue (product_id {id} NOT NULL CONSTRAINT search_queue_pkey PRIMARY KEY \
             CONSTRAINT search_queue_product_id_fkey REFERENCES products (id) ON DELETE CASCADE)"
        );
        manager.get_connection().execute_unprepared(&create).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP TABLE search_queue").await?;
        Ok(())
    }
}
