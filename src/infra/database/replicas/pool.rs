//! Connects to the replicas.

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use log::LevelFilter;
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions as _, Error as SqlxError, Executor as _, Row as _, raw_sql,
};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::super::availability::lock;
use super::super::connect::{ConnectionOptions, options};
use super::super::postgres;
use super::follow::{STARTED_AT, follow};
use super::{PrimaryLog, Replica, ReplicaOptions, Replicas};

/// The timeout of a request for a connection to a replica. The primary then executes the query.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(500);

impl Replicas {
    /// Prepares connections to the replicas, and follows them from now on. `None` if there are none.
    ///
    /// # Errors
    /// When a URL is not valid. Replicas that can't be reached are used once they can be.
    pub async fn connect(
        replicas: &ReplicaOptions,
        connecting: &ConnectionOptions,
    ) -> anyhow::Result<Option<Self>> {
        if replicas.urls.is_empty() {
            return Ok(None);
        }
        let primary = Arc::new(Mutex::new(PrimaryLog {
            generation: 0,
            token: None,
            positions: VecDeque::new(),
        }));
        let used_at = Arc::new(Mutex::new(Instant::now()));
        let mut opened = Vec::new();
        let mut followers = JoinSet::new();
        for (index, url) in replicas.urls.iter().enumerate() {
            let server = postgres::options(url.expose()).context("DATABASE_REPLICAS")?;
            let server = server
                .log_statements(LevelFilter::Off)
                .log_slow_statements(LevelFilter::Trace, Duration::MAX);
            let server = postgres::direct_options(server, connecting.max_statement_time);
            let started_at = Arc::default();
            let handle = open_pool(url.expose(), connecting, &server, &started_at).await?;
            let replica = Arc::new(Replica {
                number: index + 1,
                options: server,
                handle,
                state: Mutex::default(),
                responds: watch::Sender::new(true),
                started_at,
            });
            followers.spawn(follow(replica.clone(), primary.clone(), used_at.clone()));
            opened.push(replica);
        }
        Ok(Some(Self {
            servers: opened,
            primary,
            stale_for: replicas.stale_for,
            next: AtomicUsize::default(),
            used_at,
            _followers: followers,
        }))
    }
}

async fn open_pool(
    url: &str,
    connecting: &ConnectionOptions,
    server: &PgConnectOptions,
    started_at: &Arc<Mutex<Option<i64>>>,
) -> anyhow::Result<DatabaseConnection> {
    let (server, started_at) = (server.clone(), started_at.clone());
    let mut options = options(url.to_owned(), connecting.max_connections);
    options.connect_lazy(true).acquire_timeout(ACQUIRE_TIMEOUT);
    options.map_sqlx_postgres_opts(move |_| server.clone());
    options.map_sqlx_postgres_pool_opts(move |options_before| {
        let started_at = started_at.clone();
        options_before.after_connect(move |connection, _| {
            let started_at = *lock(&started_at);
            Box::pin(async move { admit(connection, started_at).await })
        })
    });
    Ok(sea_orm::Database::connect(options).await?)
}

/// Refuses a connection to another server than the one that is followed: a proxy would lead to any replica, and the
/// position of one says nothing about the others.
async fn admit(connection: &mut PgConnection, started_at: Option<i64>) -> Result<(), SqlxError> {
    let sql = format!("SELECT CASE WHEN pg_is_in_recovery() THEN {STARTED_AT} END");
    let row = connection.fetch_one(raw_sql(AssertSqlSafe(sql))).await?;
    let found: Option<i64> = row.try_get(0)?;
    if found.is_none() || found != started_at {
        return Err(SqlxError::Configuration(
            "DATABASE_REPLICAS must name each replica by itself: connections lead to several servers, or to a primary".into(),
        ));
    }
    Ok(())
}
