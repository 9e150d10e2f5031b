//! Queries on `attributes`, `product_types`, `product_type_attributes` and `attribute_choices`; those on
//! `attribute_values` are in `values`.

mod conditions;
mod labels;
mod values;
mod writes;

pub use conditions::{owners_with, products_with_attribute, products_with_choice};
pub use labels::search_labels;
pub use values::{existing_ids, insert_values, order_of, replace_values, slugs_of, values_of};
pub use writes::*;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::entity::{
    AttributeId, ChoiceId, Column, Entity, Model, ProductTypeId, choice, product_type,
    type_attribute,
};

/// Returns all attributes, in the order of the shop.
pub async fn attributes(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Returns the attributes of `ids`, in the order of the shop.
pub async fn find_attributes(
    db: &impl ConnectionTrait,
    ids: &[AttributeId],
) -> Result<Vec<Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Returns the attributes with these codes, in no particular order.
pub async fn find_by_codes(
    db: &impl ConnectionTrait,
    codes: &[String],
) -> Result<Vec<Model>, DbErr> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::find().filter(Column::Code.is_in(codes));
    select.all(db).await
}

/// Returns an attribute, locked against changes until the transaction ends.
pub async fn lock_attribute(
    db: &impl ConnectionTrait,
    id: AttributeId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Returns the choices of these attributes, in the order of the shop.
pub async fn choices_of(
    db: &impl ConnectionTrait,
    attributes: &[AttributeId],
) -> Result<Vec<choice::Model>, DbErr> {
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    choice::Entity::find()
        .filter(choice::Column::AttributeId.is_in(attributes.iter().copied()))
        .order_by_asc(choice::Column::AttributeId)
        .order_by_asc(choice::Column::Position)
        .order_by_asc(choice::Column::Id)
        .all(db)
        .await
}

/// Returns the choices of `ids`, in no particular order.
pub async fn find_choices(
    db: &impl ConnectionTrait,
    ids: &[ChoiceId],
) -> Result<Vec<choice::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    choice::Entity::find()
        .filter(choice::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Returns all product types, by name.
pub async fn product_types(db: &impl ConnectionTrait) -> Result<Vec<product_type::Model>, DbErr> {
    product_type::Entity::find()
        .order_by_asc(product_type::Column::NameKey)
        .all(db)
        .await
}

/// Returns the product types of `ids`, in no particular order.
pub async fn find_types(
    db: &impl ConnectionTrait,
    ids: &[ProductTypeId],
) -> Result<Vec<product_type::Model>, DbErr> {
    product_type::Entity::find()
        .filter(product_type::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
}

/// Returns the product types with these slugs, in no particular order.
pub async fn find_types_by_slugs(
    db: &impl ConnectionTrait,
    slugs: &[String],
) -> Result<Vec<product_type::Model>, DbErr> {
    product_type::Entity::find()
        .filter(product_type::Column::Slug.is_in(slugs))
        .all(db)
        .await
}

/// Returns a product type, locked against deletion until the transaction ends.
pub async fn lock_type_shared(
    db: &impl ConnectionTrait,
    id: ProductTypeId,
) -> Result<Option<product_type::Model>, DbErr> {
    product_type::Entity::find_by_id(id)
        .lock(sea_orm::sea_query::LockType::KeyShare)
        .one(db)
        .await
}

/// Returns the number of product types.
pub async fn count_types(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    product_type::Entity::find().count(db).await
}

/// Returns the attributes of these product types, in their order.
pub async fn attributes_of_types(
    db: &impl ConnectionTrait,
    types: &[ProductTypeId],
) -> Result<Vec<type_attribute::Model>, DbErr> {
    type_attribute::Entity::find()
        .filter(type_attribute::Column::ProductTypeId.is_in(types.iter().copied()))
        .order_by_asc(type_attribute::Column::Position)
        .order_by_asc(type_attribute::Column::AttributeId)
        .all(db)
        .await
}
