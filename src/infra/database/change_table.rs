//! The table `catalog_changes`: records of changes, by which servers on PostgreSQL invalidate the caches of other servers.
//!
//! Each transaction that changes the catalog inserts a row with its commit. Each server reads the rows that became
//! visible since its last read. Transactions become visible in another order than that of their ids, so a position in
//! the table is a snapshot: the ids that were running, and the first id after all others. `NOTIFY` would not need a table,
//! but takes one lock for all commits of the server.
//!
//! Transactions that do not change the catalog insert a row too: see [`outcome`](super::outcome).

use anyhow::{Context, bail, ensure};
use sea_orm::sqlx::postgres::{PgConnection, PgRow};
use sea_orm::sqlx::{AssertSqlSafe, Executor as _, Row as _, raw_sql};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

use super::Database;
use super::changed_parts::ChangedParts;
use super::changes::Changes;
use super::read_only::ReadOnly;
use crate::core::error::error_chain;

/// The name of the table.
pub(super) const CHANGE_TABLE: &str = "catalog_changes";
/// The number of rows of one read above which everything counts as changed.
const MAX_ROWS: usize = 1_000;
/// The time between two reads, in milliseconds, above which rows may have been deleted between them. Less than
/// [`DELETION_INTERVAL`].
const MAX_PAUSE: i64 = 30_000;
/// The interval between deletions. Rows are deleted when they were visible for at least this time.
const DELETION_INTERVAL: Duration = Duration::from_mins(1);
/// The interval at which lists, counts and facets count as changed. Counts and facets are cached without a maximum
/// age, so a change without a row would stay hidden: one by hand, or by a server of the previous version.
const LISTS_INTERVAL: Duration = Duration::from_secs(55);
/// A snapshot after all transactions.
const END: &str = "0:18446744073709551615:";
/// The channel on which servers of the previous version listen. Removed in the next release.
const PREVIOUS_CHANNEL: &str = "wares_catalogue";

/// Returns the statement that inserts the row of a transaction that changes these parts of the catalog, with the id of its
/// outcome and whether that is a commit.
pub(super) fn insert(process: Uuid, parts: &ChangedParts, outcome: Option<(Uuid, bool)>) -> String {
    // It consists of digits, letters and separators.
    let parts = parts.to_text();
    // `SELECT`, so that the caller can add a condition.
    match outcome {
        Some((id, committed)) => format!(
            "INSERT INTO catalog_changes (process_id, parts, commit_id, committed) \
             SELECT '{process}', '{parts}', '{id}', {committed}"
        ),
        None => {
            format!("INSERT INTO catalog_changes (process_id, parts) SELECT '{process}', '{parts}'")
        }
    }
}

/// Inserts a row with a token, by which replicas prove that they follow this primary. It reports no change.
pub(super) async fn insert_token(connection: &mut PgConnection, token: Uuid) -> anyhow::Result<()> {
    let insert = insert(token, &ChangedParts::default(), None);
    connection.execute(raw_sql(AssertSqlSafe(insert))).await?;
    Ok(())
}

/// The position of a server in the table.
#[derive(Debug)]
pub(super) struct Position {
    /// Identifies the PostgreSQL server: the time of its start.
    server: Option<String>,
    /// `xmin:xmax:running,running,...`
    snapshot: String,
    /// The time of the last read by PostgreSQL's clock, in milliseconds.
    read_at: Option<i64>,
    /// When lists last counted as changed.
    lists_at: Instant,
    /// The number of bytes of the write-ahead log.
    pub(super) wal_bytes: i64,
}

impl Position {
    /// Returns the end of the table.
    pub(super) async fn end(connection: &mut PgConnection) -> anyhow::Result<Self> {
        let mut position = Self {
            server: None,
            snapshot: END.to_owned(),
            read_at: None,
            lists_at: Instant::now(),
            wal_bytes: 0,
        };
        position.advance(connection).await?;
        Ok(position)
    }

    /// Reads the rows since the last read, and records the changes by other processes.
    ///
    /// # Errors
    /// When the connection fails, or leads to another PostgreSQL server than before.
    pub(super) async fn read(
        &mut self,
        connection: &mut PgConnection,
        changes: &Changes,
    ) -> anyhow::Result<()> {
        if self.lists_at.elapsed() > LISTS_INTERVAL {
            self.lists_at = Instant::now();
            changes.note_unreported();
        }
        match self.advance(connection).await? {
            Some(rows) => {
                for (process, parts) in rows {
                    changes.note_of_process(process, &ChangedParts::of_text(&parts));
                }
            }
            None => changes.note(&ChangedParts::all()),
        }
        Ok(())
    }

