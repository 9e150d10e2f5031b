//! `/`: leads to the API.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::VARY;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::App;
use super::negotiation::{MediaType, negotiate};

/// Redirects a browser to GraphiQL. Returns the path of the API to other clients.
pub async fn root(State(app): State<App>, headers: HeaderMap) -> Response {
    let media = negotiate(&headers, &[MediaType::Json, MediaType::Html]);
    let response = if app.graphiql.is_some() && media == Some(MediaType::Html) {
        Redirect::to("/graphql").into_response()
    } else {
        let name = &app.state.config.shop_name;
        Json(json!({"name": name, "graphql": "/graphql"})).into_response()
    };
    ([(VARY, "accept")], response).into_response()
}
