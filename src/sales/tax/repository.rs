//! Queries on `tax_classes` and `tax_rates`.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::entity::{Column, Entity, Model, TaxClassId, TaxRateId, rate};
use super::list::{Filter, List};
use crate::core::pagination::Total;
use crate::infra::database::{Transaction, count as counting, keyset};

/// Returns all tax classes, by name.
pub async fn classes(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find().order_by_asc(Column::NameKey);
    select.order_by_asc(Column::Id).all(db).await
}

/// Returns the tax classes of `ids`, in no particular order.
pub async fn find_classes(
    db: &impl ConnectionTrait,
    ids: &[TaxClassId],
) -> Result<Vec<Model>, DbErr> {
    let ids = ids.iter().copied();
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

pub async fn find_class(db: &impl ConnectionTrait, id: TaxClassId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Returns a tax class, locked against deletion until the transaction ends.
pub async fn lock_class(transaction: &Transaction, id: TaxClassId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_shared().one(transaction).await
}

pub async fn default_class(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::IsDefault.eq(true))
        .one(db)
        .await
}

pub async fn insert_class(transaction: &Transaction, class: Model) -> Result<(), DbErr> {
    let insert = Entity::insert(class.into_active_model());
    insert.exec_without_returning(transaction).await.map(drop)
}

/// Updates all columns of a tax class.
pub async fn update_class(transaction: &Transaction, class: Model) -> Result<Model, DbErr> {
    class
        .into_active_model()
        .reset_all()
        .update(transaction)
        .await
}

/// Makes no class the default.
pub async fn clear_default(transaction: &Transaction) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::IsDefault, Expr::val(false));
    let of_default = update.filter(Column::IsDefault.eq(true));
    of_default.exec(transaction).await.map(drop)
}

/// Deletes a tax class with its rates. Fails if a variant or a shipping method has it.
pub async fn delete_class(transaction: &Transaction, id: TaxClassId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(transaction).await.map(drop)
}

/// Returns the number of variants and of shipping methods with a tax class.
pub async fn count_users(transaction: &Transaction, id: TaxClassId) -> Result<(i64, i64), DbErr> {
    let count = async |table: &'static str| {
        let query = Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "users")
            .from(table)
            .and_where(Expr::col("tax_class_id").eq(id.0))
            .take();
        let row = transaction.query_one(&query).await?;
        row.map_or(Ok(0), |row| row.try_get("", "users"))
    };
    Ok((count("variants").await?, count("shipping_methods").await?))
}

/// Returns the rates of these countries.
pub async fn rates_of(
    db: &impl ConnectionTrait,
    countries: &[&str],
) -> Result<Vec<rate::Model>, DbErr> {
    let countries = countries.iter().copied();
    let select = rate::Entity::find().filter(rate::Column::Country.is_in(countries));
    select.all(db).await
}

/// Returns the rates of `ids`, in no particular order.
pub async fn find_rates(
    db: &impl ConnectionTrait,
    ids: &[TaxRateId],
) -> Result<Vec<rate::Model>, DbErr> {
    let ids = ids.iter().copied();
    let select = rate::Entity::find().filter(rate::Column::Id.is_in(ids));
    select.all(db).await
}

pub async fn find_rate(
    db: &impl ConnectionTrait,
    id: TaxRateId,
) -> Result<Option<rate::Model>, DbErr> {
    rate::Entity::find_by_id(id).one(db).await
}

/// Returns the rate of a tax class in a country or region.
pub async fn find_rate_of(
    db: &impl ConnectionTrait,
    class: TaxClassId,
    (country, region): (&str, &str),
) -> Result<Option<rate::Model>, DbErr> {
    let select = rate::Entity::find()
        .filter(rate::Column::TaxClassId.eq(class))
        .filter(rate::Column::Country.eq(country))
        .filter(rate::Column::Region.eq(region));
    select.one(db).await
}

pub async fn insert_rate(transaction: &Transaction, rate: rate::Model) -> Result<(), DbErr> {
    let insert = rate::Entity::insert(rate.into_active_model());
    insert.exec_without_returning(transaction).await.map(drop)
}

/// Updates all columns of a rate.
pub async fn update_rate(
    transaction: &Transaction,
    rate: rate::Model,
) -> Result<rate::Model, DbErr> {
    rate.into_active_model()
        .reset_all()
        .update(transaction)
        .await
}

pub async fn delete_rate(transaction: &Transaction, id: TaxRateId) -> Result<(), DbErr> {
    let delete = rate::Entity::delete_by_id(id).exec(transaction);
    delete.await.map(drop)
}

/// Returns the rows of one page and one row more.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<rate::Model>, DbErr> {
    let mut select = filtered(&list.filter);
    keyset::apply(
        QuerySelect::query(&mut select),
        (rate::Entity, rate::Column::Country),
        (rate::Entity, rate::Column::Id),
        list.sort.direction,
        &list.paging,
    );
    select.all(db).await
}

/// Counts the rates that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    counting::total(db, filtered(filter).into_query()).await
}

fn filtered(filter: &Filter) -> Select<rate::Entity> {
    let country = filter.country.as_ref();
    let condition = Condition::all()
        .add_option(country.map(|country| rate::Column::Country.eq(country.code())))
        .add_option(filter.class.map(|class| rate::Column::TaxClassId.eq(class)));
    rate::Entity::find().filter(condition)
}
