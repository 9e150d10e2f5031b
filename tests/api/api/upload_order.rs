//! Several files in a request, opened in any order: buffering, waiting and cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::{FutureExt, Stream, StreamExt, future, stream};
use wares::core::error::Code;
use wares::graphql::upload::{FileStream, Limits, Parts, Source, Uploads};

use crate::harness::{Form, chunks};

const LARGE_LIMIT: u64 = 1 << 30;

/// Returns the files of a body whose parts are named `0`, `1`, ...
fn uploads<E>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    count: usize,
    limits: Limits,
) -> Uploads
where
    E: Into<wares::graphql::upload::BoxError>,
{
    let parts = Parts::new(Source::new(body), "seam", &limits);
    let names = (0..count).map(|name| name.to_string()).collect();
    Uploads::new(parts, names, limits)
}

/// Returns files with these contents, sent in this order in chunks of this size.
fn sent(files: &[(usize, &[u8])], size: usize) -> Uploads {
    let form = files.iter().fold(Form::default(), |form, (name, content)| {
        form.file(&name.to_string(), content)
    });
    uploads(chunks(&form.end(), size), files.len(), Limits::default())
}

async fn read(mut file: FileStream) -> Result<Vec<u8>, Code> {
    let mut content = Vec::new();
    while let Some(chunk) = file.next().await {
        content.extend_from_slice(&chunk.map_err(|error| error.code())?);
    }
    assert!(file.next().await.is_none());
    Ok(content)
}

async fn open(uploads: &Uploads, index: usize) -> Result<FileStream, Code> {
    let file = uploads.open(index, "file", LARGE_LIMIT).await;
    file.map_err(|error| error.code())
}

async fn whole(uploads: &Uploads, index: usize) -> Result<Vec<u8>, Code> {
    read(open(uploads, index).await?).await
}

/// Returns bytes that contain prefixes of the boundary.
fn boundary_prefixes(length: usize) -> Vec<u8> {
    b"\r\n--sea\r\r\n--seam\n\n-\r\n"
        .iter()
        .copied()
        .cycle()
        .take(length)
        .filter(|byte| *byte != b'm')
        .collect()
}

#[tokio::test]
async fn files_are_read_unchanged_for_any_chunk_sizes() {
    let (first, second) = (boundary_prefixes(3_000), boundary_prefixes(1_234));
    for size in (1..70).chain([1_000, 4_000, 100_000]) {
        let uploads = sent(&[(0, &first), (1, b""), (2, &second)], size);
        assert!(whole(&uploads, 0).await.unwrap() == first, "{size}");
        assert!(whole(&uploads, 1).await.unwrap().is_empty(), "{size}");
        assert!(whole(&uploads, 2).await.unwrap() == second, "{size}");
    }
}

#[tokio::test]
async fn files_read_out_of_order_are_buffered_up_to_a_limit() {
    let (small, large) = (vec![b'a'; 200_000], vec![b'b'; 300_000]);
    for size in [1_000, 50_000, usize::MAX / 2] {
        let uploads = sent(&[(0, &small), (1, &large)], size);
        assert_eq!(whole(&uploads, 1).await.unwrap().len(), 300_000);
        assert_eq!(whole(&uploads, 0).await.unwrap().len(), 200_000);

        let uploads = sent(&[(1, &large), (0, &small)], size);
        assert_eq!(open(&uploads, 0).await.err(), Some(Code::BadRequest));
        // A truncated buffer is not returned as a file.
        assert_eq!(whole(&uploads, 1).await, Err(Code::BadRequest));
    }
    // Tiny chunks have an overhead in the buffer.
    let tiny_chunks = sent(&[(0, &vec![b'a'; 20_000]), (1, b"b")], 1);
    assert_eq!(whole(&tiny_chunks, 1).await, Err(Code::BadRequest));
}

