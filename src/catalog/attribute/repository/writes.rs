//! Statements that write attributes, choices and product types. A change affects the responses for all products that
//! have them.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::sea_query::{OnConflict, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
};

use crate::catalog::attribute::entity::{
    AttributeId, ChoiceId, Column, Entity, Model, ProductTypeId, choice, product_type,
    type_attribute,
};
use crate::catalog::search::queue;
use crate::infra::database::insert::{insert_all, upsert_all};
use crate::infra::database::{Catalog, Transaction};

/// Inserts attributes.
pub async fn insert_attributes(
    transaction: &Transaction,
    attributes: Vec<Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    insert_all(transaction, attributes).await
}

/// Updates all columns of stored attributes.
pub async fn update_attributes(
    transaction: &Transaction,
    attributes: Vec<Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
    let conflict = OnConflict::column(Column::Id)
        .update_columns(columns)
        .to_owned();
    upsert_all(transaction, attributes, &conflict).await
}

/// Deletes an attribute with its choices and values.
pub async fn delete_attribute(transaction: &Transaction, id: AttributeId) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    Entity::delete_by_id(id).exec(transaction).await.map(drop)
}

/// Inserts choices.
pub async fn insert_choices(
    transaction: &Transaction,
    choices: Vec<choice::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    insert_all(transaction, choices).await
}

/// Updates all columns of stored choices.
pub async fn update_choices(
    transaction: &Transaction,
    choices: Vec<choice::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let columns = choice::Column::iter().filter(|column| !matches!(column, choice::Column::Id));
    let conflict = OnConflict::column(choice::Column::Id)
        .update_columns(columns)
        .to_owned();
    upsert_all(transaction, choices, &conflict).await
}

/// Deletes a choice with the values that have it.
pub async fn delete_choice(transaction: &Transaction, id: ChoiceId) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    choice::Entity::delete_by_id(id)
        .exec(transaction)
        .await
        .map(drop)
}

/// Inserts a product type and its attributes.
pub async fn insert_type(
    transaction: &Transaction,
    row: product_type::Model,
    attributes: Vec<type_attribute::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let insert = product_type::Entity::insert(row.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, attributes).await
}

/// Updates a product type, and replaces its attributes.
pub async fn update_type(
    transaction: &Transaction,
    row: product_type::Model,
    attributes: Vec<type_attribute::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let id = row.id;
    row.into_active_model()
        .reset_all()
        .update(transaction)
        .await?;
    type_attribute::Entity::delete_many()
        .filter(type_attribute::Column::ProductTypeId.eq(id))
        .exec(transaction)
        .await?;
    insert_all(transaction, attributes).await
}

/// Deletes a product type.
pub async fn delete_type(transaction: &Transaction, id: ProductTypeId) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    product_type::Entity::delete_by_id(id)
        .exec(transaction)
        .await
        .map(drop)
}

/// Returns the number of products of a type.
pub async fn count_products(transaction: &Transaction, id: ProductTypeId) -> Result<i64, DbErr> {
    use sea_orm::ConnectionTrait;
    let query = Query::select()
        .expr_as(Expr::col("id").count(), "found")
        .from("products")
        .and_where(Expr::col("product_type_id").eq(id))
        .take();
    let row = transaction.query_one(&query).await?;
    row.map_or(Ok(0), |row| row.try_get("", "found"))
}

/// Marks the products of a query to be indexed again.
pub async fn reindex(transaction: &Transaction, products: SelectStatement) -> Result<(), DbErr> {
    queue::add(transaction, products).await
}
