//! The handle for queries.

use std::sync::Arc;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement,
};

use super::error::is_connection_failure;
use super::pooler::PooledSettings;
use super::primary::Primary;
use super::replicas::ReplicaRead;

/// Runs each query on a free connection. Through a connection pooler, each query has its own transaction.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) handle: DatabaseConnection,
    pub(super) pooled_settings: Option<PooledSettings>,
    /// `None` on SQLite.
    pub(super) primary: Option<Arc<Primary>>,
    /// The replica that executes the queries while it can.
    pub(super) replica: Option<ReplicaRead>,
}

impl Reader {
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

    /// Returns the number of the last change of the catalog that queries are certain to see, if a replica may execute
    /// them.
    pub fn replica_sequence(&self) -> Option<u64> {
        self.replica.as_ref().map(|replica| replica.sequence)
    }

    /// Begins the transaction of one query; `None` without a pooler.
    async fn begin(&self) -> Result<Option<DatabaseTransaction>, DbErr> {
        match &self.pooled_settings {
            Some(pooled_settings) => {
                let begun = pooled_settings.begin(&self.handle, IsolationLevel::ReadCommitted);
                begun.await.map(Some)
            }
            None => Ok(None),
        }
    }
}

/// Runs a method of [`ConnectionTrait`], in a transaction of its own where reads need one.
macro_rules! read {
    ($reader:ident, $method:ident, $statement:ident) => {
        $reader
            .run(async {
                match $reader.begin().await? {
                    None => $reader.handle.$method($statement).await,
                    Some(transaction) => {
                        let done = transaction.$method($statement).await?;
                        transaction.commit().await?;
                        Ok(done)
                    }
                }
            })
            .await
    };
}

/// The same for a query, which a replica executes if the reader has one. The primary executes it once more if its
/// connection was lost. The second attempt waits for a connection, as long as others do.
macro_rules! query {
    ($reader:ident, $method:ident, $statement:ident) => {{
        if let Some(replica) = &$reader.replica {
            let query = replica.handle().$method($statement.clone());
            if let Some(result) = replica.run(query).await {
                return result;
            }
        }
        let again = $reader.primary.is_some().then(|| $statement.clone());
        let attempt = async |statement| read!($reader, $method, statement);
        match (attempt($statement).await, again) {
            (Err(error), Some(again)) if is_connection_failure(&error) => attempt(again).await,
            (done, _) => done,
        }
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
