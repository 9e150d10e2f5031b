//! Lists of orders, and the counts of their statuses.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QuerySelect, QueryTrait, Select,
};

use crate::core::pagination::{Key, SortDirection, Total};
use crate::infra::database::{count as counting, keyset};
use crate::sales::order::entity::{
    Column, Entity, FulfillmentStatus, Model, PaymentStatus, Status,
};
use crate::sales::order::list::{Filter, List, Search, SortField};

/// Returns the rows of one page and one row more.
pub async fn list(db: &impl ConnectionTrait, list: &List) -> Result<Vec<Model>, DbErr> {
    let (mut filter, mut paging) = (list.filter.clone(), list.paging.clone());
    let direction = list.sort.direction;
    match list.sort.field {
        SortField::PlacedAt => {
            let range = &mut filter.placed_at;
            keyset::drop_redundant_bound(range, &mut paging, direction, |time| time.0);
        }
        SortField::Total => {
            let range = &mut filter.total;
            keyset::drop_redundant_bound(range, &mut paging, direction, |total| *total);
        }
        SortField::Number => {}
    }
    let key = match list.sort.field {
        SortField::PlacedAt => Expr::col((Entity, Column::PlacedAt)),
        SortField::Total => Expr::col((Entity, Column::Total)),
        // As in the index `orders_number_idx`.
        SortField::Number => Expr::cust("COALESCE(number, 0)"),
    };
    let mut select = filtered(&filter);
    if list.sort.field == SortField::Number {
        select = select.filter(number_bounds(&key, list));
    }
    let query = QuerySelect::query(&mut select);
    keyset::apply_expr(query, &key, (Entity, Column::Id), direction, &paging);
    select.all(db).await
}

/// Returns what the cursors imply of the number alone. SQLite enters the index of an expression by it, not by a comparison
/// of rows.
fn number_bounds(key: &Expr, list: &List) -> Condition {
    let (low, high) = match list.sort.direction {
        SortDirection::Asc => (&list.paging.after, &list.paging.before),
        SortDirection::Desc => (&list.paging.before, &list.paging.after),
    };
    let mut all = Condition::all();
    if let Some(Key::Int(number)) = low.as_ref().map(|cursor| &cursor.key) {
        all = all.add(key.clone().gte(*number));
    }
    if let Some(Key::Int(number)) = high.as_ref().map(|cursor| &cursor.key) {
        all = all.add(key.clone().lte(*number));
    }
    all
}

/// Counts the orders that match the filter.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<Total, DbErr> {
    counting::total(db, filtered(filter).into_query()).await
}

/// The number of orders with these statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct StatusGroup {
    pub status: Status,
    pub payment_status: PaymentStatus,
    pub fulfillment_status: FulfillmentStatus,
    pub orders: i64,
}

/// Counts the orders that match the filter by their statuses.
pub async fn statuses(
    db: &impl ConnectionTrait,
    filter: &Filter,
) -> Result<Vec<StatusGroup>, DbErr> {
    let columns = [
        Column::Status,
        Column::PaymentStatus,
        Column::FulfillmentStatus,
    ];
    let mut select = filtered(filter).select_only();
    for column in columns {
        select = select.column(column).group_by(column);
    }
    select
        .expr_as(Func::count(Expr::col(Asterisk)), "orders")
        .into_model()
        .all(db)
        .await
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut all = Condition::all();
    if let Some(statuses) = &filter.status {
        all = all.add(Column::Status.is_in(statuses.iter().copied()));
    }
    if let Some(statuses) = &filter.payment_status {
        all = all.add(Column::PaymentStatus.is_in(statuses.iter().copied()));
    }
    if let Some(statuses) = &filter.fulfillment_status {
        all = all.add(Column::FulfillmentStatus.is_in(statuses.iter().copied()));
    }
    if let Some(gte) = filter.placed_at.gte {
        all = all.add(Column::PlacedAt.gte(gte));
    }
    if let Some(lte) = filter.placed_at.lte {
        all = all.add(Column::PlacedAt.lte(lte));
    }
    if let Some(gte) = filter.total.gte {
        all = all.add(Column::Total.gte(gte));
    }
    if let Some(lte) = filter.total.lte {
        all = all.add(Column::Total.lte(lte));
    }
    if let Some(country) = &filter.country {
        all = all.add(Column::Country.eq(country.code()));
    }
    if let Some(user) = filter.user {
        all = all.add(Column::UserId.eq(user));
    }
    if let Some(key) = &filter.email_key {
        all = all.add(Column::EmailKey.eq(key.as_str()));
    }
    if let Some(search) = &filter.search {
        all = all.add(matching(search));
    }
    Entity::find().filter(all)
}

fn matching(search: &Search) -> Condition {
    match search {
        Search::Number(number) => Condition::all().add(Column::Number.eq(*number)),
        // Not LIKE, which does not use the index if its pattern is a parameter.
        Search::Email(prefix) => Condition::all()
            .add(Column::EmailKey.gte(prefix.as_str()))
            .add(Column::EmailKey.lt(format!("{prefix}{}", char::MAX))),
        Search::Name(prefix) => Condition::any()
            .add(like(Column::NameKey, prefix, ""))
            .add(like(Column::NameKey, prefix, "% ")),
    }
}

/// Returns a condition for a text that begins with `prefix` after `before`. Both databases compare case-sensitively; keys
/// are in lower case.
fn like(column: Column, prefix: &str, before: &str) -> Expr {
    let escaped = prefix
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    let pattern = LikeExpr::new(format!("{before}{escaped}%")).escape('\\');
    Expr::col((Entity, column)).like(pattern)
}
