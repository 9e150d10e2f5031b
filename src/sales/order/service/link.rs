//! Sending the link to an order by email.

use super::OrderEmail;
use super::emails::queue;
use crate::accounts::auth::service::with_min_duration;
use crate::config::Rate;
use crate::core::client_info::Client;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::platform::rate_limit::service::{self as rate_limit, Limit};
use crate::sales::order::repository::emails as repository;
use crate::state::State;

/// Sends the link to the order of this number, if this is its email address. The response does not disclose whether it is.
pub async fn send_link(state: &State, client: &Client, number: i32, email: &str) -> Result<()> {
    with_min_duration(send(state, client, number, email)).await
}

async fn send(state: &State, client: &Client, number: i32, email: &str) -> Result<()> {
    let mut validator = Validator::default();
    let email = validator.check("email", EmailAddress::parse(email));
    let Some(email) = email else {
        return Err(validator.refusal());
    };
    if state.config.orders.order_link_url.is_none() {
        let message = "The shop has no page for orders.";
        return Err(UserError::new(UserErrorCode::NotConfigured, None, message).into());
    }
    let limits = limits(state, client, &email.key);
    let transaction = rate_limit::begin(state, &limits).await?;
    let order = repository::find_by_number(&transaction, number.into()).await?;
    let order = order.filter(|order| order.email_key == email.key);
    let order = order.map(|order| order.id);
    queue(&transaction, state, order, OrderEmail::Link).await?;
    Ok(transaction.commit().await?)
}

/// The requests of one client; those of one client for one address, with their minimum interval; all for one address.
fn limits(state: &State, client: &Client, email_key: &str) -> [Limit; 4] {
    let accounts = &state.config.accounts;
    let min_interval = Rate {
        burst: 1,
        period: accounts.code_resend_after,
    };
    let network = client.network();
    let both = format!("{network} {email_key}");
    [
        Limit::new("order-links", &network, accounts.limit_codes_client),
        Limit::new("order-link-gap", &both, min_interval),
        Limit::new("order-link", &both, accounts.limit_codes_address),
        Limit::new("order-link-all", email_key, accounts.limit_letters_address),
    ]
}
