//! The queries on `idempotency_keys`.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, UpdateMany};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;
use crate::infra::database::{Mark, Transaction};

/// What is known of a key of a user.
pub async fn find(
    db: &impl ConnectionTrait,
    user: Uuid,
    key_hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    let key = (user, key_hash.to_vec());
    Entity::find_by_id(key).one(db).await
}

/// Takes a key that is free: unknown or expired, or of the same call, whose execution was given up and has changed
/// nothing. Whether it was.
pub async fn claim(db: &impl ConnectionTrait, row: Model, now: Timestamp) -> Result<bool, DbErr> {
    let old = |column| Expr::col((Entity, column));
    let given_up = Condition::all()
        .add(old(Column::ClaimedUntil).lte(now.0))
        .add(old(Column::Committed).eq(false))
        .add(old(Column::Answer).is_null());
    let free = Condition::any()
        .add(old(Column::ExpiresAt).lte(now.0))
        .add(given_up);
    let claim = OnConflict::columns([Column::UserId, Column::KeyHash])
        .update_columns([
            Column::Fingerprint,
            Column::Claim,
            Column::ClaimedUntil,
            Column::Committed,
            Column::Answer,
            Column::ExpiresAt,
        ])
        .action_cond_where(free)
        .to_owned();
    insert_or(db, row, &claim).await
}

/// Lets a claim last until then. Whether it was still there.
pub async fn renew(
    db: &impl ConnectionTrait,
    row: &Model,
    until: Timestamp,
) -> Result<bool, DbErr> {
    let renew = of_claim(row).col_expr(Column::ClaimedUntil, Expr::val(until));
    Ok(renew.exec(db).await?.rows_affected > 0)
}

/// Notes in each transaction of a change that it was committed under this claim. One whose claim another has taken over
/// fails.
pub fn mark(row: &Model) -> Mark {
    let row = row.clone();
    Mark::new(move |transaction| {
        let row = row.clone();
        Box::pin(async move { note_commit(transaction, &row).await })
    })
}

async fn note_commit(transaction: &Transaction, row: &Model) -> Result<(), DbErr> {
    let noted = of_claim(row).col_expr(Column::Committed, Expr::val(true));
    // A change that removes its own user has removed the row as well.
    let gone = noted.exec(transaction).await?.rows_affected == 0;
    if gone && is_taken_over(transaction, row).await? {
        let story = "another execution has taken over the idempotency key of this one";
        return Err(DbErr::Custom(story.to_owned()));
    }
    Ok(())
}

/// Whether the key has gone to another execution.
pub async fn is_taken_over(db: &impl ConnectionTrait, row: &Model) -> Result<bool, DbErr> {
    let found = find(db, row.user_id, &row.key_hash).await?;
    Ok(found.is_some_and(|found| found.claim != row.claim))
}

/// Gives a key back, unless something was committed under it. Whether it was given back.
pub async fn release(db: &impl ConnectionTrait, row: &Model) -> Result<bool, DbErr> {
    let released = Entity::delete_many()
        .filter(Column::UserId.eq(row.user_id))
        .filter(Column::KeyHash.eq(row.key_hash.clone()))
        .filter(Column::Claim.eq(row.claim))
        .filter(Column::Committed.eq(false))
        .exec(db)
        .await?;
    Ok(released.rows_affected > 0)
}

/// Ends a claim with what was answered; with nothing when that can't be kept.
pub async fn finish(
    db: &impl ConnectionTrait,
    row: &Model,
    answer: Option<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    of_claim(row)
        .col_expr(Column::Answer, Expr::val(answer))
        .col_expr(Column::ClaimedUntil, Expr::val(now))
        .col_expr(Column::Committed, Expr::val(true))
        .exec(db)
        .await?;
    Ok(())
}

/// Removes the keys that mean nothing any more.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}

fn of_claim(row: &Model) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::UserId.eq(row.user_id))
        .filter(Column::KeyHash.eq(row.key_hash.clone()))
        .filter(Column::Claim.eq(row.claim))
}
