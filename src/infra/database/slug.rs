//! Finding things by the slug they have, or had.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

/// The one of `visible` whose `slug` is this; else the one whose `id` is in `former`, a subquery of who had it last. A
/// current slug comes first.
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
