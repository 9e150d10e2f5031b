//! Inserts many rows.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, ModelTrait};

/// Rows per statement: SQLite accepts 32,766 values, and no table has 30 columns.
const CHUNK: usize = 1_000;

/// Inserts a row, and handles an existing one as `conflict` defines. Returns whether a row was inserted or updated.
pub async fn insert_or<M, A>(
    db: &impl ConnectionTrait,
    row: M,
    conflict: &OnConflict,
) -> Result<bool, DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    let insert = M::Entity::insert(row.into_active_model()).on_conflict(conflict.clone());
    Ok(insert.exec_without_returning(db).await? > 0)
}

/// Inserts rows. A conflict with an existing row is an error.
pub async fn insert_all<M, A>(db: &impl ConnectionTrait, rows: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    store(db, rows, None).await
}

/// Inserts rows, and handles existing ones as `conflict` defines.
pub async fn upsert_all<M, A>(
    db: &impl ConnectionTrait,
    rows: Vec<M>,
    conflict: &OnConflict,
) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    store(db, rows, Some(conflict)).await
}

async fn store<M, A>(
    db: &impl ConnectionTrait,
    rows: Vec<M>,
    conflict: Option<&OnConflict>,
) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    loop {
        let chunk: Vec<A> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        let mut insert = M::Entity::insert_many(chunk);
        if let Some(conflict) = conflict {
            insert = insert.on_conflict(conflict.clone());
        }
        insert.exec_without_returning(db).await?;
    }
}
