//! Lists of orders.

use crate::core::error::Result;
use crate::core::pagination::{Page, Total};
use crate::core::viewer::Viewer;
use crate::infra::database::Database;
use crate::sales::order::entity::{FulfillmentStatus, Model, PaymentStatus, Status};
use crate::sales::order::list::{Filter, List};
use crate::sales::order::repository::list::{self as repository, StatusGroup};

/// Lists one page of orders. Users may list their own, admins all.
pub async fn list(db: &Database, viewer: Viewer, list: &List) -> Result<Page<Model>> {
    check_scope(viewer, &list.filter)?;
    let rows = repository::list(db.reader(), list).await?;
    Ok(list.paging.page(rows))
}

/// Counts the orders that match the filter.
pub async fn count(db: &Database, viewer: Viewer, filter: &Filter) -> Result<Total> {
    check_scope(viewer, filter)?;
    Ok(repository::count(db.reader(), filter).await?)
}

/// The number of orders by each status. A list ignores the condition of the filter on its own status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub status: Vec<(Status, i64)>,
    pub payment_status: Vec<(PaymentStatus, i64)>,
    pub fulfillment_status: Vec<(FulfillmentStatus, i64)>,
}

/// Counts the orders that match the filter by their statuses, in one statement.
pub async fn facets(db: &Database, viewer: Viewer, filter: &Filter) -> Result<Facets> {
    check_scope(viewer, filter)?;
    let groups = repository::statuses(db.reader(), &filter.without_statuses()).await?;
    let status = |group: &StatusGroup| is_among(filter.status.as_ref(), group.status);
    let payment =
        |group: &StatusGroup| is_among(filter.payment_status.as_ref(), group.payment_status);
    let fulfillment = |group: &StatusGroup| {
        is_among(filter.fulfillment_status.as_ref(), group.fulfillment_status)
    };
    let mut facets = Facets::default();
    for group in &groups {
        if payment(group) && fulfillment(group) {
            add(&mut facets.status, group.status, group.orders);
        }
        if status(group) && fulfillment(group) {
            add(
                &mut facets.payment_status,
                group.payment_status,
                group.orders,
            );
        }
        if status(group) && payment(group) {
            let counts = &mut facets.fulfillment_status;
            add(counts, group.fulfillment_status, group.orders);
        }
    }
    facets
        .status
        .sort_unstable_by_key(|(status, _)| *status as u8);
    facets
        .payment_status
        .sort_unstable_by_key(|(status, _)| *status as u8);
    facets
        .fulfillment_status
        .sort_unstable_by_key(|(status, _)| *status as u8);
    Ok(facets)
}

fn check_scope(viewer: Viewer, filter: &Filter) -> Result<()> {
    match filter.user {
        Some(user) if viewer.may_see_user(user) => Ok(()),
        _ => viewer.admin().map(drop),
    }
}

fn is_among<T: PartialEq + Copy>(wanted: Option<&Vec<T>>, value: T) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(&value))
}

fn add<T: PartialEq>(counts: &mut Vec<(T, i64)>, value: T, orders: i64) {
    match counts.iter_mut().find(|(known, _)| *known == value) {
        Some((_, sum)) => *sum += orders,
        None => counts.push((value, orders)),
    }
}
