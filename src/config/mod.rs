//! Every setting: its flag, its variable, its default and its meaning.
//!
//! `wares --help` prints this page. Secrets are [`Secret`]s: neither help, nor errors, nor `Debug` shows them.

mod accounts;
mod caching;
mod connections;
mod database;
mod fetching;
mod google;
mod limits;
mod mail;
mod pooling;
mod postgres;
mod storage;
mod uploads;
mod values;

pub use accounts::Accounts;
pub use caching::Caching;
pub use connections::Connections;
pub use database::DatabaseAddress;
pub use fetching::Fetching;
pub use google::{Google, GoogleClient, is_confidential, is_loopback};
pub use limits::Limits;
pub use mail::Mail;
pub use pooling::{Pooler, Pooling};
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
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// `production` turns the strict defaults on and the conveniences off.
    #[arg(long, env = "WARES_ENV", value_enum, default_value = "development")]
    pub env: Environment,

    /// The address that the API listens on. Port 0 takes a free one; the log tells which.
    #[arg(long, env = "WARES_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// The folder of what the embedded default keeps. Made when it is missing.
    #[arg(long, env = "WARES_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,

    /// Fill an empty shop with the demo catalogue at start. `auto`: in development.
    #[arg(long, env = "WARES_DEMO", value_enum, default_value = "auto")]
    pub demo: Choice,

    /// Bring the database up to date at start. `auto`: in development. In production run `wares migrate up`.
    #[arg(long, env = "WARES_MIGRATE", value_enum, default_value = "auto")]
    pub migrate: Choice,

    /// The database: `postgres://user:password@host/name` or `sqlite://path`. Default: SQLite in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// How many connections to PostgreSQL this process holds at the most.
    #[arg(long, env = "DATABASE_MAX_CONNECTIONS", default_value_t = 10, value_parser = within(1..=1000))]
    pub database_max_connections: u32,

    #[command(flatten)]
    pub pooling: Pooling,

    /// A statement that takes longer than so many milliseconds is a line in the log. 0 turns that off.
    #[arg(long, env = "SLOW_QUERY_MS", default_value_t = 500, value_parser = within(0..=3_600_000))]
    pub slow_query_ms: u32,

    /// How long a server waits at its start for a database that does not answer.
    #[arg(long, env = "DATABASE_WAIT", default_value = "30s", value_parser = within_a_day)]
    pub database_wait: Duration,

    /// Where clients reach this server, such as `https://api.example.com`. Default: the listen address.
    #[arg(long, env = "PUBLIC_URL", value_parser = origin)]
    pub public_url: Option<String>,

    /// Origins of storefronts that browsers may call from, separated by commas, without patterns. In development loopback ones always may.
    #[arg(long, env = "FRONTEND_URLS", value_delimiter = ',', value_parser = origin)]
    pub frontend_urls: Vec<String>,

    /// Additional request headers that scripts of these origins may send, separated by commas. Those of common GraphQL clients and of
    /// tracing are always allowed.
    #[arg(long, env = "CORS_ALLOWED_HEADERS", value_delimiter = ',', value_parser = header_name)]
    pub cors_allowed_headers: Vec<String>,

    /// What the shop is called.
    #[arg(long, env = "SHOP_NAME", default_value = "Wares", value_parser = shop_name)]
    pub shop_name: String,

    /// The currency of all prices: an ISO 4217 code. The database stores it: while there are products, a process with another one does not start.
    #[arg(long, env = "SHOP_CURRENCY", default_value = "USD")]
    pub shop_currency: Currency,

    /// The maximum stock of which a product's availability is `LOW_STOCK`. 0 turns that off.
    #[arg(long, env = "SHOP_LOW_STOCK", default_value_t = 5, value_parser = within(0..=1_000_000))]
    pub shop_low_stock: u32,

    #[command(flatten)]
    pub accounts: Accounts,

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

    /// An address for operators alone: `/metrics` and `/health`. Without one, `/metrics` is on the API's in development.
    #[arg(long, env = "OPERATOR_LISTEN")]
    pub operator_listen: Option<SocketAddr>,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub connections: Connections,

    /// Answer GraphQL queries over GET too.
    #[arg(long, env = "GRAPHQL_GET", value_enum, default_value = "on")]
    pub graphql_get: Switch,

    /// Let clients ask for the schema. Default: on in development, off in production.
    #[arg(long, env = "GRAPHQL_INTROSPECTION", value_enum)]
    pub graphql_introspection: Option<Switch>,

    /// Serve GraphiQL to browsers. Default: on in development, off in production.
    #[arg(long, env = "GRAPHIQL", value_enum)]
    pub graphiql: Option<Switch>,

    /// What is logged, such as `info` or `wares=debug,warn`.
    #[arg(long, env = "RUST_LOG", default_value = "info")]
    pub log: String,

    /// A collector of OpenTelemetry, such as `http://localhost:4318`, that traces are sent to over OTLP/HTTP.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_parser = http_address)]
    pub otel_exporter_otlp_endpoint: Option<String>,

    /// How it is logged. Default: `text` in development, `json` in production.
    #[arg(long, env = "LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,
}

