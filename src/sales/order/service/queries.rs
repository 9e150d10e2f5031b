//! Reading orders.

use std::collections::HashMap;
use std::hash::Hash;

use crate::core::error::Result;
use crate::core::pagination::{Page, Total};
use crate::core::secret::Secret;
use crate::core::viewer::{CartId, Viewer};
use crate::infra::database::Database;
use crate::sales::cart::token::CartToken;
use crate::sales::order::entity::{Model, OrderId, detail, line};
use crate::sales::order::own_list::{OrdersOf, OwnList};
use crate::sales::order::repository;
use crate::state::State;

/// Returns the orders of `ids`. The caller checks whether the viewer may see them.
pub async fn find_many(db: &Database, ids: &[OrderId]) -> Result<HashMap<OrderId, Model>> {
    let found = repository::find_many(db.reader(), ids).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns the lines of orders, in their order.
pub async fn lines_of(
    db: &Database,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<line::Model>>> {
    let found = repository::lines_of_orders(db.reader(), orders).await?;
    Ok(grouped(found, |line| line.order_id))
}

/// Returns the taxes of orders, in their order.
pub async fn taxes_of(
    db: &Database,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<detail::tax::Model>>> {
    let found = repository::taxes_of(db.reader(), orders).await?;
    Ok(grouped(found, |tax| tax.order_id))
}

/// Returns the discounts of orders, in their order.
pub async fn discounts_of(
    db: &Database,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Vec<detail::discount::Model>>> {
    let found = repository::discounts_of(db.reader(), orders).await?;
    Ok(grouped(found, |discount| discount.order_id))
}

/// Lists one page of the orders of a user. Empty if the viewer may not see the user.
pub async fn list_own(db: &Database, viewer: Viewer, list: &OwnList) -> Result<Page<Model>> {
    if !viewer.may_see_user(list.filter.0) {
        return Ok(list.paging.page(Vec::new()));
    }
    let rows = repository::list_own(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the orders of a user.
pub async fn count_own(db: &Database, viewer: Viewer, of: OrdersOf) -> Result<Total> {
    if !viewer.may_see_user(of.0) {
        return Ok(Total::default());
    }
    Ok(repository::count_own(db.reader(), of.0).await?)
}

/// Returns the cart with this token if it is gone because its order was confirmed.
pub async fn ordered_cart(state: &State, token: &Secret) -> Result<Option<CartId>> {
    let Some(token) = CartToken::parse(token) else {
        return Ok(None);
    };
    let hashes = token.hashes(&state.keys);
    Ok(repository::ordered_cart(state.db.reader(), hashes).await?)
}

fn grouped<K: Eq + Hash, V>(rows: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    let mut found: HashMap<K, Vec<V>> = HashMap::new();
    for row in rows {
        found.entry(key(&row)).or_default().push(row);
    }
    found
}
