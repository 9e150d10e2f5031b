//! Who asks, what that lets them see, and the guards of the API's fields.

use async_graphql::{Context, Enum, Guard, TypeDirective};

use crate::auth::{SessionId, service as accounts};
use crate::database::Transaction;
use crate::error::{Error, Result};
use crate::loader::ContextExt;
use crate::state::State;
use crate::user::{Role, UserId};

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

    /// Checks that the session is still alive, and keeps it so until `transaction` ends; see [`Admin::hold`].
    ///
    /// # Errors
    /// `Unauthenticated` when it was revoked, or the account disabled or deleted.
    pub async fn hold(self, transaction: &Transaction, state: &State) -> Result<()> {
        accounts::hold(transaction, state, self).await.map(drop)
    }
}

impl Admin {
    /// Who it is.
    pub const fn user(self) -> UserId {
        self.0.user
    }

    /// Checks that the caller is still an admin, and keeps it so until `transaction` ends. Long-running mutations call
    /// this right before they commit: nothing is committed after the session or the role is lost.
    ///
    /// # Errors
    /// `Unauthenticated` when the session was revoked or the account disabled or deleted, `Forbidden` when the role
    /// was lost.
    pub async fn hold(self, transaction: &Transaction, state: &State) -> Result<()> {
        let viewer = accounts::hold(transaction, state, SignedIn(self.0)).await?;
        viewer.admin().map(drop)
    }

    /// The same check without a lock, for transactions that take long.
    ///
    /// # Errors
    /// As for [`hold`](Self::hold).
    pub async fn recheck(self, transaction: &Transaction, state: &State) -> Result<()> {
        let viewer = accounts::recheck(transaction, state, SignedIn(self.0)).await?;
        viewer.admin().map(drop)
    }
}

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
