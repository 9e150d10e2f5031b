//! Stripe's events: what happens to payments at Stripe, such as refunds and disputes in its dashboard.
//!
//! An event only makes its payment due: the worker looks the payment up then. So repeated, late and reordered events change
//! nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::provider;
use crate::core::error::{Error, Result};
use crate::infra::database::lease::Lease;
use crate::infra::stripe::Event;
use crate::sales::payment::entity::stripe_events::Model;
use crate::sales::payment::repository::stripe_events as repository;
use crate::state::State;

/// The duration of the lease of the server that reads. Longer than a round takes.
const LEASE: Duration = Duration::from_mins(2);
/// The maximum number of pages of a round.
const MAX_PAGES: usize = 10;

/// Reads the new events. Each server calls this at an interval; one at a time has the lease.
///
/// Each event is read in two rounds, because Stripe may list one after later ones, and a payment may have been looked up just
/// before.
pub async fn read_stripe_events(state: &State) -> Result<()> {
    if state.stripe.is_none() {
        return Ok(());
    }
    let lease = Lease::new("stripe_events");
    let transaction = state.db.begin().await?;
    let is_held = lease.hold(&transaction, state.clock.now(), LEASE).await?;
    transaction.commit().await?;
    if !is_held {
        return Ok(());
    }
    let read = read(state).await;
    let transaction = state.db.begin().await?;
    lease.release(&transaction).await?;
    transaction.commit().await?;
    match read {
        // Logged where it happened.
        Err(Error::Unreachable(_)) => Ok(()),
        read => read,
    }
}

async fn read(state: &State) -> Result<()> {
    let stored = repository::find(state.db.reader()).await?;
    let mut after = stored.as_ref().map(|stored| stored.previous.clone());
    let mut intents = BTreeSet::new();
    let mut has_more = true;
    for _ in 0..MAX_PAGES {
        let Some(page) = provider::stripe_events(state, after.as_deref()).await? else {
            return start_over(state).await;
        };
        // Without a position the first page is the newest one.
        has_more = page.has_more && after.is_some();
        after = page.data.first().map(|event| event.id.clone()).or(after);
        intents.extend(page.data.into_iter().filter_map(Event::intent));
        if !has_more {
            break;
        }
    }
    let Some(newest) = after else {
        return Ok(());
    };
    let previous = match stored {
        Some(stored) if !has_more => stored.newest,
        _ => newest.clone(),
    };
    let intents: Vec<_> = intents.into_iter().collect();
    let position = Model {
        id: 1,
        previous,
        newest,
    };
    let transaction = state.db.begin().await?;
    let count = repository::set_due(&transaction, &intents, state.clock.now()).await?;
    repository::store(&transaction, position).await?;
    transaction.commit().await?;
    if count > 0 {
        tracing::debug!(payments = count, "payments changed at Stripe");
    }
    Ok(())
}

/// Forgets a position that Stripe does not know: it is older than 30 days, or of another account.
async fn start_over(state: &State) -> Result<()> {
    tracing::warn!("the last event is unknown to Stripe; the newest events are read");
    let transaction = state.db.begin().await?;
    repository::delete(&transaction).await?;
    Ok(transaction.commit().await?)
}
