//! Background jobs in the API. Payloads are never shown: those of emails hold secrets.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use uuid::Uuid;

use super::entity::{JobId, Model};
use super::list::{self, Filter, List, SortField};
use super::service;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::pagination::{Connection, Count, PageArgs, Sort, SortDirection, Total};
use crate::core::text::check_filter_names;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::node::NodeType;
use crate::graphql::payload::into_payload;
use crate::payload;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct Job(pub Model);

/// A background job, such as an email to send or an image to resize. A job that has succeeded is deleted.
#[Object(cache_control(private))]
impl Job {
    /// Opaque, stable id: `job_...`.
    pub async fn id(&self) -> ID {
        JobId(self.0.id).encode().into()
    }

    /// The kind of work, such as `email` or `product_image.fetch`. An open set, not an enum: it grows with versions.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Whether the job is pending or has failed.
    async fn state(&self) -> JobState {
        match self.0.failed_at {
            Some(_) => JobState::Failed,
            None => JobState::Pending,
        }
    }

    /// The subject of the job, such as the id of a product or the key of an object. Null for emails.
    async fn subject(&self) -> Option<&str> {
        service::subject(&self.0)
    }

    /// The number of attempts so far, including one that is running.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// The time at which the job was queued, or retried with `retryJob`.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// The time of the next attempt. While an attempt is running, the time of the retry if its server dies. Null for a
    /// failed job.
    async fn next_attempt_at(&self) -> Option<Timestamp> {
        Some(self.0.due_at).filter(|_| self.0.failed_at.is_none())
    }

    /// The time at which the job failed. It is deleted 14 days later. Null for a pending job.
    async fn failed_at(&self) -> Option<Timestamp> {
        self.0.failed_at
    }

    /// The error of the last failed attempt. At most 500 characters. Null if there was none.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}

impl NodeType for Job {
    const PREFIX: &'static str = JobId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        let Ok(admin) = ctx.viewer().admin() else {
            return Ok(None);
        };
        let found = service::find(&ctx.state().db, admin, id.into()).await?;
        Ok(found.map(Self))
    }
}

/// Whether a job will be attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "list::JobState")]
pub enum JobState {
    /// The job waits for its first or next attempt, or is running.
    Pending,
    /// The job failed permanently, or expired. `retryJob` queues it again.
    Failed,
}

/// Filter of a job list. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct JobFilter {
    /// Return only jobs in this state.
    state: Option<JobState>,
    /// Return only jobs of these kinds. At most 50.
    kinds: Option<Vec<String>>,
}

impl JobFilter {
    fn check(self) -> Result<Filter> {
        let kinds = self
            .kinds
            .map(|kinds| check_filter_names(kinds, "kinds", "filter.kinds"));
        Ok(Filter {
            state: self.state.map(Into::into),
            kinds: kinds.transpose()?,
        })
    }
}

/// A page of jobs.
pub type JobConnection = Connection<Job, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

/// The root field that reads jobs.
#[derive(Debug, Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// Returns the background jobs that are pending or have failed, most recently queued first. Failed jobs are
    /// deleted after 14 days.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list, and for more than 50 `kinds`.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<JobFilter>,
    ) -> Result<JobConnection> {
        let page = PageArgs::new(first, after, last, before);
        let sort = Sort {
            field: SortField::CreatedAt,
            direction: SortDirection::Desc,
        };
        let query = List::parse(filter.unwrap_or_default().check()?, sort, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, Job))
    }
}

/// The root field that retries jobs.
#[derive(Debug, Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Queues a failed job again, with no attempts and a new lifetime. An email with a one-time code is sent even if
    /// its code has expired.
    ///
    /// User errors: `NOT_FOUND` if the job does not exist, `CONFLICT` if it has not failed, `BAD_USER_INPUT`.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn retry_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job to retry.")] input: RetryJobInput,
    ) -> Result<RetryJobPayload> {
        into_payload(retry(ctx, input).await)
    }
}

async fn retry(ctx: &Context<'_>, input: RetryJobInput) -> Result<Model> {
    let admin = ctx.viewer().admin()?;
    let id = JobId::parse(&input.id, "id")?;
    service::retry(ctx.state(), admin, id).await
}

/// Input of `retryJob`.
#[derive(Debug, InputObject)]
pub struct RetryJobInput {
    /// The id of the job: `job_...`.
    id: ID,
}

payload! {
    /// Payload of `retryJob`.
    RetryJobPayload,
    (Model as job) {
        /// The job in its new state: pending. Null if nothing was changed.
        job: Option<Job> = Some(Job(job)),
    }
}
