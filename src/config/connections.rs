//! The settings of connections.

use std::time::Duration;

use clap::Args;

use super::values::within_a_day;

/// How many connections there may be, and how long each may do nothing.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Connections {
    /// How many connections the server holds at once. More are closed as soon as they are made.
    #[arg(long, env = "MAX_CONNECTIONS", global = true, default_value_t = 4_096,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,

    /// How long the head of a request may take to come, counted from the connection or from its first byte.
    #[arg(long, env = "HEADER_TIMEOUT", global = true, default_value = "10s", value_parser = within_a_day)]
    pub header_timeout: Duration,

    /// How long the body of a request without files may take to come.
    #[arg(long, env = "BODY_TIMEOUT", global = true, default_value = "30s", value_parser = within_a_day)]
    pub body_timeout: Duration,

    /// How long a connection may wait for its next request.
    #[arg(long, env = "IDLE_TIMEOUT", global = true, default_value = "75s", value_parser = within_a_day)]
    pub idle_timeout: Duration,

    /// How long a client may take nothing of an answer.
    #[arg(long, env = "WRITE_TIMEOUT", global = true, default_value = "30s", value_parser = within_a_day)]
    pub write_timeout: Duration,
}
