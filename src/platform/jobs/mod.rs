//! Background jobs: work outside the database that belongs to a committed change, such as sending an email.
//!
//! A job is a row of `outbox`, written in the transaction of the change that requires it. A server that shares the
//! database claims the row, runs the handler of its kind, and deletes the row on success. A temporary failure is
//! retried with backoff. A job that fails permanently, or expires, is retained with its error for
//! [`FAILED_JOB_RETENTION`] and can be retried by an admin. If a server dies, its claim expires and another server
//! takes over.
//!
//! A feature declares a kind of job by implementing [`Job`] and registers it, together with its clean-ups, in the
//! [`Registry`].

pub mod entity;
pub mod graphql;
mod legacy;
pub mod list;
mod registry;
pub mod repository;
pub mod service;

pub use entity::JobId;
pub use registry::{CleanUp, Due, Job, JobContext, JobKind, Poll, Queue, Registry, RetryPolicy};
pub use service::FAILED_JOB_RETENTION;

use std::time::Duration;

/// Registers the jobs and clean-ups of this feature.
pub fn register(registry: &mut Registry) {
    registry.job::<service::Email>().clean_up(
        "failed_jobs",
        Duration::from_hours(1),
        async |state| service::delete_expired(&state).await,
    );
}
