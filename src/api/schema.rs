//! The schema: composes the root fields of all features, adds `node` and `nodes`, and executes requests.

use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{ExecutableDocument, ServiceDocument};
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
    /// Read operations.
    ///
    /// **Evolution.** Schema changes are additive. Any version may add types, fields, optional arguments and enum
    /// values, so a client needs a default branch for unknown enum values and unknown `Node` types. A field, argument
    /// or enum value is marked `@deprecated`, with a reason and its removal date, for at least one minor version
    /// before it is removed. CHANGELOG.md lists all changes.
    ///
    /// **Ids.** A lookup by an unknown id returns null, and a filter by one matches nothing. A mutation returns the
    /// user error `NOT_FOUND` on the field with the unknown id. A malformed id, or an id of another type, fails with
    /// `BAD_USER_INPUT`.
    query;

    /// Write operations.
    ///
    /// A mutation takes one `input` (or a file) and returns a payload: the changed object, or `userErrors` for
    /// display in a form, and then nothing was changed. Several mutations in one request are executed in order and
    /// independently. One that fails with an entry in `errors` is null, and the payloads of the others are returned.
    ///
    /// **Retries.** A mutation for signed-in users or buyers that is sent with the header `Idempotency-Key` is executed
    /// once per key. A repeated request within 24 hours returns the stored response. The header is ignored for mutations
    /// that return a secret, such as a token or an upload URL. An upload with the header fails with `BAD_REQUEST`.
    ///
    /// **Limits.** A request may contain only one mutation that is open to anonymous clients or takes a password, a
    /// code or a token.
    mutation;

    /// An object with a globally unique id.
    node;

    catalog::attribute: query(AttributeQuery) mutation(AttributeMutation, AttributeChoiceMutation, ProductTypeMutation) node(Attribute, AttributeChoice, ProductType);
    catalog::category: query(CategoryQuery) mutation(CategoryMutation) node(Category);
    catalog::product: query(ProductQuery, SuggestionQuery, VariantQuery) mutation(ProductMutation, ProductOrderMutation, VariantMutation, ProductAttributeMutation) node(Product, Variant) background(register);
    catalog::category_image: mutation(CategoryImageMutation) background(register);
    catalog::product_image: mutation(ProductImageMutation) node(Image) background(register);
    catalog::import_export: mutation(ImportExportMutation);
    catalog::search_engine: background(register);
    catalog::synonym: query(SynonymQuery) mutation(SynonymMutation) node(SearchSynonym);
    catalog::demo: background(register);
    sales::cart: query(CartQuery) mutation(CartMutation) node(Cart) background(register);
    sales::discount: query(DiscountQuery) mutation(DiscountMutation) node(Discount);
    sales::order: query(OrderQuery, OrderListQuery) mutation(OrderMutation, PaymentMutation, AfterOrderMutation, OrderLinkMutation) node(Order, Payment) background(register);
    sales::shipping: query(ShippingQuery) mutation(ShippingMutation) node(ShippingZone, ShippingMethod);
    sales::shop: query(ShopQuery);
    sales::tax: query(TaxQuery) mutation(TaxMutation) node(TaxClass, TaxRate);
    accounts::user: query(UserQuery) mutation(UserMutation) node(User);
    accounts::address: mutation(AddressMutation) node(Address);
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

/// Returns the schema as a document. It is parsed once for all servers of the process, because that takes a while.
pub fn document() -> &'static ServiceDocument {
    static DOCUMENT: LazyLock<ServiceDocument> = LazyLock::new(|| {
        let parsed = parse_schema(sdl());
        parsed.unwrap_or_else(|_| ServiceDocument {
            definitions: Vec::new(),
        })
    });
    &DOCUMENT
}

fn builder() -> async_graphql::SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription> {
    Schema::build(Root::default(), Root::default(), EmptySubscription)
}

/// The root fields that find anything by its id.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Fetches an object of any type by id. Null if it does not exist or is not visible to the viewer.
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
        #[graphql(desc = "The ids of the objects. At most 100.")] ids: Vec<ID>,
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
async fn find_node(ctx: &Context<'_>, text: &str, field: &str) -> Result<Option<Node>> {
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
