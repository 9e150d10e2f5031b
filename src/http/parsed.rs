//! Documents that were parsed before: clients send the same few over and over.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use moka::sync::Cache;

use super::negotiation::MediaType;
use super::reply::Refusal;
use super::request::{GraphqlRequest, parse};

/// How much memory they take, about.
const ROOM: u64 = 8 << 20;
/// What a document takes when it is parsed, for each byte of its text and beside that: more than any that was measured.
const EACH: usize = 40;
const BESIDE: usize = 1_000;

/// The documents that were found to be in bounds and could be parsed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ParsedDocuments(Cache<Arc<str>, Arc<ExecutableDocument>>);

impl ParsedDocuments {
    /// None at all yet.
    pub fn new() -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<ExecutableDocument>| {
            u32::try_from(BESIDE + text.len() * EACH).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(ROOM).weigher(weigh).build())
    }

    /// The document of a request. One that can't be parsed is refused, and not remembered.
    pub fn get(
        &self,
        request: &GraphqlRequest,
        media: MediaType,
    ) -> Result<Arc<ExecutableDocument>, Refusal> {
        if let Some(known) = self.0.get(request.query.as_str()) {
            return Ok(known);
        }
        let document = Arc::new(parse(&request.query, media)?);
        self.0
            .insert(request.query.as_str().into(), document.clone());
        Ok(document)
    }
}
