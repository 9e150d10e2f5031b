//! Guards of the API's fields: which viewers may select them.

use async_graphql::{Context, Enum, Guard, TypeDirective};

use crate::core::error::Result;
use crate::core::viewer::Viewer;
use crate::graphql::dataloader::ContextExt;

/// Who may ask for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Access {
    /// Anybody, signed in or not.
    Anyone,
    /// Whoever is signed in, customers and admins.
    Customer,
    /// Admins.
    Admin,
}

impl Access {
    /// Refuses a viewer who has not what this requires.
    pub fn check(self, viewer: Viewer) -> Result<()> {
        match self {
            Self::Anyone => Ok(()),
            Self::Customer => viewer.signed_in().map(drop),
            Self::Admin => viewer.admin().map(drop),
        }
    }
}

/// Who may ask for the field. Others get `UNAUTHENTICATED` when they are not signed in, and `FORBIDDEN` when they are.
#[TypeDirective(location = "FieldDefinition")]
pub fn auth(requires: Access) {}

/// The guard behind [`auth`]: both stand at each field that not everybody may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Requires(pub Access);

impl Guard for Requires {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Ok(self.0.check(ctx.viewer())?)
    }
}
