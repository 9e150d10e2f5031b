//! Clients: they send requests through the true router and read the answers.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use wares::viewer::Viewer;

/// The header of a request in JSON.
pub const JSON: (&str, &str) = ("content-type", "application/json");
/// The media type of clients that want request errors to be 400.
pub const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    router: Router,
    viewer: Viewer,
}

impl Client {
    pub fn new(router: Router, viewer: Viewer) -> Self {
        Self { router, viewer }
    }

    /// Sends a GraphQL operation.
    pub async fn send(&self, query: &str, variables: Value) -> Answer {
        self.post(&json!({ "query": query, "variables": variables }).to_string())
            .await
    }

    /// Sends a GraphQL operation that is expected to succeed, and gives its data.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.send(query, variables).await;
        assert_eq!(answer.json.get("errors"), None, "{query}");
        answer.json["data"].clone()
    }

    /// Sends a body of JSON.
    pub async fn post(&self, body: &str) -> Answer {
        self.post_with(&[JSON], body.to_owned()).await
    }

    /// Sends a body with these headers.
    pub async fn post_with(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        self.request(Method::POST, "/graphql", headers, body).await
    }

    /// Sends anything.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(self.viewer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Null when the body is not JSON.
    pub json: Value,
    pub text: String,
}

impl Answer {
    /// Fails unless this is a refusal with this status and code, in the shape of a GraphQL answer and nothing else.
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code));
        let body = self.json.as_object().unwrap();
        assert_eq!(body.keys().collect::<Vec<_>>(), ["errors"], "{}", self.text);
        let kind = self.header("content-type");
        assert!(kind.ends_with("; charset=utf-8"), "{kind}");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(self.text.len() < 16_000);
    }

    /// The code of the first error.
    pub fn code(&self) -> &str {
        let code = self.json["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error in {}", self.text))
    }

    /// The argument that the first error is about.
    pub fn field(&self) -> &str {
        let field = &self.json["errors"][0]["extensions"]["field"];
        field.as_str().unwrap_or_default()
    }

    /// A header, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}
