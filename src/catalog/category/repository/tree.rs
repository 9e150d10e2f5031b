//! Queries that change the tree. The caller must hold the tree lock.

use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use crate::catalog::category::entity::{CategoryId, Column, Entity, PATH_STEP};
use crate::infra::database::{Catalog, Transaction};

/// Counts the children of `parent`, or the roots.
pub async fn count_below(
    db: &impl ConnectionTrait,
    parent: Option<CategoryId>,
) -> Result<u64, DbErr> {
    Entity::find().filter(below(parent)).count(db).await
}

/// Returns the highest position among the children of `parent`, or among the roots.
pub async fn last_position(
    db: &impl ConnectionTrait,
    parent: Option<CategoryId>,
) -> Result<Option<i32>, DbErr> {
    let last = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(below(parent))
        .order_by_desc(Column::Position);
    last.into_tuple().one(db).await
}

/// Returns the maximum depth in the subtree of the category with this path.
pub async fn deepest_level(db: &impl ConnectionTrait, path: &str) -> Result<usize, DbErr> {
    let length = Func::char_length(Expr::col(Column::Path));
    let max_length: Option<Option<i32>> = Entity::find()
        .select_only()
        .expr(Expr::expr(length).max())
        .filter(Column::Path.gte(path))
        // `g` sorts after every hexadecimal digit.
        .filter(Column::Path.lt(format!("{path}g")))
        .into_tuple()
        .one(db)
        .await?;
    let max_length = max_length.flatten().unwrap_or_default();
    let levels = usize::try_from(max_length).unwrap_or_default() / usize::from(PATH_STEP);
    Ok(levels.saturating_sub(1))
}

/// Adds `by` to positions `from` to `to` among the children of `parent`, or among the roots. Returns the number of
/// rows changed.
pub async fn shift(
    transaction: &Transaction,
    parent: Option<CategoryId>,
    (from, to): (i32, i32),
    by: i32,
) -> Result<u64, DbErr> {
    let shifted = Entity::update_many()
        .col_expr(Column::Position, Expr::col(Column::Position).add(by))
        .filter(below(parent))
        .filter(Column::Position.between(from, to))
        .exec(transaction)
        .await?;
    if shifted.rows_affected > 0 {
        transaction.touch(Catalog::All);
    }
    Ok(shifted.rows_affected)
}

/// Recomputes `path` and `visible` from parents and positions, for this category and its descendants, or for the whole
/// tree. The values of its ancestors must be correct. Runs one statement, which writes only the rows that differ.
pub async fn recompute_paths(
    transaction: &Transaction,
    top: Option<CategoryId>,
) -> Result<(), DbErr> {
    transaction.touch(Catalog::All);
    let backend = transaction.get_database_backend();
    let position_sql = match backend {
        DbBackend::Postgres => "lpad(to_hex(child.position), 4, '0')",
        _ => "printf('%04x', child.position)",
    };
    let (is_top, values) = match top {
        Some(id) => ("child.id = $1", vec![id.into()]),
        None => ("child.parent_id IS NULL", vec![]),
    };
    let sql = format!(
        "WITH RECURSIVE tree (id, path, visible) AS (
            SELECT child.id, coalesce(parent.path, '') || {position_sql}, coalesce(parent.visible, true) AND child.published
            FROM categories child LEFT JOIN categories parent ON parent.id = child.parent_id
            WHERE {is_top}
        UNION ALL
            SELECT child.id, tree.path || {position_sql}, tree.visible AND child.published
            FROM tree JOIN categories child ON child.parent_id = tree.id
        )
        UPDATE categories SET path = tree.path, visible = tree.visible FROM tree
        WHERE categories.id = tree.id AND (categories.path <> tree.path OR categories.visible <> tree.visible)"
    );
    let update = Statement::from_sql_and_values(backend, sql, values);
    transaction.execute_raw(update).await?;
    Ok(())
}

fn below(parent: Option<CategoryId>) -> Expr {
    match parent {
        Some(parent) => Column::ParentId.eq(parent),
        None => Column::ParentId.is_null(),
    }
}
