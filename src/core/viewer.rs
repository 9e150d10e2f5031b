//! The viewer: the anonymous client, customer or admin that a request comes from, and its permissions.

use sea_orm::entity::prelude::*;

use crate::core::error::{Error, Result};

crate::typed_id!(
    /// The id of a user.
    UserId,
    "user",
    "user"
);

crate::typed_id!(
    /// The id of a session.
    SessionId,
    "sess",
    "session"
);

/// The role of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
pub enum Role {
    Customer,
    Admin,
}

impl Role {
    /// Returns the role as encoded in tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Admin => "ADMIN",
        }
    }
}

/// The origin of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Not signed in.
    #[default]
    Anonymous,
    /// A customer of the shop.
    Customer(Identity),
    /// A member of the shop's staff.
    Admin(Identity),
}

/// A user and its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    user: UserId,
    session: SessionId,
}

/// The visible part of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Active products of published categories.
    Public,
    /// Everything.
    Staff,
}

/// Proof that the viewer is signed in. Created only by [`Viewer::signed_in`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignedIn(Identity);

/// Proof that the viewer is an admin. Created only by [`Viewer::admin`].
#[derive(Clone, Copy, Debug)]
pub struct Admin(Identity);

impl Viewer {
    /// Creates the viewer of a session, which the caller must have looked up.
    pub(crate) const fn of_session(user: UserId, role: Role, session: SessionId) -> Self {
        let identity = Identity { user, session };
        match role {
            Role::Customer => Self::Customer(identity),
            Role::Admin => Self::Admin(identity),
        }
    }

    /// Returns the proof that the viewer is signed in, or an error.
    pub const fn signed_in(self) -> Result<SignedIn> {
        match self {
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Customer(identity) | Self::Admin(identity) => Ok(SignedIn(identity)),
        }
    }

    /// Returns the proof that the viewer is an admin, or an error.
    pub const fn admin(self) -> Result<Admin> {
        match self {
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Customer(_) => Err(Error::Forbidden),
            Self::Admin(identity) => Ok(Admin(identity)),
        }
    }

    /// Returns whether the viewer may see a user: admins see all users, others only themselves.
    pub fn may_see_user(self, user: UserId) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Customer(identity) => identity.user == user,
            Self::Admin(_) => true,
        }
    }

    /// Returns the part of the catalog that the viewer may see.
    pub const fn audience(self) -> Audience {
        match self {
            Self::Anonymous | Self::Customer(_) => Audience::Public,
            Self::Admin(_) => Audience::Staff,
        }
    }
}

impl SignedIn {
    /// Returns the user's id.
    pub const fn user(self) -> UserId {
        self.0.user
    }

    /// Returns the session's id.
    pub const fn session(self) -> SessionId {
        self.0.session
    }
}

impl Admin {
    /// Returns the weaker proof that the viewer is signed in.
    pub const fn signed_in(self) -> SignedIn {
        SignedIn(self.0)
    }

    /// Returns the user's id.
    pub const fn user(self) -> UserId {
        self.0.user
    }
}
