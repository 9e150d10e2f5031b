//! The primary of a PostgreSQL cluster: the server that accepts writes.
//!
//! `DATABASE_URL` names the primary by a proxy or a DNS name, or names all servers of the cluster. Either may lead to a
//! replica after a failover. So each connection is asked whether it accepts writes: when it was opened, after it was
//! idle, and for a while after an error that a failover causes. One that does not is closed. If several servers are
//! named, such an error starts a search for the new primary.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use sea_orm::DbErr;
use sea_orm::error::ConnAcquireErr;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Error as SqlxError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::availability::{Availability, UNAVAILABLE, lock};
use super::error::is_connection_failure;
use super::read_only::{NoPrimary, ReadOnly};
use super::{WAIT_TIMEOUT, pooler, postgres};
use crate::core::error::error_chain;
use crate::core::secret::Secret;
use crate::infra::telemetry::log::LogThrottle;

/// Whether a connection accepts writes. `default_transaction_read_only` may be on.
const IS_READ_ONLY: &str =
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";
/// A connection that was idle for longer is tested before use, so that a restart of the database fails no request
/// that comes later than this.
const TEST_IDLE_AFTER: Duration = Duration::from_secs(1);
/// A connection that was idle for longer is asked whether it accepts writes, instead of being pinged. PostgreSQL closes
/// all connections when a primary becomes a replica, so that only a proxy could change the server behind one.
const ASK_IDLE_AFTER: Duration = Duration::from_secs(5);
/// The time after an error for which each connection is asked, whether it was idle or not.
const SUSPICION: Duration = Duration::from_secs(5);
/// The timeout of a test of a connection.
const TEST_TIMEOUT: Duration = Duration::from_secs(2);
/// The time for which a refused connection is no reason to be not ready: the next one may find the new primary.
const FAILOVER: Duration = Duration::from_millis(500);
/// The first and the maximum delay between searches. It doubles after each search.
const SEARCH_DELAYS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];

/// The servers of a cluster, and which of them is the primary.
pub struct Primary {
    servers: Vec<PgConnectOptions>,
    /// The index of the last known primary.
    current: AtomicUsize,
    suspected_until: Mutex<Option<Instant>>,
    search: Notify,
    /// The number of refused connections.
    refusals: watch::Sender<u64>,
    refusal_log: Mutex<LogThrottle>,
    pub(super) availability: Availability,
}

