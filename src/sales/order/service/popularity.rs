//! Tells the search of products how many units of each were ordered lately.

use std::time::Duration;

use crate::catalog::product;
use crate::core::error::Result;
use crate::infra::database::lease::Lease;
use crate::sales::order::repository;
use crate::state::State;

/// The period whose orders count.
const PERIOD: Duration = Duration::from_hours(30 * 24);
/// The interval at which one of the servers refreshes the popularity of products.
pub const INTERVAL: Duration = Duration::from_mins(5);
/// Shorter than the interval, so that a server that is called at each interval finds it expired.
const LEASE: Duration = Duration::from_mins(4);

/// Refreshes the popularity of products from the confirmed orders of the last 30 days. Each server calls this at an
/// interval; one of them does it.
pub async fn refresh_popularity(state: &State) -> Result<()> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let is_held = Lease::new("popularity")
        .hold(&transaction, now, LEASE)
        .await?;
    transaction.commit().await?;
    if !is_held {
        return Ok(());
    }
    let units = repository::units_since(state.db.reader(), now.before(PERIOD)).await?;
    let moved = product::service::refresh_popularity(state, &units).await?;
    if moved > 0 {
        tracing::info!(products = moved, "refreshed the popularity of products");
    }
    Ok(())
}
