//! Connections and requests: authentication, idempotency keys and faults.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::browser;
use super::errors::ApiError;
use super::faults::{self, FaultKind};
use super::idempotency::Decision;
use super::params::Params;
use super::routes;
use super::state::{Account, alphanumeric};
use super::{PUBLISHABLE_KEY, RequestRecord, SECRET_KEY};

pub type Shared = Arc<Mutex<Account>>;

/// The maximum size of a request body, in bytes.
const MAX_BODY: usize = 1 << 20;

/// A request.
pub struct Call {
    pub method: String,
    pub path: String,
    pub params: Params,
    pub headers: BTreeMap<String, String>,
    /// Whether it is sent by a browser, with the publishable key and a client secret.
    pub is_public: bool,
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn key(&self) -> Option<&str> {
        let key = self.header("idempotency-key");
        key.filter(|_| self.method == "POST")
    }

    /// Returns the API key: a bearer token, the user of basic authentication, or a parameter.
    fn api_key(&self) -> Option<String> {
        let authorization = self.header("authorization").unwrap_or_default();
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            return Some(token.to_owned());
        }
        if let Some(encoded) = authorization.strip_prefix("Basic ") {
            let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
            return Some(decoded.trim_end_matches(':').to_owned());
        }
        self.params.get("key").map(str::to_owned)
    }
}

/// A response before it is sent.
struct Reply {
    status: u16,
    body: Bytes,
    kind: &'static str,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    fn json(status: u16, body: Bytes) -> Self {
        Self {
            status,
            body,
            kind: "application/json",
            headers: Vec::new(),
        }
    }

    fn error(error: &ApiError) -> Self {
        let mut reply = Self::json(error.status, encode(&error.body()));
        if let Some(should_retry) = error.should_retry {
            let header = ("stripe-should-retry", should_retry.to_string());
            reply.headers.push(header);
        }
        reply
    }
}

/// The connection is cut.
#[derive(Debug)]
struct Cut;

/// Serves a connection.
pub async fn serve_connection(stream: TcpStream, shared: Arc<Mutex<Account>>) -> io::Result<()> {
    let service = service_fn(move |request| {
        let shared = shared.clone();
        // A client that hangs up does not stop its request.
        let handled = tokio::spawn(handle(request, shared));
        async move {
            handled
                .await
                .unwrap_or(Err(Cut))
                .map_err(|Cut| io::Error::other("cut"))
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Also ends with an error if the client hangs up.
    _ = connection.await;
    Ok(())
}

async fn handle(request: Request<Incoming>, shared: Shared) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), MAX_BODY).await.map_err(|_| Cut)?;
    let path = parts.uri.path().to_owned();
    if let Some((kind, file)) = browser::file(&path) {
        let mut reply = Reply::json(200, Bytes::from(file));
        reply.kind = kind;
        return Ok(response(reply, "req_file"));
    }
    let params = match parts.method.as_str() {
        "GET" => Params::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        _ => Params::parse(&body),
    };
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    let mut call = Call {
        method: parts.method.as_str().to_owned(),
        path,
        params,
        headers: headers.collect(),
        is_public: false,
    };
    let id = format!("req_{}", alphanumeric(14));
    let fault = {
        let mut account = lock(&shared);
        account.requests.push(RequestRecord {
            method: call.method.clone(),
            path: call.path.clone(),
            idempotency_key: call.key().map(str::to_owned),
            params: call.params.pairs().to_vec(),
            headers: call.headers.clone(),
        });
        account.active += 1;
        account.max_active = account.max_active.max(account.active);
        faults::take(&mut account.faults, &call.method, &call.path)
    };
    let reply = perform(&shared, &mut call, &id, fault).await;
    lock(&shared).active -= 1;
    reply.map(|reply| response(reply, &id))
}

/// Executes a request with its fault.
async fn perform(
    shared: &Shared,
    call: &mut Call,
    id: &str,
    fault: Option<FaultKind>,
) -> Result<Reply, Cut> {
    match &fault {
        Some(FaultKind::Hang(time)) => {
            sleep(*time).await;
            return Err(Cut);
        }
        Some(FaultKind::Status(status)) => {
            return Ok(Reply::error(&ApiError::of_status(*status)));
        }
        Some(FaultKind::Html(status)) => {
            let page = "<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>";
            let mut reply = Reply::json(*status, Bytes::from(page));
            reply.kind = "text/html";
            return Ok(reply);
        }
        _ => {}
    }
    if let Err(error) = authenticate(&lock(shared), call) {
        return Ok(Reply::error(&error));
    }
    let key = call.key().map(str::to_owned);
    if let Some(key) = &key {
        let decision = lock(shared).begin_key(key, &call.path, &call.params);
        match decision {
            Err(error) => return Ok(Reply::error(&error)),
            Ok(Decision::Execute) => {}
            Ok(Decision::Replay(status, body)) => return replay(shared, status, body, fault).await,
        }
    }
    if let Some(FaultKind::Delay(time)) = &fault {
        sleep(*time).await;
    }
    let (reply, is_stored) = execute(&mut lock(shared), call, id, fault.as_ref());
    if let Some(key) = &key {
        let stored = is_stored.then(|| (reply.status, reply.body.clone()));
        lock(shared).end_key(key, stored);
    }
    send(reply, fault).await
}

