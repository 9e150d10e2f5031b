//! Statements that write variants, their options, stock levels and prices.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, Iterable, QueryFilter};

use crate::catalog::product::entity::stock::{level, movement};
use crate::catalog::product::entity::variant::{
    self, OptionId, ValueId, VariantId, option, option_value, price_history, variant_value,
};
use crate::core::clock::Timestamp;
use crate::infra::database::Transaction;
use crate::infra::database::insert::{insert_all, upsert_all};
use crate::platform::media::ImageId;

/// Rows of variants to write. The caller [touches](Transaction::touch) the products.
#[derive(Debug, Default)]
pub struct Rows {
    pub options: Vec<option::Model>,
    pub values: Vec<option_value::Model>,
    pub variants: Vec<variant::Model>,
    pub links: Vec<variant_value::Model>,
    pub levels: Vec<level::Model>,
    pub movements: Vec<movement::Model>,
    pub prices: Vec<price_history::Model>,
}

/// Inserts rows of new variants and new options.
pub async fn insert(transaction: &Transaction, rows: Rows) -> Result<(), DbErr> {
    insert_all(transaction, rows.options).await?;
    insert_all(transaction, rows.values).await?;
    insert_all(transaction, rows.variants).await?;
    insert_all(transaction, rows.links).await?;
    insert_all(transaction, rows.levels).await?;
    insert_all(transaction, rows.movements).await?;
    insert_all(transaction, rows.prices).await
}

/// Updates stored variants, options, values and levels, and inserts the movements, the prices and the links.
pub async fn update(transaction: &Transaction, rows: Rows) -> Result<(), DbErr> {
    let option_conflict = OnConflict::column(option::Column::Id)
        .update_columns([
            option::Column::Name,
            option::Column::NameKey,
            option::Column::Position,
        ])
        .to_owned();
    upsert_all(transaction, rows.options, &option_conflict).await?;
    let value_conflict = OnConflict::column(option_value::Column::Id)
        .update_columns([
            option_value::Column::Name,
            option_value::Column::NameKey,
            option_value::Column::Position,
            option_value::Column::Swatch,
        ])
        .to_owned();
    upsert_all(transaction, rows.values, &value_conflict).await?;
    let columns = variant::Column::iter().filter(|column| !matches!(column, variant::Column::Id));
    let variant_conflict = OnConflict::column(variant::Column::Id)
        .update_columns(columns)
        .to_owned();
    upsert_all(transaction, rows.variants, &variant_conflict).await?;
    let link_conflict = OnConflict::columns([
        variant_value::Column::VariantId,
        variant_value::Column::OptionId,
    ])
    .update_column(variant_value::Column::ValueId)
    .to_owned();
    upsert_all(transaction, rows.links, &link_conflict).await?;
    let level_conflict = OnConflict::column(level::Column::VariantId)
        .update_columns([level::Column::OnHand, level::Column::BackorderLimit])
        .to_owned();
    upsert_all(transaction, rows.levels, &level_conflict).await?;
    insert_all(transaction, rows.movements).await?;
    insert_all(transaction, rows.prices).await
}

/// Gives up the SKUs and the combinations of these variants, so that they can be exchanged. [`update`] stores the new ones.
pub async fn release_keys(transaction: &Transaction, ids: &[VariantId]) -> Result<(), DbErr> {
    // The ID is no combination: those are ids of values.
    let own = match transaction.get_database_backend() {
        DbBackend::Postgres => "CAST(id AS text)",
        _ => "hex(id)",
    };
    variant::Entity::update_many()
        .col_expr(variant::Column::Sku, Expr::val(Option::<String>::None))
        .col_expr(variant::Column::Combination, Expr::cust(own))
        .filter(variant::Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Removes an image from the variants that show it. The caller [touches](Transaction::touch) the product.
pub async fn clear_image(
    transaction: &Transaction,
    image: ImageId,
    now: Timestamp,
) -> Result<(), DbErr> {
    variant::Entity::update_many()
        .col_expr(
            variant::Column::ImageId,
            Expr::val(Option::<uuid::Uuid>::None),
        )
        .col_expr(
            variant::Column::Version,
            Expr::col(variant::Column::Version).add(1),
        )
        .col_expr(variant::Column::UpdatedAt, Expr::val(now))
        .filter(variant::Column::ImageId.eq(image))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes variants with their levels and prices. Their movements stay.
pub async fn delete(transaction: &Transaction, ids: &[VariantId]) -> Result<(), DbErr> {
    variant::Entity::delete_many()
        .filter(variant::Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes options with their values.
pub async fn delete_options(transaction: &Transaction, ids: &[OptionId]) -> Result<(), DbErr> {
    option::Entity::delete_many()
        .filter(option::Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes values of options.
pub async fn delete_values(transaction: &Transaction, ids: &[ValueId]) -> Result<(), DbErr> {
    option_value::Entity::delete_many()
        .filter(option_value::Column::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Increases the version of stored variants of which something beside them changes. The caller touches their products.
pub async fn mark_changed(
    transaction: &Transaction,
    ids: Vec<VariantId>,
    now: Timestamp,
) -> Result<(), DbErr> {
    variant::Entity::update_many()
        .col_expr(
            variant::Column::Version,
            Expr::col(variant::Column::Version).add(1),
        )
        .col_expr(variant::Column::UpdatedAt, Expr::val(now.0))
        .filter(variant::Column::Id.is_in(ids))
        .filter(variant::Column::CreatedAt.lt(now))
        .exec(transaction)
        .await?;
    Ok(())
}
