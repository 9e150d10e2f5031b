//! The variant, the stock level and the first price of each existing product.

use sea_orm::Statement;
use sea_orm::prelude::Uuid;

use crate::prelude::*;
use crate::progress::Progress;

/// Products per step, each of which is logged.
const STEP: u64 = 50_000;

/// The default is TRUE, so that only these rows are written.
const OUT_OF_STOCK: &str = "UPDATE products SET in_stock = FALSE WHERE stock = 0";

/// What each product gets. The first movement and the first price have the ID of the product.
const INSERTS: [&str; 4] = [
    "INSERT INTO variants (id, product_id, position, sku, price, requires_shipping, tracked, active, combination,
        version, created_at, updated_at)
     SELECT id, id, 0, sku, price, TRUE, TRUE, TRUE, '', 1, created_at, updated_at FROM products WHERE",
    "INSERT INTO stock_levels (variant_id, product_id, on_hand, reserved, backorder_limit)
     SELECT id, id, stock, 0, 0 FROM products WHERE",
    "INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, at)
     SELECT id, id, 'COUNTED', stock, 0, updated_at FROM products WHERE stock > 0 AND",
    "INSERT INTO price_history (id, variant_id, since, price) SELECT id, id, updated_at, price FROM products WHERE",
];

pub(super) async fn run(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(OUT_OF_STOCK).await?;
    let mut progress = Progress::new("creating variants", count(manager).await?);
    let mut last = None;
    loop {
        let end = end_of_step(manager, last).await?;
        let mut bounds = Vec::new();
        let mut values = Vec::new();
        for (operator, bound) in [(">", last), ("<=", end)] {
            if let Some(bound) = bound {
                values.push(bound.into());
                bounds.push(format!("id {operator} ${}", values.len()));
            }
        }
        bounds.push("TRUE".to_owned());
        let bounds = bounds.join(" AND ");
        let mut created = 0;
        for insert in INSERTS {
            let sql = format!("{insert} {bounds}");
            let backend = manager.get_database_backend();
            let insert = Statement::from_sql_and_values(backend, sql, values.clone());
            created = Ord::max(created, db.execute_raw(insert).await?.rows_affected());
        }
        progress.add(created);
        if end.is_none() {
            return Ok(());
        }
        last = end;
    }
}

async fn count(manager: &SchemaManager<'_>) -> Result<u64, DbErr> {
    let count = Query::select()
        .expr_as(Func::count(Expr::col(Asterisk)), "total")
        .from("products")
        .take();
    let row = manager.get_connection().query_one(&count).await?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total"))?;
    Ok(total.unsigned_abs())
}

/// Returns the ID of the last product of a step. `None` for the last step.
async fn end_of_step(
    manager: &SchemaManager<'_>,
    last: Option<Uuid>,
) -> Result<Option<Uuid>, DbErr> {
    let mut end = Query::select();
    end.column("id")
        .from("products")
        .order_by("id", Order::Asc)
        .limit(1)
        .offset(STEP - 1);
    if let Some(last) = last {
        end.and_where(Expr::col("id").gt(last));
    }
    let row = manager.get_connection().query_one(&end).await?;
    row.map(|row| row.try_get("", "id")).transpose()
}
