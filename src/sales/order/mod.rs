//! Orders: from the cart to the refund.
//!
//! `placeOrder` copies the cart into an order and reserves the stock before anything is paid. The payment is made for that
//! order, whose total never changes. The order gets its number when it is confirmed.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod own_list;
pub mod repository;
pub mod service;
pub mod token;

use std::time::Duration;

use crate::platform::jobs::Registry;
use crate::sales::payment::service::{due_condition as payment_due, read_stripe_events};

/// Registers the emails, the worker that asks the providers of payments, and the clean-ups.
pub fn register(registry: &mut Registry) {
    registry
        .job::<service::SendOrderEmail>()
        .poll(
            "payments",
            |state| payment_due(state.clock.now()),
            async |state| service::ask_providers(&state).await,
        )
        .clean_up("stripe_events", Duration::from_mins(1), async |state| {
            read_stripe_events(&state).await
        })
        .clean_up("orders", Duration::from_secs(20), async |state| {
            service::expire_due(&state).await
        })
        .clean_up("popularity", service::popularity::INTERVAL, async |state| {
            service::popularity::refresh_popularity(&state).await
        })
        .clean_up(
            "order_personal_data",
            Duration::from_hours(24),
            async |state| service::erase_expired(&state).await,
        );
}