#[tokio::test]
async fn files_can_be_read_by_concurrent_tasks() {
    let contents: Vec<_> = (0..5).map(|number| vec![b'a' + number; 400_000]).collect();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let files: Vec<_> = order
            .iter()
            .map(|index| (*index, contents[*index].as_slice()))
            .collect();
        let uploads = sent(&files, 30_000);
        // In one task, like the fields of a query.
        let all = future::join_all((0..5).map(|index| whole(&uploads, index))).await;
        for (index, read) in all.into_iter().enumerate() {
            assert!(read.unwrap() == contents[index], "{order:?}");
        }
        // In separate tasks, which start at any time.
        let uploads = sent(&files, 30_000);
        let opened = future::join_all((0..5).map(|index| uploads.open(index, "file", LARGE_LIMIT)));
        // Opening all files before any of them is read blocks.
        let opened = tokio::time::timeout(Duration::from_millis(50), opened).await;
        assert!(opened.is_err(), "all files were opened before any was read");
        let uploads = sent(&files, 30_000);
        let tasks = (0..5).map(|index| {
            let uploads = uploads.clone();
            tokio::spawn(async move { whole(&uploads, index).await })
        });
        let all = future::join_all(tasks).await;
        for (index, read) in all.into_iter().enumerate() {
            assert!(read.unwrap().unwrap() == contents[index], "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_dropped_reader_lets_the_next_one_read() {
    let large = vec![b'x'; 1_000_000];
    let uploads = sent(&[(0, &large), (1, b"second"), (2, b"third")], 10_000);
    let mut first = open(&uploads, 0).await.unwrap();
    assert!(!first.next().await.unwrap().unwrap().is_empty());
    let waiting = tokio::spawn({
        let uploads = uploads.clone();
        async move { whole(&uploads, 2).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(first);
    assert_eq!(whole(&uploads, 1).await.unwrap(), b"second");
    assert_eq!(waiting.await.unwrap().unwrap(), b"third");
    // The waiting task continues although no other task reads.
    let uploads = sent(&[(0, &large), (1, b"second")], 10_000);
    let first = open(&uploads, 0).await.unwrap();
    let waiting = tokio::spawn({
        let uploads = uploads.clone();
        async move { whole(&uploads, 1).await }
    });
    tokio::task::yield_now().await;
    drop(first);
    let second = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    assert_eq!(second.unwrap().unwrap().unwrap(), b"second");
    // A cancelled open does not block the next file.
    let uploads = sent(&[(0, b"first"), (1, b"second")], 10);
    _ = open(&uploads, 0).now_or_never();
    assert_eq!(whole(&uploads, 1).await.unwrap(), b"second");
}

#[tokio::test]
async fn a_file_is_read_once_and_within_its_limit() {
    let uploads = sent(&[(0, b"0123456789"), (1, b"x")], 4);
    let file = open(&uploads, 0).await.unwrap();
    assert_eq!(open(&uploads, 0).await.err(), Some(Code::BadUserInput));
    assert_eq!(read(file).await.unwrap(), b"0123456789");
    assert_eq!(open(&uploads, 0).await.err(), Some(Code::BadUserInput));
    assert_eq!(open(&uploads, 7).await.err(), Some(Code::BadUserInput));

    for (max_bytes, fits) in [(10, true), (9, false), (0, false)] {
        for other_first in [false, true] {
            let uploads = sent(&[(0, b"0123456789"), (1, b"x")], 4);
            if other_first {
                assert_eq!(whole(&uploads, 1).await.unwrap(), b"x");
            }
            let file = uploads.open(0, "file", max_bytes).await;
            let read = match file {
                Ok(file) => read(file).await,
                Err(error) => Err(error.code()),
            };
            assert_eq!(read.is_ok(), fits, "{max_bytes}");
            assert!(fits || read == Err(Code::PayloadTooLarge));
        }
    }
}

#[tokio::test]
async fn a_file_name_is_sanitized() {
    for (name, declared_type) in [
        ("a.csv", Some("a.csv")),
        ("C:\\Users\\ann\\a b.csv", Some("a b.csv")),
        ("../../etc/passwd", Some("passwd")),
        ("\u{202e}vsc.a", Some("vsc.a")),
        ("..", None),
        ("folder/", None),
        (" ", None),
        ("", None),
    ] {
        let form = Form::default()
            .part(&format!("name=\"0\"; filename=\"{name}\""), b"x")
            .end();
        let uploads = uploads(chunks(&form, 1_000), 1, Limits::default());
        let file = open(&uploads, 0).await.unwrap();
        assert_eq!(file.name.as_deref(), declared_type);
        assert_eq!(file.content_type, None);
    }
    let long = "x".repeat(5_000);
    let head = format!(
        "--seam\r\nContent-Disposition: form-data; name=0; filename={long}\r\nContent-Type: Text/CSV; charset=x\r\n\r\nx\r\n--seam--\r\n"
    );
    let uploads = uploads(chunks(head.as_bytes(), 100), 1, Limits::default());
    let file = open(&uploads, 0).await.unwrap();
    assert_eq!(file.name.as_ref().map(String::len), Some(200));
    assert_eq!(file.content_type.as_deref(), Some("text/csv"));
}

/// Returns an endless body and the number of bytes read from it.
fn endless(
    begin: Form,
) -> (
    impl Stream<Item = Result<Bytes, std::io::Error>>,
    Arc<AtomicUsize>,
) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let more = stream::repeat_with(|| Bytes::from_static(&[b'x'; 16 << 10]));
    let body = stream::once(async { Bytes::from(begin.open()) }).chain(more);
    let body = body.map(move |chunk| {
        counter.fetch_add(chunk.len(), Ordering::Relaxed);
        Ok(chunk)
    });
    (body, taken)
}

#[tokio::test]
async fn the_body_is_not_read_ahead_of_the_reader() {
    let (body, taken) = endless(Form::default().begin("name=\"0\""));
    let uploads = uploads(body, 1, Limits::default());
    let mut file = open(&uploads, 0).await.unwrap();
    let mut read = 0;
    for _ in 0..100 {
        read += file.next().await.unwrap().unwrap().len();
        // Lets background tasks run.
        tokio::task::yield_now().await;
        let ahead = taken.load(Ordering::Relaxed) - read;
        assert!(ahead < 128 << 10, "{ahead} bytes are read ahead");
    }
    assert!(read > 1 << 20);
}

#[tokio::test]
async fn a_slow_reader_does_not_use_up_the_clients_timeout() {
    let limits = Limits {
        initial_timeout: Duration::from_millis(200),
        min_rate: u32::MAX,
        ..Limits::default()
    };
    let (body, _) = endless(Form::default().begin("name=\"0\""));
    let files = uploads(body, 1, limits);
    let mut file = open(&files, 0).await.unwrap();
    for _ in 0..3 {
        assert!(file.next().await.unwrap().is_ok());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(file.next().await.unwrap().is_ok());
    drop(file);

    // The total time of waits for a slow client is limited.
    let begin = Form::default().begin("name=\"0\"").open();
    let begin = stream::iter([Ok::<_, std::io::Error>(Bytes::from(begin))]);
    let slow_bytes = stream::repeat(()).then(async |()| {
        tokio::time::sleep(Duration::from_millis(60)).await;
        Ok(Bytes::from_static(b"x"))
    });
    let files = uploads(begin.chain(slow_bytes.boxed()), 1, limits);
    let mut file = open(&files, 0).await.unwrap();
    let mut received = 0;
    let code = loop {
        match file.next().await.unwrap() {
            Ok(_) => received += 1,
            Err(error) => break error.code(),
        }
    };
    assert_eq!(code, Code::RequestTimeout);
    assert!((1..=4).contains(&received), "{received}");
}
