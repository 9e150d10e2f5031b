//! The setting of connection poolers.

use clap::{Args, ValueEnum};

/// How the database is reached.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Pooling {
    /// Whether `DATABASE_URL` is the address of a connection pooler such as `PgBouncer`. `auto`: find out when connecting.
    /// `transaction`: it is one, so use no session state. `none`: it is PostgreSQL itself.
    #[arg(long, env = "DATABASE_POOLER", value_enum, default_value = "auto")]
    pub database_pooler: Pooler,
}

/// Whether a connection pooler is between this process and PostgreSQL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pooler {
    /// Detected when connecting.
    #[default]
    Auto,
    /// Direct connections to PostgreSQL, which keep their session state.
    None,
    /// A pooler that may use another server connection for each transaction.
    Transaction,
}
