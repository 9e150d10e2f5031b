//! Limits on the size, cost, concurrency and duration of requests.

use std::time::Duration;

use clap::Args;

use super::values::{within, within_a_day};

/// Limits of one request. A document above any limit is refused before it is processed further.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Query limits")]
pub struct Limits {
    /// Maximum size of a document in bytes.
    #[arg(long, env = "QUERY_MAX_BYTES", default_value_t = 15_000, value_parser = within(1_000..=200_000))]
    pub query_max_bytes: u32,

    /// Maximum number of tokens of a document: names, numbers, strings and punctuators. Three times as many if it
    /// only queries the schema.
    #[arg(long, env = "QUERY_MAX_TOKENS", default_value_t = 1_000, value_parser = within(100..=20_000))]
    pub query_max_tokens: u32,

    /// Maximum nesting depth of fields, with fragments expanded. A document that only queries the schema may nest
    /// deeper.
    #[arg(long, env = "QUERY_MAX_DEPTH", default_value_t = 12, value_parser = within(3..=50))]
    pub query_max_depth: u32,

    /// Maximum number of fields and fragments that an operation selects, with fragments expanded.
    #[arg(long, env = "QUERY_MAX_SELECTIONS", default_value_t = 1_000, value_parser = within(50..=20_000))]
    pub query_max_selections: u32,

    /// Maximum number of aliases of an operation, with fragments expanded. A field selected twice in the same
    /// selection counts as an alias.
    #[arg(long, env = "QUERY_MAX_ALIASES", default_value_t = 30, value_parser = within(0..=1_000))]
    pub query_max_aliases: u32,

    /// Maximum number of directives of a document.
    #[arg(long, env = "QUERY_MAX_DIRECTIVES", default_value_t = 50, value_parser = within(0..=1_000))]
    pub query_max_directives: u32,

    /// Maximum number of directives at one location.
    #[arg(long, env = "QUERY_MAX_DIRECTIVES_EACH", default_value_t = 5, value_parser = within(0..=100))]
    pub query_max_directives_each: u32,

    /// Maximum number of operations of a document, of which the request executes one.
    #[arg(long, env = "QUERY_MAX_OPERATIONS", default_value_t = 10, value_parser = within(1..=100))]
    pub query_max_operations: u32,

    /// Maximum number of variables of an operation.
    #[arg(long, env = "QUERY_MAX_VARIABLES", default_value_t = 50, value_parser = within(0..=1_000))]
    pub query_max_variables: u32,

    /// Maximum size of the variables of a request, in bytes of JSON.
    #[arg(long, env = "QUERY_MAX_VARIABLES_BYTES", default_value_t = 1_048_576, value_parser = within(1_000..=1_048_576))]
    pub query_max_variables_bytes: u32,

    /// Maximum nesting depth of objects and lists in the variables, and in the extensions, of a request.
    #[arg(long, env = "QUERY_MAX_VARIABLES_DEPTH", default_value_t = 20, value_parser = within(3..=100))]
    pub query_max_variables_depth: u32,

    /// Maximum number of values in the variables, and in the extensions, of a request. An object or a list counts as
    /// ten.
    #[arg(long, env = "QUERY_MAX_VALUES", default_value_t = 12_000, value_parser = within(100..=200_000))]
    pub query_max_values: u32,

    /// Maximum cost of an operation. An object costs 1, ten scalars 1, a page of a list 5 plus its items times the
    /// page size.
    #[arg(long, env = "QUERY_MAX_COST", default_value_t = 5_000, value_parser = within(100..=1_000_000))]
    pub query_max_cost: u32,

    /// Maximum number of queries executed concurrently. Others wait (see `QUEUE_TARGET`). Default: eight per core.
    #[arg(long, env = "QUERIES_AT_ONCE", value_parser = within(1..=10_000))]
    pub queries_at_once: Option<u32>,

    /// Maximum number of mutations without files executed concurrently.
    #[arg(long, env = "MUTATIONS_AT_ONCE", default_value_t = 128, value_parser = within(1..=10_000))]
    pub mutations_at_once: u32,

    /// Maximum number of requests with files executed concurrently.
    #[arg(long, env = "UPLOADS_AT_ONCE", default_value_t = 64, value_parser = within(1..=10_000))]
    pub uploads_at_once: u32,

    /// How long requests may wait to be executed. Once those of a client have waited longer for this long, they are
    /// refused with status 503. A client is a network, and within it a user agent and an access token. Each gets the
    /// same share.
    #[arg(long, env = "QUEUE_TARGET", default_value = "1s", value_parser = within_a_day)]
    pub queue_target: Duration,

    /// Timeout for the execution of a request without files.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "10s", value_parser = within_a_day)]
    pub request_timeout: Duration,
}

impl Limits {
    /// Returns the maximum number of queries executed concurrently.
    pub fn queries_at_once(&self) -> u32 {
        /// Enough to keep a core busy while some queries wait for the database; more only increase latency.
        const QUERIES_PER_CORE: u32 = 8;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let default = || QUERIES_PER_CORE.saturating_mul(u32::try_from(cores).unwrap_or(u32::MAX));
        self.queries_at_once.unwrap_or_else(default)
    }
}
