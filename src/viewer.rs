//! Who asks, and what that lets them see.

use crate::error::{Error, Result};

/// Who a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody is signed in.
    #[default]
    Anonymous,
    /// A customer of the shop.
    Customer,
    /// Somebody who runs the shop.
    Admin,
}

/// Which part of the catalogue is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Active products of published categories.
    Public,
    /// Everything.
    Staff,
}

/// The proof that an admin asks. Only [`Viewer::admin`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Admin(());

impl Viewer {
    /// The proof that this is an admin, or the refusal.
    pub const fn admin(self) -> Result<Admin> {
        match self {
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Customer => Err(Error::Forbidden),
            Self::Admin => Ok(Admin(())),
        }
    }

    /// What this viewer may see of the catalogue.
    pub const fn audience(self) -> Audience {
        match self {
            Self::Anonymous | Self::Customer => Audience::Public,
            Self::Admin => Audience::Staff,
        }
    }
}
