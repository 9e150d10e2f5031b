//! Automatic persisted queries: a client sends the hash of a document instead of the document, and sends both if the
//! server does not know the hash (<https://www.apollographql.com/docs/apollo-server/performance/apq>).

use std::sync::Arc;

use axum::http::StatusCode;
use moka::sync::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::reply::Refusal;
use super::request::GraphqlRequest;
use crate::core::error::Code;

/// The maximum size of the stored documents in bytes. Unused documents are evicted.
const MAX_CACHE_BYTES: u64 = 4 << 20;
/// The overhead of a stored document in bytes.
const ENTRY_OVERHEAD: usize = 200;
/// The supported version of the protocol.
const VERSION: u64 = 1;

/// The SHA-256 hash of a document.
pub type Hash = [u8; 32];

/// The stored documents. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PersistedDocuments(Cache<Hash, Arc<str>>);

impl PersistedDocuments {
    /// Creates an empty store.
    pub fn new() -> Self {
        let weigh = |_: &Hash, text: &Arc<str>| {
            u32::try_from(ENTRY_OVERHEAD + text.len()).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .max_capacity(MAX_CACHE_BYTES)
                .weigher(weigh)
                .build(),
        )
    }

    /// Inserts the stored document into a request that has only its hash.
    pub fn complete(&self, request: &mut GraphqlRequest) -> Result<(), Refusal> {
        let Some(hash) = &request.persisted else {
            return Ok(());
        };
        if request.query.is_empty() {
            let unknown = || {
                // Clients look for this message in a response with status 200, whatever media type they accept.
                Refusal::new(
                    StatusCode::OK,
                    Code::PersistedQueryNotFound,
                    "PersistedQueryNotFound",
                )
            };
            let known = self.0.get(hash).ok_or_else(unknown)?;
            known.as_ref().clone_into(&mut request.query);
            // Already stored.
            request.persisted = None;
        } else if hash[..] != Sha256::digest(&request.query)[..] {
            return Err(Refusal::bad_request(
                "`sha256Hash` is not the SHA-256 of `query`.",
            ));
        }
        Ok(())
    }

    /// Stores the document of a request that came with its hash, after it was validated.
    pub fn keep(&self, request: &GraphqlRequest) {
        if let Some(hash) = request.persisted {
            self.0.insert(hash, request.query.as_str().into());
            self.0.run_pending_tasks();
        }
    }
}

/// Parses the hash in the extension `persistedQuery` of a request, if any.
pub fn read(extension: Option<&Value>) -> Result<Option<Hash>, Refusal> {
    let given = match extension {
        None | Some(Value::Null) => return Ok(None),
        Some(given) => given,
    };
    if given["version"].as_u64() != Some(VERSION) {
        return Err(Refusal::bad_request(
            "`persistedQuery` must have the `version` 1.",
        ));
    }
    let hash = given["sha256Hash"].as_str().and_then(parse);
    let wrong = || Refusal::bad_request("`sha256Hash` must be a SHA-256 of 64 hexadecimal digits.");
    hash.map(Some).ok_or_else(wrong)
}

fn parse(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    let mut hash = Hash::default();
    if digits.len() != hash.len() * 2 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(hash)
}
