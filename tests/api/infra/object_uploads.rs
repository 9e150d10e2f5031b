//! Uploads to the embedded store at the listener of the API: large, slow and interrupted ones.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wares::infra::storage::{PresignedPut, Storage};

use crate::harness::{
    Process, TYPENAME_BODY, config_in_folder, http_get, http_post, names_in, system_time,
};

/// Larger than any body that the API accepts.
const LARGE: usize = 64 << 20;

/// A server process, and another process's view of its store.
struct Server {
    process: Process,
    storage: Storage,
    folder: TempDir,
}

impl Server {
    async fn start(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Process::serve(folder.path(), &[settings, &["--demo=off"]].concat());
        let storage = storage(folder.path(), &process.address).await;
        Self {
            process,
            storage,
            folder,
        }
    }

    fn presigned_put(&self, key: &str, bytes: usize) -> PresignedPut {
        let lifetime = Duration::from_mins(10);
        let signed =
            self.storage
                .presigned_put(key, "image/png", bytes as u64, lifetime, system_time());
        signed.unwrap()
    }

    /// Begins an upload and sends this part of it.
    fn begin(&self, key: &str, bytes: usize, body: &[u8]) -> TcpStream {
        let signed = self.presigned_put(key, bytes);
        let url = signed.url.strip_prefix("http://").unwrap();
        let (host, path) = url.split_once('/').unwrap();
        assert_eq!(host, self.process.address);
        let mut head = format!("PUT /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in &signed.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        let mut stream = TcpStream::connect(host).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    fn unfinished_uploads(&self) -> Vec<String> {
        names_in(&self.folder.path().join("data/objects/.uploads"))
    }
}

async fn storage(folder: &Path, address: &str) -> Storage {
    let mut config = config_in_folder(&folder.join("data"), &[]);
    config.listen = address.parse().unwrap();
    Storage::connect(&config).await.unwrap()
}

fn response(mut stream: TcpStream) -> String {
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_served_during_a_large_upload() {
    let server = Server::start(&[]).await;
    let mut upload = server.begin("large.png", LARGE, &vec![7; LARGE / 2]);
    for _ in 0..10 {
        let response = http_post(&server.process.address, "{\"query\":\"{__typename}\"}");
        assert!(response.ends_with(TYPENAME_BODY), "{response}");
        let ready = http_get(&server.process.address, "/health/ready");
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    }
    assert_eq!(server.storage.head("large.png").await.unwrap(), None);
    upload.write_all(&vec![7; LARGE - LARGE / 2]).unwrap();
    let response = response(upload);
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let head = server.storage.head("large.png").await.unwrap().unwrap();
    assert_eq!(head.bytes, LARGE as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_upload_survives_a_kill() {
    let server = Server::start(&[]).await;
    let unfinished = server.begin("unfinished.png", 200_000, &vec![7; 100_000]);
    let done = server.begin("products/prod_1/a.png", 300_000, &vec![8; 300_000]);
    let response = response(done);
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let Server {
        mut process,
        storage,
        folder,
    } = server;
    process.signal("KILL");
    assert!(!process.wait());
    drop((unfinished, storage));
    let storage = self::storage(folder.path(), &process.address).await;
    let head = storage
        .head("products/prod_1/a.png")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(head.bytes, 300_000);
    assert_eq!(storage.head("unfinished.png").await.unwrap(), None);
    let uploads = folder.path().join("data/objects/.uploads");
    assert_eq!(names_in(&uploads), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stalled_upload_is_refused_and_leaves_nothing() {
    let server = Server::start(&["--upload-patience=1s"]).await;
    let upload = server.begin("a.png", 200_000, &[7; 1_000]);
    let response = response(upload);
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert!(
        response.contains("<Code>IncompleteBody</Code>"),
        "{response}"
    );
    assert_eq!(server.storage.head("a.png").await.unwrap(), None);
    assert_eq!(server.unfinished_uploads(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_completes_an_upload() {
    let mut server = Server::start(&[]).await;
    let mut upload = server.begin("a.png", 200_000, &vec![7; 100_000]);
    // The upload is in progress.
    while server.unfinished_uploads().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.process.signal("TERM");
    while !server.process.log().contains("stopping") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    upload.write_all(&vec![7; 100_000]).unwrap();
    let response = response(upload);
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(server.process.wait());
    assert_eq!(
        server.storage.head("a.png").await.unwrap().unwrap().bytes,
        200_000
    );
}
