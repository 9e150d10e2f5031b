//! Queries on `shipping_zones`, `zone_countries`, `shipping_methods` and `shipping_rates`.

mod writes;

pub use writes::*;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::entity::{
    Column, Entity, Model, ShippingMethodId, ShippingZoneId, country, method, rate,
};

/// Returns all zones, by name.
pub async fn zones(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().order_by_asc(Column::NameKey);
    select.order_by_asc(Column::Id).all(db).await
}

pub async fn find_zone(
    db: &impl ConnectionTrait,
    id: ShippingZoneId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Returns the zones of `ids`, in no particular order.
pub async fn find_zones(
    db: &impl ConnectionTrait,
    ids: &[ShippingZoneId],
) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Returns the countries of zones, in alphabetical order.
pub async fn countries_of(
    db: &impl ConnectionTrait,
    zones: &[ShippingZoneId],
) -> Result<Vec<country::Model>, DbErr> {
    country::Entity::find()
        .filter(country::Column::ZoneId.is_in(zones.iter().copied()))
        .order_by_asc(country::Column::Country)
        .order_by_asc(country::Column::Region)
        .order_by_asc(country::Column::PostalPrefix)
        .all(db)
        .await
}

/// Returns the rows of these countries in all zones.
pub async fn rows_of_countries(
    db: &impl ConnectionTrait,
    countries: &[&str],
) -> Result<Vec<country::Model>, DbErr> {
    let countries = countries.iter().copied();
    country::Entity::find()
        .filter(country::Column::Country.is_in(countries))
        .all(db)
        .await
}

/// Returns the countries in zones with an active method, in alphabetical order.
pub async fn served_countries(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let with_method = method::Entity::find()
        .select_only()
        .column(method::Column::ZoneId)
        .filter(method::Column::Active.eq(true))
        .into_query();
    country::Entity::find()
        .select_only()
        .column(country::Column::Country)
        .distinct()
        .filter(country::Column::Excluded.eq(false))
        .filter(country::Column::ZoneId.in_subquery(with_method))
        .order_by_asc(country::Column::Country)
        .into_tuple()
        .all(db)
        .await
}

/// Returns whether a zone has a country.
pub async fn has_country(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let included = country::Entity::find().filter(country::Column::Excluded.eq(false));
    Ok(included.one(db).await?.is_some())
}

/// Returns the number of zones.
pub async fn count_zones(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

/// Returns the methods of zones, in their order.
pub async fn methods_of(
    db: &impl ConnectionTrait,
    zones: &[ShippingZoneId],
) -> Result<Vec<method::Model>, DbErr> {
    method::Entity::find()
        .filter(method::Column::ZoneId.is_in(zones.iter().copied()))
        .order_by_asc(method::Column::Position)
        .order_by_asc(method::Column::Id)
        .all(db)
        .await
}

/// Returns the methods of `ids`, in no particular order.
pub async fn find_methods(
    db: &impl ConnectionTrait,
    ids: &[ShippingMethodId],
) -> Result<Vec<method::Model>, DbErr> {
    let ids = ids.iter().copied();
    let select = method::Entity::find().filter(method::Column::Id.is_in(ids));
    select.all(db).await
}

/// Returns the prices of methods, lowest bound first.
pub async fn rates_of(
    db: &impl ConnectionTrait,
    methods: &[ShippingMethodId],
) -> Result<Vec<rate::Model>, DbErr> {
    rate::Entity::find()
        .filter(rate::Column::MethodId.is_in(methods.iter().copied()))
        .order_by_asc(rate::Column::LowerBound)
        .all(db)
        .await
}
