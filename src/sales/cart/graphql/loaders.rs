//! Batched lookups of carts.

use std::collections::HashMap;

use async_graphql::Context;
use uuid::Uuid;

use super::Cart;
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::{Buyer, CartId};
use crate::graphql::dataloader::{ContextExt, Load, LoadContext};
use crate::graphql::node::NodeType;
use crate::sales::cart::service;

/// Key that loads the viewer's cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnCart(pub Buyer);

impl Load<OwnCart> for LoadContext {
    type Value = Cart;

    async fn load(&self, keys: &[OwnCart]) -> Result<HashMap<OwnCart, Self::Value>> {
        let mut found = HashMap::new();
        // A request has one viewer.
        for key in keys {
            if let Some(cart) = service::find(&self.state, key.0).await? {
                found.insert(*key, cart.into());
            }
        }
        Ok(found)
    }
}

impl NodeType for Cart {
    const PREFIX: &'static str = CartId::PREFIX;

    async fn load(ctx: &Context<'_>, id: Uuid) -> Result<Option<Self>> {
        // The id alone opens nothing: only the viewer's own cart is looked up.
        let Ok(buyer) = ctx.viewer().buyer() else {
            return Ok(None);
        };
        let own = ctx.load(OwnCart(buyer)).await?;
        Ok(own.filter(|cart| cart.0.cart.row.id.0 == id))
    }
}
