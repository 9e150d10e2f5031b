//! Builds multipart requests part by part.

use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};

use super::ApiResponse;

/// The headers of a multipart request.
pub const MULTIPART: [(&str, &str); 2] = [
    ("content-type", "multipart/form-data; boundary=seam"),
    ("apollo-require-preflight", "true"),
];

/// Imports products as a dry run.
pub const IMPORT: &str = "mutation($file: Upload!) {
    importProducts(file: $file, dryRun: true) { report { rows dryRun } userErrors { code message } } }";

/// Returns the `operations` part for [`IMPORT`].
pub fn operations() -> Value {
    json!({"query": IMPORT, "variables": {"file": null}})
}

/// Returns a CSV file with this number of products.
pub fn products(count: usize) -> Vec<u8> {
    let rows = (0..count).map(|number| format!("Thing {number},1.50,sku-{number}\n"));
    let head = iter::once("name,price,sku\n".to_owned());
    head.chain(rows).collect::<String>().into_bytes()
}

/// The body of a multipart request.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<u8>);

impl Form {
    /// Begins a body with the parts `operations` and `map`.
    pub fn new(operations: &Value, map: &Value) -> Self {
        let operations = operations.to_string();
        Self::default()
            .part("name=\"operations\"", operations.as_bytes())
            .part("name=\"map\"", map.to_string().as_bytes())
    }

    /// Begins a request that imports the part `0`.
    pub fn import() -> Self {
        Self::new(&operations(), &json!({"0": ["variables.file"]}))
    }

    /// Adds a part.
    pub fn part(self, disposition: &str, content: &[u8]) -> Self {
        self.begin(disposition).raw(content).raw(b"\r\n")
    }

    /// Adds a file.
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        let disposition = format!("name=\"{name}\"; filename=\"{name}.csv\"");
        self.part(&disposition, content)
    }

    /// Adds the head of a part without its content.
    pub fn begin(self, disposition: &str) -> Self {
        let head = format!("--seam\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
        self.raw(head.as_bytes())
    }

    /// Adds bytes.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Returns the body with its final boundary.
    pub fn end(self) -> Vec<u8> {
        self.raw(b"--seam--\r\n").0
    }

    /// Returns the body without its final boundary.
    pub fn open(self) -> Vec<u8> {
        self.0
    }
}

/// Returns a body as a stream of chunks.
pub fn chunks(
    body: &[u8],
    size: usize,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + use<> {
    let chunks: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
    stream::iter(chunks.into_iter().map(Ok))
}

/// Returns an endless body with this beginning, and a counter of the bytes read. With `pauses`, each chunk is
/// pending once before it is ready.
pub fn endless(begin: Vec<u8>, pauses: bool) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let more = stream::repeat_with(|| Bytes::from_static(&[b'x'; 16 << 10]));
    let body = stream::once(async { Bytes::from(begin) }).chain(more);
    let body = body.then(move |chunk| {
        counter.fetch_add(chunk.len(), Ordering::Relaxed);
        async move {
            if pauses {
                tokio::task::yield_now().await;
            }
            Ok::<_, std::io::Error>(chunk)
        }
    });
    (Body::from_stream(body), taken)
}

/// Fails unless a file was imported and the connection stays open.
pub fn assert_imported(response: &ApiResponse) {
    let payload = &response.json["data"]["importProducts"];
    assert_eq!(payload["userErrors"], json!([]), "{}", response.text);
    assert!(payload["report"]["rows"].as_i64().unwrap() > 0);
    assert_eq!(response.header("connection"), "");
}