    /// Returns the rows since the last read with their processes, or `None` if there may be others.
    async fn advance(
        &mut self,
        connection: &mut PgConnection,
    ) -> anyhow::Result<Option<Vec<(Uuid, String)>>> {
        // Not prepared: a connection pooler would leave the statement on a connection of other clients.
        let found = connection.fetch_all(raw_sql(AssertSqlSafe(self.query()?)));
        let found = found.await?;
        let state = found.first().context("no snapshot")?;
        if state.try_get(0)? {
            bail!(ReadOnly);
        }
        let server: String = state.try_get(1)?;
        // Through a pooler a connection outlives its server. A new primary may lack transactions, and repeat their ids.
        ensure!(
            self.server.as_ref().is_none_or(|known| *known == server),
            "the database server was replaced"
        );
        let now: i64 = state.try_get(2)?;
        let was_read_at = self.read_at.replace(now).unwrap_or(now);
        self.server = Some(server);
        self.snapshot = state.try_get(3)?;
        self.wal_bytes = state.try_get(6)?;
        let is_complete = (0..=MAX_PAUSE).contains(&(now - was_read_at)) && found.len() <= MAX_ROWS;
        if !is_complete {
            return Ok(None);
        }
        let rows = found.iter().filter_map(|row| change(row).transpose());
        rows.collect::<anyhow::Result<_>>().map(Some)
    }

    /// Returns the query of the rows that are visible now and were not at the last read, with the current snapshot.
    fn query(&self) -> anyhow::Result<String> {
        let mut fields = self.snapshot.splitn(3, ':').skip(1);
        let next = fields.next();
        let (next, running) = next.zip(fields.next()).context("not a snapshot")?;
        // Rows of a restored backup may have ids that are yet to come.
        Ok(format!(
            "SELECT pg_is_in_recovery(), pg_postmaster_start_time()::text, \
             (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_current_snapshot()::text, process_id, parts, \
             CASE WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint ELSE 0 END \
             FROM (SELECT) AS server LEFT JOIN (\
             (SELECT process_id, parts FROM catalog_changes WHERE transaction_id >= '{next}' \
             AND transaction_id < pg_snapshot_xmax(pg_current_snapshot()) AND parts <> '{nothing}' ORDER BY transaction_id LIMIT {limit}) \
             UNION ALL SELECT process_id, parts FROM catalog_changes \
             WHERE transaction_id = ANY ('{{{running}}}'::xid8[]) AND parts <> '{nothing}') AS changes ON true",
            nothing = ChangedParts::default().to_text(),
            limit = MAX_ROWS + 1
        ))
    }
}

/// Returns a change of the result of [`Position::query`], which has a row without one if there are none.
fn change(row: &PgRow) -> anyhow::Result<Option<(Uuid, String)>> {
    let (process, parts): (Option<Uuid>, Option<String>) = (row.try_get(4)?, row.try_get(5)?);
    Ok(process.zip(parts))
}

/// The rows of which all servers know.
#[derive(Debug, Default)]
pub struct OldChanges {
    /// Identifies the PostgreSQL server: the time of its start.
    server: Option<String>,
    /// All transactions with lower ids had ended when the last rows were deleted.
    ended: Option<String>,
}

impl OldChanges {
    /// Deletes the rows that were visible at the last call. Does nothing on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&mut self, db: &Database) -> Result<(), DbErr> {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let before = self.ended.clone().unwrap_or_else(|| "0".to_owned());
        let sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_postmaster_start_time()::text, \
                   EXISTS (SELECT FROM catalog_changes WHERE transaction_id < $1::text::xid8), \
                   EXISTS (SELECT FROM catalog_changes WHERE transaction_id >= $1::text::xid8)";
        let find = Statement::from_sql_and_values(db.backend(), sql, [before.as_str().into()]);
        let Some(found) = db.reader().query_one_raw(find).await? else {
            return Ok(());
        };
        self.ended = Some(found.try_get_by_index(0)?);
        let server = Some(found.try_get_by_index(1)?);
        // A new primary may lack transactions, and repeat their ids.
        let is_known = self.server == server;
        self.server = server;
        let (has_old, has_new): (bool, bool) =
            (found.try_get_by_index(2)?, found.try_get_by_index(3)?);
        if has_new {
            let notify = format!("SELECT pg_notify('{PREVIOUS_CHANNEL}', '')");
            let notify = Statement::from_string(db.backend(), notify);
            db.reader().query_one_raw(notify).await?;
        }
        if has_old && is_known {
            // Other servers may be deleting the same rows, and wait for a replica.
            let sql = "DELETE FROM catalog_changes WHERE ctid = ANY (ARRAY(SELECT ctid FROM catalog_changes \
                       WHERE transaction_id < $1::text::xid8 FOR UPDATE SKIP LOCKED))";
            let delete = Statement::from_sql_and_values(db.backend(), sql, [before.into()]);
            let transaction = db.begin().await?;
            transaction.execute_raw(delete).await?;
            transaction.commit_without_records().await?;
        }
        Ok(())
    }
}

/// Deletes the rows of which all servers know, until the task is cancelled. Returns at once on SQLite.
pub async fn delete_old_changes(db: Database) {
    if db.backend() != DbBackend::Postgres {
        return;
    }
    let mut old = OldChanges::default();
    loop {
        if let Err(error) = old.delete(&db).await {
            let error = error_chain(&error.into());
            tracing::warn!(error, "deleting records of catalog changes failed");
        }
        // Not at regular times: rows have to be visible for the interval, however long the database took.
        sleep(DELETION_INTERVAL).await;
    }
}
