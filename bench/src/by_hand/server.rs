//! The process of the baseline and its HTTP routes.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::extract::{Path as Parameter, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::database::Database;
use super::{accounts, orders, products, reads};
use crate::http::post_json;

/// A running baseline. Killed on drop.
pub struct ByHand {
    child: Child,
    pub address: String,
}

impl ByHand {
    /// Starts the baseline on a database. It serves the bytes of `memory` at `/memory`.
    pub fn start(url: &str, memory: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("by-hand")
            .arg(memory)
            .env("DATABASE_URL", url)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim().to_owned();
        ensure!(!address.is_empty(), "the baseline did not start");
        Ok(Self { child, address })
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Encodes a request to a path.
    pub fn request(path: &str, body: &Value) -> Vec<u8> {
        post_json(path, "", body)
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[derive(Clone)]
struct AppState {
    database: Database,
    hasher: Arc<accounts::Hasher>,
    memory: Bytes,
}

/// Serves until the process is killed. Prints the address as the first line.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let memory = arguments.next().context("no file")?;
    let memory = std::fs::read(memory)?.into();
    let url = std::env::var("DATABASE_URL")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let state = AppState {
            database: Database::connect(&url).await?,
            hasher: Arc::default(),
            memory,
        };
        let router = Router::new()
            .route("/memory", post(from_memory))
            .route("/list", post(list))
            .route("/product", post(product))
            .route("/write/{name}", post(write))
            .with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{}", listener.local_addr()?)?;
        stdout.flush()?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

async fn from_memory(State(state): State<AppState>, _: Bytes) -> Response {
    json(state.memory)
}

#[derive(Deserialize)]
struct List {
    after: Option<(String, Uuid)>,
}

async fn list(State(state): State<AppState>, Json(list): Json<List>) -> Response {
    respond(reads::list(&state.database.reader, list.after).await)
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProductKey {
    Id(Uuid),
    Slug(String),
}

async fn product(State(state): State<AppState>, Json(key): Json<ProductKey>) -> Response {
    let reader = &state.database.reader;
    respond(match key {
        ProductKey::Id(id) => reads::by_id(reader, id).await,
        ProductKey::Slug(slug) => reads::by_slug(reader, slug).await,
    })
}

async fn write(
    State(state): State<AppState>,
    Parameter(name): Parameter<String>,
    body: Bytes,
) -> Response {
    let database = &state.database;
    let done = match name.as_str() {
        "create" => products::create(database, &body).await,
        "update" => products::update(database, &body).await,
        "stock" => products::adjust_stock(database, &body).await,
        "bulk" => products::change_prices(database, &body).await,
        "register" => accounts::register(database, &state.hasher, &body).await,
        "login" => accounts::login(database, &state.hasher, &body).await,
        "refresh" => accounts::refresh(database, &body).await,
        "cart" => orders::add(database, &body).await,
        "order" => orders::place(database, &body).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    respond(done.and_then(|data| {
        let body = serde_json::json!({"data": {"done": data}});
        Ok(serde_json::to_vec(&body)?)
    }))
}

fn respond(response: Result<Vec<u8>>) -> Response {
    match response {
        Ok(bytes) => json(bytes.into()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

fn json(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], bytes).into_response()
}
