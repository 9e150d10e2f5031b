//! Multipart requests: the result does not depend on chunk boundaries, the number of bytes read is limited, and a
//! refusal is a sentence.

#![no_main]

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use clap::{Args, Command, FromArgMatches};
use futures_util::{Stream, StreamExt};
use libfuzzer_sys::fuzz_target;
use wares::config::Config;
use wares::core::error::Error;
use wares::api::http::fuzzing::{Incoming, Refusal};

/// Maximum size of a file in bytes.
const MAX_FILE: usize = 1_000;
/// Maximum number of bytes read of a request: five files, the read-ahead, preceding parts, boundaries, and one chunk
/// for each.
const MAX_READ: usize = 1_500_000;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let command = Config::augment_args(Command::new("fuzz"));
    let matches = command.get_matches_from(["fuzz", "--env=development", "--shop-currency=USD"]);
    Config::from_arg_matches(&matches).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    let Some(([size, filler, order], body)) = bytes.split_first_chunk() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let whole = Client::new(body, body.len().max(1));
        let cut = Client::new(body, usize::from(*size) + 1);
        let whole = read(whole, IN_ORDER).await;
        assert_eq!(
            whole,
            read(cut, IN_ORDER).await,
            "the result depends on chunk boundaries"
        );

        // Takes 1,000 times as long as the rest.
        if size % 8 != 0 {
            return;
        }
        let endless = Client {
            filler: Some(*filler),
            ..Client::new(body, body.len().max(1))
        };
        let given = Arc::clone(&endless.given);
        let _ = read(endless, usize::from(*order)).await;
        let given = given.load(Ordering::Relaxed);
        assert!(given <= MAX_READ, "{given} bytes were read");
    });
});

/// Files are read in the order of the map.
const IN_ORDER: usize = 0;

/// Returns the document, variables and files of a request, or its refusal.
async fn read(client: Client, order: usize) -> Result<(String, Vec<String>), String> {
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=x");
    headers.insert(CONTENT_TYPE, kind);
    let incoming = Incoming::new(&CONFIG, &headers, Body::from_stream(client));
    let (request, uploads) = incoming.map_err(refusal_text)?.read().await.map_err(refusal_text)?;
    let request_text = format!(
        "{} {:?} {:?}",
        request.query, request.operation_name, request.variables
    );
    let mut files = Vec::new();
    for index in 0..6 {
        let index = (index + order) % 6;
        files.push(match uploads.open(index, "files", MAX_FILE as u64).await {
            Ok(mut file) => {
                let mut content = Vec::new();
                let mut end = "whole";
                while let Some(chunk) = file.next().await {
                    match chunk {
                        Ok(chunk) => content.extend_from_slice(&chunk),
                        Err(error) => end = check_error(&error),
                    }
                }
                assert!(content.len() <= MAX_FILE);
                if end != "whole" {
                    // The length before the error depends on chunk boundaries.
                    content.clear();
                }
                let name = file.name.as_deref();
                assert!(name.is_none_or(|name| name.chars().count() <= 200 && !name.contains('/')));
                format!("{name:?} {:?} {content:?} {end}", file.content_type)
            }
            Err(error) => check_error(&error).to_owned(),
        });
    }
    Ok((request_text, files))
}

fn refusal_text(refusal: Refusal) -> String {
    assert!(refusal.status.is_client_error(), "{refusal:?}");
    is_sentence(&refusal.message);
    format!("{} {}", refusal.status, refusal.message)
}

/// With two errors in a file, the reported one depends on chunk boundaries.
fn check_error(error: &Error) -> &'static str {
    is_sentence(error.message());
    "refused"
}

fn is_sentence(message: &str) {
    assert!(message.ends_with('.') && message.len() < 200, "{message}");
    assert!(!message.contains(char::is_control));
}

/// Sends a body in chunks, and returns `Pending` before each.
struct Client {
    body: Bytes,
    piece: usize,
    /// Byte to send endlessly after the body.
    filler: Option<u8>,
    waited: bool,
    given: Arc<AtomicUsize>,
}

impl Client {
    fn new(body: &[u8], piece: usize) -> Self {
        Self {
            body: Bytes::copy_from_slice(body),
            piece,
            filler: None,
            waited: false,
            given: Arc::default(),
        }
    }
}

impl Stream for Client {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.waited = !self.waited;
        if self.waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = self.piece.min(self.body.len());
        let mut piece = self.body.split_to(piece);
        if piece.is_empty() {
            let Some(filler) = self.filler else {
                return Poll::Ready(None);
            };
            piece = vec![filler; 16 << 10].into();
        }
        self.given.fetch_add(piece.len(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(piece)))
    }
}
