//! Queries on `product_relations`.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::writes::touch;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::entity::product_relation::{Column, Entity, Model};
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;

/// Returns the ids of the related products of these products, in their order. Products without any are omitted.
pub async fn of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<ProductId>>, DbErr> {
    let rows = Entity::find()
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(Column::ProductId)
        .order_by_asc(Column::Position);
    let mut related: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.all(db).await? {
        let of_product = related.entry(row.product_id).or_default();
        of_product.push(row.related_id);
    }
    Ok(related)
}

/// Replaces the related products of these products.
pub async fn replace(
    transaction: &Transaction,
    products: &[(ProductId, Vec<ProductId>)],
) -> Result<(), DbErr> {
    if products.is_empty() {
        return Ok(());
    }
    let ids = || products.iter().map(|(product, _)| *product);
    touch(transaction, ids());
    Entity::delete_many()
        .filter(Column::ProductId.is_in(ids()))
        .exec(transaction)
        .await?;
    let rows = products.iter().flat_map(|(product, related)| {
        related.iter().zip(0..).map(|(related_id, position)| Model {
            product_id: *product,
            related_id: *related_id,
            position,
        })
    });
    insert_all(transaction, rows.collect()).await
}
