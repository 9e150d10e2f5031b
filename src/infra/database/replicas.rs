//! Replicas of the primary, which execute anonymous queries of the catalog.
//!
//! A replica is used while it has replayed everything that the primary had written [`MAX_LAG`] ago. No clocks are
//! compared: the watcher of changes reads the position in the write-ahead log from the primary several times a second,
//! and notes when it did; a replica that has replayed this position has everything that was committed before.
//!
//! Positions of different primaries are not comparable. So whenever the watcher connects to a primary, it inserts a row
//! with a token, and a replica is used once it has this row.

mod follow;
mod pool;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::availability::{UNAVAILABLE, lock};
use super::error::{is_connection_failure, is_serialization_failure};
use crate::config::Config;
use crate::core::secret::Secret;

/// The maximum age of data that a replica returns.
const MAX_LAG: Duration = Duration::from_millis(900);
/// The time after the last response of a replica for which it is used.
const MAX_SILENCE: Duration = Duration::from_secs(1);
/// The number of positions of the primary that are remembered. They cover [`MAX_LAG`] several times.
const MAX_POSITIONS: usize = 20;
/// The time after which a replica that has not shown the token is asked for a new one: rows with tokens are deleted after
/// a while.
const TOKEN_LIFETIME: Duration = Duration::from_secs(20);

/// Settings of replicas.
#[derive(Clone, Debug, Default)]
pub struct ReplicaOptions {
    /// The URL of each replica.
    pub urls: Vec<Secret>,
    /// The time for which replicas are used without a primary.
    pub stale_for: Duration,
}

impl ReplicaOptions {
    /// Returns the configured options.
    ///
    /// # Errors
    /// One line for the operator, if a URL is not valid.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            urls: config.pooling.replicas()?,
            stale_for: config.pooling.stale_for(),
        })
    }
}

/// The replicas of a database.
#[derive(Debug)]
pub struct Replicas {
    servers: Vec<Arc<Replica>>,
    primary: Arc<Mutex<PrimaryLog>>,
    stale_for: Duration,
    next: AtomicUsize,
    used_at: Arc<Mutex<Instant>>,
    /// Follow the replicas. Aborted on drop.
    _followers: JoinSet<()>,
}

/// The known positions in the primary's write-ahead log.
#[derive(Debug)]
struct PrimaryLog {
    /// The number of times the watcher has connected to a primary.
    generation: u64,
    /// The token in the table of changes, and when it was inserted.
    token: Option<(Uuid, Instant)>,
    positions: VecDeque<LogPosition>,
}

/// A position in the primary's write-ahead log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogPosition {
    /// When the position was requested.
    pub read_at: Instant,
    /// The number of the last change of the catalog that this process knew of before that.
    pub sequence: u64,
    /// The number of bytes before the position.
    pub bytes: i64,
}

#[derive(Debug)]
struct Replica {
    /// The index among the replicas, from 1.
    number: usize,
    options: PgConnectOptions,
    handle: DatabaseConnection,
    state: Mutex<ReplicaState>,
    /// Whether the last poll succeeded.
    responds: watch::Sender<bool>,
    /// When PostgreSQL was started, in microseconds since 1970. Identifies the server.
    started_at: Arc<Mutex<Option<i64>>>,
}

#[derive(Debug, Default)]
struct ReplicaState {
    responded_at: Option<Instant>,
    /// The number of bytes of the write-ahead log that were replayed.
    replayed: i64,
    /// The generation of the primary that the replica has proven to follow.
    follows: Option<u64>,
}

/// The changes that a replica shows, and the time until which it may be used.
struct Validity {
    replayed: i64,
    /// All changes of the catalog up to this number are visible.
    sequence: u64,
    until: Instant,
}

/// The use of a replica by one request.
#[derive(Clone, Debug)]
pub(super) struct ReplicaRead {
    replica: Arc<Replica>,
    /// All changes of the catalog up to this number are visible.
    pub sequence: u64,
    /// The time since the last response of the primary, if it did not respond.
    pub staleness: Option<Duration>,
    until: Instant,
}

