//! The queries on `category_slugs`, and which slugs are taken.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::catalog::category::entity::{Column, Entity, old_slug};
use crate::infra::database::insert::insert_all;

/// Those of these slugs that some category has, or had before.
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

/// Keeps slugs that categories had before.
pub async fn insert_many(
    db: &impl ConnectionTrait,
    slugs: Vec<old_slug::Model>,
) -> Result<(), DbErr> {
    insert_all(db, slugs).await
}

/// Keeps a slug that a category had before, and nobody had after it.
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

/// Forgets who had a slug before.
pub async fn forget(db: &impl ConnectionTrait, slug: &str) -> Result<(), DbErr> {
    old_slug::Entity::delete_by_id(slug.to_owned())
        .exec(db)
        .await?;
    Ok(())
}
