//! Jobs as admins and operators see them, and the retry of failed ones.

use std::time::Duration;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::pagination::{Page, PageArgs, Sort, SortDirection, Total};
use crate::core::viewer::Admin;
use crate::infra::database::{Database, Transaction};
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::jobs::JobId;
use crate::platform::jobs::entity::{EMAIL_KINDS, Model};
use crate::platform::jobs::list::{Filter, JobState, List, SortField};
use crate::platform::jobs::repository;
use crate::state::State;

/// The time for which a failed job is retained.
pub const FAILED_JOB_RETENTION: Duration = Duration::from_hours(14 * 24);
/// The maximum number of jobs that one transaction retries.
const BATCH: u64 = 500;

/// One page of jobs.
pub async fn list(db: &Database, _: Admin, list: &List) -> Result<Page<Model>> {
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// The number of jobs that match the filter.
pub async fn count(db: &Database, _: Admin, filter: &Filter) -> Result<Total> {
    Ok(repository::count(db.reader(), filter).await?)
}

/// One job. None if there is none of this id: it succeeded, was cancelled, or failed too long ago.
pub async fn find(db: &Database, _: Admin, id: JobId) -> Result<Option<Model>> {
    Ok(repository::find(db.reader(), id.into()).await?)
}

/// Queues a failed job again, with a new lifetime. Returns it.
pub async fn retry(state: &State, admin: Admin, id: JobId) -> Result<Model> {
    retry_as(state, Actor::Admin(admin), id).await
}

/// The same for the command line.
pub async fn retry_for_operator(state: &State, id: JobId) -> Result<Model> {
    retry_as(state, Actor::Operator, id).await
}

async fn retry_as(state: &State, actor: Actor, id: JobId) -> Result<Model> {
    let now = state.clock.now();
    let refuse = |code, message| UserError::new(code, "id", message);
    let transaction = state.db.begin().await?;
    let job = repository::lock(&transaction, id.into()).await?;
    let job = job.ok_or_else(|| refuse(UserErrorCode::NotFound, "There is no such job."))?;
    if job.failed_at.is_none() {
        let message = "Only a failed job can be retried. This one is pending.";
        return Err(refuse(UserErrorCode::Conflict, message).into());
    }
    requeue(&transaction, actor, &[job], now).await?;
    let job = repository::find(&transaction, id.into()).await?;
    transaction.commit().await?;
    job.ok_or_else(|| Error::internal(anyhow::anyhow!("the retried job is gone")))
}

/// Queues all failed jobs again. Returns their number.
pub async fn retry_all_for_operator(state: &State) -> Result<usize> {
    let mut count = 0;
    loop {
        let transaction = state.db.begin().await?;
        let jobs = repository::lock_failed(&transaction, BATCH).await?;
        if jobs.is_empty() {
            return Ok(count);
        }
        requeue(&transaction, Actor::Operator, &jobs, state.clock.now()).await?;
        transaction.commit().await?;
        count += jobs.len();
    }
}

async fn requeue(
    transaction: &Transaction,
    actor: Actor,
    jobs: &[Model],
    now: Timestamp,
) -> Result<()> {
    let mut entries = Vec::new();
    for job in jobs {
        let lifetime = job.expires_at.since(job.created_at);
        repository::requeue(transaction, job.id, now, now.after(lifetime)).await?;
        let id: JobId = job.id.into();
        let kind = job.kind.clone();
        entries.push(Entry::new("retryJob").about(id).change("kind", None, kind));
    }
    audit::record(transaction, actor, entries, now).await
}

/// The jobs that were queued last, at most 100, for the command line.
pub async fn list_for_operator(db: &Database, state: JobState) -> Result<Page<Model>> {
    let filter = Filter {
        state: Some(state),
        kinds: None,
    };
    let sort = Sort {
        field: SortField::CreatedAt,
        direction: SortDirection::Desc,
    };
    let page = PageArgs::new(Some(100), None, None, None);
    let list = List::parse(filter, sort, page)?;
    let rows = repository::list(db.reader(), &list).await?;
    Ok(list.paging.page(rows))
}

/// Deletes the jobs that failed longer ago than [`FAILED_JOB_RETENTION`].
pub async fn delete_expired(state: &State) -> Result<()> {
    let transaction = state.db.begin().await?;
    let before = state.clock.now().before(FAILED_JOB_RETENTION);
    repository::delete_failed(&transaction, before).await?;
    Ok(transaction.commit().await?)
}

/// Returns the subject of a job. `None` for emails: the column contains the subject line in emails of the previous
/// release.
pub fn subject(job: &Model) -> Option<&str> {
    let is_email = EMAIL_KINDS.contains(&job.kind.as_str());
    let is_shown = !job.subject.is_empty() && !is_email;
    is_shown.then_some(&job.subject)
}
