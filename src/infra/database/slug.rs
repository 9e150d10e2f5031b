//! Finds entities by their current or a former slug.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

/// Returns the entity of `visible` with this `slug`, else the one whose `id` is in the subquery `former`. Current
/// slugs take precedence.
pub async fn find<E: EntityTrait>(
    db: &impl ConnectionTrait,
    visible: Select<E>,
    (id, column): (E::Column, E::Column),
    slug: &str,
    former: SelectStatement,
) -> Result<Option<E::Model>, DbErr> {
    let current = visible.clone().filter(column.eq(slug));
    if let Some(found) = current.one(db).await? {
        return Ok(Some(found));
    }
    visible.filter(id.in_subquery(former)).one(db).await
}
