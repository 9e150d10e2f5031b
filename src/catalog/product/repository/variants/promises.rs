//! Statements on the stock levels of the variants in an order.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::catalog::product::entity::stock::{level, movement};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::entity::{Column, Entity, ProductId};
use crate::infra::database::Transaction;
use crate::infra::database::insert::insert_all;

/// Returns the stock levels of these variants.
pub async fn levels_of(
    db: &impl ConnectionTrait,
    variants: &[VariantId],
) -> Result<Vec<level::Model>, DbErr> {
    level::Entity::find()
        .filter(level::Column::VariantId.is_in(variants.iter().copied()))
        .all(db)
        .await
}

/// Returns the stock levels of these variants, locked against changes until the transaction ends. Locks in a fixed
/// order to avoid deadlocks.
pub async fn lock_levels_of(
    transaction: &Transaction,
    variants: &[VariantId],
) -> Result<Vec<level::Model>, DbErr> {
    level::Entity::find()
        .filter(level::Column::VariantId.is_in(variants.iter().copied()))
        .order_by_asc(level::Column::VariantId)
        .lock_exclusive()
        .all(transaction)
        .await
}

/// Returns the number of variants of these products.
pub async fn variant_counts(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(ProductId, i32)>, DbErr> {
    Entity::find()
        .select_only()
        .columns([Column::Id, Column::VariantCount])
        .filter(Column::Id.is_in(products.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// Adds units to the levels of variants, or subtracts them, in one statement. `units` is not empty, and each variant
/// occurs once. The caller [touches](Transaction::touch) the products.
pub async fn move_units(
    transaction: &Transaction,
    units: &[(VariantId, i64)],
    (on_hand, reserved): (i64, i64),
) -> Result<(), DbErr> {
    let of_variant = |sign: i64| {
        let mut case = CaseStatement::new();
        for (variant, count) in units {
            case = case.case(level::Column::VariantId.eq(*variant), sign * count);
        }
        case.finally(0_i64)
    };
    let mut update = level::Entity::update_many()
        .filter(level::Column::VariantId.is_in(units.iter().map(|(variant, _)| *variant)));
    for (column, sign) in [
        (level::Column::OnHand, on_hand),
        (level::Column::Reserved, reserved),
    ] {
        if sign != 0 {
            update = update.col_expr(column, Expr::col(column).add(of_variant(sign)));
        }
    }
    update.exec(transaction).await.map(drop)
}

/// Inserts movements.
pub async fn insert_movements(
    transaction: &Transaction,
    movements: Vec<movement::Model>,
) -> Result<(), DbErr> {
    insert_all(transaction, movements).await
}