impl Replicas {
    /// Returns a replica that may be used now and shows all changes up to the number `min_sequence`. If the primary has
    /// been silent for this time, returns one of those that have replayed most: with synchronous replication they have
    /// all that was acknowledged.
    pub(super) fn pick(
        &self,
        silent_for: Option<Duration>,
        min_sequence: u64,
    ) -> Option<ReplicaRead> {
        let is_primary_silent = silent_for.is_some();
        // Without a primary no replica can prove that it shows the last changes.
        let min_sequence = if is_primary_silent { 0 } else { min_sequence };
        *lock(&self.used_at) = Instant::now();
        let count = self.servers.len();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..count).map(|index| &self.servers[first.wrapping_add(index) % count]);
        let primary = lock(&self.primary);
        let reads = in_turn.filter_map(|replica| {
            let valid = self.validity(replica, &primary, is_primary_silent)?;
            let is_usable = Instant::now() < valid.until && valid.sequence >= min_sequence;
            let read = || ReplicaRead {
                replica: replica.clone(),
                sequence: valid.sequence,
                staleness: silent_for,
                until: valid.until,
            };
            is_usable.then(|| (valid.replayed, read()))
        });
        let found = if is_primary_silent {
            reads.max_by_key(|(replayed, _)| *replayed)
        } else {
            reads.into_iter().next()
        };
        found.map(|(_, read)| read)
    }

    /// Returns the changes that a replica shows, and the time until which it may be used.
    fn validity(
        &self,
        replica: &Replica,
        primary: &PrimaryLog,
        is_primary_silent: bool,
    ) -> Option<Validity> {
        let state = lock(&replica.state);
        let responds = state.responded_at?.elapsed() < MAX_SILENCE;
        if !responds || state.follows != Some(primary.generation) {
            return None;
        }
        let last = primary.positions.back()?;
        let mut newest_first = primary.positions.iter().rev();
        let replayed = newest_first.find(|position| position.bytes <= state.replayed)?;
        let until = replayed.read_at + MAX_LAG;
        // It was recent enough when the primary was last seen.
        let is_stale_allowed = is_primary_silent && until > last.read_at;
        let until = if is_stale_allowed {
            until.max(last.read_at + self.stale_for)
        } else {
            until
        };
        Some(Validity {
            replayed: state.replayed,
            sequence: replayed.sequence,
            until,
        })
    }

    /// Records that the watcher has connected to a primary. Returns the token to insert.
    pub(super) fn note_primary(&self) -> Uuid {
        let mut primary = lock(&self.primary);
        primary.generation += 1;
        primary.positions.clear();
        primary.renew_token()
    }

    /// Records a position of the primary. Returns a new token to insert if a replica needs one.
    pub(super) fn note_position(&self, position: LogPosition) -> Option<Uuid> {
        let mut primary = lock(&self.primary);
        if primary.positions.len() == MAX_POSITIONS {
            primary.positions.pop_front();
        }
        primary.positions.push_back(position);
        let generation = Some(primary.generation);
        let is_needed = self.servers.iter().any(|replica| {
            let state = lock(&replica.state);
            state.responded_at.is_some() && state.follows != generation
        });
        let is_old = primary
            .token
            .is_none_or(|(_, inserted_at)| inserted_at.elapsed() > TOKEN_LIFETIME);
        (is_needed && is_old).then(|| primary.renew_token())
    }

    /// Returns the handles of the connection pools.
    pub(super) fn handles(&self) -> impl Iterator<Item = &DatabaseConnection> {
        self.servers.iter().map(|replica| &replica.handle)
    }
}

impl PrimaryLog {
    fn renew_token(&mut self) -> Uuid {
        let token = Uuid::now_v7();
        self.token = Some((token, Instant::now()));
        token
    }
}

impl ReplicaRead {
    /// Returns the connections to the replica.
    pub fn handle(&self) -> &DatabaseConnection {
        &self.replica.handle
    }

    /// Executes a query on the replica. `None` if it can't be used any more, or fails to respond: the primary then
    /// executes the query.
    pub async fn run<T>(
        &self,
        query: impl Future<Output = Result<T, DbErr>>,
    ) -> Option<Result<T, DbErr>> {
        if Instant::now() >= self.until {
            return None;
        }
        let mut responds = self.replica.responds.subscribe();
        let result = tokio::select! {
            biased;
            result = query => result,
            _ = responds.wait_for(|responds| !responds) => {
                Err(DbErr::Custom(UNAVAILABLE.to_owned()))
            }
        };
        match result {
            Err(error) if is_replica_failure(&error) => {
                lock(&self.replica.state).responded_at = None;
                None
            }
            result => Some(result),
        }
    }
}

/// Whether the primary may execute a query that failed on a replica with this error: a lost connection, or rows that
/// were removed while the query read them.
fn is_replica_failure(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_))
        || is_connection_failure(error)
        || is_serialization_failure(error)
}
