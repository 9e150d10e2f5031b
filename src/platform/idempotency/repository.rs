//! Queries on `idempotency_keys`.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, UpdateMany};
use uuid::Uuid;

use super::entity::{Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::infra::database::insert::insert_or;
use crate::infra::database::{CommitHook, Transaction};

/// Finds a key of an owner.
pub async fn find(
    db: &impl ConnectionTrait,
    owner: Uuid,
    key_hash: &[u8],
) -> Result<Option<Model>, DbErr> {
    let key = (owner, key_hash.to_vec());
    Entity::find_by_id(key).one(db).await
}

/// Claims a key that is new or expired, or whose claim has expired without a commit. Returns whether it was claimed.
pub async fn claim(db: &impl ConnectionTrait, row: Model, now: Timestamp) -> Result<bool, DbErr> {
    let old = |column| Expr::col((Entity, column));
    let given_up = Condition::all()
        .add(old(Column::ClaimedUntil).lte(now.0))
        .add(old(Column::Committed).eq(false))
        .add(old(Column::Answer).is_null());
    let free = Condition::any()
        .add(old(Column::ExpiresAt).lte(now.0))
        .add(given_up);
    let claim = OnConflict::columns([Column::OwnerId, Column::KeyHash])
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

/// Extends a claim. Returns whether the execution still had it.
pub async fn renew(
    db: &impl ConnectionTrait,
    row: &Model,
    until: Timestamp,
) -> Result<bool, DbErr> {
    let renew = of_claim(row).col_expr(Column::ClaimedUntil, Expr::val(until));
    Ok(renew.exec(db).await?.rows_affected > 0)
}

/// Returns the hook that sets `committed` in each transaction of a change. A transaction whose claim was taken over
/// fails.
pub fn commit_hook(row: &Model) -> CommitHook {
    let row = row.clone();
    CommitHook::new(move |transaction| {
        let row = row.clone();
        Box::pin(async move { set_committed(transaction, &row).await })
    })
}

async fn set_committed(transaction: &Transaction, row: &Model) -> Result<(), DbErr> {
    let noted = of_claim(row).col_expr(Column::Committed, Expr::val(true));
    // A change that deletes its own user has deleted the row too.
    let gone = noted.exec(transaction).await?.rows_affected == 0;
    if gone && is_taken_over(transaction, row).await? {
        let message =
            "the claim of the idempotency key expired and was taken over by another execution";
        return Err(DbErr::Custom(message.to_owned()));
    }
    Ok(())
}

/// Returns whether another execution has taken over the key.
pub async fn is_taken_over(db: &impl ConnectionTrait, row: &Model) -> Result<bool, DbErr> {
    let found = find(db, row.owner_id, &row.key_hash).await?;
    Ok(found.is_some_and(|found| found.claim != row.claim))
}

/// Releases a key, unless a transaction was committed under it. Returns whether it was released.
pub async fn release(db: &impl ConnectionTrait, row: &Model) -> Result<bool, DbErr> {
    let released = Entity::delete_many()
        .filter(Column::OwnerId.eq(row.owner_id))
        .filter(Column::KeyHash.eq(row.key_hash.clone()))
        .filter(Column::Claim.eq(row.claim))
        .filter(Column::Committed.eq(false))
        .exec(db)
        .await?;
    Ok(released.rows_affected > 0)
}

/// Ends a claim and stores the response, or `None` if it can't be stored.
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

/// Deletes the keys of an owner.
pub async fn delete_of_owner(db: &impl ConnectionTrait, owner: Uuid) -> Result<(), DbErr> {
    let keys = Entity::delete_many().filter(Column::OwnerId.eq(owner));
    keys.exec(db).await?;
    Ok(())
}

/// Deletes expired keys.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}

fn of_claim(row: &Model) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::OwnerId.eq(row.owner_id))
        .filter(Column::KeyHash.eq(row.key_hash.clone()))
        .filter(Column::Claim.eq(row.claim))
}
