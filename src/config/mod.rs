//! Settings: flags, environment variables, defaults and descriptions.
//!
//! `wares serve --help` prints the descriptions. Secrets are [`Secret`]s, redacted in help, errors and `Debug`.

mod accounts;
mod caching;
mod connections;
mod database;
mod fetching;
mod google;
mod graphql;
mod limits;
mod mail;
mod orders;
mod payments;
mod pooling;
mod postgres;
mod search;
mod selling;
mod storage;
mod uploads;
mod urls;
mod values;

pub use accounts::Accounts;
pub use caching::Caching;
pub use connections::Connections;
pub use database::DatabaseAddress;
pub use fetching::Fetching;
pub use google::{Google, GoogleClient, is_confidential, is_loopback};
pub use graphql::GraphQl;
pub use limits::Limits;
pub use mail::Mail;
pub use orders::{Carts, Orders};
pub use payments::{Capture, Payments, StripeKeys};
pub use pooling::{Pooler, Pooling};
pub use search::Search;
pub use selling::Selling;
pub use storage::Storage;
pub use uploads::Uploads;
pub use values::{Choice, LogFormat, Rate, Switch};

pub use crate::core::secret::Secret;

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use crate::core::money::Currency;

use self::values::{header_name, http_address, origin, shop_name, within, within_a_day};

/// The settings of a process.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Server and shop")]
pub struct Config {
    /// `production` enables strict defaults and disables development conveniences.
    #[arg(long, env = "WARES_ENV", value_enum, default_value = "development")]
    pub env: Environment,

    /// Listen address of the API. Port 0 picks a free port, which is logged.
    #[arg(long, env = "WARES_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Folder for the files of embedded defaults. Created if missing.
    #[arg(long, env = "WARES_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,

    /// Import the demo catalog at startup if the shop is empty. `auto`: in development.
    #[arg(long, env = "WARES_DEMO", value_enum, default_value = "auto")]
    pub demo: Choice,

    /// Migrate the database at startup. `auto`: in development. In production run `wares migrate up`.
    #[arg(long, env = "WARES_MIGRATE", value_enum, default_value = "auto")]
    pub migrate: Choice,

    /// The database: `postgres://user:password@host/name` or `sqlite://path`. The URL of a cluster may name several
    /// hosts, `host1:5432,host2:5432`, of which the one that accepts writes is used. Default: SQLite in the data folder.
    #[arg(
        long,
        env = "DATABASE_URL",
        help_heading = "Database",
        hide_env_values = true
    )]
    pub database_url: Option<Secret>,

    /// Maximum number of PostgreSQL connections of this process.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", help_heading = "Database", default_value_t = 10, value_parser = within(1..=1000))]
    pub database_max_connections: u32,

    /// Log statements that take longer than this many milliseconds. 0 disables it.
    #[arg(long, env = "SLOW_QUERY_MS", help_heading = "Database", default_value_t = 500, value_parser = within(0..=3_600_000))]
    pub slow_query_ms: u32,

    /// Maximum time to wait at startup for an unreachable database.
    #[arg(long, env = "DATABASE_WAIT", help_heading = "Database", default_value = "30s", value_parser = within_a_day)]
    pub database_wait: Duration,

    /// Public URL of this server, such as `https://api.example.com`, for clients on other machines. Image URLs begin
    /// with it unless an S3 server is set. Default: the listen address.
    #[arg(long, env = "PUBLIC_URL", value_parser = origin)]
    pub public_url: Option<String>,

    /// Allowed CORS origins of storefronts, separated by commas, without patterns. In development, loopback origins
    /// are always allowed.
    #[arg(long, env = "FRONTEND_URLS", value_delimiter = ',', value_parser = origin)]
    pub frontend_urls: Vec<String>,

    /// Additional request headers that scripts of these origins may send, separated by commas. Headers of common
    /// GraphQL clients and of tracing are always allowed.
    #[arg(long, env = "CORS_ALLOWED_HEADERS", value_delimiter = ',', value_parser = header_name)]
    pub cors_allowed_headers: Vec<String>,

    /// Name of the shop, as shown to customers.
    #[arg(long, env = "SHOP_NAME", default_value = "Wares", value_parser = shop_name)]
    pub shop_name: String,

    /// Currency of all prices: an ISO 4217 code. Stored in the database: while there are products, a process with
    /// another currency does not start.
    #[arg(long, env = "SHOP_CURRENCY", default_value = "USD")]
    pub shop_currency: Currency,

    /// Maximum stock at which a product's availability is `LOW_STOCK`. 0 disables it.
    #[arg(long, env = "SHOP_LOW_STOCK", default_value_t = 5, value_parser = within(0..=1_000_000))]
    pub shop_low_stock: u32,

    #[command(flatten)]
    pub search: Search,

    #[command(flatten)]
    pub selling: Selling,

    #[command(flatten)]
    pub pooling: Pooling,

    #[command(flatten)]
    pub accounts: Accounts,

    #[command(flatten)]
    pub carts: Carts,

    #[command(flatten)]
    pub orders: Orders,

    #[command(flatten)]
    pub payments: Payments,

    #[command(flatten)]
    pub google: Google,

    #[command(flatten)]
    pub mail: Mail,

    #[command(flatten)]
    pub storage: Storage,

    #[command(flatten)]
    pub uploads: Uploads,

    #[command(flatten)]
    pub fetching: Fetching,

    #[command(flatten)]
    pub caching: Caching,

    /// Listen address for operators: `/metrics` and `/health`. Without it, the API's address serves `/metrics` in
    /// development only.
    #[arg(long, env = "OPERATOR_LISTEN", help_heading = "Server and shop")]
    pub operator_listen: Option<SocketAddr>,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub connections: Connections,

    #[command(flatten)]
    pub graphql: GraphQl,

    /// Log filter, such as `info` or `wares=debug,warn`.
    #[arg(
        long,
        env = "RUST_LOG",
        help_heading = "Server and shop",
        default_value = "info"
    )]
    pub log: String,

    /// OpenTelemetry collector, such as `http://localhost:4318`, to export traces to over OTLP/HTTP.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", help_heading = "Logs and traces", value_parser = http_address)]
    pub otel_exporter_otlp_endpoint: Option<String>,

    /// Log format. Default: `text` in development, `json` in production.
    #[arg(long, env = "LOG_FORMAT", help_heading = "Server and shop", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// Selects the set of defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Development,
    Production,
}

