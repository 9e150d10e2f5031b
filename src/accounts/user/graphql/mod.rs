//! Users in the API.

mod inputs;
mod loaders;

pub use inputs::{UserFilter, UserSort};
pub use loaders::ById;

use async_graphql::{Context, Enum, ID, InputObject, Object};

use super::entity::Model;
use super::list::{Filter, List};
use super::service;
use crate::accounts::avatar::graphql::AvatarOf;
use crate::accounts::identity::graphql::{IdentitiesOf, Identity};
use crate::core::clock::Timestamp;
use crate::core::error::{Nullable, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{Connection, Count, PageArgs, Total};
use crate::core::viewer::{Role, UserId};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;
use crate::platform::media::graphql::Image;

/// A row as the API shows it.
#[derive(Clone, Debug)]
pub struct User(pub Model);

/// Somebody with an account. You see yourself; admins see everybody.
#[Object(cache_control(private))]
impl User {
    /// Opaque and stable: `user_...`.
    pub async fn id(&self) -> ID {
        self.0.id.encode().into()
    }

    /// The address that letters go to, unique whatever its case.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Whether the address was proved to be theirs. It always was: before, there is no account.
    async fn email_verified(&self) -> bool {
        true
    }

    /// When the address was proved to be theirs.
    async fn verified_at(&self) -> Timestamp {
        self.0.verified_at
    }

    /// What they are called. At most 200 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Their picture; null when there is none.
    async fn avatar(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let found = ctx.load(AvatarOf(self.0.id)).await;
        found.map(|found| found.map(Image)).transpose()
    }

    /// What they may do.
    async fn role(&self) -> UserRole {
        self.0.role.into()
    }

    /// Whether an admin has shut them out.
    async fn disabled(&self) -> bool {
        self.0.disabled_at.is_some()
    }

    /// Whether they can sign in with a password. Who can't sets one with `forgotPassword`.
    async fn has_password(&self) -> bool {
        self.0.password_hash.is_some()
    }

    /// The accounts elsewhere that they sign in with, the oldest first.
    async fn identities(&self, ctx: &Context<'_>) -> Result<Vec<Identity>> {
        let found = ctx.load(IdentitiesOf(self.0.id)).await?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Identity)
            .collect())
    }

    /// When the account was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the account was last changed.
    async fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Role")]
pub enum UserRole {
    /// Buys in the shop.
    Customer,
    /// Runs the shop.
    Admin,
}

/// A page of users.
pub type UserConnection = Connection<User, Filter>;

impl Count for Filter {
    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer().admin()?, self).await
    }
}

/// The root fields that read users.
#[derive(Debug, Default)]
pub struct UserQuery;

// A field that may be null refuses by itself: the library lets a guard's refusal null all that was asked for beside it.
#[Object]
impl UserQuery {
    /// Who you are. Null, with the error, when you are not signed in.
    #[graphql(directive = auth::apply(Access::Customer), cache_control(private))]
    async fn me(&self, ctx: &Context<'_>) -> Nullable<User> {
        me(ctx).await.transpose()
    }

    /// One user by id. Null when there is none.
    ///
    /// Errors: `BAD_USER_INPUT` for a malformed id.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id: `user_...`.")] id: ID,
    ) -> Nullable<User> {
        find(ctx, &id).await.transpose()
    }

    /// Users, as a list that can be paged, filtered and sorted; the newest last when you do not say.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` with `last`, for a cursor of another list or
    /// order, for a range whose ends are the wrong way round, and for a search that is too long or has control characters.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many to give, from 1 to 100; 20 when neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Give those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many to give from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Give those before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "A part of the name or of the address, without regard to case. Maximum 100 characters. Blank text narrows nothing."
        )]
        search: Option<String>,
        #[graphql(desc = "Which users.")] filter: Option<UserFilter>,
        #[graphql(desc = "In which order; by the time of their making when absent.")] sort: Option<
            UserSort,
        >,
    ) -> Result<UserConnection> {
        let page = PageArgs::new(first, after, last, before);
        let filter = filter.unwrap_or_default().check(search.as_deref())?;
        let query = List::parse(filter, UserSort::resolve(sort, false)?, page)?;
        let found = service::list(&ctx.state().db, ctx.viewer().admin()?, &query).await?;
        Ok(Connection::new(found, query, User))
    }
}

async fn me(ctx: &Context<'_>) -> Result<Option<User>> {
    let who = ctx.viewer().signed_in()?;
    Ok(ctx.load(ById(who.user())).await?.map(User))
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<User>> {
    ctx.viewer().admin()?;
    let id = UserId::parse(id, "id")?;
    Ok(ctx.load(ById(id)).await?.map(User))
}

/// The root fields by which users change themselves.
#[derive(Debug, Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Changes what you are called. For the address there is `changeEmail`, for the password `changePassword`.
    ///
    /// User errors: `BAD_USER_INPUT`.
    #[graphql(directive = auth::apply(Access::Customer))]
    async fn update_me(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateMeInput,
    ) -> Result<UpdateMePayload> {
        let who = ctx.viewer().signed_in()?;
        answer(service::update_me(ctx.state(), who, input.name).await)
    }
}

/// What to change about yourself.
#[derive(Debug, InputObject)]
pub struct UpdateMeInput {
    /// What you are called: 1 to 200 characters on one line. Stays when absent.
    name: Option<String>,
}

crate::payload! {
    /// Payload of `updateMe`.
    UpdateMePayload,
    (Model as user) {
        /// You, after the change.
        user: Option<User> = Some(User(user)),
    }
}
