//! Documents of products for an external search engine.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::search_labels::labels_of;
use super::variants;
use crate::catalog::product::entity::{Column, Entity, Model, ProductId};
use crate::infra::search_engine::Document;

/// Returns the documents of those of these products that exist.
pub async fn engine_documents(
    db: &impl ConnectionTrait,
    ids: &[ProductId],
) -> Result<Vec<Document>, DbErr> {
    let products = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
    let products = products.all(db).await?;
    let mut labels = labels_of(db, ids).await?;
    let mut codes = HashMap::<ProductId, Vec<String>>::new();
    for (product, sku, barcode) in variants::codes_of(db, ids).await? {
        let codes = codes.entry(product).or_default();
        codes.extend([sku, barcode].into_iter().flatten());
    }
    let document = |product: Model| {
        let mut labels = labels.remove(&product.id).unwrap_or_default();
        labels.extend(product.brand);
        Document {
            id: product.id.into(),
            name: product.name,
            codes: codes.remove(&product.id).unwrap_or_default(),
            labels,
            description: product.description,
        }
    };
    Ok(products.into_iter().map(document).collect())
}

/// Returns whether there is a product.
pub async fn has_any(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let first = Entity::find().select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<ProductId>().one(db).await?.is_some())
}
