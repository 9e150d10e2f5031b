//! The execution of a GraphQL request, step by step.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Response as GraphqlResponse, ServerError, Variables};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::App;
use super::admission::Admission;
use super::authenticate::{self, AuthenticationNeeds};
use super::cached::{self, Transport};
use super::client::{self, CART_TOKEN};
use super::error_list::MutationOutcome;
use super::execution::Execution;
use super::idempotency;
use super::introspection::asks_for_schema;
use super::metrics::OperationLabels;
use super::negotiation::MediaType;
use super::parsed::Parsed;
use super::reply::{self, Refusal};
use super::request::GraphqlRequest;
use super::request_id::RequestId;
use crate::api::catalog_fields::SelectedFields;
use crate::core::client_info::Client;
use crate::core::error::Code;
use crate::core::viewer::Viewer;
use crate::graphql::upload::Uploads;
use crate::infra::cache::{CacheKey, PendingEntry};

/// The HTTP side of a GraphQL request: everything that the steps need besides its body.
pub struct RequestContext<'a> {
    pub app: &'a App,
    pub id: RequestId,
    /// The address of the other end of the connection.
    pub peer: SocketAddr,
    pub headers: &'a HeaderMap,
    pub transport: Transport,
    /// The media type of the response.
    pub media: MediaType,
    /// The labels of the operation in the metrics. Empty until the operation is known.
    pub labels: OnceLock<OperationLabels>,
    /// The number of the last change of the catalog that made a cached response to this request invalid.
    pub changed: OnceLock<u64>,
}

/// An operation of a parsed document.
#[derive(Clone, Copy)]
struct Operation<'a> {
    parsed: &'a Parsed,
    definition: &'a OperationDefinition,
}