impl Config {
    /// Returns whether this is the development environment.
    pub fn is_development(&self) -> bool {
        self.env == Environment::Development
    }

    /// Returns whether clients connect over TLS: in production, or if `PUBLIC_URL` is `https`.
    pub fn is_secure(&self) -> bool {
        let url = self.public_url.as_deref().unwrap_or_default();
        !self.is_development() || url.trim_start().to_ascii_lowercase().starts_with("https:")
    }

    /// Returns whether introspection is allowed.
    pub fn introspection(&self) -> bool {
        self.graphql
            .graphql_introspection
            .map_or(self.is_development(), Switch::is_on)
    }

    /// Returns whether GraphiQL is served.
    pub fn graphiql(&self) -> bool {
        self.graphql
            .graphiql
            .map_or(self.is_development(), Switch::is_on)
    }

    /// Returns the log format.
    pub fn log_format(&self) -> LogFormat {
        self.log_format.unwrap_or(if self.is_development() {
            LogFormat::Text
        } else {
            LogFormat::Json
        })
    }

    /// Returns whether a setting with `auto` is on.
    pub fn is_on(&self, choice: Choice) -> bool {
        match choice {
            Choice::Auto => self.is_development(),
            Choice::On => true,
            Choice::Off => false,
        }
    }

    /// Returns the duration above which statements are logged, if enabled.
    pub fn slow_query(&self) -> Option<Duration> {
        (self.slow_query_ms > 0).then(|| Duration::from_millis(self.slow_query_ms.into()))
    }

    /// Returns the location of the database.
    ///
    /// # Errors
    /// One line for the operator, without the URL, which may hold a password.
    pub fn database(&self) -> anyhow::Result<DatabaseAddress> {
        let Some(url) = self.configured_database_url() else {
            return Ok(DatabaseAddress::Sqlite(self.data_dir.join("wares.db")));
        };
        database::address(url).map_err(|why| anyhow!("DATABASE_URL: {why}"))
    }

    /// Creates the data folder.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn create_data_folder(&self) -> anyhow::Result<()> {
        let folder = &self.data_dir;
        // Accessible to the owner only.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("can't create the data folder {}", folder.display()))
    }

    /// Returns whether the database is in the data folder.
    pub fn has_database_in_data_folder(&self) -> bool {
        self.configured_database_url().is_none()
    }

    fn configured_database_url(&self) -> Option<&str> {
        let url = self.database_url.as_ref().map(Secret::expose);
        url.filter(|url| !url.is_empty())
    }
}
