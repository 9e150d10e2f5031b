//! A simulated Meilisearch server: the part of its API (version 1.x) that Wares uses, with a simple search. Requests are
//! processed in their order, as the real one does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Json, middleware};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const KEY: &str = "search-key-hunter2";

/// The treatment of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineBehaviour {
    #[default]
    Answer,
    /// Answers 500.
    Fail,
    /// Answers after a minute.
    Hang,
}

/// A server on a loopback port. It stops on drop.
pub struct Meilisearch {
    pub url: String,
    data: Data,
    listening: JoinHandle<()>,
}

type Data = Arc<Mutex<Contents>>;

#[derive(Default)]
struct Contents {
    behaviour: EngineBehaviour,
    /// The documents of each index by their IDs.
    indexes: BTreeMap<String, BTreeMap<String, Value>>,
    settings: BTreeMap<String, Value>,
    tasks: Vec<Value>,
    searches: Vec<Value>,
}

impl Meilisearch {
    pub async fn start() -> Self {
        let data = Data::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/indexes/{index}/settings", patch(set_settings))
            .route("/indexes/{index}/documents", post(put))
            .route("/indexes/{index}/documents/delete-batch", post(delete))
            .route("/indexes/{index}/search", post(search))
            .route("/indexes/{index}/stats", get(stats))
            .route("/tasks/{task}", get(task))
            .layer(middleware::from_fn_with_state(data.clone(), gate))
            .with_state(data.clone());
        let serving = axum::serve(listener, router).into_future();
        Self {
            url,
            data,
            listening: tokio::spawn(async { serving.await.unwrap() }),
        }
    }

    /// The settings of an application that uses this server.
    pub fn settings(&self) -> [String; 2] {
        [
            format!("--search-url={}", self.url),
            format!("--search-key={KEY}"),
        ]
    }

    pub fn behave(&self, behaviour: EngineBehaviour) {
        lock(&self.data).behaviour = behaviour;
    }

    /// Loses all data, as a server does that is replaced by an empty one.
    pub fn lose_data(&self) {
        let mut data = lock(&self.data);
        let behaviour = data.behaviour;
        *data = Contents {
            behaviour,
            ..Contents::default()
        };
    }

