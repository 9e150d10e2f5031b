//! Shared services: audit log, idempotency keys, background jobs.

mod audit;
pub mod idempotency;
mod idempotency_faults;
mod jobs;
