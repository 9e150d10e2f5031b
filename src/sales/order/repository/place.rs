//! Statements that place, confirm and close orders.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::core::clock::Timestamp;
use crate::core::viewer::{CartId, UserId};
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;
use crate::sales::order::entity::{
    Column, Entity, Model, OrderId, PaymentStatus, Status, counter, detail, line,
};

/// The counter of the numbers of orders.
const NUMBERS: &str = "orders";

/// A new order with its details.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub order: Model,
    pub lines: Vec<line::Model>,
    pub taxes: Vec<detail::tax::Model>,
    pub discounts: Vec<detail::discount::Model>,
}

/// Inserts an order with its details.
pub async fn insert(transaction: &Transaction, new: NewOrder) -> Result<(), DbErr> {
    let insert = Entity::insert(new.order.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, new.lines).await?;
    insert_all(transaction, new.taxes).await?;
    insert_all(transaction, new.discounts).await
}

/// Finds the order of a cart that is paid or can still be paid, and locks it until the transaction ends.
pub async fn lock_live(transaction: &Transaction, cart: CartId) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::CartId.eq(cart))
        // As in the partial index: with parameters PostgreSQL plans the statement anew each time.
        .filter(Expr::cust(
            "\"orders\".\"status\" IN ('PENDING', 'CLOSING', 'CONFIRMED')",
        ))
        .lock_exclusive()
        .one(transaction)
        .await
}

/// Finds the newest order of a user that was confirmed since a time.
pub async fn last_confirmed(
    db: &impl ConnectionTrait,
    user: UserId,
    since: Timestamp,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(Column::Status.eq(Status::Confirmed))
        .filter(Column::ConfirmedAt.gte(since))
        .order_by_desc(Column::PlacedAt)
        .order_by_desc(Column::Id)
        .one(db)
        .await
}

/// Finds the cart whose token has one of these hashes and that was ordered.
pub async fn ordered_cart(
    db: &impl ConnectionTrait,
    hashes: Vec<Vec<u8>>,
) -> Result<Option<CartId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::CartId)
        .filter(Column::CartTokenHash.is_in(hashes))
        .filter(Column::Status.eq(Status::Confirmed))
        .into_tuple()
        .one(db)
        .await
}

/// Counts a confirmed order, and returns its number. Until the transaction ends, others that count wait.
pub async fn next_number(transaction: &Transaction, first: i64) -> Result<i64, DbErr> {
    let counted = OnConflict::column(counter::Column::Name)
        .value(
            counter::Column::Value,
            Expr::col((counter::Entity, counter::Column::Value)).add(1),
        )
        .to_owned();
    let insert = Query::insert()
        .into_table(counter::Entity)
        .columns([
            counter::Column::Name,
            counter::Column::Value,
            counter::Column::FirstNumber,
        ])
        .values([Expr::val(NUMBERS), Expr::val(first), Expr::val(first)])
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .on_conflict(counted)
        .returning_col(counter::Column::Value)
        .to_owned();
    let row = transaction.query_one(&insert).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotInserted)?;
    row.try_get("", "value")
}

/// Returns pending orders that can't be paid any more, and whose payment is not being processed.
pub async fn find_due(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<OrderId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.eq(Status::Pending))
        .filter(Column::PayUntil.lte(now))
        .filter(Column::PaymentStatus.ne(PaymentStatus::Processing))
        .order_by_asc(Column::PayUntil)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}

/// Returns closing orders whose hold has ended. See [`held_until`](Model::held_until).
pub async fn find_held(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<OrderId>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::HeldUntil.lte(now))
        .filter(Column::Status.eq(Status::Closing))
        .order_by_asc(Column::HeldUntil)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}
