//! The settings of what one request may ask for, and how long it may take.

use std::time::Duration;

use clap::Args;

use super::values::{within, within_a_day};

/// What one request may ask for. A document beyond any of these is refused before it is looked at further.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Limits {
    /// How many bytes a document may have.
    #[arg(long, env = "QUERY_MAX_BYTES", default_value_t = 15_000, value_parser = within(1_000..=200_000))]
    pub query_max_bytes: u32,

    /// How many tokens a document may have: names, numbers, texts and signs. One about the schema alone may have three times as many.
    #[arg(long, env = "QUERY_MAX_TOKENS", default_value_t = 1_000, value_parser = within(100..=20_000))]
    pub query_max_tokens: u32,

    /// How deep fields may nest, fragments written out. A document about the schema alone may nest deeper.
    #[arg(long, env = "QUERY_MAX_DEPTH", default_value_t = 12, value_parser = within(3..=50))]
    pub query_max_depth: u32,

    /// How many fields and fragments an operation may select, fragments written out.
    #[arg(long, env = "QUERY_MAX_SELECTIONS", default_value_t = 1_000, value_parser = within(50..=20_000))]
    pub query_max_selections: u32,

    /// How many aliases an operation may have, fragments written out; what is selected twice in one place counts as one too.
    #[arg(long, env = "QUERY_MAX_ALIASES", default_value_t = 30, value_parser = within(0..=1_000))]
    pub query_max_aliases: u32,

    /// How many directives a document may have.
    #[arg(long, env = "QUERY_MAX_DIRECTIVES", default_value_t = 50, value_parser = within(0..=1_000))]
    pub query_max_directives: u32,

    /// How many directives may stand in one place.
    #[arg(long, env = "QUERY_MAX_DIRECTIVES_EACH", default_value_t = 5, value_parser = within(0..=100))]
    pub query_max_directives_each: u32,

    /// How many operations a document may have, of which the request names one.
    #[arg(long, env = "QUERY_MAX_OPERATIONS", default_value_t = 10, value_parser = within(1..=100))]
    pub query_max_operations: u32,

    /// How many variables an operation may have.
    #[arg(long, env = "QUERY_MAX_VARIABLES", default_value_t = 50, value_parser = within(0..=1_000))]
    pub query_max_variables: u32,

    /// The maximum size of the variables of a request, in bytes of JSON.
    #[arg(long, env = "QUERY_MAX_VARIABLES_BYTES", default_value_t = 1_048_576, value_parser = within(1_000..=1_048_576))]
    pub query_max_variables_bytes: u32,

    /// The maximum depth of objects and lists in the variables of a request, and in its extensions.
    #[arg(long, env = "QUERY_MAX_VARIABLES_DEPTH", default_value_t = 20, value_parser = within(3..=100))]
    pub query_max_variables_depth: u32,

    /// The maximum number of values in the variables of a request, and in its extensions. An object or a list counts as ten.
    #[arg(long, env = "QUERY_MAX_VALUES", default_value_t = 12_000, value_parser = within(100..=200_000))]
    pub query_max_values: u32,

    /// How much an operation may cost: an object counts 1, ten plain values 1, a page of a list 5 and what is on it as often as there is room for.
    #[arg(long, env = "QUERY_MAX_COST", default_value_t = 5_000, value_parser = within(100..=1_000_000))]
    pub query_max_cost: u32,

    /// How many queries are executed at once. More wait for less than 100 ms, or up to 2 seconds while another client
    /// executes more of them, and are answered 503 then.
    /// Default: eight for each core.
    #[arg(long, env = "QUERIES_AT_ONCE", value_parser = within(1..=10_000))]
    pub queries_at_once: Option<u32>,

    /// How many mutations without files are executed at once.
    #[arg(long, env = "MUTATIONS_AT_ONCE", default_value_t = 128, value_parser = within(1..=10_000))]
    pub mutations_at_once: u32,

    /// How many requests with files are executed at once.
    #[arg(long, env = "UPLOADS_AT_ONCE", default_value_t = 64, value_parser = within(1..=10_000))]
    pub uploads_at_once: u32,

    /// How long the execution of a request may take that brings no file.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "10s", value_parser = within_a_day)]
    pub request_timeout: Duration,
}

impl Limits {
    /// How many queries are executed at once.
    pub fn queries_at_once(&self) -> u32 {
        /// So many keep a core busy while some wait for the database; with more each only takes longer.
        const EACH: u32 = 8;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let default = || EACH.saturating_mul(u32::try_from(cores).unwrap_or(u32::MAX));
        self.queries_at_once.unwrap_or_else(default)
    }
}
