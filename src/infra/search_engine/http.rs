//! The HTTP client of the search engine's client.

use std::io;
use std::pin::pin;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::io::{AsyncRead, AsyncReadExt};
use http_body_util::{BodyExt, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use meilisearch_sdk::errors::Error;
use meilisearch_sdk::request::{HttpClient, Method, parse_response};
use reqwest::{Body, Client, Method as Verb, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::core::secret::Secret;
use crate::infra::http_client;

/// The maximum size of a response, in bytes: a thousand hits take 60 KiB.
const MAX_BYTES: usize = 4 << 20;
/// The maximum duration of a request. Searches end sooner.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends the requests of [`meilisearch_sdk`]. Connections are reused.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client,
    key: Option<Secret>,
}

impl Http {
    pub(super) fn new(key: Option<Secret>) -> Self {
        Self {
            client: http_client::pooled(TIMEOUT),
            key,
        }
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn stream_request<
        Query: Serialize + Send + Sync,
        Content: AsyncRead + Send + Sync + 'static,
        Output: DeserializeOwned + 'static,
    >(
        &self,
        url: &str,
        method: Method<Query, Content>,
        content_type: &str,
        expected_status: u16,
    ) -> Result<Output, Error> {
        let query = yaup::to_string(method.query())?;
        let mut request = self.client.request(verb(&method), format!("{url}{query}"));
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, format!("Bearer {}", key.expose()));
        }
        if let Some(content) = method.into_body() {
            let mut bytes = Vec::new();
            let mut content = pin!(content);
            content.read_to_end(&mut bytes).await.map_err(other)?;
            request = request.header(CONTENT_TYPE, content_type).body(bytes);
        }
        let response = request.send().await.map_err(|error| {
            // The text of the error holds the address and nothing of the request.
            let reason = http_client::reason(&error);
            other(io::Error::other(
                reason.unwrap_or_else(|| "the connection failed".to_owned()),
            ))
        })?;
        let status = response.status().as_u16();
        let body = text(response).await?;
        parse_response(status, expected_status, &body, url.to_owned())
    }

    fn is_tokio(&self) -> bool {
        true
    }
}

/// Reads a response. An empty one is `null`.
async fn text(response: Response) -> Result<String, Error> {
    let body = Body::from(response);
    let body = Limited::new(body, MAX_BYTES).collect().await;
    let body = body.map_err(Error::Other)?.to_bytes();
    if body.is_empty() {
        return Ok("null".to_owned());
    }
    String::from_utf8(body.into()).map_err(other)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Other(Box::new(error))
}

const fn verb<Q, B>(method: &Method<Q, B>) -> Verb {
    match method {
        Method::Get { .. } => Verb::GET,
        Method::Post { .. } => Verb::POST,
        Method::Put { .. } => Verb::PUT,
        Method::Patch { .. } => Verb::PATCH,
        Method::Delete { .. } => Verb::DELETE,
    }
}
