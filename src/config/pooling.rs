//! Settings of connection poolers.

use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};

use super::database;
use super::values::within_a_day;
use crate::core::secret::Secret;

/// Settings of the connection to PostgreSQL.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Database")]
pub struct Pooling {
    /// Connection pooler such as `PgBouncer` at `DATABASE_URL`. `auto`: detect when connecting. `transaction`: there
    /// is one, so use no session state. `none`: a direct connection to PostgreSQL.
    #[arg(long, env = "DATABASE_POOLER", value_enum, default_value = "auto")]
    pub database_pooler: Pooler,

    /// URLs of replicas of PostgreSQL, separated by commas, for anonymous queries of the catalog. Each leads to one server,
    /// not to a proxy or a pooler. A replica is used while it is less than a second behind.
    #[arg(
        long,
        env = "DATABASE_REPLICAS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub database_replicas: Vec<Secret>,

    /// Time for which the catalog is served from memory and from replicas while the primary does not respond, such as
    /// `60s`. Default: not at all.
    #[arg(long, env = "STALE_WHEN_AWAY", value_parser = within_a_day)]
    pub stale_when_away: Option<Duration>,
}

impl Pooling {
    /// Returns the time for which the catalog is served while the primary does not respond.
    pub fn stale_for(&self) -> Duration {
        self.stale_when_away.unwrap_or_default()
    }

    /// Returns the URL of each replica.
    ///
    /// # Errors
    /// One line for the operator, without the URL, which may hold a password.
    pub fn replicas(&self) -> anyhow::Result<Vec<Secret>> {
        let address = |url: &Secret| {
            let address = database::address(url.expose());
            let address = address.map_err(|why| anyhow!("DATABASE_REPLICAS: {why}"))?;
            match address.servers().as_slice() {
                [url] => Ok(url.clone()),
                _ => bail!("DATABASE_REPLICAS: each URL must lead to one PostgreSQL server"),
            }
        };
        self.database_replicas.iter().map(address).collect()
    }
}

/// The kind of connection pooler between this process and PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pooler {
    /// Detected when connecting.
    #[default]
    Auto,
    /// Direct connections to PostgreSQL, which preserve session state.
    None,
    /// A pooler that may use another server connection for each transaction.
    Transaction,
}
