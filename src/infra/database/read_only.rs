//! Errors of PostgreSQL servers that do not accept writes.

use std::error::Error;
use std::fmt;

use super::connect::is_temporary;
use crate::core::error::error_chain;

/// The problem of a server that does not accept writes, for health probes.
pub const READ_ONLY: &str = "the database can only be read";

/// The error of a server that does not accept writes.
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly;

impl ReadOnly {
    pub const MESSAGE: &str = "the database can only be read: it is a replica, or read-only by its settings. DATABASE_URL \
                               must lead to the primary server";
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::MESSAGE)
    }
}

impl Error for ReadOnly {}

/// The reasons why no server is the primary.
#[derive(Debug)]
pub struct NoPrimary {
    reasons: String,
    /// Whether retrying may help with one of the servers.
    pub is_temporary: bool,
    /// Whether a server was reached.
    pub is_read_only: bool,
}

impl NoPrimary {
    /// Creates the error from the errors of the servers, by their indexes.
    pub fn of(errors: &[(usize, anyhow::Error)]) -> Self {
        let is_temporary = errors.iter().any(|(_, error)| is_temporary(error));
        let reason = |(index, error): &(usize, anyhow::Error)| {
            format!("server {}: {}", index + 1, error_chain(error))
        };
        let is_read_only = errors.iter().any(|(_, error)| error.is::<ReadOnly>());
        let reasons: Vec<_> = errors.iter().map(reason).collect();
        Self {
            reasons: reasons.join("; "),
            is_temporary,
            is_read_only,
        }
    }
}

impl fmt::Display for NoPrimary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no server accepts writes: {}", self.reasons)
    }
}

impl Error for NoPrimary {}
