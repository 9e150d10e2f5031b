//! Queries on slugs: which are taken, and the former slugs in `category_slugs`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::catalog::category::entity::{Column, Entity, old_slug};
use crate::infra::database::insert::insert_all;

/// Returns those of `slugs` that a category has or had.
pub async fn taken(db: &impl ConnectionTrait, slugs: &[String]) -> Result<Vec<String>, DbErr> {
    let mut taken: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Slug)
        .filter(Column::Slug.is_in(slugs))
        .into_tuple()
        .all(db)
        .await?;
    let former: Vec<String> = old_slug::Entity::find()
        .select_only()
        .column(old_slug::Column::Slug)
        .filter(old_slug::Column::Slug.is_in(slugs))
        .into_tuple()
        .all(db)
        .await?;
    taken.extend(former);
    Ok(taken)
}

/// Stores former slugs of categories.
pub async fn insert_many(
    db: &impl ConnectionTrait,
    slugs: Vec<old_slug::Model>,
) -> Result<(), DbErr> {
    insert_all(db, slugs).await
}

/// Stores a former slug. If another category had it earlier, it now leads to this one.
pub async fn keep(db: &impl ConnectionTrait, slug: old_slug::Model) -> Result<(), DbErr> {
    use old_slug::Column::{CategoryId, CreatedAt, Slug};
    let newest = OnConflict::column(Slug)
        .update_columns([CategoryId, CreatedAt])
        .to_owned();
    old_slug::Entity::insert(slug.into_active_model())
        .on_conflict(newest)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Deletes a former slug.
pub async fn forget(db: &impl ConnectionTrait, slug: &str) -> Result<(), DbErr> {
    old_slug::Entity::delete_by_id(slug.to_owned())
        .exec(db)
        .await?;
    Ok(())
}
