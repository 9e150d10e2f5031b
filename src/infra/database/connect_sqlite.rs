//! Opens an SQLite database.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use log::LevelFilter;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Error as SqlxError, Executor as _, raw_sql,
};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};

use super::connect::options;
use super::{Address, Commits, Database, Reader, WAIT_TIMEOUT};
use crate::core::language::Language;

/// The number of readers. More would only share the same cores.
const READERS: u32 = 4;
/// The maximum page cache of a reader: 2 MiB, which SQLite writes as negative KiB.
const READER_CACHE: &str = "-2048";
/// The maximum page cache of the writer: 16 MiB. Changed pages that exceed it are written and read again before the commit.
const WRITER_CACHE: &str = "-16384";
/// The number of rows of an index that are read for the statistics of the query planner.
const ANALYSIS_LIMIT: u32 = 400;

/// Opens a database file, and creates it if it is missing, but not its folder.
pub async fn connect(path: PathBuf) -> Result<Database, DbErr> {
    let opened_writers = Arc::new(AtomicU64::default());
    let pool = |read_only: bool| {
        let path = path.clone();
        let opened_writers = opened_writers.clone();
        let (connections, cache_size) = if read_only {
            (READERS, READER_CACHE)
        } else {
            (1, WRITER_CACHE)
        };
        let mut options = options("sqlite:".to_owned(), connections);
        options.map_sqlx_sqlite_opts(move |_| {
            let options = SqliteConnectOptions::new()
                .filename(&path)
                .foreign_keys(true)
                .busy_timeout(WAIT_TIMEOUT)
                .pragma("cache_size", cache_size)
                .read_only(read_only)
                // `statements` logs them, truncated. `Off` would leave the default of the driver: to log those above a
                // second.
                .log_statements(LevelFilter::Off)
                .log_slow_statements(LevelFilter::Trace, Duration::MAX);
            if read_only {
                return options;
            }
            options
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .optimize_on_close(true, ANALYSIS_LIMIT)
                // With WAL, FULL makes acknowledged commits survive a power failure.
                .synchronous(SqliteSynchronous::Full)
        });
        // Discards a connection whose transaction could neither be committed nor rolled back, as on a full disk.
        // Otherwise the next transaction would become a part of it, and its commit would be lost.
        options.map_sqlx_sqlite_pool_opts(move |options_before| {
            let opened_writers = opened_writers.clone();
            options_before
                .before_acquire(|connection, _| {
                    let is_free = !connection.is_in_transaction();
                    Box::pin(async move { Ok(is_free) })
                })
                .after_connect(move |connection, _| {
                    opened_writers.fetch_add(u64::from(!read_only), Ordering::SeqCst);
                    Box::pin(async move {
                        if read_only {
                            return Ok(());
                        }
                        assume_large_indexes(connection).await
                    })
                })
        });
        sea_orm::Database::connect(options)
    };
    // The writer first: it creates the file that the readers open.
    let writer = pool(false).await?;
    let collected = collect_statistics(&writer).await;
    collected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    let reader = pool(true).await?;
    Ok(Database {
        reader: Reader {
            handle: reader,
            pooled_settings: None,
            primary: None,
            replica: None,
            statement_timeout: None,
            commits: Commits::default(),
        },
        writer,
        commit_hook: None,
        commits: Commits::default(),
        transactions: None,
        changes: Arc::default(),
        opened_writers,
        address: Arc::new(Address::Sqlite(path)),
        currency: None,
        language: Language::ENGLISH,
        overridden_isolation: None,
        _follower: None,
        replicas: None,
    })
}

/// Collects statistics for the query planner: of tables without any, and of those whose number of rows has changed much. After a
/// large import this takes longer than opening a connection may.
async fn collect_statistics(writer: &DatabaseConnection) -> Result<(), SqlxError> {
    let mut connection = writer.get_sqlite_connection_pool().acquire().await?;
    let collect = format!("PRAGMA analysis_limit = {ANALYSIS_LIMIT}; PRAGMA optimize = 0x10002");
    connection.execute(raw_sql(AssertSqlSafe(collect))).await?;
    assume_large_indexes(&mut connection).await
}

/// Replaces the statistics of the tables in which FTS5 keeps its indexes by those of large tables.
///
/// With the statistics of an index that was still almost empty, SQLite scans the whole table for each deletion of a few
/// blocks by FTS5, so that indexing a product becomes slower as the catalog grows.
async fn assume_large_indexes(connection: &mut SqliteConnection) -> Result<(), SqlxError> {
    const HAS_STATISTICS: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    /// The first number is that of the rows.
    const OF_SMALL_INDEXES: &str = "CAST(stat AS INTEGER) < 1000 \
                                    AND tbl IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')";
    let finds_small = format!("SELECT 1 FROM sqlite_stat1 WHERE {OF_SMALL_INDEXES}");
    // Changing nothing would wait for other writers all the same.
    if finds(connection, HAS_STATISTICS.to_owned()).await? && finds(connection, finds_small).await?
    {
        // Rows of tables are updated, not deleted: SQLite keeps the number of rows that it has loaded until it loads
        // another. For an index without statistics it assumes a large table.
        let replace = format!(
            "DELETE FROM sqlite_stat1 WHERE {OF_SMALL_INDEXES} AND idx IS NOT NULL; \
             UPDATE sqlite_stat1 SET stat = '1000000' WHERE {OF_SMALL_INDEXES}; \
             ANALYZE sqlite_schema"
        );
        connection.execute(raw_sql(AssertSqlSafe(replace))).await?;
    }
    Ok(())
}

async fn finds(connection: &mut SqliteConnection, query: String) -> Result<bool, SqlxError> {
    let found = connection.fetch_optional(raw_sql(AssertSqlSafe(query)));
    Ok(found.await?.is_some())
}
