//! Timelines of orders.

use std::collections::HashMap;

use serde_json::Value;

use crate::core::error::{Error, Result};
use crate::core::pagination::{Page, Total};
use crate::infra::database::Database;
use crate::sales::order::entity::event::Model;
use crate::sales::order::list::{Timeline, TimelineFilter};
use crate::sales::order::repository::events as repository;

/// Returns pages of timelines. The caller must have checked that the viewer may see the orders.
pub async fn timelines(db: &Database, pages: &[Timeline]) -> Result<Vec<Page<Model>>> {
    let found = repository::timelines(db.reader(), pages).await?;
    let pages = pages.iter().zip(found);
    Ok(pages.map(|(list, rows)| list.paging.page(rows)).collect())
}

/// Counts the events of timelines.
pub async fn count_events(
    db: &Database,
    filters: &[TimelineFilter],
) -> Result<HashMap<TimelineFilter, Total>> {
    let mut totals = HashMap::new();
    for only_public in [false, true] {
        let filters = filters.iter().filter(|one| one.only_public == only_public);
        let orders: Vec<_> = filters.map(|filter| filter.order).collect();
        if orders.is_empty() {
            continue;
        }
        for (order, count) in repository::count(db.reader(), &orders, only_public).await? {
            let filter = TimelineFilter { order, only_public };
            totals.insert(filter, Total::of(count));
        }
    }
    Ok(totals)
}

/// Returns what is specific to the kind of an event.
pub fn data(event: &Model) -> Value {
    serde_json::from_str(&event.data).unwrap_or_else(|error| {
        Error::internal(error).log("invalid data of an event of an order");
        Value::Null
    })
}
