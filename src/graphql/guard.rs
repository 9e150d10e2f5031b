//! Guards of fields: the viewers that may select them.

use async_graphql::{Context, Enum, Guard, TypeDirective};

use crate::core::error::Result;
use crate::core::viewer::Viewer;
use crate::graphql::dataloader::ContextExt;

/// The viewers that may select a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Access {
    /// All clients, signed in or not.
    Anyone,
    /// Signed-in users: customers and admins.
    Customer,
    /// Admins only.
    Admin,
}

impl Access {
    /// Returns an error if the viewer lacks this access.
    pub fn check(self, viewer: Viewer) -> Result<()> {
        match self {
            Self::Anyone => Ok(()),
            Self::Customer => viewer.signed_in().map(drop),
            Self::Admin => viewer.admin().map(drop),
        }
    }
}

/// The access that the field requires. Without it the field fails with `UNAUTHENTICATED` if the client is not signed
/// in, and with `FORBIDDEN` if it is.
#[TypeDirective(location = "FieldDefinition")]
pub fn auth(requires: Access) {}

/// The guard that enforces [`auth`]. Restricted fields have both.
#[derive(Clone, Copy, Debug)]
pub struct Requires(pub Access);

impl Guard for Requires {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Ok(self.0.check(ctx.viewer())?)
    }
}
