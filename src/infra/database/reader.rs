//! The handle for queries.

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, Statement,
};

use super::pooler::Session;

/// Runs each query on a free connection. Through a connection pooler, each query has its own transaction.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(super) handle: DatabaseConnection,
    pub(super) session: Option<Session>,
}

impl Reader {
    /// Begins the transaction of one query; `None` without a pooler.
    async fn begin(&self) -> Result<Option<DatabaseTransaction>, DbErr> {
        match &self.session {
            Some(session) => {
                let begun = session.begin(&self.handle, IsolationLevel::ReadCommitted);
                begun.await.map(Some)
            }
            None => Ok(None),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.handle.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let Some(transaction) = self.begin().await? else {
            return self.handle.execute_raw(statement).await;
        };
        let done = transaction.execute_raw(statement).await?;
        transaction.commit().await?;
        Ok(done)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let Some(transaction) = self.begin().await? else {
            return self.handle.execute_unprepared(sql).await;
        };
        let done = transaction.execute_unprepared(sql).await?;
        transaction.commit().await?;
        Ok(done)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(transaction) = self.begin().await? else {
            return self.handle.query_one_raw(statement).await;
        };
        let found = transaction.query_one_raw(statement).await?;
        transaction.commit().await?;
        Ok(found)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(transaction) = self.begin().await? else {
            return self.handle.query_all_raw(statement).await;
        };
        let found = transaction.query_all_raw(statement).await?;
        transaction.commit().await?;
        Ok(found)
    }
}
