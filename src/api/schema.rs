//! The schema: composes the root fields of all features, adds `node` and `nodes`, and executes requests.

use std::panic::AssertUnwindSafe;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{
    Context, EmptySubscription, ID, Interface, MergedObject, Object, ObjectType, Request, Response,
    SDLExportOptions, ServerError, SubscriptionType,
};
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use crate::accounts::auth::SessionId;
use crate::accounts::auth::graphql::{AuthMutation, AuthQuery, OwnSessions, Session};
use crate::accounts::avatar::graphql::{self as avatar, AvatarMutation};
use crate::accounts::identity::IdentityId;
use crate::accounts::identity::graphql::{self as identity, Identity, IdentityMutation};
use crate::accounts::user::UserId;
use crate::accounts::user::graphql::{ById as UserById, User, UserMutation, UserQuery};
use crate::api::audit_log::{self as audit, AuditEntry, AuditQuery};
use crate::catalog::category::CategoryId;
use crate::catalog::category::graphql::{
    ById as CategoryById, Category, CategoryMutation, CategoryQuery,
};
use crate::catalog::import_export::graphql::ImportExportMutation;
use crate::catalog::product::ProductId;
use crate::catalog::product::graphql::{
    ById as ProductById, Product, ProductMutation, ProductQuery, SuggestionQuery,
};
use crate::catalog::product_image::graphql::{ById as ImageById, ProductImageMutation};
use crate::catalog::shop::graphql::ShopQuery;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::{self, TypedId};
use crate::graphql::dataloader::{ContextExt, Loaders};
use crate::graphql::error;
use crate::graphql::guard::{Access, auth};
use crate::graphql::root::Root;
use crate::platform::audit::AuditEntryId;
use crate::platform::media::ImageId;
use crate::platform::media::graphql::Image;
use crate::state::State;

/// The GraphQL schema of Wares.
pub type Schema = async_graphql::Schema<Root<Query>, Root<Mutation>, EmptySubscription>;

/// The maximum number of ids in one `nodes` field.
const MAX_NODES: usize = 100;

/// Read operations.
///
/// **Evolution.** Schema changes are additive. Any version may add types, fields, optional arguments and enum values,
/// so a client needs a default branch for unknown enum values and unknown `Node` types. A field, argument or enum
/// value is marked `@deprecated`, with a reason and its removal date, for at least one minor version before it is
/// removed. CHANGELOG.md lists all changes.
///
/// **Ids.** A lookup by an unknown id returns null, and a filter by one matches nothing. A mutation returns the user
/// error `NOT_FOUND` on the field with the unknown id. A malformed id, or an id of another type, fails with
/// `BAD_USER_INPUT`.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    CategoryQuery,
    ProductQuery,
    SuggestionQuery,
    UserQuery,
    AuthQuery,
    AuditQuery,
    NodeQuery,
    ShopQuery,
);

/// Write operations.
///
/// A mutation takes one `input` (or a file) and returns a payload: the changed object, or `userErrors` for display in a
/// form, and then nothing was changed. Several mutations in one request are executed in order and independently. One that
/// fails with an entry in `errors` is null, and the payloads of the others are returned.
///
/// **Retries.** A mutation that requires sign-in and is sent with the header `Idempotency-Key` is executed once per key.
/// A repeated request within 24 hours returns the stored response. The header is ignored for mutations that return a
/// secret, such as a token. An upload with the header fails with `BAD_REQUEST`.
///
/// **Limits.** A request may contain only one mutation that is open to anonymous clients or takes a password, a code or a
/// token.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    CategoryMutation,
    ProductMutation,
    ProductImageMutation,
    ImportExportMutation,
    AuthMutation,
    UserMutation,
    AvatarMutation,
    IdentityMutation,
);

/// Builds the schema with the application state.
pub fn build(state: &State) -> Schema {
    let mut builder = builder().data(state.clone());
    if !state.config.introspection() {
        builder = builder.disable_suggestions();
    }
    builder.finish()
}

/// Returns the schema in the schema definition language, as exported to `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .prefer_single_line_descriptions()
        .include_specified_by()
        .use_space_ident();
    builder().finish().sdl_with_options(options)
}

fn builder() -> async_graphql::SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription> {
    Schema::build(Root::default(), Root::default(), EmptySubscription)
}

/// An object with a global id.
#[derive(Clone, Debug, Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Opaque and stable. The prefix before `_` identifies the type."
))]
pub enum Node {
    Category(Category),
    Product(Product),
    Image(Image),
    User(User),
    Session(Session),
    AuditEntry(AuditEntry),
    Identity(Identity),
}

