//! Creating carts.

use super::contents::Cart;
use super::draft::{self, Draft};
use super::lines::{self, LineInput};
use crate::core::client_info::Client;
use crate::core::error::Result;
use crate::core::secret::Secret;
use crate::core::viewer::Viewer;
use crate::platform::rate_limit;
use crate::platform::rate_limit::service::Limit;
use crate::sales::cart::token::CartToken;
use crate::state::State;

/// Creates a cart with these lines, and returns it with its token. A signed-in user gets the own cart, with the lines
/// added, and no token.
pub async fn create(
    state: &State,
    client: &Client,
    viewer: Viewer,
    lines: Vec<LineInput>,
) -> Result<(Cart, Option<Secret>)> {
    let lines = lines::check(lines)?;
    let limit = Limit::new(
        "carts",
        &client.network(),
        state.config.carts.limit_carts_client,
    );
    let transaction = rate_limit::service::begin(state, &[limit]).await?;
    let (mut draft, token) = if let Ok(caller) = viewer.signed_in() {
        let buyer = caller.into();
        (Draft::lock(&transaction, state, buyer).await?, None)
    } else {
        let token = CartToken::generate();
        let row = draft::new_row(state, None, Some(token.hash(&state.keys)));
        draft::insert(&transaction, row.clone()).await?;
        let draft = Draft::load(&transaction, row).await?;
        (draft, Some(token.encode()))
    };
    lines::add(&transaction, &mut draft.cart, lines, state.clock.now()).await?;
    let cart = draft.save(&transaction, state).await?;
    transaction.commit().await?;
    Ok((cart, token))
}
