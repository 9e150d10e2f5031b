//! An external search engine: its state, and the changed products that are not yet sent to it.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let (id, integer) = if is_postgres {
            ("UUID", "BIGINT")
        } else {
            ("BLOB", "INTEGER")
        };
        let db = manager.get_connection();
        for create in [
            // Times are in microseconds since 1970.
            format!(
                "CREATE TABLE search_engine (\
                 id SMALLINT NOT NULL CONSTRAINT search_engine_pkey PRIMARY KEY CONSTRAINT search_engine_id_check CHECK (id = 1), \
                 index_name TEXT NOT NULL, settings TEXT NOT NULL, \
                 is_filled SMALLINT NOT NULL CONSTRAINT search_engine_is_filled_check CHECK (is_filled IN (0, 1)), \
                 last_task {integer}, checked_at {integer} NOT NULL)"
            ),
            // Without a foreign key: deleted products are in it too.
            format!(
                "CREATE TABLE search_feed (product_id {id} NOT NULL CONSTRAINT search_feed_pkey PRIMARY KEY, \
                 revision {integer} NOT NULL)"
            ),
        ] {
            db.execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for table in ["search_feed", "search_engine"] {
            db.execute_unprepared(&format!("DROP TABLE {table}"))
                .await?;
        }
        Ok(())
    }
}
