//! Services that features share.
//!
//! - [`audit`]: the audit log: writes and reads entries.
//! - [`idempotency`]: mutations under an `Idempotency-Key` are executed once.
//! - [`jobs`]: the outbox: background jobs written in the transaction of a change.
//! - [`media`]: stored images: upload, sizes, removal.
//! - [`rate_limit`]: rate limits, counted in the database.

pub mod audit;
pub mod idempotency;
pub mod jobs;
pub mod media;
pub mod rate_limit;
