//! Watching for changes of the catalogue that other processes make.
//!
//! On PostgreSQL they tell of them ([`changes`](super::changes)), and a connection of its own listens. On SQLite a
//! connection of its own asks whether anybody has written to the file, which finds all that was done by other tools too.
//! Through a connection pooler nothing can listen, so a connection asks whether anything was written to the whole server.

use std::future::pending;
use std::time::Duration;

use anyhow::{Context, bail};
use sea_orm::sqlx::postgres::{PgConnection, PgListener, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Executor as _, query_scalar};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::timeout;
use uuid::Uuid;

use super::changes::CHANNEL;
use super::{Address, Database, PATIENCE, pooler, postgres};

/// How long a notice may take that this process sends to itself.
const ECHO: Duration = Duration::from_secs(2);

/// A connection that watches.
#[derive(Debug)]
pub struct Watch(Kind);

#[derive(Debug)]
enum Kind {
    Sqlite(SqliteConnection, i64),
    Postgres(PgListener),
    /// Through a connection pooler, where nothing can listen.
    Pooled(PgConnection, String),
}

impl Database {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the database does not answer, or when notices get lost on the way from it.
    pub async fn watch(&self) -> anyhow::Result<Watch> {
        let kind = match &*self.address {
            Address::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let connection = SqliteConnection::connect_with(&options);
                let mut connection = timeout(PATIENCE, connection).await??;
                let version = data_version(&mut connection).await?;
                Kind::Sqlite(connection, version)
            }
            Address::Postgres(url) if self.is_pooled() => {
                let connection = postgres::options(url.expose())?;
                let mut connection = timeout(PATIENCE, connection.connect()).await??;
                let snapshot = snapshot(&mut connection).await?;
                Kind::Pooled(connection, snapshot)
            }
            Address::Postgres(url) => {
                let options = postgres::options(url.expose())?;
                let pool = PgPoolOptions::new()
                    .max_connections(1)
                    .max_lifetime(None)
                    .idle_timeout(None)
                    .acquire_timeout(PATIENCE)
                    .connect_lazy_with(options);
                let mut listener = PgListener::connect_with(&pool).await?;
                listener.ignore_pool_close_event(true);
                // What was missed meanwhile is to be known of.
                listener.eager_reconnect(false);
                listener.listen(CHANNEL).await?;
                let echo = timeout(ECHO, self.echo(&mut listener)).await;
                echo.context("its notices do not arrive: is it a connection pooler? Set DATABASE_POOLER=transaction")??;
                Kind::Postgres(listener)
            }
        };
        Ok(Watch(kind))
    }

    /// Sends a notice by another connection, and waits for it. What pools the connections of many clients may take
    /// `LISTEN` from one, and give the notices to nobody.
    async fn echo(&self, listener: &mut PgListener) -> anyhow::Result<()> {
        let token = Uuid::now_v7().to_string();
        let notify = "SELECT pg_notify($1, $2)";
        let values = [CHANNEL.into(), token.as_str().into()];
        let notify = Statement::from_sql_and_values(self.backend(), notify, values);
        self.writer.execute_raw(notify).await?;
        while told(listener).await? != token {}
        Ok(())
    }
}

impl Watch {
    /// Asks the database. Whatever was committed before this was called is known of when it is done: tells whether there
    /// was anything.
    ///
    /// # Errors
    /// When the connection is not good any more.
    pub async fn catch_up(&mut self) -> anyhow::Result<bool> {
        match &mut self.0 {
            Kind::Sqlite(connection, seen) => {
                let version = data_version(connection).await?;
                let is_news = version != *seen;
                *seen = version;
                Ok(is_news)
            }
            Kind::Pooled(connection, seen) => {
                let now = snapshot(connection).await?;
                let is_news = now != *seen;
                *seen = now;
                Ok(is_news)
            }
            Kind::Postgres(listener) => {
                // Notices of what was committed before are sent before the answer to this.
                listener.execute("SELECT 1").await?;
                let mut is_news = false;
                while listener.next_buffered().is_some() {
                    is_news = true;
                }
                Ok(is_news)
            }
        }
    }

    /// Waits until the database tells of a change by itself.
    ///
    /// # Errors
    /// When the connection is not good any more.
    pub async fn told(&mut self) -> anyhow::Result<()> {
        match &mut self.0 {
            // It never does.
            Kind::Sqlite(..) | Kind::Pooled(..) => pending().await,
            Kind::Postgres(listener) => told(listener).await.map(drop),
        }
    }
}

/// A number that changes when anybody else writes to the file.
async fn data_version(connection: &mut SqliteConnection) -> anyhow::Result<i64> {
    let version = query_scalar("PRAGMA data_version").fetch_one(connection);
    Ok(version.await?)
}

/// Which transactions of the PostgreSQL server have ended. Changes whenever one is committed that wrote anything, whatever
/// database it wrote to.
async fn snapshot(connection: &mut PgConnection) -> anyhow::Result<String> {
    Ok(pooler::value(connection, "SELECT pg_current_snapshot()::text").await?)
}

/// Waits for a notice, and gives what it says.
async fn told(listener: &mut PgListener) -> anyhow::Result<String> {
    match listener.try_recv().await? {
        Some(notice) => Ok(notice.payload().to_owned()),
        None => bail!("the connection was lost"),
    }
}