    /// The names of the documents, sorted.
    pub fn names(&self) -> Vec<String> {
        let data = lock(&self.data);
        let documents = data.indexes.values().flat_map(BTreeMap::values);
        let mut names: Vec<_> = documents
            .map(|document| document["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// The settings of the index.
    pub fn index_settings(&self) -> Value {
        let data = lock(&self.data);
        data.settings.values().next().cloned().unwrap_or_default()
    }

    /// The number of searches so far.
    pub fn searches(&self) -> usize {
        lock(&self.data).searches.len()
    }
}

impl Drop for Meilisearch {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock(data: &Data) -> MutexGuard<'_, Contents> {
    data.lock().unwrap()
}

async fn gate(
    State(data): State<Data>,
    headers: HeaderMap,
    request: axum::extract::Request,
    next: middleware::Next,
) -> Response {
    let behaviour = lock(&data).behaviour;
    match behaviour {
        EngineBehaviour::Answer => {}
        EngineBehaviour::Fail => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        EngineBehaviour::Hang => tokio::time::sleep(Duration::from_mins(1)).await,
    }
    if headers
        .get("authorization")
        .is_none_or(|key| key != &format!("Bearer {KEY}"))
    {
        return error(StatusCode::FORBIDDEN, "invalid_api_key");
    }
    next.run(request).await
}

fn error(status: StatusCode, code: &str) -> Response {
    let body = json!({
        "message": "Refused.", "code": code, "type": "invalid_request",
        "link": "https://docs.meilisearch.com/errors",
    });
    (status, Json(body)).into_response()
}

const TIME: &str = "2026-01-01T00:00:00Z";

/// Adds a task that has succeeded, and returns its announcement.
fn accept(contents: &mut Contents, index: &str, kind: &str) -> Response {
    let uid = contents.tasks.len();
    contents.tasks.push(json!({
        "uid": uid, "indexUid": index, "status": "succeeded", "type": kind, "canceledBy": null, "details": null,
        "error": null, "duration": "PT0.01S", "enqueuedAt": TIME, "startedAt": TIME, "finishedAt": TIME,
    }));
    let body = json!({
        "taskUid": uid, "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": TIME,
    });
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

async fn set_settings(
    State(data): State<Data>,
    Path(index): Path<String>,
    Json(settings): Json<Value>,
) -> Response {
    let mut contents = lock(&data);
    contents.indexes.entry(index.clone()).or_default();
    contents.settings.insert(index.clone(), settings);
    accept(&mut contents, &index, "settingsUpdate")
}

async fn put(
    State(data): State<Data>,
    Path(index): Path<String>,
    Json(documents): Json<Vec<Value>>,
) -> Response {
    let mut contents = lock(&data);
    let stored = contents.indexes.entry(index.clone()).or_default();
    for document in documents {
        stored.insert(document["id"].as_str().unwrap().to_owned(), document);
    }
    accept(&mut contents, &index, "documentAdditionOrUpdate")
}

async fn delete(
    State(data): State<Data>,
    Path(index): Path<String>,
    Json(ids): Json<Vec<String>>,
) -> Response {
    let mut contents = lock(&data);
    let stored = contents.indexes.entry(index.clone()).or_default();
    stored.retain(|id, _| !ids.contains(id));
    accept(&mut contents, &index, "documentDeletion")
}

async fn task(State(data): State<Data>, Path(task): Path<usize>) -> Response {
    match lock(&data).tasks.get(task) {
        Some(task) => Json(task.clone()).into_response(),
        None => error(StatusCode::NOT_FOUND, "task_not_found"),
    }
}

async fn stats(State(data): State<Data>, Path(index): Path<String>) -> Response {
    match lock(&data).indexes.get(&index) {
        Some(documents) => Json(json!({
            "numberOfDocuments": documents.len(), "numberOfEmbeddedDocuments": 0, "numberOfEmbeddings": 0,
            "rawDocumentDbSize": 0, "avgDocumentSize": 0, "isIndexing": false, "fieldDistribution": {},
        }))
        .into_response(),
        None => error(StatusCode::NOT_FOUND, "index_not_found"),
    }
}

/// Finds documents of which each word of the search begins a word. Those with the words in the name come first.
async fn search(
    State(data): State<Data>,
    Path(index): Path<String>,
    Json(query): Json<Value>,
) -> Response {
    let mut contents = lock(&data);
    contents.searches.push(query.clone());
    let Some(documents) = contents.indexes.get(&index) else {
        return error(StatusCode::NOT_FOUND, "index_not_found");
    };
    let typed = query["q"].as_str().unwrap().to_lowercase();
    let wanted: Vec<&str> = typed.split_whitespace().collect();
    let fits = |document: &Value, fields: &[&str], wanted: &[&str]| {
        let texts = fields.iter().map(|field| document[*field].to_string());
        let texts = texts.collect::<String>().to_lowercase();
        let words: Vec<_> = texts
            .split(|letter: char| !letter.is_alphanumeric())
            .collect();
        let begins = |word: &&str| words.iter().any(|text| text.starts_with(*word));
        wanted.iter().all(begins)
    };
    assert_eq!(query["matchingStrategy"], "all");
    let all = ["name", "codes", "labels", "description"];
    let mut found: Vec<_> = documents
        .values()
        .filter(|document| fits(document, &all, &wanted))
        .collect();
    found.sort_by_key(|document| !fits(document, &["name"], &wanted));
    let hits = found.iter().map(|found| json!({"id": found["id"]}));
    let hits: Vec<_> = hits.collect();
    Json(json!({
        "hits": hits, "query": query["q"], "processingTimeMs": 1, "limit": query["limit"], "offset": 0,
        "estimatedTotalHits": hits.len(),
    }))
    .into_response()
}