/// Returns the response, and whether it is stored with the idempotency key.
fn execute(
    account: &mut Account,
    call: &Call,
    id: &str,
    fault: Option<&FaultKind>,
) -> (Reply, bool) {
    let failure = |status: u16| Reply::error(&ApiError::of_status(status).retry(false));
    if let Some(FaultKind::StoredStatus(status)) = fault {
        return (failure(*status), true);
    }
    let version = call.header("stripe-version").unwrap_or_default().to_owned();
    account.origin = Some((id.to_owned(), call.key().map(str::to_owned), version));
    let result = routes::execute(account, call);
    account.origin = None;
    match (result, fault) {
        (Ok(_), Some(FaultKind::StatusAfterwards(status))) => (failure(*status), true),
        (Ok(body), _) => (Reply::json(200, encode(&body)), true),
        (Err(error), _) => (Reply::error(&error), error.has_begun),
    }
}

/// Returns a stored response.
async fn replay(
    shared: &Shared,
    status: u16,
    body: Bytes,
    fault: Option<FaultKind>,
) -> Result<Reply, Cut> {
    let object: Value = serde_json::from_slice(&body).unwrap();
    if object["object"] == "payment_intent" {
        let mut account = lock(shared);
        account.intent_mut(object["id"].as_str().unwrap()).creations += 1;
    }
    let mut reply = Reply::json(status, body);
    reply
        .headers
        .push(("idempotent-replayed", "true".to_owned()));
    if status >= 500 {
        let header = ("stripe-should-retry", "false".to_owned());
        reply.headers.push(header);
    }
    send(reply, fault).await
}

/// Applies the faults of responses.
async fn send(mut reply: Reply, fault: Option<FaultKind>) -> Result<Reply, Cut> {
    match fault {
        Some(FaultKind::LoseResponse) => return Err(Cut),
        Some(FaultKind::DelayResponse(time)) => sleep(time).await,
        Some(FaultKind::Huge(spaces)) => {
            let body = [reply.body.to_vec(), vec![b' '; spaces]].concat();
            reply.body = Bytes::from(body);
        }
        Some(FaultKind::Truncate(length)) => reply.body.truncate(length),
        Some(fault) if reply.status == 200 => {
            let mut body = serde_json::from_slice(&reply.body).unwrap();
            faults::change(&fault, &mut body);
            reply.body = encode(&body);
        }
        _ => {}
    }
    Ok(reply)
}

/// Fails unless the request has a valid API key for its endpoint, and an API version.
fn authenticate(account: &Account, call: &mut Call) -> Result<(), ApiError> {
    let refuse = |message: String| ApiError::new(401, "invalid_request_error", message);
    let Some(key) = call.api_key() else {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        return Err(refuse(message.to_owned()));
    };
    if key == PUBLISHABLE_KEY {
        call.is_public = true;
        return authorize_browser(account, call);
    }
    if key != SECRET_KEY {
        let visible = key.get(..8).unwrap_or_default();
        return Err(refuse(format!("Invalid API Key provided: {visible}****")));
    }
    let version = call.header("stripe-version").unwrap_or_default();
    let is_date = version.get(..10).is_some_and(|date| {
        let mut letters = date.chars();
        letters.all(|letter| letter.is_ascii_digit() || letter == '-')
    });
    if !is_date {
        let message = format!("Invalid Stripe API version: {version}");
        return Err(ApiError::invalid(message));
    }
    Ok(())
}

/// Allows a browser to see and to confirm the intent whose client secret it has.
fn authorize_browser(account: &Account, call: &Call) -> Result<(), ApiError> {
    let path = call.path.strip_prefix("/v1/payment_intents/");
    let id = path.map(|path| path.trim_end_matches("/confirm"));
    let id = id.filter(|id| !id.is_empty() && !id.contains('/'));
    let Some(id) = id else {
        let message = "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.";
        return Err(
            ApiError::new(401, "invalid_request_error", message).code("secret_key_required")
        );
    };
    let secret = call.params.required("client_secret")?;
    if account.find_intent(id)?.secret == secret {
        return Ok(());
    }
    let message = "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the publishable key used belongs to the same account that created the PaymentIntent.";
    Err(ApiError::invalid(message)
        .code("resource_missing")
        .param("client_secret"))
}

fn response(reply: Reply, id: &str) -> Response<Body> {
    let mut response = Response::builder()
        .status(reply.status)
        .header("content-type", reply.kind)
        .header("request-id", id)
        .header("access-control-allow-origin", "*");
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

fn encode(body: &Value) -> Bytes {
    Bytes::from(serde_json::to_vec_pretty(body).unwrap())
}

pub fn lock(shared: &Shared) -> MutexGuard<'_, Account> {
    // A panic while it was locked fails its own test.
    shared
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
