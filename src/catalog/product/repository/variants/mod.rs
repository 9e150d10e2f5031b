//! Queries on `variants`, `product_options`, `product_option_values`, `stock_levels`, `stock_movements` and
//! `price_history`.

mod promises;
mod stock;
mod writes;

pub use promises::*;
pub(super) use stock::{HAS_UNCOUNTED, UNITS};
pub use stock::{find_low, lock_level, lock_levels, movements_of, stocks_of};
pub use writes::*;

use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Select,
};

use super::visible_with_id;
use crate::catalog::attribute::list::AttributeCondition;
use crate::catalog::attribute::repository::owners_with;
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::variant::{
    Column, Entity, Model, TaxClassId, VariantId, option, option_value, price_history,
    variant_value,
};
use crate::catalog::product::list::OptionCondition;
use crate::core::clock::Timestamp;
use crate::core::viewer::Audience;
use crate::infra::database::Transaction;
use crate::platform::media::ImageId;

/// A variant and its stock level.
pub type StockedVariant = (Model, level::Model);

fn visible(audience: Audience) -> Select<Entity> {
    let select = Entity::find();
    match audience {
        Audience::Public => select.filter(Column::Active.eq(true)),
        Audience::Staff => select,
    }
}

async fn with_levels(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
) -> Result<Vec<StockedVariant>, DbErr> {
    let rows = select.find_also_related(level::Entity).all(db).await?;
    let rows = rows.into_iter();
    Ok(rows
        .filter_map(|(variant, level)| Some((variant, level?)))
        .collect())
}

/// Returns the variants of `ids` that the audience may see, in no particular order.
pub async fn find_many(
    db: &impl ConnectionTrait,
    audience: Audience,
    ids: &[VariantId],
) -> Result<Vec<StockedVariant>, DbErr> {
    let product = visible_with_id(audience, (Entity, Column::ProductId));
    let select = visible(audience)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Expr::exists(product));
    with_levels(db, select).await
}

/// Returns the variants of these products that the audience may see, in their order, whether it may see the products or
/// not.
pub async fn find_by_products(
    db: &impl ConnectionTrait,
    audience: Audience,
    products: &[ProductId],
) -> Result<Vec<StockedVariant>, DbErr> {
    let select = visible(audience)
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(Column::ProductId)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id);
    with_levels(db, select).await
}

/// Returns the first variant of a product.
pub async fn find_first(
    db: &impl ConnectionTrait,
    product: ProductId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::ProductId.eq(product))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .one(db)
        .await
}

/// Returns the products of these images.
pub async fn products_of_images(
    db: &impl ConnectionTrait,
    images: &[ImageId],
) -> Result<Vec<(ImageId, ProductId)>, DbErr> {
    let ids = images.iter().map(|id| id.0);
    let query = Query::select()
        .columns(["id", "product_id"])
        .from("product_images")
        .and_where(Expr::col("id").is_in(ids))
        .take();
    let rows = db.query_all(&query).await?;
    let pair = |row: &QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "product_id")?));
    rows.iter().map(pair).collect()
}

/// Returns those of the tax classes that exist, locked against deletion until the transaction ends.
pub async fn lock_tax_classes(
    transaction: &Transaction,
    classes: &[TaxClassId],
) -> Result<Vec<TaxClassId>, DbErr> {
    let query = Query::select()
        .column("id")
        .from("tax_classes")
        .and_where(Expr::col("id").is_in(classes.iter().map(|id| id.0)))
        .lock(LockType::KeyShare)
        .take();
    let rows = transaction.query_all(&query).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Returns a variant.
pub async fn find(db: &impl ConnectionTrait, id: VariantId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Returns the options of these products and their values, in their order.
pub async fn options_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(option::Model, Option<option_value::Model>)>, DbErr> {
    option::Entity::find()
        .find_also_related(option_value::Entity)
        .filter(option::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(option::Column::ProductId)
        .order_by_asc(option::Column::Position)
        .order_by_asc(option::Column::Id)
        .order_by_asc(option_value::Column::Position)
        .order_by_asc(option_value::Column::Id)
        .all(db)
        .await
}

/// Returns the variants with any of these SKUs.
pub async fn find_by_skus(db: &impl ConnectionTrait, skus: &[String]) -> Result<Vec<Model>, DbErr> {
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(Column::Sku.is_in(skus)).all(db).await
}

/// Returns the SKUs and barcodes of the active variants of these products.
pub async fn codes_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(ProductId, Option<String>, Option<String>)>, DbErr> {
    if products.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .select_only()
        .columns([Column::ProductId, Column::Sku, Column::Barcode])
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::Position)
        .into_tuple()
        .all(db)
        .await
}

/// Returns the lowest price that each of these variants had since a time.
pub async fn lowest_prices(
    db: &impl ConnectionTrait,
    variants: &[VariantId],
    since: Timestamp,
) -> Result<Vec<(VariantId, i64)>, DbErr> {
    use price_history::Column::{Price, Since, VariantId as Variant};
    // The price at that time is the last one before it.
    let last = Query::select()
        .expr(Expr::col(("earlier", Since)).max())
        .from_as(price_history::Entity, "earlier")
        .and_where(Expr::col(("earlier", Variant)).equals((price_history::Entity, Variant)))
        .and_where(Expr::col(("earlier", Since)).lt(since))
        .take();
    price_history::Entity::find()
        .select_only()
        .column(Variant)
        .column_as(Price.min(), "lowest")
        .filter(Variant.is_in(variants.iter().copied()))
        .filter(Since.gte(since).or(Since.in_subquery(last)))
        .group_by(Variant)
        .into_tuple()
        .all(db)
        .await
}

/// Subquery of the products with an active variant that satisfies all conditions.
pub(super) fn products_with(
    conditions: &[OptionCondition],
    attributes: &[&AttributeCondition],
) -> SelectStatement {
    let mut select = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .filter(Column::Active.eq(true));
    for condition in conditions {
        let of_option = Expr::col((option::Entity, option::Column::Id))
            .equals((option_value::Entity, option_value::Column::OptionId));
        let values = Query::select()
            .column((option_value::Entity, option_value::Column::Id))
            .from(option_value::Entity)
            .inner_join(option::Entity, of_option)
            .and_where(option_value::Column::NameKey.is_in(&condition.values))
            .and_where(option::Column::NameKey.eq(&condition.name))
            .take();
        let variants = variant_value::Entity::find()
            .select_only()
            .column(variant_value::Column::VariantId)
            .filter(variant_value::Column::ValueId.in_subquery(values))
            .into_query();
        select = select.filter(Column::Id.in_subquery(variants));
    }
    for condition in attributes {
        select = select.filter(Column::Id.in_subquery(owners_with(condition)));
    }
    select.into_query()
}

/// Subquery of the products with a variant that the audience may see and that has any of these SKUs.
pub(super) fn with_skus(audience: Audience, skus: &[String]) -> SelectStatement {
    visible(audience)
        .select_only()
        .column(Column::ProductId)
        .filter(Column::Sku.is_in(skus))
        .into_query()
}
