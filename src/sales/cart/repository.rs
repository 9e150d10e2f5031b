//! Queries on `carts` and `cart_lines`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::entity::line::{self, LineId};
use super::entity::{CartId, Column, Entity, Model};
use crate::core::clock::Timestamp;
use crate::core::viewer::CartOwner;
use crate::infra::database::insert::{insert_or, upsert_all};
use crate::infra::database::update::update_row;

/// Finds the cart of an owner.
pub async fn find(db: &impl ConnectionTrait, owner: CartOwner) -> Result<Option<Model>, DbErr> {
    of_owner(owner).one(db).await
}

/// Finds the cart of an owner and locks it until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, owner: CartOwner) -> Result<Option<Model>, DbErr> {
    of_owner(owner).lock_exclusive().one(db).await
}

/// Finds the id of the cart whose token has one of these hashes.
pub async fn find_by_token(
    db: &impl ConnectionTrait,
    hashes: Vec<Vec<u8>>,
) -> Result<Option<CartId>, DbErr> {
    with_token(hashes)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .one(db)
        .await
}

/// Finds the cart whose token has one of these hashes, and locks it until the transaction ends.
pub async fn lock_by_token(
    db: &impl ConnectionTrait,
    hashes: Vec<Vec<u8>>,
) -> Result<Option<Model>, DbErr> {
    with_token(hashes).lock_exclusive().one(db).await
}

/// Finds a cart and locks it until the transaction ends.
pub async fn lock_by_id(db: &impl ConnectionTrait, id: CartId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Inserts a cart, unless the user has one.
pub async fn insert(db: &impl ConnectionTrait, cart: Model) -> Result<(), DbErr> {
    let other = OnConflict::column(Column::UserId).do_nothing().to_owned();
    insert_or(db, cart, &other).await.map(drop)
}

/// Updates all columns of a cart.
pub async fn update(db: &impl ConnectionTrait, cart: Model) -> Result<(), DbErr> {
    update_row(db, cart.into_active_model().reset_all()).await
}

/// Deletes a cart with its lines.
pub async fn delete(db: &impl ConnectionTrait, id: CartId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Deletes expired carts.
pub async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    let expired = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    expired.exec(db).await?;
    Ok(())
}

/// Lists the lines of a cart in their order.
pub async fn lines_of(db: &impl ConnectionTrait, cart: CartId) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::CartId.eq(cart))
        .order_by_asc(line::Column::Position)
        .order_by_asc(line::Column::Id)
        .all(db)
        .await
}

/// Inserts lines, and updates the quantity and the price of existing ones, in one statement.
pub async fn save_lines(db: &impl ConnectionTrait, lines: Vec<line::Model>) -> Result<(), DbErr> {
    let existing = OnConflict::column(line::Column::Id)
        .update_columns([line::Column::Quantity, line::Column::SeenPrice])
        .to_owned();
    upsert_all(db, lines, &existing).await
}

/// Deletes lines.
pub async fn delete_lines(db: &impl ConnectionTrait, ids: Vec<LineId>) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let lines = line::Entity::delete_many().filter(line::Column::Id.is_in(ids));
    lines.exec(db).await?;
    Ok(())
}

/// A guest's cart that was claimed belongs to a user, and its token no longer opens it.
fn of_owner(owner: CartOwner) -> Select<Entity> {
    match owner {
        CartOwner::User(user) => Entity::find().filter(Column::UserId.eq(user)),
        CartOwner::Guest(cart) => Entity::find()
            .filter(Column::Id.eq(cart))
            .filter(Column::UserId.is_null()),
    }
}

fn with_token(hashes: Vec<Vec<u8>>) -> Select<Entity> {
    Entity::find().filter(Column::TokenHash.is_in(hashes))
}
