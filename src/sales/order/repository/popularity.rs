//! Units ordered of each product.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use sea_orm::{ConnectionTrait, DbErr};

use crate::catalog::product::ProductId;
use crate::core::clock::Timestamp;
use crate::sales::order::entity::{Column, Entity, Status, line};

/// Returns the units of each product in orders confirmed since a time, without canceled units.
pub async fn units_since(
    db: &impl ConnectionTrait,
    since: Timestamp,
) -> Result<HashMap<ProductId, i64>, DbErr> {
    const UNITS: &str = "units";
    let of_line = |column| Expr::col((line::Entity, column));
    let units = of_line(line::Column::Quantity).sub(of_line(line::Column::Canceled));
    let units = Expr::expr(Func::sum(units)).cast_as("bigint");
    let is_order = of_line(line::Column::OrderId).equals((Entity, Column::Id));
    let query = Query::select()
        .column((line::Entity, line::Column::ProductId))
        .expr_as(units, UNITS)
        .from(Entity)
        .inner_join(line::Entity, is_order)
        .and_where(Expr::col((Entity, Column::Status)).eq(Status::Confirmed))
        .and_where(Expr::col((Entity, Column::ConfirmedAt)).gte(since))
        .add_group_by([of_line(line::Column::ProductId)])
        .take();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "product_id")?, row.try_get("", UNITS)?)))
        .collect()
}
