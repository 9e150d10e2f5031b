//! The queries on `outbox`.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::entity::{Column, EMAIL_KINDS, Entity, Model};
use super::list::{Filter, JobState, List};
use crate::core::clock::Timestamp;
use crate::core::pagination::Total;
use crate::infra::database::insert::insert_all;
use crate::infra::database::{DueCondition, Reader};
use crate::infra::database::{count as counting, keyset};

/// Inserts jobs.
pub async fn insert_many(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    insert_all(db, rows).await
}

/// The number of pending jobs, and of those that have been attempted.
pub async fn count_pending(db: &impl ConnectionTrait) -> Result<(u64, u64), DbErr> {
    let pending = Entity::find().filter(Column::FailedAt.is_null());
    let tried = pending.clone().filter(Column::Attempts.gt(0));
    Ok((pending.count(db).await?, tried.count(db).await?))
}

/// The rows of one page, and one more.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let mut select = filtered(&list.filter);
    keyset::apply(
        QuerySelect::query(&mut select),
        (Entity, Column::CreatedAt),
        (Entity, Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// The number of jobs that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    counting::total(db, filtered(filter).into_query()).await
}

/// One job.
pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One job, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock(LockType::Update).one(db).await
}

/// Failed jobs, at most `count`, locked until the transaction ends.
pub async fn lock_failed(db: &impl ConnectionTrait, count: u64) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::FailedAt.is_not_null())
        .order_by_asc(Column::Id)
        .limit(count)
        .lock(LockType::Update)
        .all(db)
        .await
}

/// The kinds of work that due jobs need.
#[derive(Clone, Copy, Debug)]
pub struct DueJobs {
    /// Whether there are any.
    pub any: bool,
    /// Whether there are emails without a recipient.
    pub without_recipient: bool,
    /// Whether some have expired.
    pub expired: bool,
}

/// Checks with one statement which work the due jobs of these kinds need.
pub async fn find_due(db: &Reader, kinds: &[&str], now: Timestamp) -> Result<DueJobs, DbErr> {
    let exists = |condition: Condition| DueCondition::exists(due_query(condition));
    let conditions = vec![
        due_condition(kinds, now),
        exists(without_recipient(now)),
        exists(expired_of(kinds, now)),
    ];
    let found = DueCondition::evaluate(conditions, db).await?;
    Ok(DueJobs {
        any: found[0],
        without_recipient: found[1],
        expired: found[2],
    })
}

/// Returns the condition that a job of these kinds is due.
pub fn due_condition(kinds: &[&str], now: Timestamp) -> DueCondition {
    DueCondition::exists(due_query(is_due_of(kinds, now)))
}

fn due_query(condition: Condition) -> SelectStatement {
    let due = Entity::find().select_only().column(Column::Id);
    due.filter(condition).limit(1).into_query()
}

fn without_recipient(now: Timestamp) -> Condition {
    is_due_of(&EMAIL_KINDS, now).add(Column::Recipient.is_null())
}

fn expired_of(kinds: &[&str], now: Timestamp) -> Condition {
    is_due_of(kinds, now).add(Column::ExpiresAt.lte(now))
}

