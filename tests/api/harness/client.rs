//! Clients that send requests through the real router and read the responses.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::MULTIPART;

/// The header of a JSON request.
pub const JSON: (&str, &str) = ("content-type", "application/json");
/// The media type with which request errors have the status 400.
pub const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// A client with an address and optionally an access token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    /// The client address and port.
    peer: SocketAddr,
    token: Option<String>,
    cart_token: Option<String>,
}

impl Client {
    /// Creates a client without credentials at a new address, so that rate limits of other clients do not apply
    /// to it.
    pub fn new(router: Router) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0x0a00_0001);
        let address = Ipv4Addr::from(NEXT.fetch_add(1, Ordering::Relaxed));
        Self {
            router,
            peer: SocketAddr::new(address.into(), 4_000),
            token: None,
            cart_token: None,
        }
    }

    /// Returns this client with another address.
    pub fn with_address(mut self, address: &str) -> Self {
        self.peer.set_ip(address.parse().unwrap());
        self
    }

    /// Returns this client with this access token.
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Returns this client with the token of a cart.
    pub fn with_cart_token(mut self, token: &str) -> Self {
        self.cart_token = Some(token.to_owned());
        self
    }

    /// Sends a GraphQL operation.
    pub async fn send(&self, query: &str, variables: Value) -> ApiResponse {
        self.post(&json!({ "query": query, "variables": variables }).to_string())
            .await
    }

    /// Sends a GraphQL operation that must succeed, and returns its data.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let response = self.send(query, variables).await;
        assert_eq!(response.json.get("errors"), None, "{query}");
        response.json["data"].clone()
    }

    /// Logs in and returns the payload.
    pub async fn login(&self, email: &str, password: &str) -> Value {
        let query = "mutation($input: LoginInput!) { login(input: $input) {
            accessToken refreshToken accessTokenExpiresAt user { id email }
            userErrors { code field message retryAfterSeconds } } }";
        let input = json!({ "email": email, "password": password });
        let data = self.data(query, json!({ "input": input })).await;
        data["login"].clone()
    }

    /// Whether the access token is valid.
    pub async fn is_signed_in(&self) -> bool {
        let response = self.send("{ me { email } }", json!({})).await;
        if response.status == 200 {
            assert!(
                response.json["data"]["me"]["email"].is_string(),
                "{}",
                response.text
            );
            return true;
        }
        response.assert_refused(401, "UNAUTHENTICATED");
        assert!(response.header("www-authenticate").starts_with("Bearer"));
        false
    }

    /// Registers an account and returns the payload.
    pub async fn register(&self, email: &str) -> Value {
        let input = json!({"email": email, "password": "correct horse 9", "name": "Ann"});
        self.run_mutation("register", input, "resendAfterSeconds")
            .await
    }

    /// Verifies an email address with a code and returns the payload.
    pub async fn verify(&self, email: &str, otp: &str) -> Value {
        let input = json!({"email": email, "otp": otp});
        self.run_mutation("verifyEmail", input, "user { email emailVerified }")
            .await
    }

    /// Runs a mutation with a single input and returns the response with the fields of `select`.
    pub async fn mutate(&self, name: &str, input: Value, select: &str) -> ApiResponse {
        let mut characters = name.chars();
        let first = characters.next().unwrap().to_ascii_uppercase();
        let kind = format!("{first}{}Input", characters.as_str());
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {select} userErrors {{ code field message retryAfterSeconds }} }} }}"
        );
        self.send(&query, json!({ "input": input })).await
    }

    /// Runs a mutation that must return a payload, and returns the payload.
    pub async fn run_mutation(&self, name: &str, input: Value, select: &str) -> Value {
        let response = self.mutate(name, input, select).await;
        assert_eq!(response.json.get("errors"), None, "{name}");
        response.json["data"][name].clone()
    }

    /// Sends a JSON body.
    pub async fn post(&self, body: &str) -> ApiResponse {
        self.post_with(&[JSON], body.to_owned()).await
    }

    /// Sends a multipart request.
    pub async fn upload(&self, body: impl Into<Body>) -> ApiResponse {
        self.post_with(&MULTIPART, body).await
    }

    /// Sends a body with these headers.
    pub async fn post_with(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> ApiResponse {
        self.request(Method::POST, "/graphql", headers, body).await
    }

    /// Sends a GET request for this path and returns the headers and bytes of the response.
    pub async fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> (HeaderMap, Bytes) {
        let response = self.send_to_router(Method::GET, path, headers, "").await;
        let (parts, body) = response.into_parts();
        (parts.headers, body.collect().await.unwrap().to_bytes())
    }

    /// Sends any request.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> ApiResponse {
        let response = self.send_to_router(method, path, headers, body).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        ApiResponse {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    async fn send_to_router(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(token) = &self.cart_token {
            request = request.header("cart-token", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// Returns the code of the first user error of a payload. Empty if there is none.
pub fn user_error(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// A response.
#[derive(Debug)]
pub struct ApiResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Null if the body is not JSON.
    pub json: Value,
    pub text: String,
}

impl ApiResponse {
    /// Fails unless this is an error response with this status and code, in the format of a GraphQL response with
    /// only `errors`.
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.code()), (status, code));
        let body = self.json.as_object().unwrap();
        assert_eq!(body.keys().collect::<Vec<_>>(), ["errors"], "{}", self.text);
        let kind = self.header("content-type");
        assert!(kind.ends_with("; charset=utf-8"), "{kind}");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(self.text.len() < 16_000);
    }

    /// Returns the code of the first error.
    pub fn code(&self) -> &str {
        let code = self.json["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("no error in {}", self.text))
    }

    /// Returns the argument that the first error names.
    pub fn field(&self) -> &str {
        let field = &self.json["errors"][0]["extensions"]["field"];
        field.as_str().unwrap_or_default()
    }

    /// Returns a header. Empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}
