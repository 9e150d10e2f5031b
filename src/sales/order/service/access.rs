//! Who may see an order: its user, the holder of its token, and admins.

use crate::core::error::Result;
use crate::core::secret::Secret;
use crate::core::viewer::Viewer;
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository;
use crate::sales::order::token::OrderToken;
use crate::state::State;

/// Finds an order that the viewer may see.
pub async fn find_for(
    state: &State,
    viewer: Viewer,
    id: OrderId,
    token: Option<&Secret>,
) -> Result<Option<Model>> {
    let found = repository::find(state.db.reader(), id).await?;
    Ok(found.filter(|order| can_see(state, viewer, order, token)))
}

/// Returns whether the viewer may see an order.
pub fn can_see(state: &State, viewer: Viewer, order: &Model, token: Option<&Secret>) -> bool {
    let is_of_viewer = match viewer {
        Viewer::Admin(_) => true,
        _ => order.user_id.is_some_and(|user| viewer.may_see_user(user)),
    };
    is_of_viewer || token.is_some_and(|token| OrderToken::matches(&state.keys, order, token))
}
