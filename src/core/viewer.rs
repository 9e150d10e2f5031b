//! The viewer: the anonymous client, guest, customer or admin that a request comes from, and its permissions.

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

crate::typed_id!(
    /// The id of a cart.
    CartId,
    "cart",
    "cart"
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
    /// Not signed in, with the token of a cart.
    Guest(Guest),
    /// A customer of the shop.
    Customer(SessionUser),
    /// A member of the shop's staff.
    Admin(SessionUser),
}

/// A user and its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionUser {
    user: UserId,
    session: SessionId,
}

/// A client that is not signed in and has the token of this cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Guest {
    cart: CartId,
}

/// The owner of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CartOwner {
    /// The user, who has one cart.
    User(UserId),
    /// The holder of the token of this cart.
    Guest(CartId),
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
pub struct SignedIn(SessionUser);

/// Proof that the viewer can have a cart: it is signed in or has the token of a cart. Created only by
/// [`Viewer::buyer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Buyer(CartOwner);

/// Proof that the viewer is an admin. Created only by [`Viewer::admin`].
#[derive(Clone, Copy, Debug)]
pub struct Admin(SessionUser);

impl Viewer {
    /// Creates the viewer of a session, which the caller must have looked up.
    pub(crate) const fn of_session(user: UserId, role: Role, session: SessionId) -> Self {
        let session_user = SessionUser { user, session };
        match role {
            Role::Customer => Self::Customer(session_user),
            Role::Admin => Self::Admin(session_user),
        }
    }

    /// Creates the viewer with the token of a cart, which the caller must have looked up.
    pub(crate) const fn of_cart(cart: CartId) -> Self {
        Self::Guest(Guest { cart })
    }

    /// Returns the proof that the viewer can have a cart, or an error. Users have their own cart, whatever token they
    /// send.
    pub const fn buyer(self) -> Result<Buyer> {
        match self {
            Self::Anonymous => Err(Error::CartTokenRequired),
            Self::Guest(guest) => Ok(Buyer(CartOwner::Guest(guest.cart))),
            Self::Customer(session_user) | Self::Admin(session_user) => {
                Ok(Buyer(CartOwner::User(session_user.user)))
            }
        }
    }

    /// Returns the proof that the viewer is signed in, or an error.
    pub const fn signed_in(self) -> Result<SignedIn> {
        match self {
            Self::Anonymous | Self::Guest(_) => Err(Error::Unauthenticated),
            Self::Customer(session_user) | Self::Admin(session_user) => Ok(SignedIn(session_user)),
        }
    }

    /// Returns the proof that the viewer is an admin, or an error.
    pub const fn admin(self) -> Result<Admin> {
        match self {
            Self::Anonymous | Self::Guest(_) => Err(Error::Unauthenticated),
            Self::Customer(_) => Err(Error::Forbidden),
            Self::Admin(session_user) => Ok(Admin(session_user)),
        }
    }

    /// Returns whether the viewer may see a user: admins see all users, others only themselves.
    pub fn may_see_user(self, user: UserId) -> bool {
        match self {
            Self::Anonymous | Self::Guest(_) => false,
            Self::Customer(session_user) => session_user.user == user,
            Self::Admin(_) => true,
        }
    }

    /// Returns the part of the catalog that the viewer may see.
    pub const fn audience(self) -> Audience {
        match self {
            Self::Anonymous | Self::Guest(_) | Self::Customer(_) => Audience::Public,
            Self::Admin(_) => Audience::Staff,
        }
    }
}

impl Buyer {
    /// Returns the owner of the viewer's cart.
    pub const fn owner(self) -> CartOwner {
        self.0
    }
}

impl From<SignedIn> for Buyer {
    fn from(signed_in: SignedIn) -> Self {
        Self(CartOwner::User(signed_in.user()))
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
