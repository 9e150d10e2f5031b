//! Executes a validated request.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response as GraphqlResponse, ServerError};
use axum::response::Response;
use tokio::time::{Instant, timeout_at};

use super::cached::{self, Cacheable};
use super::inputs::Inputs;
use super::negotiation::MediaType;
use super::reply;
use super::request::GraphqlRequest;
use super::request_id::RequestId;
use crate::api::catalog_fields::SelectedFields;
use crate::api::schema::{self, Schema};
use crate::core::client_info::Client;
use crate::core::error::Error;
use crate::core::viewer::Viewer;
use crate::graphql::dataloader::Loaders;
use crate::graphql::error::{self, SerializationFailure};
use crate::graphql::root::Deadline;
use crate::graphql::upload::Uploads;
use crate::infra::database::Dependencies;
use crate::platform::idempotency::service::ResponseContents;
use crate::state::State;

/// The inputs of an execution, and the form of its response.
pub struct Execution {
    pub schema: Schema,
    pub graphql: GraphqlRequest,
    /// The document with this operation, adapted to the variables.
    pub document: Arc<ExecutableDocument>,
    pub inputs: Arc<Inputs>,
    /// The fields of a query; `None` for a mutation.
    pub selected: Option<SelectedFields>,
    /// The fields of a mutation time out one by one, so that completed fields are reported.
    pub is_mutation: bool,
    /// Whether to retry once after a serialization failure: for a mutation that is atomic.
    pub can_retry: bool,
    /// The files that are being received.
    pub uploads: Option<Uploads>,
    /// When the request times out.
    pub deadline: Instant,
    pub viewer: Viewer,
    pub client: Client,
    pub media: MediaType,
    pub id: RequestId,
}

impl Execution {
    /// Executes the request. Returns the response and whether it has data, errors or both.
    pub async fn run(self, state: &State) -> (Response, ResponseContents) {
        // Uploads have no deadline: files may be large, and the minimum upload speed bounds the duration.
        let deadline =
            (self.is_mutation && self.uploads.is_none()).then_some(Deadline(self.deadline));
        let run = async {
            let mut can_retry = self.can_retry;
            loop {
                let (response, dependencies) = self.once(state, deadline).await;
                if !can_retry || !is_serialization_failure(&response) {
                    return (response, dependencies);
                }
                can_retry = false;
            }
        };
        let (mut response, dependencies) = if self.is_mutation || self.uploads.is_some() {
            run.await
        } else {
            let ran = timeout_at(self.deadline, run).await;
            ran.unwrap_or_else(|_| (timed_out(), None))
        };
        if response.is_err() {
            self.locate(&mut response.errors);
        }
        let contents = match (reply::has_objects(&response), response.is_err()) {
            (_, false) => ResponseContents::Data,
            (false, true) => ResponseContents::Errors,
            (true, true) => ResponseContents::DataAndErrors,
        };
        // If the body is malformed, the response is that error, unless it has data.
        let broken = self.uploads.as_ref().and_then(Uploads::failure);
        if let Some(refusal) = broken.and_then(|error| reply::refusal_instead(&response, &error)) {
            return (refusal.reply(self.media), contents);
        }
        let mut reply = reply::graphql(response, self.media, &self.id);
        if let Some(dependencies) = dependencies {
            reply.extensions_mut().insert(Cacheable(dependencies));
        }
        (reply, contents)
    }

    /// Adds the path of the argument or input field to errors about values.
    fn locate(&self, errors: &mut [ServerError]) {
        if let Ok(operation) = self.graphql.operation(&self.document, self.media) {
            let (document, variables) = (&self.document, &self.graphql.variables);
            self.inputs.locate(errors, document, operation, variables);
        }
    }

    /// Returns the response, with its dependencies if it may be cached.
    async fn once(
        &self,
        state: &State,
        deadline: Option<Deadline>,
    ) -> (GraphqlResponse, Option<Dependencies>) {
        // The document is already parsed.
        let mut request = Request::new(String::new())
            .variables(self.graphql.variables.clone())
            .data(self.viewer)
            .data(self.client.clone())
            // Takes precedence over the schema's own state: its transactions may record an idempotency key.
            .data(state.clone());
        request
            .operation_name
            .clone_from(&self.graphql.operation_name);
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        if let Some(deadline) = deadline {
            request = request.data(deadline);
        }
        if let Some(uploads) = &self.uploads {
            request = request.data(uploads.clone());
        }
        let loaders = Loaders::new(state, self.viewer);
        let context = loaders.context().clone();
        let response = schema::execute(&self.schema, request, loaders).await;
        let selected = self
            .selected
            .filter(|_| cached::is_cacheable(&response, self.viewer));
        let dependencies = selected.map(|selected| selected.dependencies(&context.reads));
        (response, dependencies)
    }
}

/// Returns whether all errors are serialization failures.
fn is_serialization_failure(response: &GraphqlResponse) -> bool {
    let errors = &response.errors;
    !errors.is_empty()
        && errors
            .iter()
            .all(|error| error.source::<SerializationFailure>().is_some())
}

/// Returns the response to a query that was aborted together with its statements.
fn timed_out() -> GraphqlResponse {
    tracing::warn!("request timed out");
    GraphqlResponse::from_errors(vec![error::of_request(Error::TimedOut)])
}
