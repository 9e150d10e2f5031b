//! The viewer: the anonymous client, customer or admin that a request comes from, and what that allows.

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
    /// The role as tokens carry it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Admin => "ADMIN",
        }
    }
}

/// Who a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody is signed in.
    #[default]
    Anonymous,
    /// A customer of the shop.
    Customer(Identity),
    /// Somebody who runs the shop.
    Admin(Identity),
}

/// Which user, in which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    user: UserId,
    session: SessionId,
}

/// Which part of the catalogue is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Active products of published categories.
    Public,
    /// Everything.
    Staff,
}

/// The proof that somebody who is signed in asks. Only [`Viewer::signed_in`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignedIn(Identity);

/// The proof that an admin asks. Only [`Viewer::admin`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Admin(Identity);

impl Viewer {
    /// The viewer of a session. Whoever calls this has looked the session up.
    pub(crate) const fn of_session(user: UserId, role: Role, session: SessionId) -> Self {
        let identity = Identity { user, session };
        match role {
            Role::Customer => Self::Customer(identity),
            Role::Admin => Self::Admin(identity),
        }
    }

    /// The proof that somebody is signed in, or the refusal.
    pub const fn signed_in(self) -> Result<SignedIn> {
        match self {
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Customer(identity) | Self::Admin(identity) => Ok(SignedIn(identity)),
        }
    }

    /// The proof that this is an admin, or the refusal.
    pub const fn admin(self) -> Result<Admin> {
        match self {
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Customer(_) => Err(Error::Forbidden),
            Self::Admin(identity) => Ok(Admin(identity)),
        }
    }

    /// Whether this viewer may see a user: admins see all, others themselves.
    pub fn may_see_user(self, user: UserId) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Customer(identity) => identity.user == user,
            Self::Admin(_) => true,
        }
    }

    /// What this viewer may see of the catalogue.
    pub const fn audience(self) -> Audience {
        match self {
            Self::Anonymous | Self::Customer(_) => Audience::Public,
            Self::Admin(_) => Audience::Staff,
        }
    }
}

impl SignedIn {
    /// Who it is.
    pub const fn user(self) -> UserId {
        self.0.user
    }

    /// In which session.
    pub const fn session(self) -> SessionId {
        self.0.session
    }
}

impl Admin {
    /// The proof that somebody is signed in.
    pub const fn signed_in(self) -> SignedIn {
        SignedIn(self.0)
    }

    /// Who it is.
    pub const fn user(self) -> UserId {
        self.0.user
    }
}
