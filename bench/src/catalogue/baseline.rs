//! The baseline server: a minimal hand-written server on the same libraries. It serves fixed bytes from memory, and
//! runs the statements of a page and serializes the rows as JSON, without GraphQL and validation.

use std::io::Write as _;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use uuid::Uuid;

use super::sql::{Cursor, Database};

/// State of the server.
#[derive(Clone)]
struct AppState {
    database: Database,
    /// The response served from memory.
    response: Bytes,
}

/// Runs the server until it is killed. Prints its address as the first line.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let usage = "usage: wares-bench ceiling URL FILE";
    let url = arguments.next().context(usage)?;
    let response = std::fs::read(arguments.next().context(usage)?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let state = AppState {
            database: Database::connect(&url).await?,
            response: response.into(),
        };
        let router = Router::new()
            .route("/memory", post(memory))
            .route("/page", post(page))
            .route("/product", post(product))
            .with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{}", listener.local_addr()?)?;
        stdout.flush()?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

async fn memory(State(state): State<AppState>, _: Bytes) -> Response {
    json(state.response)
}

#[derive(Deserialize)]
struct PageRequest {
    after: Option<(String, Uuid)>,
}

async fn page(State(state): State<AppState>, Json(request): Json<PageRequest>) -> Response {
    let after = request.after.map(|(key, id)| Cursor { key, id });
    to_response(state.database.page(after).await)
}

#[derive(Deserialize)]
struct ProductRequest {
    slug: String,
}

async fn product(State(state): State<AppState>, Json(request): Json<ProductRequest>) -> Response {
    to_response(state.database.product(&request.slug).await)
}

fn to_response(response: Result<Vec<u8>>) -> Response {
    response.map_or_else(
        |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        |bytes| json(bytes.into()),
    )
}

fn json(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response()
}
