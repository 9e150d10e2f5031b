//! Statements that write shipping zones and methods. `Query.shop` reads them, so that each ends cached responses.

use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::infra::database::insert::insert_all;
use crate::infra::database::{Catalog, Transaction};
use crate::sales::shipping::entity::{
    Entity, Model, ShippingMethodId, ShippingZoneId, country, method, rate,
};

pub async fn insert_zone(transaction: &Transaction, zone: Model) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let insert = Entity::insert(zone.into_active_model());
    insert.exec_without_returning(transaction).await.map(drop)
}

/// Updates all columns of a zone.
pub async fn update_zone(transaction: &Transaction, zone: Model) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let row = zone.into_active_model().reset_all();
    row.update(transaction).await.map(drop)
}

/// Deletes a zone with its countries and methods.
pub async fn delete_zone(transaction: &Transaction, id: ShippingZoneId) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    Entity::delete_by_id(id).exec(transaction).await.map(drop)
}

/// Replaces the countries of a zone.
pub async fn replace_countries(
    transaction: &Transaction,
    zone: ShippingZoneId,
    countries: Vec<country::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    country::Entity::delete_many()
        .filter(country::Column::ZoneId.eq(zone))
        .exec(transaction)
        .await?;
    insert_all(transaction, countries).await
}

pub async fn insert_method(
    transaction: &Transaction,
    method: method::Model,
    rates: Vec<rate::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let insert = method::Entity::insert(method.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, rates).await
}

/// Updates all columns of a method, and replaces its prices.
pub async fn update_method(
    transaction: &Transaction,
    method: method::Model,
    rates: Vec<rate::Model>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let id = method.id;
    method
        .into_active_model()
        .reset_all()
        .update(transaction)
        .await?;
    rate::Entity::delete_many()
        .filter(rate::Column::MethodId.eq(id))
        .exec(transaction)
        .await?;
    insert_all(transaction, rates).await
}

/// Deletes a method with its prices.
pub async fn delete_method(transaction: &Transaction, id: ShippingMethodId) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let delete = method::Entity::delete_by_id(id).exec(transaction);
    delete.await.map(drop)
}
