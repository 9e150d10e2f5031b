//! Slugs: finding a row by the slug it has or had, and the history of former slugs.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, QueryFilter, QuerySelect, QueryTrait, Select,
};

use super::insert::upsert_all;

/// A table with the slugs that rows of another table had before.
pub trait FormerSlug: EntityTrait {
    const SLUG: Self::Column;
    /// The id of the row that had the slug last.
    const OWNER: Self::Column;
    const CREATED_AT: Self::Column;
}

/// Returns the row of `visible` that has this slug, or else the row that had it last.
pub async fn find<E: EntityTrait, F: FormerSlug>(
    db: &impl ConnectionTrait,
    visible: Select<E>,
    (id, column): (E::Column, E::Column),
    slug: &str,
) -> Result<Option<E::Model>, DbErr> {
    let current = visible.clone().filter(column.eq(slug));
    if let Some(found) = current.one(db).await? {
        return Ok(Some(found));
    }
    let former = F::find()
        .select_only()
        .column(F::OWNER)
        .filter(F::SLUG.eq(slug))
        .into_query();
    visible.filter(id.in_subquery(former)).one(db).await
}

/// Returns the slugs among `slugs` that a row has in this column, or had before.
pub async fn taken<E: EntityTrait, F: FormerSlug>(
    db: &impl ConnectionTrait,
    column: E::Column,
    slugs: &[String],
) -> Result<Vec<String>, DbErr> {
    let mut taken = present::<E>(db, column, slugs).await?;
    taken.extend(present::<F>(db, F::SLUG, slugs).await?);
    Ok(taken)
}

async fn present<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    slugs: &[String],
) -> Result<Vec<String>, DbErr> {
    let select = E::find().select_only().column(column);
    let select = select.filter(column.is_in(slugs));
    select.into_tuple().all(db).await
}

/// Stores former slugs. One that another row had before leads to the new owner.
pub async fn insert_former<M, A>(db: &impl ConnectionTrait, rows: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<A>,
    M::Entity: FormerSlug,
    A: ActiveModelTrait<Entity = M::Entity>,
{
    let new_owner = OnConflict::column(M::Entity::SLUG)
        .update_columns([M::Entity::OWNER, M::Entity::CREATED_AT])
        .to_owned();
    upsert_all(db, rows, &new_owner).await
}

/// Deletes former slugs, so that they find no row. Returns their number.
pub async fn delete_former<F: FormerSlug>(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<u64, DbErr> {
    let former = F::delete_many().filter(F::SLUG.is_in(slugs));
    Ok(former.exec(db).await?.rows_affected)
}
