//! The log: one line per event, on standard error.

use std::io::IsTerminal;
use std::panic;
use std::time::{Duration, Instant};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// The interval at which the same problem is logged again.
const INTERVAL: Duration = Duration::from_mins(1);

/// Starts the log. From here on panics are logged as events, with the request id.
///
/// # Errors
/// When the filter is invalid, or a log was started before.
pub fn start(config: &Config) -> anyhow::Result<()> {
    // `sqlx_postgres::options` would log passwords in unknown parameters. The pool logs each attempt to connect while the
    // database is away or can only be read, which is logged once a minute. The S3 service logs errors of clients, and
    // signatures of URLs. The client of the search engine logs responses that Wares logs itself. Directives
    // of the configured filter override these.
    let default_directives = "sqlx::postgres::notice=warn,sqlx_postgres::options=off,sqlx_core::pool::inner=off,\
         s3s=off,meilisearch_sdk::request=off";
    let filter = format!("{default_directives},{}", config.log);
    let filter = EnvFilter::try_new(filter).context("RUST_LOG is not a log filter")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        // Lines that can't be written are dropped. Reporting that on the same stream would end the process.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match config.log_format() {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => {
            let builder = builder.json().flatten_event(true);
            builder.with_span_list(false).try_init()
        }
    }
    .map_err(|error| anyhow::anyhow!("can't start the log: {error}"))?;
    log_panics();
    Ok(())
}

/// Limits how often a message is logged.
#[derive(Debug, Default)]
pub struct LogThrottle(Option<Instant>);

impl LogThrottle {
    /// Returns whether to log it now: once a minute.
    pub fn is_due(&mut self) -> bool {
        let due = self.0.is_none_or(|last| last.elapsed() > INTERVAL);
        if due {
            self.0 = Some(Instant::now());
        }
        due
    }
}

fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let cause = info.payload_as_str().unwrap_or("unknown");
        let location = info.location().map(ToString::to_string);
        tracing::error!(cause, location, "panic");
    }));
}

/// Returns a duration in milliseconds for the log, rounded to tenths.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}
