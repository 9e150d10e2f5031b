//! Statements on `stripe_events`, and on the payments that events are about.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::core::clock::Timestamp;
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_or;
use crate::sales::payment::entity::stripe_events::{Column, Entity, Model};
use crate::sales::payment::entity::{self as payment, Provider};

/// Returns the position, if events were read before.
pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(1_i16).one(db).await
}

/// Stores the position.
pub async fn store(transaction: &Transaction, row: Model) -> Result<(), DbErr> {
    let replace = OnConflict::column(Column::Id)
        .update_columns([Column::Previous, Column::Newest])
        .to_owned();
    insert_or(transaction, row, &replace).await.map(drop)
}

/// Forgets the position.
pub async fn delete(transaction: &Transaction) -> Result<(), DbErr> {
    Entity::delete_many().exec(transaction).await.map(drop)
}

/// Makes the payments with these ids at Stripe due, also final ones. Unknown ids are ignored. Returns the number of payments.
pub async fn set_due(
    transaction: &Transaction,
    references: &[String],
    now: Timestamp,
) -> Result<u64, DbErr> {
    let update = payment::Entity::update_many()
        .col_expr(payment::Column::LookAt, Expr::val(now.0))
        .filter(payment::Column::Provider.eq(Provider::Stripe))
        .filter(payment::Column::Reference.is_in(references.iter().cloned()));
    Ok(update.exec(transaction).await?.rows_affected)
}
