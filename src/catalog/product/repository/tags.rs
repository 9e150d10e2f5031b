//! Queries on `product_tags`.

use std::collections::HashMap;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::writes::touch;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::entity::product_tag::{Column, Entity, Model};
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;

/// Returns the tags of these products, in their order. Products without tags are omitted.
pub async fn of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<String>>, DbErr> {
    let mut tags: HashMap<_, Vec<_>> = HashMap::new();
    if products.is_empty() {
        return Ok(tags);
    }
    let rows = Entity::find()
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(Column::ProductId)
        .order_by_asc(Column::Position);
    for row in rows.all(db).await? {
        tags.entry(row.product_id).or_default().push(row.tag);
    }
    Ok(tags)
}

/// Inserts tags.
pub async fn insert(transaction: &Transaction, tags: Vec<Model>) -> Result<(), DbErr> {
    touch(transaction, tags.iter().map(|tag| tag.product_id));
    insert_all(transaction, tags).await
}

/// Deletes all tags of products.
pub async fn delete(transaction: &Transaction, products: &[ProductId]) -> Result<(), DbErr> {
    touch(transaction, products.iter().copied());
    Entity::delete_many()
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Subquery of the products with one of the tags with these keys.
pub(super) fn with_any<'a>(keys: impl IntoIterator<Item = &'a String>) -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::ProductId)
        .filter(Column::TagKey.is_in(keys))
        .into_query()
}