/// Deletes the emails without a recipient that are due.
pub async fn delete_without_recipient(
    db: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(), DbErr> {
    let decoys = Entity::delete_many().filter(without_recipient(now));
    decoys.exec(db).await?;
    Ok(())
}

/// Marks the jobs of these kinds as failed that are due and have expired. Returns them.
pub async fn fail_expired(
    db: &impl ConnectionTrait,
    kinds: &[&str],
    now: Timestamp,
    never: Timestamp,
) -> Result<Vec<Model>, DbErr> {
    let expired = || Expr::val("the job expired before its first attempt");
    Entity::update_many()
        .col_expr(Column::FailedAt, Expr::val(now))
        .col_expr(Column::DueAt, Expr::val(never))
        .col_expr(
            Column::LastError,
            Expr::col(Column::LastError).if_null(expired()),
        )
        .filter(expired_of(kinds, now))
        .exec_with_returning(db)
        .await
}

/// The jobs of these kinds that are due and that no other server is claiming, the oldest first.
pub async fn due(
    db: &impl ConnectionTrait,
    kinds: &[&str],
    now: Timestamp,
    count: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(is_due_of(kinds, now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(count)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await
}

/// Claims jobs until this time, and counts the attempt.
pub async fn claim(db: &impl ConnectionTrait, ids: &[Uuid], until: Timestamp) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let attempts = Expr::col(Column::Attempts).add(1);
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::val(until))
        .col_expr(Column::Attempts, attempts)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}

/// Sets when a job is due, and the error of its last attempt if there is one.
pub async fn reschedule(
    db: &impl ConnectionTrait,
    id: Uuid,
    due_at: Timestamp,
    error: Option<&str>,
) -> Result<(), DbErr> {
    let mut update = Entity::update_many()
        .col_expr(Column::DueAt, Expr::val(due_at))
        .filter(Column::Id.eq(id));
    if let Some(error) = error {
        update = update.col_expr(Column::LastError, Expr::val(error));
    }
    update.exec(db).await?;
    Ok(())
}

/// Marks a job as failed.
pub async fn fail(
    db: &impl ConnectionTrait,
    id: Uuid,
    error: &str,
    now: Timestamp,
    never: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::FailedAt, Expr::val(now))
        .col_expr(Column::DueAt, Expr::val(never))
        .col_expr(Column::LastError, Expr::val(error))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Queues a failed job again.
pub async fn requeue(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::FailedAt, Expr::val(None::<i64>))
        .col_expr(Column::Attempts, Expr::val(0))
        .col_expr(Column::CreatedAt, Expr::val(now))
        .col_expr(Column::DueAt, Expr::val(now))
        .col_expr(Column::ExpiresAt, Expr::val(expires_at))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes the email whose code is derived from this nonce.
pub async fn delete_with_nonce(db: &impl ConnectionTrait, nonce: &[u8]) -> Result<(), DbErr> {
    let email = Entity::delete_many().filter(Column::Nonce.eq(nonce));
    email.exec(db).await?;
    Ok(())
}

/// Deletes the failed emails to an address.
pub async fn delete_failed_emails(db: &impl ConnectionTrait, address: &str) -> Result<(), DbErr> {
    let failed = Entity::delete_many()
        .filter(Column::FailedAt.is_not_null())
        .filter(Column::Recipient.eq(address));
    failed.exec(db).await?;
    Ok(())
}

/// Locks a job that has not been attempted until the transaction ends. Returns whether there is one.
pub async fn lock_untried(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let job = Entity::update_many()
        .col_expr(Column::DueAt, Expr::col(Column::DueAt))
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.eq(0));
    Ok(job.exec(db).await?.rows_affected == 1)
}

/// Deletes a job that has not been attempted. Returns whether there was one.
pub async fn delete_untried(db: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    let job = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.eq(0));
    Ok(job.exec(db).await?.rows_affected == 1)
}

/// Deletes a job.
pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Deletes the jobs that failed before this time.
pub async fn delete_failed(db: &impl ConnectionTrait, before: Timestamp) -> Result<(), DbErr> {
    let old = Entity::delete_many().filter(Column::FailedAt.lt(before));
    old.exec(db).await?;
    Ok(())
}

fn is_due_of(kinds: &[&str], now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::Kind.is_in(kinds.iter().copied()))
        .add(Column::DueAt.lte(now))
        .add(Column::FailedAt.is_null())
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut select = Entity::find();
    select = match filter.state {
        Some(JobState::Pending) => select.filter(Column::FailedAt.is_null()),
        Some(JobState::Failed) => select.filter(Column::FailedAt.is_not_null()),
        None => select,
    };
    if let Some(kinds) = &filter.kinds {
        select = select.filter(Column::Kind.is_in(kinds));
    }
    // Omits emails without a recipient: they are only written to take as long as an email.
    select.filter(
        Condition::any()
            .add(Column::Recipient.is_not_null())
            .add(Column::Kind.is_not_in(EMAIL_KINDS)),
    )
}
