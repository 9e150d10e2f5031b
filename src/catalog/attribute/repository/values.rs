//! Queries on `attribute_values`.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult, Value,
};
use uuid::Uuid;

use crate::catalog::attribute::entity::value::{Column, Entity, Model};
use crate::catalog::attribute::entity::{AttributeId, Owner};
use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction};

const fn owner_column(owner: Owner) -> Column {
    match owner {
        Owner::Product => Column::ProductId,
        Owner::Variant => Column::VariantId,
    }
}

/// Returns the values of these products or variants. Those of an attribute are in their order.
pub async fn values_of(
    db: &impl ConnectionTrait,
    owner: Owner,
    ids: &[Uuid],
) -> Result<Vec<Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let column = owner_column(owner);
    Entity::find()
        .filter(column.is_in(ids.iter().copied()))
        .order_by_asc(column)
        .order_by_asc(Column::AttributeId)
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// Returns the positions of attributes in the product types of these products.
pub async fn order_of(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<(Uuid, AttributeId), i32>, DbErr> {
    let query = Query::select()
        .column(("products", "id"))
        .column(("product_type_attributes", "attribute_id"))
        .column(("product_type_attributes", "position"))
        .from("products")
        .inner_join(
            "product_type_attributes",
            Expr::col(("product_type_attributes", "product_type_id"))
                .equals(("products", "product_type_id")),
        )
        .and_where(Expr::col(("products", "id")).is_in(products.iter().copied()))
        .take();
    let rows = db.query_all(&query).await?.into_iter();
    let pairs = rows.map(|row| {
        let key = (row.try_get("", "id")?, row.try_get("", "attribute_id")?);
        Ok((key, row.try_get("", "position")?))
    });
    pairs.collect()
}

/// Returns those of the ids that are in the column `id` of a table.
pub async fn existing_ids(
    db: &impl ConnectionTrait,
    table: &'static str,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Query::select()
        .column("id")
        .from(table)
        .and_where(Expr::col("id").is_in(ids.iter().copied()))
        .take();
    let rows = db.query_all(&query).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Inserts values of a new catalog.
pub async fn insert_values(transaction: &Transaction, rows: Vec<Model>) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    insert_all(transaction, rows).await
}

/// Returns the ids and slugs of the rows of a table whose column has one of these values.
pub async fn slugs_of<T: Into<Value>>(
    db: &impl ConnectionTrait,
    table: &'static str,
    (column, values): (&'static str, Vec<T>),
) -> Result<Vec<(Uuid, String)>, DbErr> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let query = Query::select()
        .columns(["id", "slug"])
        .from(table)
        .and_where(Expr::col(column).is_in(values.into_iter().map(Into::<Value>::into)))
        .take();
    let rows = db.query_all(&query).await?;
    let pair = |row: &QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "slug")?));
    rows.iter().map(pair).collect()
}

/// Replaces the values that owners have of attributes. `products` are those whose own values or whose variants' values
/// change.
pub async fn replace_values(
    transaction: &Transaction,
    (owner, replaced): (Owner, &[(Uuid, AttributeId)]),
    rows: Vec<Model>,
    products: &[Uuid],
) -> Result<(), DbErr> {
    for product in products {
        transaction.touch(Catalog::Product(*product));
    }
    let mut attributes_of: HashMap<Uuid, Vec<AttributeId>> = HashMap::new();
    for (id, attribute) in replaced {
        attributes_of.entry(*id).or_default().push(*attribute);
    }
    // Imported files set the same attributes of many products.
    let mut owners_of: HashMap<Vec<AttributeId>, Vec<Uuid>> = HashMap::new();
    for (id, mut attributes) in attributes_of {
        attributes.sort_unstable();
        owners_of.entry(attributes).or_default().push(id);
    }
    for (attributes, owners) in owners_of {
        Entity::delete_many()
            .filter(owner_column(owner).is_in(owners))
            .filter(Column::AttributeId.is_in(attributes))
            .exec(transaction)
            .await?;
    }
    insert_all(transaction, rows).await
}