impl RequestContext<'_> {
    /// Executes a request with these files.
    ///
    /// # Errors
    /// The refusal of a request that is not executed. Errors of execution are part of the response.
    pub async fn execute(
        &self,
        request: GraphqlRequest,
        uploads: Option<&Uploads>,
    ) -> Result<Response, Refusal> {
        Box::pin(self.execute_or_find(request, uploads, None)).await
    }

    /// Executes a request with these files. With a cache key, a customer's query of the catalog is answered from the
    /// cache.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn execute_or_find(
        &self,
        mut request: GraphqlRequest,
        uploads: Option<&Uploads>,
        cache_key: Option<&CacheKey>,
    ) -> Result<Response, Refusal> {
        let parsed = self.parse(&mut request)?;
        let operation = Operation {
            parsed: &parsed,
            definition: request.operation(&parsed.document, self.media)?,
        };
        self.check(operation, &request)?;
        let is_mutation = operation.definition.ty == OperationType::Mutation;
        let executed = self.execute_operation(operation, request, uploads, cache_key);
        Box::pin(executed).await.map_err(|refusal| Refusal {
            // It was not executed.
            outcome: refusal
                .outcome
                .or(is_mutation.then_some(MutationOutcome::NotDone)),
            ..refusal
        })
    }

    async fn execute_operation(
        &self,
        operation: Operation<'_>,
        mut request: GraphqlRequest,
        uploads: Option<&Uploads>,
        cache_key: Option<&CacheKey>,
    ) -> Result<Response, Refusal> {
        let client = client::of_request(&self.app.state.config, self.headers, self.peer);
        let mut admission = self.admit(operation, &client, uploads).await?;
        let Operation { parsed, definition } = operation;
        let rules = &self.app.rules;
        let needs = AuthenticationNeeds {
            has_cart_fields: rules.uses_cart_token(&parsed.document, definition),
            needs_no_token: rules.needs_no_token(&parsed.document, definition),
        };
        let (state, headers) = (&self.app.state, self.headers);
        let viewer = authenticate::in_time(state, headers, needs, &client, &mut admission).await?;
        if let Some(denied) = self.authorize(operation, viewer) {
            return Ok(self.respond(denied));
        }
        let call = self.idempotent_call(operation, &request, viewer)?;
        let document = match self.prepare(operation, &mut request.variables).await {
            Ok(document) => document,
            Err(errors) => return Ok(self.respond(GraphqlResponse::from_errors(errors))),
        };
        let is_mutation = definition.ty == OperationType::Mutation;
        let selected = (operation.definition.ty == OperationType::Query).then(|| {
            let fields = &self.app.catalog_fields;
            fields.select(&operation.parsed.document, operation.definition)
        });
        let pending = match (cache_key, selected) {
            (Some(key), Some(selected)) if selected.is_catalog() => {
                match self.find_for_customer(viewer, key).await {
                    Ok(response) => return Ok(response),
                    Err(pending) => pending,
                }
            }
            _ => None,
        };
        let execution = Execution {
            schema: self.app.schema.clone(),
            graphql: request,
            document,
            inputs: self.app.inputs.clone(),
            selected,
            uses_replicas: viewer == Viewer::Anonymous
                && selected.is_some_and(SelectedFields::is_catalog),
            min_sequence: self.changed.get().copied().unwrap_or_default(),
            is_mutation,
            can_retry: is_mutation && uploads.is_none() && operation.has_one_field(),
            uploads: uploads.cloned(),
            admission,
            extension: Duration::ZERO,
            viewer,
            client,
            media: self.media,
            id: self.id.clone(),
        };
        let response = match call {
            Some(call) => idempotency::once(state, call, execution).await?,
            None => Box::pin(execution.run(state)).await.0,
        };
        Ok(match pending {
            Some(pending) => cached::store(&state.read_cache, pending, response).await,
            None => response,
        })
    }

    /// Returns the cached response to a customer's query of the catalog, or the entry under which to store it.
    async fn find_for_customer(
        &self,
        viewer: Viewer,
        cache_key: &CacheKey,
    ) -> Result<Response, Option<PendingEntry>> {
        let state = &self.app.state;
        if !matches!(viewer, Viewer::Customer(_)) || !state.read_cache.is_on() {
            return Err(None);
        }
        let found = cached::find_for_customer(&state.read_cache, cache_key, self.media).await;
        state.metrics.count_cached(found.is_ok());
        found
    }

    /// Returns the parsed document. A persisted query gets its text first.
    fn parse(&self, request: &mut GraphqlRequest) -> Result<Arc<Parsed>, Refusal> {
        self.app.documents.complete(request)?;
        self.app.parsed.get(request, self.media)
    }

    /// Refuses an operation that breaks a rule of the server: transport, variables, introspection, cost.
    fn check(&self, operation: Operation<'_>, request: &GraphqlRequest) -> Result<(), Refusal> {
        let (app, media) = (self.app, self.media);
        let Operation { parsed, definition } = operation;
        if self.transport == Transport::Get && definition.ty != OperationType::Query {
            return Err(Refusal::method("POST"));
        }
        app.parsed
            .check_variables(parsed, definition, &request.variables, media)?;
        if !app.state.config.introspection() && asks_for_schema(&parsed.document) {
            let message = "Introspection is disabled.";
            let code = Code::GraphqlValidationFailed;
            return Err(Refusal::request(code, message, media));
        }
        app.documents.keep(request);
        let labels = OperationLabels::of(&app.state, &parsed.document, definition);
        _ = self.labels.set(labels);
        app.parsed.check_cost(parsed, definition, request, media)
    }

    /// Waits for a permit of the concurrency limit for this kind of request.
    async fn admit(
        &self,
        operation: Operation<'_>,
        client: &Client,
        uploads: Option<&Uploads>,
    ) -> Result<Admission, Refusal> {
        let limits = &self.app.state.concurrency;
        let limit = match operation.definition.ty {
            _ if uploads.is_some() => &limits.uploads,
            OperationType::Mutation => &limits.mutations,
            _ => &limits.queries,
        };
        let headers = self.headers;
        let credentials = headers.get(AUTHORIZATION).or(headers.get(CART_TOKEN));
        let credentials = credentials.map(HeaderValue::as_bytes);
        let timeout = self.app.state.config.limits.request_timeout;
        Ok(Admission::new(limit, client.key(credentials), timeout).await?)
    }

    /// Returns the response to an operation of which the viewer may not select any root field.
    fn authorize(&self, operation: Operation<'_>, viewer: Viewer) -> Option<GraphqlResponse> {
        let Operation { parsed, definition } = operation;
        let rules = &self.app.rules;
        rules.refusal(&parsed.document, definition, viewer)
    }

    /// Returns the call under the request's idempotency key. `None` without a key, or if the header is ignored.
    fn idempotent_call(
        &self,
        operation: Operation<'_>,
        request: &GraphqlRequest,
        viewer: Viewer,
    ) -> Result<Option<idempotency::Call>, Refusal> {
        let (rules, headers) = (&self.app.rules, self.headers);
        let Operation { parsed, definition } = operation;
        idempotency::call(
            rules,
            headers,
            request,
            &parsed.document,
            definition,
            viewer,
        )
    }

    /// Returns the document to execute with these variables, or the errors of its validation.
    async fn prepare(
        &self,
        operation: Operation<'_>,
        variables: &mut Variables,
    ) -> Result<Arc<ExecutableDocument>, Vec<ServerError>> {
        let Operation { parsed, definition } = operation;
        let executable =
            self.app
                .parsed
                .executable(&self.app.schema, parsed, definition, variables);
        executable.await
    }

    fn respond(&self, response: GraphqlResponse) -> Response {
        reply::graphql(response, self.media, &self.id)
    }
}

impl Operation<'_> {
    /// Returns whether the operation has a single root field, so that it is atomic.
    fn has_one_field(self) -> bool {
        let fields = &self.definition.selection_set.node.items;
        fields.len() == 1 && matches!(fields[0].node, Selection::Field(_))
    }
}
