//! Follows the replicas: asks each of them how far it has replayed the write-ahead log of the primary.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, Row as _, raw_sql};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::super::availability::lock;
use super::super::postgres;
use super::{PrimaryLog, Replica, Replicas};
use crate::core::error::error_chain;
use crate::core::secret::Secret;

/// The interval between polls.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The same while no replica was used for this time.
const QUIET_POLL_INTERVAL: Duration = Duration::from_secs(2);
const QUIET_AFTER: Duration = Duration::from_secs(10);
/// The timeout of a poll.
const POLL_TIMEOUT: Duration = Duration::from_millis(600);
/// The timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The delay between attempts to connect.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Follows a replica, until the task is cancelled.
pub(super) async fn follow(
    replica: Arc<Replica>,
    primary: Arc<Mutex<PrimaryLog>>,
    used_at: Arc<Mutex<Instant>>,
) {
    let number = replica.number;
    let mut is_reported = false;
    loop {
        let Err(error) = poll(&replica, &primary, &used_at, &mut is_reported).await;
        replica.responds.send_replace(false);
        *lock(&replica.state) = super::ReplicaState::default();
        if !is_reported {
            is_reported = true;
            let error = error_chain(&error);
            tracing::warn!(replica = number, error, "replica not available");
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Polls a replica over one connection until that fails.
async fn poll(
    replica: &Replica,
    primary: &Mutex<PrimaryLog>,
    used_at: &Mutex<Instant>,
    is_reported: &mut bool,
) -> anyhow::Result<std::convert::Infallible> {
    let connected = timeout(CONNECT_TIMEOUT, replica.options.connect()).await;
    let mut connection = connected.context("it did not respond in time")??;
    loop {
        let (generation, token) = {
            let primary = lock(primary);
            (primary.generation, primary.token.map(|(token, _)| token))
        };
        let is_proven = lock(&replica.state).follows == Some(generation);
        let asked_at = Instant::now();
        let answer = ask(&mut connection, token.filter(|_| !is_proven));
        let answer = timeout(POLL_TIMEOUT, answer).await;
        let answer = answer.context("it did not respond in time")??;
        if !answer.is_replica {
            // The servers of a cluster change roles.
            *lock(&replica.state) = super::ReplicaState::default();
            sleep(RETRY_DELAY).await;
            continue;
        }
        *lock(&replica.started_at) = Some(answer.started_at);
        {
            let mut state = lock(&replica.state);
            state.responded_at = Some(asked_at);
            state.replayed = answer.replayed;
            if answer.has_token {
                state.follows = Some(generation);
            }
        }
        replica.responds.send_replace(true);
        if std::mem::take(is_reported) {
            tracing::info!(replica = replica.number, "replica available again");
        }
        let is_quiet = lock(used_at).elapsed() > QUIET_AFTER;
        sleep(if is_quiet {
            QUIET_POLL_INTERVAL
        } else {
            POLL_INTERVAL
        })
        .await;
    }
}

impl Replicas {
    /// Connects to the server at a URL. Returns whether it is a replica.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub async fn is_replica(url: &Secret) -> anyhow::Result<bool> {
        let options = postgres::options(url.expose())?;
        let connected = timeout(CONNECT_TIMEOUT, options.connect()).await;
        let mut connection = connected.context("it did not respond in time")??;
        let answer = timeout(POLL_TIMEOUT, ask(&mut connection, None)).await;
        Ok(answer.context("it did not respond in time")??.is_replica)
    }
}

/// The state of a replica.
struct Answer {
    is_replica: bool,
    started_at: i64,
    replayed: i64,
    has_token: bool,
}

async fn ask(connection: &mut PgConnection, token: Option<Uuid>) -> anyhow::Result<Answer> {
    let has_token = token.map_or_else(
        || "false".to_owned(),
        |token| format!("EXISTS (SELECT FROM catalog_changes WHERE process_id = '{token}')"),
    );
    let sql = format!(
        "SELECT pg_is_in_recovery(), {STARTED_AT}, \
         (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0'::pg_lsn)::bigint, {has_token}"
    );
    let row = connection.fetch_one(raw_sql(AssertSqlSafe(sql))).await?;
    Ok(Answer {
        is_replica: row.try_get(0)?,
        started_at: row.try_get(1)?,
        replayed: row.try_get(2)?,
        has_token: row.try_get(3)?,
    })
}

/// When PostgreSQL was started, in microseconds since 1970.
pub(super) const STARTED_AT: &str =
    "(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint";
