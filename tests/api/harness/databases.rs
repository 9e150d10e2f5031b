//! Databases of tests, copied from migrated templates.

use std::path::Path;

use sea_orm::ConnectionTrait;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;
use wares::infra::database::{Address, Database, migrate};

use super::postgres::Postgres;

/// The database of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Creates a migrated database for one test and returns its address. A SQLite file is created in `folder`.
pub async fn fresh_database(backend: Backend, folder: &Path) -> Address {
    let templates = templates().await;
    match backend {
        Backend::Sqlite => {
            let path = folder.join("wares.db");
            std::fs::copy(templates.folder.path().join("template.db"), &path).unwrap();
            Address::Sqlite(path)
        }
        Backend::Postgres => postgres_database(&format!("TEMPLATE {}", templates.database)).await,
    }
}

/// Creates a database without tables for one test and returns its address. A SQLite file is created in `folder`.
pub async fn empty_database(backend: Backend, folder: &Path) -> Address {
    match backend {
        Backend::Sqlite => Address::Sqlite(folder.join("empty.db")),
        Backend::Postgres => postgres_database("TEMPLATE template1").await,
    }
}

/// Creates a PostgreSQL database with these options for one test and returns its address.
pub async fn postgres_database(options: &str) -> Address {
    let postgres = &templates().await.postgres;
    let name = format!("wares_test_{}", Uuid::now_v7().simple());
    let create = format!("CREATE DATABASE {name} {options}");
    execute_in_default_database(postgres, &create).await;
    Address::Postgres(postgres.url(&name).into())
}

/// The PostgreSQL server of the test run, and the migrated databases that tests copy.
struct Templates {
    postgres: Postgres,
    database: String,
    folder: TempDir,
}

async fn templates() -> &'static Templates {
    static TEMPLATES: OnceCell<Templates> = OnceCell::const_new();
    TEMPLATES
        .get_or_init(async || {
            let postgres = tokio::task::spawn_blocking(Postgres::start).await.unwrap();
            let database = format!("wares_template_{}", Uuid::now_v7().simple());
            execute_in_default_database(&postgres, &format!("CREATE DATABASE {database}")).await;
            let folder = tempfile::tempdir().unwrap();
            for address in [
                Address::Postgres(postgres.url(&database).into()),
                Address::Sqlite(folder.path().join("template.db")),
            ] {
                let db = Database::connect(&address, 2).await.unwrap();
                migrate::up(&db).await.unwrap();
                db.close().await.unwrap();
            }
            Templates {
                postgres,
                database,
                folder,
            }
        })
        .await
}

/// Executes a statement outside of the databases of tests. Opens a new connection each time, because a shared one
/// would end with the runtime of the test that opened it.
async fn execute_in_default_database(postgres: &Postgres, sql: &str) {
    let url = postgres.url("postgres");
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}
