//! The startup gate: serves health probes while the server starts, and holds all other requests until it is ready.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};
use tokio::sync::SetOnce;
use tokio::time::timeout;
use tower_service::Service;

use crate::api::http::negotiation::MediaType;
use crate::api::http::reply::Refusal;
use crate::api::http::{health, request_id};
use crate::core::error::Code;
use crate::infra::server_status::ServerStatus;

/// The timeout of a request that waits for a starting server.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The value of `Retry-After`, in seconds.
const RETRY_AFTER: i32 = 5;

/// The gate of a server, closed until it is ready. Clones share it.
#[derive(Clone, Debug)]
pub struct StartupGate {
    starting: Router,
    ready: Arc<SetOnce<Router>>,
}

impl StartupGate {
    /// Creates the closed gate of a server with this status.
    pub fn closed(status: &ServerStatus) -> Self {
        let (status, ready) = (status.clone(), Arc::new(SetOnce::new()));
        let router_cell = ready.clone();
        let starting = Router::new()
            .route("/health/live", get(health::live))
            .route("/health/ready", get(async move || not_ready(&status)))
            .fallback(move |request| wait(router_cell, request))
            .layer(middleware::from_fn(request_id::assign_request_id));
        Self { starting, ready }
    }

    /// Opens the gate: this router serves all requests. Later calls have no effect.
    pub fn open(&self, router: Router) {
        _ = self.ready.set(router);
    }

    /// Returns the router that serves a request now.
    pub(super) fn router(&self) -> Router {
        self.ready.get().unwrap_or(&self.starting).clone()
    }
}

fn not_ready(status: &ServerStatus) -> Response {
    health::unavailable(status.startup_problem().unwrap_or("the server is starting"))
}

async fn wait(ready: Arc<SetOnce<Router>>, request: Request) -> Result<Response, Infallible> {
    if let Ok(router) = timeout(TIMEOUT, ready.wait()).await {
        return router.clone().call(request).await;
    }
    let message = "The server is starting. Try again in a moment.";
    let refusal = Refusal {
        retry_after: Some(RETRY_AFTER),
        ..Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::ServiceUnavailable,
            message,
        )
    };
    Ok(refusal.reply(MediaType::Json))
}
