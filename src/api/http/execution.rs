//! Executes a validated request.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response as GraphqlResponse, ServerError};
use axum::response::Response;
use tokio::time::timeout_at;

use super::admission::Admission;
use super::cached::{self, Cacheable};
use super::error_list::{MutationOutcome, is_temporary, set_outcome};
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
use crate::graphql::error::{self, ConnectionLost, SerializationFailure};
use crate::graphql::root::Deadline;
use crate::graphql::upload::Uploads;
use crate::infra::database::Commits;
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
    /// Whether replicas may execute the queries: for an anonymous query of the catalog.
    pub uses_replicas: bool,
    /// The number of the last change of the catalog that a replica must show.
    pub min_sequence: u64,
    /// The fields of a mutation time out one by one, so that completed fields are reported.
    pub is_mutation: bool,
    /// Whether to retry once after a serialization failure: for a mutation that is atomic.
    pub can_retry: bool,
    /// The files that are being received.
    pub uploads: Option<Uploads>,
    pub admission: Admission,
    /// The time after the deadline for which it is executed all the same, because its response is stored.
    pub extension: Duration,
    pub viewer: Viewer,
    pub client: Client,
    pub media: MediaType,
    pub id: RequestId,
}

impl Execution {
    /// Executes the request. Returns the response and whether it has data, errors or both.
    pub async fn run(mut self, state: &State) -> (Response, ResponseContents) {
        // Uploads have no deadline: files may be large, and the minimum upload speed bounds the duration.
        let end = self.admission.deadline() + self.extension;
        let deadline = (self.is_mutation && self.uploads.is_none()).then_some(Deadline(end));
        let commits = Commits::default();
        let (mut response, cacheable) = if self.is_mutation || self.uploads.is_some() {
            let mut state = state.clone();
            state.db = state.db.with_commits(&commits);
            self.repeat(&state, deadline, &commits).await
        } else {
            let ran = timeout_at(end, self.repeat(state, deadline, &commits)).await;
            ran.unwrap_or_else(|_| (timed_out(), None))
        };
        for lost in lost_connections(&response) {
            lost.log();
        }
        if response.is_err() {
            self.locate(&mut response.errors);
        }
        if self.is_mutation {
            let outcome = MutationOutcome::of(&commits);
            response
                .errors
                .iter_mut()
                .for_each(|error| set_outcome(error, outcome));
        }
        let contents = match (reply::has_objects(&response), response.is_err()) {
            (_, false) => ResponseContents::Data,
            (false, true) => ResponseContents::Errors,
            // A response that lacks data only for now is not stored.
            (true, true) if response.errors.iter().any(is_temporary) => ResponseContents::Errors,
            (true, true) => ResponseContents::DataAndErrors,
        };
        // If the body is malformed, the response is that error, unless it has data.
        let broken = self.uploads.as_ref().and_then(Uploads::failure);
        if let Some(refusal) = broken.and_then(|error| reply::refusal_instead(&response, &error)) {
            return (refusal.reply(self.media), contents);
        }
        let mut reply = reply::graphql(response, self.media, &self.id);
        if let Some(cacheable) = cacheable {
            reply.extensions_mut().insert(cacheable);
        }
        (reply, contents)
    }

    /// Executes the request, again if it has changed nothing and may succeed then: once after a serialization failure,
    /// and while the database does not respond.
    async fn repeat(
        &mut self,
        state: &State,
        deadline: Option<Deadline>,
        commits: &Commits,
    ) -> (GraphqlResponse, Option<Cacheable>) {
        loop {
            let with_replica = self.with_replica(state);
            let state = with_replica.as_ref().unwrap_or(state);
            let (response, cacheable) = self.once(state, deadline).await;
            if self.can_retry && is_serialization_failure(&response) {
                self.can_retry = false;
                continue;
            }
            // The files of an upload are received once.
            let can_wait = self.uploads.is_none()
                && !commits.may_have_changed()
                && lost_connections(&response).next().is_some();
            if !can_wait || !self.admission.wait_for(&state.db, self.uses_replicas).await {
                return (response, cacheable);
            }
        }
    }

    /// Returns a state with a replica, if one may execute the queries.
    fn with_replica(&self, state: &State) -> Option<State> {
        let may_use = self.uses_replicas && state.db.has_replicas();
        if !may_use {
            return None;
        }
        state.read_cache.note_use();
        let db = state.db.with_replica(self.min_sequence)?;
        let mut with_replica = state.clone();
        with_replica.db = db;
        Some(with_replica)
    }

    /// Adds the path of the argument or input field to errors about values.
    fn locate(&self, errors: &mut [ServerError]) {
        if let Ok(operation) = self.graphql.operation(&self.document, self.media) {
            let (document, variables) = (&self.document, &self.graphql.variables);
            self.inputs.locate(errors, document, operation, variables);
        }
    }

    /// Returns the response, and how it may be cached, if so.
    async fn once(
        &self,
        state: &State,
        deadline: Option<Deadline>,
    ) -> (GraphqlResponse, Option<Cacheable>) {
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
        let cacheable = selected.map(|selected| Cacheable {
            dependencies: selected.dependencies(&context.reads),
            seen: state.db.reader().replica_sequence(),
            staleness: state.db.reader().staleness(),
        });
        (response, cacheable)
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

/// Returns the errors of a response that were caused by lost connections to the database.
fn lost_connections(response: &GraphqlResponse) -> impl Iterator<Item = &ConnectionLost> {
    response.errors.iter().filter_map(ServerError::source)
}

/// Returns the response to a query that was aborted together with its statements.
fn timed_out() -> GraphqlResponse {
    tracing::warn!("request timed out");
    GraphqlResponse::from_errors(vec![error::of_request(Error::TimedOut)])
}
