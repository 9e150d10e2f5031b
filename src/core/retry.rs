//! Failures that are temporary or permanent.

/// The failure of an operation that is retried. The text contains no personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A retry may succeed.
    Temporary(String),
    /// A retry can't succeed.
    Permanent(String),
}
