//! Whether what went wrong is worth trying again.

/// Why something that is tried until it succeeds did not, in words that name nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may succeed later.
    Temporary(String),
    /// It never will.
    Permanent(String),
}
