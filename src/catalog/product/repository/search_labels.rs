//! The short texts beside its name and codes that a product is found by, except those in its own row.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{tags, variants};
use crate::catalog::attribute;
use crate::catalog::category::entity as category;
use crate::catalog::product::entity::{ProductId, product_category};

/// Returns the labels of products: tags, option values, the names of the categories and of all above them, searchable
/// attributes. Runs one or two statements for each source.
pub(super) async fn labels_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Vec<String>>, DbErr> {
    let mut labels = tags::of(db, products).await?;
    for (option, value) in variants::options_of(db, products).await? {
        if let Some(value) = value {
            labels
                .entry(option.product_id)
                .or_default()
                .push(value.name);
        }
    }
    for (product, name) in category_names_of(db, products).await? {
        labels.entry(product).or_default().push(name);
    }
    let ids: Vec<Uuid> = products.iter().map(|product| (*product).into()).collect();
    for (product, texts) in attribute::repository::search_labels(db, &ids).await? {
        labels.entry(product.into()).or_default().extend(texts);
    }
    Ok(labels)
}

/// Returns the names of the categories of products, and of the categories above them, whether they are published or
/// not.
async fn category_names_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(ProductId, String)>, DbErr> {
    let links = product_category::Entity::find()
        .find_also_related(category::Entity)
        .filter(product_category::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(category::Column::Path)
        .all(db)
        .await?;
    let categories: Vec<_> = links
        .into_iter()
        .filter_map(|(link, category)| Some((link.product_id, category?)))
        .collect();
    let paths: BTreeSet<&str> = categories
        .iter()
        .flat_map(|(_, category)| category.ancestor_paths())
        .collect();
    let mut ancestors: HashMap<String, String> = HashMap::new();
    if !paths.is_empty() {
        let named: Vec<(String, String)> = category::Entity::find()
            .select_only()
            .columns([category::Column::Path, category::Column::Name])
            .filter(category::Column::Path.is_in(paths))
            .into_tuple()
            .all(db)
            .await?;
        ancestors.extend(named);
    }
    let names = categories.iter().flat_map(|(product, category)| {
        let above = category.ancestor_paths();
        let above = above.filter_map(|path| ancestors.get(path).cloned());
        let names = above.chain([category.name.clone()]);
        names.map(|name| (*product, name))
    });
    Ok(names.collect())
}
