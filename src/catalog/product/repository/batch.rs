//! Bulk queries. Each function runs one statement, or one per thousand rows.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::catalog::product::entity::{Column, Entity, Model, ProductId};
use crate::core::text;

/// Keys to look up products by.
#[derive(Debug, Default)]
pub struct Keys {
    pub ids: Vec<ProductId>,
    pub slugs: Vec<String>,
    pub names: Vec<String>,
}

/// Returns the products with any of these keys, locked against changes until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, keys: Keys) -> Result<Vec<Model>, DbErr> {
    let mut any = Condition::any();
    if !keys.ids.is_empty() {
        any = any.add(Column::Id.is_in(keys.ids));
    }
    if !keys.slugs.is_empty() {
        any = any.add(Column::Slug.is_in(keys.slugs));
    }
    if !keys.names.is_empty() {
        any = any.add(called(&keys.names));
    }
    if any.is_empty() {
        return Ok(Vec::new());
    }
    // Lock in a fixed order to avoid deadlocks.
    let select = Entity::find().filter(any).order_by_asc(Column::Id);
    select.lock_exclusive().all(db).await
}

/// Returns the names among these that several products have.
pub async fn find_duplicate_names(
    db: &impl ConnectionTrait,
    names: &[String],
) -> Result<Vec<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Name)
        .filter(called(names))
        .group_by(Column::Name)
        .having(Column::Id.count().gt(1))
        .into_tuple()
        .all(db)
        .await
}

/// Condition for exact names. The index covers their sort keys.
fn called(names: &[String]) -> Condition {
    let keys = names.iter().map(|name| text::sort_key(name));
    Condition::all()
        .add(Column::NameKey.is_in(keys))
        .add(Column::Name.is_in(names))
}

/// Returns up to `limit` products with ids after `last`, ordered by id.
pub async fn page_after(
    db: &impl ConnectionTrait,
    last: Option<ProductId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(last) = last {
        select = select.filter(Column::Id.gt(last));
    }
    select.all(db).await
}
