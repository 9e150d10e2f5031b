//! The handle for queries.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement, TransactionOptions,
};
use tokio::time::{Instant, sleep};

use super::Commits;
use super::begin::{begin, may_get_connection};
use super::error::is_connection_failure;
use super::pooler::PooledSettings;
use super::primary::Primary;
use super::replicas::ReplicaRead;

/// Runs each query on a free connection. Through a connection pooler or with a statement timeout, each query has its own
/// transaction.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) handle: DatabaseConnection,
    pub(super) pooled_settings: Option<PooledSettings>,
    /// `None` on SQLite.
    pub(super) primary: Option<Arc<Primary>>,
    /// The replica that executes the queries while it can.
    pub(super) replica: Option<ReplicaRead>,
    /// The timeout of each statement, if it differs from that of the session.
    pub(super) statement_timeout: Option<Duration>,
    /// The commits of the request.
    pub(super) commits: Commits,
}

/// The delay before a statement of a request that has committed is executed again.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The number of times it is executed. The deadline of the request is usually earlier.
pub(super) const MAX_ATTEMPTS: usize = 300;

impl Reader {
    /// Returns a handle whose statements PostgreSQL cancels after this time: see
    /// [`is_statement_timeout`](super::is_statement_timeout). SQLite does not cancel them.
    #[must_use]
    pub fn with_statement_timeout(&self, timeout: Duration) -> Self {
        Self {
            statement_timeout: self.primary.is_some().then_some(timeout),
            ..self.clone()
        }
    }

    /// Returns the number of the last change of the catalog that queries are certain to see, if a replica may execute
    /// them.
    pub fn replica_sequence(&self) -> Option<u64> {
        self.replica.as_ref().map(|replica| replica.sequence)
    }

    /// Returns the time since the last response of the primary, if it did not respond when a replica was chosen to
    /// execute the queries: they may show a state that is as old.
    pub fn staleness(&self) -> Option<Duration> {
        self.replica.as_ref().and_then(|replica| replica.staleness)
    }

    /// Executes a statement. See [`Primary::run`].
    pub(super) async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        match &self.primary {
            Some(primary) => primary.run(statement).await,
            None => statement.await,
        }
    }

    /// Waits for the primary after the connection was lost. Returns whether to execute a statement again: a request that has
    /// committed can't be executed again as a whole.
    pub(super) async fn waits(&self) -> bool {
        let has_committed = self.commits.may_have_changed();
        if has_committed && let Some(primary) = &self.primary {
            sleep(RETRY_DELAY).await;
            primary.availability.returned().await;
        }
        has_committed
    }

    /// Begins the transaction of one query. Returns `None` if it needs none.
    async fn begin(
        &self,
        handle: &DatabaseConnection,
        pooled_settings: Option<&PooledSettings>,
    ) -> Result<Option<DatabaseTransaction>, DbErr> {
        let begun = match pooled_settings {
            Some(pooled_settings) => {
                let begun = pooled_settings.begin(handle, IsolationLevel::ReadCommitted);
                begun.await?
            }
            None if self.statement_timeout.is_some() => {
                begin(handle, TransactionOptions::default()).await?
            }
            None => return Ok(None),
        };
        if let Some(timeout) = self.statement_timeout {
            let set = format!("SET LOCAL statement_timeout = {}", timeout.as_millis());
            begun.execute_unprepared(&set).await?;
        }
        Ok(Some(begun))
    }
}

/// Runs a method of [`ConnectionTrait`] on a handle, in a transaction of its own where it needs one.
macro_rules! on {
    ($reader:ident, $handle:expr, $pooled_settings:expr, $method:ident, $statement:expr) => {
        async {
            let handle = $handle;
            match $reader.begin(handle, $pooled_settings).await? {
                None => handle.$method($statement).await,
                Some(transaction) => {
                    let done = transaction.$method($statement).await?;
                    transaction.commit().await?;
                    Ok(done)
                }
            }
        }
    };
}

/// Runs a method of [`ConnectionTrait`] on the primary.
macro_rules! read {
    ($reader:ident, $method:ident, $statement:ident) => {{
        let pooled_settings = $reader.pooled_settings.as_ref();
        let attempt = on!(
            $reader,
            &$reader.handle,
            pooled_settings,
            $method,
            $statement
        );
        $reader.run(attempt).await
    }};
}

/// The same for a query, which a replica executes if the reader has one. The primary executes it once more if its
/// connection was lost, and until it responds for a request that has committed. The second attempt waits for a connection,
/// as long as others do.
macro_rules! query {
    ($reader:ident, $method:ident, $statement:ident) => {{
        if let Some(replica) = &$reader.replica {
            let query = on!($reader, replica.handle(), None, $method, $statement.clone());
            if let Some(result) = replica.run(query).await {
                return result;
            }
        }
        let again = $reader.primary.is_some().then(|| $statement.clone());
        let attempt = async |statement| read!($reader, $method, statement);
        let start = Instant::now();
        let mut done = attempt($statement).await;
        if let Some(again) = again {
            for number in 1..MAX_ATTEMPTS {
                match &done {
                    Err(error) if may_get_connection(error, start) => {}
                    Err(error)
                        if is_connection_failure(error)
                            && (number == 1 || $reader.waits().await) => {}
                    _ => break,
                }
                done = attempt(again.clone()).await;
            }
        }
        done
    }};
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.handle.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        read!(self, execute_raw, statement)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        read!(self, execute_unprepared, sql)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        query!(self, query_one_raw, statement)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        query!(self, query_all_raw, statement)
    }
}
