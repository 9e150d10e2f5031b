//! Queries on `addresses`.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder,
};

use super::entity::{AddressId, Column, Entity, Model};
use crate::accounts::user::UserId;
use crate::infra::database::insert::insert_all;

/// Lists the addresses of these users, oldest first.
pub async fn find_by_users(
    db: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Finds an address, without an access check.
pub async fn find(db: &impl ConnectionTrait, id: AddressId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// Inserts an address.
pub async fn insert(db: &impl ConnectionTrait, address: Model) -> Result<(), DbErr> {
    insert_all(db, vec![address]).await
}

/// Updates all columns of an address.
pub async fn update(db: &impl ConnectionTrait, address: Model) -> Result<(), DbErr> {
    address.into_active_model().reset_all().update(db).await?;
    Ok(())
}

/// Deletes an address.
pub async fn delete(db: &impl ConnectionTrait, id: AddressId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Makes the other addresses of the user no default of the kinds of which this one is the default.
pub async fn clear_other_defaults(db: &impl ConnectionTrait, address: &Model) -> Result<(), DbErr> {
    for (is_default, column) in [
        (address.default_shipping, Column::DefaultShipping),
        (address.default_billing, Column::DefaultBilling),
    ] {
        if is_default {
            let others = Condition::all()
                .add(Column::UserId.eq(address.user_id))
                .add(Column::Id.ne(address.id))
                .add(column.eq(true));
            let clear = Entity::update_many().col_expr(column, Expr::val(false));
            clear.filter(others).exec(db).await?;
        }
    }
    Ok(())
}
