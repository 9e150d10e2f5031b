//! Connects to PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use log::LevelFilter;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::connect::{ConnectionOptions, options};
use super::pooler::PooledSettings;
use super::primary::{Follower, Primary};
use super::{Address, Commits, Database, Reader, WAIT_TIMEOUT, postgres};
use crate::core::language::Language;

/// The timeout of an attempt to get a connection, open or new. A proxy that still leads to the former primary may not
/// respond for longer, while it leads other connections to the new one.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

/// Connects with these options.
pub async fn connect(address: &Address, connecting: ConnectionOptions) -> anyhow::Result<Database> {
    let urls = address.servers();
    let primary = Arc::new(Primary::new(&urls)?);
    // A pool reports only a timeout; a single connection reports the reason.
    let mut connection = primary.connect().await?;
    let inspected = timeout(WAIT_TIMEOUT, postgres::inspect(&mut connection)).await;
    let overridden_isolation = inspected.context("it did not respond in time")??;
    connection.close().await?;
    let first = primary.index();
    let max_statement_time = connecting.max_statement_time;
    let server = &primary.servers()[first];
    let pooled_settings = PooledSettings::detect(server, connecting.pooler, max_statement_time);
    let pooled_settings = timeout(WAIT_TIMEOUT, pooled_settings).await;
    let pooled_settings = pooled_settings.context("it did not respond in time")??;
    let supports_prepared_statements = pooled_settings
        .as_ref()
        .map(PooledSettings::supports_prepared_statements);
    if let Some(prepared_statements) = supports_prepared_statements {
        tracing::info!(prepared_statements, "connected through a connection pooler");
    }

    let servers = primary.servers().iter().cloned().map(|server| {
        // `statements` logs them, truncated. `Off` would leave the default of the driver: to log those above a second.
        let server = server.log_statements(LevelFilter::Off);
        let server = server.log_slow_statements(LevelFilter::Trace, Duration::MAX);
        match supports_prepared_statements {
            Some(supported) => postgres::pooled_options(server, supported),
            None => postgres::direct_options(server, max_statement_time),
        }
    });
    let servers: Vec<_> = servers.collect();
    let pool = open_pool(
        urls[first].expose(),
        connecting,
        servers[first].clone(),
        &primary,
    )
    .await?;
    let follower = (servers.len() > 1).then(|| {
        let (primary, pool) = (primary.clone(), pool.get_postgres_connection_pool().clone());
        Arc::new(Follower::start(async move {
            primary.follow(pool, servers, first).await;
        }))
    });
    Ok(Database {
        reader: Reader {
            handle: pool.clone(),
            pooled_settings,
            primary: Some(primary),
            replica: None,
            statement_timeout: None,
            commits: Commits::default(),
        },
        writer: pool,
        commit_hook: None,
        commits: Commits::default(),
        transactions: Some(Arc::new(Semaphore::new(max_transactions(
            connecting.max_connections,
        )))),
        changes: Arc::default(),
        opened_writers: Arc::default(),
        address: Arc::new(address.clone()),
        currency: None,
        language: Language::ENGLISH,
        overridden_isolation: overridden_isolation.map(Into::into),
        _follower: follower,
        replicas: None,
    })
}

/// Returns the number of connections that transactions may use at once: nine of ten. Reads use the others. More for reads
/// would cost writes: while a commit waits for the disk, others use the processor.
fn max_transactions(max_connections: u32) -> usize {
    let reserved = max_connections.div_ceil(10).min(max_connections - 1);
    (max_connections - reserved) as usize
}

/// Opens a pool of connections to the primary.
async fn open_pool(
    url: &str,
    connecting: ConnectionOptions,
    server: PgConnectOptions,
    primary: &Arc<Primary>,
) -> Result<DatabaseConnection, DbErr> {
    let primary = primary.clone();
    let mut options = options(url.to_owned(), connecting.max_connections);
    options
        .connect_timeout(ATTEMPT_TIMEOUT)
        .acquire_timeout(ATTEMPT_TIMEOUT)
        // The single connection before has shown that the server responds, and statements repeat an attempt to connect.
        .connect_lazy(true)
        .map_sqlx_postgres_opts(move |_| server.clone());
    options.map_sqlx_postgres_pool_opts(move |options_before| {
        let [admitting, testing, releasing] = [(); 3].map(|()| primary.clone());
        options_before
            .after_connect(move |connection, _| {
                let primary = admitting.clone();
                Box::pin(async move { primary.admit(connection).await })
            })
            .before_acquire(move |connection, meta| {
                let primary = testing.clone();
                Box::pin(async move { primary.test(connection, meta.idle_for).await })
            })
            .after_release(move |connection, _| {
                let primary = releasing.clone();
                Box::pin(async move { primary.test_released(connection).await })
            })
    });
    sea_orm::Database::connect(options).await
}
