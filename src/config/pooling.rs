//! Settings of connection poolers.

use clap::{Args, ValueEnum};

/// Settings of the connection to PostgreSQL.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Database")]
pub struct Pooling {
    /// Connection pooler such as `PgBouncer` at `DATABASE_URL`. `auto`: detect when connecting. `transaction`: there
    /// is one, so use no session state. `none`: a direct connection to PostgreSQL.
    #[arg(long, env = "DATABASE_POOLER", value_enum, default_value = "auto")]
    pub database_pooler: Pooler,
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