/// Root fields that fetch objects of any type by id.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Fetches an object of any type by id. null if it does not exist or is not visible to the viewer.
    ///
    /// Errors: `BAD_USER_INPUT` if the id is malformed.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(private))]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The id of a product, category, image, user, session, identity or audit entry."
        )]
        id: ID,
    ) -> Nullable<Node> {
        find_node(ctx, &id, "id").await.transpose()
    }

    /// Fetches up to 100 objects by id, in the order of `ids`. An item is null if the object does not exist or is not
    /// visible to the viewer.
    ///
    /// Errors: `BAD_USER_INPUT` if an id is malformed or there are more than 100.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(private))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of the objects. Maximum 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::bad_input(
                "ids",
                format!("At most {MAX_NODES} ids are allowed."),
            ));
        }
        try_join_all(ids.iter().map(|id| find_node(ctx, id, "ids"))).await
    }
}

/// Finds an object by id, if the viewer may see it.
pub async fn find_node(ctx: &Context<'_>, text: &str, field: &str) -> Result<Option<Node>> {
    let Some((prefix, uuid)) = id::decode(text) else {
        return Err(Error::bad_input(field, "This is not a valid id."));
    };
    Ok(match prefix {
        CategoryId::PREFIX => {
            let found = ctx.load(CategoryById(uuid.into())).await?;
            found.map(|row| Node::Category(Category(row)))
        }
        ProductId::PREFIX => {
            let found = ctx.load(ProductById(uuid.into())).await?;
            found.map(|row| Node::Product(Product::new(row)))
        }
        ImageId::PREFIX => {
            let found = match ctx.load(ImageById(uuid.into())).await? {
                Some(picture) => Some(Image(picture)),
                None => avatar::find(ctx, uuid.into()).await?,
            };
            found.map(Node::Image)
        }
        UserId::PREFIX => find_user(ctx, uuid.into()).await?,
        IdentityId::PREFIX => {
            let found = identity::find(ctx, uuid.into()).await?;
            found.map(Node::Identity)
        }
        SessionId::PREFIX => find_session(ctx, uuid.into()).await?,
        AuditEntryId::PREFIX => {
            let found = audit::find(ctx, uuid.into()).await?;
            found.map(Node::AuditEntry)
        }
        _ => return Err(Error::bad_input(field, "This is not a valid id.")),
    })
}

/// Returns `None` without a query if the viewer may not see the user, so that the response time reveals nothing
/// either.
async fn find_user(ctx: &Context<'_>, id: UserId) -> Result<Option<Node>> {
    if !ctx.viewer().may_see_user(id) {
        return Ok(None);
    }
    let found = ctx.load(UserById(id)).await?;
    Ok(found.map(|row| Node::User(User(row))))
}

/// Finds a session. Only its owner may see it.
async fn find_session(ctx: &Context<'_>, id: SessionId) -> Result<Option<Node>> {
    let Ok(who) = ctx.viewer().signed_in() else {
        return Ok(None);
    };
    let sessions = ctx.load(OwnSessions(who)).await?.unwrap_or_default();
    let found = sessions.into_iter().find(|session| session.id == id);
    Ok(found.map(|row| Node::Session(Session(row))))
}

/// Validates a document without its variables and returns the errors. Executes nothing.
pub async fn validate<Q, M, S>(
    schema: &async_graphql::Schema<Q, M, S>,
    document: ExecutableDocument,
) -> Vec<ServerError>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    // The library validates a document before it selects the operation; no operation has this name.
    let mut request = Request::new(String::new()).operation_name("");
    request.set_parsed_query(document);
    let errors = schema.execute(request).await.errors;
    let is_valid = errors.len() == 1 && errors[0].message.starts_with("Unknown operation named");
    if is_valid { Vec::new() } else { errors }
}

/// Executes a request and the lookups that its resolvers queue. A panic outside of the root fields becomes an error
/// of the whole request.
pub async fn execute<Q, M, S>(
    schema: &async_graphql::Schema<Q, M, S>,
    request: Request,
    loaders: Loaders,
) -> Response
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let request = request.data(loaders.clone());
    let run = AssertUnwindSafe(loaders.drive(Box::pin(schema.execute(request))));
    run.catch_unwind()
        .await
        .unwrap_or_else(|_| Response::from_errors(vec![error::of_request(Error::Panicked)]))
}
