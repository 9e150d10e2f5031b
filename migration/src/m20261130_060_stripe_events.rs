//! The position in Stripe's list of events.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // Ids of events. Each event is read twice: up to `newest`, and again after `previous`.
        db.execute_unprepared(
            "CREATE TABLE stripe_events (\
             id SMALLINT NOT NULL CONSTRAINT stripe_events_pkey PRIMARY KEY CONSTRAINT stripe_events_id_check CHECK (id = 1), \
             previous TEXT NOT NULL, newest TEXT NOT NULL)",
        )
        .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP TABLE stripe_events").await?;
        Ok(())
    }
}
