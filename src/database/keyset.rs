//! One page of a list in SQL: where it starts, how it is ordered, where it ends.

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Order, SelectStatement, SimpleExpr};

use crate::pagination::{Key, Paging, Place, SortDirection};

/// Restricts `select` to the rows of one page, ordered by `key` and then by `id`. The row comparison
/// `(key, id) > (?, ?)` is what lets both databases enter an index over the two at the right place.
pub fn apply(
    select: &mut SelectStatement,
    key: impl IntoColumnRef + Copy,
    id: impl IntoColumnRef + Copy,
    direction: SortDirection,
    paging: &Paging,
) {
    let columns = || Expr::tuple([Expr::col(key), Expr::col(id)]);
    let ascending = direction == SortDirection::Asc;
    if let Some(place) = &paging.after {
        let place = values(place);
        select.and_where(if ascending {
            columns().gt(place)
        } else {
            columns().lt(place)
        });
    }
    if let Some(place) = &paging.before {
        let place = values(place);
        select.and_where(if ascending {
            columns().lt(place)
        } else {
            columns().gt(place)
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
        .order_by(key, order.clone())
        .order_by(id, order)
        .limit(paging.rows_to_read());
}

fn values(place: &Place) -> SimpleExpr {
    let key = match &place.key {
        Key::Int(number) => Expr::val(*number),
        Key::Text(text) => Expr::val(text.as_str()),
    };
    Expr::tuple([key, Expr::val(place.id)])
}
