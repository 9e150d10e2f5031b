//! GraphQL API of users.

mod inputs;
mod loaders;

pub use inputs::{UserFilter, UserSort};
pub use loaders::ById;

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::Model;
use super::list::{Filter, List};
use super::service;
use crate::accounts::address::graphql::{Address, AddressesOf};
use crate::accounts::avatar::graphql::AvatarOf;
use crate::accounts::identity::graphql::{IdentitiesOf, Identity};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{Connection, Count, PageArgs, Total};
use crate::core::viewer::{Role, UserId};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::platform::media::graphql::Image;

/// GraphQL object of a user row.
#[derive(Clone, Debug)]
pub struct User(pub Model);

/// A user account. Customers see their own; admins see all.
#[Object(cache_control(private))]
impl User {
    /// Opaque, stable id: `user_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// Email address, unique regardless of case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Whether the email address is verified. It is unverified only for invited users, until they set a password.
    async fn email_verified(&self) -> bool {
        self.0.is_verified()
    }

    /// Time at which the email address was verified. Null if it is not verified.
    async fn verified_at(&self) -> Option<Timestamp> {
        self.0.is_verified().then_some(self.0.verified_at)
    }

    /// Name: 1 to 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Avatar image. Null if there is none.
    async fn avatar(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let found = ctx.load(AvatarOf(self.0.id)).await;
        found.map(|found| found.map(Image)).transpose()
    }

    /// Role.
    async fn role(&self) -> UserRole {
        self.0.role.into()
    }

    /// Whether an admin has disabled the account.
    async fn disabled(&self) -> bool {
        self.0.disabled_at.is_some()
    }

    /// Whether the account has a password. If not, set one with `forgotPassword`.
    async fn has_password(&self) -> bool {
        self.0.password_hash.is_some()
    }

    /// External accounts that the user signs in with, oldest first.
    async fn identities(&self, ctx: &Context<'_>) -> Result<Vec<Identity>> {
        let found = ctx.load(IdentitiesOf(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Identity)
            .collect())
    }

    /// Address book, oldest address first. At most 50 addresses.
    async fn addresses(&self, ctx: &Context<'_>) -> Result<Vec<Address>> {
        let found = ctx.load(AddressesOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(Address).collect())
    }

    #[graphql(flatten)]
    #[expect(clippy::unused_async, reason = "a resolver is async")]
    async fn sales(&self) -> UserSales {
        UserSales(self.0.id)
    }

    /// Time at which the account was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Time at which the account was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// The fields of a user that `sales` adds, which resolves them.
#[derive(Clone, Copy, Debug)]
pub struct UserSales(pub UserId);

/// Role of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Role")]
pub enum UserRole {
    /// Customer of the shop.
    Customer,
    /// Administrator of the shop.
    Admin,
}

/// Page of users.
pub type UserConnection = Connection<User, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

/// Root fields that read users.
#[derive(Debug, Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// Returns the signed-in user. Null, with an error, if you are not signed in.
    #[graphql(directive = auth::apply(Access::Customer), cache_control(private))]
    async fn me(&self, ctx: &Context<'_>) -> Nullable<User> {
        me(ctx).await.transpose()
    }

    /// Finds a user by id. Null if no user has this id.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the user: `user_...`.")] id: ID,
    ) -> Nullable<User> {
        find(ctx, &id).await.transpose()
    }

    /// Returns a page of users. Default order: oldest account first.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list or order, for a range whose lower bound exceeds the upper, and for a search text that is too long
    /// or contains control characters.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Part of the name or email address, ignoring case. At most 100 characters. Blank text is ignored."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<UserFilter>,
        #[graphql(desc = "Sort order. Default: `CREATED_AT`, `ASC`.")] sort: Option<UserSort>,
    ) -> Result<UserConnection> {
        let page = PageArgs::new(first, after, last, before);
        let filter = filter.unwrap_or_default().check(search.as_deref())?;
        let query = List::parse(filter, UserSort::resolve(sort, false)?, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, User))
    }
}

async fn me(ctx: &Context<'_>) -> Result<Option<User>> {
    let caller = ctx.viewer().signed_in()?;
    Ok(ctx.load(ById(caller.user())).await?.map(User))
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<User>> {
    ctx.viewer().admin()?;
    let id = UserId::parse(id, "id")?;
    Ok(ctx.load(ById(id)).await?.map(User))
}

/// Root fields by which users change their own account.
#[derive(Debug, Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Updates your name. Use `changeEmail` for the email address and `changePassword` for the password.
    ///
    /// User errors: `BAD_USER_INPUT`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn update_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateMeInput,
    ) -> Result<UpdateMePayload> {
        let caller = ctx.viewer().signed_in()?;
        into_payload(service::update_me(ctx.state(), caller, input.name).await)
    }
}

/// Input of `updateMe`. Absent fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateMeInput {
    /// Name: 1 to 200 characters on one line.
    name: Option<String>,
}

crate::payload! {
    /// Payload of `updateMe`.
    UpdateMePayload,
    (Model as user) {
        /// Your user account in its new state. Null if nothing was changed.
        user: Option<User> = Some(User(user)),
    }
}