impl fmt::Debug for Primary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options hold the password.
        formatter
            .debug_struct("Primary")
            .field("servers", &self.servers.len())
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl Primary {
    /// Creates the primary among the servers with these URLs.
    pub fn new(urls: &[Secret]) -> anyhow::Result<Self> {
        let servers = urls.iter().map(|url| postgres::options(url.expose()));
        Ok(Self {
            servers: servers.collect::<anyhow::Result<_>>()?,
            current: AtomicUsize::default(),
            suspected_until: Mutex::default(),
            search: Notify::new(),
            refusals: watch::Sender::default(),
            refusal_log: Mutex::default(),
            availability: Availability::default(),
        })
    }

    /// Connects to the primary. All servers are tried at once: one that does not respond delays nothing.
    ///
    /// # Errors
    /// The reason why each server was refused.
    pub async fn connect(&self) -> anyhow::Result<PgConnection> {
        let mut attempts: FuturesUnordered<_> = (0..self.servers.len())
            .map(async |index| (index, connect_to(&self.servers[index]).await))
            .collect();
        let mut errors = Vec::new();
        while let Some((index, connected)) = attempts.next().await {
            match connected {
                Ok(connection) => {
                    self.current.store(index, Ordering::Release);
                    return Ok(connection);
                }
                Err(error) => errors.push((index, error)),
            }
        }
        errors.sort_by_key(|(index, _)| *index);
        Err(match errors.pop() {
            Some((0, error)) => error,
            last => {
                errors.extend(last);
                NoPrimary::of(&errors).into()
            }
        })
    }

    /// Refuses a connection that was opened by the pool if it does not accept writes.
    pub async fn admit(&self, connection: &mut PgConnection) -> Result<(), SqlxError> {
        if is_read_only_connection(connection).await? {
            self.refuse();
            return Err(SqlxError::Configuration(Box::new(ReadOnly)));
        }
        Ok(())
    }

    /// Tests a connection of the pool before use. Returns whether it may be used.
    pub async fn test(
        &self,
        connection: &mut PgConnection,
        idle: Duration,
    ) -> Result<bool, SqlxError> {
        let is_suspected = self.is_suspected();
        if idle <= TEST_IDLE_AFTER && !is_suspected {
            return Ok(true);
        }
        let test = async {
            if is_suspected || idle > ASK_IDLE_AFTER {
                return Ok(!is_read_only_connection(connection).await?);
            }
            connection.ping().await.map(|()| true)
        };
        let tested = in_time(test).await;
        match tested {
            Ok(true) => {}
            Ok(false) => self.refuse(),
            Err(_) => self.suspect(),
        }
        tested
    }

    /// Tests a connection after use, if an error was observed: the library waits for its response without a timeout.
    pub async fn test_released(&self, connection: &mut PgConnection) -> Result<bool, SqlxError> {
        if self.is_suspected() {
            in_time(connection.ping()).await?;
        }
        Ok(true)
    }

    /// Executes a statement, which fails when the primary becomes unavailable. After an error that a failover may have
    /// caused, connections are tested.
    pub async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let was_suspected = self.is_suspected();
        let result = tokio::select! {
            biased;
            done = statement => done,
            unavailable = self.availability.lost() => Err(unavailable),
        };
        match result {
            Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) => {
                self.search.notify_one();
                if was_suspected || self.is_suspected() {
                    return Err(DbErr::Custom(UNAVAILABLE.to_owned()));
                }
                // All connections may just be in use, when tests would only take more time.
                result
            }
            Err(ref error) if is_connection_failure(error) => {
                self.suspect();
                result
            }
            result => result,
        }
    }

    /// Tests each connection before use for a while, and searches for the primary if there are several servers.
    pub fn suspect(&self) {
        let mut until = lock(&self.suspected_until);
        *until = Some(Instant::now() + SUSPICION);
        self.search.notify_one();
    }

    /// Waits until a connection is refused because its server does not accept writes, and for a moment more, in which
    /// the new primary may be found.
    pub async fn refused(&self) {
        // An error is impossible: the sender is not dropped meanwhile.
        _ = self.refusals.subscribe().changed().await;
        sleep(FAILOVER).await;
    }

    /// Connects the pool to the new primary after each suspicion, until it is closed. `options` are those of the pool's
    /// connections to each server, of which it has those with the index `used`.
    pub async fn follow(&self, pool: PgPool, options: Vec<PgConnectOptions>, mut used: usize) {
        let [first_delay, max_delay] = SEARCH_DELAYS;
        while !pool.is_closed() {
            self.search.notified().await;
            let mut delay = first_delay;
            while let Err(error) = self.connect().await {
                if pool.is_closed() {
                    return;
                }
                if delay == max_delay && lock(&self.refusal_log).is_due() {
                    tracing::warn!(
                        cause = error_chain(&error),
                        "no database server accepts writes"
                    );
                }
                sleep(delay).await;
                delay = max_delay.min(delay * 2);
            }
            if self.index() != used {
                used = self.index();
                pool.set_connect_options(options[used].clone());
                let server = used + 1;
                tracing::info!(server, "another database server is the primary");
            }
            sleep(first_delay).await;
        }
    }

    /// Returns the options of connections to each server.
    pub fn servers(&self) -> &[PgConnectOptions] {
        &self.servers
    }

    /// Returns the index of the last known primary.
    pub fn index(&self) -> usize {
        self.current.load(Ordering::Acquire)
    }

    fn is_suspected(&self) -> bool {
        lock(&self.suspected_until).is_some_and(|until| until > Instant::now())
    }

    fn refuse(&self) {
        self.suspect();
        self.refusals.send_modify(|count| *count += 1);
        if lock(&self.refusal_log).is_due() {
            tracing::warn!(
                "the database can only be read, waiting for a server that accepts writes"
            );
        }
    }
}

/// Connects to a server and refuses it if it does not accept writes.
async fn connect_to(options: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    let connect = async {
        let mut connection = options.connect().await?;
        if is_read_only_connection(&mut connection).await? {
            _ = connection.close().await;
            bail!(ReadOnly);
        }
        Ok(connection)
    };
    let connected = timeout(WAIT_TIMEOUT, connect).await;
    connected.context("it did not respond in time")?
}

async fn is_read_only_connection(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    pooler::value(connection, IS_READ_ONLY).await
}

async fn in_time<T>(test: impl Future<Output = Result<T, SqlxError>>) -> Result<T, SqlxError> {
    let tested = timeout(TEST_TIMEOUT, test).await;
    tested.unwrap_or_else(|_| Err(SqlxError::Io(std::io::ErrorKind::TimedOut.into())))
}

/// The task that follows the primary. Aborted on drop.
#[derive(Debug)]
pub struct Follower(JoinHandle<()>);

impl Follower {
    /// Starts the task.
    pub fn start(follow: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(follow))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}
