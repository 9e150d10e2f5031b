//! Who answers while the server starts: the probes at once, and all others when it is ready.

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

/// How long a request waits for a server that starts.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many seconds to wait before asking again.
const RETRY_AFTER: i32 = 5;

/// The doors of a server: closed until it is ready. Clones share them.
#[derive(Clone, Debug)]
pub struct Doors {
    porter: Router,
    inside: Arc<SetOnce<Router>>,
}

impl Doors {
    /// Doors that are closed.
    pub fn closed() -> Self {
        let inside = Arc::new(SetOnce::new());
        let awaited = inside.clone();
        let porter = Router::new()
            .route("/health/live", get(health::live))
            .route("/health/ready", get(not_yet))
            .fallback(move |request| wait(awaited, request))
            .layer(middleware::from_fn(request_id::identify));
        Self { porter, inside }
    }

    /// From here on this router answers. Only the first one does.
    pub fn open(&self, router: Router) {
        _ = self.inside.set(router);
    }

    /// Who answers a request now.
    pub(super) fn router(&self) -> Router {
        self.inside.get().unwrap_or(&self.porter).clone()
    }
}

async fn not_yet() -> Response {
    health::unavailable("the server is starting")
}

async fn wait(inside: Arc<SetOnce<Router>>, request: Request) -> Result<Response, Infallible> {
    if let Ok(router) = timeout(PATIENCE, inside.wait()).await {
        return router.clone().call(request).await;
    }
    let message = "This server is starting. Try again in a moment.";
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
