//! What an operator's probes ask: is the process alive, and can it serve.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::core::error::story;
use crate::infra::database::{currency, migrate};
use crate::state::State as Parts;

/// The process answers.
pub async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The database answers and has all migrations, and the server is not about to end. Without the store of the pictures all
/// but these goes on, so that a server is no worse than none.
pub async fn ready(State(state): State<Parts>) -> Response {
    if state.server_status.is_stopping() {
        return unavailable("the server is stopping");
    }
    let problem = match find_problem(&state).await {
        Ok(None) if state.storage.is_away() => {
            let problem = "the store of the pictures does not answer";
            let body = json!({ "status": "degraded", "problem": problem });
            return Json(body).into_response();
        }
        Ok(None) => return Json(json!({ "status": "ok" })).into_response(),
        Ok(Some(problem)) => problem,
        Err(error) => {
            tracing::warn!(cause = story(&error), "not ready");
            "the database does not answer".to_owned()
        }
    };
    unavailable(&problem)
}

/// Returns the state of the database that this process cannot serve.
async fn find_problem(state: &Parts) -> anyhow::Result<Option<String>> {
    let pending = migrate::pending(&state.db).await?;
    if pending > 0 {
        return Ok(Some(format!("{pending} migrations are pending")));
    }
    let mismatch = currency::find_mismatch(&state.db, state.config.shop_currency).await?;
    Ok(mismatch.map(|mismatch| mismatch.to_string()))
}

/// What a probe is told while nothing is to be sent here.
pub(crate) fn unavailable(problem: &str) -> Response {
    let body = Json(json!({ "status": "unavailable", "problem": problem }));
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}
