//! Documents that were parsed before: clients send the same few over and over.

use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::parser::{Error, parse_query};
use moka::sync::Cache;

use super::limits::{Beyond, Limiter};
use super::negotiation::MediaType;
use super::reply::Refusal;
use super::request::GraphqlRequest;
use crate::error::Code;

/// How much memory they take, about.
const ROOM: u64 = 8 << 20;
/// What a document takes when it is parsed, for each byte of its text and beside that: more than any that was measured.
const EACH: usize = 40;
const BESIDE: usize = 1_000;

/// The documents that were found to be in bounds and could be parsed.
#[derive(Debug)]
pub struct ParsedDocuments {
    limiter: Limiter,
    known: Cache<Arc<str>, Parsed>,
}

/// A document that may be validated. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub document: Arc<ExecutableDocument>,
    /// Whether it costs little, whatever its variables are.
    is_cheap: bool,
}

impl ParsedDocuments {
    /// None at all yet. These are the bounds.
    pub fn new(limiter: Limiter) -> Self {
        let weigh = |text: &Arc<str>, _: &Parsed| {
            u32::try_from(BESIDE + text.len() * EACH).unwrap_or(u32::MAX)
        };
        let known = Cache::builder().max_capacity(ROOM).weigher(weigh).build();
        Self { limiter, known }
    }

    /// The document of a request. One that is out of bounds or can't be parsed is refused, and not remembered.
    pub fn get(&self, request: &GraphqlRequest, media: MediaType) -> Result<Parsed, Refusal> {
        let text = request.query.as_str();
        if let Some(known) = self.known.get(text) {
            return Ok(known);
        }
        let refuse = |beyond| refusal(beyond, media);
        let admitted = self.limiter.text(text).map_err(refuse)?;
        let document = parse_query(text).map_err(|error| Refusal {
            locations: error.positions().collect(),
            ..Refusal::request(Code::GraphqlParseFailed, syntax_message(&error), media)
        })?;
        let judged = self.limiter.document(&admitted, &document);
        judged.map_err(refuse)?;
        let parsed = Parsed {
            is_cheap: self.limiter.is_cheap(&document),
            document: Arc::new(document),
        };
        self.known.insert(text.into(), parsed.clone());
        Ok(parsed)
    }

    /// Refuses an operation that asks for too much with the variables of this request.
    pub fn check_cost(
        &self,
        parsed: &Parsed,
        operation: &OperationDefinition,
        request: &GraphqlRequest,
        media: MediaType,
    ) -> Result<(), Refusal> {
        if parsed.is_cheap {
            return Ok(());
        }
        let (document, variables) = (&parsed.document, &request.variables);
        let judged = self.limiter.cost(document, operation, variables);
        judged.map_err(|beyond| refusal(beyond, media))
    }
}

fn refusal(beyond: Beyond, media: MediaType) -> Refusal {
    Refusal::request(Code::QueryLimitExceeded, beyond, media)
}

/// What was expected, without the piece of the document that the parser would quote.
fn syntax_message(error: &Error) -> String {
    match error {
        Error::Syntax { message, .. } => {
            let expected = message
                .rsplit_once("= ")
                .map(|(_, expected)| expected.trim());
            match expected {
                Some(expected) => format!("The document could not be parsed: {expected}."),
                None => "The document could not be parsed.".to_owned(),
            }
        }
        _ => "The document is not one that can be executed.".to_owned(),
    }
}