/// How strict the defaults are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    Development,
    Production,
}

impl Config {
    /// Whether the conveniences of development are on.
    pub fn is_development(&self) -> bool {
        self.env == Environment::Development
    }

    /// Whether clients connect over TLS: in production, and where `PUBLIC_URL` is `https`.
    pub fn is_secure(&self) -> bool {
        let url = self.public_url.as_deref().unwrap_or_default();
        !self.is_development() || url.trim_start().to_ascii_lowercase().starts_with("https:")
    }

    /// Whether clients may ask for the schema.
    pub fn introspection(&self) -> bool {
        self.graphql_introspection
            .map_or(self.is_development(), Switch::is_on)
    }

    /// Whether browsers get GraphiQL.
    pub fn graphiql(&self) -> bool {
        self.graphiql.map_or(self.is_development(), Switch::is_on)
    }

    /// How the log is written.
    pub fn log_format(&self) -> LogFormat {
        self.log_format.unwrap_or(if self.is_development() {
            LogFormat::Text
        } else {
            LogFormat::Json
        })
    }

    /// Whether an `auto` setting is on.
    pub fn is_on(&self, choice: Choice) -> bool {
        match choice {
            Choice::Auto => self.is_development(),
            Choice::On => true,
            Choice::Off => false,
        }
    }

    /// How long a statement may take without a line in the log.
    pub fn slow_query(&self) -> Option<Duration> {
        (self.slow_query_ms > 0).then(|| Duration::from_millis(self.slow_query_ms.into()))
    }

    /// Where clients reach a server that listens on `address`.
    pub fn public_url(&self, address: SocketAddr) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://{address}"))
    }

    /// Where the database is.
    ///
    /// # Errors
    /// One line for the operator, without the address when it may hold a password.
    pub fn database(&self) -> anyhow::Result<DatabaseAddress> {
        let Some(url) = self.given_database() else {
            return Ok(DatabaseAddress::Sqlite(self.data_dir.join("wares.db")));
        };
        database::address(url).map_err(|why| anyhow!("DATABASE_URL: {why}"))
    }

    /// Makes the data folder.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn make_data_folder(&self) -> anyhow::Result<()> {
        let folder = &self.data_dir;
        // For the owner alone: what is in it is nobody else's.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("can't make the data folder {}", folder.display()))
    }

    /// Whether the database is in the data folder.
    pub fn keeps_database(&self) -> bool {
        self.given_database().is_none()
    }

    fn given_database(&self) -> Option<&str> {
        let url = self.database_url.as_ref().map(Secret::expose);
        url.filter(|url| !url.is_empty())
    }
}
