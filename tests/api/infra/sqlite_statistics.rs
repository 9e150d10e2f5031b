//! The statistics of SQLite's query planner.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use wares::infra::database::Database;

use crate::harness::{Backend, fresh_database};

#[tokio::test]
async fn search_index_is_changed_without_a_scan_of_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Sqlite, folder.path()).await;
    for _ in 0..2 {
        // Closing and opening a database collects statistics. The index is still empty.
        let database = Database::connect(&address, 1).await.unwrap();
        let transaction = database.begin().await.unwrap();
        for table in ["product_index_words_data", "category_index_words_data"] {
            // FTS5's statement.
            let plan = format!("EXPLAIN QUERY PLAN DELETE FROM {table} WHERE id>=? AND id<=?");
            let plan = Statement::from_string(DbBackend::Sqlite, plan);
            let plan = transaction.query_one_raw(plan).await.unwrap().unwrap();
            let detail: String = plan.try_get("", "detail").unwrap();
            assert!(detail.contains("rowid>? AND rowid<?"), "{table}: {detail}");
        }
        transaction.rollback().await.unwrap();
        database.close().await.unwrap();
    }
}
