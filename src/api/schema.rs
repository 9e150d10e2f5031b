//! The schema: composes the root fields of all features, adds `node` and `nodes`, and executes requests.

use std::panic::AssertUnwindSafe;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{
    Context, EmptySubscription, ID, Object, ObjectType, Request, Response, SDLExportOptions,
    ServerError, SubscriptionType,
};
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::features::features;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id;
use crate::graphql::dataloader::Loaders;
use crate::graphql::error;
use crate::graphql::guard::{Access, auth};
use crate::graphql::root::Root;
use crate::state::State;

/// The GraphQL schema of Wares.
pub type Schema = async_graphql::Schema<Root<Query>, Root<Mutation>, EmptySubscription>;

/// The maximum number of ids in one `nodes` field.
const MAX_NODES: usize = 100;

features! {
    /// The fields that read.
    ///
    /// **Evolution.** Changes of the schema are additive: types, fields, arguments with a default and enum values may be added
    /// with any version, so a client needs a default branch for enum values and for `Node` types that it does not know. A field,
    /// an argument or an enum value that is to go is `@deprecated` first, with a reason and the date of its removal, for at least
    /// one minor version. CHANGELOG.md lists each change.
    ///
    /// **Ids.** A lookup by an id that nothing has returns null, and a filter by one matches nothing. A mutation that names one
    /// returns the user error `NOT_FOUND` on the field. A malformed id, and one of another type, is `BAD_USER_INPUT`.
    query;

    /// What can be changed.
    ///
    /// A mutation takes one `input` (or a file) and returns a payload: the thing itself, or `userErrors` that a form can show, and
    /// then nothing was changed. Mutations of one request are executed in order, each on its own: one that fails with an entry
    /// in `errors` is null, and the payloads of the others are returned. Sent again with the same header `Idempotency-Key`, one that needs somebody signed in is done
    /// once and answered as it was. Of those that strangers may ask for, and of those that take a password, a code or a token,
    /// one fits into a request.
    mutation;

    /// Anything with an id of its own.
    node;

    catalog::category: query(CategoryQuery) mutation(CategoryMutation) node(Category);
    catalog::product: query(ProductQuery, SuggestionQuery) mutation(ProductMutation) node(Product);
    catalog::product_image: mutation(ProductImageMutation) node(Image) background(register);
    catalog::import_export: mutation(ImportExportMutation);
    catalog::demo: background(register);
    catalog::shop: query(ShopQuery);
    accounts::user: query(UserQuery) mutation(UserMutation) node(User);
    accounts::auth: query(AuthQuery) mutation(AuthMutation) node(Session) background(register);
    accounts::avatar: mutation(AvatarMutation) background(register);
    accounts::identity: mutation(IdentityMutation) node(Identity) background(register);
    platform::jobs: query(JobQuery) mutation(JobMutation) node(Job) background(register);
    platform::media: background(register);
    platform::idempotency: background(register);
    api::audit_log: query(AuditQuery) node(AuditEntry);
}

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

/// The root fields that find anything by its id.
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
            desc = "The id of an object of any type that implements `Node`, such as `Product`."
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
    let found = load_node(ctx, prefix, uuid).await?;
    found.ok_or_else(|| Error::bad_input(field, "This is not a valid id."))
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
