//! Executing a request, when everything about it is known.

use async_graphql::{Request, Value};
use axum::response::Response;

use super::cached::{self, ForAll};
use super::negotiation::MediaType;
use super::reply;
use super::request_id::RequestId;
use crate::idempotency::service::Told;
use crate::loader::Loaders;
use crate::schema::{self, Schema};
use crate::state::State;
use crate::upload::Uploads;
use crate::viewer::Viewer;

/// What is to be executed, and how its answer is to look.
pub struct Execution {
    pub schema: Schema,
    pub request: Request,
    /// The files that are still on the wire.
    pub uploads: Option<Uploads>,
    pub viewer: Viewer,
    pub media: MediaType,
    pub id: RequestId,
}

impl Execution {
    /// Executes it with these parts; gives the answer, and what it tells.
    pub async fn run(self, state: &State) -> (Response, Told) {
        // Found before the schema's own: it may be one whose transactions leave a mark.
        let mut request = self.request.data(state.clone());
        if let Some(uploads) = &self.uploads {
            request = request.data(uploads.clone());
        }
        let loaders = Loaders::new(state, self.viewer);
        let response = schema::execute(&self.schema, request, loaders).await;
        let told = match (&response.data, response.is_err()) {
            (_, false) => Told::Data,
            (Value::Null, true) => Told::Errors,
            (_, true) => Told::Both,
        };
        // A body that turns out to be none is refused as such, if the answer tells of nothing else.
        let broken = self.uploads.as_ref().and_then(Uploads::failure);
        if let Some(refusal) = broken.and_then(|error| reply::refusal_instead(&response, &error)) {
            return (refusal.reply(self.media), told);
        }
        let is_for_all = cached::is_for_all(&response, self.viewer);
        let mut answer = reply::graphql(response, self.media, &self.id);
        if is_for_all {
            answer.extensions_mut().insert(ForAll);
        }
        (answer, told)
    }
}
