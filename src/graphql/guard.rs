//! Guards of fields: the viewers that may select them.

use async_graphql::registry::MetaField;
use async_graphql::{Enum, TypeDirective};

use crate::core::error::Result;
use crate::core::viewer::Viewer;

/// The viewers that may select a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Access {
    /// All clients, signed in or not.
    Anyone,
    /// Signed-in users, and clients with the token of a cart.
    Buyer,
    /// Signed-in users: customers and admins.
    Customer,
    /// Admins only.
    Admin,
}

impl Access {
    /// Returns the access that the `@auth` directive of a field requires.
    pub fn of(field: &MetaField) -> Self {
        let mut directives = field.directive_invocations.iter();
        let rule = directives.find(|directive| directive.name == "auth");
        let requires = rule.and_then(|rule| rule.args.get("requires"));
        match requires.map(ToString::to_string).as_deref() {
            None | Some("ANYONE") => Self::Anyone,
            Some("BUYER") => Self::Buyer,
            Some("CUSTOMER") => Self::Customer,
            Some(_) => Self::Admin,
        }
    }

    /// Returns an error if the viewer may not select the field.
    pub fn check(self, viewer: Viewer) -> Result<()> {
        match self {
            Self::Anyone => Ok(()),
            Self::Buyer => viewer.buyer().map(drop),
            Self::Customer => viewer.signed_in().map(drop),
            Self::Admin => viewer.admin().map(drop),
        }
    }
}

/// The access that the field requires. Without it the field fails with `UNAUTHENTICATED` if the client is not signed
/// in (`BUYER`: and has no valid cart token), and with `FORBIDDEN` if it is.
#[TypeDirective(location = "FieldDefinition")]
pub fn auth(requires: Access) {}
