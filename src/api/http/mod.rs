//! HTTP: the router and its middleware.

mod admission;
mod authenticate;
mod body;
mod cached;
mod client;
mod cors;
mod endpoint;
mod error_list;
mod execution;
#[cfg(fuzzing)]
pub mod fuzzing;
mod google;
mod graphiql;
pub(crate) mod health;
pub(crate) mod host;
mod idempotency;
mod inputs;
mod introspection;
mod json;
mod limits;
pub(crate) mod memory;
mod metrics;
mod multipart;
pub(crate) mod negotiation;
mod objects;
mod parsed;
mod persisted;
pub(crate) mod reply;
mod request;
mod request_context;
pub(crate) mod request_id;
mod root;

use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use self::inputs::Inputs;
use self::limits::Limiter;
use self::negotiation::MediaType;
use self::reply::Refusal;
use crate::api::access_rules::AccessRules;
use crate::api::catalog_fields::CatalogFields;
use crate::api::schema::{self, Schema};
use crate::core::error::Code;
use crate::state::State;

/// The shared state of the handlers.
type App = Arc<Parts>;

struct Parts {
    state: State,
    schema: Schema,
    rules: Arc<AccessRules>,
    catalog_fields: CatalogFields,
    documents: persisted::PersistedDocuments,
    parsed: parsed::ParsedDocuments,
    inputs: Arc<Inputs>,
    graphiql: Option<graphiql::Page>,
}

/// Returns the routes of the API.
pub fn router(state: &State) -> Router {
    let schema = schema::build(state);
    let document = schema::document();
    let rules = AccessRules::read(document);
    let limiter = Limiter::new(
        state.config.limits,
        document,
        rules.authenticating_mutations(),
    );
    let inputs = Arc::new(Inputs::read(document));
    let app = Arc::new(Parts {
        state: state.clone(),
        rules: Arc::new(rules),
        catalog_fields: CatalogFields::read(document),
        schema,
        documents: persisted::PersistedDocuments::new(),
        parsed: parsed::ParsedDocuments::new(limiter, inputs.clone()),
        inputs,
        graphiql: graphiql::Page::new(state),
    });
    let nosniff = HeaderValue::from_static("nosniff");
    let mut router = Router::new();
    if app.graphiql.is_some() {
        router = router.route(graphiql::PATH, get(graphiql::file));
    }
    if state.config.operator_listen.is_none() && state.config.is_development() {
        router = router.route("/metrics", get(metrics::metrics));
    }
    let handlers = [
        ("/graphql", any(endpoint::graphql)),
        ("/auth/google/login", any(google::login)),
        ("/auth/google/callback", any(google::callback)),
        // The paths of the former system, which may be registered at the provider.
        ("/api/v1/auth/google/login", any(google::login)),
        ("/api/v1/auth/google/callback", any(google::callback)),
        ("/health/live", get(health::live)),
        ("/health/ready", get(health::ready)),
    ];
    for (path, handler) in handlers {
        // Some clients append a slash.
        router = router.route(&format!("{path}/"), handler.clone());
        router = router.route(path, handler);
    }
    router
        .route("/", get(root::root))
        .fallback(async || not_found())
        .method_not_allowed_fallback(async || Refusal::method("GET").reply(MediaType::Json))
        .with_state(app)
        // In one call: each separate layer would box every request once more.
        .layer((
            middleware::from_fn(request_id::assign_request_id),
            SetResponseHeaderLayer::if_not_present(X_CONTENT_TYPE_OPTIONS, nosniff),
            cors::layer(&state.config),
            CompressionLayer::new(),
        ))
        .merge(objects::router(state))
}

/// Returns the routes of the operator listener.
pub fn operator_router(state: &State) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(async || not_found())
        .with_state(state.clone())
        .layer(middleware::from_fn(request_id::assign_request_id))
}

impl FromRef<App> for State {
    fn from_ref(app: &App) -> Self {
        app.state.clone()
    }
}

fn not_found() -> Response {
    let message = "Not found. The API is at /graphql.";
    Refusal::new(StatusCode::NOT_FOUND, Code::NotFound, message).reply(MediaType::Json)
}
