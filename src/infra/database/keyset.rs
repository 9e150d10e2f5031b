//! Keyset pagination: one page of a list in SQL.

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Order, SelectStatement, SimpleExpr};

use crate::core::pagination::{Key, Paging, RowPosition, SortDirection};
use crate::core::range::Range;

/// The limits of [`rounded_limit`]: one above common page sizes.
const LIMITS: [u64; 7] = [6, 13, 21, 25, 31, 51, 101];

/// Returns the number of rows to read for a statement whose limit is part of its text. Rounded up, so that there are
/// few statements to prepare.
pub fn rounded_limit(paging: &Paging) -> u64 {
    let rows = paging.rows_to_read();
    let limit = LIMITS.into_iter().find(|limit| *limit >= rows);
    limit.unwrap_or(rows)
}

/// Restricts `select` to the rows of one page, ordered by `key` and then by `id`. The row comparison `(key, id) > (?,
/// ?)` lets both databases start at the right position of an index over the two columns.
pub fn apply(
    select: &mut SelectStatement,
    key: impl IntoColumnRef + Copy,
    id: impl IntoColumnRef + Copy,
    direction: SortDirection,
    paging: &Paging,
) {
    apply_expr(select, &Expr::col(key), id, direction, paging);
}

/// Like [`apply`], ordered by an expression, which is never null.
pub fn apply_expr(
    select: &mut SelectStatement,
    key: &Expr,
    id: impl IntoColumnRef + Copy,
    direction: SortDirection,
    paging: &Paging,
) {
    let columns = || Expr::tuple([key.clone(), Expr::col(id)]);
    let ascending = direction == SortDirection::Asc;
    if let Some(cursor) = &paging.after {
        let cursor = values(cursor);
        select.and_where(if ascending {
            columns().gt(cursor)
        } else {
            columns().lt(cursor)
        });
    }
    if let Some(cursor) = &paging.before {
        let cursor = values(cursor);
        select.and_where(if ascending {
            columns().lt(cursor)
        } else {
            columns().gt(cursor)
        });
    }
    let reading = if paging.backward {
        direction.reversed()
    } else {
        direction
    };
    let order = match reading {
        SortDirection::Asc => Order::Asc,
        SortDirection::Desc => Order::Desc,
    };
    select
        .order_by_expr(key.clone(), order.clone())
        .order_by(id, order)
        .limit(paging.rows_to_read());
}

/// Keeps the tighter of a range and a cursor that bound the same column from the same side. With both, SQLite may
/// enter the index at either of them, possibly far before the page. `number` converts a bound of the range to the
/// form that cursors have.
pub fn drop_redundant_bound<T>(
    range: &mut Range<T>,
    paging: &mut Paging,
    direction: SortDirection,
    number: impl Fn(&T) -> i64,
) {
    let (low, high) = match direction {
        SortDirection::Asc => (&mut paging.after, &mut paging.before),
        SortDirection::Desc => (&mut paging.before, &mut paging.after),
    };
    drop_implied(&mut range.gte, low, |end, key| key >= number(end));
    drop_implied(&mut range.lte, high, |end, key| key <= number(end));
}

/// Clears one of a bound and a cursor: the one that the other implies.
fn drop_implied<T>(
    end: &mut Option<T>,
    cursor: &mut Option<RowPosition>,
    cursor_implies: impl Fn(&T, i64) -> bool,
) {
    let (
        Some(bound),
        Some(RowPosition {
            key: Key::Int(key), ..
        }),
    ) = (&end, &cursor)
    else {
        return;
    };
    if cursor_implies(bound, *key) {
        *end = None;
    } else {
        *cursor = None;
    }
}

fn values(cursor: &RowPosition) -> SimpleExpr {
    let key = match &cursor.key {
        Key::Int(number) => Expr::val(*number),
        Key::Text(text) => Expr::val(text.as_str()),
    };
    Expr::tuple([key, Expr::val(cursor.id)])
}
