//! Shared services: audit log, idempotency keys.

mod audit;
mod idempotency;
mod idempotency_faults;
