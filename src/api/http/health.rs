//! Health probes: whether the process is alive, and whether it is ready.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::core::error::error_chain;
use crate::infra::database::{READ_ONLY, currency, migrate};
use crate::state::State as Parts;

/// Returns 200 as long as the process responds.
pub async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The time for which a primary that does not respond only degrades the server: requests wait for it, and a failover
/// takes seconds. All servers have the same primary, so a load balancer would have none left.
const FAILOVER: Duration = Duration::from_secs(10);

/// Returns 200 if the database is reachable, accepts writes and is migrated, and the server is not stopping. An unreachable object store
/// only degrades the server, because everything except images works. So does a primary that has not responded for less
/// than 10 seconds, or `STALE_WHEN_AWAY`.
pub async fn ready(State(state): State<Parts>) -> Response {
    if state.server_status.is_stopping() {
        return unavailable("the server is stopping");
    }
    let max_silence = FAILOVER.max(state.config.pooling.stale_for());
    if state
        .db
        .silent_for()
        .is_some_and(|silence| silence < max_silence)
    {
        return degraded(state.db.primary_problem());
    }
    let found = tokio::select! {
        found = find_problem(&state) => found,
        () = state.db.is_read_only() => Ok(Some(READ_ONLY.to_owned())),
    };
    let problem = match found {
        Ok(None) if state.storage.is_unavailable() => {
            return degraded("the image store is unreachable");
        }
        Ok(None) => return Json(json!({ "status": "ok" })).into_response(),
        Ok(Some(problem)) => problem,
        Err(error) => {
            tracing::warn!(cause = error_chain(&error), "not ready");
            "the database is unreachable".to_owned()
        }
    };
    unavailable(&problem)
}

/// Returns the problem of a reachable database that this process can't serve, if any.
async fn find_problem(state: &Parts) -> anyhow::Result<Option<String>> {
    let pending = migrate::pending(&state.db).await?;
    if pending > 0 {
        return Ok(Some(format!("{pending} migrations are pending")));
    }
    let mismatch = currency::find_mismatch(&state.db, state.config.shop_currency).await?;
    Ok(mismatch.map(|mismatch| mismatch.to_string()))
}

/// Returns the response of a probe to a server that some requests can use.
fn degraded(problem: &str) -> Response {
    Json(json!({ "status": "degraded", "problem": problem })).into_response()
}

/// Returns the 503 response of a probe.
pub(crate) fn unavailable(problem: &str) -> Response {
    let body = Json(json!({ "status": "unavailable", "problem": problem }));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}
