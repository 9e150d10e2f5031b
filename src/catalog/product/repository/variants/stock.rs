//! Queries on `stock_levels` and `stock_movements`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{StockedVariant, with_levels};
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::entity::stock::{StockSummary, level, movement};
use crate::catalog::product::entity::variant::{Column, Entity, VariantId};

/// SQL expression for [`StockSummary::units`] of the variants of a product.
pub const UNITS: &str = "coalesce(sum(CASE WHEN NOT variants.active THEN NULL
    WHEN stock_levels.on_hand > stock_levels.reserved THEN stock_levels.on_hand - stock_levels.reserved ELSE 0 END),
    sum(CASE WHEN stock_levels.on_hand > stock_levels.reserved THEN stock_levels.on_hand - stock_levels.reserved ELSE 0 END),
    0)";
/// SQL expression for [`StockSummary::has_uncounted`] of the variants of a product: 1 or 0.
pub const HAS_UNCOUNTED: &str =
    "coalesce(max(CASE WHEN variants.active AND NOT variants.tracked THEN 1 ELSE 0 END), 0)";

/// Returns the units of the variants of these products.
pub async fn stocks_of(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<(ProductId, StockSummary)>, DbErr> {
    let rows: Vec<(ProductId, i64, i32)> = Entity::find()
        .select_only()
        .column(Column::ProductId)
        .expr_as(Expr::cust(format!("CAST({UNITS} AS bigint)")), "units")
        .expr_as(Expr::cust(HAS_UNCOUNTED), "has_uncounted")
        .inner_join(level::Entity)
        .filter(Column::ProductId.is_in(products.iter().copied()))
        .group_by(Column::ProductId)
        .into_tuple()
        .all(db)
        .await?;
    let rows = rows.into_iter();
    let summary = |(product, units, uncounted)| {
        let has_uncounted = uncounted > 0;
        (
            product,
            StockSummary {
                units,
                has_uncounted,
            },
        )
    };
    Ok(rows.map(summary).collect())
}

/// Returns the stock levels of these products, locked against changes until the transaction ends. Locks in a fixed
/// order to avoid deadlocks.
pub async fn lock_levels(
    db: &impl ConnectionTrait,
    products: &[ProductId],
) -> Result<Vec<level::Model>, DbErr> {
    level::Entity::find()
        .filter(level::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(level::Column::VariantId)
        .lock_exclusive()
        .all(db)
        .await
}

/// Returns the stock level of a variant, locked against changes until the transaction ends.
pub async fn lock_level(
    db: &impl ConnectionTrait,
    variant: VariantId,
) -> Result<Option<level::Model>, DbErr> {
    level::Entity::find_by_id(variant)
        .lock_exclusive()
        .one(db)
        .await
}

/// Returns the variants whose stock is at or below their own threshold, lowest stock first.
pub async fn find_low(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<StockedVariant>, DbErr> {
    let column = |column| Expr::col((level::Entity, column));
    let stock = || column(level::Column::OnHand).sub(column(level::Column::Reserved));
    let threshold = Expr::col((Entity, Column::LowStockAt));
    let select = Entity::find()
        .filter(Column::LowStockAt.is_not_null())
        .filter(Column::Tracked.eq(true))
        .filter(stock().lte(threshold))
        .order_by_asc(stock())
        .order_by_asc(Column::Id)
        .limit(limit);
    with_levels(db, select).await
}

/// Returns the newest movements of a variant.
pub async fn movements_of(
    db: &impl ConnectionTrait,
    variant: VariantId,
    limit: u64,
) -> Result<Vec<movement::Model>, DbErr> {
    movement::Entity::find()
        .filter(movement::Column::VariantId.eq(variant))
        .order_by_desc(movement::Column::At)
        .order_by_desc(movement::Column::Id)
        .limit(limit)
        .all(db)
        .await
}
