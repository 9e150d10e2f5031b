//! Statements that write discounts and their targets.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;
use crate::sales::discount::entity::{DiscountId, Entity, Model, target};

pub async fn insert(
    transaction: &Transaction,
    discount: Model,
    targets: Vec<target::Model>,
) -> Result<(), DbErr> {
    let insert = Entity::insert(discount.into_active_model());
    insert.exec_without_returning(transaction).await?;
    insert_all(transaction, targets).await
}

/// Updates all columns of a discount except the number of its uses.
pub async fn update(transaction: &Transaction, discount: Model) -> Result<(), DbErr> {
    let mut row = discount.into_active_model().reset_all();
    row.used = ActiveValue::NotSet;
    row.update(transaction).await.map(drop)
}

/// Replaces the targets of a discount.
pub async fn replace_targets(
    transaction: &Transaction,
    discount: DiscountId,
    targets: Vec<target::Model>,
) -> Result<(), DbErr> {
    target::Entity::delete_many()
        .filter(target::Column::DiscountId.eq(discount))
        .exec(transaction)
        .await?;
    insert_all(transaction, targets).await
}

/// Deletes a discount with its targets and uses.
pub async fn delete(transaction: &Transaction, id: DiscountId) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(transaction).await.map(drop)
}
