//! Statements on `test_payments` and `test_refunds`, the database of the test provider.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect,
};
use uuid::Uuid;

use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_or;
use crate::sales::payment::entity::test_provider::{payment, refund};

/// Inserts a payment, unless it exists.
pub async fn insert_payment(transaction: &Transaction, row: payment::Model) -> Result<(), DbErr> {
    let exists = OnConflict::column(payment::Column::Id)
        .do_nothing()
        .to_owned();
    insert_or(transaction, row, &exists).await.map(drop)
}

pub async fn find_payment(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<payment::Model>, DbErr> {
    payment::Entity::find_by_id(id).one(db).await
}

/// Finds a payment and locks it until the transaction ends.
pub async fn lock_payment(
    transaction: &Transaction,
    id: Uuid,
) -> Result<Option<payment::Model>, DbErr> {
    payment::Entity::find_by_id(id)
        .lock_exclusive()
        .one(transaction)
        .await
}

/// Updates all columns of a locked payment.
pub async fn update_payment(transaction: &Transaction, row: payment::Model) -> Result<(), DbErr> {
    let row = row.into_active_model().reset_all();
    row.update(transaction).await.map(drop)
}

/// Inserts a refund, unless it exists. Returns whether it was inserted.
pub async fn insert_refund(transaction: &Transaction, row: refund::Model) -> Result<bool, DbErr> {
    let exists = OnConflict::column(refund::Column::Id)
        .do_nothing()
        .to_owned();
    insert_or(transaction, row, &exists).await
}
